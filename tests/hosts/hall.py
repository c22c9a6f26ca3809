"""A server with every host, rooms too, and with its records in memory: for conversations that are to be alike.

Lines are tones: each line has a pitch of its own, by which the recognizer knows it, whatever the way it came.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import uvicorn

from antiphon.agent.definition import Agent
from antiphon.config import Settings
from antiphon.core.audio import Pcm, silence
from antiphon.core.speech import Approved, Speech
from antiphon.hosts.application import create_app
from antiphon.hosts.rooms import Rooms
from antiphon.hosts.security.security import open_security
from antiphon.hosts.server import server_config
from antiphon.hosts.stage import Stage
from antiphon.ports import Heard
from antiphon.session.session import Providers
from antiphon.store.folding import COLUMNS
from antiphon.testing.records import MemoryRecords, running
from antiphon.testing.scripted import ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer

LOUD = 2000
"Of 32768: nothing a codec makes of silence is as loud."
LOWEST, STEP = 350.0, 150.0
"Hz of the first line, and between two: no codec moves a tone by half as much."
LETTER_S = 0.02
"Seconds of a letter that the agent says."
WORD_S = 0.2
"Seconds of a line in which one more word of it can be made out."

OF_THIS_ONE = ("id", "session_id", "at", "opened_at", "created_at", "expires_at", "call_id")
"Columns in which no two conversations are alike."


class Tones:
    """The lines that can be said in one conversation, and who makes them out again."""

    def __init__(self, lines: Sequence[str], rate: int = 16_000) -> None:
        self.lines = lines
        self.rate = rate

    def said(self, line: str) -> Pcm:
        """The line as sound, with a short silence before it."""
        seconds = max(0.6, WORD_S * len(line.split()))
        at = np.arange(round(seconds * self.rate)) / self.rate
        wave = np.sin(2 * np.pi * self._hertz(line) * at) * 9000
        return silence(0.1, self.rate) + Pcm(wave.astype("<i2").tobytes(), self.rate)

    def _hertz(self, line: str) -> float:
        return LOWEST + STEP * self.lines.index(line)

    def open(self) -> Tone:
        """Somebody begins to say a line."""
        return Tone(self)

    def line(self, sound: bytes) -> tuple[str, float]:
        """The line whose pitch the sound has, and the seconds of it; empty where nothing is loud."""
        samples = array("h", sound)
        loud = [abs(sample) > LOUD for sample in samples]
        if not any(loud):
            return "", 0.0
        first, last = loud.index(True), len(loud) - loud[::-1].index(True)
        # Steep zeros only: a piece that was lost, or concealed, has none.
        rises = [at for at in range(first, last - 1) if samples[at] < 0 <= samples[at + 1]]
        if len(rises) < 8:
            return "", 0.0
        period = float(np.median([after - before for before, after in pairwise(rises)]))
        hertz = self.rate / period
        line = min(self.lines, key=lambda one: abs(self._hertz(one) - hertz))
        return line, (last - first) / self.rate


class Tone:
    """One utterance of whoever speaks in tones."""

    def __init__(self, tones: Tones) -> None:
        self._tones = tones
        self._sound = bytearray()

    def push(self, pcm: Pcm) -> None:
        self._sound += pcm.data

    async def partial(self) -> Heard | None:
        line, seconds = self._tones.line(bytes(self._sound))
        words = line.split()[: int(seconds / WORD_S)]
        return Heard(" ".join(words)) if words else None

    async def settle(self) -> Heard:
        return Heard(self._tones.line(bytes(self._sound))[0])

    async def close(self) -> None:
        """Nothing is held."""


class Pausing:
    """A voice whose words are tones, and which is silent for a while after certain sentences."""

    def __init__(self, pauses: Mapping[str, float]) -> None:
        self._voice = ScriptedSynthesizer(LETTER_S)
        self._pauses = pauses
        self.rate = self._voice.rate

    async def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        async for speech in self._voice.speak(sentence, voice):
            yield speech
        for _ in range(round(self._pauses.get(sentence.text, 0.0) / 0.1)):
            yield Speech(silence(0.1, self.rate))


@dataclass(frozen=True, slots=True)
class Hall:
    """The running server."""

    address: str
    stage: Stage
    records: MemoryRecords
    tones: Tones

    async def rows(self, session: str) -> dict[str, list[dict[str, object]]]:
        """What the tables hold of a session that is over, without its name and times; oldest first."""
        async with asyncio.timeout(10):
            while session in self.stage.sessions:
                await asyncio.sleep(0.02)
        await self.records.flush()
        told = self.records.store.sessions[session].told
        return {table: _plain(table, told.get(table, [])) for table in COLUMNS}


def _plain(table: str, records: Sequence[tuple[object, ...]]) -> list[dict[str, object]]:
    """The last that was told of each row, in the order of the rows."""
    rows = {}
    for record in records:
        told = dict(zip(COLUMNS[table], record, strict=True))
        rows[told.pop("seq", told.get("number"))] = told
    return [{k: v for k, v in rows[seq].items() if k not in OF_THIS_ONE} for seq in sorted(rows)]  # type: ignore[type-var]


@asynccontextmanager
async def hall(
    home: Path, agent: Agent, lines: Sequence[str], pauses: Mapping[str, float]
) -> AsyncIterator[Hall]:
    """A server on loopback whose callers say `lines`, and whose agent pauses after sentences for so many seconds."""
    tones = Tones(lines)
    async with running(MemoryRecords()) as records:
        providers = Providers(ScriptedVad(), tones, ScriptedTurnDetector([0.8]), Pausing(pauses))
        stage = Stage(Settings(home=home), {agent.name: agent}, providers, records)
        security = open_security(stage.settings, "127.0.0.1", owner_of=stage.owner_of)
        rooms = Rooms(stage, security.gate)
        server = uvicorn.Server(server_config(create_app(stage, security, rooms), port=0))
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0.01)
            address = f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            rooms.address = f"http://{address}"
            holding = tasks.create_task(rooms.run())
            try:
                yield Hall(address, stage, records, tones)
            finally:
                holding.cancel()
                await asyncio.wait([holding])
                server.should_exit = True
                await serving
