"""What a trace is made of: spans in session seconds, named within their session, without any exporter's types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from antiphon.core.events import TurnId
from antiphon.core.notes import ModelUsed, PageReported, ServiceUsed, Stage, ToolUsed
from antiphon.session.prices import price
from antiphon.session.telemetry import Stretch

ROOT = "session"
"The key of the span that all others of a session lie under."
Value = str | int | float | bool | tuple[str, ...]
Attributes = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened in a span at `t`, session seconds."""

    t: float
    name: str
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """Something that took from `start` to `end`, session seconds."""

    key: str
    "Names it within its session, on every node and at every export alike."
    parent: str
    "The key of the span it lies in; empty: it is the root."
    name: str
    start: float
    end: float
    attributes: Attributes = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()
    error: str = ""
    "What kind of thing went wrong; empty: nothing."
    is_request: bool = False
    "Somebody else's service did it."


def turn_key(turn: TurnId) -> str:
    """The key of the turn's span; 0 is no turn's, and lies under the session itself."""
    return f"turn/{turn}" if turn else ROOT


def part(turn: TurnId, number: int, stretch: Stretch) -> Span:
    """A stretch of the wait for the turn's answer. The ones of a turn fill its `response_ms`."""
    stage = stretch.stage.value
    told: dict[str, Value] = {"voice.turn": turn, "voice.part": stage}
    if stretch.stage is Stage.RETRIEVAL:
        told["gen_ai.operation.name"] = "retrieval"
    key = f"{turn_key(turn)}/{number}/{stage}"
    return Span(key, turn_key(turn), f"voice.{stage}", stretch.start, stretch.end, told)


def generation(used: ModelUsed, number: int, start: float, end: float) -> Span:
    """What a language model wrote for a turn."""
    vendor, _, model = used.model.partition("/")
    told: dict[str, Value] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": vendor,
        "gen_ai.request.model": model or vendor,
        "gen_ai.output.type": "text",
        "gen_ai.usage.input_tokens": used.tokens_in + used.tokens_cached + used.tokens_stored,
        "gen_ai.usage.output_tokens": used.tokens_out,
        "gen_ai.usage.cache_read.input_tokens": used.tokens_cached,
        "gen_ai.usage.cache_creation.input_tokens": used.tokens_stored,
        "voice.turn": used.turn,
        "voice.is_estimate": used.is_estimate,
        "voice.is_from_cache": used.is_from_cache,
        "langfuse.observation.type": "generation",
        **_priced(used),
    }
    parent = turn_key(used.turn)
    is_hosted = vendor != "local" and not used.is_from_cache
    return Span(f"{parent}/{number}/chat", parent, f"chat {model}", start, end, told, is_request=is_hosted)


def tool(used: ToolUsed, number: int, end: float) -> Span:
    """A tool that ran for a turn."""
    told: dict[str, Value] = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": used.tool,
        "gen_ai.tool.type": "function",
        "voice.turn": used.turn,
        "voice.tool.outcome": used.outcome,
        "langfuse.observation.type": "tool",
    }
    parent = turn_key(used.turn)
    error = "" if used.outcome == "done" else used.outcome
    start = end - used.ms / 1000
    return Span(f"{parent}/{number}/tool", parent, f"execute_tool {used.tool}", start, end, told, error=error)


def service(used: ServiceUsed, number: int, t: float) -> Span:
    """A hosted service that is no language model was used: known is when it was charged for, not how long it took."""
    told: dict[str, Value] = {
        "gen_ai.provider.name": used.service.partition("/")[0],
        "gen_ai.request.model": used.service.partition("/")[2],
        "voice.turn": used.turn,
        "voice.service.kind": used.kind,
        "voice.service.seconds": used.seconds,
        "voice.service.characters": used.characters,
        "voice.service.tokens": used.tokens,
        "voice.service.requests": used.requests,
        "voice.is_estimate": used.is_estimate,
        **_priced(used),
    }
    parent = turn_key(used.turn)
    return Span(
        f"{parent}/{number}/{used.kind}", parent, f"{used.kind} {used.service}", t, t, told, is_request=True
    )


def on_page(told: PageReported, number: int, t: float) -> Span:
    """Something that took its time in the caller's page, and ended just before `t`."""
    attributes: dict[str, Value] = {f"voice.{name}": value for name, value in told.details.items()}
    key = f"{ROOT}/browser.{told.name}/{t:.4f}/{number}"
    return Span(key, ROOT, f"browser.{told.name}", t - told.ms / 1000, t, attributes)


def message(role: str, text: str) -> str:
    """One message as `gen_ai.input.messages` and `gen_ai.output.messages` hold them: JSON in a string."""
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}], ensure_ascii=False)


def _priced(used: ModelUsed | ServiceUsed) -> dict[str, Value]:
    usd = price(used)
    return {} if usd is None else {"voice.usd": usd}
