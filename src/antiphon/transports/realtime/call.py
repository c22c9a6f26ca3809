"""One client of OpenAI's protocol as the transport of a session: its events, its sound, and whoever stands beside."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping

from antiphon.agent.definition import Brief
from antiphon.agent.tools import Person, Run, Tool
from antiphon.core import events as e
from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.core.notes import ConnectionLost, Note, PersonAsked, SoundSent
from antiphon.transports.realtime.beside import Answerer
from antiphon.transports.realtime.dialogue import Dialogue
from antiphon.transports.realtime.forms import decoded, encoded, rate_of, written
from antiphon.transports.realtime.lines import LARGEST_EVENT, Came, Line, LineGone, TooLong
from antiphon.transports.realtime.voice import SentVoice, Voice
from antiphon.transports.waiting import Wait
from antiphon.wire import openai_realtime as rt

TICK = 0.05
"Seconds between two looks at how far the player is."
TRUNCATE_WITHIN = 0.3
"Seconds a client has to say where it stopped; then it is where we think."
MAX_BACKLOG = 4000
"Events waiting to be sent before a client counts as one that never reads."
MAX_REFUSALS = 200
"Errors that are told before the connection is closed."
PIECE_S, FASTEST = 1.0, 25.0
"""Seconds of sound that the ears are given at a time, and how many times faster than it was spoken: what a client sends
as one event may last for minutes, and ears that fall behind by ten seconds drop what comes."""
FUNCTION_WITHIN = 60.0
"Seconds that a client's function may take."

Incoming = e.UserEvent | e.ProgramEvent | e.Played | e.PlayoutCleared | PersonAsked | ConnectionLost


class RealtimeCall:
    """One client, from `session.created` on. Its events go over `line`; others may read along, and act as it does."""

    def __init__(
        self,
        line: Line,
        name: str,
        session: rt.AnySession,
        new_id: Callable[[str], str],
        admits: Callable[[float, int], bool] | None = None,
        voice: Voice | None = None,
        session_id: str = "",
    ) -> None:
        """`name` makes the ids of events unlike any other's. `admits`: whether a message is within the limits.
        `session_id`: what the client is told that the session is called.

        With a `voice` of its own the sound takes another way than the events (WebRTC): see `hear`.
        """
        self._line = line
        self._admits = admits
        self._codec = rt.ServerSide(name, session_id=session_id, longest=LARGEST_EVENT)
        self._outgoing: deque[str] = deque()
        self._incoming: deque[Incoming] = deque()
        self._long: deque[Pcm] = deque()
        "Sound that came at once and is heard piece by piece."
        self._beside: list[Callable[[str], None]] = []
        self._due = asyncio.Event()
        self._wait = Wait()
        self._clock = asyncio.get_running_loop().time
        self._timer: asyncio.TimerHandle | None = None
        self._hear: Callable[[Pcm], None] | None = None
        self._heard_seconds = 0.0
        self._clear_by: float | None = None
        "When the player that was told to stop is taken at our word where it did."
        self._refusals = 0
        self._close: tuple[int, str] | None = None
        self.dialogue = Dialogue(
            session,
            new_id,
            self._say,
            self._hand_in,
            self._stopped,
            is_played_here=voice is not None,
            player=voice.player if voice is not None else None,
            clock=self._clock,
            encode=encoded,
        )
        self._answerer: Answerer | None = None
        self._given_rate = 24_000
        "Samples a second of the voice as it is made."
        self._form = self._format
        "Of the sound that is being sent."
        self._voice = voice or SentVoice(rate_of(self._form), self._clock, lambda: self.dialogue.is_text)
        self.dialogue.play_rate = self._voice.rate

    @property
    def heard_seconds(self) -> float:
        """Sound that the caller has sent."""
        return self._heard_seconds

    # ---- what the client adds to the agent --------------------------------------------------------------
    def brief(self) -> Brief:
        """What the client asks of the agent."""
        tools = tuple(
            Tool(
                function.name,
                function.description or "",
                self._runner(function.name),
                function.parameters or {"type": "object", "properties": {}},
                writes=True,  # for all we know
                timeout_s=FUNCTION_WITHIN,
                is_parallel=self.dialogue.calls_side_by_side,
            )
            for function in self.dialogue.functions
        )
        dialogue = self.dialogue
        return Brief(dialogue.instructions, tools, dialogue.must_call, dialogue.most_tokens)

    def _runner(self, name: str) -> Run:
        async def run(caller: Person, arguments: Mapping[str, object]) -> object:
            """The client has called its function; what it gave."""
            answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

            def answered(text: str) -> None:
                if not answer.done():
                    answer.set_result(text)

            self.dialogue.called.call(name, dict(arguments), answered)
            self._due.set()
            output = await answer
            try:
                found: object = json.loads(output)
            except ValueError:
                return output
            return found

        return run

    def stand_by(self, answerer: Answerer) -> None:
        """Who answers beside the conversation, and makes out the words of sound that was written as an item."""
        self._answerer = answerer
        self.dialogue.stand_by(answerer)

    # ---- whoever stands beside ---------------------------------------------------------------------------
    def read_along(self, post: Callable[[str], None]) -> Callable[[], None]:
        """`post` is given every event that is sent from here on. Returns what ends that."""
        self._beside.append(post)
        return lambda: self._beside.remove(post)

    def introduction(self) -> str:
        """What somebody who begins to read along is told first."""
        return self._codec.encode(rt.SessionCreated(self.dialogue.session))

    def take(self, text: Came, answer: Callable[[str], None] | None = None) -> None:
        """What a client sent has its effect; an error is told to `answer` alone, or else to the client of the line."""
        try:
            self._take(text)
        except rt.EventRefused as refused:
            told = self._codec.encode(rt.error_event(refused))
            if answer is not None:
                answer(told)
                return
            self._post(told)
            self._refusals += 1
            if self._refusals >= MAX_REFUSALS:
                self._fail(1008, "too many unacceptable events")

    # ---- out -------------------------------------------------------------------------------------------
    def _say(self, event: rt.ServerEvent) -> None:
        text = self._codec.encode(event)
        self._post(text)
        for post in self._beside:
            post(text)

    def _post(self, text: str) -> None:
        if len(self._outgoing) >= MAX_BACKLOG:
            self._fail(1008, "the client does not read")
            return
        self._outgoing.append(text)
        self._due.set()

    def play(self, turn: e.TurnId, sentence: int, pcm: Pcm) -> None:
        self._given_rate = pcm.rate
        if turn != self._voice.turn:
            self._reform()
        self._voice.play(turn, sentence, pcm)
        self._due.set()

    def relay(self, pcm: Pcm) -> None:
        """A person's live voice has no place in this protocol: the client is told their words."""

    def hold(self, turn: e.TurnId) -> None:
        self._voice.hold()

    def resume(self, turn: e.TurnId) -> None:
        self._voice.resume()
        self._due.set()

    def clear(self, turn: e.TurnId) -> None:
        self._advance()
        self._voice.clear(turn)
        if self.dialogue.is_played_here:
            self.dialogue.thrown_away(turn, self._voice.stopped_at(turn))
            self._hand_in(e.PlayoutCleared(turn, self._voice.stopped(turn)))
        else:
            self._clear_by = self._clock() + TRUNCATE_WITHIN

    def show(self, news: e.Event | e.Command | Note) -> None:
        self.dialogue.show(news, self._ms)
        self._due.set()

    def _ms(self, at: float) -> int:
        """Where in the user's sound the moment lies: the sound that came last is that of now."""
        return max(0, self.dialogue.heard_ms - max(0, round((self._clock() - at) * 1000)))

    async def run(self, emit: Callable[[SoundSent], None], hear: Callable[[Pcm], None]) -> None:
        """Send what is due, until the line is gone or this is cancelled."""
        self._hear = hear
        self._tick()
        sentence_sent = (0, -1)
        try:
            while self._close is None:
                self._due.clear()
                self.dialogue.settle(self._voice.turn, self._voice.given_out)
                while self._outgoing:
                    await self._line.send(self._outgoing.popleft())
                if (frame := self._voice.next()) is not None:
                    if not self.dialogue.is_text:
                        samples = len(frame.data) // BYTES_PER_SAMPLE
                        self.dialogue.sent(frame.turn, frame.offset, samples, written(frame.data, self._form))
                    if (frame.turn, frame.sentence) > sentence_sent:
                        sentence_sent = (frame.turn, frame.sentence)
                        emit(SoundSent(frame.turn, frame.sentence))
                elif not self._outgoing:
                    await self._due.wait()
        except LineGone:
            return  # `receive` reads the same end and reports it
        finally:
            self._hear = None
            if self._timer is not None:
                self._timer.cancel()

    # ---- what the listener has heard ---------------------------------------------------------------------
    def _tick(self) -> None:
        self._advance()
        if self._clear_by is not None and self._clock() >= self._clear_by:
            self._clear_by = None
            turn = self._voice.turn
            self._hand_in(e.PlayoutCleared(turn, self._voice.stopped(turn)))
        self._timer = asyncio.get_running_loop().call_later(TICK, self._tick)

    def _advance(self) -> None:
        """The player is as far as we know, and the conversation knows it too."""
        if (count := self._voice.advance()) is not None:
            self._hand_in(e.Played(self._voice.turn, count))
            self._due.set()
        if self.dialogue.is_played_here:
            self.dialogue.advance()
            if self._voice.is_played_out:
                self.dialogue.played_out()

    def _stopped(self, turn: e.TurnId, seconds: float) -> None:
        """The client's player stopped there, and nobody knows better."""
        if self._voice.stop_at(turn, round(seconds * self._voice.rate)) is not None:
            self._clear_by = None
        self._hand_in(e.StoppedAt(turn, round(seconds * self._given_rate)))

    # ---- in ----------------------------------------------------------------------------------------------
    async def receive(self) -> Incoming:
        while True:
            if self._incoming:
                return self._incoming.popleft()
            if self._close is not None:
                await self._line.close(*self._close)
                return e.HungUp(self._close[1])
            if self._long:
                self.hear(self._long.popleft())
                await asyncio.sleep(PIECE_S / FASTEST)
                continue
            try:
                text = await self._wait.wait_for(_whole(self._line))
            except LineGone as gone:
                return e.HungUp(str(gone))
            if text is not None:
                self.take(text[0])
                await self._make_out()

    async def _make_out(self) -> None:
        """What the client wrote in sound is known in words, before anything that came after it."""
        for item, data in self.dialogue.unheard():
            sound = decoded(data, self.dialogue.input.format)
            words = await self._answerer.words(sound) if self._answerer is not None else ""
            self.dialogue.made_out(item, words)

    def hear(self, pcm: Pcm) -> None:
        """The user's sound has come, on whatever way."""
        self._heard_seconds += pcm.seconds
        self.dialogue.heard_ms = round(self._heard_seconds * 1000)
        if self._hear is not None and pcm.data:
            self._hear(pcm)

    def _append(self, pcm: Pcm) -> None:
        """The sound is heard: a long one piece by piece, before anything that came after it."""
        if not self._long and pcm.seconds <= PIECE_S:
            self.hear(pcm)
            return
        size = round(PIECE_S * pcm.rate) * BYTES_PER_SAMPLE
        self._long.extend(Pcm(pcm.data[at : at + size], pcm.rate) for at in range(0, len(pcm.data), size))
        self._wait.call_off()

    def _take(self, text: Came) -> None:
        if text is None:
            raise rt.EventRefused("Events are text, not binary.", code="invalid_json")
        if isinstance(text, TooLong):
            most = f"An event may hold at most {LARGEST_EVENT} bytes"
            raise rt.EventRefused(f"{most}, got {text.size}.", code="string_above_max_length")
        if self._admits is not None and not self._admits(self._clock(), len(text)):
            raise rt.EventRefused(
                "Events come faster than they are taken; slow down.", code="rate_limit_exceeded"
            )
        event = self._codec.decode(text)
        try:
            if isinstance(event, rt.AppendAudio):
                self._append(decoded(event.audio, self.dialogue.input.format))
            else:
                self.dialogue.take(event)
        except rt.EventRefused as refused:
            refused.event_id = event.event_id
            raise
        self._due.set()

    def _hand_in(self, item: Incoming) -> None:
        self._incoming.append(item)
        self._wait.call_off()

    # ---- the sound's form --------------------------------------------------------------------------------
    @property
    def _format(self) -> rt.Format:
        session = self.dialogue.session
        return session.audio.output.format if isinstance(session, rt.Session) else rt.Pcm()

    def _reform(self) -> None:
        """The voice has the form that the session is set to, from its next turn on."""
        if self._form != self._format:
            self._form = self._format
            if not self.dialogue.is_played_here:
                self._voice = SentVoice(rate_of(self._form), self._clock, lambda: self.dialogue.is_text)
                self.dialogue.play_rate = self._voice.rate

    # ---- the end -----------------------------------------------------------------------------------------
    def _fail(self, code: int, reason: str) -> None:
        self._close = self._close or (code, reason)
        self._due.set()
        self._wait.call_off()

    def hang_up(self, reason: str) -> None:
        """The call ends, as if its client had left."""
        self._fail(1000, reason)

    async def close(self, code: int, reason: str = "") -> None:
        """The line, which may be closed already, is closed with `code`, after what was to be sent by then."""
        try:
            async with asyncio.timeout(1.0):
                while self._outgoing and self._close is None:
                    await self._line.send(self._outgoing.popleft())
        except (LineGone, TimeoutError):
            pass
        await self._line.close(code, reason)


async def _whole(line: Line) -> tuple[Came]:
    """What was read, told apart from a wait that was called off."""
    return (await line.read(),)
