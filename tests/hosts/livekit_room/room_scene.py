"""Conversations in LiveKit's AgentSession with scripted models, without a room."""

from __future__ import annotations

import asyncio
from array import array
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from livekit import rtc
from livekit.agents.voice import io

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Block, Verdict
from antiphon.agent.routing import Route
from antiphon.config import Settings
from antiphon.core import events as e
from antiphon.core.transcript import Line
from antiphon.hosts.livekit_room.conversing import Ends, RoomSession, conversing
from antiphon.hosts.livekit_room.playing import SilentOutput
from antiphon.hosts.stage import Stage
from antiphon.session.journal import read, replay
from antiphon.session.session import Providers
from antiphon.testing.scripted import Line as Heard
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer

MIC_RATE = 16_000
FRAME = 0.02


class Strict:
    """Lets nothing out that holds the word "forbidden", and nothing in that holds "attack"."""

    def __init__(self) -> None:
        self.checked: list[str] = []

    async def check_input(self, text: str) -> Verdict:
        return Block(("violence",), 0.9) if "attack" in text else Allow()

    async def check_output(self, text: str) -> Verdict:
        self.checked.append(text)
        return Block(("violence",), 0.9) if "forbidden" in text else Allow()


class ByWord:
    """Routes to the specialist whose name is said."""

    async def route(self, conversation: Sequence[Line], utterance: str) -> Route:
        for name in ("sums", "dates"):
            if name in utterance:
                return Route(name, 0.9, f"it says {name}")
        return Route("sums", 0.4, "nothing better")


async def say_it_back(question: Question) -> Grounding:
    return Grounding(
        (f"You said {question.text}", "That is all."), is_certain=True, memory={"last": question.text}
    )


def pair(**more: object) -> Agent:
    """An agent of two specialists."""
    specialists = (Specialist("sums", "Add.", say_it_back), Specialist("dates", "Date.", say_it_back))
    parts: dict[str, object] = {"greeting": "Hello there.", "router": ByWord(), "guardrail": Strict(), **more}
    return Agent("pair", "Help.", specialists, **parts)  # type: ignore[arg-type]


def stage(
    home: Path,
    agent: Agent,
    heard: Sequence[Heard | Sequence[Heard]] = ("Hello.",),
    voice: ScriptedSynthesizer | None = None,
    **settings: object,
) -> Stage:
    providers = Providers(
        ScriptedVad(),
        ScriptedRecognizer(heard),
        ScriptedTurnDetector([0.98]),
        voice or ScriptedSynthesizer(0.02),
    )
    return Stage(Settings(home=home, store="off", **settings), {agent.name: agent}, providers)  # type: ignore[arg-type]


class Microphone(io.AudioInput):
    """Sends what is queued in real time, and silence else."""

    def __init__(self) -> None:
        super().__init__(label="scripted")
        self._queue: deque[bytes] = deque()
        self._at: float | None = None

    def say(self, seconds: float) -> None:
        """Loud sound of that length follows."""
        loud = array("h", [3000, -3000] * round(MIC_RATE * FRAME / 2)).tobytes()
        self._queue.extend([loud] * round(seconds / FRAME))

    async def __anext__(self) -> rtc.AudioFrame:
        loop = asyncio.get_running_loop()
        self._at = (self._at or loop.time()) + FRAME
        await asyncio.sleep(max(0.0, self._at - loop.time()))
        size = round(MIC_RATE * FRAME)
        data = self._queue.popleft() if self._queue else bytes(2 * size)
        return rtc.AudioFrame(data, MIC_RATE, 1, size)


class Spoken:
    """A conversation by voice, and what is heard of it."""

    def __init__(self, room: RoomSession, microphone: Microphone, frames: list[rtc.AudioFrame]) -> None:
        self.room = room
        self.microphone = microphone
        self.frames = frames
        self.told: list[object] = []
        room.call.session.watchers.append(lambda _, item: self.told.append(item))

    def lines(self, role: e.Role = e.Role.AGENT) -> list[str]:
        return [line.text for line in self.room.call.session.transcript if line.role is role]

    def of(self, *kinds: type) -> list[object]:
        return [item for item in self.told if isinstance(item, kinds)]

    async def until(self, is_so: Callable[[], object], within: float = 90.0) -> None:
        """It is so. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not is_so():
                await asyncio.sleep(0.01)

    @property
    def is_loud(self) -> bool:
        """The agent's sound is on its way."""
        return any(max(array("h", bytes(frame.data)), default=0) > 100 for frame in self.frames[-3:])


@asynccontextmanager
async def spoken(at: Stage, agent: str = "pair", greets: bool = False) -> AsyncIterator[Spoken]:
    frames: list[rtc.AudioFrame] = []
    microphone = Microphone()
    ends = Ends(microphone, SilentOutput(at.providers.synthesizer.rate, played=frames.append))
    async with conversing(at, agent, ends=ends, greets=greets) as room:
        yield Spoken(room, microphone, frames)


def check_journal(home: Path, session: str) -> None:
    """The conversation comes out of its journal again, command for command."""
    again = replay(*read(home / "journals" / f"{session}.jsonl"))
    assert again.events
    assert again.differences == ()
