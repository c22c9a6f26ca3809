"""A server that follows a story: it speaks the protocol, says tones, and does what the story tells it to.

Run as a program it serves `echo_story` on a free port and prints its address, as `antiphon serve` does.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import numpy as np
from websockets import ConnectionClosed
from websockets.asyncio.server import ServerConnection, serve

from antiphon.bench.caller import Caller
from antiphon.bench.line import CallDropped
from antiphon.core.audio import Pcm, silence
from antiphon.wire import native
from antiphon.wire.native import AudioFrame, PlayedAck, ServerMessage

RATE, PLAY_RATE = 16_000, 24_000
_END = object()


def tone(seconds: float, rate: int = PLAY_RATE, hertz: float = 440.0, peak: float = 8000.0) -> Pcm:
    """A sine that is loud from its first millisecond to its last."""
    at = np.arange(round(seconds * rate)) / rate
    return Pcm((peak * np.cos(2 * np.pi * hertz * at)).astype("<i2").tobytes(), rate)


class Pipe:
    """Both ends of a connection in memory. What is sent arrives at once."""

    def __init__(self) -> None:
        self._down: asyncio.Queue[object] = asyncio.Queue()
        self._up: asyncio.Queue[object] = asyncio.Queue()
        self._why = CallDropped(1000, "bye")

    async def send(self, message: str | bytes) -> None:
        if self._why.code != 1000:
            raise self._why
        self._up.put_nowait(message)

    async def receive(self) -> str | bytes:
        message = await self._down.get()
        if not isinstance(message, str | bytes):
            raise self._why
        return message

    async def close(self) -> None:
        self._up.put_nowait(_END)

    async def server_send(self, message: str | bytes) -> None:
        self._down.put_nowait(message)

    async def server_receive(self) -> str | bytes:
        message = await self._up.get()
        if not isinstance(message, str | bytes):
            raise CallDropped(1000, "")
        return message

    async def server_close(self, code: int, reason: str) -> None:
        self._why = CallDropped(code, reason)
        self._down.put_nowait(_END)


class _Socket:
    """The server's end of a real WebSocket."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket

    async def server_send(self, message: str | bytes) -> None:
        await self._socket.send(message)

    async def server_receive(self) -> str | bytes:
        try:
            return await self._socket.recv()
        except ConnectionClosed:
            raise CallDropped(1000, "") from None

    async def server_close(self, code: int, reason: str) -> None:
        await self._socket.close(code, reason)


class FakeCall:
    """The server's side of one call, and all it saw of the caller."""

    def __init__(self, end: Pipe | _Socket) -> None:
        self._end = end
        self.hello = native.Hello()
        self.acks: list[tuple[float, PlayedAck]] = []
        self.texts: list[str] = []
        self.frames: list[float] = []
        "When each frame of the microphone came."
        self.sound = bytearray()
        self.said_bye = False
        self.interrupted_at: float | None = None
        self.loud_until = 0.0
        "When the last frame with speech in it came."
        self.is_loud = False
        self._news = asyncio.Event()

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def open(self, ack_ms: int = 50) -> None:
        hello = native.decode_client(str(await self._end.server_receive()))
        assert isinstance(hello, native.Hello)
        self.hello = hello
        await self.send(native.Ready("s_fake", hello.agent, 1, hello.rate, hello.play_rate, ack_ms))

    async def send(self, *messages: ServerMessage) -> None:
        for message in messages:
            await self._end.server_send(native.encode(message))

    async def sound_out(self, turn: int, pcm: Pcm, offset: int = 0, chunk_s: float = 0.1) -> int:
        """All of `pcm` is sent in frames; returns the offset after it."""
        chunk = round(chunk_s * pcm.rate)
        for at in range(0, len(pcm), chunk):
            data = pcm.between(at, at + chunk).data
            await self._end.server_send(native.encode_audio(AudioFrame(turn, offset + at, data)))
        return offset + len(pcm)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._end.server_close(code, reason)

    async def until(self, is_true: Callable[[], bool]) -> None:
        while not is_true():
            self._news.clear()
            await self._news.wait()

    async def speech_end(self, quiet_s: float = 0.1) -> float:
        """The caller has spoken and been quiet for `quiet_s`; returns when the last speech came."""
        await self.until(lambda: self.is_loud)
        await self.until(lambda: self.now - self.loud_until >= quiet_s)
        self.is_loud = False
        return self.loud_until

    async def speech_start(self) -> float:
        await self.until(lambda: self.is_loud)
        return self.loud_until

    async def played(self, turn: int, samples: int) -> None:
        """The caller acknowledged that many samples of the turn."""
        await self.until(lambda: any(a.turn == turn and a.samples >= samples for _, a in self.acks))

    async def sleep_until(self, at: float) -> None:
        await asyncio.sleep(max(0.0, at - self.now))

    async def listen(self) -> None:
        while True:
            message = await self._end.server_receive()
            if isinstance(message, bytes):
                self.frames.append(self.now)
                self.sound += message
                if np.abs(np.frombuffer(message, "<i2").astype(np.int32)).max(initial=0) > 500:
                    self.loud_until, self.is_loud = self.now, True
            else:
                match native.decode_client(message):
                    case PlayedAck() as ack:
                        self.acks.append((self.now, ack))
                    case native.TypedText(text):
                        self.texts.append(text)
                    case native.Interrupt():
                        self.interrupted_at = self.now
                    case native.Bye():
                        self.said_bye = True
                        await self.close()
            self._news.set()


Story = Callable[[FakeCall], Awaitable[None]]


async def live(call: FakeCall, story: Story) -> None:
    """The story is lived to its end while the caller is listened to, until the caller hangs up."""
    tasks = [asyncio.create_task(call.listen()), asyncio.create_task(story(call))]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, BaseException) and not isinstance(
            outcome, CallDropped | ConnectionClosed | asyncio.CancelledError
        ):
            raise outcome


@asynccontextmanager
async def calling(
    story: Story, *, jitter_s: float = 0.0, ack_ms: int = 50
) -> AsyncIterator[tuple[Caller, FakeCall]]:
    """A caller and the server it talks to, in memory: exact in virtual time."""
    pipe = Pipe()
    call = FakeCall(pipe)

    async def opened() -> None:
        await call.open(ack_ms)
        await live(call, story)

    server = asyncio.create_task(opened())
    try:
        async with Caller(pipe, native.Hello(rate=RATE, play_rate=PLAY_RATE), jitter_s=jitter_s) as caller:
            yield caller, call
        await server
    finally:
        server.cancel()


@asynccontextmanager
async def serving_story(story: Story) -> AsyncIterator[str]:
    """The address of a real WebSocket server on this machine, where every call lives the story."""

    async def handle(socket: ServerConnection) -> None:
        call = FakeCall(_Socket(socket))
        await call.open()
        await live(call, story)

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"http://127.0.0.1:{port}"


async def answer(call: FakeCall, turn: int, text: str, pcm: Pcm, *, specialist: str = "math") -> None:
    """A whole reply of one sentence, from route to idle."""
    await call.send(
        native.RouteChosen(turn, specialist, 0.9),
        native.Sentence(turn, 0, text),
        native.PhaseIs("speaking", turn),
    )
    await call.sound_out(turn, pcm)
    await call.send(native.Latency(turn, 250.0, {"endpointing": 200.0, "model": 50.0}))
    await call.played(turn, len(pcm))
    await call.send(
        native.HeardText(turn, text, ""),
        native.Remembered(turn, "agent", text),
        native.PhaseIs("idle", turn),
    )


async def echo_story(call: FakeCall) -> None:
    """Every utterance is answered after 0.3 s by a tone of 0.4 s with 0.1 s of silence before it."""
    turn = 0
    while True:
        ended = await call.speech_end()
        turn += 1
        await call.send(
            native.Transcript(turn, f"question {turn}", True),
            native.Remembered(turn, "user", f"question {turn}"),
            native.PhaseIs("thinking", turn),
        )
        await call.sleep_until(ended + 0.3)
        await answer(call, turn, f"answer {turn}", silence(0.1, PLAY_RATE) + tone(0.4))


async def _main() -> None:
    async with serving_story(echo_story) as url:
        print(f"listening on {url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    if "--broken" in sys.argv:
        sys.exit("the port is taken")
    asyncio.run(_main())
