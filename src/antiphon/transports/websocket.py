"""The single bidirectional WebSocket as a transport: sound and control, both ways, on one connection."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from antiphon.core import events as e
from antiphon.core.audio import Pcm, silence
from antiphon.core.errors import CallerError
from antiphon.core.notes import ConnectionLost, Note, SoundSent
from antiphon.transports.live import LiveFlow
from antiphon.transports.outflow import Outflow
from antiphon.transports.patience import Patience
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

Incoming = Pcm | e.UserEvent | e.Played | e.PlayoutCleared | ConnectionLost


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
        self.heard_seconds = 0.0
        "Sound that the caller has sent."
        self._admits = admits
        self._socket = socket
        self._rate = hello.rate
        self._outflow = Outflow(hello.play_rate, lead)
        self._control: deque[str] = deque()
        self._due = asyncio.Event()
        self._refusals = 0
        self._news = News()
        self._live = LiveFlow(hello.play_rate)
        self._has_sound = False
        self._acked_at = 0.0
        self._sentence_sent = (0, -1)
        self._close: tuple[int, str] | None = None
        self._patience = Patience(GAP)

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
            self._acked_at = asyncio.get_running_loop().time()
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
        self._acked_at = asyncio.get_running_loop().time()
        self.send(native.Resume(turn))

    def clear(self, turn: e.TurnId) -> None:
        self._outflow.clear(turn)
        self.send(native.Clear(turn))

    def show(self, news: e.Event | e.Command | Note) -> None:
        if (message := self._news.shown(news)) is not None:
            self.send(message)

    async def run(self, emit: Callable[[SoundSent], None]) -> None:
        """Send what is due, control before sound, until the connection is gone or this is cancelled."""
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

    # ---- in --------------------------------------------------------------------------------------------
    async def receive(self) -> Incoming:
        while True:
            if self._close is not None:
                code, reason = self._close
                await self.close(code, reason)
                return ConnectionLost(reason) if code == NOT_THERE else e.HungUp(reason)
            message = await self._patience.wait_for(self._socket.receive())
            if self._outflow.is_waiting_for_acks and self._patience.now - self._acked_at > ACK_WITHIN:
                self._fail(NOT_THERE, "playout is not acknowledged: send `played` while you play")
            if message is None:
                if self._has_sound:
                    return silence(GAP, self._rate)
                continue
            if message["type"] == "websocket.disconnect":
                code = message.get("code", 1006)
                told = f"the connection closed ({code})"
                return e.HungUp(told) if code == 1000 else ConnectionLost(told)
            try:
                if (got := self._take(message.get("text"), message.get("bytes"))) is not None:
                    return got
            except CallerError as error:
                self._refuse(error)

    def _take(self, text: str | None, data: bytes | None) -> Incoming | None:
        size = len(data) if data is not None else len(text or "")
        if self._admits is not None and not self._admits(self._patience.now, size):
            raise CallerError("messages come faster than they are taken; slow down", code="too_many")
        if data is not None:
            self._has_sound = True
            sound = native.check_audio(data)
            self.heard_seconds += len(sound) / (2 * self._rate)
            return Pcm(sound, self._rate) if sound else None
        match native.decode_client(text or ""):
            case native.PlayedAck(turn, samples, cleared):
                self._acked_at = asyncio.get_running_loop().time()
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
