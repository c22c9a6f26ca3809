"""Who talks to the page in our place: OpenAI's Realtime API, or our own server where there is no key for that."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Guardrail, Verdict
from antiphon.hosts.realtime_secrets import Seeds
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.security.people import Person
from antiphon.wire import openai_realtime as rt

if TYPE_CHECKING:
    from antiphon.providers.openai_realtime import OpenAIRealtime

DISPATCH = "dispatch_to_orchestrator"
FRONT = "front"
"The agent of ours that stands in for a Realtime model."
SECONDS = 600
"For which a page's key opens calls."
INSTRUCTIONS = (
    "You are the ears of a voice assistant, and not its mind. Whatever the user says, call "
    f"{DISPATCH} with their words and say nothing: another voice answers them. Never answer yourself. When you are "
    "told to say a line, say exactly that line and nothing else."
)
FUNCTION: Mapping[str, object] = {
    "type": "function",
    "name": DISPATCH,
    "description": "Hands what the user said to those who answer it aloud.",
    "parameters": {
        "type": "object",
        "properties": {"question": {"type": "string", "description": "What the user said, in their words."}},
        "required": ["question"],
    },
}


@dataclass(frozen=True, slots=True)
class Key:
    """What a page needs to call the provider, and we to stand beside that call."""

    value: str
    expires_at: int
    "Seconds since 1970."
    model: str
    calls_url: str
    "To which the page posts its offer; a path of our own where we are the provider."
    sideband_url: str
    "wss://…/realtime; `?call_id=` is added."
    sideband_key: str


class Front(Protocol):
    """A provider of the Realtime API."""

    async def key(self, person: Person, own_address: str) -> Key:
        """A key for one page. `own_address`: http://host:port of this very process. Raises ProviderError."""
        ...


def wanted(model: str) -> dict[str, object]:
    """The session that the provider is to hold: it hears, hands on, and says fillers when told to."""
    return {
        "type": "realtime",
        "model": model,
        "instructions": INSTRUCTIONS,
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "transcription": {"model": "gpt-4o-mini-transcribe"},
                "turn_detection": {
                    "type": "server_vad",
                    "create_response": True,
                    "interrupt_response": True,
                },
            }
        },
        "tools": [FUNCTION],
        "tool_choice": {"type": "function", "name": DISPATCH},
    }


class HostedFront:
    """OpenAI, or another server that speaks as it does. Its real key stays here."""

    def __init__(self, provider: OpenAIRealtime, model: str) -> None:
        self._provider = provider
        self._model = model

    async def key(self, person: Person, own_address: str) -> Key:
        provider = self._provider
        value, expires_at = await provider.secret(wanted(self._model), SECONDS)
        base = provider.base_url
        sideband = "ws" + base.removeprefix("http") + "/realtime"
        return Key(
            value, expires_at, self._model, f"{base}/realtime/calls", sideband, provider.api_key or "none"
        )


class OwnFront:
    """Our own server, with an agent that does no more than a Realtime model may here."""

    def __init__(self, gate: Gate, seeds: Seeds) -> None:
        self._gate = gate
        self._seeds = seeds

    async def key(self, person: Person, own_address: str) -> Key:
        text = json.dumps({"session": wanted(FRONT)})
        seed = self._seeds.pack(rt.decode_secret_request(text).session, SECONDS)
        value, expires_at = self._gate.grant_secret(person, seed, SECONDS)
        sideband = "ws" + own_address.removeprefix("http") + "/v1/realtime"
        return Key(value, expires_at, FRONT, "/v1/realtime/calls", sideband, value)


def front_agent(guardrail: Callable[[], Guardrail]) -> Agent:
    """The stand-in for a Realtime model. `guardrail` is asked for when there is something to judge."""
    ears = Specialist("front", INSTRUCTIONS, _nothing)
    return Agent(
        FRONT,
        INSTRUCTIONS,
        (ears,),
        _FillersOnly(guardrail),
        unknown="One moment.",
        uses_model=False,
        is_listed=False,
    )


async def _nothing(question: Question) -> Grounding:
    return Grounding()


class _FillersOnly:
    """The guardrail that there will be, for what the stand-in says.

    What the user says is handed on, whatever it is: the conversation behind judges it, keeps it, and calls a person.
    Refused here, it would be known to nobody.
    """

    def __init__(self, guardrail: Callable[[], Guardrail]) -> None:
        self._guardrail = guardrail

    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return await self._guardrail().check_output(text)
