"""Faults, and scripted providers that have one while a switch says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from enum import StrEnum
from typing import cast

from antiphon.agent.definition import Ground, Grounding, Question
from antiphon.agent.guardrail import Allow, Verdict
from antiphon.agent.routing import Route
from antiphon.agent.tools import Person, Tool
from antiphon.core.audio import Pcm
from antiphon.core.errors import ProviderError
from antiphon.core.speech import Approved, Speech
from antiphon.core.transcript import Line
from antiphon.ports import Heard, Message, Recognition, ToolCall, ToolSpec, Usage
from antiphon.providers.hosted import refused
from antiphon.testing.voices import ScriptedSynthesizer

MEGABYTE = 1_000_000
HANGS_S = 100_000.0
TIMES_SLOWER = 10

ASKED = "What is half of forty?"
REPLY = "Half of forty is twenty. Two times twenty makes forty again. Ask me another one."
SENTENCES = ("Half of forty is twenty.", "Two times twenty makes forty again.", "Ask me another one.")


class Stage(StrEnum):
    """Where a turn can go wrong."""

    RECOGNIZER = "recognizer"
    TURN_DETECTOR = "turn detector"
    INPUT = "input guardrail"
    ROUTER = "router"
    GROUNDING = "grounding"
    TOOL = "tool"
    MODEL = "model"
    OUTPUT = "output guardrail"
    SYNTHESIZER = "synthesizer"


class Fault(StrEnum):
    """What can go wrong."""

    HANGS = "hangs"
    CUT = "closes mid-stream"
    GARBAGE = "answers garbage"
    BUSY = "429"
    BROKEN = "500"
    SLOW = "10× slower"
    ODD = "raises something unexpected"
    HUGE = "answers 1 MB"


class Switch:
    """Says which fault a stage has at the moment."""

    def __init__(self, stage: Stage, fault: Fault) -> None:
        self.stage, self.fault = stage, fault
        self.is_on: Callable[[], bool] = lambda: False

    def at(self, stage: Stage) -> Fault | None:
        """The fault of that stage now."""
        return self.fault if stage is self.stage and self.is_on() else None

    async def strike(self, stage: Stage, usual_s: float, *, is_stream: bool = False) -> Fault | None:
        """The stage takes its time, or fails where that is its fault. Returns what its answer should suffer from."""
        fault = self.at(stage)
        match fault:
            case Fault.HANGS:
                await asyncio.sleep(HANGS_S)
            case Fault.CUT if not is_stream:
                raise ConnectionResetError("the other side has hung up")
            case Fault.BUSY:
                raise refused("chaos", 429, "slow down")
            case Fault.BROKEN:
                raise refused("chaos", 500, "it broke")
            case Fault.ODD:
                raise KeyError("choices")
            case Fault.SLOW:
                await asyncio.sleep(usual_s * TIMES_SLOWER)
            case _:
                await asyncio.sleep(usual_s)
        return fault


class ChaosRecognizer:
    """Understands ASKED."""

    name = "chaos/ears"
    rate = 16_000

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    def open(self) -> Recognition:
        return _Recognition(self._switch)


class _Recognition:
    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    def push(self, pcm: Pcm) -> None:
        if self._switch.at(Stage.RECOGNIZER) is Fault.CUT:
            raise ConnectionResetError("the other side has hung up")

    async def partial(self) -> Heard | None:
        return None

    async def settle(self) -> Heard:
        match await self._switch.strike(Stage.RECOGNIZER, 0.15):
            case Fault.GARBAGE:
                return cast(Heard, {"text": 7})
            case Fault.HUGE:
                return Heard(ASKED + " " + "forty " * (MEGABYTE // 6))
        return Heard(ASKED)

    async def close(self) -> None:
        if self._switch.at(Stage.RECOGNIZER) is Fault.ODD:
            raise KeyError("session")


class ChaosTurnDetector:
    """Is sure that the caller has finished."""

    rate = 16_000

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    async def completeness(self, utterance: Pcm) -> float:
        match await self._switch.strike(Stage.TURN_DETECTOR, 0.05):
            case Fault.GARBAGE:
                return float("nan")
            case Fault.HUGE:
                return float(MEGABYTE)
        return 0.98


class ChaosGuardrail:
    """Allows everything."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    async def check_input(self, text: str) -> Verdict:
        return await self._judge(Stage.INPUT)

    async def check_output(self, text: str) -> Verdict:
        return await self._judge(Stage.OUTPUT)

    async def _judge(self, stage: Stage) -> Verdict:
        match await self._switch.strike(stage, 0.02):
            case Fault.GARBAGE:
                return cast(Verdict, "yes")
            case Fault.HUGE:
                return Allow(reason="x" * MEGABYTE)
        return Allow()


class ChaosRouter:
    """Knows one specialist."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    async def route(self, history: Sequence[Line], text: str) -> Route:
        match await self._switch.strike(Stage.ROUTER, 0.02):
            case Fault.GARBAGE:
                return cast(Route, None)
            case Fault.HUGE:
                return Route("x" * MEGABYTE, 1.0, "")
        return Route("only", 1.0, "the only one")


def ground(switch: Switch) -> Ground:
    """What is known about ASKED, looked up with a tool."""

    async def known(question: Question) -> Grounding:
        fault = await switch.strike(Stage.GROUNDING, 0.02)
        if fault is Fault.GARBAGE:
            return cast(Grounding, "42")
        if fault is Fault.HUGE:
            return Grounding(tuple(endless()), is_certain=True)
        result = await question.use("halve", {"number": 40})
        if not result.is_ok:
            return Grounding(("I could not look that up just now.",), is_certain=True)
        return Grounding(SENTENCES)

    return known


def halve(switch: Switch) -> Tool:
    """A tool that halves a number."""

    async def run(person: Person, arguments: Mapping[str, object]) -> object:
        match await switch.strike(Stage.TOOL, 0.05):
            case Fault.GARBAGE:
                return object()
            case Fault.HUGE:
                return "x" * MEGABYTE
        return 20

    return Tool("halve", "Halves a number.", run)


class ChaosModel:
    """Says REPLY."""

    supplies_facts = True

    def __init__(self, switch: Switch, name: str = "chaos/model") -> None:
        self._switch, self.name = switch, name

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        fault = await self._switch.strike(Stage.MODEL, 0.3, is_stream=True)
        if fault is Fault.GARBAGE:
            yield "\x00\ufffd\x1b[7m \x01"
            yield cast(str, b"\xff\xfe")
        for place, word in enumerate(endless() if fault is Fault.HUGE else REPLY.split(" ")):
            if fault is Fault.CUT and place == 8:
                raise ProviderError("the connection was closed", provider=self.name)
            yield word + " "
            await asyncio.sleep(0.02 * (TIMES_SLOWER if fault is Fault.SLOW else 1))


def endless() -> list[str]:
    """A megabyte of sentences, no two alike."""
    return [f"Line {n} of an answer that has no end." for n in range(MEGABYTE // 36)]


class ChaosVoice(ScriptedSynthesizer):
    """Speaks in tones."""

    name = "chaos/voice"

    def __init__(self, switch: Switch) -> None:
        super().__init__(seconds_per_char=0.03)
        self._switch = switch

    async def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        fault = await self._switch.strike(Stage.SYNTHESIZER, 0.1, is_stream=True)
        if fault is Fault.GARBAGE:
            yield cast(Speech, None)
        if fault is Fault.HUGE:
            yield Speech(Pcm(b"\x00\x20" * (MEGABYTE // 2), self.rate))
        pieces = 0
        async for piece in super().speak(sentence, voice):
            if fault is Fault.CUT and pieces == 2:
                raise ConnectionResetError("the other side has hung up")
            pieces += 1
            yield piece
            if fault is Fault.SLOW:
                await asyncio.sleep(0.3)
