"""A line as words a grammar can read, and the numbers among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50}
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14,
    "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
    "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
SOUNDS_LIKE = {"to": 2, "too": 2, "for": 4, "free": 3, "tree": 3, "ate": 8, "won": 1, "sex": 6, "tan": 10}
"Words that recognizers write for an hour."

_BEFORE = (
    (re.compile(r"[’‘`]"), "'"),
    (re.compile(r"[–—]"), ","),
    (re.compile(r"\b([ap])\.? ?m\b\.?"), r"\1m"),
    (re.compile(r"\bo'? ?clock\b"), "oclock"),
    (re.compile(r"\b(can|won|don|isn|doesn|didn|wouldn|couldn|shouldn)'?t\b"), r"\1't"),
    (re.compile(r"(\w)'s\b"), r"\1s"),
    (re.compile(r"(\d)([ap]m)\b"), r"\1 \2"),
    (re.compile(r"(\d)h(\d\d)\b"), r"\1:\2"),
    (re.compile(r"\b(\w+)-ish\b"), r"\1 ish"),
    (re.compile(r"(?<=[a-z])-(?=[a-z])"), " "),
)
_TOKEN = re.compile(
    r"\d{4}-\d\d?-\d\d?|\d\d?/\d\d?(?:/\d{2,4})?|\d\d?\.\d\d?\.(?:\d{4}|\d\d\b)?|\d\d?[:.]\d\d\b|\d+(?:st|nd|rd|th)\b"
    r"|\d+|[a-z']+|[,.;?!]"
)


def words_of(line: str) -> tuple[str, ...]:
    """The line's words, lower case; every mark between clauses is a comma."""
    text = line.lower()
    for pattern, by in _BEFORE:
        text = pattern.sub(by, text)
    return tuple("," if token in ".;?!" else token for token in _TOKEN.findall(text))


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one line, to be looked at from any place. Past the end there are empty ones."""

    all: Sequence[str]

    def __len__(self) -> int:
        return len(self.all)

    def __getitem__(self, place: int) -> str:
        return self.all[place] if 0 <= place < len(self.all) else ""

    def has(self, place: int, phrase: str) -> int:
        """Where `phrase` ends if it begins here, else 0."""
        parts = phrase.split()
        end = place + len(parts)
        return end if list(self.all[place:end]) == parts else 0

    def first_of(self, place: int, phrases: Sequence[str]) -> int:
        """Where the first of `phrases` that begins here ends, else 0."""
        return next((end for phrase in phrases if (end := self.has(place, phrase))), 0)

    def number(self, place: int) -> tuple[int, int] | None:
        """A number below a hundred that begins here, and where it ends."""
        word = self[place]
        if word.isdigit() and len(word) <= 2:
            return int(word), place + 1
        if word in UNITS:
            return UNITS[word], place + 1
        if word in TENS:
            unit = UNITS.get(self[place + 1], 0)
            return (TENS[word] + unit, place + 2) if 0 < unit < 10 else (TENS[word], place + 1)
        return None

    def ordinal(self, place: int) -> tuple[int, int] | None:
        """An ordinal up to thirty-first, and where it ends."""
        word = self[place]
        if found := re.fullmatch(r"(\d+)(?:st|nd|rd|th)", word):
            value, end = int(found[1]), place + 1
        elif word in ORDINALS:
            value, end = ORDINALS[word], place + 1
        elif word in ("twenty", "thirty") and 0 < ORDINALS.get(self[place + 1], 0) < 10:
            value, end = TENS[word] + ORDINALS[self[place + 1]], place + 2
        else:
            return None
        return (value, end) if 1 <= value <= 31 else None

    def hour(self, place: int, *, by_sound: bool = False) -> tuple[int, int] | None:
        """An hour of the day, 0 to 23, and where it ends. `by_sound`: also what only sounds like one."""
        if by_sound and self[place] in SOUNDS_LIKE:
            return SOUNDS_LIKE[self[place]], place + 1
        found = self.number(place)
        return found if found is not None and found[0] <= 23 else None

    def minute(self, place: int) -> tuple[int, int] | None:
        """Minutes as they follow an hour: thirty, oh five, 45."""
        if self[place] in ("oh", "o", "zero") and (found := self.number(place + 1)) and found[0] < 10:
            return found
        found = self.number(place)
        if found is None or not 10 <= found[0] <= 59:
            return None
        return found

    def count(self, place: int) -> tuple[float, int] | None:
        """How many of something: a, an, half an, two; and where it ends."""
        for phrase, value in (
            ("half an", 0.5),
            ("half a", 0.5),
            ("a couple of", 2.0),
            ("a", 1.0),
            ("an", 1.0),
        ):
            if end := self.has(place, phrase):
                return value, end
        found = self.number(place)
        return (float(found[0]), found[1]) if found else None
