"""Personal details in text, written or as speech recognizers write them, found by their form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

PHONE, EMAIL, CARD, IDENTITY, ADDRESS, NAME = "phone", "email", "card", "identity", "address", "name"
REDACTED = {
    PHONE: "[a phone number]",
    EMAIL: "[an e-mail address]",
    CARD: "[a card number]",
    IDENTITY: "[an identity number]",
    ADDRESS: "[an address]",
    NAME: "[a name]",
}
DIGITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip

_WORD = "(?:" + "|".join(sorted(DIGITS, key=len, reverse=True)) + ")"
_GROUP = rf"{_WORD}(?:\s+(?:hundred|thousand))?"
_SPOKEN = re.compile(
    rf"\b(?:plus[\s,]+)?(?:(?:double|triple)\s+)?{_GROUP}(?:[\s,-]+(?:(?:double|triple)\s+)?{_GROUP}){{4,}}\b",
    re.I,
)
_TALK_OF_NUMBER = re.compile(
    r"\b(?:phone|mobile|cell|telephone|number|call|ring|text|whatsapp|reach|dial|contact)\b[^.?!]{0,40}$",
    re.I,
)
_MATHS_BEFORE = re.compile(
    r"(?:\bpoint|\bpi\b.{0,12}|\bcount\w*.{0,20}|\bsequence.{0,20}|\bdigits\b.{0,20})\s*$", re.I
)
_INTERNATIONAL = re.compile(r"(?<![\w.])(?:\+|00)\d{1,3}(?:[ .()-]{0,2}\d){7,12}(?![\d.]*\d)")
_NATIONAL = re.compile(r"(?<![\w.,])\(?0\d{2,4}\)?(?:[ -]?\d){6,8}(?![\d,.]*\d)")
_NORTH_AMERICAN = re.compile(r"(?<![\w.-])(?:1[ .-])?\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}(?![\d-])")
_GROUPED = re.compile(r"(?<![\w.,+-])\d(?:[ -]?\d){6,14}(?![\d,-]|\.\d)")
_CARD = re.compile(r"(?<![\w.,])\d(?:[ -]?\d){12,18}(?![\d,]|\.\d)")
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_ENDINGS = r"(?:com|org|net|edu|gov|info|io|uk|de|fr|ie|us|eu|co|school|ac)"
_JOINED = r"(?:\s+(?:dot|underscore|dash|hyphen|plus)\s+|[._+-])"
# "john dot smith", "k a t e", "j p miller seven": a name spelt, joined, with initials or with a number behind it.
_NAMED = rf"(?:[a-z](?:\s+[a-z])+|(?:[b-hj-z]\s+)*\w+(?:{_JOINED}\w+)*)(?:\s+(?:\d{{1,4}}|{_WORD}))*"
_ONE_WORD = r"\w+(?:\s+\w+)?,?\s+(?:all\s+)?(?:(?:as\s+)?one\s+word|together|lower\s*case),?"
_SPOKEN_EMAIL = re.compile(
    rf"(?<![\w'’])(?P<who>{_ONE_WORD}|{_NAMED})\s+at\s+"
    rf"\w+(?:(?:\s+dot\s+|\.)\w+)*(?:\s+dot\s+|\.){_ENDINGS}\b",
    re.I,
)
_BEFORE_A_SITE = frozenset(
    {"look", "looking", "find", "found", "us", "me", "them", "visit", "see", "is", "it", "are", "online"}
    | {"here", "there", "go", "up", "site", "website", "page", "read", "shop", "store"}
)
_NATIONAL_INSURANCE = re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", re.I)
_SPELT_INSURANCE = re.compile(rf"\b[a-z][\s,]+[a-z][\s,]+(?:{_WORD}[\s,]+){{6}}[a-d]\b", re.I)
_TALK_OF_IDENTITY = re.compile(
    r"\b(?:social\s+security|national\s+insurance|insurance|passport|identity|driving\s+licen[cs]e|tax|"
    r"sort\s+code|iban|account|pin|security\s+code|health\s+service)\b[^.?!]{0,30}$",
    re.I,
)
# Single words: “twenty one” could otherwise be read in two ways, and a long row of such in a great many.
_NUMBER = (
    rf"(?:{_WORD}|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty)"
)
_NUMBER_RUN = re.compile(rf"\b{_NUMBER}(?:[\s,-]+{_NUMBER}){{2,}}\b", re.I)
_DIGIT_RUN = re.compile(r"(?<![\w.,-])\d(?:[ ,-]{0,2}\d){5,}(?!\.?\d)")
_STREET = re.compile(
    r"(?:\b(?:lives?|living|stay(?:s|ing)?|resides?|moved)\s+(?:at|to|in)|\baddress\s+is|\b(?:deliver|send|post)\s+it\s+to)"
    rf"\s+(?P<where>(?:number\s+)?(?:\d+\w?|(?:{_NUMBER}|hundred|and)(?:[\s-]+(?:{_NUMBER}|hundred|and)){{0,4}}?)\s+(?:\w+\s+){{1,3}}?"
    r"(?:street|road|avenue|lane|drive|close|court|place|way|crescent|terrace|square|gardens|boulevard)\b"
    rf"(?:,?\s+\w+)??(?:,?(?:\s+(?:\w{{1,2}}|{_WORD})){{4,8}}\b)?)",
    re.I,
)
_GIVEN_NAME = re.compile(
    r"\b(?:my|his|her|their)\s(?:(?:full|first|last|middle|second|family|maiden)\s)?(?:sur)?name(?:'s|\sis)(?:\scalled)?,?\s"
    r"(?P<who>[a-z][\w'’-]*(?:\s[a-z][\w'’-]*){0,2})",
    re.I,
)
_NO_NAME = frozenset(
    "a an the on in at not no still also spelt spelled wrong right written missing misspelled misspelt listed "
    "there here under shown registered as what very too quite hard easy long short called that this already".split()
)
_ENDS_NAME = frozenset(
    "and the with but so spelt spelled like by in on at for i i'd i'm i'll can could please is".split()
)
_SOCIAL_SECURITY = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")


@dataclass(frozen=True, slots=True)
class Detail:
    """A personal detail: `text[start:stop]`."""

    kind: str
    start: int
    stop: int


def find(text: str) -> list[Detail]:
    """The personal details in `text`, from left to right; no two overlap."""
    kept: list[Detail] = []
    for detail in _candidates(text):
        if all(detail.stop <= other.start or detail.start >= other.stop for other in kept):
            kept.append(detail)
    return sorted(kept, key=lambda detail: detail.start)


def redact(text: str, *, with_names: bool = False) -> tuple[str, tuple[str, ...]]:
    """`text` with a placeholder for each personal detail, and the kinds that were found. Idempotent.

    `with_names`: also what somebody gives as a name ("my name is …"). A name that is only used is not found.
    """
    details = find(text)
    if with_names:
        free = [n for n in _names(text) if all(n.stop <= d.start or n.start >= d.stop for d in details)]
        details = sorted([*details, *free], key=lambda detail: detail.start)
    for detail in reversed(details):
        text = text[: detail.start] + REDACTED[detail.kind] + text[detail.stop :]
    return text, tuple(dict.fromkeys(detail.kind for detail in details))


def _candidates(text: str) -> Iterator[Detail]:
    """Details in order of certainty; they may overlap, and then the earlier one counts."""
    yield from _all(EMAIL, _EMAIL, text)
    yield from _all(EMAIL, _SPOKEN_EMAIL, text, lambda m: m["who"].lower() not in _BEFORE_A_SITE)
    yield from _all(CARD, _CARD, text, lambda m: _is_card(re.sub(r"\D", "", m[0])))
    yield from _all(IDENTITY, _NATIONAL_INSURANCE, text)
    yield from _all(IDENTITY, _SPELT_INSURANCE, text)
    yield from _all(IDENTITY, _SOCIAL_SECURITY, text)
    for pattern in (_DIGIT_RUN, _NUMBER_RUN):
        yield from _all(IDENTITY, pattern, text, lambda m: _is_identity(m[0], text[: m.start()]))
    for found in _STREET.finditer(text):
        yield Detail(ADDRESS, found.start("where"), found.end("where"))
    for pattern in (_INTERNATIONAL, _NATIONAL, _NORTH_AMERICAN):
        yield from _all(PHONE, pattern, text)
    yield from _all(PHONE, _GROUPED, text, lambda m: bool(_TALK_OF_NUMBER.search(text[: m.start()])))
    for found in _SPOKEN.finditer(text):
        digits = _digits(found[0])
        before = text[: found.start()]
        if len(digits) >= 13 and _is_card(digits):
            yield Detail(CARD, found.start(), found.end())
        elif _is_spoken_phone(digits, before):
            yield Detail(PHONE, found.start(), found.end())


def _names(text: str) -> Iterator[Detail]:
    """What is given as a name: a word that is no other, and up to two after it."""
    for found in _GIVEN_NAME.finditer(text):
        words = list(re.finditer(r"[\w'’-]+", found["who"]))
        end = next((at for at, word in enumerate(words) if word[0].lower() in _ENDS_NAME), len(words))
        if end and words[0][0].lower() not in _NO_NAME:
            start = found.start("who")
            yield Detail(NAME, start + words[0].start(), start + words[end - 1].end())


def _all(
    kind: str, pattern: re.Pattern[str], text: str, holds: Callable[[re.Match[str]], bool] = bool
) -> Iterator[Detail]:
    return (Detail(kind, m.start(), m.end()) for m in pattern.finditer(text) if holds(m))


def _digits(spoken: str) -> str:
    """The digits of "oh seven double five one" and the like."""
    digits, times = "", 1
    for word in re.findall(r"[a-z]+", spoken.lower()):
        if word in ("hundred", "thousand"):
            digits += "00" if word == "hundred" else "000"
        elif word in ("double", "triple"):
            times = 2 if word == "double" else 3
        elif word in DIGITS:
            digits += DIGITS[word] * times
            times = 1
    return digits


def _is_spoken_phone(digits: str, before: str) -> bool:
    """Whether spoken digits are a phone number rather than counting, pi or a table."""
    steps = {int(b) - int(a) for a, b in pairwise(digits)}
    if len(steps) <= 1 or _MATHS_BEFORE.search(before):
        return False
    if _TALK_OF_NUMBER.search(before):
        return len(digits) >= 6
    return len(digits) >= 10 or (digits[0] == "0" and len(digits) >= 9)


def _is_identity(number: str, before: str) -> bool:
    """Whether a number of six digits or more, or of three groups, follows the name of what it identifies."""
    if not _TALK_OF_IDENTITY.search(before):
        return False
    words = re.findall(r"[a-z]+", number.lower())
    return (
        not words
        or len([word for word in words if word in DIGITS]) >= 6
        or not all(w in DIGITS for w in words)
    )


def _is_card(digits: str) -> bool:
    """Luhn's check (ISO/IEC 7812-1, annex B)."""
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0 and len(set(digits)) > 1
