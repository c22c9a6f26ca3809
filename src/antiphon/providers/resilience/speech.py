"""Several voices as one, and several recognizers as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

import numpy as np
import soxr

from antiphon.core.audio import Pcm
from antiphon.core.errors import ProviderError
from antiphon.core.speech import Approved, Speech, WordMark
from antiphon.ports import Heard, Recognition, Recognizer, Synthesizer
from antiphon.providers.resilience.chain import Fallback
from antiphon.providers.resilience.health import Health
from antiphon.providers.resilience.limits import Allowance
from antiphon.providers.resilience.retry import Persistence

SPEAKING = Persistence(total_s=5.0, retry_s=1.5, attempt_s=1.5, between_s=3.0)
"A sentence that begins later than this has left a hole in which the caller asks whether anybody is there."
HEARING = Persistence(total_s=6.0, retry_s=1.5, attempt_s=1.5)
"A turn waits three seconds for its words (TurnPolicy.max_recognition); later ones are still answered."


class FirstVoice:
    """A `Synthesizer` that is the first of several that works."""

    def __init__(self, chain: Fallback[Synthesizer]) -> None:
        self.chain = chain
        self.name = ",".join(link.name for link in chain.links)
        self.rate = chain.providers[0].rate

    def health(self, now: float) -> Sequence[Health]:
        """How each of the voices has been doing."""
        return self.chain.health(now)

    def speak(self, sentence: Approved, voice: str = "") -> AsyncGenerator[Speech, None]:
        """The sentence by the first voice that begins it. Raises ProviderError when none does in time.

        Where one breaks off, the next one speaks on from the last word that was whole. What is the rest is known
        from the marks of both, so that no text is made anew.
        """

        def ask(one: Synthesizer) -> AsyncIterator[Speech]:
            return at_rate(one.speak(sentence, voice), self.rate)

        def go_on(one: Synthesizer, given: Sequence[Speech]) -> AsyncIterator[Speech] | None:
            marks = [mark for piece in given for mark in piece.marks]
            length = sum(len(piece.pcm) for piece in given)
            return _after(ask(one), marks[-1].chars if marks else 0, length)

        return self.chain.pieces(ask, go_on=go_on)


async def at_rate(pieces: AsyncIterator[Speech], rate: int) -> AsyncGenerator[Speech, None]:
    """The same speech at `rate`."""
    resampler: soxr.ResampleStream | None = None
    marks: list[WordMark] = []
    given, kept = 0, b""

    def ripe(data: bytes, is_last: bool) -> Speech:
        """`data` with the words that end in it; no two end at one sample, and none outside."""
        nonlocal given, marks
        start, given = given, given + len(data) // 2
        due = marks if is_last else [mark for mark in marks if mark.at <= given]
        marks = marks[len(due) :]
        placed: list[WordMark] = []
        for left, mark in zip(range(len(due) - 1, -1, -1), due, strict=True):
            start = max(start + 1, min(mark.at, given - left))
            placed.append(WordMark(mark.chars, start))
        return Speech(Pcm(data, rate), tuple(placed))

    try:
        async for piece in pieces:
            if piece.pcm.rate == rate:
                yield piece
                continue
            source = piece.pcm.rate
            resampler = resampler or soxr.ResampleStream(source, rate, 1, dtype="int16", quality="HQ")
            marks += [WordMark(mark.chars, mark.at * rate // source) for mark in piece.marks]
            if kept:
                yield ripe(kept, is_last=False)
            kept = resampler.resample_chunk(np.frombuffer(piece.pcm.data, np.int16)).tobytes()
        if resampler is not None:
            # One piece late: the last one carries what the filter held back, and the last words.
            kept += resampler.resample_chunk(np.zeros(0, np.int16), last=True).tobytes()
            yield ripe(kept, is_last=True)
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()


async def _after(pieces: AsyncIterator[Speech], chars: int, given: int) -> AsyncGenerator[Speech, None]:
    """What is spoken after the first `chars` characters; it follows `given` samples of another voice."""
    skip: int | None = 0 if not chars else None
    at = 0
    try:
        async for piece in pieces:
            start, at = at, at + len(piece.pcm)
            if skip is None:
                passed = [mark for mark in piece.marks if mark.chars >= chars]
                if not passed:
                    continue
                skip = passed[0].at if passed[0].chars == chars else start
            cut = max(skip - start, 0)
            rest = piece.pcm.between(cut, len(piece.pcm))
            marks = tuple(
                WordMark(mark.chars, mark.at - skip + given) for mark in piece.marks if mark.chars > chars
            )
            if rest.data:
                yield Speech(rest, marks)
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()


class FirstRecognizer:
    """A `Recognizer` that is the first of several that works. All of them must take the same rate."""

    def __init__(self, chain: Fallback[Recognizer]) -> None:
        rates = {recognizer.rate for recognizer in chain.providers}
        if len(rates) != 1:
            raise ValueError(f"recognizers of one chain must take one rate, not {sorted(rates)}")
        self.chain = chain
        self.name = ",".join(link.name for link in chain.links)
        self.rate = rates.pop()

    def health(self, now: float) -> Sequence[Health]:
        """How each of the recognizers has been doing."""
        return self.chain.health(now)

    def open(self) -> Recognition:
        """A new utterance, listened to by the recognizer that would be asked now."""
        return _Recognition(self.chain)


class _Recognition:
    """One utterance. Its sound is kept so that another recognizer can be given all of it."""

    def __init__(self, chain: Fallback[Recognizer]) -> None:
        self._chain = chain
        self._sound: list[Pcm] = []
        self._listening: dict[int, Recognition] = {}
        self._given: dict[int, int] = {}
        "Pieces of the sound that each has got."
        self._first = chain.next(asyncio.get_running_loop().time())

    def push(self, pcm: Pcm) -> None:
        self._sound.append(pcm)
        try:
            self._by(self._first)
        except Exception:  # noqa: BLE001 - foreign code: `settle` finds out, and asks the next one
            self._listening.pop(id(self._first), None)

    async def partial(self) -> Heard | None:
        return await self._by(self._first).partial()

    async def settle(self) -> Heard:
        async def settled(recognizer: Recognizer) -> Heard:
            heard = await self._by(recognizer).settle()
            if not isinstance(heard, Heard):
                raise ProviderError(f"it answered with a {type(heard).__name__}")
            return heard

        return await self._chain.answer(settled)

    async def close(self) -> None:
        self._sound.clear()
        listening, self._listening = list(self._listening.values()), {}
        for recognition in listening:
            await recognition.close()

    def _by(self, recognizer: Recognizer) -> Recognition:
        """That recognizer's own, which has been given all the sound."""
        key = id(recognizer)
        if key not in self._listening:
            self._listening[key] = recognizer.open()
            self._given[key] = 0
        self._catch_up(key)
        return self._listening[key]

    def _catch_up(self, key: int) -> None:
        recognition = self._listening[key]
        for pcm in self._sound[self._given[key] :]:
            recognition.push(pcm)
        self._given[key] = len(self._sound)


def first_voice(
    voices: Sequence[Synthesizer],
    persistence: Persistence = SPEAKING,
    limits: Sequence[Allowance | None] = (),
) -> FirstVoice:
    """A voice that asks `voices` in order of preference; what another makes has the first one's rate."""
    return FirstVoice(Fallback(voices, kind="voice", persistence=persistence, limits=limits))


def first_recognizer(
    recognizers: Sequence[Recognizer],
    persistence: Persistence = HEARING,
    limits: Sequence[Allowance | None] = (),
) -> FirstRecognizer:
    """A recognizer that asks `recognizers` in order of preference. Raises ValueError when their rates differ."""
    return FirstRecognizer(Fallback(recognizers, kind="recognizer", persistence=persistence, limits=limits))
