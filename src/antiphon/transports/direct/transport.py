"""A caller over HTTP as a transport: questions come in, sound is fetched, and how much was heard is told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.notes import ConnectionLost, JobChanged, Note, SoundSent
from antiphon.transports.direct.jobs import OPEN, Jobs
from antiphon.transports.live import LiveFlow
from antiphon.transports.outflow import Frame, Outflow
from antiphon.transports.playing import Playing
from antiphon.transports.waiting import Wait

PLAY_RATE = 24_000
"Samples a second of the sound that is fetched."
LEAD = 2.0
"Seconds of sound sent ahead of the ear: a page that is told to stop throws them away itself."
TICK = 0.05
"Seconds between two looks at how far a player is that does not tell."
FETCH_WITHIN = 3.0
"Seconds for a caller who never fetched sound to begin; then what was said to them counts as read."
AWAY_AFTER = 15.0
"Seconds without a request, and without a stream being read, after which the caller counts as lost."

Incoming = e.UserEvent | e.ProgramEvent | e.Played | e.PlayoutCleared | JobChanged | ConnectionLost


class DirectTransport:
    """One caller. Requests act through its methods; whoever fetches sound iterates over `sound`."""

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs
        self._flow = Outflow(PLAY_RATE, LEAD)
        self._live = LiveFlow(PLAY_RATE)
        self._incoming: deque[Incoming] = deque()
        self._wait = Wait()
        self._news = asyncio.Event()
        self._emit: Callable[[SoundSent], None] | None = None
        self._sentence_sent = (0, -1)
        self._cleared: e.TurnId = 0
        self._making = Making()
        self._has_fetched = False
        "Sound was asked for. Who never does reads."
        self._read: e.TurnId = 0
        self._whole: e.TurnId = 0
        self._whole_at = 0.0
        "When all sound of that turn was first seen to be made."
        self._playing: Playing | None = Playing()
        "Where a player is that does not tell; None: it does."
        self._readers: dict[str, object] = {}
        self._reading = 0
        self._is_over = False
        self._times: dict[str, tuple[datetime, datetime]] = {}
        "When each job was asked for, and when it changed last."
        self._clock = asyncio.get_running_loop().time
        self._seen_at = self._clock()
        # Whether the user speaks is the provider's to know: silence here says nothing.
        self._hand_in(e.TurnTakingSet(e.TurnEnd.ANSWERED, prompts_after=None))
        for job in jobs.pending:  # asked before the session went on here; said twice it counts once
            self._hand_in(e.Typed(job.question, job.number))

    # ---- what the caller does --------------------------------------------------------------------------
    def ask(self, question: str, call: str = "") -> JobChanged:
        """The question is a turn of its own. What is being said gives way to it; what nothing was heard of yet is
        answered with it."""
        self.seen()
        self._be_read()  # who goes on asking has read what there was
        job, is_new = self.jobs.asked(question, call)
        if is_new:
            self._hand_in(job)
            self._hand_in(e.Typed(question, job.number))
        return job

    async def taken(self, job: str) -> None:
        """The job is in the journal."""
        while job not in self._times and not self._is_over:
            await self.change()

    def times(self, job: str) -> tuple[datetime, datetime]:
        """When it was asked for, and when it changed last."""
        now = datetime.now(UTC)
        return self._times.get(job, (now, now))

    def is_reached(self, job: str, *, is_over: bool) -> bool:
        """The job is over, or, if that is not asked for, can be heard."""
        known = self.jobs.get(job)
        return known is None or known.status not in OPEN or (known.is_ready and not is_over)

    def interrupt(self) -> None:
        """The agent stops."""
        self.seen()
        self._hand_in(e.InterruptAsked())

    def played(self, turn: e.TurnId, samples: int, *, is_final: bool) -> None:
        """So many samples of the turn were played, at `PLAY_RATE`; finally: the player has stopped there.

        Of a player that never says so it is taken that it plays what it is sent.
        """
        self.seen()
        self._playing = None
        if is_final:
            count = self._flow.stop_at(turn, samples)
            if count is not None and turn <= self._cleared:
                self._hand_in(e.PlayoutCleared(turn, count))
            elif count is not None:
                self._hand_in(e.StoppedAt(turn, count))
        elif (count := self._flow.acknowledge(turn, samples)) is not None and turn > self._cleared:
            self._hand_in(e.Played(turn, count))
        self._tell()

    def hang_up(self, reason: str) -> None:
        """The conversation is over."""
        self._be_read()
        self._hand_in(e.HungUp(reason))

    def seen(self) -> None:
        """The caller is there."""
        self._seen_at = self._clock()

    @property
    def is_over(self) -> bool:
        return self._is_over

    # ---- the sound -------------------------------------------------------------------------------------
    async def sound(self, job: str) -> AsyncGenerator[Frame, None]:
        """What the job says, as it is approved and made, until all of it was given or it is over.

        Who asks for the same job later takes the rest over.
        """
        reader = self._readers[job] = object()
        self._has_fetched = True
        with self.reading():
            while self._readers.get(job) is reader and not self._is_over:
                known = self.jobs.get(job)
                if known is None:
                    return
                if (frame := self._next(known)) is not None:
                    yield frame
                    continue
                if known.turn:
                    if known.turn <= self._cleared or self._is_given(known.turn):
                        return
                elif known.status not in OPEN:
                    return
                await self.change()

    def _is_given(self, turn: e.TurnId) -> bool:
        """All sound of the turn has left."""
        making, flow = self._making, self._flow
        if turn != making.turn:
            return True
        given = flow.given_out if flow.turn == turn else 0
        return making.is_whole and given >= making.samples

    def _next(self, job: JobChanged) -> Frame | None:
        """The next frame of the job, if one may leave."""
        if not job.turn or self._flow.turn != job.turn or self._emit is None:
            return None
        frame = self._flow.next()
        if frame is not None and (frame.turn, frame.sentence) > self._sentence_sent:
            self._sentence_sent = (frame.turn, frame.sentence)
            self._emit(SoundSent(frame.turn, frame.sentence))
        return frame

    async def live(self) -> AsyncGenerator[bytes, None]:
        """The voice of a person who speaks in the agent's place, as it comes."""
        with self.reading():
            while not self._is_over:
                if (frame := self._live.next()) is not None:
                    yield frame.data
                else:
                    await self.change()

    def reading(self) -> Reading:
        """Inside, the caller is there."""
        return Reading(self)

    async def change(self) -> None:
        """Something has happened."""
        await self._news.wait()

    async def until(self, is_true: Callable[[], bool], within: float) -> bool:
        """Whether it is true, at the latest after so many seconds."""
        try:
            async with asyncio.timeout(within):
                while not is_true() and not self._is_over:
                    await self.change()
        except TimeoutError:
            pass
        return is_true()

    # ---- for the session -------------------------------------------------------------------------------
    async def run(self, emit: Callable[[SoundSent], None], hear: Callable[[Pcm], None]) -> None:
        self._emit = emit
        self._tell()
        try:
            while True:
                await asyncio.sleep(TICK)
                self._advance()
                if not self._reading and self._clock() - self._seen_at > AWAY_AFTER:
                    self._hand_in(ConnectionLost("the page was not heard of any more"))
        finally:
            self._emit = None
            self._is_over = True
            self._tell()

    async def receive(self) -> Incoming:
        while not self._incoming:
            await self._wait.wait_for(asyncio.Event().wait())
        return self._incoming.popleft()

    def play(self, turn: e.TurnId, sentence: int, pcm: Pcm) -> None:
        self._flow.play(turn, sentence, pcm)
        self._tell()

    def relay(self, pcm: Pcm) -> None:
        self._live.push(pcm)
        self._tell()

    def hold(self, turn: e.TurnId) -> None:
        self._flow.hold()

    def resume(self, turn: e.TurnId) -> None:
        self._flow.resume()
        self._tell()

    def clear(self, turn: e.TurnId) -> None:
        self._cleared = max(self._cleared, turn)
        self._flow.clear(turn)
        self._tell()

    def show(self, news: e.Event | e.Command | Note) -> None:
        for change in self.jobs.show(news):
            self._hand_in(change)
        if self._making.show(news):
            self._tell()
        if isinstance(news, JobChanged):
            now = datetime.now(UTC)
            self._times[news.job] = self._times.get(news.job, (now, now))[0], now
            self._tell()

    def _advance(self) -> None:
        if self._is_unread:
            self._wait_for_reader()
            return
        if self._playing is None or not self._flow.is_waiting_for_acks:
            return
        flow, before = self._flow, self._flow.played
        count = flow.acknowledge(
            flow.turn, self._playing.played(flow.turn, flow.sent, flow.rate, self._clock())
        )
        if count is not None and flow.played > before:
            self._hand_in(e.Played(flow.turn, count))
            self._tell()

    def _wait_for_reader(self) -> None:
        """All of the turn was read, if nobody has come for its sound in time."""
        now = self._clock()
        if self._whole != self._making.turn:
            self._whole, self._whole_at = self._making.turn, now
        if now - self._whole_at >= FETCH_WITHIN:
            self._be_read()

    @property
    def _is_unread(self) -> bool:
        """The turn is whole, and nobody has ever come for any sound."""
        return not self._has_fetched and self._making.is_whole and self._read != self._making.turn

    def _be_read(self) -> None:
        """All of the turn was read, if it is still to be."""
        flow, making = self._flow, self._making
        if not self._is_unread:
            return
        while flow.next() is not None:
            flow.acknowledge(flow.turn, flow.sent)
        if self._is_given(making.turn):
            self._read = making.turn
            if (count := flow.acknowledge(making.turn, flow.sent)) is not None:
                self._hand_in(e.Played(making.turn, count))

    def _hand_in(self, item: Incoming) -> None:
        self._incoming.append(item)
        self._wait.call_off()

    def _tell(self) -> None:
        self._news.set()
        self._news.clear()


class Making:
    """How far the sound of the latest turn is made."""

    def __init__(self) -> None:
        self.turn: e.TurnId = 0
        self._waiting = 0
        "Sentences that are approved and not spoken yet."
        self._open: set[int] = set()
        "Those whose sound is being made."
        self._has_ended = False
        self.samples = 0
        "That were made."

    @property
    def is_whole(self) -> bool:
        """Nothing more will be made for it."""
        return self.turn > 0 and self._has_ended and not self._open and self._waiting <= 0

    def show(self, news: e.Event | e.Command | Note) -> bool:
        """Whether the news changed it."""
        match news:
            case e.StartReply(turn) | e.ContinueReply(turn):
                self._begin(turn, has_ended=False)
            case e.SentenceReady(turn) if turn == self.turn:
                self._waiting += 1
            case e.Speak(turn, sentence, _, purpose):
                if turn != self.turn:
                    self._begin(turn, has_ended=True)
                elif purpose is e.Purpose.ANSWER:
                    self._waiting -= 1
                self._open.add(sentence)
            case e.SpeechSynthesized(turn, sentence, samples, _, is_last) if turn == self.turn:
                self.samples += samples
                if is_last:
                    self._open.discard(sentence)
            case e.SynthesisFailed(turn, sentence) if turn == self.turn:
                self._open.discard(sentence)
            case e.ReplyEnded(turn) | e.ReplyFailed(turn) if turn == self.turn:
                self._has_ended = True
            case _:
                return False
        return True

    def _begin(self, turn: e.TurnId, *, has_ended: bool) -> None:
        self.turn, self._waiting, self._has_ended, self.samples = turn, 0, has_ended, 0
        self._open.clear()


class Reading:
    """A caller who reads a stream is there."""

    def __init__(self, transport: DirectTransport) -> None:
        self._transport = transport

    def __enter__(self) -> None:
        self._transport._reading += 1

    def __exit__(self, *error: object) -> None:
        self._transport._reading -= 1
        self._transport.seen()
