"""Shapes a voice that comes as a stream, before anybody knows how long it will be: pieces with word marks.

Where each word ends is estimated. It starts from how fast the voice has been found to speak, and is put right
wherever the voice pauses at a comma or a stop: there it is known which word has just been said.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from itertools import accumulate

import numpy as np

from antiphon.core.audio import Pcm
from antiphon.core.pronunciation import SpokenWord
from antiphon.core.speech import Speech, WordMark
from antiphon.providers.voice_shaping import (
    LEAD_SECONDS,
    PIECE_SECONDS,
    SENTENCE_TAIL_SECONDS,
    Samples,
    weight,
)

FRAME_SECONDS = 0.01
QUIET = 0.006
"Level, of full scale (−44 dB), below which a frame is a pause. Hosted voices are close to full scale in words."
PAUSE_SECONDS = 0.12
"A pause as long as this is one between clauses; shorter ones are inside words."
STOPS = ",;:—.!?…"
STOP_LETTERS = 4
"What a pause after a comma or a stop weighs, in letters."
LETTERS_PER_SECOND = 16.0
"What a voice is taken to speak before it has been heard."
SLOWEST, FASTEST = 8.0, 30.0
NEWEST_SHARE = 0.3
"How much the latest sentence counts in how fast the voice is known to speak."
NEAR = 0.35
"A pause belongs to the stop that was expected no further off than this share of the time since the last one."
SHORTEST_SECONDS = 0.04
"Less than this is not handed on by itself."
TAIL_SECONDS = 0.03
"Kept back until the end is known: it carries the marks of whatever words are left."


class Pace:
    """How fast a voice speaks, learnt from what it has said. Shared by the sentences of one voice."""

    def __init__(self) -> None:
        self.letters_per_second = LETTERS_PER_SECOND

    def learn(self, letters: float, seconds: float) -> None:
        """A sentence that weighs so many letters took so long."""
        if letters >= 12 and seconds > 0.3:
            found = min(FASTEST, max(SLOWEST, letters / seconds))
            self.letters_per_second += NEWEST_SHARE * (found - self.letters_per_second)


class StreamShaper:
    """Turns the sound of one sentence into Speech while it comes. Silence before and after it is left out."""

    def __init__(self, rate: int, text: str, words: Sequence[SpokenWord], pace: Pace) -> None:
        self._rate = rate
        self._frame = max(1, round(FRAME_SECONDS * rate))
        self._words = words
        self._chars = [word.end for word in words[:-1]] + [len(text)]
        stops = [word.text[-1] in STOPS for word in words]
        weights = (weight(word.text) + STOP_LETTERS * stop for word, stop in zip(words, stops, strict=True))
        self._letters = list(accumulate(weights))
        self._stops = [at for at, is_stop in enumerate(stops[:-1]) if is_stop]
        self._pace = pace
        self._raw = b""
        "Less than a frame: it waits for the rest."
        self._ready: list[Samples] = []
        "Frames of the sentence that were not given out yet."
        self._quiet: list[Samples] = []
        "Frames of a pause that may turn out to be the end."
        self._given = self._known = 0
        "Samples given out; and those together with the ready ones."
        self._anchor = (0.0, 0)
        "Letters, and the sample by which they had been said, at the latest pause."
        self._marked = 0
        "Words that have had their mark."
        self._last = WordMark(0, 0)
        self._ends: list[int] = []
        self._expect(0)

    def push(self, data: bytes) -> list[Speech]:
        """The pieces that `data`, PCM16, completes."""
        data = self._raw + data
        whole = len(data) // (2 * self._frame) * self._frame
        self._raw = data[2 * whole :]
        for frame in np.frombuffer(data, "<i2", whole).reshape(-1, self._frame):
            self._take(frame)
        ready = self._known - self._given - round(TAIL_SECONDS * self._rate)
        return self._pieces(ready) if ready >= round(SHORTEST_SECONDS * self._rate) else []

    def flush(self) -> list[Speech]:
        """The last pieces, with the marks of all words that are left; none when there was nothing to hear."""
        if self._raw[1:]:
            self._take(np.frombuffer(self._raw, "<i2", len(self._raw) // 2))
        if not self._known:
            return []
        self._pace.learn(self._letters[-1], self._known / self._rate)
        tail = self._quiet[: round(SENTENCE_TAIL_SECONDS / FRAME_SECONDS)]
        self._ready += tail
        self._known += sum(map(len, tail))
        return self._pieces(self._known - self._given, is_last=True)

    def _take(self, frame: Samples) -> None:
        if np.sqrt(np.mean((frame / np.float32(32768)) ** 2)) < QUIET:
            self._quiet.append(frame)
            if not self._known:
                del self._quiet[: -round(LEAD_SECONDS / FRAME_SECONDS)]
            return
        paused = sum(map(len, self._quiet))
        if self._known and paused >= PAUSE_SECONDS * self._rate:
            self._pause(self._known, self._known + paused)
        self._ready += [*self._quiet, frame]
        self._known += paused + len(frame)
        self._quiet.clear()

    def _pause(self, begin: int, end: int) -> None:
        """The voice paused between these samples: the words up to the stop it belongs to have been said."""
        stops = [at for at in self._stops if at >= self._marked]
        if not stops:
            return
        stop = min(stops, key=lambda at: abs(self._ends[at] - begin))
        letters, at = self._anchor
        if abs(self._ends[stop] - begin) > NEAR * (begin - at) + PAUSE_SECONDS * self._rate:
            return
        share = (begin - at) / (self._letters[stop] - letters)
        for word in range(self._marked, stop + 1):
            self._ends[word] = round(at + (self._letters[word] - letters) * share)
        self._anchor = (self._letters[stop], end)
        self._expect(stop + 1)

    def _expect(self, first: int) -> None:
        """When the words from `first` on should end, counted from the latest pause."""
        letters, at = self._anchor
        a_letter = self._rate / self._pace.letters_per_second
        self._ends[first:] = [at + round((upto - letters) * a_letter) for upto in self._letters[first:]]

    def _pieces(self, samples: int, *, is_last: bool = False) -> list[Speech]:
        """The next so many samples that are ready, in pieces; the last one of all has all marks left."""
        sound = np.concatenate(self._ready) if self._ready else np.zeros(0, "<i2")
        self._ready = [sound[samples:]]
        size = round(PIECE_SECONDS * self._rate)
        pieces = []
        for at in range(0, samples, size):
            piece = sound[at : min(at + size, samples)]
            marks = self._marks(self._given + len(piece), is_last and at + size >= samples)
            self._given += len(piece)
            pieces.append(Speech(Pcm(piece.tobytes(), self._rate), marks))
        return pieces

    def _marks(self, upto: int, is_end: bool) -> tuple[WordMark, ...]:
        """The marks of the words that end between what was given out and `upto`."""
        marks: list[WordMark] = []
        while (word := self._marked) < len(self._words):
            is_final = word + 1 == len(self._words)
            if not is_end and (is_final or self._ends[word] > upto):
                break
            self._marked += 1
            chars = self._chars[word]
            at = max(self._ends[word], self._last.at + 1, self._given + 1)
            at = min(at, upto - (len(self._words) - 1 - word) if is_end else upto)
            # A word that is read as several is marked with the last of them.
            if at > max(self._last.at, self._given) and chars > self._last.chars:
                if not is_final and self._chars[word + 1] <= chars:
                    continue
                self._last = WordMark(chars, at)
                marks.append(self._last)
        return tuple(marks)


async def streamed(
    sound: AsyncIterator[bytes], rate: int, text: str, words: Sequence[SpokenWord], pace: Pace
) -> AsyncGenerator[Speech, None]:
    """`sound`, PCM16 in pieces of any length, as the speech of `text`, which is read as `words`."""
    shaper = StreamShaper(rate, text, words, pace)
    async for data in sound:
        for piece in shaper.push(data):
            yield piece
    for piece in shaper.flush():
        yield piece
