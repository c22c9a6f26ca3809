"""The single bidirectional WebSocket as a transport: sound and control, both ways, on one connection."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from antiphon.core import events as e
from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm, silence
from antiphon.core.errors import CallerError
from antiphon.core.notes import ConnectionLost, Note, PersonAsked, SoundSent
from antiphon.transports.intake import SOUND, Listen
from antiphon.transports.live import LiveFlow
from antiphon.transports.outflow import Outflow
from antiphon.transports.waiting import Wait
from antiphon.wire import native
from antiphon.wire.news import News

NOT_THERE = 4408
"Close code for a client that does not read, or does not say what it plays: it may have been asleep."
MAX_REFUSALS = 20
"Unacceptable messages before the connection is closed."
MAX_BACKLOG = 2000
"Control messages waiting to be sent before the client counts as one that never reads."
ACK_WITHIN = 5.0
"Seconds without an acknowledgement, while sound is due, before the connection is closed."
GAP = 0.25
"Seconds without sound from a caller who had been sending it, after which silence stands for it."

Incoming = e.UserEvent | e.Played | e.PlayoutCleared | PersonAsked | ConnectionLost


class WebSocketTransport:
    """One caller on one WebSocket, after `hello`."""

    def __init__(
        self,
        socket: WebSocket,
        hello: native.Hello,
        lead: float = 0.4,
        admits: Callable[[float, int], bool] | None = None,
    ) -> None:
        """`admits`, given seconds of any clock and bytes, says whether a message comes within its limits."""
        self._admits = admits
        self._socket = socket
        self._rate = hello.rate
        self._outflow = Outflow(hello.play_rate, lead)
        self._control: deque[str] = deque()
        self._due = asyncio.Event()
        self._refusals = 0
        self._news = News()
        self._live = LiveFlow(hello.play_rate)
        self._hear: Callable[[Pcm], None] | None = None
        self._heard_at: float | None = None
        self._heard_bytes = 0
        self._acked_at = 0.0
        self._sentence_sent = (0, -1)
        self._close: tuple[int, str] | None = None
        self._wait = Wait()
        self._tending: asyncio.TimerHandle | None = None
        self._clock = asyncio.get_running_loop().time
        extension = socket.scope.get("extensions", {}).get(SOUND, {})
        self._listen: Listen | None = extension.get("listen")

    @property
    def heard_seconds(self) -> float:
        """Sound that the caller has sent."""
        return self._heard_bytes / (BYTES_PER_SAMPLE * self._rate)

    # ---- out -------------------------------------------------------------------------------------------
    def send(self, message: native.ServerMessage) -> None:
        """The message will be sent after those before it and ahead of any sound. Never blocks."""
        if len(self._control) >= MAX_BACKLOG:
            self._fail(NOT_THERE, "the client does not read")
            return
        self._control.append(native.encode(message))
        self._due.set()

    def play(self, turn: e.TurnId, sentence: int, pcm: Pcm) -> None:
        if not self._outflow.is_waiting_for_acks:
            self._acked_at = self._clock()
        self._outflow.play(turn, sentence, pcm)
        self._due.set()

    def relay(self, pcm: Pcm) -> None:
        self._live.push(pcm)
        self._due.set()

    def hold(self, turn: e.TurnId) -> None:
        self._outflow.hold()
        self.send(native.Hold(turn))

    def resume(self, turn: e.TurnId) -> None:
        self._outflow.resume()
        self._acked_at = self._clock()
        self.send(native.Resume(turn))

    def clear(self, turn: e.TurnId) -> None:
        self._outflow.clear(turn)
        self.send(native.Clear(turn))

    def show(self, news: e.Event | e.Command | Note) -> None:
        if (message := self._news.shown(news)) is not None:
            self.send(message)

    async def run(self, emit: Callable[[SoundSent], None], hear: Callable[[Pcm], None]) -> None:
        """Send what is due, control before sound, until the connection is gone or this is cancelled."""
        self._hear = hear
        if self._listen is not None:
            self._listen(self._take_sound)
        self._tend(asyncio.get_running_loop())
        try:
            while self._close is None:
                while self._control:
                    await self._socket.send_text(self._control.popleft())
                if (live := self._live.next()) is not None:
                    await self._socket.send_bytes(native.encode_audio(live))
                if (frame := self._outflow.next()) is not None:
                    sound = native.AudioFrame(frame.turn, frame.offset, frame.data)
                    await self._socket.send_bytes(native.encode_audio(sound))
                    if (frame.turn, frame.sentence) > self._sentence_sent:
                        self._sentence_sent = (frame.turn, frame.sentence)
                        emit(SoundSent(frame.turn, frame.sentence))
                    continue
                if not self._live.is_empty:
                    continue
                self._due.clear()
                await self._due.wait()
        except (WebSocketDisconnect, RuntimeError, OSError):
            # The socket closed under a write. `receive` reads the same end and reports it.
            return
        finally:
            self._hear = None
            if self._listen is not None:
                self._listen(None)
            if self._tending is not None:
                self._tending.cancel()

    # ---- in --------------------------------------------------------------------------------------------
    async def receive(self) -> Incoming:
        while True:
            if self._close is not None:
                code, reason = self._close
                await self.close(code, reason)
                return ConnectionLost(reason) if code == NOT_THERE else e.HungUp(reason)
            message = await self._wait.wait_for(self._socket.receive())
            if message is None:
                continue
            if message["type"] == "websocket.disconnect":
                code = message.get("code", 1006)
                told = f"the connection closed ({code})"
                return e.HungUp(told) if code == 1000 else ConnectionLost(told)
            if (data := message.get("bytes")) is not None:
                self._take_sound(data)
                continue
            try:
                if (got := self._take(message.get("text") or "")) is not None:
                    return got
            except CallerError as error:
                self._refuse(error)

    def _take_sound(self, data: bytes) -> None:
        """The caller has sent sound. Does not raise: where the server gives the extension, it calls this itself."""
        if self._hear is None or self._close is not None:
            return
        try:
            self._heard_at = self._admit(len(data))
            sound = native.check_audio(data)
        except CallerError as error:
            self._refuse(error)
            return
        if sound:
            self._heard_bytes += len(sound)
            self._hear(Pcm(sound, self._rate))

    def _admit(self, size: int) -> float:
        """A message of `size` bytes is within the limits. Returns the loop's time."""
        now = self._clock()
        if self._admits is not None and not self._admits(now, size):
            raise CallerError("messages come faster than they are taken; slow down", code="too_many")
        return now

    def _tend(self, loop: asyncio.AbstractEventLoop) -> None:
        """Silence stands for sound that stayed away, and a player that says nothing is given up.

        One timer for both, which is set for when the sound will have been away for GAP if no more comes.
        """
        now = loop.time()
        if self._outflow.is_waiting_for_acks and now - self._acked_at > ACK_WITHIN:
            self._fail(NOT_THERE, "playout is not acknowledged: send `played` while you play")
        if self._heard_at is not None and now >= self._heard_at + GAP and self._hear is not None:
            self._heard_at = now
            self._hear(silence(GAP, self._rate))
        self._tending = loop.call_at((self._heard_at or now) + GAP, self._tend, loop)

    def _take(self, text: str) -> Incoming | None:
        self._admit(len(text))
        match native.decode_client(text):
            case native.PlayedAck(turn, samples, cleared):
                self._acked_at = self._clock()
                count = self._outflow.acknowledge(turn, samples)
                if self._outflow.has_more:
                    self._due.set()
                if count is None:
                    return None
                return e.PlayoutCleared(turn, count) if cleared else e.Played(turn, count)
            case native.TypedText(text, id):
                return e.Typed(text, id) if text.strip() else None
            case native.Interrupt():
                return e.InterruptAsked()
            case native.AskPerson():
                return PersonAsked()
            case native.Ping(id):
                self.send(native.Pong(id))
                return None
            case native.Bye():
                return e.HungUp("bye")
            case native.Hello():
                raise CallerError("hello was said already", field="type", code="unexpected")

    def _refuse(self, error: CallerError) -> None:
        self.send(native.Refused(error.code, str(error), error.field or ""))
        self._refusals += 1
        if self._refusals >= MAX_REFUSALS:
            self._fail(4400, "too many unacceptable messages")

    def _fail(self, code: int, reason: str) -> None:
        self._close = self._close or (code, reason)
        self._due.set()
        self._wait.call_off()

    async def close(self, code: int, reason: str = "") -> None:
        """The connection, which may be closed already, is closed with `code`, after what was to be sent by then.

        To a client that is at fault nothing more is sent: it may not read.
        """
        if self._socket.application_state is WebSocketState.CONNECTED:
            try:
                async with asyncio.timeout(1.0):
                    while self._control and self._close is None:
                        await self._socket.send_text(self._control.popleft())
                    await self._socket.close(code, reason[:120])
            except (WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
                return
