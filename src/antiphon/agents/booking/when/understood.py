"""What a line says about days and hours, as values. What is not certain is a list of candidates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class Had:
    """What was settled before the line: "the day after" and "an hour later" count from it."""

    date: date | None = None
    time: time | None = None
    asked: str = ""
    "What was asked for: date or time. A bare number answers it."


@dataclass(frozen=True, slots=True)
class Understood:
    """The meaning of a line. Every field is empty unless the line says something of it."""

    dates: tuple[date, ...] = ()
    "One is certain; several are candidates, in the order of the line."
    span: tuple[date, date] | None = None
    "First and last day of a stretch within which a day is to be found."
    times: tuple[time, ...] = ()
    "One is certain; half nine is two: morning and evening."
    after: tuple[time, ...] = ()
    "Not before one of these."
    before: tuple[time, ...] = ()
    "Not after one of these."
    not_dates: tuple[date, ...] = ()
    not_times: tuple[time, ...] = ()
    zone: str = ""
    "The time zone that was named, as in the IANA database."
    is_about: bool = False
    "The time need not be met exactly."
    is_weekday: bool = False
    "The day was named by its weekday alone."
    is_any: bool = False
    "Whatever comes first will do."

    def __bool__(self) -> bool:
        return self != Understood()

    def __str__(self) -> str:
        """As in the lists of lines that tests keep; a dash when nothing was said."""
        parts = [
            ("d", _bars(_day(d) for d in self.dates)),
            ("w", f"{_day(self.span[0])}..{_day(self.span[1])}" if self.span else ""),
            ("t", _bars(_hour(t) for t in self.times)),
            ("a", _bars(_hour(t) for t in self.after)),
            ("b", _bars(_hour(t) for t in self.before)),
            ("nd", _bars(_day(d) for d in self.not_dates)),
            ("nt", _bars(_hour(t) for t in self.not_times)),
            ("z", self.zone),
        ]
        told = [f"{name}={value}" for name, value in parts if value]
        told += ["about"] * self.is_about + ["any"] * self.is_any
        return " ".join(told) or "-"


def _bars(values: Iterable[str]) -> str:
    return "|".join(values)


def _day(day: date) -> str:
    return day.isoformat()[2:]


def _hour(hour: time) -> str:
    return hour.strftime("%H:%M")
