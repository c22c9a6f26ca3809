"""A call by WebRTC to the server that is checked: a microphone, an ear, and the data channel as a `Connection`."""

from __future__ import annotations

import asyncio
import json
import math
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message
from fractions import Fraction
from typing import Any

import numpy as np
import websockets

from antiphon.bench.conformance.connection import Connection, Server
from antiphon.bench.conformance.expecting import NotRun, Unmet, demand
from antiphon.bench.wav import at_rate
from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.wire import openai_realtime as rt

try:
    from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
    from aiortc.mediastreams import MediaStreamError
    from av import AudioFrame, AudioResampler
except ImportError as error:
    raise NotRun("needs the webrtc extra: pip install 'antiphon[webrtc]'") from error

RATE, TICK = 48_000, 960
LOUD = 600
"Of 32768: a sample above it is heard."
CONNECT_WITHIN = 15.0
PAGE = "http://127.0.0.1:5173"
"Where a page comes from that is not the server's."


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says to a request."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


async def requested(
    server: Server, path: str, body: bytes | None = None, *, method: str = "POST", **headers: str
) -> Answer:
    """The answer to a request to `path` below the endpoint, whatever its status. Underscores stand for hyphens."""
    fields = {"authorization": f"Bearer {server.key}", "origin": PAGE}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    address = path if "://" in path else f"{server.http}{path}"
    request = urllib.request.Request(address, body, fields, method=method)

    def ask() -> Answer:
        try:
            with urllib.request.urlopen(request, timeout=server.within_s) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    return await asyncio.to_thread(ask)


def form(sdp: str, session: dict[str, object]) -> tuple[bytes, str]:
    """An offer and a session as parts of a form, and its content type."""
    parts = [("sdp", "application/sdp", sdp), ("session", "application/json", json.dumps(session))]
    body = "".join(
        f'--parts\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}\r\n\r\n{text}\r\n'
        for name, kind, text in parts
    )
    return f"{body}--parts--\r\n".encode(), "multipart/form-data; boundary=parts"


class _Microphone(MediaStreamTrack):
    """Says what it is told to, in real time, and else nothing."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.waiting: deque[bytes] = deque()
        self._sent = 0
        self._due = 0.0

    async def recv(self) -> AudioFrame:
        """The next 20 ms."""
        now = time.monotonic()
        self._due = max(self._due, now - 0.2) + 0.02 if self._due else now
        await asyncio.sleep(self._due - now)
        frame = AudioFrame(format="s16", layout="mono", samples=TICK)
        size = TICK * BYTES_PER_SAMPLE
        frame.planes[0].update(self.waiting.popleft() if self.waiting else bytes(size))
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._sent * TICK, Fraction(1, RATE)
        self._sent += 1
        return frame


class _Channel:
    """The data channel, as a `connection.Socket`."""

    def __init__(self, connection: RTCPeerConnection) -> None:
        self._came: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self.is_open = asyncio.Event()
        self.is_gone = asyncio.Event()
        self._channel = connection.createDataChannel("oai-events")
        self._channel.on("open", self.is_open.set)
        self._channel.on("message", self._came.put_nowait)
        self._channel.on("close", self.gone)

    def gone(self) -> None:
        self.is_gone.set()
        self._came.put_nowait(None)

    async def send(self, text: str) -> None:
        self._channel.send(text)

    async def recv(self) -> str | bytes:
        """The next message. Raises ConnectionClosed."""
        if self.is_gone.is_set() and self._came.empty():
            raise websockets.ConnectionClosedError(None, None)
        if (came := await self._came.get()) is None:
            raise websockets.ConnectionClosedError(None, None)
        return came


class Call(Connection):
    """A call that is up. `location`: where the server says that it can be found."""

    def __init__(self, server: Server) -> None:
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._microphone = _Microphone()
        self._channel = _Channel(self._peer)
        super().__init__(self._channel, server.within_s)
        self.location = ""
        self.is_gone = self._channel.is_gone
        self.heard: list[tuple[float, bool]] = []
        "For each piece of sound when it came, of time.monotonic, and whether anything was in it."
        self._listening: asyncio.Task[None] | None = None
        self._peer.addTrack(self._microphone)
        self._peer.on("track", self._listen)
        self._peer.on("connectionstatechange", self._changed)

    async def offer(self) -> str:
        await self._peer.setLocalDescription(await self._peer.createOffer())
        return str(self._peer.localDescription.sdp)

    async def answered(self, answer: Answer) -> None:
        """The call is up. Raises Unmet."""
        demand(answer.status == 201, f"the answer to the offer is {answer.status}: {answer.text[:120]}")
        self.location = answer.headers.get("location") or ""
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))
        except (ValueError, KeyError, IndexError) as error:
            raise Unmet(f"the answer is no SDP: {error!r}") from None
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await self._channel.is_open.wait()
        except TimeoutError:
            raise Unmet(f"the data channel is not open within {CONNECT_WITHIN:g} s") from None

    def speak(self, sound: Pcm) -> None:
        """It is said into the microphone, from now on."""
        data, size = at_rate(sound, RATE).data, TICK * BYTES_PER_SAMPLE
        pieces = (data[at : at + size].ljust(size, b"\0") for at in range(0, len(data), size))
        self._microphone.waiting.extend(pieces)

    @property
    def heard_from(self) -> float:
        """When anything was heard first, of time.monotonic; now, if nothing was."""
        return next((at for at, is_loud in self.heard if is_loud), time.monotonic())

    def loud_s(self, since: float = 0.0, until: float = math.inf) -> float:
        """Seconds in which anything was heard, from one moment to another, of time.monotonic."""
        return 0.02 * sum(is_loud for at, is_loud in self.heard if since <= at <= until)

    async def close(self) -> None:
        await self._peer.close()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    def _changed(self) -> None:
        if self._peer.connectionState in ("closed", "failed"):
            self._channel.gone()

    def _listen(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.create_task(self._hear(track), name="conformance: ear")

    async def _hear(self, track: MediaStreamTrack) -> None:
        mono = AudioResampler(format="s16", layout="mono", rate=RATE)
        while True:
            try:
                frame: Any = await track.recv()
            except MediaStreamError:
                return
            for one in mono.resample(frame):
                loudest = int(np.abs(one.to_ndarray().astype(np.int32)).max())
                self.heard.append((time.monotonic(), loudest > LOUD))


Post = Callable[[str], Awaitable[Answer]]
"Sends an offer."


@asynccontextmanager
async def call(server: Server, post: Post | None = None) -> AsyncIterator[Call]:
    """A call, with its first event read. `post`: by default the offer is sent as it stands."""

    async def plainly(offer: str) -> Answer:
        path = f"/calls?model={server.model}"
        return await requested(server, path, offer.encode(), content_type="application/sdp")

    caller = Call(server)
    server.seen.append(caller)
    try:
        await caller.answered(await (post or plainly)(await caller.offer()))
        await caller.until(rt.SessionCreated)
        yield caller
    finally:
        await caller.close()
