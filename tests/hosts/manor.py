"""A server with a store and people of several tenants: callers with players, supervisors, programs."""

from __future__ import annotations

import asyncio
import json
from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import uvicorn
import websockets
from house import parrot

from antiphon.agent.definition import Agent
from antiphon.config import Settings
from antiphon.hosts.application import create_app
from antiphon.hosts.security.people import Person, Role
from antiphon.hosts.security.security import Security, open_security
from antiphon.hosts.security.tokens import Purpose
from antiphon.hosts.server import server_config
from antiphon.hosts.stage import Stage
from antiphon.ports import LanguageModel, Records
from antiphon.session.session import Providers
from antiphon.testing.records import MemoryRecords, running
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer
from antiphon.wire import native, supervision

ANNA = Person("anna", "school", Role.CALLER)
BEN = Person("ben", "school", Role.CALLER)
TEACHER = Person("teacher", "school", Role.SUPERVISOR)
TUTOR = Person("tutor", "school", Role.SUPERVISOR)
HEAD = Person("head", "school", Role.ADMIN)
STRANGER = Person("stranger", "elsewhere", Role.SUPERVISOR)
CHIEF = Person("chief", "elsewhere", Role.ADMIN)
OTHER = Person("other", "elsewhere", Role.CALLER)

LOUD, QUIET = (b"\x00\x20" * 16 + b"\x00\xe0" * 16) * 10, bytes(640)
"20 ms at 16 kHz."
RATE = 24_000


def is_loud(data: bytes) -> bool:
    return max(map(abs, array("h", data)), default=0) > 4000


class Party:
    """Somebody on a WebSocket: everything that comes is kept with its time, and sound is played as it would be."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.got: list[tuple[float, dict[str, object]]] = []
        self.sound: list[tuple[float, native.AudioFrame]] = []
        self.closed: tuple[int, str] | None = None
        self.plays = True
        self._seen: dict[str, int] = {}
        self._news = asyncio.Event()
        self._turn, self._received, self._began = 0, 0, 0.0
        self._final = False

    async def send(self, **message: object) -> None:
        await self.socket.send(json.dumps(message))

    async def says(self, seconds: float = 0.6, pause: float = 1.0) -> None:
        """Loud sound in real time, then silence."""
        for frame in [LOUD] * round(seconds / 0.02) + [QUIET] * round(pause / 0.02):
            await self.socket.send(frame)
            await asyncio.sleep(0.02)

    async def until(self, kind: str, within: float = 5.0, **fields: object) -> dict[str, object]:
        """The next message of that type with those fields, after the last one of it that was waited for."""
        async with asyncio.timeout(within):
            while True:
                while self._seen.setdefault(kind, 0) < len(self.got):
                    _, message = self.got[self._seen[kind]]
                    self._seen[kind] += 1
                    if message["type"] == kind and all(message.get(k) == v for k, v in fields.items()):
                        return message
                assert self.closed is None, f"closed with {self.closed} while {kind} was awaited"
                self._news.clear()
                await self._news.wait()

    async def parted(self, within: float = 5.0) -> tuple[int, str]:
        """The code and the reason with which the server closed."""
        async with asyncio.timeout(within):
            while self.closed is None:
                self._news.clear()
                await self._news.wait()
        return self.closed

    def all(self, kind: str) -> list[dict[str, object]]:
        return [message for _, message in self.got if message["type"] == kind]

    def at(self, kind: str, **fields: object) -> float:
        """When the first such message came."""
        return next(
            t for t, m in self.got if m["type"] == kind and all(m.get(k) == v for k, v in fields.items())
        )

    def heard(self, turn: int) -> bytes:
        return b"".join(frame.data for _, frame in self.sound if frame.turn == turn)

    async def read(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                data = await self.socket.recv()
                if isinstance(data, bytes):
                    frame = native.decode_audio(data)
                    self.sound.append((loop.time(), frame))
                    if frame.turn > self._turn and frame.turn != supervision.CALLER:
                        self._turn, self._received, self._began, self._final = (
                            frame.turn,
                            0,
                            loop.time(),
                            False,
                        )
                    if frame.turn == self._turn:
                        self._received += len(frame.data) // 2
                else:
                    message = json.loads(data)
                    self.got.append((loop.time(), message))
                    if message["type"] == "clear" and self.plays:
                        self._final = True
                        await self.send(
                            type="played", turn=message["turn"], samples=self._played(), cleared=True
                        )
                self._news.set()
        except websockets.ConnectionClosed as closed:
            self.closed = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
            self._news.set()

    async def play(self) -> None:
        """Acknowledge, every 20 ms, what a loudspeaker would have played."""
        told = (0, 0)
        while self.closed is None:
            await asyncio.sleep(0.02)
            now = (self._turn, self._played())
            if self.plays and self._turn and not self._final and now != told:
                told = now
                try:
                    await self.send(type="played", turn=now[0], samples=now[1])
                except websockets.ConnectionClosed:
                    return

    def _played(self) -> int:
        elapsed = asyncio.get_running_loop().time() - self._began
        return min(self._received, round(elapsed * RATE))


@dataclass
class Manor:
    """The running server."""

    address: str
    stage: Stage
    security: Security

    def token(self, person: Person, purpose: Purpose = Purpose.SIGN_IN, session: str | None = None) -> str:
        return self.security.gate.tokens.issue(person, purpose, session, self.security.gate.clock())

    @asynccontextmanager
    async def http(self, person: Person | None) -> AsyncIterator[httpx2.AsyncClient]:
        headers = {} if person is None else {"authorization": f"Bearer {self.token(person)}"}
        async with httpx2.AsyncClient(base_url=f"http://{self.address}", headers=headers) as client:
            yield client

    @asynccontextmanager
    async def party(self, path: str, person: Person | None) -> AsyncIterator[Party]:
        headers = {} if person is None else {"authorization": f"Bearer {self.token(person)}"}
        url = f"ws://{self.address}{path}"
        async with websockets.connect(url, max_size=None, additional_headers=headers) as socket:
            party = Party(socket)
            reading = asyncio.create_task(party.read())
            try:
                yield party
            finally:
                reading.cancel()

    @asynccontextmanager
    async def call(self, person: Person = ANNA, **hello: object) -> AsyncIterator[tuple[Party, str]]:
        """A caller with a player, and their session's id."""
        async with self.party("/orchestrate", person) as caller:
            playing = asyncio.create_task(caller.play())
            try:
                await caller.send(type="hello", **{"agent": "parrot", "greet": False, **hello})
                ready = await caller.until("ready")
                yield caller, str(ready["session"])
            finally:
                playing.cancel()

    @asynccontextmanager
    async def watch(
        self, session: str, person: Person | None = TEACHER, **watch: object
    ) -> AsyncIterator[Party]:
        async with self.party("/supervise", person) as supervisor:
            supervisor.plays = False
            await supervisor.send(type="watch", session=session, **watch)
            yield supervisor


@asynccontextmanager
async def manor(
    home: Path,
    *agents: Agent,
    records: Records | None = None,
    model: LanguageModel | None = None,
    words: Sequence[str] = ("Hello.",),
    keeps: bool = True,
    home_journals: bool = False,
    **settings: object,
) -> AsyncIterator[Manor]:
    """A server that others can reach, so that everybody must sign in. Without `records`, kept in memory."""
    async with AsyncExitStack() as stack:
        if records is None and keeps:
            records = await stack.enter_async_context(running(MemoryRecords()))
        providers = Providers(
            ScriptedVad(),
            ScriptedRecognizer(words),
            ScriptedTurnDetector([0.98]),
            ScriptedSynthesizer(),
            model,
        )
        stage = Stage(
            Settings(home=home, secret="s" * 40, journals=home_journals, **settings),  # type: ignore[arg-type]
            {agent.name: agent for agent in agents or (parrot(),)},
            providers,
            records,
        )
        security = open_security(stage.settings, "0.0.0.0", owner_of=stage.owner_of)
        server = uvicorn.Server(server_config(create_app(stage, security)))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield Manor(f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", stage, security)
        finally:
            server.should_exit = True
            await serving
