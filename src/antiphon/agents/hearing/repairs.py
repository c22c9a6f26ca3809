"""Misheard words put right where it is known what may be said: "to Ziet" is Tuesday to who books appointments.

A line is read from left to right. Each of its words stands as it is, or some neighbours together are taken for a
phrase that sounds like them. The reading wins that leaves the fewest words unexplained and changes the fewest sounds.
A line that stays strange all the same was about something else, and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from antiphon.agents.hearing.sounds import CHANGE, CODES, LOSS, PAD, pronounced, sounds, spoken

FAR = 0.45
"Change per sound beyond which nothing is taken for anything else."
SURE = 0.3
"Change per sound up to which a phrase was surely meant."
STRANGE = 0.22
"Words of a line that may stay unexplained, as a share of its sounds, for the rest to be put right."
BESIDE = 0.07
"How much less alike a second phrase must be for the first to be meant."
WIDEST = 5
"Words that together may be one phrase misheard."
_CHANGED = 0.12
"What it costs to take words for something else at all: so much of the sounds may be strange."
_DENIED = 0.5
"What it costs more for each sound of a word that would be understood as it stands."
_SHORT = 2
"Sounds of a word that is heard between others though nobody said it: to, a, in."
_WORD = re.compile(r"[\w'’]+")

Fits = Callable[[str, str, str], bool]
"Whether a phrase may stand there: the word before it, the phrase, and the word after it; empty at the ends."
_Path = tuple[float, tuple[tuple[int, int, "Change"], ...], float]


@dataclass(frozen=True, slots=True)
class Change:
    """Some words of a line that are taken for others."""

    heard: str
    meant: str
    distance: float
    "Change per sound: 0 sounds the same."
    others: tuple[str, ...] = ()
    "Phrases that sound nearly as much alike."


@dataclass(frozen=True, slots=True)
class Repaired:
    """A line as it was probably meant."""

    text: str
    changes: tuple[Change, ...] = ()
    strange: float = 0.0
    "Share of its sounds that are unexplained still."

    @property
    def is_sure(self) -> bool:
        return all(change.distance <= SURE and not change.others for change in self.changes)


class Phrasebook:
    """What may be said somewhere. Immutable: may be shared by all sessions."""

    def __init__(
        self,
        phrases: Iterable[str],
        plain: str = "",
        said: Mapping[str, Sequence[str]] = {},
        fits: Fits = lambda before, phrase, after: True,
    ) -> None:
        """`phrases` are listened for. `plain`: other words that callers use there. `said`: further ways to say, by
        phrase, in any spelling that reads so."""
        self._phrases = tuple(dict.fromkeys(phrases))
        self._plain = frozenset(plain.split()) | {w for phrase in self._phrases for w in _words(phrase)}
        self._said = said
        self._fits = fits

    @cached_property
    def _sounds(self) -> tuple[tuple[str, ...], NDArray[np.int8], NDArray[np.intp], NDArray[np.float32]]:
        """Each way to say a phrase: the phrase, its sounds, how many, and what it costs to lose so many of them."""
        ways = [
            (phrase, sounds(way)) for phrase in self._phrases for way in (phrase, *self._said.get(phrase, ()))
        ]
        codes = np.full((len(ways), max(len(way) for _, way in ways)), PAD, np.int8)
        for at, (_, way) in enumerate(ways):
            codes[at, : len(way)] = [CODES[sound] for sound in way]
        lost = np.zeros((len(ways), codes.shape[1] + 1), np.float32)
        np.cumsum(LOSS[codes], axis=1, out=lost[:, 1:])
        return tuple(phrase for phrase, _ in ways), codes, np.array([len(way) for _, way in ways]), lost

    def knows(self, text: str) -> bool:
        """Every word of it is one that callers use there."""
        return all(self._is_plain(word) for word in _words(text))

    def repaired(self, text: str) -> Repaired:
        """The line as it was probably meant; the same when it needs no repair, or none would help."""
        places = list(_WORD.finditer(text))
        words = [found[0].lower().replace("’", "'") for found in places]
        said = ["".join(map(pronounced, spoken(word))) for word in words]
        total = sum(map(len, said))
        if not total or all(map(self._is_plain, words)):
            return Repaired(text)
        best: list[_Path] = [(0.0, (), 0.0)]
        best += [(float("inf"), (), 0.0)] * len(words)
        for at, word in enumerate(words):
            cost, changes, strange = best[at]
            unknown = 0 if self._is_plain(word) else len(said[at])
            _keep(best, at + 1, (cost + unknown, changes, strange + unknown))
            is_changed = bool(changes) and changes[-1][1] == at
            before = changes[-1][2].meant if is_changed else words[at - 1] if at else ""
            for end, change in self._taken_for(words, said, at, before.split(" ")[-1].lower()):
                length = sum(map(len, said[at:end]))
                denied = sum(
                    len(s)
                    for w, s in zip(words[at:end], said[at:end], strict=True)
                    if self._is_plain(w) and len(s) > _SHORT
                )
                paid = (_CHANGED + change.distance) * length + _DENIED * denied
                _keep(best, end, (cost + paid, (*changes, (at, end, change)), strange))
        _, changes, strange = best[-1]
        if not changes or strange > STRANGE * total:
            return Repaired(text, strange=strange / total)
        parts, behind = [], 0
        for at, end, change in changes:
            parts += [text[behind : places[at].start()], change.meant]
            behind = places[end - 1].end()
        return Repaired("".join([*parts, text[behind:]]), tuple(c for *_, c in changes), strange / total)

    def _taken_for(
        self, words: Sequence[str], said: Sequence[str], at: int, before: str
    ) -> Iterable[tuple[int, Change]]:
        """What the words from there on may be, by where they end."""
        phrases, codes, lengths, lost = self._sounds
        row, rows, heard = lost, np.arange(len(phrases)), 0.0
        whole = lost[rows, lengths]
        for end in range(at + 1, min(at + WIDEST, len(words)) + 1):
            for code in (CODES[sound] for sound in said[end - 1]):
                best = row + LOSS[code]
                np.minimum(best[:, 1:], row[:, :-1] + CHANGE[code, codes], out=best[:, 1:])
                row = np.minimum.accumulate(best - lost, axis=1) + lost
                heard += float(LOSS[code])
            if heard > 2 * float(whole.max()):
                return
            if all(map(self._is_plain, words[at:end])) or not heard:
                continue
            far = row[rows, lengths] / np.maximum(whole, heard)
            after = words[end] if end < len(words) else ""
            near = [int(place) for place in np.argsort(far)[:12] if far[place] <= FAR]
            near = [place for place in near if self._fits(before, phrases[place], after)]
            if not near:
                continue
            first, *others = dict.fromkeys(
                phrases[place] for place in near if far[place] < far[near[0]] + BESIDE
            )
            yield end, Change(" ".join(words[at:end]), first, float(far[near[0]]), tuple(others))

    def _is_plain(self, word: str) -> bool:
        return word in self._plain or word.replace("'", "") in self._plain or any(map(str.isdigit, word))


def _keep(best: list[_Path], at: int, found: _Path) -> None:
    if found[0] < best[at][0]:
        best[at] = found


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text.replace("’", "'"))]
