"""The ears of a session: sound of any shape goes in, facts about the user's speech come out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import TypeVar

from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm, silence
from antiphon.core.events import (
    AnswerAsked,
    LineWritten,
    PartiallyTranscribed,
    SpeechStarted,
    SpeechStopped,
    SpeechWeighed,
    Transcribed,
    TurnCommitted,
    TurnDropped,
    TurnScored,
    UserEvent,
    UtteranceId,
)
from antiphon.core.tails import completeness
from antiphon.ports import Heard, Recognizer, TurnDetector, VoiceActivityDetector
from antiphon.session import hearing
from antiphon.session.frames import Frames
from antiphon.session.hearing import Hearing
from antiphon.session.loudness import Loudness, Usual
from antiphon.session.utterance import Utterance

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class EarsPolicy:
    """When sound is speech and when speech is an utterance. Times are seconds of sound."""

    start_at: float = 0.5
    "P(speech) from which a frame begins speech."
    stop_below: float = 0.35
    "P(speech) below which a frame counts towards silence. Lower than start_at, or speech would flicker."
    start_frames: int = 1
    "Frames in a row that begin speech. One more delays the holding of the agent's voice by 32 ms."
    min_silence: float = 0.128
    "Silence that ends a burst: four frames. Below lie the closures of p, t and k; all above is waited for by everyone."
    early_silence: float = 0.032
    "Silence after which the words are made out already, in case it ends the burst: it did in 13 of 15 questions."
    pre_roll: float = 0.3
    "Sound kept from before speech was noticed: the first consonant is in it."
    min_speech: float = 0.25
    "An utterance with less speech than this is not recognized: recognizers invent words for it."
    forget_after: float = 1.0
    "Silence after which an utterance that held no words begins anew."
    weigh_every: float = 0.1
    partial_every: float = 0.5
    cut_from: float = 15.0
    "An utterance this long is cut at its next moment of silence: recognition costs more than it is long."
    cut_at: float = 20.0
    "An utterance this long is cut wherever it is."
    max_behind: float = 10.0
    "Sound that comes while so much waits to be judged is dropped."


Paced = TurnCommitted | TurnDropped | LineWritten | AnswerAsked
"What a program says of the sound that it has sent by then."


class Ears:
    """One caller's hearing. Owned by a session: `run` is the loop, `push`, `cut` and `expect` steer it.

    `emit` is called with each event, in order, while `run` runs. `now` gives session seconds.
    """

    def __init__(
        self,
        vad: VoiceActivityDetector,
        recognizer: Recognizer,
        turn_detector: TurnDetector | None,
        policy: EarsPolicy,
        emit: Callable[[UserEvent | Paced], None],
        now: Callable[[], float],
        first: UtteranceId = 1,
    ) -> None:
        """Utterances count from `first`."""
        if not vad.rate == recognizer.rate == (turn_detector.rate if turn_detector else vad.rate):
            raise ValueError("the detector, the recognizer and the turn detector must share a sample rate")
        self.expect = ""
        "What the agent has just asked for (digits, email, spelling, date): see core.tails. Set at any time."
        self._frames = Frames(vad, self._hear, now, policy.max_behind)
        self._rate = vad.rate
        self._frame_seconds = vad.frame / vad.rate
        self._recognizer = recognizer
        self._turn_detector = turn_detector
        self._policy = policy
        self._emit = emit

        self._utterance: Utterance | None = None
        self._next_id = first
        self._recent = bytearray()
        "Sound not given to an utterance: the pre-roll of the next burst."
        self._is_speaking = False
        self._loud_frames = 0
        self._first_loud = 0.0
        self._last_loud = 0.0
        self._quiet = 0.0
        self._burst_voiced = 0.0
        "Seconds judged to be speech since SpeechStarted."
        self._burst_loudness = Loudness()
        "Of those."
        self._usual = Usual()
        self._since_weighed = 0.0
        self._since_partial = 0.0

        self._tasks: asyncio.TaskGroup
        self._context: Context
        "Of `run`: whoever runs the ears pays for what they ask for, not whoever brings the sound."
        self._verdict: asyncio.Task[None] | None = None
        self._guess: asyncio.Task[None] | None = None
        self._ahead: asyncio.Task[Heard | None] | None = None
        "The words up to a silence that is still too short to end the burst."

    # ---- for the session ---------------------------------------------------------------------------------
    @property
    def dropped(self) -> float:
        """Seconds of sound that came faster than it could be judged."""
        return self._frames.dropped

    def push(self, pcm: Pcm) -> None:
        """`pcm`, of any rate and length, has just arrived. Never blocks."""
        self._frames.push(pcm)

    def cut(self, utterance: UtteranceId, *, is_answered: bool = True) -> None:
        """What the user says from here on is a new utterance; the ones up to `utterance` are dealt with.

        `is_answered`: they were meant for the agent, and what comes will be compared with them.
        If the user is speaking, what no Transcribed has told yet goes to the new utterance.
        """
        old = self._utterance
        if old is None or utterance < old.id:
            return
        self._stop_guessing()
        if is_answered and old.voiced >= self._policy.min_speech:
            self._usual.learn(old.loudness)
        self._retire(old)
        if self._is_speaking:
            self._open(bytes(old.sound[old.told_bytes :]))
            assert self._utterance is not None
            self._utterance.voiced = old.voiced - old.told_voiced

    def relays(self, told: object) -> bool:
        """What the caller's program says of the sound so far is emitted once all of that is judged; False: it is none.

        With TurnCommitted, what was said so far has ended; with TurnDropped, it was never said.
        """
        if not isinstance(told, Paced):
            return False
        if isinstance(told, TurnCommitted):
            self.push(silence(self._policy.min_silence + self._frame_seconds, self._rate))
        self._frames.after(lambda: self._pass_on(told))
        return True

    def _pass_on(self, told: Paced) -> None:
        if isinstance(told, TurnDropped):
            self._forget()
        elif isinstance(told, TurnCommitted) and self._is_speaking:
            self._end_burst()  # the detector goes on hearing a voice for a while after it was cut off
        self._emit(told)

    def _forget(self) -> None:
        """Nothing was said."""
        utterance, verdict = self._utterance, self._verdict
        self._stop_guessing()
        self._recent.clear()
        self._loud_frames = 0
        if utterance is None:
            return
        if verdict is not None:
            verdict.cancel()
            self._verdict = None
        if self._is_speaking:
            self._is_speaking = False
            self._emit(SpeechStopped(self._last_loud))
        self._emit(Transcribed(utterance.id, ""))
        self._retire(utterance)

    async def run(self) -> None:
        """Hear until cancelled. Everything started here has ended when this returns."""
        self._context = copy_context()
        try:
            async with asyncio.TaskGroup() as self._tasks:
                await self._frames.run()
        finally:
            if self._utterance is not None:
                utterance, self._utterance = self._utterance, None
                await utterance.recognition.close()

    # ---- sound -------------------------------------------------------------------------------------------
    def _hear(self, frame: bytes, p: float, arrived: float) -> None:
        policy = self._policy
        if self._is_speaking:
            assert self._utterance is not None
            self._add(frame)
            if p >= policy.stop_below:
                self._last_loud = arrived
                self._quiet = 0.0
                self._utterance.voiced += self._frame_seconds
                self._utterance.loudness.add(frame)
                self._burst_voiced += self._frame_seconds
                self._burst_loudness.add(frame)
            else:
                self._quiet += self._frame_seconds
            self._while_speaking(is_loud=p >= policy.stop_below)
            return
        self._quiet += self._frame_seconds
        self._recent += frame
        del self._recent[: -round(policy.pre_roll * self._rate) * BYTES_PER_SAMPLE]
        if p < policy.start_at:
            self._loud_frames = 0
            return
        if self._loud_frames == 0:
            self._first_loud = arrived
        self._loud_frames += 1
        self._last_loud = arrived
        if self._loud_frames >= policy.start_frames:
            self._begin_burst()

    def _begin_burst(self) -> None:
        policy = self._policy
        if self._verdict is not None:
            # What it would say is about words the user is adding to.
            self._verdict.cancel()
            self._verdict = None
        old = self._utterance
        if old is not None and old.is_empty and self._quiet > policy.forget_after:
            self._retire(old)
        before, self._recent = bytes(self._recent), bytearray()
        if self._utterance is None:
            self._open(before)
        else:
            self._add(before)
        assert self._utterance is not None
        self._burst_voiced = self._loud_frames * self._frame_seconds
        self._burst_loudness = Loudness()
        self._utterance.voiced += self._burst_voiced
        self._utterance.is_empty = False
        self._is_speaking = True
        self._loud_frames = 0
        self._quiet = self._since_weighed = self._since_partial = 0.0
        self._emit(SpeechStarted(self._first_loud))

    def _while_speaking(self, *, is_loud: bool) -> None:
        policy, utterance = self._policy, self._utterance
        assert utterance is not None
        if self._quiet >= policy.min_silence - 1e-6:
            self._end_burst()
            return
        self._listen_ahead(utterance)
        self._since_weighed += self._frame_seconds
        if is_loud and self._since_weighed >= policy.weigh_every - self._frame_seconds / 2:
            self._since_weighed = 0.0
            softer = round(self._usual.softer(self._burst_loudness), 1)
            self._emit(SpeechWeighed(round(self._burst_voiced, 3), softer))
        length = len(utterance.sound) / (BYTES_PER_SAMPLE * self._rate)
        if length >= policy.cut_at or (length >= policy.cut_from and not is_loud):
            self._cut_long(utterance)
            return
        self._since_partial += self._frame_seconds
        if self._since_partial >= policy.partial_every and utterance.voiced >= policy.min_speech:
            self._since_partial = 0.0
            if self._guess is None or self._guess.done():
                self._guess = self._start(self._guess_words(utterance), "ears: partial")

    def _listen_ahead(self, utterance: Utterance) -> None:
        """The words are being made out from the first moment of a silence that may end the burst."""
        if self._ahead is not None and not self._quiet:
            self._stop_guessing()
        is_early = self._quiet >= self._policy.early_silence - 1e-6
        if self._ahead is None and is_early and utterance.voiced >= self._policy.min_speech:
            self._stop_guessing()
            self._ahead = self._start(utterance.recognition.settle(), "ears: words, ahead")

    def _end_burst(self) -> None:
        utterance = self._utterance
        assert utterance is not None
        self._is_speaking = False
        ahead, self._ahead = self._ahead, None
        self._stop_guessing()
        self._emit(SpeechStopped(self._last_loud))
        if utterance.voiced < self._policy.min_speech:
            utterance.is_empty = True
            self._emit(Transcribed(utterance.id, ""))
            return
        self._verdict = self._start(self._judge(utterance, ahead), "ears: verdict")

    # ---- utterances --------------------------------------------------------------------------------------
    def _open(self, sound: bytes) -> None:
        self._utterance = Utterance(self._next_id, Hearing(self._recognizer))
        self._next_id += 1
        self._add(sound)

    def _add(self, sound: bytes) -> None:
        assert self._utterance is not None
        self._utterance.sound += sound
        if sound:
            self._utterance.recognition.push(Pcm(sound, self._rate))

    def _retire(self, utterance: Utterance) -> None:
        """Forget the utterance, once a verdict on it that is under way has been given."""
        self._utterance = None
        verdict, self._verdict = self._verdict, None
        self._start(self._close(utterance, verdict), "ears: close")

    async def _close(self, utterance: Utterance, verdict: asyncio.Task[None] | None) -> None:
        if verdict is not None:
            await asyncio.wait([verdict])
        await utterance.recognition.close()

    def _cut_long(self, utterance: Utterance) -> None:
        self._stop_guessing()
        self._verdict = self._start(self._judge_part(utterance), "ears: long")
        self._retire(utterance)
        self._open(b"")
        self._since_partial = 0.0

    # ---- what is asked of the models ---------------------------------------------------------------------
    async def _judge(self, utterance: Utterance, ahead: asyncio.Task[Heard | None] | None) -> None:
        """Emit the words as soon as they are known, then how complete they are, then how complete they sound.

        No score comes before the words: without them a dangling "and" would pass for an ending. The turn
        detector may take longer than the words, and where they are plainly whole nobody need wait for it.
        """
        sound = Pcm(bytes(utterance.sound), self._rate)
        async with asyncio.TaskGroup() as both:
            words = both.create_task(self._transcribe(utterance, ahead), name="ears: words")
            score = both.create_task(self._score(sound), name="ears: score")
            text = await words
            if not score.done() and self._turn_detector is not None:
                self._emit(TurnScored(utterance.id, completeness(None, text, self.expect)))
        self._emit(TurnScored(utterance.id, completeness(score.result(), words.result(), self.expect)))

    async def _judge_part(self, utterance: Utterance) -> None:
        """Emit the words alone: the user is still speaking."""
        await self._transcribe(utterance)

    async def _transcribe(self, utterance: Utterance, ahead: asyncio.Task[Heard | None] | None = None) -> str:
        """Emit the words, from `ahead` if they were asked for before; only silence has come since then."""
        length, voiced = len(utterance.sound), utterance.voiced
        heard = await (ahead or utterance.recognition.settle())
        if heard is None:
            self._emit(Transcribed(utterance.id, "", confidence=0.0))
            return ""
        utterance.told_bytes, utterance.told_voiced = length, voiced
        utterance.is_empty = not heard.text
        self._emit(Transcribed(utterance.id, heard.text, heard.confidence))
        return heard.text

    async def _score(self, sound: Pcm) -> float | None:
        if self._turn_detector is None:
            return None
        return await hearing.completeness(self._turn_detector, sound)

    async def _guess_words(self, utterance: Utterance) -> None:
        if text := await utterance.recognition.partial():
            self._emit(PartiallyTranscribed(utterance.id, text))

    def _start(self, work: Coroutine[None, None, Answer], name: str) -> asyncio.Task[Answer]:
        return self._tasks.create_task(work, name=name, context=self._context.copy())

    def _stop_guessing(self) -> None:
        if self._ahead is not None:
            self._ahead.cancel()
            self._ahead = None
        if self._guess is not None:
            self._guess.cancel()
            self._guess = None
