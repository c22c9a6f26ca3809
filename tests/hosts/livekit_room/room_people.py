"""Servers of rooms, the agents that wait at them, and the people who come in: for tests of whole rooms."""

from __future__ import annotations

import asyncio
import math
import os
import socket
import subprocess
import sys
import time
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvicorn
from livekit import rtc
from starlette.applications import Starlette

from antiphon.hosts.devroom import DevRoom
from antiphon.hosts.livekit_room import tokens
from antiphon.hosts.livekit_room.room import TAKEN, RoomCall
from antiphon.hosts.livekit_room.tokens import ORCHESTRATOR, Dispatched, RoomKeys
from antiphon.hosts.livekit_room.waits import Waits
from antiphon.hosts.livekit_room.worker import run_workers
from antiphon.hosts.stage import Stage

RATE = 48_000
KEY, SECRET = "key", "a secret that is as long as it should be"
WITHIN = 90.0
"Seconds for whatever must happen to happen: a machine that is busy with other work takes its time."


async def until(is_so: Callable[[], object], within: float = WITHIN) -> None:
    """It is so. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while not is_so():
            await asyncio.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


# ---- servers ---------------------------------------------------------------------------------------------
@asynccontextmanager
async def server() -> AsyncIterator[RoomKeys]:
    """The LiveKit server of LIVEKIT_URL, or without one a dev room."""
    if url := os.environ.get("LIVEKIT_URL"):
        yield RoomKeys(url, os.environ["LIVEKIT_API_KEY"], os.environ["LIVEKIT_API_SECRET"])
        return
    async with DevRoom(KEY, SECRET, path="") as devroom:
        config = uvicorn.Config(Starlette(routes=devroom.routes), port=0, log_level="error", lifespan="off")
        serving = uvicorn.Server(config)
        task = asyncio.create_task(serving.serve())
        while not serving.started:
            await asyncio.sleep(0.02)
        port = serving.servers[0].sockets[0].getsockname()[1]
        try:
            yield RoomKeys(f"ws://127.0.0.1:{port}", KEY, SECRET)
        finally:
            serving.should_exit = True
            await task


class Apart:
    """A dev room in a process of its own, which can be killed and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.keys = RoomKeys(f"ws://127.0.0.1:{self.port}", KEY, SECRET)
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._process = self._begin()
        await until(self._answers)

    def _begin(self) -> subprocess.Popen[bytes]:
        program = Path(__file__).with_name("room_server.py")
        return subprocess.Popen([sys.executable, str(program), str(self.port), KEY, SECRET])

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1.0):
            return True
        return False

    def kill(self) -> None:
        """It is gone, and told nobody."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@asynccontextmanager
async def apart() -> AsyncIterator[Apart]:
    found = Apart()
    await found.start()
    try:
        yield found
    finally:
        found.kill()


# ---- agents ----------------------------------------------------------------------------------------------
@asynccontextmanager
async def worker(at: Stage, keys: RoomKeys, waits: Waits | None = None) -> AsyncIterator[None]:
    """Our agent waits at the server."""
    registered = asyncio.Event()
    work = run_workers(at, keys, (ORCHESTRATOR,), ready=lambda name: registered.set(), waits=waits)
    task = asyncio.create_task(work)
    try:
        async with asyncio.timeout(WITHIN):
            await registered.wait()
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def agent_in(
    at: Stage, keys: RoomKeys, name: str, waits: Waits, agent: str = "pair"
) -> AsyncIterator[asyncio.Task[None]]:
    """Our agent is on its way into the room; the task is its stay."""
    call = RoomCall(at, keys, name, "agent-1", Dispatched(agent, "ann", "school"), "", waits)
    staying = asyncio.create_task(call.hold())
    try:
        yield staying
    finally:
        staying.cancel()
        await asyncio.gather(staying, return_exceptions=True)


# ---- people ----------------------------------------------------------------------------------------------
class Guest:
    """Somebody in a room, who keeps what is written to them, and counts what they hear."""

    def __init__(self, keys: RoomKeys, token: str) -> None:
        self.texts: dict[str, list[str]] = {}
        "By topic."
        self.loud: dict[str, int] = {}
        "Frames of each track that held sound, by the track's name."
        self.heard: list[tuple[float, str]] = []
        "When each of those frames came, seconds of the loop, and the track's name."
        self.data: dict[str, list[bytes]] = {}
        "By topic."
        self.room = rtc.Room()
        self._keys = keys
        self._token = token
        self._left = 0.0
        "Seconds of what is being said."
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Guest:
        await self._join()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def _join(self) -> None:
        self.room = rtc.Room()
        self.room.on("track_subscribed", self._hear)
        self.room.on(
            "data_received", lambda got: self.data.setdefault(got.topic or "", []).append(bytes(got.data))
        )
        for topic in ("lk.transcription", TAKEN):
            self._take(topic)
        await self.room.connect(self._keys.url, self._token)

    async def come_back(self) -> None:
        """In the room once more, with the same token, as soon as the server lets them in."""
        await self.leave()
        async with asyncio.timeout(WITHIN):
            while True:
                with suppress(rtc.ConnectError):
                    return await self._join()
                await asyncio.sleep(0.5)

    async def open_microphone(self) -> None:
        """From now on silence is sent, and what is said."""
        source = rtc.AudioSource(RATE, 1)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)
        self._tasks.add(asyncio.create_task(self._sing(source)))

    def say(self, seconds: float) -> None:
        """Something is said for that long."""
        self._left = seconds

    async def _sing(self, source: rtc.AudioSource) -> None:
        size = RATE // 50
        tone = array("h", (round(9000 * math.sin(n * 440 * math.tau / RATE)) for n in range(size))).tobytes()
        while True:
            data = tone if self._left > 0 else bytes(2 * size)
            self._left -= 0.02
            await source.capture_frame(rtc.AudioFrame(data, RATE, 1, size))

    async def write(self, text: str) -> None:
        await self.room.local_participant.send_text(text, topic="lk.chat")

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(3):
                await self.room.disconnect()

    def _take(self, topic: str) -> None:
        def handle(reader: rtc.TextStreamReader, identity: str) -> None:
            async def read() -> None:
                self.texts.setdefault(topic, []).append(await reader.read_all())

            self._tasks.add(asyncio.ensure_future(read()))

        self.room.register_text_stream_handler(topic, handle)

    def _hear(self, track: rtc.Track, publication: rtc.RemoteTrackPublication, who: object) -> None:
        self._tasks.add(asyncio.ensure_future(self._listen(track, publication.name)))

    async def _listen(self, track: rtc.Track, name: str) -> None:
        async for event in rtc.AudioStream(track, sample_rate=24_000, num_channels=1):
            if max(array("h", bytes(event.frame.data)), default=0) > 500:
                self.loud[name] = self.loud.get(name, 0) + 1
                self.heard.append((asyncio.get_running_loop().time(), name))


def student(keys: RoomKeys, room: str, name: str = "ann", agent: str = "pair") -> Guest:
    """With a token that brings the agent along."""
    return Guest(keys, tokens.student(keys, room, name, Dispatched(agent, name, "school")))


def supervisor(keys: RoomKeys, room: str, name: str = "mia") -> Guest:
    return Guest(keys, tokens.supervisor(keys, room, name))


# ---- workers ---------------------------------------------------------------------------------------------
class Worker:
    """`antiphon livekit worker` as a process of its own, with the agent of a file."""

    def __init__(self, keys: RoomKeys, home: Path, node: str, *agents: str, **settings: str) -> None:
        self.node = node
        self.began_at = time.monotonic()
        self.log = home / f"{node}.log"
        settings = {"ANTIPHON_HOME": str(home), "ANTIPHON_NODE": node, **settings}
        settings |= {"LIVEKIT_URL": keys.url, "LIVEKIT_API_KEY": keys.key, "LIVEKIT_API_SECRET": keys.secret}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "antiphon", "livekit", "worker", *agents, "--port", "0"],
                env={**os.environ, "ANTIPHON_LIVEKIT_ENGLISH": "off", **settings},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def is_ready(self) -> bool:
        """It waits for jobs. Raises AssertionError with all it said when it has ended instead."""
        told = self.log.read_text(errors="replace")
        assert self.process.poll() is None, told
        return "are ready for" in told

    def kill(self) -> None:
        """Nothing of it is left, and it could not do anything about that."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()
