"""A client by WebRTC, in the process of the test: a microphone, an ear, and the channel of events."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction

import httpx2 as httpx
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from av import AudioFrame, AudioResampler

RATE = 48_000
TICK = 960
Event = dict[str, object]


class Microphone(MediaStreamTrack):
    """Says what it is told to, and else nothing."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.sound: deque[bytes] = deque()
        self.spoke_at = 0.0
        "When the first of what was said last left."
        self.sent = 0
        "Pieces of 20 ms."
        self._due = 0.0

    def say(self, sound: bytes) -> None:
        """`sound` is 16-bit, mono, at 48 kHz."""
        self.spoke_at = 0.0
        self.sound.extend(
            sound[at : at + 2 * TICK].ljust(2 * TICK, b"\0") for at in range(0, len(sound), 2 * TICK)
        )

    async def recv(self) -> AudioFrame:
        now = time.monotonic()
        self._due = max(self._due, now - 0.2) + 0.02 if self._due else now
        await asyncio.sleep(self._due - now)
        frame = AudioFrame(format="s16", layout="mono", samples=TICK)
        if self.sound and not self.spoke_at:
            self.spoke_at = time.monotonic()
        frame.planes[0].update(self.sound.popleft() if self.sound else bytes(2 * TICK))
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.sent * TICK, Fraction(1, RATE)
        self.sent += 1
        return frame


class RtcClient:
    """One client of a server's. `events` and `heard` grow; `until` waits for an event."""

    def __init__(self, address: str, key: str = "sk-anything") -> None:
        self.http = f"http://{address}/v1/realtime"
        self.key = key
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.microphone = Microphone()
        self.events: list[Event] = []
        self.at: list[float] = []
        "When each came, of time.monotonic."
        self.heard: list[tuple[float, int]] = []
        "For each piece of sound when it came, and its loudest sample."
        self.sound = bytearray()
        "All that was heard, at 48 kHz, mono."
        self.location = ""
        self.session = ""
        self.is_open = asyncio.Event()
        self.is_gone = asyncio.Event()
        self._came = asyncio.Event()
        self._seen = 0
        self._listening: asyncio.Task[None] | None = None
        self.connection.addTrack(self.microphone)
        self.connection.on("track", self._listen)
        self.connection.on("connectionstatechange", self._changed)
        self.channel = self.connection.createDataChannel("oai-events")
        self.channel.on("open", self.is_open.set)
        self.channel.on("message", self._take)
        self.channel.on("close", self.is_gone.set)

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def answered(self, answer: httpx.Response) -> None:
        assert answer.status_code == 201, answer.text
        self.location = answer.headers["location"]
        self.session = answer.headers["x-antiphon-session"]
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))
        async with asyncio.timeout(10):
            await self.is_open.wait()

    async def connect(self, agent: str = "parrot") -> None:
        async with httpx.AsyncClient() as client:
            headers = {"authorization": f"Bearer {self.key}", "content-type": "application/sdp"}
            address = f"{self.http}/calls?model={agent}"
            await self.answered(await client.post(address, content=await self.offer(), headers=headers))

    def send(self, kind: str, **fields: object) -> None:
        self.channel.send(json.dumps({"type": kind, **fields}))

    def ask(self, text: str) -> None:
        content = [{"type": "input_text", "text": text}]
        self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})
        self.send("response.create")

    async def until(self, kind: str, within: float = 20.0) -> Event:
        """The next event of that kind, of those not waited past."""
        async with asyncio.timeout(within):
            while True:
                while self._seen < len(self.events):
                    self._seen += 1
                    if self.events[self._seen - 1]["type"] == kind:
                        return self.events[self._seen - 1]
                self._came.clear()
                await self._came.wait()

    def kinds(self) -> list[object]:
        return [event["type"] for event in self.events]

    def when(self, kind: str) -> float:
        """When the last event of that kind came."""
        return max(at for at, event in zip(self.at, self.events, strict=True) if event["type"] == kind)

    def spoken(self) -> str:
        done = "response.output_audio_transcript.done"
        return " ".join(str(event["transcript"]) for event in self.events if event["type"] == done)

    def loud_seconds(self) -> float:
        """How long anything could be heard, in pieces of 20 ms."""
        return 0.02 * sum(peak > 1000 for _, peak in self.heard)

    async def close(self) -> None:
        await self.connection.close()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    def _take(self, text: str) -> None:
        self.events.append(json.loads(text))
        self.at.append(time.monotonic())
        self._came.set()

    def _changed(self) -> None:
        if self.connection.connectionState in ("closed", "failed"):
            self.is_gone.set()

    def _listen(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.create_task(self._hear(track), name="client: ear")

    async def _hear(self, track: MediaStreamTrack) -> None:
        mono = AudioResampler(format="s16", layout="mono", rate=RATE)
        while True:
            for frame in mono.resample(await track.recv()):
                samples = frame.to_ndarray()[0]
                self.sound += samples.astype("<i2").tobytes()
                self.heard.append((time.monotonic(), int(np.abs(samples.astype(np.int32)).max())))


@asynccontextmanager
async def dial(address: str, agent: str = "parrot", key: str = "sk-anything") -> AsyncIterator[RtcClient]:
    """A client that is connected."""
    client = RtcClient(address, key)
    try:
        await client.connect(agent)
        yield client
    finally:
        await client.close()
