"""Amounts, days and counts as a person says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
MONTHS = "January February March April May June July August September October November December".split()


def number(value: int) -> str:
    """A whole number, up to a million, in words."""
    if value < 0:
        return f"minus {number(-value)}"
    if value < 20:
        return _SMALL[value]
    if value < 100:
        return _TENS[value // 10] + (f"-{_SMALL[value % 10]}" if value % 10 else "")
    scale, name = (1000, "thousand") if value >= 1000 else (100, "hundred")
    rest = value % scale
    joint = " and " if rest < 100 else " "
    return f"{number(value // scale)} {name}" + (f"{joint}{number(rest)}" if rest else "")


def ordinal(value: int) -> str:
    """First, second, twenty-third."""
    head, dash, last = number(value).rpartition("-")
    if last in _ORDINALS:
        last = _ORDINALS[last]
    else:
        last = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return head + dash + last


def dollars(cents: int) -> str:
    """An amount of money."""
    whole, rest = divmod(abs(cents), 100)
    parts = [count(whole, "dollar", "dollars")] if whole or not rest else []
    if rest:
        parts.append(count(rest, "cent", "cents"))
    return ("minus " if cents < 0 else "") + " and ".join(parts)


def count(value: int, one: str, several: str) -> str:
    return f"{number(value)} {one if value == 1 else several}"


def day(when: date, today: date) -> str:
    """A day as one says it today: tomorrow, the third of May, the third of May twenty twenty-four."""
    away = (when - today).days
    if away in (-1, 0, 1):
        return ("yesterday", "today", "tomorrow")[away + 1]
    said = f"the {ordinal(when.day)} of {MONTHS[when.month - 1]}"
    is_clear = when.year == today.year or abs(away) < 120
    return said if is_clear else f"{said} {year(when.year)}"


def on(when: date, today: date) -> str:
    """The same where a sentence wants to know when: today, on the third of May."""
    said = day(when, today)
    return f"on {said}" if said.startswith("the ") else said


def year(value: int) -> str:
    """Two thousand and five, twenty twenty-six."""
    first, last = divmod(value, 100)
    return number(value) if last < 10 else f"{number(first)} {number(last)}"


def listed(parts: Sequence[str]) -> str:
    """One, two and three."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def first_lower(text: str, names: Sequence[str] = ("Larkboard", "I", "I'm", "I'll", "Slack")) -> str:
    """`text` as it goes on inside of a sentence: what is a name or an abbreviation keeps its capital."""
    word = text.split(" ", 1)[0].strip(",.")
    if word in names or word[1:] != word[1:].lower():
        return text
    return text[:1].lower() + text[1:]
