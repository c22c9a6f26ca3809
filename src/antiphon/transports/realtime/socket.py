"""A WebSocket that speaks OpenAI's Realtime protocol, as the transport of one session."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from antiphon.agent.definition import Brief
from antiphon.agent.tools import Person, Run, Tool
from antiphon.core import events as e
from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.core.notes import ConnectionLost, Note, PersonAsked, SoundSent
from antiphon.transports.outflow import Outflow
from antiphon.transports.realtime import g711
from antiphon.transports.realtime.dialogue import Dialogue
from antiphon.transports.realtime.playing import Playing
from antiphon.transports.waiting import Wait
from antiphon.wire import openai_realtime as rt

LEAD = 2.0
"""Seconds of sound sent ahead of the ear. These clients expect sound faster than it is played, and say themselves
where they stopped; with less, a network's hiccup would be heard, with all of it, nobody could interrupt."""
TICK = 0.05
"Seconds between two looks at how far the player is."
TRUNCATE_WITHIN = 0.3
"Seconds a client has to say where it stopped; then it is where the clock says."
MAX_BACKLOG = 4000
MAX_REFUSALS = 200
"Errors that are told before the connection is closed."
FUNCTION_WITHIN = 60.0
"Seconds that a client's function may take."
_RATES: dict[type[rt.Format], int] = {rt.Pcm: 24_000, rt.Pcmu: g711.RATE, rt.Pcma: g711.RATE}

Incoming = e.UserEvent | e.ProgramEvent | e.Played | e.PlayoutCleared | PersonAsked | ConnectionLost


class RealtimeSocket:
    """One client on one WebSocket, from `session.created` on."""

    def __init__(
        self,
        socket: WebSocket,
        name: str,
        session: rt.AnySession,
        new_id: Callable[[str], str],
        admits: Callable[[float, int], bool] | None = None,
    ) -> None:
        """`name` makes the ids of events unlike any other's. `admits`: whether a message is within the limits."""
        self._socket = socket
        self._admits = admits
        self._codec = rt.ServerSide(name)
        self._control: deque[str] = deque()
        self._incoming: deque[Incoming] = deque()
        self._due = asyncio.Event()
        self._wait = Wait()
        self._playing = Playing()
        self._clock = asyncio.get_running_loop().time
        self._timers: list[asyncio.TimerHandle] = []
        self._hear: Callable[[Pcm], None] | None = None
        self._heard_seconds = 0.0
        self._clearing: e.TurnId = 0
        "The turn that was cleared and whose player has not said where it stopped."
        self._refusals = 0
        self._close: tuple[int, str] | None = None
        self.dialogue = Dialogue(session, new_id, self._say, self._tell, self._truncated)
        self._outflow = Outflow(self._play_rate, LEAD)

    @property
    def heard_seconds(self) -> float:
        """Sound that the caller has sent."""
        return self._heard_seconds

    def brief(self) -> Brief:
        """What the client asks of the agent."""
        tools = tuple(
            Tool(
                function.name,
                function.description or "",
                _runner(self, function.name),
                function.parameters or {"type": "object", "properties": {}},
                writes=True,
                timeout_s=FUNCTION_WITHIN,
            )
            for function in self.dialogue.functions
        )
        return Brief(self.dialogue.instructions, tools)

    async def call(self, name: str, arguments: Mapping[str, object]) -> object:
        """The client has called its function; what it gave. Safe to cancel."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def answered(output: str) -> None:
            if not answer.done():
                answer.set_result(output)

        self.dialogue.call(name, dict(arguments), answered)
        self._due.set()
        output = await answer
        try:
            found: object = json.loads(output)
        except ValueError:
            return output
        return found

    # ---- out -------------------------------------------------------------------------------------------
    def _say(self, event: rt.ServerEvent) -> None:
        if len(self._control) >= MAX_BACKLOG:
            self._fail(1008, "the client does not read")
            return
        self._control.append(self._codec.encode(event))
        self._due.set()

    def play(self, turn: e.TurnId, sentence: int, pcm: Pcm) -> None:
        self._outflow.play(turn, sentence, pcm)
        self._due.set()

    def relay(self, pcm: Pcm) -> None:
        """A person's live voice has no place in this protocol yet: the client is told their words."""

    def hold(self, turn: e.TurnId) -> None:
        """The client plays on what it has, and gets no more."""
        self._outflow.hold()

    def resume(self, turn: e.TurnId) -> None:
        self._outflow.resume()
        self._due.set()

    def clear(self, turn: e.TurnId) -> None:
        self._advance()
        self._outflow.clear(turn)
        self._clearing = turn
        self._after(TRUNCATE_WITHIN, lambda: self._settle_clearing(turn))

    def show(self, news: e.Event | e.Command | Note) -> None:
        self.dialogue.show(news, self._ms)
        self._due.set()

    def _ms(self, at: float) -> int:
        """Where in the user's sound the moment lies: the sound that came last is that of now."""
        return max(0, self.dialogue.heard_ms - max(0, round((self._clock() - at) * 1000)))

    async def run(self, emit: Callable[[SoundSent], None], hear: Callable[[Pcm], None]) -> None:
        """Send what is due, until the connection is gone or this is cancelled."""
        self._hear = hear
        self._tick()
        sentence_sent = (0, -1)
        try:
            while self._close is None:
                self._due.clear()
                self.dialogue.settle(self._outflow.turn, self._outflow.given_out)
                while self._control:
                    await self._socket.send_text(self._control.popleft())
                if (frame := self._outflow.next()) is not None:
                    if not self.dialogue.is_text:
                        samples = len(frame.data) // BYTES_PER_SAMPLE
                        self.dialogue.sent(frame.turn, frame.offset, samples, self._encoded(frame.data))
                    if (frame.turn, frame.sentence) > sentence_sent:
                        sentence_sent = (frame.turn, frame.sentence)
                        emit(SoundSent(frame.turn, frame.sentence))
                    continue
                if not self._control:
                    await self._due.wait()
        except (WebSocketDisconnect, RuntimeError, OSError):
            # The socket closed under a write. `receive` reads the same end and reports it.
            return
        finally:
            self._hear = None
            for timer in self._timers:
                timer.cancel()

    # ---- what the listener has heard --------------------------------------------------------------------
    def _tick(self) -> None:
        self._advance()
        self._timers = [
            timer for timer in self._timers if not timer.cancelled() and timer.when() > self._clock()
        ]
        self._after(TICK, self._tick)

    def _advance(self) -> None:
        """The player is as far as the clock says, and the conversation knows."""
        flow = self._outflow
        before = flow.played
        at = flow.sent
        if not self.dialogue.is_text:
            at = self._playing.played(flow.turn, flow.sent, flow.rate, self._clock())
        count = flow.acknowledge(flow.turn, at)
        if flow.played > before and count is not None:
            self._due.set()
            self._hand_in(e.Played(flow.turn, count))

    def _truncated(self, turn: e.TurnId, samples: int) -> None:
        count = self._outflow.stop_at(turn, samples)
        if count is not None:
            self._clearing = 0
            self._hand_in(e.PlayoutCleared(turn, count))

    def _settle_clearing(self, turn: e.TurnId) -> None:
        if self._clearing == turn:
            self._clearing = 0
            self._hand_in(e.PlayoutCleared(turn, self._outflow.acknowledge(turn, 0) or 0))

    # ---- in --------------------------------------------------------------------------------------------
    async def receive(self) -> Incoming:
        while True:
            if self._incoming:
                return self._incoming.popleft()
            if self._close is not None:
                await self.close(*self._close)
                return e.HungUp(self._close[1])
            message = await self._wait.wait_for(self._socket.receive())
            if message is None:
                continue
            if message["type"] == "websocket.disconnect":
                return e.HungUp(f"the connection closed ({message.get('code', 1006)})")
            try:
                self._take(message)
            except rt.EventRefused as refused:
                self._refuse(refused)

    def _take(self, message: Mapping[str, object]) -> None:
        text = message.get("text")
        if not isinstance(text, str):
            raise rt.EventRefused("Events are text, not binary.", code="invalid_json")
        if self._admits is not None and not self._admits(self._clock(), len(text)):
            raise rt.EventRefused(
                "Events come faster than they are taken; slow down.", code="rate_limit_exceeded"
            )
        event = self._codec.decode(text)
        try:
            if isinstance(event, rt.AppendAudio):
                self._take_sound(event.audio)
            else:
                self.dialogue.take(event)
                if isinstance(event, rt.UpdateSession) and self._outflow.rate != self._play_rate:
                    self._outflow = Outflow(self._play_rate, LEAD)
                    self.dialogue.play_rate = self._play_rate
        except rt.EventRefused as refused:
            refused.event_id = event.event_id
            raise
        self._due.set()

    def _take_sound(self, data: bytes) -> None:
        match self.dialogue.input.format:
            case rt.Pcm(rate):
                if len(data) % BYTES_PER_SAMPLE:
                    raise rt.EventRefused("Sound of 16 bits has an even number of bytes.", param="audio")
                sound = Pcm(data, rate)
            case rt.Pcmu():
                sound = Pcm(g711.from_ulaw(data), g711.RATE)
            case rt.Pcma():
                sound = Pcm(g711.from_alaw(data), g711.RATE)
        self._heard_seconds += sound.seconds
        self.dialogue.heard_ms = round(self._heard_seconds * 1000)
        if self._hear is not None and data:
            self._hear(sound)

    def _tell(self, told: e.UserEvent | e.ProgramEvent) -> None:
        self._hand_in(told)

    def _hand_in(self, item: Incoming) -> None:
        self._incoming.append(item)
        self._wait.call_off()

    def _refuse(self, refused: rt.EventRefused) -> None:
        self._say(rt.error_event(refused))
        self._refusals += 1
        if self._refusals >= MAX_REFUSALS:
            self._fail(1008, "too many unacceptable events")

    # ---- the connection --------------------------------------------------------------------------------
    @property
    def _format(self) -> rt.Format:
        session = self.dialogue.session
        return session.audio.output.format if isinstance(session, rt.Session) else rt.Pcm()

    @property
    def _play_rate(self) -> int:
        return _RATES[type(self._format)]

    def _encoded(self, data: bytes) -> bytes:
        match self._format:
            case rt.Pcmu():
                return g711.to_ulaw(data)
            case rt.Pcma():
                return g711.to_alaw(data)
            case _:
                return data

    def _after(self, seconds: float, then: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(seconds, then))

    def _fail(self, code: int, reason: str) -> None:
        self._close = self._close or (code, reason)
        self._due.set()
        self._wait.call_off()

    async def close(self, code: int, reason: str = "") -> None:
        """The connection, which may be closed already, is closed with `code`, after what was to be sent by then."""
        if self._socket.application_state is WebSocketState.CONNECTED:
            try:
                async with asyncio.timeout(1.0):
                    while self._control and self._close is None:
                        await self._socket.send_text(self._control.popleft())
                    await self._socket.close(code, reason[:120])
            except (WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
                return


def _runner(socket: RealtimeSocket, name: str) -> Run:
    async def run(caller: Person, arguments: Mapping[str, object]) -> object:
        return await socket.call(name, arguments)

    return run
