"""Hosted models against servers that speak their wires on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest

from antiphon.core.errors import ProviderError, SetupError
from antiphon.ports import LanguageModel, Message, ToolCall, Usage
from antiphon.providers.anthropic import AnthropicChat
from antiphon.providers.hosted import Patience
from antiphon.providers.openai import OpenAIChat
from antiphon.testing.clock import run
from antiphon.testing.fake_providers import FakeAnthropic, FakeOpenAI
from antiphon.testing.models import (
    COUNTED_IN,
    COUNTED_OUT,
    PATIENCE_S,
    Script,
    ScriptedModel,
    Subject,
    check_language_model,
)


async def said(model: LanguageModel, text: str = "hello", before: Sequence[Message] = ()) -> str:
    pieces = [
        piece async for piece in model.reply([*before, Message("user", text)]) if not isinstance(piece, Usage)
    ]
    return "".join(piece for piece in pieces if isinstance(piece, str))


@asynccontextmanager
async def scripted(cues: Callable[[str], Script]) -> AsyncIterator[Subject]:
    model = ScriptedModel(cues)
    yield Subject(model, lambda: model.writing)


@asynccontextmanager
async def openai_chat(cues: Callable[[str], Script]) -> AsyncIterator[Subject]:
    async with FakeOpenAI(cues) as server:
        server.usage = {
            "prompt_tokens": COUNTED_IN,
            "completion_tokens": COUNTED_OUT,
            "total_tokens": COUNTED_IN + COUNTED_OUT,
            "prompt_tokens_details": {"cached_tokens": 4},
        }
        model = OpenAIChat("some-model", "key", server.base_url, patience=Patience(PATIENCE_S, PATIENCE_S))
        yield Subject(model, lambda: server.writing, counts=True)
        await model.close()


@asynccontextmanager
async def anthropic_chat(cues: Callable[[str], Script]) -> AsyncIterator[Subject]:
    async with FakeAnthropic(cues) as server:
        server.usage = {"input_tokens": COUNTED_IN, "output_tokens": COUNTED_OUT}
        model = AnthropicChat("some-model", "key", server.base_url, patience=Patience(PATIENCE_S, PATIENCE_S))
        yield Subject(model, lambda: server.writing, counts=True)
        await model.close()


def test_a_scripted_model_keeps_the_contract() -> None:
    run(check_language_model(scripted))


def test_openai_keeps_the_contract() -> None:
    asyncio.run(check_language_model(openai_chat))


def test_anthropic_keeps_the_contract() -> None:
    asyncio.run(check_language_model(anthropic_chat))


def test_openai_sends_what_it_was_given() -> None:
    async def story() -> None:
        async with FakeOpenAI() as server:
            model = OpenAIChat("some-model", "secret", server.base_url, options={"seed": 7})
            await said(model)
            await model.close()
            (asked,), (headers,) = server.requests, server.headers
            assert asked["model"] == "some-model"
            assert asked["messages"] == [{"role": "user", "content": "hello"}]
            assert (asked["temperature"], asked["seed"], asked["stream"]) == (0.3, 7, True)
            assert "tools" not in asked
            assert headers["authorization"] == "Bearer secret"

    asyncio.run(story())


def test_turns_share_one_connection() -> None:
    async def story() -> None:
        async with FakeOpenAI() as server:
            model = OpenAIChat("some-model", "key", server.base_url)
            for _ in range(3):
                await said(model)
            await model.close()
            assert server.connections == 1
        async with FakeAnthropic() as other:
            claude = AnthropicChat("some-model", "key", other.base_url)
            for _ in range(3):
                await said(claude)
            await claude.close()
            assert other.connections == 1

    asyncio.run(story())


def test_a_model_that_takes_no_temperature_is_not_given_one_twice() -> None:
    async def story() -> None:
        async with FakeOpenAI([Script(status=400, param="temperature"), "Yes."]) as server:
            model = OpenAIChat("thinker", "key", server.base_url)
            assert await said(model) == "Yes."
            assert await said(model) == "Yes."
            await model.close()
            assert ["temperature" in asked for asked in server.requests] == [True, False, False]

    asyncio.run(story())


def test_servers_that_number_every_call_zero_are_understood() -> None:
    class Careless(FakeOpenAI):
        def piece(self, number: int, piece: str | ToolCall) -> Iterator[object]:
            return super().piece(0, piece)

    calls = (ToolCall("a", "add", '{"x": 1}'), ToolCall("b", "add", '{"x": 2}'))

    async def story() -> None:
        async with Careless([Script(calls)]) as server:
            model = OpenAIChat("some-model", "", server.base_url)
            assert (
                tuple(
                    [
                        piece
                        async for piece in model.reply([Message("user", "add")])
                        if not isinstance(piece, Usage)
                    ]
                )
                == calls
            )
            await model.close()

    asyncio.run(story())


def test_silence_before_the_first_word_is_a_failure_that_may_be_repeated() -> None:
    async def story() -> ProviderError:
        async with FakeOpenAI([Script(first_s=5)]) as server:
            model = OpenAIChat("some-model", "", server.base_url, patience=Patience(first_s=0.1))
            with pytest.raises(ProviderError, match=r"said nothing for 0\.1 s") as failure:
                await said(model)
            await model.close()
            return failure.value

    assert asyncio.run(story()).retryable


def test_silence_in_the_middle_is_a_failure_too() -> None:
    async def story() -> None:
        async with FakeOpenAI([Script(("Well, ", "no"), piece_s=5)]) as server:
            model = OpenAIChat("some-model", "", server.base_url, patience=Patience(between_s=0.1))
            with pytest.raises(ProviderError, match="in the middle"):
                await said(model)
            await model.close()

    asyncio.run(story())


def test_nobody_there_is_told_with_the_address() -> None:
    async def story() -> ProviderError:
        model = OpenAIChat("some-model", "", "http://127.0.0.1:9/v1")
        with pytest.raises(ProviderError, match=r"127\.0\.0\.1:9") as failure:
            await said(model)
        await model.close()
        return failure.value

    assert asyncio.run(story()).retryable


def test_a_wrong_key_says_what_to_check() -> None:
    async def story() -> None:
        async with FakeOpenAI([Script(status=401)]) as server:
            model = OpenAIChat("some-model", "wrong", server.base_url)
            with pytest.raises(ProviderError, match="check the API key"):
                await said(model)
            await model.close()

    asyncio.run(story())


def test_openai_itself_needs_a_key() -> None:
    with pytest.raises(SetupError, match="OPENAI_API_KEY"):
        OpenAIChat("some-model")


def test_anthropic_is_given_turns_that_begin_and_end_with_the_user() -> None:
    talk = [
        Message("system", "Be brief."),
        Message("assistant", "Hello, how can I help?"),
        Message("user", "Add one and two."),
        Message("assistant", "", tool_calls=(ToolCall("a", "add", '{"x": 1}'), ToolCall("b", "add", "{}"))),
        Message("tool", "3", tool_call_id="a"),
        Message("tool", "", tool_call_id="b"),
        Message("system", "The caller is in a hurry."),
        Message("assistant", "Three. "),
    ]

    async def story() -> None:
        async with FakeAnthropic() as server:
            model = AnthropicChat("some-model", "secret", server.base_url, options={"top_k": 5})
            assert (
                "".join([str(piece) async for piece in model.reply(talk) if not isinstance(piece, Usage)])
                == "Yes."
            )
            await model.close()
            (asked,) = server.requests
        assert asked["system"] == [
            {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "The caller is in a hurry."},
        ]
        assert asked["messages"] == [
            {"role": "user", "content": [{"type": "text", "text": "(The call begins.)"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "Hello, how can I help?"}]},
            {"role": "user", "content": [{"type": "text", "text": "Add one and two."}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "tool_use", "id": "a", "name": "add", "input": {"x": 1}},
                    {"type": "tool_use", "id": "b", "name": "add", "input": {}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "a", "content": "3"},
                    {"type": "tool_result", "tool_use_id": "b", "content": "-"},
                ],
            },
            {"role": "assistant", "content": [{"type": "text", "text": "Three."}]},
            {"role": "user", "content": [{"type": "text", "text": "(Go on.)"}]},
        ]
        assert asked["top_k"] == 5
        assert "temperature" not in asked

    asyncio.run(story())


def test_anthropic_itself_needs_a_key() -> None:
    with pytest.raises(SetupError, match="ANTHROPIC_API_KEY"):
        AnthropicChat("some-model")
