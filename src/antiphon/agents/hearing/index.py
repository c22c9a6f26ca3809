"""Known questions by their sound: what was misheard still sounds like what was said.

A recognizer that meets a strange voice writes other words with nearly the same sounds: "their own man empire".
Likeness of meaning cannot help there; likeness of sound can. An utterance becomes a string of sounds without
word boundaries, and the questions that sound most alike are those that the fewest and smallest changes of
sounds turn it into (a weighted edit distance, Wagner & Fischer 1974).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.agents.hearing.sounds import CHANGE, CODES, LOSS, PAD, TENS, UNITS, pronounced, sounds, spoken

_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}")


def names(text: str) -> set[str]:
    """The names in `text`, in lower case: words with a capital letter that does not begin a sentence."""
    return {name.lower() for name in _NAME.findall(text)}


_TELLING = frozenset(UNITS + TENS) | frozenset(
    "who when where why how first second third fourth fifth sixth seventh eighth ninth tenth not".split()
)
"Words that make another question of the same sounds: who asks about the second war is not told of the first."


_CLASSES = {
    sound: at
    for at, group in enumerate(
        ("pb", "fv", "td", "TD", "sz", "SCJ", "kg", "m", "nN", "l", "r", "w", "y", "h")
    )
    for sound in group
}
_N = 14


def _sketch(said: str) -> NDArray[np.float32]:
    """Which consonants follow each other, also with one between them: alike for what sounds alike."""
    row = np.zeros(_N * _N + _N, np.float32)
    bones = [_CLASSES[sound] for sound in said if sound in _CLASSES]
    for at, bone in enumerate(bones):
        row[_N * _N + bone] += 0.5
        for step, weight in ((1, 1.0), (2, 0.5)):
            if at + step < len(bones):
                row[bone * _N + bones[at + step]] += weight
    length = float(np.linalg.norm(row))
    return row / length if length else row


@dataclass(frozen=True, slots=True)
class Likeness:
    """A known question, and how much an utterance sounds like it."""

    question: str
    owner: int
    "What the question leads to."
    score: float
    "1 for the same sounds, 0 for none in common."
    lead: float
    "How much higher it scores than the best question that leads elsewhere."
    is_likely: bool = False
    "Callers were told that they might ask it."

    @property
    def is_plain(self) -> bool:
        """Whether the sounds tell more than a likeness of meaning that is not nearly perfect."""
        if self.is_likely and self.score >= ALIKE_LIKELY and self.lead >= ALONE_LIKELY:
            return True
        return self.score >= ALIKE_PLAIN and self.lead >= ALONE_PLAIN


ALIKE = 0.77
"Likeness from which an utterance is taken for a known question; what is merely put alike stays below it."
ALIKE_PLAIN, ALONE_PLAIN = 0.8, 0.12
"Likeness and lead of a question that is preferred to another one that is like the utterance in meaning."
ALIKE_LIKELY, ALONE_LIKELY = 0.7, 0.2
"The same for a question that callers were told they might ask."
ALONE = 0.06
"How much less the next best question, one that leads elsewhere, must be alike."
NEAR = 48
"Questions of the likeliest consonants whose sounds are compared in full."
COMMON = 0.25
"What a sound of the commonest word counts beside one of a word that only one question has."


class SoundIndex:
    """Questions by their sound. Immutable: may be shared by all sessions."""

    def __init__(
        self, questions: Sequence[tuple[str, int]], likely: Iterable[str] = (), names: Iterable[str] = ()
    ) -> None:
        """`questions`: each with the number of what it leads to. `likely`: those that callers were told of.
        `names`: words, in lower case, that are never said for another.
        """
        self._questions = tuple(questions)
        self._likely = frozenset(map(sounds, likely))
        self._names = frozenset(names) | _TELLING
        worded = [spoken(question) for question, _ in questions]
        weights = _weights(worded)
        said = [[(sound, weights[word]) for word in words for sound in pronounced(word)] for words in worded]
        said = [[pair for at, pair in enumerate(row) if not at or row[at - 1][0] != pair[0]] for row in said]
        shape = (len(said), max(map(len, said), default=0))
        self._codes = np.full(shape, PAD, np.int8)
        self._weights = np.zeros(shape, np.float32)
        for at, row in enumerate(said):
            self._codes[at, : len(row)] = [CODES[sound] for sound, _ in row]
            self._weights[at, : len(row)] = [weight for _, weight in row]
        self._lengths = np.array([len(row) for row in said], np.intp)
        sketches = [_sketch("".join(sound for sound, _ in row)) for row in said]
        # A row for each trait: only those of the utterance are read.
        self._sketches = np.array(sketches, np.float32).reshape(len(said), _N * _N + _N).T.copy()

    def nearest(self, utterance: str) -> Likeness | None:
        """The question that sounds most like `utterance`; None when there are no sounds or no questions."""
        ranked = self.ranked(utterance)
        if not ranked:
            return None
        score, best = ranked[0]
        question, owner = self._questions[best]
        second = next((other for other, at in ranked if self._questions[at][1] != owner), 0.0)
        return Likeness(question, owner, score, score - second, sounds(question) in self._likely)

    def heard(self, utterance: str) -> Likeness | None:
        """The question `utterance` surely is, misheard: much alike, more than any other, and contradicting
        it in no number, no name and no question word. None when there is no such question.
        """
        found = self.nearest(utterance)
        if found is None or found.lead < ALONE:
            return None
        if found.score < (ALIKE_LIKELY if found.is_likely else ALIKE):
            return None
        asked, meant = set(spoken(utterance)), set(spoken(found.question))
        return None if (asked - meant) & self._names else found

    def ranked(self, utterance: str) -> list[tuple[float, int]]:
        """The questions that sound like `utterance`, best first: score and place in the list."""
        said = sounds(utterance)
        if not said or not self._questions:
            return []
        sketch = _sketch(said)
        present = sketch.nonzero()[0]
        near = np.argsort(-(sketch[present] @ self._sketches[present]), kind="stable")[:NEAR]
        scores = self._scores([CODES[sound] for sound in said], near)
        return sorted(zip(scores.tolist(), near.tolist(), strict=True), reverse=True)

    def _scores(self, said: list[int], near: NDArray[np.intp]) -> NDArray[np.float32]:
        lengths = self._lengths[near]
        width = int(lengths.max())
        codes, weights = self._codes[near, :width], self._weights[near, :width]
        # A sound too many counts as much as the sounds of the question beside it.
        beside = np.empty((len(near), width + 1), np.float32)
        beside[:, 0], beside[:, 1:] = weights[:, 0], weights
        np.maximum(beside[:, :-1], weights, out=beside[:, :-1])
        changes = CHANGE[:, codes] * weights
        begun = np.zeros((len(near), width + 1), np.float32)
        np.cumsum(LOSS[codes] * weights, axis=1, out=begun[:, 1:])
        row = begun
        for code in said:
            best = row + LOSS[code] * beside
            np.minimum(best[:, 1:], row[:, :-1] + changes[code], out=best[:, 1:])
            # What it costs to lose sounds of the question, all along the row at once.
            row = np.minimum.accumulate(best - begun, axis=1) + begun
        rows = np.arange(len(near))
        whole = begun[rows, lengths]
        mean = weights.sum(axis=1) / lengths
        spent = row[rows, lengths] / np.maximum(whole, LOSS[said].sum() * mean)
        result: NDArray[np.float32] = np.maximum(0.0, 1.0 - spent).astype(np.float32)
        return result


def _weights(worded: Sequence[Sequence[str]]) -> dict[str, float]:
    """For each word, from `COMMON` to 1: what its sounds tell about which question was asked."""
    held = Counter(word for words in worded for word in set(words))
    most = math.log(len(worded)) if len(worded) > 1 else 1.0
    return {word: COMMON + (1 - COMMON) * (1 - math.log(count) / most) for word, count in held.items()}
