"""Word problems of speed, distance and time with the third asked for."""

from __future__ import annotations

import re
from fractions import Fraction

from antiphon.agents.tutor.mathematics.figures import answer, figure, plain
from antiphon.agents.tutor.mathematics.listing import N, amount
from antiphon.agents.tutor.mathematics.solution import Solution
from antiphon.agents.tutor.mathematics.units import UNITS, plural, singular
from antiphon.agents.tutor.patterns import Pattern

_WHO = r"(?:my |his |her |the |a |an )?[a-z]+"
_FAR = r"(?:miles?|kilomet(?:er|re)s?|km|met(?:er|re)s?|feet|m)"
_LONG = r"(?:hours?|minutes?|seconds?|days?|h)"
_GOES = (
    r"(?:goes|travels|travelled|traveled|drives|drove|runs|ran|covers|covered|moves|moved|rides|rode"
    r"|walks|walked|flies|flew|cycles|cycled|went|travel|drive|run|walk|ride|go)"
)
_SPEED_WORD = rf"(?P<speed>{N}) (?P<far>{_FAR}) (?:per|an|a|each|every) (?P<long>{_LONG})"
_SPEED = Pattern(
    rf"(?:if )?(?:{_WHO}) {_GOES} (?P<d>{N}) (?P<far>{_FAR}) in (?P<t>{N}|an?|one) (?P<long>{_LONG})"
    rf"(?: [.,])?(?: then)? "
    rf"(?:what is (?:its|the|his|her|their|my)(?: (?:car|train|bus|plane|bike|boat)'s)?"
    rf"(?: average)? speed(?: of (?:the|its) \w+)?|how fast (?:is|was|does|did|do|am|are) (?:it|he|she"
    rf"|they|i|the \w+) (?:going|go|moving|traveling|travelling|driving|running|run|travel|drive))"
    rf"(?: in \w+ per \w+)?"
)
_DISTANCE = Pattern(
    rf"(?:if )?(?:{_WHO}) {_GOES}(?: at)?(?: a)?(?: speed of| constant speed of)? {_SPEED_WORD}"
    rf"(?: for (?P<t0>{N}|an?) (?P<long0>{_LONG}))?(?: [.,])?(?: then)? how far (?:does|will|did"
    rf"|can|would|do) (?:it|he|she|they|i|the \w+) (?:go|travel|get|drive|run|walk|ride|cover)"
    rf"(?: in (?P<t>{N}|an?|one) (?P<long2>{_LONG}))?"
)
_TIME = Pattern(
    rf"(?:if )?(?:{_WHO}) {_GOES}(?: at)?(?: a)?(?: speed of| constant speed of)? {_SPEED_WORD}"
    rf"(?: [.,])?(?: then)? how long (?:does|will|did|would) it take(?: \w+)?(?: to (?:go|travel|drive"
    rf"|cover|run|walk|do))?(?: for)? (?P<d>{N}) (?P<far2>{_FAR})"
    rf"|how long (?:does|will|would) it take to (?:go|travel|drive|cover|run|walk) (?P<d2>{N}) "
    rf"(?P<far3>{_FAR}) at "
    rf"{_SPEED_WORD.replace('<speed>', '<speed2>').replace('<far>', '<far4>').replace('<long>', '<long3>')}"
)


def journey(text: str) -> Solution | None:
    """The question about a journey that the whole text is, or None."""
    found = _SPEED.fullmatch(text)
    if found:
        distance, time = Fraction(found["d"]), amount(found["t"])
        far, long = (
            singular(found["far"]),
            singular(found["long"].replace("h", "hour") if found["long"] == "h" else found["long"]),
        )
        asked = re.search(r" in (\w+) per (\w+)$", text)
        if time <= 0 or (asked and (singular(asked[1]), singular(asked[2])) != (far, long)):
            return None
        speed = distance / time
        unit = f"{plural(far, speed)} per {long}"
        first = f"The speed is {answer(speed)} {unit}."
        return Solution(
            "story",
            (first, f"Speed is distance divided by time: {figure(distance)} divided by {figure(time)}."),
            f"{plain(speed)} {unit}",
            speed,
        )
    found = _DISTANCE.fullmatch(text)
    if found:
        time_text, long_text = found["t"] or found["t0"], found["long2"] or found["long0"]
        if not time_text or (found["t"] and found["t0"]):
            return None
        time = amount(time_text) * UNITS["time"][singular(long_text)] / UNITS["time"][singular(found["long"])]
        speed = Fraction(found["speed"])
        distance = speed * time
        unit = plural(singular(found["far"]), distance)
        step = f"Distance is speed times time: {figure(speed)} times {figure(time)} is {figure(distance)}."
        return Solution(
            "story",
            (f"The distance is {answer(distance)} {unit}.", step),
            f"{plain(distance)} {unit}",
            distance,
        )
    found = _TIME.fullmatch(text)
    if not found:
        return None
    distance, speed = Fraction(found["d"] or found["d2"]), Fraction(found["speed"] or found["speed2"])
    units = singular(found["far"] or found["far4"]), singular(found["far2"] or found["far3"])
    if units[0] != units[1] or speed <= 0:
        return None
    time = distance / speed
    unit = plural(singular(found["long"] or found["long3"]), time)
    step = f"Time is distance divided by speed: {figure(distance)} divided by {figure(speed)}."
    return Solution("story", (f"It takes {answer(time)} {unit}.", step), f"{plain(time)} {unit}", time)
