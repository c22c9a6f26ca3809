"""Tools as the vendors' own SDKs send them: offered, called, and answered, over a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from scene import agent

from antiphon.agent.definition import Grounding, Question
from antiphon.agent.tools import ANYBODY, tool
from antiphon.ports import LanguageModel, ToolCall
from antiphon.providers.anthropic import AnthropicChat
from antiphon.providers.openai import OpenAIChat
from antiphon.session.phrasing import Phrasing
from antiphon.session.toolbox import Toolbox
from antiphon.testing.fake_providers import FakeAnthropic, FakeOpenAI, FakeProvider
from antiphon.testing.models import Cue, Script

CALLS = (
    ToolCall("call_7", "stock", '{"item": "Röntgentee"}'),
    ToolCall("call_8", "stock", '{"item": 5, '),
)
CUES: Sequence[Cue] = (Script(("Let me look. ", *CALLS)), "We have three.")


@tool
async def stock(item: str) -> dict[str, int]:
    """Tells how many there are."""
    return {item: 3}


async def asked(server: FakeProvider, model: LanguageModel) -> list[str]:
    """What is said to one question."""
    who = agent()
    confirmed = asyncio.Event()
    box = Toolbox((stock,), ANYBODY, 1, confirmed.wait, lambda note: None)
    phrasing = Phrasing(1, who, who.specialists[0], model, lambda note: None, box)
    return [sentence async for sentence in phrasing.sentences(Question("Is there tea?"), Grounding())]


def test_openai_is_offered_tools_and_told_their_results() -> None:
    async def story() -> None:
        async with FakeOpenAI(CUES) as server:
            model = OpenAIChat("some-model", "key", server.base_url)
            assert await asked(server, model) == ["Let me look.", "We have three."]
            await model.close()
            first, second = (dict(request) for request in server.requests)
        offered = [
            {
                "type": "function",
                "function": {
                    "name": "stock",
                    "description": "Tells how many there are.",
                    "parameters": stock.parameters,
                },
            }
        ]
        assert first["tools"] == second["tools"] == offered
        messages: list[dict[str, Any]] = second["messages"]  # type: ignore[assignment]
        line, one, two = messages[-3:]
        assert (line["role"], line["content"]) == ("assistant", "Let me look.")
        assert [made["function"] for made in line["tool_calls"]] == [
            {"name": "stock", "arguments": CALLS[0].arguments},
            {"name": "stock", "arguments": "{}"},
        ]
        assert [one["tool_call_id"], two["tool_call_id"]] == [made["id"] for made in line["tool_calls"]]
        assert (one["role"], one["content"]) == ("tool", '{"Röntgentee": 3}')
        assert two["content"].startswith("Error: the arguments of stock are no JSON")

    asyncio.run(story())


def test_anthropic_is_offered_tools_and_told_their_results() -> None:
    async def story() -> None:
        async with FakeAnthropic(CUES) as server:
            model = AnthropicChat("some-model", "key", server.base_url)
            assert await asked(server, model) == ["Let me look.", "We have three."]
            await model.close()
            first, second = (dict(request) for request in server.requests)
        offered = [
            {"name": "stock", "description": "Tells how many there are.", "input_schema": stock.parameters}
        ]
        assert first["tools"] == second["tools"] == offered
        messages: list[dict[str, Any]] = second["messages"]  # type: ignore[assignment]
        line, results = messages[-2:]
        text, one, two = line["content"]
        assert (line["role"], text) == ("assistant", {"type": "text", "text": "Let me look."})
        assert (one["type"], one["name"], one["input"]) == ("tool_use", "stock", {"item": "Röntgentee"})
        assert (two["name"], two["input"]) == ("stock", {})
        assert results["role"] == "user", "results of one round come in one message of the user's"
        assert [result["tool_use_id"] for result in results["content"]] == [one["id"], two["id"]]
        assert results["content"][0]["content"] == '{"Röntgentee": 3}'
        assert results["content"][1]["content"].startswith("Error: the arguments of stock are no JSON")

    asyncio.run(story())
