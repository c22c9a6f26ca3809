"""Known questions by their sound: what was misheard still sounds like what was said.

A recognizer that meets a strange voice writes other words with nearly the same sounds: "their own man empire".
Likeness of meaning cannot help there; likeness of sound can. An utterance becomes a string of sounds without
word boundaries, and the questions that sound most alike are those that the fewest and smallest changes of
sounds turn it into (a weighted edit distance, Wagner & Fischer 1974).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from antiphon.agents.tutor.patterns import Pattern

SOUNDS = "pbfvtdTDszSCJkgmnNlrwyhieaou"
"One letter a sound: T and D as in thin and then, S C J as in she, chin and gin, N as in sing; five vowels."
_VOWELS = "ieaou"
_KIN = {
    0.3: ("pb", "fv", "td", "TD", "sz", "SC", "CJ", "SJ", "kg", "mn", "nN", "lr", "lw", "rw"),
    0.4: (_VOWELS, "Tt", "Td", "Dt", "Dd"),
    0.55: ("TfDv", "szT", "sS", "zJ"),
}
"What it costs to take sounds for each other: those made alike cost little, all others 1."
_LOST = {0.3: "h", 0.4: _VOWELS, 0.5: "ywr"}
"What it costs to drop or add a sound that is hardly heard; all others 0.8."

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen".split()
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ROMAN = {
    "i": "one",
    "ii": "two",
    "iii": "three",
    "iv": "four",
    "v": "five",
    "vi": "six",
    "vii": "seven",
    "viii": "eight",
}
_SPOKEN = {
    "one": "wan", "once": "wans", "two": "tu", "eight": "et", "who": "hu", "whom": "hum", "whose": "huz",
    "of": "av", "was": "woz", "is": "iz", "his": "hiz", "has": "haz", "the": "Da", "a": "a", "i": "ai",
    "do": "du", "does": "daz", "to": "tu", "you": "yu", "your": "yor", "use": "yuz", "used": "yuzd", "are": "ar",
    "were": "wer", "what": "wat", "said": "sed", "says": "sez", "people": "pipal", "queen": "kwin",
    "world": "warld", "war": "wor", "write": "rait", "sure": "Sur", "island": "ailand", "me": "mi",
    "be": "bi", "he": "hi", "she": "Si", "we": "wi", "king": "kiN", "give": "giv", "get": "get", "begin": "bigin",
    "began": "bigan", "t": "ti", "b": "bi", "c": "si", "d": "di", "e": "i", "f": "ef", "g": "Ji", "k": "ke",
    "l": "el", "m": "em", "n": "en", "p": "pi", "q": "kyu", "r": "ar", "s": "es", "u": "yu", "x": "eks", "y": "wai",
}  # fmt: skip
_RULES = tuple(
    (Pattern(pattern), sound)
    for pattern, sound in (
        (r"^(?:th)(?=(?:e|is|at|ey|em|eir|ere|ese|ose|en|an|ough|us|ou|ine)$)", "D"),
        (r"(?<=[aeiou])th(?=er)", "D"),
        (r"^x", "z"),
        (r"^(?:kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^ps", "s"),
        (r"^wh", "w"),
        (r"^rh", "r"),
        (r"mb$", "m"),
        (r"augh(?=t)|ough(?=t)", "o"),
        (r"eigh", "e"),
        (r"igh", "ai"),
        (r"ough", "of"),
        (r"gh(?=[aeiou])", "g"),
        (r"gh", ""),
        (r"tch", "C"),
        (r"sch|chr|ch(?=[ao]s)", "sk"),
        (r"ch", "C"),
        (r"tio(?=n)|sio(?=n)|cia(?=n)|ssio(?=n)", "Sa"),
        (r"cio|tia|cia|scio", "Sa"),
        (r"ture\b|ture(?=s$|d$)", "Car"),
        (r"sure\b", "Sar"),
        (r"sh", "S"),
        (r"ph", "f"),
        (r"sc(?=[eiy])", "s"),
        (r"ck|cqu", "k"),
        (r"cc(?=[ei])", "ks"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"dge|dg(?=[ei])", "J"),
        (r"gu(?=[eiy])", "g"),
        (r"(?<!^)g(?=[ey])|^g(?=[ey])|gi(?=[ao])", "J"),
        (r"j", "J"),
        (r"th", "T"),
        (r"qu", "kw"),
        (r"q", "k"),
        (r"x", "ks"),
        (r"ng(?=$|s|[^aeiouylrw])|n(?=k)", "N"),
        (r"^y(?=[aeiou])", "Y"),
        (r"(?<=[aeiouy])s(?=[aeiouy])|(?<=[bdgvlmnraeiouy])s$", "z"),
        (r"(?<=[^aeiou])le$|(?<=[^aeiou])el$", "al"),
        (r"(?<=[aeiouy])(?P<k>[^aeiou])e(?=s?$|d$)", r"\g<k>"),
        (r"(?<=[td])ed$", "id"),
        (r"ed$", "d"),
        (r"(?<=[^aeiou])e$", ""),
        (r"ee|ea|ie|ei", "i"),
        (r"ai|ay|ey", "e"),
        (r"oo|ou|ew|ue|ui", "u"),
        (r"oa|ow", "o"),
        (r"au|aw", "o"),
        (r"y", "i"),
        (r"(?<=[aeiou])w|w(?=[^aeiou]|$)", ""),
        (r"h(?=[^aeiou]|$)", ""),
        (r"Y", "y"),
    )
)
_NUMBERED = frozenset("war george charles james edward richard".split())
_TWICE = Pattern(r"(.)\1+")
_WORD = Pattern(r"\d+|[a-z]+")


_NAME = Pattern(r"(?<=[a-z,] )[A-Z][a-z]{3,}")


def names(text: str) -> set[str]:
    """The names in `text`, in lower case: words with a capital letter that does not begin a sentence."""
    return {name.lower() for name in _NAME.findall(text)}


_TELLING = frozenset(_UNITS + _TENS) | frozenset(
    "who when where why how first second third fourth fifth sixth seventh eighth ninth tenth not".split()
)
"Words that make another question of the same sounds: who asks about the second war is not told of the first."


def sounds(text: str) -> str:
    """`text` as it is said, one letter of `SOUNDS` a sound, without the gaps between words."""
    return _run_together([_said(word) for word in _words(text)])


def _words(text: str) -> list[str]:
    """The words as they are spoken: numerals become words."""
    written = _WORD.findall(text.lower().replace("'", "").replace("’", "").replace("%", " percent "))
    spoken: list[str] = []
    for at, word in enumerate(written):
        if word.isdigit():
            spoken += _number(word)
        elif word in _ROMAN and at and (word != "i" or written[at - 1] in _NUMBERED):
            spoken.append(_ROMAN[word])
        else:
            spoken.append(word)
    return spoken


def _run_together(said: Sequence[str]) -> str:
    return _TWICE.sub(r"\1", "".join(said))


def _number(digits: str) -> list[str]:
    value = int(digits[:4])
    if value < 20:
        return [_UNITS[value]]
    if value < 100:
        return [_TENS[value // 10 - 2], *([_UNITS[value % 10]] if value % 10 else [])]
    high, low = divmod(value, 100)
    return [*_number(str(high)), *(_number(str(low)) if low else ["hundred"])]


@lru_cache(maxsize=8192)
def _said(word: str) -> str:
    if word in _SPOKEN:
        return _SPOKEN[word]
    for pattern, sound in _RULES:
        word = pattern.sub(sound, word)
    return word


# ---- how far two sounds are apart -------------------------------------------------------------------------
def _distances() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What it costs to change one sound into another, and to lose or add one."""
    size = len(SOUNDS)
    change = np.ones((size + 1, size + 1), np.float32)
    for cost, groups in _KIN.items():
        for one, other in (pair for group in groups for pair in product(group, repeat=2)):
            i, j = SOUNDS.index(one), SOUNDS.index(other)
            change[i, j] = change[j, i] = min(change[i, j], cost)
    np.fill_diagonal(change, 0.0)
    loss = np.full(size + 1, 0.8, np.float32)
    for cost, sounds_lost in _LOST.items():
        loss[[SOUNDS.index(sound) for sound in sounds_lost]] = cost
    return change, loss


_CHANGE, _LOSS = _distances()
_PAD = len(SOUNDS)
_CODES = {sound: code for code, sound in enumerate(SOUNDS)}
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
        worded = [_words(question) for question, _ in questions]
        weights = _weights(worded)
        said = [[(sound, weights[word]) for word in words for sound in _said(word)] for words in worded]
        said = [[pair for at, pair in enumerate(row) if not at or row[at - 1][0] != pair[0]] for row in said]
        shape = (len(said), max(map(len, said), default=0))
        self._codes = np.full(shape, _PAD, np.int8)
        self._weights = np.zeros(shape, np.float32)
        for at, row in enumerate(said):
            self._codes[at, : len(row)] = [_CODES[sound] for sound, _ in row]
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
        asked, meant = set(_words(utterance)), set(_words(found.question))
        return None if (asked - meant) & self._names else found

    def ranked(self, utterance: str) -> list[tuple[float, int]]:
        """The questions that sound like `utterance`, best first: score and place in the list."""
        said = sounds(utterance)
        if not said or not self._questions:
            return []
        sketch = _sketch(said)
        present = sketch.nonzero()[0]
        near = np.argsort(-(sketch[present] @ self._sketches[present]), kind="stable")[:NEAR]
        scores = self._scores([_CODES[sound] for sound in said], near)
        return sorted(zip(scores.tolist(), near.tolist(), strict=True), reverse=True)

    def _scores(self, said: list[int], near: NDArray[np.intp]) -> NDArray[np.float32]:
        lengths = self._lengths[near]
        width = int(lengths.max())
        codes, weights = self._codes[near, :width], self._weights[near, :width]
        # A sound too many counts as much as the sounds of the question beside it.
        beside = np.empty((len(near), width + 1), np.float32)
        beside[:, 0], beside[:, 1:] = weights[:, 0], weights
        np.maximum(beside[:, :-1], weights, out=beside[:, :-1])
        changes = _CHANGE[:, codes] * weights
        begun = np.zeros((len(near), width + 1), np.float32)
        np.cumsum(_LOSS[codes] * weights, axis=1, out=begun[:, 1:])
        row = begun
        for code in said:
            best = row + _LOSS[code] * beside
            np.minimum(best[:, 1:], row[:, :-1] + changes[code], out=best[:, 1:])
            # What it costs to lose sounds of the question, all along the row at once.
            row = np.minimum.accumulate(best - begun, axis=1) + begun
        rows = np.arange(len(near))
        whole = begun[rows, lengths]
        mean = weights.sum(axis=1) / lengths
        spent = row[rows, lengths] / np.maximum(whole, _LOSS[said].sum() * mean)
        result: NDArray[np.float32] = np.maximum(0.0, 1.0 - spent).astype(np.float32)
        return result


def _weights(worded: Sequence[Sequence[str]]) -> dict[str, float]:
    """For each word, from `COMMON` to 1: what its sounds tell about which question was asked."""
    held = Counter(word for words in worded for word in set(words))
    most = math.log(len(worded)) if len(worded) > 1 else 1.0
    return {word: COMMON + (1 - COMMON) * (1 - math.log(count) / most) for word, count in held.items()}
