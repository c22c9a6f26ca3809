"""The mouth of a session: approved sentences go in, sound goes to the listener, in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from antiphon.core.errors import ProviderError
from antiphon.core.events import SpeechSynthesized, SynthesisFailed, TurnId
from antiphon.core.notes import ModelUsed, ServiceUsed
from antiphon.core.speech import Approved, Speech
from antiphon.ports import Synthesizer
from antiphon.session.bills import billed
from antiphon.session.outlet import Outlet
from antiphon.session.phrases import Phrases

FIRST_WITHIN = 5.0
"Seconds a voice has for the first sound of a sentence: after more silence the caller asks who is there."
NEXT_WITHIN = 3.0
"Seconds it has for each further piece. What was sent ahead covers 0.4 s of it."
PROMPTLY = 1.0
"Seconds within which a voice that fails does so for want of a way to say the sentence: the next one it may say."
LONGEST_TURN = 120.0
"Seconds of sound in one turn: nobody listens to more, and what writes it has lost its way."


def longest(text: str) -> float:
    """Seconds that no voice needs for the text: numbers are long when they are read out."""
    return min(6.0 + 0.4 * len(text), 60.0)


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

    What it gives to the outlet it reports with SpeechSynthesized, in the same order and at once.
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        outlet: Outlet,
        emit: Callable[[SpeechSynthesized | SynthesisFailed | ModelUsed | ServiceUsed], None],
        voice: str = "",
        phrases: Phrases | None = None,
    ) -> None:
        """`phrases` are spoken from memory, whatever becomes of the synthesizer."""
        self._synthesizer = synthesizer
        self._outlet = outlet
        self._emit = emit
        self._voice = voice
        self._phrases = phrases or Phrases()
        self._mute: TurnId = 0
        "The turn in which the voice took long to fail: its other sentences do not wait for it again."
        self._turn: TurnId = 0
        self._turn_seconds = 0.0
        self._jobs: deque[_Job] = deque()
        self._due = asyncio.Event()
        self._voicing: asyncio.Task[None] | None = None
        self._current: _Job | None = None

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
        self._outlet.forget(turn)
        self._jobs = deque(job for job in self._jobs if job.turn != turn)
        if self._current is not None and self._current.turn == turn and self._voicing is not None:
            self._voicing.cancel()

    async def run(self) -> None:
        """Voice what is asked for until cancelled."""
        async with asyncio.TaskGroup() as tasks:
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
            with billed(lambda: job.turn, self._emit):
                await self._make_sound(job)
        except ProviderError as error:
            job.error = str(error)
        except Exception as error:  # noqa: BLE001 - a voice is foreign code: its faults cost a sentence, not the call
            job.error = f"{type(error).__name__}: {error}"
        if job not in self._jobs:
            return
        job.is_done = True
        if job.is_released:
            self._finish(job)

    async def _make_sound(self, job: _Job) -> None:
        """The sentence is sound, given or kept. Raises what the voice raises."""
        async with aclosing(self._sound(job)) as sound:
            async for speech in sound:
                if job not in self._jobs:
                    return
                if job.is_released:
                    self._give(job, speech)
                else:
                    job.kept.append(speech)

    async def _sound(self, job: _Job) -> AsyncGenerator[Speech, None]:
        """The sentence as sound, from memory or from the voice. Raises ProviderError when it takes too long, or is
        no sound of that sentence."""
        text, seconds = job.text.text, 0.0
        if self._seconds_of(job.turn) >= LONGEST_TURN:
            return
        if known := self._phrases.get(job.text, self._voice):
            for speech in known:
                yield speech
            return
        begun = asyncio.get_running_loop().time()
        if job.turn == self._mute:
            raise ProviderError("the voice did not answer in this turn")
        pieces = self._synthesizer.speak(job.text, self._voice)
        try:
            while True:
                try:
                    async with asyncio.timeout(NEXT_WITHIN if seconds else FIRST_WITHIN):
                        speech = await anext(pieces)
                except StopAsyncIteration:
                    break
                except TimeoutError:
                    raise ProviderError("the voice did not answer in time") from None
                if speech.pcm.rate != self._synthesizer.rate:
                    raise ProviderError(f"the voice gave sound at {speech.pcm.rate} Hz")
                seconds += speech.pcm.seconds
                if seconds > longest(text):
                    raise ProviderError("the voice did not come to an end")
                yield speech
        except Exception:
            if asyncio.get_running_loop().time() - begun > PROMPTLY:
                self._mute = job.turn
            raise
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()
        if not seconds and any(char.isalnum() for char in text):
            raise ProviderError("the voice gave no sound")

    def _seconds_of(self, turn: TurnId) -> float:
        """Seconds of the turn that were given to the outlet."""
        if turn != self._turn:
            self._turn, self._turn_seconds = turn, 0.0
        return self._turn_seconds

    def _give(self, job: _Job, speech: Speech) -> None:
        self._turn_seconds = self._seconds_of(job.turn) + speech.pcm.seconds
        event = SpeechSynthesized(job.turn, job.sentence, len(speech.pcm), speech.marks)
        self._emit(event)
        self._outlet.give(event, speech.pcm)

    def _finish(self, job: _Job) -> None:
        self._jobs.remove(job)
        if job.error:
            self._emit(SynthesisFailed(job.turn, job.sentence, job.error))
        else:
            self._emit(SpeechSynthesized(job.turn, job.sentence, 0, (), is_last=True))
