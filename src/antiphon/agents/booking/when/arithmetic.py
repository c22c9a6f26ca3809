"""Sums with days: the coming Tuesday, the last Friday of a month, a month later."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def coming(today: date, weekday: int) -> date:
    """The first day of that weekday after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def month_after(day: date, months: int) -> date:
    """The same day so many months later; the last of that month where it has none such."""
    at = day.year * 12 + day.month - 1 + months
    year, month = divmod(at, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_of(day: date) -> tuple[date, date]:
    """First and last day of its month."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def made(year: int, month: int, day: int) -> date | None:
    """That day if the calendar has it."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def next_numbered(today: date, number: int) -> date:
    """The next day with that number in its month; today counts. Months without one are passed over."""
    for months in range(12):
        first = month_after(today.replace(day=1), months)
        if (found := made(first.year, first.month, number)) and found >= today:
            return found
    raise ValueError(number)


def next_yearly(today: date, month: int, number: int) -> date | None:
    """The next such day of the year; today counts. None for the thirtieth of February."""
    days = (made(today.year + years, month, number) for years in range(5))
    return next((day for day in days if day and day >= today), None)


def nth_weekday(month: date, weekday: int, nth: int) -> date | None:
    """The nth such weekday of the month; the last one for -1."""
    first, last = month_of(month)
    if nth < 0:
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    found = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    return found if found <= last else None
