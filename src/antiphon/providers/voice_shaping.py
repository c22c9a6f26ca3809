"""Shapes what a voice has made: silence trimmed, level set, cut into pieces that carry their word marks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from antiphon.core.audio import Pcm
from antiphon.core.pronunciation import SpokenWord
from antiphon.core.speech import Speech, WordMark

Samples = NDArray[np.float32]

LONGEST_CALL = 200
"Letters given to a voice at a time: it cannot be heard before it has read them all."
FIRST_CALL = 60
"Letters of the first call above which a clause goes ahead, so that the voice begins sooner."
SHORTEST_CALL = 25
"Letters of the shortest clause that may go ahead; a shorter one would sound chopped."
DIGIT_LETTERS = 5
"Letters a digit may become when it is read."

PIECE_SECONDS = 0.25
"Longest piece: the unit in which sound is handed on."
LEAD_SECONDS = 0.02
SENTENCE_TAIL_SECONDS = 0.12
CLAUSE_TAIL_SECONDS = 0.08
FADE_SECONDS = 0.003
"Cut ends fade over this long, so that they do not click."

LEVEL = 0.1
"RMS of the loud part of speech: −20 dB of full scale."
PEAK = 0.9
KNEE = 0.7
"Above this, peaks are bent to stay under PEAK."
FRAME_SECONDS = 0.01
SILENCE_RATIO = 0.018
"A frame under this share (−35 dB) of the clip's loudest is silence."
LOUD_RATIO = 0.032
"A frame above this share (−30 dB) of the clip's loudest counts as the loud part."


@dataclass(frozen=True, slots=True)
class Clip:
    """What a voice has made of some words: sound, and the sample at which each word has ended."""

    samples: Samples
    ends: tuple[int, ...]


def calls(words: Sequence[SpokenWord]) -> list[tuple[SpokenWord, ...]]:
    """The words in the portions in which a voice should read them: sentences, and clauses of long ones."""
    portions: list[tuple[SpokenWord, ...]] = []
    sentence: list[SpokenWord] = []
    for at, word in enumerate(words):
        sentence.append(word)
        if at + 1 == len(words) or _ends_sentence(word, words[at + 1]):
            portions += _portioned(sentence, is_first=not portions)
            sentence = []
    return portions


def _portioned(sentence: Sequence[SpokenWord], is_first: bool) -> Iterator[tuple[SpokenWord, ...]]:
    rest = list(sentence)
    while rest:
        weights = list(accumulate(_weight(word.text) for word in rest))
        clauses = [at for at in range(1, len(rest)) if rest[at - 1].text[-1] in ",;:—"]
        fitting = [at for at in clauses if SHORTEST_CALL <= weights[at - 1] <= LONGEST_CALL]
        cut = len(rest)
        if is_first and weights[-1] > FIRST_CALL and fitting:
            cut = fitting[0]
        elif weights[-1] > LONGEST_CALL:
            cut = fitting[-1] if fitting else max(1, bisect_right(weights, LONGEST_CALL))
        yield tuple(rest[:cut])
        rest, is_first = rest[cut:], False


def _weight(text: str) -> int:
    """The letters the text has when it is read out: digits become words, capitals their names."""
    capitals = len(text) if text.isupper() else 0
    return len(text) + 1 + (DIGIT_LETTERS - 1) * sum(map(str.isdigit, text)) + 2 * capitals


_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*\Z")
_LETTERED = re.compile(r"\W*(?:[A-Za-z]\.)+\W*\Z")


def _ends_sentence(word: SpokenWord, following: SpokenWord) -> bool:
    if not _SENTENCE_END.search(word.text) or _LETTERED.match(word.text):
        return False
    return not following.text.lstrip("\"'“‘([")[:1].islower()


def speech_bounds(samples: Samples, rate: int) -> tuple[int, int]:
    """Where speech begins and ends in `samples`; (0, 0) when there is none."""
    frame = max(1, round(FRAME_SECONDS * rate))
    levels = _levels(samples, frame)
    if not levels.size or levels.max() < 1e-4:
        return 0, 0
    sounding = np.flatnonzero(levels > levels.max() * SILENCE_RATIO)
    return int(sounding[0]) * frame, min(len(samples), int(sounding[-1] + 1) * frame)


def settled(clip: Clip, rate: int) -> list[int]:
    """The clip's word ends, those that lie in a pause moved back to where it began.

    A voice's own timing counts the pause before a comma or stop, a quarter of a second, as part of the word.
    """
    frame = max(1, round(FRAME_SECONDS * rate))
    levels = _levels(clip.samples, frame)
    quiet = levels <= levels.max(initial=0) * SILENCE_RATIO
    ends: list[int] = []
    for end in clip.ends:
        at, earliest = min(end // frame, len(quiet)), (ends[-1] if ends else 0) // frame + 1
        while at > earliest and quiet[at - 1]:
            at -= 1
        ends.append(min(end, at * frame) if at > earliest else end)
    return ends


def gain_for(samples: Samples, rate: int) -> float:
    """The factor that brings the loud part of `samples` to LEVEL, at most four."""
    levels = _levels(samples, max(1, round(FRAME_SECONDS * rate)))
    loud = levels[levels > levels.max(initial=0) * LOUD_RATIO]
    rms = float(np.sqrt(np.mean(loud**2))) if loud.size else 0.0
    return min(4.0, LEVEL / rms) if rms > 1e-4 else 1.0


def _levels(samples: Samples, frame: int) -> Samples:
    padded = np.pad(samples, (0, -len(samples) % frame))
    return np.asarray(np.sqrt(np.mean(padded.reshape(-1, frame) ** 2, axis=1)), np.float32)


def limited(samples: Samples) -> Samples:
    """`samples` with peaks above KNEE bent smoothly so that none exceeds PEAK."""
    over = np.abs(samples) - KNEE
    room = PEAK - KNEE
    bent = np.sign(samples) * (KNEE + room * np.tanh(np.maximum(over, 0) / room))
    return np.asarray(np.where(over > 0, bent, samples), np.float32)


def estimated_ends(words: Sequence[str], samples: Samples, rate: int) -> tuple[int, ...]:
    """Where each word may end, for a voice that does not tell: by its share of the letters."""
    start, stop = speech_bounds(samples, rate)
    shares = np.cumsum([_weight(word) + (4 if word[-1] in ",;:—.!?…" else 0) for word in words], dtype=float)
    return tuple(int(end) for end in start + (stop - start) * shares / shares[-1])


class Shaper:
    """Turns the clips of one sentence into Speech: samples and marks count on from clip to clip."""

    def __init__(self, rate: int, text: str, words: Sequence[SpokenWord]) -> None:
        self._rate = rate
        self._length = len(text)
        self._words = words
        self._said = 0
        self._gain: float | None = None
        self._at = 0

    def shape(self, clip: Clip) -> list[Speech]:
        """The pieces of `clip`, which says the words that follow those of the clips before it.

        Empty when there is nothing to hear.
        """
        is_last = self._said + len(clip.ends) == len(self._words)
        start, stop = speech_bounds(clip.samples, self._rate)
        if start == stop:
            if not (is_last and self._at):
                self._said += len(clip.ends)
                return []
            start, stop = 0, min(len(clip.samples), 1)
        if self._gain is None:
            self._gain = gain_for(clip.samples, self._rate)
        tail = SENTENCE_TAIL_SECONDS if is_last else CLAUSE_TAIL_SECONDS
        first = max(0, start - round(LEAD_SECONDS * self._rate))
        last = stop + round(tail * self._rate)
        samples = _faded(limited(clip.samples[first:last] * np.float32(self._gain)), self._rate)
        samples = np.pad(samples, (0, last - first - len(samples)))
        ends = [min(max(end, start), stop) - first for end in settled(clip, self._rate)]
        marks = self._marks(ends, len(samples))
        pieces = self._pieces(samples, marks)
        self._at += len(samples)
        return pieces

    def _marks(self, ends: Sequence[int], length: int) -> list[WordMark]:
        """The marks of a clip's words, in samples of the sentence."""
        marks: list[WordMark] = []
        for end in ends:
            word = self._words[self._said]
            self._said += 1
            is_final = self._said == len(self._words)
            if is_final or self._words[self._said].end > word.end:
                earliest = marks[-1].at + 1 if marks else self._at + 1
                chars = self._length if is_final else word.end
                marks.append(WordMark(chars, max(earliest, self._at + end)))
        for left, mark in enumerate(reversed(marks)):
            marks[-1 - left] = WordMark(mark.chars, min(mark.at, self._at + length - left))
        return marks

    def _pieces(self, samples: Samples, marks: Sequence[WordMark]) -> list[Speech]:
        data = (samples * 32767).astype("<i2")
        size = round(PIECE_SECONDS * self._rate)
        pieces = []
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            begin, end = self._at + at, self._at + at + len(piece)
            inside = tuple(mark for mark in marks if begin < mark.at <= end)
            pieces.append(Speech(Pcm(piece.tobytes(), self._rate), inside))
        return pieces


def _faded(samples: Samples, rate: int) -> Samples:
    size = min(len(samples) // 2, round(FADE_SECONDS * rate))
    ramp = np.linspace(0, 1, size, dtype=np.float32)
    faded = samples.copy()
    faded[:size] *= ramp
    faded[len(faded) - size :] *= ramp[::-1]
    return faded


def with_output(name: str) -> bytes:
    """Bytes that, put after an ONNX model, add the graph's value `name` to its outputs.

    Protocol buffers that follow one another are one message, their lists joined
    (https://protobuf.dev/programming-guides/encoding/#last-one-wins); ModelProto.graph is field 7,
    GraphProto.output field 12, ValueInfoProto.name field 1.
    """
    message = name.encode()
    for field in (1, 12, 7):
        message = bytes([field << 3 | 2, len(message)]) + message
    return message
