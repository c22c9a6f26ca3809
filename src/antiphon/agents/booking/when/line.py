"""A whole line: its pieces found from left to right, then put together with what was ruled out or taken back."""

# ruff: noqa: E501 - patterns and word lists read better whole

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from antiphon.agents.booking.when.clock import time_at
from antiphon.agents.booking.when.days import WEEKDAYS, day_at
from antiphon.agents.booking.when.items import Clock, Day, Found, Item, Mark, Span, Stretch, Zone
from antiphon.agents.booking.when.shifts import shift_at, swapped_number
from antiphon.agents.booking.when.tokens import Words, words_of
from antiphon.agents.booking.when.understood import Had, Understood
from antiphon.agents.booking.when.zones import zone

MARKS = (
    (Mark.NOT, ("any day but", "any time but", "any day except", "anything but", "anything except", "except for", "except",
                "but not", "not on", "not at", "not", "can't do", "can't make", "can't come", "cannot do", "cannot make",
                "don't want", "instead of", "rather than")),
    (Mark.NOT_BEFORE, ("doesn't work", "does not work", "won't work", "don't work", "is no good", "isn't possible",
                       "is out", "isn't good", "is impossible", "is not possible", "doesn't suit", "isn't good for me")),
    (Mark.INSTEAD, ("scratch that", "no sorry", "i mean", "i meant", "make it", "make that", "or rather", "actually",
                    "sorry", "no", "wait", "correction", "instead", "change it to", "change that to")),
    (Mark.OR, ("or",)),
    (Mark.FROM, ("from",)),
    (Mark.TO, ("to",)),
    (Mark.ANY, ("as soon as possible", "as early as possible", "as soon as you can", "the soonest", "first available", "next available", "earliest available", "earliest possible",
                "the earliest", "earliest", "whenever", "any time", "anytime", "any day", "i don't mind", "i don't care",
                "doesn't matter", "up to you", "you choose", "you pick", "soonest", "whatever works", "anything works",
                "anything is fine", "whatever you have")),
    (Mark.COMMA, (",",)),
)  # fmt: skip
FILLERS = frozenset("um uh er erm hmm like well so please maybe perhaps".split())


def understand(line: str, now: datetime, had: Had = Had()) -> Understood:  # noqa: B008 - it is frozen
    """What `line`, said at `now`, means. Pure; nothing is guessed: what is not certain comes as candidates."""
    words = Words([word for word in words_of(line) if word not in FILLERS - {"please"}])
    right_time, right_date = swapped_number(words, had)
    if right_time is not None or right_date is not None:
        return Understood(
            times=(right_time,) if right_time else (), dates=(right_date,) if right_date else ()
        )
    items = _scan(words, now, had)
    return _Reading(items, now.date()).read()


def _scan(words: Words, now: datetime, had: Had) -> list[Item]:
    items: list[Item] = []
    place = 0
    while place < len(words):
        items_, place = _at(words, place, now, _asked_again(items, had)) or ((), place + 1)
        items += items_
    return items


def _asked_again(items: Sequence[Item], had: Had) -> Had:
    """After "at three, no," a bare number is a time."""
    told = [item for item in items if item is not Mark.COMMA]
    is_clock = len(told) > 1 and told[-1] in (Mark.INSTEAD, Mark.OR) and isinstance(told[-2], Clock)
    return replace(had, asked="time") if is_clock else had


def _at(words: Words, place: int, now: datetime, had: Had) -> Found | None:
    if words[place] == "from" and (found := time_at(words, place)) and isinstance(found[0][0], Stretch):
        return found
    days = shift_at(words, place, now, had) or day_at(words, place, now.date(), had)
    if days is not None:
        return days
    end = words.first_of(place, ("any time after", "anytime after", "any time before", "anytime before"))
    if end and (found := time_at(words, end - 1)):
        return found
    is_instead = words.first_of(place, ("make it", "make that"))
    if (
        not is_instead
        and (words[place] != "no" or words[place + 2] == "than")
        and (found := time_at(words, place, had.asked))
    ):
        return found
    if is_instead and (found := time_at(words, place)):
        return (Mark.INSTEAD, *found[0]), found[1]
    for mark, phrases in MARKS:
        if end := words.first_of(place, phrases):
            at_once = mark is Mark.NOT and words[end - 1] == "at"
            return (mark,), end - at_once
    if found_zone := zone(words, place):
        return (Zone(found_zone[0]),), found_zone[1]
    return None


@dataclass(slots=True)
class _Reading:
    """The pieces on their way to a meaning."""

    items: Sequence[Item]
    today: date
    days: list[Day] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    span: Span | None = None
    not_days: list[date] = field(default_factory=list)
    not_times: list[time] = field(default_factory=list)
    zone: str = ""
    is_about: bool = False
    is_any: bool = False

    def read(self) -> Understood:
        is_not = is_instead = is_or = False
        for place, item in enumerate(self.items):
            match item:
                case Mark.NOT:
                    is_not = True
                case Mark.NOT_BEFORE:
                    self._rule_out(place)
                case Mark.INSTEAD:
                    is_instead, is_not = True, False
                case Mark.OR:
                    is_or = True
                case Mark.FROM:
                    is_not = self._is_move(place)
                case Mark.ABOUT:
                    self.is_about = True
                case Mark.ANY:
                    self.is_any = True
                case Mark.COMMA | Mark.TO:
                    pass
                case Zone(name):
                    self.zone = name
                case Day() | Clock() if is_not:
                    self._exclude(item)
                    is_not = False
                case Day():
                    self._day(item, is_instead, is_or, place)
                    is_or = False
                    is_instead = False
                case Clock():
                    if is_instead:
                        self.clocks.clear()
                    self.clocks.append(item)
                    is_or = is_instead = False
                case Span():
                    self.span = item
                case Stretch():
                    self.stretches.append(item)
        return self._understood()

    def _day(self, day: Day, is_instead: bool, is_or: bool, place: int) -> None:
        if is_instead:
            self.days.clear()
        last = self.days[-1] if self.days else None
        if last is not None and not is_or and last.weekday is not None and day.is_numbered:
            both = day.dates[0]
            same = both.weekday() == last.weekday
            self.days[-1] = Day((both,)) if same else Day((*last.dates, both))
            return
        self.days.append(day)

    def _is_move(self, place: int) -> bool:
        """From one day to another: the first is left."""
        kinds = [item for item in self.items[place + 1 : place + 4] if item is not Mark.COMMA]
        return len(kinds) == 3 and kinds[1] is Mark.TO and type(kinds[0]) is type(kinds[2])

    def _exclude(self, item: Day | Clock) -> None:
        if isinstance(item, Day):
            self.not_days += item.dates
        else:
            self.not_times += item.times

    def _rule_out(self, place: int) -> None:
        """What was named last is what does not work."""
        for before in reversed(self.items[:place]):
            if isinstance(before, Day) and before in self.days:
                self.days.remove(before)
                self._exclude(before)
                return
            if isinstance(before, Clock) and before in self.clocks:
                self.clocks.remove(before)
                self._exclude(before)
                return

    def _understood(self) -> Understood:
        dates = tuple(dict.fromkeys(d for day in self.days for d in day.dates if d not in self.not_days))
        if self.span is not None and dates:
            dates = tuple(self._within(day, self.span) for day in self.days) or dates
        times = tuple(
            dict.fromkeys(t for clock in self.clocks for t in clock.times if t not in self.not_times)
        )
        times, after, before = self._bounds(times)
        is_any = self.is_any and not (times or after or before or self.not_days or self.not_times)
        span = None if self.span is None or dates else (self.span.first, self.span.last)
        not_dates, not_times = tuple(dict.fromkeys(self.not_days)), tuple(dict.fromkeys(self.not_times))
        return Understood(
            dates=dates,
            span=span,
            times=times,
            after=after,
            before=before,
            not_dates=not_dates,
            not_times=not_times,
            zone=self.zone,
            is_about=self.is_about and bool(times),
            is_weekday=bool(dates) and all(day.weekday is not None for day in self.days),
            is_any=is_any,
        )

    def _within(self, day: Day, span: Span) -> date:
        """A weekday that was named with a stretch of days is the one in it."""
        if day.weekday is None:
            return day.dates[0]
        days = (span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1))
        return next((d for d in days if d.weekday() == day.weekday), day.dates[0])

    def _bounds(self, times: tuple[time, ...]) -> tuple[tuple[time, ...], tuple[time, ...], tuple[time, ...]]:
        """Times that fit the part of the day that was named with them; else the bounds of that part."""
        after: tuple[time, ...] = ()
        before: tuple[time, ...] = ()
        for stretch in self.stretches:
            if stretch.wide is not None:
                low, high = stretch.wide
                fitting = tuple(t for t in times if low <= t <= high)
                lower = tuple(t for t in after if low <= t <= high)
                upper = tuple(t for t in before if low <= t <= high)
                if fitting or lower or upper:
                    times, after, before = fitting or times, lower or after, upper or before
                    continue
                is_narrower = (
                    after
                    and before
                    and low >= after[0]
                    and high <= time(23, 59)
                    and stretch.before[0] <= before[0]
                )
                if after and before and not is_narrower:
                    continue
            after, before = stretch.after or after, stretch.before or before
        return (times, *_ordered(after, before))


def _ordered(after: tuple[time, ...], before: tuple[time, ...]) -> tuple[tuple[time, ...], tuple[time, ...]]:
    """Bounds that fit together: "between ten and noon" begins in the morning."""
    if len(after) > 1 and len(before) == 1:
        after = tuple(t for t in after if t < before[0])[-1:] or after
    if len(before) > 1 and len(after) == 1:
        before = tuple(t for t in before if t > after[0])[:1] or before
    return after, before


__all__ = ["WEEKDAYS", "understand"]
