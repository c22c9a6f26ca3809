"""A caller: speaks into the single WebSocket in real time, plays what comes back, keeps all of it.

async with call("http://127.0.0.1:8080", agent="tutor") as caller:
    question = await caller.say(read_wav("question.wav"))
    await caller.wait_reply(question)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from antiphon.bench.headset import Loudspeaker, Microphone, Utterance
from antiphon.bench.line import CallDropped, Line, open_line
from antiphon.bench.network import Network
from antiphon.bench.wav import at_rate
from antiphon.core.audio import Pcm, silence
from antiphon.core.errors import CallerError
from antiphon.wire import native
from antiphon.wire.native import ClientMessage, ServerMessage

SETTLE_S = 0.5
"Seconds of idle silence after which a reply counts as finished: the pause before a next sentence is shorter."
REPLY_WITHIN_S = 30.0
"Seconds without sound or news after which nobody would wait on."
LONGEST_REPLY_S = 300.0
"Seconds after which a reply that never ends is given up."
GOODBYE_S = 2.0
"Seconds the server has to answer our `bye`."


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message of the server, and when it came: seconds on the call's timeline."""

    at: float
    message: ServerMessage
    frames: int = 0
    "How many frames of sound had come before it: time alone does not tell what came first."


class Caller:
    """One call. Enter it to say hello; leaving it hangs up.

    Time 0 is when `ready` came: microphone and loudspeaker are switched on then. `rate` and `play_rate`
    are Hz. Everything the server sent is in `messages`; `dropped` says why the call ended, if the server
    ended it.
    """

    def __init__(
        self,
        line: Line,
        hello: native.Hello,
        *,
        jitter_s: float = 0.010,
        frame_s: float = native.FRAME_SECONDS,
        player: Callable[[native.Ready, Callable[[], float]], Loudspeaker] | None = None,
        errands: Sequence[Callable[[], Coroutine[None, None, None]]] = (),
        news_late_s: float = 0.0,
        tells_routes: bool = True,
    ) -> None:
        """`errands` run as long as the call. `player` makes another loudspeaker, given what the server said and the
        call's clock."""
        self.messages: list[Arrived] = []
        self.frames: list[tuple[float, int, int]] = []
        "Of each sound frame: when it came, its turn, and the samples of that turn that had come with it."
        self.utterances: list[Utterance] = []
        self.phase = "idle"
        self.dropped: CallDropped | None = None
        self.news_late_s = news_late_s
        "Seconds by which messages may come later than sound that left the server after them."
        self.tells_routes = tells_routes
        "Whether the server says who answers."
        self.network = Network()
        "What the microphone's frames go through: a good one, unless another is put there."
        self.on_message: Callable[[Arrived], None] | None = None
        "Called with every message as it comes; must return at once."
        self._line = line
        self._hello = hello
        self._frame_s = frame_s
        self._player = player or (
            lambda ready, clock: Loudspeaker(ready.play_rate, jitter_s=jitter_s, ack_s=ready.ack_ms / 1000)
        )
        self._errands = errands
        self._began = 0.0
        self._changed: asyncio.Future[None] | None = None
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []
        self._has_hung_up = False
        self._last_news = 0.0

    async def __aenter__(self) -> Self:
        """The session is open and sound flows. Raises CallerError, SetupError or CallDropped."""
        with suppress(
            CallDropped
        ):  # a server that refuses unasked has said why, and that is still to be read
            await self._send(self._hello)
        self.ready = await self._read_ready()
        self.microphone = Microphone(self.ready.rate, self._frame_s)
        self.loudspeaker = self._player(self.ready, lambda: self.now)
        self._began = asyncio.get_running_loop().time()
        await self._group.__aenter__()
        self._tasks = [
            self._group.create_task(self._listen(), name="caller-listens"),
            self._group.create_task(self._run_devices(), name="caller-devices"),
            *(self._group.create_task(errand(), name="caller-errand") for errand in self._errands),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The call is over and its tasks are gone. What the caller's own code raised passes unchanged."""
        if kind is None:
            await self.hang_up()
        for task in self._tasks:
            task.cancel()
        if kind is asyncio.CancelledError:
            await self._group.__aexit__(kind, error, trace)
        else:
            await self._group.__aexit__(None, None, None)
        await self._line.close()

    @property
    def now(self) -> float:
        """Seconds since the call began."""
        return asyncio.get_running_loop().time() - self._began

    @property
    def is_idle(self) -> bool:
        """The conversation waits for the caller, and everything was played."""
        return self.phase == "idle" and self.loudspeaker.is_drained and not self.microphone.is_speaking

    # ---- what a caller does ------------------------------------------------------------------------------
    async def say(self, pcm: Pcm, at: float | None = None) -> Utterance:
        """`pcm` has been said, beginning at the time `at` or as soon as possible. Raises CallDropped."""
        utterance = self.start_saying(pcm, at)
        await self.wait_for(lambda: utterance.is_sent)
        return utterance

    def start_saying(self, pcm: Pcm, at: float | None = None) -> Utterance:
        """`pcm` will be said from `at` on, or as soon as what was to be said before it is."""
        utterance = self.microphone.say(at_rate(pcm, self.microphone.rate), at)
        self.utterances.append(utterance)
        return utterance

    async def agent_speaks(self, timeout_s: float = REPLY_WITHIN_S) -> float:
        """When the first voice of the agent since the latest utterance began was heard, seconds.

        Raises TimeoutError and CallDropped.
        """
        since = self.utterances[-1].start if self.utterances else 0.0

        def voices() -> list[float]:
            return [at for at in self.loudspeaker.speaking_since.values() if at >= since]

        await self.wait_for(lambda: bool(voices()), timeout_s)
        return min(voices())

    @property
    def began_at(self) -> float:
        """The call's time 0 in seconds of the event loop."""
        return self._began

    async def type(self, text: str, id: int = 0) -> Utterance:
        """The line was sent as a whole turn; `id` counts the session's lines. Raises CallDropped."""
        utterance = Utterance(self.now, silence(0, self.microphone.rate), text, is_sent=True)
        self.utterances.append(utterance)
        await self._send(native.TypedText(text, id))
        return utterance

    async def interrupt(self) -> None:
        """The agent was told to stop. Raises CallDropped."""
        await self._send(native.Interrupt())

    async def ping(self) -> None:
        """The server was asked for a `pong`. Raises CallDropped."""
        await self._send(native.Ping())

    async def drop(self) -> None:
        """The connection broke, and the caller has noticed."""
        self._line.abort()
        with suppress(CallDropped):
            await self.wait_for(lambda: False, GOODBYE_S)

    async def wait_for(self, is_true: Callable[[], bool], timeout_s: float | None = None) -> None:
        """`is_true()` holds; it is asked after every message and every 20 ms.

        Raises TimeoutError after `timeout_s`, and CallDropped when the call ends first.
        """
        async with asyncio.timeout(timeout_s):
            while not is_true():
                if self.dropped is not None:
                    raise self.dropped
                if self._changed is None:
                    self._changed = asyncio.get_running_loop().create_future()
                await asyncio.shield(self._changed)

    async def wait_idle(self, timeout_s: float = REPLY_WITHIN_S, settle_s: float = SETTLE_S) -> None:
        """The agent is idle, all it said was played, and so it has been for `settle_s`.

        Raises TimeoutError and CallDropped.
        """
        since: float | None = None

        def is_settled() -> bool:
            nonlocal since
            if not self.is_idle:
                since = None
                return False
            since = self.now if since is None else since
            return self.now - max(since, self._last_news) >= settle_s

        await self.wait_for(is_settled, timeout_s)

    async def wait_reply(self, utterance: Utterance, timeout_s: float = REPLY_WITHIN_S) -> None:
        """A reply to the utterance was heard to its end.

        Raises TimeoutError when `timeout_s` pass without any sound or news of the server, or when the reply
        goes on for more than `LONGEST_REPLY_S`; and CallDropped.
        """
        deadline = utterance.end + LONGEST_REPLY_S
        since: float | None = None
        is_late = False

        def is_over() -> bool:
            nonlocal since, is_late
            now = self.now
            alive = max(utterance.end, self._last_news, self.loudspeaker.sounded_until)
            is_late = now > deadline or now - alive > timeout_s
            if not (self.is_idle and self._has_answer(utterance)):
                since = None
                return is_late
            since = now if since is None else since
            return now - max(since, self._last_news) >= SETTLE_S or is_late

        await self.wait_for(is_over)
        if is_late:
            raise TimeoutError(f"no finished reply within {timeout_s:g} s")

    async def hang_up(self) -> None:
        """The server knows that the call is over, and had `GOODBYE_S` to agree; nothing if it ended it."""
        if self._has_hung_up or self.dropped is not None:
            return
        self._has_hung_up = True
        try:
            await self._send(native.Bye())
            await self.wait_for(lambda: False, GOODBYE_S)
        except (CallDropped, TimeoutError):
            return

    def recording(self) -> tuple[Pcm, Pcm]:
        """(what the caller said, what the caller heard), equally long, at the loudspeaker's rate."""
        said = at_rate(Pcm(bytes(self.microphone.recorded), self.microphone.rate), self.loudspeaker.rate)
        heard = self.loudspeaker.recording(said.seconds)
        return said, Pcm(heard.tobytes(), self.loudspeaker.rate)

    # ---- what goes on meanwhile --------------------------------------------------------------------------
    async def _read_ready(self) -> native.Ready:
        """The server's `ready`. What it says instead, it says as an error."""
        refusal: native.Refused | None = None
        try:
            while True:
                text = await self._line.receive()
                message = native.decode_server(text) if isinstance(text, str) else None
                if isinstance(message, native.Ready):
                    return message
                if isinstance(message, native.Refused):
                    refusal = message
        except CallDropped as dropped:
            said = refusal.message if refusal else str(dropped)
            raise CallerError(f"the server did not take the call: {said}", code="refused") from None

    def _has_answer(self, utterance: Utterance) -> bool:
        """An answer was announced since the utterance began, in a turn of which something was played."""
        return any(
            arrived.at >= utterance.start
            and isinstance(arrived.message, native.Sentence)
            and arrived.message.purpose not in NOT_ANSWERS
            and self.loudspeaker.played(arrived.message.turn) > 0
            for arrived in reversed(self.messages)
        )

    async def _listen(self) -> None:
        """Everything the server sends takes effect, until the call ends."""
        try:
            while True:
                message = await self._line.receive()
                if isinstance(message, bytes):
                    self._last_news = now = self.now
                    frame = native.decode_audio(message)
                    self.loudspeaker.take(frame, now)
                    self.frames.append((now, frame.turn, self.loudspeaker.received(frame.turn)))
                else:
                    await self._obey(native.decode_server(message))
                self._wake()
        except CallDropped as dropped:
            self._drop(dropped)
        except CallerError as error:
            self._drop(CallDropped(1002, f"the server sent what the protocol does not know: {error}"))

    async def _obey(self, message: ServerMessage) -> None:
        now = self.now
        arrived = Arrived(now, message, len(self.frames))
        self.messages.append(arrived)
        self._last_news = now
        match message:
            case native.PhaseIs(phase):
                self.phase = phase
            case native.Hold(turn):
                self.loudspeaker.hold(turn, now)
            case native.Resume(turn):
                self.loudspeaker.resume(turn, now)
            case native.Clear(turn):
                await self._send(self.loudspeaker.clear(turn, now))
            case _:
                pass
        if self.on_message is not None:
            self.on_message(arrived)

    async def _run_devices(self) -> None:
        """Every frame of the microphone leaves when it is full; acknowledgements leave with it.

        The schedule is the loop's clock, not the sum of the sleeps: being late once delays nothing after it.
        """
        frame_s = self.microphone.frame_samples / self.microphone.rate
        try:
            while True:
                full_at = (self.microphone.captured + self.microphone.frame_samples) / self.microphone.rate
                await asyncio.sleep(min(frame_s, max(0.0, full_at - self.now)))
                for frame in self.microphone.due(self.now):
                    self.network.take(frame, self.now)
                for frame in self.network.due(self.now):
                    await self._line.send(frame)
                for ack in self.loudspeaker.acks(self.now):
                    await self._send(ack)
                self._wake()
        except CallDropped as dropped:
            self._drop(dropped)

    async def _send(self, message: ClientMessage) -> None:
        await self._line.send(native.encode(message))

    def _drop(self, dropped: CallDropped) -> None:
        if self.dropped is None:
            self.dropped = dropped
        self._wake()

    def _wake(self) -> None:
        if self._changed is not None:
            self._changed.set_result(None)
            self._changed = None


NOT_ANSWERS = frozenset({"filler", "greeting", "prompt"})
"Purposes of sentences that answer nothing. An apology is an answer: the agent says why there is no other."


@asynccontextmanager
async def call(
    url: str,
    *,
    agent: str = "tutor",
    greet: bool = False,
    rate: int = 16_000,
    play_rate: int = 24_000,
    jitter_s: float = 0.010,
    key: str = "",
) -> AsyncIterator[Caller]:
    """A call to the server at `url` (http, https, ws or wss; the path is found). Raises SetupError.

    `key`: a token to call, for a server where one must sign in.
    """
    line = await open_line(url, key)
    hello = native.Hello(agent, rate=rate, play_rate=play_rate, client="antiphon caller", greet=greet)
    try:
        async with Caller(line, hello, jitter_s=jitter_s) as caller:
            yield caller
    finally:
        await line.close()
