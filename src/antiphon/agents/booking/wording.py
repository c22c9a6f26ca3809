"""Days and hours in words, as one says them, and the sentences around them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from antiphon.agents.booking.when.tokens import ORDINALS, TENS, UNITS

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January February March April May June July August September October November December").split()
_NUMBERS = {value: name for name, value in UNITS.items()}
_TENS = {value: name for name, value in TENS.items() if name != "fourty"}
_ORDINALS = {value: name for name, value in ORDINALS.items()}


def number(value: int) -> str:
    """A number below sixty."""
    if value in _NUMBERS:
        return _NUMBERS[value]
    if value == 0:
        return "zero"
    tens = _TENS[value // 10 * 10]
    return f"{tens}-{_NUMBERS[value % 10]}" if value % 10 else tens


def ordinal(value: int) -> str:
    """An ordinal up to thirty-first."""
    return _ORDINALS.get(value) or f"{_TENS[value // 10 * 10]}-{_ORDINALS[value % 10]}"


def day(when: date, today: date) -> str:
    """ "Tuesday the twenty-fourth of November"; with its year where that is not plain; tomorrow is called so."""
    year = "" if (when - today).days < 300 else f" {when.year}"
    named = f"{WEEKDAYS[when.weekday()]} the {ordinal(when.day)} of {MONTHS[when.month - 1]}{year}"
    near = {0: "today, ", 1: "tomorrow, "}.get((when - today).days, "")
    return near + named


def short_day(when: date) -> str:
    return f"{WEEKDAYS[when.weekday()]} the {ordinal(when.day)}"


def hour(at: time, *, whole: bool = False) -> str:
    """ "Half past nine"; with `whole` also in which part of the day. Fifteen and fifty cannot be confused."""
    if at.hour in (0, 12) and at.minute == 0:
        return "noon" if at.hour else "midnight"
    this, following = number(at.hour % 12 or 12), number((at.hour + 1) % 12 or 12)
    match at.minute:
        case 0:
            said = this
        case 15:
            said = f"a quarter past {this}"
        case 30:
            said = f"half past {this}"
        case 45:
            said = f"a quarter to {following}"
        case minute if minute < 30:
            said = f"{number(minute)}{'' if minute % 5 == 0 else ' minutes'} past {this}"
        case minute:
            said = f"{number(60 - minute)}{'' if minute % 5 == 0 else ' minutes'} to {following}"
    return f"{said} {part(at)}" if whole else said


def part(at: time) -> str:
    if at.hour < 12:
        return "in the morning"
    return "in the afternoon" if at.hour < 18 else "in the evening"


def either(choices: Sequence[str]) -> str:
    """ "a, b or c"."""
    return " or ".join([", ".join(choices[:-1]), choices[-1]] if len(choices) > 1 else choices)


def every(things: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join([", ".join(things[:-1]), things[-1]] if len(things) > 1 else things)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# ---- references ------------------------------------------------------------------------------------------
NAMES = (
    "maple amber river garden silver meadow harbour candle velvet orchard lantern copper walnut ribbon saffron"
    " marble willow thunder pepper violet anchor castle dolphin feather ginger island jasmine kettle lemon mango"
    " nectar olive"
).split()
"Words that nobody mishears for one another."


def reference(id: str) -> str:
    """A name of the appointment that can be said and heard: "maple four two seven". The same for the same id."""
    value = sum(ord(letter) * 31**place % 1_000_003 for place, letter in enumerate(id))
    digits = f"{value // len(NAMES) % 1000:03d}"
    return f"{NAMES[value % len(NAMES)]} {' '.join(number(int(digit)) for digit in digits)}"
