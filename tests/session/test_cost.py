"""What a conversation costs: told by the model, estimated where it was cut short, unknown where no price is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest
from scene import agent, hold

from antiphon.core import events as e
from antiphon.core.notes import ModelUsed
from antiphon.core.turns import Lines, TurnPolicy
from antiphon.ports import Message, ToolCall, ToolSpec, Usage
from antiphon.providers.anthropic import AnthropicChat
from antiphon.providers.openai import OpenAIChat
from antiphon.session.journal import Header
from antiphon.session.prices import cost, price
from antiphon.session.report import Report
from antiphon.session.session import Session
from antiphon.testing.clock import run
from antiphon.testing.fake_providers import FakeAnthropic, FakeOpenAI
from antiphon.testing.loopback import Loopback
from antiphon.testing.models import Script

MINI = "openai/gpt-4.1-mini"


class Metered:
    """A model that says what it used."""

    name = MINI
    supplies_facts = True

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        for word in "One two three four five six seven eight nine ten.".split():
            yield word + " "
            await asyncio.sleep(0.1)
        yield Usage(MINI, 1000, 100)


def called(*acts: tuple[float, e.UserEvent], hang_up_at: float = 20.0) -> tuple[list[ModelUsed], Session]:
    """The bills of a call with these acts of the caller."""
    caller = Loopback(acts=acts, hang_up_at=hang_up_at)
    session = run(hold(caller, agent(), model=Metered()))
    return [item for _, item in caller.shown if isinstance(item, ModelUsed)], session


def test_a_reply_is_billed_once() -> None:
    [bill], _ = called((0.5, e.Typed("Count.")))
    assert bill == ModelUsed(1, MINI, 1000, 100)
    assert price(bill) == pytest.approx((1000 * 0.4 + 100 * 1.6) / 1e6)


def test_a_reply_that_is_cut_short_is_estimated() -> None:
    [bill], _ = called((0.5, e.Typed("Count.")), (1.0, e.InterruptAsked()))
    assert bill.is_estimate and bill.tokens_in > 20 and 0 < bill.tokens_out < 10


def test_hanging_up_in_mid_answer_is_no_way_not_to_pay() -> None:
    [bill], _ = called((0.5, e.Typed("Count.")), hang_up_at=1.0)
    assert bill.is_estimate


def test_an_unknown_price_is_unknown_and_this_machine_is_free() -> None:
    known, unknown = ModelUsed(1, MINI, 1000, 0), ModelUsed(2, "openai/gpt-99", 1000, 0)
    local = ModelUsed(3, "local/qwen", 10**6, 10**6)
    assert cost([known, unknown]) is None
    assert cost([known, local]) == cost([known]) == 0.0004
    assert cost([]) == 0.0
    assert price(ModelUsed(1, MINI + "-2025-04-14", 1000, 0)) == price(known)
    report = Report(Header("s", "a", TurnPolicy(), Lines()))
    for item in (known, unknown, local):
        report.note(0.0, item)
    assert report.spent == pytest.approx(0.0004)


@pytest.mark.anyio
async def test_openai_tells_what_it_used_and_a_server_that_cannot_is_not_asked_again() -> None:
    async with FakeOpenAI(["Yes."]) as server:
        server.usage = {"prompt_tokens": 50, "completion_tokens": 7, "total_tokens": 57,
                        "prompt_tokens_details": {"cached_tokens": 20}}  # fmt: skip
        model = OpenAIChat("gpt-4.1-mini", "key", server.base_url)
        pieces = [piece async for piece in model.reply([Message("user", "Hi")])]
        assert pieces[-1] == Usage(MINI, 30, 7, 20)
        assert server.requests[0]["stream_options"] == {"include_usage": True}
        await model.close()


@pytest.mark.anyio
async def test_an_old_server_that_refuses_to_count_still_answers() -> None:
    async with FakeOpenAI([Script(status=400, param="stream_options"), "Yes.", "Yes."]) as server:
        model = OpenAIChat("gpt-4.1-mini", "key", server.base_url)
        for _ in range(2):
            assert [piece async for piece in model.reply([Message("user", "Hi")])] == ["Yes."]
        assert ["stream_options" in request for request in server.requests] == [True, False, False]
        await model.close()


@pytest.mark.anyio
async def test_anthropic_tells_after_its_first_word() -> None:
    async with FakeAnthropic(["Yes indeed."]) as server:
        server.usage = {"input_tokens": 40, "output_tokens": 9, "cache_read_input_tokens": 30,
                        "cache_creation_input_tokens": 5}  # fmt: skip
        model = AnthropicChat("claude-haiku-5-5", "key", server.base_url)
        pieces = [piece async for piece in model.reply([Message("user", "Hi")])]
        name = "anthropic/claude-haiku-5-5"
        assert pieces == ["Yes ", Usage(name, 40, 0, 30, 5), "indeed.", Usage(name, tokens_out=9)]
        await model.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
