"""The pieces a line is made of, as the rules find them, before they are put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class Day:
    """Days that were named; several when it could be any of them."""

    dates: tuple[date, ...]
    weekday: int | None = None
    "It was named by its weekday alone."
    is_numbered: bool = False
    "It was named by its number in the month."


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days, both ends in it."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of the day; two when it could be morning or evening."""

    times: tuple[time, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the day. `wide`: the hours that its name lets one mean, where one is said with it."""

    after: tuple[time, ...] = ()
    before: tuple[time, ...] = ()
    wide: tuple[time, time] | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    name: str


class Mark(Enum):
    NOT = auto()
    "What follows is ruled out."
    NOT_BEFORE = auto()
    "What came before is ruled out."
    OR = auto()
    INSTEAD = auto()
    "What follows takes the place of what was said."
    FROM = auto()
    TO = auto()
    ABOUT = auto()
    ANY = auto()
    COMMA = auto()


Item = Day | Span | Clock | Stretch | Zone | Mark
Found = tuple[tuple[Item, ...], int]
"What was found, and the place after it."
