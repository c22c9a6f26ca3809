"""What calls by WebRTC cost, and how soon one is interrupted: a server in a process of its own, clients in this one.

    python benchmarks/webrtc.py --calls 1 4 8 --seconds 10 --interruptions 10

The voice, the recognizer and the detector of voices are scripted, so that what is measured is the way of the sound;
with `--ears silero` the detector is the real one, and the user says words.
`said` is how much of the time's sound the clients sent, `heard` how much of that the server heard, and `received` how
much of the time's the clients received; `lag` is how much later than asked
the loop of the conversations wakes up, and `cpu` the share of one core that the server takes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import numpy as np
from aiortc import MediaStreamTrack
from av import Packet

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "hosts"))

from house import house
from rtc import RATE, RtcClient, dial

from antiphon.bench.voices import BundledVoice
from antiphon.bench.wav import at_rate
from antiphon.hosts.server import event_loop
from antiphon.providers.local_silero import SileroVad
from antiphon.transports.realtime.opus import OpusVoice

NOISE = (np.sin(np.arange(RATE) * 0.15) * 9000).astype("<i2").tobytes()
INTERRUPTIONS = (
    "Stop, that is enough.",
    "Wait a moment, please.",
    "Actually, I meant something else.",
    "No, that is not what I asked.",
    "Hold on, what was that?",
)
LONG = " ".join(f"This is sentence number {number} of an answer that goes on." for number in range(20))


async def serve(ears: str) -> None:
    """Serves until its input ends; answers each line with what was measured since the one before."""
    async with house(Path(tempfile.mkdtemp())) as (address, stage):
        if ears == "silero":
            stage.providers = replace(stage.providers, vad=SileroVad())
        print(address, flush=True)
        loop = asyncio.get_running_loop()
        lags: list[float] = []
        asked = asyncio.Event()
        loop.add_reader(sys.stdin.fileno(), lambda: asked.set() if sys.stdin.readline() else os._exit(0))
        cpu, since = time.process_time(), time.monotonic()
        while True:
            at = loop.time()
            await asyncio.sleep(0.01)
            lags.append(loop.time() - at - 0.01)
            if asked.is_set():
                asked.clear()
                seconds = time.monotonic() - since
                lags.sort()
                told = {
                    "cpu": (time.process_time() - cpu) / seconds,
                    "lag_p50_ms": 1000 * lags[len(lags) // 2],
                    "lag_p95_ms": 1000 * lags[len(lags) * 95 // 100],
                    "lag_max_ms": 1000 * lags[-1],
                    "heard": sum(
                        session.transport.caller.heard_seconds for session in stage.sessions.values()
                    ),  # type: ignore[attr-defined]
                }
                print(json.dumps(told), flush=True)
                lags, cpu, since = [], time.process_time(), time.monotonic()


class Server:
    """The process that serves."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout

    @classmethod
    async def start(cls, ears: str) -> tuple[Server, str]:
        pipe = asyncio.subprocess.PIPE
        server = cls(
            await asyncio.create_subprocess_exec(
                sys.executable, __file__, "--serve", "--ears", ears, stdin=pipe, stdout=pipe
            )
        )
        return server, (await server._out.readline()).decode().strip()

    async def measured(self) -> dict[str, float]:
        self._in.write(b"\n")
        found: dict[str, float] = json.loads(await self._out.readline())
        return found

    async def stop(self) -> None:
        self._in.close()
        await self._process.wait()


class Babble(MediaStreamTrack):
    """A microphone in a room that is never quiet: one second of packets, over and over, which cost nothing to make."""

    kind = "audio"
    PACKETS: ClassVar[list[bytes]] = []

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0
        self._due = 0.0
        if not self.PACKETS:
            noise = np.random.default_rng(1).normal(0, 60, 24_000).astype("<i2").tobytes()
            voice = OpusVoice(24_000)
            self.PACKETS.extend(voice.packet(noise[at : at + 960]) for at in range(0, len(noise), 960))

    async def recv(self) -> Packet:
        now = time.monotonic()
        self._due = max(self._due, now - 0.2) + 0.02 if self._due else now
        await asyncio.sleep(self._due - now)
        packet = Packet(self.PACKETS[self.sent % len(self.PACKETS)])
        packet.pts, packet.time_base = self.sent * 960, Fraction(1, RATE)
        self.sent += 1
        return packet


class Counter:
    """Counts packets where aiortc would keep them, decode them and hand them on."""

    def __init__(self, client: RtcClient) -> None:
        self._client = client

    def add(self, packet: object) -> tuple[bool, None]:
        self._client.heard.append((time.monotonic(), 0))
        return False, None


class Listener(RtcClient):
    """A client that costs next to nothing, so that many of them leave the machine to the server."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        (transceiver,) = self.connection.getTransceivers()
        self.microphone = Babble()  # type: ignore[assignment]
        transceiver.sender.replaceTrack(self.microphone)
        vars(transceiver.receiver)["_RTCRtpReceiver__jitter_buffer"] = Counter(self)


@asynccontextmanager
async def listener(address: str) -> AsyncIterator[Listener]:
    client = Listener(address)
    try:
        await client.connect()
        yield client
    finally:
        await client.close()


def _counts(clients: Sequence[RtcClient]) -> tuple[int, int]:
    """Pieces of sound of 20 ms that the clients have received, and said."""
    return sum(len(client.heard) for client in clients), sum(client.microphone.sent for client in clients)


async def load(server: Server, address: str, calls: int, seconds: float) -> None:
    """So many calls, of which each listens to a long answer; what that cost is printed."""
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(listener(address)) for _ in range(calls)]
        for client in clients:
            client.ask(LONG)
            await client.until("output_audio_buffer.started")
        await asyncio.sleep(1.0)
        before, began = await server.measured(), time.monotonic()
        received, said = _counts(clients)
        await asyncio.sleep(seconds)
        after, took = await server.measured(), time.monotonic() - began
        received, said = (now - then for now, then in zip(_counts(clients), (received, said), strict=True))
        share = 0.02 / took / calls
        heard = (after["heard"] - before["heard"]) / (0.02 * said)
        print(f"{calls:2} calls: {_told(after)}, each {after['cpu'] / calls:.3f}", flush=True)
        print(f"    said {said * share:.3f}, heard {heard:.3f}, received {received * share:.3f}", flush=True)


def _told(measured: dict[str, float]) -> str:
    lags = ", ".join(f"{name} {measured[f'lag_{name}_ms']:.1f} ms" for name in ("p50", "p95", "max"))
    return f"lag {lags}, cpu {measured['cpu']:.3f}"


def quiet_at(client: RtcClient, since: float) -> float:
    """When the last loud piece of sound came before 0.3 s of silence."""
    last = since
    for at, peak in client.heard:
        if at < since:
            continue
        if peak > 1000:
            if at - last > 0.3:
                break
            last = at
    return last


async def spoken() -> list[bytes]:
    """What people say who interrupt, from its first audible sample on."""
    voice = BundledVoice()
    return [at_rate(await voice.say(text), RATE).data for text in INTERRUPTIONS]


async def interruptions(address: str, times: int, detection: str, words: Sequence[bytes]) -> None:
    """How long after the first sample of the user's voice the agent is silent, and the client is told so."""
    print(f"interruptions, {detection}, n={times}:", flush=True)
    rows: dict[str, list[float]] = {"silent": [], "speech_started": [], "cleared": []}
    for number in range(times):
        async with dial(address) as client:
            turns = {"input": {"turn_detection": {"type": detection}}}
            client.send("session.update", session={"type": "realtime", "audio": turns})
            client.ask(LONG)
            await client.until("output_audio_buffer.started")
            await asyncio.sleep(1.0)
            client.microphone.say(words[number % len(words)])
            await client.until("output_audio_buffer.cleared")
            await asyncio.sleep(0.4)
            spoke = client.microphone.spoke_at
            rows["silent"].append(quiet_at(client, spoke) - spoke)
            rows["speech_started"].append(client.when("input_audio_buffer.speech_started") - spoke)
            rows["cleared"].append(client.when("output_audio_buffer.cleared") - spoke)
    for name, found in rows.items():
        print(f"    {name}: {_spread(found)}", flush=True)
    after = [c - s for c, s in zip(rows["cleared"], rows["speech_started"], strict=True)]
    print(f"    cleared after speech_started: {_spread(after)}", flush=True)


def _spread(seconds: Sequence[float]) -> str:
    ordered = sorted(1000 * one for one in seconds)
    p95 = ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
    return f"p50 {statistics.median(ordered):.0f} ms, p95 {p95:.0f} ms, max {ordered[-1]:.0f} ms"


async def main(calls: Sequence[int], seconds: float, times: int, ears: str) -> None:
    server, address = await Server.start(ears)
    words = await spoken() if ears == "silero" else [NOISE * 2]
    try:
        await server.measured()
        await asyncio.sleep(seconds / 2)
        idle = await server.measured()
        print(
            f"no calls: cpu {idle['cpu']:.3f}, lag p50 {idle['lag_p50_ms']:.1f} ms, p95 {idle['lag_p95_ms']:.1f} ms"
        )
        for count in calls:
            await load(server, address, count, seconds)
        for detection in ("server_vad", "semantic_vad") if times else ():
            await interruptions(address, times, detection, words)
    finally:
        await server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, nargs="*", default=[1, 4, 8])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--interruptions", type=int, default=10)
    parser.add_argument("--ears", choices=["scripted", "silero"], default="scripted")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        with asyncio.Runner(loop_factory=event_loop()) as runner:
            runner.run(serve(given.ears))
    else:
        asyncio.run(main(given.calls, given.seconds, given.interruptions, given.ears))
