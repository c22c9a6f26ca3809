"""How text is said: symbols become the words a reader would say, each tied to its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from antiphon.core.formulas import CHEMISTRY, FORMULAS, LATEX, Reading
from antiphon.core.quantities import AMOUNTS, CALENDAR
from antiphon.core.readings import ABBREVIATED, ADDRESSES, MARKUP, SYMBOLS

_GROUPS = (
    (re.compile(r"[^\w\s.,;:?!']"), MARKUP),
    (re.compile(r"[\d./@]"), ADDRESSES),
    (re.compile(r"[\\${}]"), LATEX),
    (re.compile(r"\d|[A-Z]\w*[.–-]|Mon|Tue|Wed|Thu|Fri"), CALENDAR),
    (re.compile(r"\d"), AMOUNTS),
    (re.compile(r"[A-Z]\w*[a-z\d₂-₈]"), CHEMISTRY),
    (re.compile(r"\d|[^\w\s.,;:?!'’“”\"]|[²³¹¼-¾⁰-₉⅐-⅞α-ω]"), FORMULAS),
    (re.compile(r"[A-Z./#]"), ABBREVIATED),
    (re.compile(r"[^\w\s.,;:?!'’]|_|\s[.,;:?!]"), SYMBOLS),
)
"Rules in their order, each group with the sign without which none of it applies."


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word to say. When it and those before it have been said, the text up to `end` has been."""

    text: str
    end: int
    "Characters of the original text; always the end of a word of it."


class Passage:
    """Text on its way to speech. Every character knows where in the original text it came from."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._ends = list(range(1, len(text) + 1))

    def rewrite(self, pattern: re.Pattern[str], reading: Reading) -> None:
        """Every match of `pattern` is now its reading, all of which stands for the whole match."""
        text, ends, at = [], [], 0
        for match in pattern.finditer(self.text):
            said = match.expand(reading) if isinstance(reading, str) else reading(match)
            if said == match.group():
                continue
            text += [self.text[at : match.start()], said]
            ends += self._ends[at : match.start()]
            ends += [self._ends[match.end() - 1]] * len(said)
            at = match.end()
        if at:
            self.text = "".join([*text, self.text[at:]])
            self._ends = ends + self._ends[at:]

    def words(self, original: str) -> list[SpokenWord]:
        """The words as they stand, with the ends of the original's words that they complete."""
        return [
            SpokenWord(found.group(), _word_end(original, self._ends[found.end() - 1]))
            for found in re.finditer(r"\S+", self.text)
        ]


def spoken(text: str) -> list[SpokenWord]:
    """The words in which `text` is said, in order; empty when there is nothing to say."""
    passage = Passage(text)
    for sign, rules in _GROUPS:
        if sign.search(passage.text):
            for pattern, reading in rules:
                passage.rewrite(pattern, reading)
    return [word for word in passage.words(text) if any(char.isalnum() for char in word.text)]


def _word_end(text: str, at: int) -> int:
    """The end of the word, as spaces divide the text, in which the last character before `at` lies."""
    while at and text[at - 1].isspace():
        at -= 1
    while at < len(text) and not text[at].isspace():
        at += 1
    return at
