"""What counts from something settled before: "the day after", "an hour later", "same time", "fifteen, not fifty"."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from antiphon.agents.booking.when.arithmetic import DAY, WEEK
from antiphon.agents.booking.when.items import Clock, Day, Found, Stretch
from antiphon.agents.booking.when.tokens import Words
from antiphon.agents.booking.when.understood import Had

NEXT_DAY = (
    "the day after that", "day after that", "the day after", "day after", "the next day", "the following day",
    "one day later", "a day later", "next day", "following day",
)  # fmt: skip
DAY_BEFORE = (
    "the day before that", "day before that", "the day before", "day before", "the previous day",
    "one day earlier", "a day earlier",
)  # fmt: skip
WEEK_ON = ("the following week", "a week later", "one week later", "the week after that", "the week after")
WEEK_BACK = ("a week earlier", "one week earlier", "the week before that", "the week before")
LATER = ("a bit later", "a little later", "a little bit later", "something later", "later")
EARLIER = (
    "a bit earlier",
    "a little earlier",
    "a little bit earlier",
    "something earlier",
    "earlier",
    "a bit sooner",
    "sooner",
)
NOT_LATER = (
    "later than",
    "later on",
    "later today",
    "later tonight",
    "later this",
    "earlier than",
    "sooner than",
)


def shift_at(words: Words, place: int, now: datetime, had: Had) -> Found | None:
    """What is said at this place, reckoned from what was settled or from now."""
    if found := _in_hours(words, place, now):
        return found
    if had.date is not None and (found := _days(words, place, had.date)):
        return found
    if had.time is not None and (found := _hours(words, place, had.time)):
        return found
    return None


def _days(words: Words, place: int, settled: date) -> Found | None:
    for phrases, by in ((NEXT_DAY, DAY), (DAY_BEFORE, -DAY), (WEEK_ON, WEEK), (WEEK_BACK, -WEEK)):
        if end := words.first_of(place, phrases):
            if words[end] in ("tomorrow", "yesterday", "next"):
                return None
            return (Day((settled + by,)),), end
    if end := words.first_of(place, ("the same day", "same day", "that day", "that same day")):
        return (Day((settled,)),), end
    if (count := words.count(place)) and words[count[1]] in ("days", "weeks", "week", "day"):
        by = int(count[0]) * (WEEK if words[count[1]].startswith("week") else DAY)
        direction = words[count[1] + 1]
        if direction in ("later", "earlier"):
            return (Day((settled + (by if direction == "later" else -by),)),), count[1] + 2
    return None


def _hours(words: Words, place: int, settled: time) -> Found | None:
    if end := words.first_of(place, ("the same time", "same time", "same hour", "that time")):
        return (Clock((settled,)),), end
    if (count := words.count(place)) and words[count[1]] in ("hour", "hours", "minutes", "minute"):
        seconds = count[0] * (3600 if words[count[1]].startswith("hour") else 60)
        direction = words[count[1] + 1]
        if direction in ("later", "after", "earlier", "before", "sooner"):
            sign = 1 if direction in ("later", "after") else -1
            end = count[1] + 2
            return (Clock((moved(settled, sign * seconds),)),), end + (words[end] == "that")
    for phrase, minutes in (("half past", 30), ("quarter past", 15), ("quarter to", -15)):
        if (end := words.has(place, phrase)) and words[end] in ("", ",", "please"):
            return (Clock((moved(settled.replace(minute=0), 60 * minutes),)),), end
    if words.first_of(place, NOT_LATER):
        return None
    if end := words.first_of(place, LATER):
        return (Stretch(after=(settled,)),), end
    if end := words.first_of(place, EARLIER):
        return (Stretch(before=(settled,)),), end
    return None


def _in_hours(words: Words, place: int, now: datetime) -> Found | None:
    if words[place] != "in" or (count := words.count(place + 1)) is None:
        return None
    if words[count[1]] not in ("hour", "hours"):
        return None
    then = now + timedelta(hours=count[0])
    end = count[1] + 1
    end += words[end] == "time"
    return (Day((then.date(),)), Clock((then.time().replace(second=0, microsecond=0),))), end


def moved(settled: time, seconds: float) -> time:
    """The time so many seconds later, past midnight if need be."""
    return (datetime.combine(date(2000, 1, 2), settled) + timedelta(seconds=seconds)).time()


def swapped_number(words: Words, had: Had) -> tuple[time | None, date | None]:
    """ "Fifteen, not fifty": the number of what was settled that was misheard, put right."""
    for place in range(len(words)):
        if words[place] != "not":
            continue
        wrong = words.number(place + 1)
        before = place - 1 - (words[place - 1] == ",")
        right = next(
            (
                found
                for start in (before - 1, before)
                if (found := words.number(start)) and found[1] == before + 1
            ),
            None,
        )
        if wrong is not None and right is None:
            after = wrong[1]
            while words[after] in (",", "i", "said", "but", "its", "it", "was", "meant"):
                after += 1
            right = words.number(after)
        if wrong is None or right is None:
            continue
        if had.time is not None and had.time.minute in (wrong[0], right[0]) and right[0] < 60:
            return had.time.replace(minute=right[0]), None
        if had.time is not None and wrong[0] in (had.time.hour, had.time.hour % 12) and 1 <= right[0] <= 12:
            return had.time.replace(hour=right[0] % 12 + 12 * (had.time.hour >= 12)), None
        if had.date is not None and had.date.day == wrong[0] and 1 <= right[0] <= 28:
            return None, had.date.replace(day=right[0])
    return None, None
