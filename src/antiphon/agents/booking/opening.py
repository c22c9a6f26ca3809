"""When appointments can be had: opening hours, holidays, and how long one lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Hours = tuple[time, time]
"From, and until when: the last appointment has ended by then."

OFFICE: Mapping[int, tuple[Hours, ...]] = {day: ((time(9), time(17)),) for day in range(5)}
"Monday to Friday, nine to five."
FEASTS = ((1, 1), (12, 25), (12, 26))


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """A house's hours. All times are those of its own time zone."""

    zone: str = "UTC"
    "As in the IANA database."
    week: Mapping[int, tuple[Hours, ...]] = field(default_factory=lambda: OFFICE)
    "By weekday, Monday 0. A day that is missing is closed."
    closed: frozenset[date] = frozenset()
    closed_yearly: tuple[tuple[int, int], ...] = FEASTS
    "Month and day."
    lasts_min: int = 30
    "Minutes of an appointment."
    every_min: int = 15
    "From opening on, one can begin every so many minutes."
    ahead_days: int = 180
    "How far ahead one may book."
    notice_min: int = 30
    "How soon one may come."

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.lasts_min)

    def hours(self, day: date) -> tuple[Hours, ...]:
        """When it is open on that day; nothing when it is closed."""
        if day in self.closed or (day.month, day.day) in self.closed_yearly:
            return ()
        return self.week.get(day.weekday(), ())

    def starts(self, day: date) -> tuple[datetime, ...]:
        """When an appointment can begin on that day, whether it is taken or not."""
        found: list[datetime] = []
        for first, last in self.hours(day):
            at = datetime.combine(day, first, self.tz)
            while at + self.length <= datetime.combine(day, last, self.tz):
                found.append(at)
                at += timedelta(minutes=self.every_min)
        return tuple(found)

    def is_within(self, day: date, at: time) -> bool:
        """An appointment could begin then, were it not for the rhythm in which they do."""
        end = (datetime.combine(day, at) + self.length).time()
        return any(first <= at and at < end <= last for first, last in self.hours(day))

    def days(self, first: date, today: date) -> Sequence[date]:
        """The open days from `first` on, as far ahead as one may book."""
        last = today + timedelta(days=self.ahead_days)
        span = range(max(0, (last - first).days + 1))
        return [day for n in span if self.hours(day := first + timedelta(days=n))]
