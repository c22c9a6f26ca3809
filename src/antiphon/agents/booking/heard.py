"""What callers say of appointments, as it is misheard: days, hours, and what they want done."""

# ruff: noqa: E501 - word lists read better whole

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time

from antiphon.agents.booking.acts import Act, act_of
from antiphon.agents.booking.opening import OpeningHours
from antiphon.agents.booking.when import Had, Understood, understand
from antiphon.agents.hearing.repairs import Phrasebook, Repaired

_WEEKDAYS = frozenset("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
_MONTHS = frozenset(
    "January February March April June July August September October November December".split()
)
_UNITS = "first second third fourth fifth sixth seventh eighth ninth".split()
_ORDINALS = frozenset(
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
    "thirtieth".split()
) | frozenset(_UNITS) | {f"twenty {unit}" for unit in _UNITS} | {"thirty first"}  # fmt: skip
_HOURS = frozenset("one two three four five six seven eight nine ten eleven twelve noon".split())
_MINUTES = frozenset(("fifteen", "thirty", "forty five"))
_PARTS = frozenset(("morning", "afternoon", "evening"))
_FROM_NOW = ("tomorrow", "today", "the day after tomorrow", "next week", "in two weeks", "a week on")
_CLOCK = ("half past", "quarter past", "quarter to", "o'clock")
_TIMES = ("in the morning", "in the afternoon", "any time after", "any time before")
_SHIFTS = ("the day after", "an hour later", "an hour earlier", "the same time", "go back to the first one")
"What counts from a day or a time that is settled."
_ACTS = (
    "my appointment", "appointment", "cancel", "move", "book", "book it", "start over", "the first one",
    "the second one", "the last one", "neither", "please", "earliest", "the earliest", "instead", "go ahead", "forget it",
)  # fmt: skip
_PLAIN = """
i i'd i'm i'll like would want need can could may might shall should will come be have has had do does did is are was it's
that's a an the to on at in for of with by from until till before after between and or not no yes yeah yep okay ok please
thanks thank you my me we us our your this that these those next last coming following some any something anything sometime
anytime made time times day days week weeks month months date hour hours minute minutes later earlier early late soon possible
available free open what when which how about if so then there here make it take get book booking appointments meeting slot
slots reservation change changed move reschedule switch keep back go going say said tell again once more one ones other another
different same previous original instead actually rather just only really maybe perhaps sorry wait hold oh well um uh good
fine great right wrong correct sure perfect works work better best don't can't won't didn't doesn't isn't let's let hello hi
bye goodbye over start cancel twenty thirty forty fifty hundred am pm tonight night midday midnight lunch lunchtime weekend
but except mornings afternoons evenings meaning half quarter past either both none whichever whatever whenever now new year christmas eve zero too parking far from
"""
_BEFORE_HOURS = frozenset(
    "at past passed to about around by after before until till from between and or it for".split()
)
_BEFORE_WEEKDAYS = frozenset(
    "on next this to for of no it about come coming not and or time actually please appointment book say said meant mean "
    "like would is yes".split()
)


def _fits(before: str, phrase: str, after: str) -> bool:
    """Whether the phrase may be meant between these two words."""
    if phrase in _WEEKDAYS:
        return not before or before in _BEFORE_WEEKDAYS
    if phrase in _MONTHS:
        return (
            before in ("of", "in")
            or _is_ordinal(before)
            or (not before and (after == "the" or _is_ordinal(after)))
        )
    if phrase in _ORDINALS:
        led = before in ("the", "and") or before.capitalize() in _MONTHS | _WEEKDAYS
        return led or after == "of"
    if phrase in _HOURS:
        is_followed = after in ("thirty", "fifteen", "o'clock", "oclock")
        return before in _BEFORE_HOURS or is_followed or (not before and after in ("", "please", "in"))
    if phrase in _MINUTES:
        return before in _HOURS
    if phrase == "start over":
        return not before
    if phrase in _SHIFTS:
        return not before or before in ("no", "at", "it", "and", "actually")
    if phrase in _PARTS:
        return before in ("the", "tomorrow", "this", "next") or before.capitalize() in _WEEKDAYS
    return True


def _is_ordinal(word: str) -> bool:
    return word in _ORDINALS or word[:1].isdigit()


_SAID = {
    "Monday": ("munday", "mundi"), "Tuesday": ("toozday", "chewzday", "tewzdi"), "Wednesday": ("wenzday", "wensdi"),
    "Thursday": ("thurzday", "thurzdi", "furzday"), "Friday": ("fryday", "frydi"), "Saturday": ("satterday", "satterdi"),
    "Sunday": ("sunday", "sundi"), "tomorrow": ("tumarrow",),
}  # fmt: skip
_ALWAYS = [
    *_WEEKDAYS, *_MONTHS, *_ORDINALS, *_HOURS, *_MINUTES, *_PARTS, *_FROM_NOW, *_CLOCK, *_TIMES, *_ACTS
]  # fmt: skip
OPENING = Phrasebook(_ALWAYS, _PLAIN, _SAID, _fits)
SETTLED = Phrasebook([*_ALWAYS, *_SHIFTS], _PLAIN, _SAID, _fits)
_HOUR = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_DAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|today"
_ALIKE = {
    "to": "two",
    "too": "two",
    "for": "four",
    "fore": "four",
    "free": "three",
    "tree": "three",
    "ate": "eight",
    "won": "one",
}


def _hour(found: re.Match[str]) -> str:
    return found[0].replace(found["hour"], _ALIKE[found["hour"].lower()])


_HOMOPHONE = rf"(?P<hour>{'|'.join(_ALIKE)})"
_WRITTEN: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.I), by)
    for pattern, by in (
        (r"\bto-?(?P<day>day|morrow|night)\b", r"to\g<day>"),
        (r"\b(next|this|on|at|the), (?=\w)", r"\1 "),
        (rf"\b({_HOUR}|twenty|thirty), (?=(?:fifteen|thirty|forty|o'clock)\b)", r"\1 "),
        (rf"\b({_DAY}),? (?=(?:{_HOUR})\b(?: thirty| fifteen| forty| o'clock)?\W*$)", r"\1 at "),
        (r"\bquarter,? (?:pass|passed)\b,?", "quarter past"),
        (r"\b(?:half[- ]|(?:i )?have (?=pass))(?:pass|passed|as|has)\b,?", "half past"),
        (r"\bhalf[- ]past (?:night|mine|line|nigh)\b", "half past nine"),
        (r"\b(to|too|two|till) (?:a|the) clock\b", "two o'clock"),
        (r"\ba clock\b", "o'clock"),
        (rf"(?:past|after|before|until) {_HOMOPHONE}\W*$", _hour),
    )
)
"What recognizers write for the very words, and the commas that slow speech gets."
_ALONE = re.compile(
    rf"^\W*{_HOMOPHONE}\b(?=\W*$|,? (?:please|o'clock|thirty|fifteen|in the|p\.?m|a\.?m))", re.I
)
"An hour, where a time was asked for."


_ASKS = re.compile(r"^\W*(?:what|who|where|why|how|will|does|did|was|is|are|has|have)\b", re.I)


def put_right(line: str, had: Had, now: datetime) -> Repaired:
    """The line as it was probably said; as it was heard where a repair would not help. Nobody is taken to have said yes."""
    for pattern, by in _WRITTEN:
        line = pattern.sub(by, line)
    if had.asked == "time":
        line = _ALONE.sub(_hour, line)
    repaired = (SETTLED if had.date or had.time else OPENING).repaired(line)
    if not repaired.changes or (_ASKS.match(line) and not repaired.is_sure):
        return Repaired(line, strange=repaired.strange)
    before, after = understand(line, now, had), understand(repaired.text, now, had)
    is_kept = set(before.times) <= set(after.times) or (bool(after.times) and _tells_minutes(repaired))
    is_more = set(before.dates) <= set(after.dates) and is_kept and after != before
    is_told = act_of(line) is Act.NONE and act_of(repaired.text) not in (Act.NONE, Act.YES)
    return repaired if is_more or (is_told and after == before) else Repaired(line, strange=repaired.strange)


def _tells_minutes(repaired: Repaired) -> bool:
    """It is the minutes of an hour that were misheard: the hour alone was never said."""
    return any(change.meant in (*_CLOCK, *_MINUTES) for change in repaired.changes)


def on_the_grid(when: Understood, opening: OpeningHours) -> Understood:
    """With the minutes at which an appointment can begin, where others were heard that sound like them."""
    if not when.times or any(_begins(at, opening) for at in when.times):
        return when
    alike = tuple(at.replace(minute=_TEENS.get(at.minute, at.minute)) for at in when.times)
    return replace(when, times=alike) if all(_begins(at, opening) for at in alike) else when


_TEENS = {50: 15, 13: 30, 14: 40, 40: 14}
"Fifteen and fifty, thirteen and thirty, fourteen and forty sound alike."


def _begins(at: time, opening: OpeningHours) -> bool:
    return (60 * at.hour + at.minute) % opening.every_min == 0
