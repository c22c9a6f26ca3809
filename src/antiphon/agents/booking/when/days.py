"""Days: "the day after tomorrow", "Monday week", "two weeks from Tuesday", "the last Friday of the month", "3/14".

Next Friday is the Friday of next week, reckoned from Monday; Friday alone and this Friday are the first to come.
"""

from __future__ import annotations

import re
from datetime import date

from antiphon.agents.booking.when.arithmetic import (
    DAY,
    WEEK,
    coming,
    made,
    month_after,
    month_of,
    next_numbered,
    next_yearly,
    nth_weekday,
    week_of,
)
from antiphon.agents.booking.when.clock import EVENING
from antiphon.agents.booking.when.items import Day, Found, Item, Span
from antiphon.agents.booking.when.tokens import Words
from antiphon.agents.booking.when.understood import Had

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tue tues", "wednesday wed weds", "thursday thu thur thurs", "friday fri",
         "saturday", "sunday")
    )
    for name in names.split()
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
         "august aug", "september sept sep", "october oct", "november nov", "december dec"), 1
    )
    for name in names.split()
}  # fmt: skip
FEASTS = {
    "christmas eve": (12, 24), "christmas day": (12, 25), "boxing day": (12, 26), "new years eve": (12, 31),
    "new years day": (1, 1), "halloween": (10, 31), "valentines day": (2, 14),
}  # fmt: skip
THINGS = frozenset(
    "one ones time times slot slots option choice thing of available free appointment half place".split()
)
"What an ordinal before them does not count days of."
UNITS = {"day": 1, "days": 1, "week": 7, "weeks": 7, "fortnight": 14, "fortnights": 14}


def day_at(words: Words, place: int, today: date, had: Had) -> Found | None:
    """The day, or the stretch of days, that is named at this place."""
    for skipped in (words.first_of(place, ("on the", "the", "on")), place):
        if skipped == 0 and place:
            continue
        for find in (_from_today, _counted, _nth_of, _week_or_month, _weekday, _dated, _numeric, _feast):
            if found := find(words, skipped, today):
                return found
    return _numbered(words, place, today, had)


def _one(day: date | None, end: int, *more: Item) -> Found | None:
    return None if day is None else ((Day((day,)), *more), end)


def _from_today(words: Words, place: int, today: date) -> Found | None:
    for phrase, days in (
        ("day after tomorrow", 2), ("day before yesterday", -2), ("tomorrow", 1), ("tomorrows", 1), ("today", 0),
        ("yesterday", -1), ("overmorrow", 2),
    ):  # fmt: skip
        if end := words.has(place, phrase):
            if after := words.first_of(end, ("week", "in a week")):
                return _one(today + days * DAY + WEEK, after)
            return _one(today + days * DAY, end)
    if end := words.first_of(place, ("tonight", "this evening", "later tonight")):
        return _one(today, end, EVENING)
    if words.first_of(place, ("this morning", "this afternoon", "this lunchtime", "later today")):
        return _one(today, place + (2 if words[place] == "later" else 1))
    return None


def _counted(words: Words, place: int, today: date) -> Found | None:
    """ "In three days", "a week on Tuesday", "two weeks from tomorrow", "a week today"."""
    is_in = words[place] == "in" or words[place] == "within"
    count = words.count(place + is_in)
    if count is None or count[0] != int(count[0]):
        return None
    number, end = int(count[0]), count[1]
    unit = words[end]
    if unit in ("month", "months", "years", "year") and is_in:
        return _one(month_after(today, number * (12 if unit.startswith("year") else 1)), end + 1)
    if unit not in UNITS:
        return None
    days, end = number * UNITS[unit], end + 1
    joint = words[end] in ("from", "on", "after", "past")
    if joint and words[end + 1] == "now":
        return _one(today + days * DAY, end + 2)
    base = end + joint
    base += joint and words[base] == "next"
    if words[base] in WEEKDAYS and (joint or unit != "day") and unit not in ("day", "days"):
        return _one(coming(today, WEEKDAYS[words[base]]) + days * DAY, base + 1)
    for phrase, more in (("today", 0), ("tomorrow", 1)):
        if end_ := words.has(base, phrase):
            return _one(today + (days + more) * DAY, end_)
    if is_in:
        end += words[end] == "time"
        return _one(today + days * DAY, end)
    return None


def _nth_of(words: Words, place: int, today: date) -> Found | None:
    """ "The last Friday of the month", "second Monday in December", "the last day of the month"."""
    if end := words.first_of(
        place, ("end of the month", "end of this month", "last day of the month", "last day of this month")
    ):
        return _one(month_of(today)[1], end)
    nth = (-1, place + 1) if words[place] == "last" else words.ordinal(place)
    if nth is None or nth[0] > 5:
        return None
    number, at = nth
    is_day = words[at] == "day"
    if words[at] not in WEEKDAYS and not (is_day and number == -1):
        return None
    at += 1
    if words[at] not in ("of", "in"):
        return None
    months = _months(words, at + 1, today)
    if months is None:
        return None
    for month in months[0]:
        last = month_of(month)[1]
        found = last if is_day else nth_weekday(month, WEEKDAYS[words[at - 1]], number)
        if found is not None and found >= today:
            return _one(found, months[1])
    return None


def _months(words: Words, place: int, today: date) -> tuple[tuple[date, ...], int] | None:
    """Months that may be meant, by their first days, the likeliest first."""
    this = today.replace(day=1)
    following = month_after(this, 1)
    if end := words.first_of(place, ("this month",)):
        return (this,), end
    if end := words.first_of(place, ("the month", "each month", "the current month")):
        return (this, following), end
    if end := words.first_of(place, ("next month", "the next month")):
        return (following,), end
    if words[place] in MONTHS:
        month = MONTHS[words[place]]
        return tuple(date(today.year + y, month, 1) for y in (0, 1)), place + 1
    return None


def _week_or_month(words: Words, place: int, today: date) -> Found | None:
    """A stretch of days, or a weekday within it: "next week", "Tuesday of next week", "in December"."""
    weekday = WEEKDAYS.get(words[place])
    at = place if weekday is None else place + 1
    at += words[at] in ("of", "in", ",")
    at += words[at] == "the"
    monday = week_of(today)
    for phrase, weeks in (
        ("week after next", 2), ("week after", 1), ("next week", 1), ("coming week", 1), ("following week", 1),
        ("this week", 0),
    ):  # fmt: skip
        if (end := words.has(at, phrase)) == 0:
            continue
        first = monday + weeks * WEEK
        behind = end + (words[end] == "on")
        if weekday is None and words[behind] in WEEKDAYS:
            weekday, end = WEEKDAYS[words[behind]], behind + 1
        if weekday is not None:
            return _one(first + weekday * DAY, end)
        return (Span(max(first, today), first + 6 * DAY),), end
    if weekday is not None:
        return None
    if end := words.first_of(place, ("next weekend",)):
        return (Span(monday + 12 * DAY, monday + 13 * DAY),), end
    if end := words.first_of(place, ("at the weekend", "at weekends", "this weekend", "weekend", "weekends")):
        return (Span(max(today, monday + 5 * DAY), monday + 6 * DAY),), end
    if end := words.first_of(place, ("next month",)):
        return (Span(*month_of(month_after(today, 1))),), end
    if words[place] in ("in", "during") and words[place + 1] in MONTHS and words.ordinal(place + 2) is None:
        month = MONTHS[words[place + 1]]
        first = date(today.year + (month < today.month), month, 1)
        return (Span(max(first, today), month_of(first)[1]),), place + 2
    return None


def _weekday(words: Words, place: int, today: date) -> Found | None:
    """A weekday by its name, with what leads to it and what follows."""
    led = words[place] if words[place] in ("next", "this", "coming", "following") else ""
    at = place + bool(led)
    if words[at] not in WEEKDAYS:
        return None
    weekday, end = WEEKDAYS[words[at]], at + 1
    first = coming(today, weekday)
    following = week_of(today) + WEEK + weekday * DAY
    if after := words.first_of(end, ("after next",)):
        return _one(following + WEEK, after)
    if after := words.first_of(end, ("week",)):
        return _one(first + WEEK, after)
    if after := words.first_of(end, ("fortnight",)):
        return _one(first + 2 * WEEK, after)
    is_today = today.weekday() == weekday
    match led:
        case "next":
            return _one(following, end)
        case "this" if is_today:
            return _one(today, end)
        case "this" | "coming" | "following":
            return _one(first, end)
    return (Day((today, first) if is_today else (first,), weekday),), end


def _dated(words: Words, place: int, today: date) -> Found | None:
    """ "The tenth of December", "December 10th", "10 December", "January second twenty twenty seven"."""
    number = words.ordinal(place)
    if (
        number
        and words[number[1]] == "of"
        and words[number[1] + 1] == "next"
        and words[number[1] + 2] == "month"
    ):
        month = month_after(today.replace(day=1), 1)
        return _one(made(month.year, month.month, number[0]), number[1] + 3)
    number = number or words.number(place)
    if number is not None:
        at = number[1] + (words[number[1]] == "of")
        if words[at] in MONTHS:
            return _of_year(words, at + 1, today, MONTHS[words[at]], number[0])
    if words[place] in MONTHS:
        at = place + 1 + (words[place + 1] == "the")
        number = words.ordinal(at) or (
            words.number(at) if words[at + 1] not in ("pm", "am", "oclock") else None
        )
        if number is not None:
            return _of_year(words, number[1], today, MONTHS[words[place]], number[0])
    return None


def _of_year(words: Words, place: int, today: date, month: int, number: int) -> Found | None:
    if re.fullmatch(r"20\d\d", words[place]):
        return _one(made(int(words[place]), month, number), place + 1, *())
    if (
        words[place] == "twenty"
        and words[place + 1] in ("twenty", "thirty")
        and (more := words.number(place + 1))
    ):
        return _one(made(2000 + more[0], month, number), more[1])
    day = next_yearly(today, month, number)
    return None if day is None else ((Day((day,), is_numbered=True),), place)


def _numeric(words: Words, place: int, today: date) -> Found | None:
    """3/14, 25/12/2026, 1.12., 2026-12-03. Where day and month could be either, both."""
    word = words[place]
    if found := re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)", word):
        return _one(made(int(found[1]), int(found[2]), int(found[3])), place + 1)
    if found := re.fullmatch(r"(\d\d?)\.(\d\d?)\.(\d{4})?", word):
        return _one(_dated_in(today, int(found[2]), int(found[1]), found[3]), place + 1)
    if (found := re.fullmatch(r"(\d\d?)/(\d\d?)(?:/(\d{2,4}))?", word)) is None:
        return None
    first, second = int(found[1]), int(found[2])
    days = (_dated_in(today, first, second, found[3]), _dated_in(today, second, first, found[3]))
    kept = tuple(dict.fromkeys(sorted(day for day in days if day is not None)))
    return ((Day(kept),), place + 1) if kept else None


def _dated_in(today: date, month: int, number: int, year: str | None) -> date | None:
    if not 1 <= month <= 12 or not 1 <= number <= 31:
        return None
    if year:
        return made(int(year) + (2000 if len(year) == 2 else 0), month, number)
    return next_yearly(today, month, number)


def _feast(words: Words, place: int, today: date) -> Found | None:
    for name, (month, number) in FEASTS.items():
        if end := words.has(place, name):
            return _one(next_yearly(today, month, number), end)
    return None


def _numbered(words: Words, place: int, today: date, had: Had) -> Found | None:
    """ "The tenth"; a bare ordinal where a day was asked for, or right after a weekday."""
    led = words.first_of(place, ("on the", "the"))
    behind_weekday = words[place - 1] in WEEKDAYS or (
        words[place - 1] == "," and words[place - 2] in WEEKDAYS
    )
    number = words.ordinal(led or place)
    if number is not None and words[number[1]] not in THINGS:
        is_digits = words[led or place][0].isdigit()
        if led or is_digits or behind_weekday or had.asked == "date":
            return (Day((next_numbered(today, number[0]),), is_numbered=True),), number[1]
    is_alone = (
        all(word in ("please", ",") for word in words.all[place + 1 :]) or words.number(place) is not None
    )
    if had.asked == "date" and place == 0 and is_alone and (plain := words.number(place)):
        rest = set(words.all[plain[1] :])
        if 1 <= plain[0] <= 31 and rest <= {"please", ","}:
            return (Day((next_numbered(today, plain[0]),), is_numbered=True),), plain[1]
    return None
