"""Times of the day: "ten past three", "half nine", "sixteen thirty", "between two and four", "in the morning"."""

from __future__ import annotations

from datetime import time

from antiphon.agents.booking.when.items import Clock, Found, Mark, Stretch, Zone
from antiphon.agents.booking.when.tokens import SOUNDS_LIKE, UNITS, Words
from antiphon.agents.booking.when.zones import zone

NOON, MIDNIGHT = time(12), time(0)
NAMED = {"noon": NOON, "midday": NOON, "midnight": MIDNIGHT}

MORNING = Stretch((time(6),), (NOON,), (time(0), time(11, 59)))
AFTERNOON = Stretch((NOON,), (time(18),), (NOON, time(18, 59)))
EVENING = Stretch((time(17),), (time(22),), (time(16), time(23, 59)))
PARTS = (
    (("first thing in the morning", "first thing"), Stretch((time(6),), (time(10),), (time(5), time(10)))),
    (("early in the morning", "early morning"), Stretch((time(6),), (time(9),), (time(4), time(9)))),
    (("late morning",), Stretch((time(10),), (NOON,), (time(9), NOON))),
    (("early afternoon", "early in the afternoon"), Stretch((NOON,), (time(15),), (NOON, time(15)))),
    (("late afternoon", "late in the afternoon"), Stretch((time(15),), (time(18),), (time(15), time(18)))),
    (("lunchtime", "lunch time", "over lunch"), Stretch((NOON,), (time(14),), (time(11), time(14)))),
    (("after work",), Stretch((time(17),), (time(22),), (time(16), time(23)))),
    (("in the morning", "in the mornings", "morning", "mornings"), MORNING),
    (("in the afternoon", "in the afternoons", "afternoon", "afternoons"), AFTERNOON),
    (("in the evening", "in the evenings", "evening", "evenings"), EVENING),
    (("at night",), Stretch((time(20),), (time(23, 59),), (time(18), time(23, 59)))),
)
NOT_PARTS = ("morning", "afternoon", "evening")
"At the beginning of a line these greet."

AFTER = (
    "any time after",
    "anytime after",
    "no earlier than",
    "not before",
    "after",
    "from",
    "starting from",
    "later than",
)
BEFORE = (
    "any time before",
    "anytime before",
    "no later than",
    "not after",
    "before",
    "by",
    "until",
    "till",
    "earlier than",
)
ABOUT = (
    "at around",
    "at about",
    "around about",
    "around",
    "about",
    "roughly",
    "approximately",
    "somewhere around",
    "some time around",
)
AT = ("at", "make it", "make that", "its", "is")
ROUND_MINUTES = frozenset({5, 10, 20, 25})
PAST, TO = ("past", "after", "passed"), ("to", "of", "till", "before")
PRONOUN_AFTER = frozenset(
    "that this which other another earlier later last original old previous any each no".split()
)
"After these, one is not an hour."
NOT_TIMES = frozenset(
    "people persons minutes minute hours hour days day weeks week months month years year times children kids pounds"
    " dollars euros of percent thousand million half st street avenue more moment second sec thing question".split()
)  # fmt: skip


def time_at(words: Words, place: int, asked: str = "") -> Found | None:
    """What is said about the time at this place, with the words that lead to it."""
    for find in (_between, _bounded, _about):
        if found := find(words, place):
            return found
    if end := words.first_of(place, AT):
        cue = words[place] == "at"
        if led := _clock(words, end, is_bare=True, by_sound=cue):
            return _with_zone(words, led)
    is_alone = asked == "time" or (all(word in ",please" for word in words.all[place + 1 :]) and place == 0)
    if plain := _clock(words, place, is_bare=is_alone and asked != "date"):
        return _with_zone(words, plain)
    return part_at(words, place)


def part_at(words: Words, place: int) -> Found | None:
    """A part of the day."""
    if words[place - 1] == "good" or (place == 0 and words[0] in NOT_PARTS and words[1] == ","):
        return None
    for phrases, part in PARTS:
        if end := words.first_of(place, phrases):
            return (part,), end
    return None


def _between(words: Words, place: int) -> Found | None:
    if words[place] == "between":
        joints: tuple[str, ...] = ("and",)
    elif words[place] == "from":
        joints = ("to", "until", "till")
    else:
        return None
    first = _clock(words, place + 1, is_bare=True, is_range=True)
    if first is None or words[first[1]] not in joints:
        return None
    second = _clock(words, first[1] + 1, is_bare=True)
    if second is None:
        return None
    after, before = first[0], second[0]
    return _with_zone(words, (Stretch(after.times, before.times), second[1]))


def _bounded(words: Words, place: int) -> Found | None:
    for phrases, is_after in ((AFTER, True), (BEFORE, False)):
        if (end := words.first_of(place, phrases)) and (found := _clock(words, end, is_bare=True)):
            bound = Stretch(after=found[0].times) if is_after else Stretch(before=found[0].times)
            end = words.first_of(found[1], ("onwards", "onward", "on", "or later", "or earlier")) or found[1]
            if words[found[1]] == "on" and words[found[1] + 1] not in ("", ","):
                end = found[1]
            return _with_zone(words, (bound, end))
    return None


def _about(words: Words, place: int) -> Found | None:
    if (end := words.first_of(place, ABOUT)) == 0:
        return None
    if found := _clock(words, end, is_bare=True):
        return _with_zone(words, found, Mark.ABOUT)
    return part_at(words, end)


def _with_zone(words: Words, found: tuple[Clock | Stretch, int], *before: Mark) -> Found:
    """Together with the zone that follows at once."""
    item, end = found
    if words[end] == "ish":
        end, before = end + 1, (Mark.ABOUT,)
    named = zone(words, end)
    return ((*before, item, Zone(named[0])), named[1]) if named else ((*before, item), end)


def _clock(
    words: Words, place: int, *, is_bare: bool, by_sound: bool = False, is_range: bool = False
) -> tuple[Clock, int] | None:
    """A time of the day. `is_bare`: an hour by itself is one. `is_range`: "to" will divide two of them."""
    if words[place] in ("a", "the") and words[place + 1] in ("quarter", "half"):
        place += 1
    if words[place] in NAMED:
        return Clock((NAMED[words[place]],)), place + 1
    if words[place] == "twelve" and words[place + 1] in ("noon", "midday", "midnight"):
        return Clock((NAMED[words[place + 1]],)), place + 2
    found = (None if is_range else _relative(words, place)) or _half(words, place)
    if found:
        hour, minute, end = found
    elif ":" in words[place] or ("." in words[place] and len(words[place]) > 1):
        return _digital(words, place)
    elif plain := _spelled(words, place, is_bare, by_sound):
        hour, minute, end = plain
        if words[end] == "hundred" or words[place] in ("oh", "zero"):
            return Clock((time(hour, minute),)), end + (words[end] == "hundred") + (words[end + 1] == "hours")
    else:
        return None
    return _halved(words, hour, minute, end)


def _halved(words: Words, hour: int, minute: int, end: int) -> tuple[Clock, int]:
    """The time, or both of them if nothing says which half of the day."""
    if words[end] in ("am", "pm") and hour <= 12:
        return Clock((time(hour % 12 + 12 * (words[end] == "pm"), minute),)), end + 1
    if hour == 0 or hour > 12:
        return Clock((time(hour, minute),)), end + (words[end] == "hours")
    other = (hour + 12) % 24
    return Clock((time(hour, minute), time(other, minute))), end


def _digital(words: Words, place: int) -> tuple[Clock, int] | None:
    hour_, _, minute_ = words[place].replace(".", ":").rstrip(":").partition(":")
    if not minute_.isdigit() or int(hour_) > 23 or int(minute_) > 59 or len(minute_) != 2:
        return None
    if hour_.startswith("0"):
        return Clock((time(int(hour_), int(minute_)),)), place + 1
    return _halved(words, int(hour_), int(minute_), place + 1)


def _relative(words: Words, place: int) -> tuple[int, int, int] | None:
    """ "Ten past three", "a quarter to five", "five and twenty past nine"."""
    if words[place] in ("quarter", "half"):
        minutes, end = (15 if words[place] == "quarter" else 30), place + 1
    elif words[place] == "five" and words.has(place, "five and twenty"):
        minutes, end = 25, place + 3
    elif found := words.number(place):
        minutes, end = found
    else:
        return None
    is_told = words[end] in ("minutes", "minute")
    end += is_told
    joint, hour = words[end], words.hour(end + 1, by_sound=True)
    if hour is None or not 1 <= minutes <= 59 or hour[0] > 23:
        return None
    if (
        words[end + 1] in ("to", "for", "too")
        and words[end + 2].isalpha()
        and words[end + 2] not in ("please",)
    ):
        return None
    if joint in PAST and (minutes % 5 == 0 or is_told):
        return hour[0], minutes, hour[1]
    is_to = joint in TO or (joint in ("two", "too") and minutes in (5, 10, 15, 20, 25))
    if is_to and minutes < 30 and (is_told or minutes in ROUND_MINUTES or words[place] == "quarter"):
        return (hour[0] - 1) % 24 or (12 if hour[0] <= 12 else 0), 60 - minutes, hour[1]
    return None


def _half(words: Words, place: int) -> tuple[int, int, int] | None:
    """ "Half nine", which is half past nine."""
    if words[place] != "half":
        return None
    found = words.hour(place + 1, by_sound=True)
    if found is None or not 1 <= found[0] <= 12 or words[found[1]] in NOT_TIMES:
        return None
    if words[place + 1] in ("to", "for", "too") and words[place + 2].isalpha() and words.number(place + 2):
        return None
    return found[0], 30, found[1]


def _spelled(words: Words, place: int, is_bare: bool, by_sound: bool) -> tuple[int, int, int] | None:
    """An hour, with minutes or without."""
    is_led = words[place] in ("oh", "zero") and words[place + 1] in UNITS
    sounds = words[place] in SOUNDS_LIKE
    found = words.hour(place + is_led, by_sound=by_sound or (sounds and not _goes_on(words, place)))
    if found is None:
        return None
    hour, end = found
    minute = words.minute(end)
    if minute is not None and words[minute[1]] not in NOT_TIMES and (not sounds or minute[0] % 5 == 0):
        return hour, minute[0], minute[1]
    if sounds and not by_sound:
        return None
    if hour == 1 and (words[place - 1] in PRONOUN_AFTER or words.ordinal(place - 1)):
        return None
    if words[end] == "oclock":
        return hour, 0, end + 1
    if words[end] == "hundred" or words[end] in ("am", "pm", "ish") or zone(words, end):
        return hour, 0, end
    is_of_day = any(words.first_of(end, phrases) for phrases, _ in PARTS) or words[end] in ("tonight",)
    if is_of_day or (is_bare and words[end] not in NOT_TIMES):
        return hour, 0, end
    return None


def _goes_on(words: Words, place: int) -> bool:
    """The word that sounds like an hour is what it is: "from ten to thirty", "a table for forty"."""
    before = words[place - 1]
    return (
        place > 0 and before not in ("", ",", "at", "about", "around") and words.number(place - 1) is not None
    )
