"""The mouth of a session: approved sentences go in, sound goes to the listener, in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from antiphon.core.audio import Pcm
from antiphon.core.errors import ProviderError
from antiphon.core.events import SpeechSynthesized, SynthesisFailed, TurnId
from antiphon.core.speech import Approved, Speech
from antiphon.ports import Synthesizer, Transport

LEAD = 0.1
"Seconds of sound the listener has not heard yet, above which what follows need not wait: it is heard that much later."


@dataclass(eq=False, slots=True)
class _Sound:
    """A piece of speech that was made, and waits until it is known to have been."""

    event: SpeechSynthesized
    pcm: Pcm
    is_recorded: bool = False


@dataclass(eq=False, slots=True)
class _Job:
    """One sentence on its way to sound."""

    turn: TurnId
    sentence: int
    text: Approved
    is_released: bool
    "It may be heard. Until then its sound stays here."
    kept: list[Speech] = field(default_factory=list)
    is_done: bool = False
    error: str = ""


class Mouth:
    """Voices sentences one after the other. `run` is the loop; the other methods never block.

    What it gives to the transport it reports with SpeechSynthesized, in the same order and at once. With `committed`
    sound that would be heard at once waits for it, after `recorded` was called with its event: nobody hears what a
    process that dies has not told the next one of.
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        transport: Transport,
        emit: Callable[[SpeechSynthesized | SynthesisFailed], None],
        voice: str = "",
        committed: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._synthesizer = synthesizer
        self._transport = transport
        self._emit = emit
        self._voice = voice
        self._jobs: deque[_Job] = deque()
        self._due = asyncio.Event()
        self._voicing: asyncio.Task[None] | None = None
        self._current: _Job | None = None
        self._committed = committed
        self._made: deque[_Sound] = deque()
        self._is_recorded = asyncio.Event()
        self._clock = asyncio.get_running_loop().time
        self._turn: TurnId = 0
        self._dry_at = 0.0

    def prepare(self, turn: TurnId, sentence: int, text: Approved) -> None:
        """The sentence is being voiced; nothing of it is heard before `speak` names it."""
        self._add(_Job(turn, sentence, text, is_released=False))

    def speak(self, turn: TurnId, sentence: int, text: Approved) -> None:
        """The sentence will be heard after those spoken before it."""
        for job in self._jobs:
            if job.turn == turn and job.text == text and not job.is_released:
                job.sentence, job.is_released = sentence, True
                for speech in job.kept:
                    self._give(job, speech)
                job.kept.clear()
                if job.is_done:
                    self._finish(job)
                return
        self._add(_Job(turn, sentence, text, is_released=True))

    def forget(self, turn: TurnId) -> None:
        """No more sound of the turn is made. What the conversation knows of is the transport's to clear."""
        self._made = deque(made for made in self._made if made.event.turn != turn or made.is_recorded)
        self.let_out()
        self._jobs = deque(job for job in self._jobs if job.turn != turn)
        if self._current is not None and self._current.turn == turn and self._voicing is not None:
            self._voicing.cancel()

    def recorded(self, event: SpeechSynthesized) -> None:
        """The event is in the journal, if not yet on disk."""
        for made in self._made:
            if made.event is event:
                made.is_recorded = True
                self._is_recorded.set()

    def let_out(self) -> None:
        """What is recorded waits no longer: the transport has it."""
        while self._made and self._made[0].is_recorded:
            self._play(self._made.popleft())

    async def run(self) -> None:
        """Voice what is asked for until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            if self._committed is not None:
                tasks.create_task(self._let_out_in_time(self._committed), name="mouth: commits")
            while True:
                await self._due.wait()
                self._due.clear()
                while (job := next((job for job in self._jobs if not job.is_done), None)) is not None:
                    self._current = job
                    self._voicing = tasks.create_task(self._voice_sentence(job), name="mouth: sentence")
                    await asyncio.wait([self._voicing])
                    self._current = self._voicing = None

    def _add(self, job: _Job) -> None:
        self._jobs.append(job)
        self._due.set()

    async def _voice_sentence(self, job: _Job) -> None:
        try:
            async for speech in self._synthesizer.speak(job.text, self._voice):
                if job not in self._jobs:
                    return
                if job.is_released:
                    self._give(job, speech)
                else:
                    job.kept.append(speech)
        except ProviderError as error:
            job.error = str(error)
        job.is_done = True
        if job.is_released and job in self._jobs:
            self._finish(job)

    def _give(self, job: _Job, speech: Speech) -> None:
        event = SpeechSynthesized(job.turn, job.sentence, len(speech.pcm), speech.marks)
        self._emit(event)
        if self._committed is None:
            self._transport.play(job.turn, job.sentence, speech.pcm)
        else:
            self._made.append(_Sound(event, speech.pcm))

    async def _let_out_in_time(self, committed: Callable[[], Awaitable[None]]) -> None:
        """Sound goes to the transport in order, at once where the listener still has some to hear."""
        while True:
            await self._is_recorded.wait()
            self._is_recorded.clear()
            while self._made and (first := self._made[0]).is_recorded:
                if first.event.turn != self._turn or self._clock() > self._dry_at - LEAD:
                    known = [made for made in self._made if made.is_recorded]
                    await committed()
                    while self._made and self._made[0] in known:
                        self._play(self._made.popleft())
                else:
                    self._play(self._made.popleft())

    def _play(self, made: _Sound) -> None:
        turn, now = made.event.turn, self._clock()
        if turn != self._turn:
            self._turn, self._dry_at = turn, now
        self._dry_at = max(now, self._dry_at) + len(made.pcm) / made.pcm.rate
        self._transport.play(turn, made.event.sentence, made.pcm)

    def _finish(self, job: _Job) -> None:
        self._jobs.remove(job)
        if job.error:
            self._emit(SynthesisFailed(job.turn, job.sentence, job.error))
        else:
            self._emit(SpeechSynthesized(job.turn, job.sentence, 0, (), is_last=True))
