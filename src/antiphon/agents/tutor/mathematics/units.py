"""Conversions of the common units of length, mass, time, volume, area and temperature."""

from __future__ import annotations

import re
from fractions import Fraction

from antiphon.agents.tutor.mathematics.figures import about, figure, plain
from antiphon.agents.tutor.mathematics.listing import N
from antiphon.agents.tutor.mathematics.solution import Solution
from antiphon.agents.tutor.patterns import Pattern

_TABLE = {
    "length": (
        "millimeter mm=1/1000 centimeter cm=1/100 decimeter dm=1/10 meter m=1 kilometer km=1000 "
        "inch=127/5000 foot=381/1250 yard=1143/1250 mile=201168/125"
    ),
    "mass": (
        "milligram mg=1/1000000 gram g=1/1000 kilogram kilo kg=1 tonne=1000 "
        "ounce=45359237/1600000000 pound=45359237/100000000 stone=317514659/50000000"
    ),
    "time": (
        "millisecond=1/1000 second 2th=1 minute=60 hour=3600 day=86400 week=604800 fortnight=1209600 "
        "year=31536000 leap-year=31622400"
    ),
    "months": "month=1 quarter-year=3 decade=120 century=1200 millennium=12000 year=12",
    "volume": (
        "milliliter ml=1/1000 centiliter cl=1/100 deciliter dl=1/10 liter l=1 "
        "gallon=473176473/125000000 quart=473176473/500000000 pint=473176473/1000000000 "
        "cup=473176473/2000000000"
    ),
    "money": "cent=1 dollar=100 penny=1 nickel=5 dime=10 quarter=25",
    "count": "item=1 dozen=12 score=20",
    "angle": "degree=1 right-angle=90 full-turn=360",
}
_PLURALS = {
    "inches": "inch",
    "feet": "foot",
    "centuries": "century",
    "pennies": "penny",
    "millennia": "millennium",
}
_SPELLINGS = (("metre", "meter"), ("litre", "liter"), ("kilogramme", "kilogram"))


def _read_table() -> dict[str, dict[str, Fraction]]:
    """Dimension → unit → size in the base unit, with squares and cubes of the lengths."""
    table: dict[str, dict[str, Fraction]] = {}
    for dimension, line in _TABLE.items():
        units: dict[str, Fraction] = {}
        waiting: list[str] = []
        for entry in line.split():
            name, _, size = entry.partition("=")
            waiting.append(name)
            if size:
                units |= dict.fromkeys(waiting, Fraction(size))
                waiting = []
        table[dimension] = units
    table["area"] = {f"square {name}": size**2 for name, size in table["length"].items()}
    table["area"] |= {"hectare": Fraction(10_000), "acre": Fraction("4046.8564224")}
    table["space"] = {f"cubic {name}": size**3 for name, size in table["length"].items()}
    table["space"] |= {name: size / 1000 for name, size in table["volume"].items()}
    return table


UNITS = _read_table()
_NAMES = {
    "mm": "millimeter",
    "cm": "centimeter",
    "dm": "decimeter",
    "m": "meter",
    "km": "kilometer",
    "mg": "milligram",
    "g": "gram",
    "kg": "kilogram",
    "kilo": "kilogram",
    "ml": "milliliter",
    "cl": "centiliter",
    "dl": "deciliter",
    "l": "liter",
    "2th": "second",
}
_U = r"(?:(?:square|cubic|sq) )?[a-z]+(?: year)?|2th"
_AMOUNT = rf"(?P<n>{N}|an?|1 half)(?: of)?(?: an?)?"
_CONVERT = Pattern(
    rf"(?:convert|change|turn|express) {_AMOUNT} (?P<from>{_U}) (?:to|into|in|as) (?P<to>{_U})"
)
_BARE = Pattern(
    rf"(?P<n>{N}|an?)(?: of)?(?: an?)? (?P<from>{_U}) (?:to|into|in|as|is how many|equals how many"
    rf"|are how many) (?P<to>{_U})"
)
_HOW_MANY = Pattern(
    rf"(?:how many|the number of|how much) (?P<to>{_U}) (?:(?:are |is )?(?:there )?(?:in|for)|are"
    rf"|is|make(?: up)?|do you get from|equals?|equal to) {_AMOUNT} (?P<from>{_U})(?: have| make)?"
)
_HAVE = Pattern(
    rf"how many (?P<to>{_U}) (?:does|do) (?P<n>{N}|an?)(?: of)?(?: an?)? (?P<from>{_U}) (?:have"
    rf"|make|contain|equal)"
)
_AND_A_HALF = Pattern(r"(?<!\S)an? (\w+) and 1/2")
_TEMPERATURE = Pattern(
    rf"(?:convert )?(?:- ?)?(?P<n>{N}) (?:degrees? )?(?P<from>celsius|centigrade|fahrenheit|c|f) "
    rf"(?:to|in|into|as) (?:degrees? )?(?P<to>celsius|centigrade|fahrenheit|c|f)"
)


def unit(text: str) -> Solution | None:
    """The conversion that the whole text asks for, or None."""
    text = original = _AND_A_HALF.sub(r"3/2 \1s", text)
    text = re.sub(
        (
            rf"(?<!\S)({N}) (feet|foot|hours?|minutes?|meters?|pounds?) (?:and )?({N}) (inch(?:es)?"
            rf"|minutes?|seconds?|centimeters?|ounces?)"
        ),
        _joined,
        text,
    )
    found = _TEMPERATURE.fullmatch(text)
    if found and "- " not in text:
        return _temperature(Fraction(found["n"]), found["from"], found["to"])
    for pattern in (_CONVERT, _BARE, _HOW_MANY, _HAVE):
        found = pattern.fullmatch(text)
        if found:
            amount = Fraction(1) if found["n"] in ("a", "an") else Fraction(found["n"])
            solution = convert(amount, found["from"], found["to"], is_joined=text != original)
            if solution:
                return solution
    return None


def _joined(found: re.Match[str]) -> str:
    """“5 feet 6 inches” as inches, “2 hours and 15 minutes” as minutes."""
    large, small = singular(found[2]), singular(found[4])
    for units in UNITS.values():
        if large in units and small in units:
            total = Fraction(found[1]) * units[large] / units[small] + Fraction(found[3])
            return f"{total} {small}"
    return found[0]


def singular(name: str) -> str:
    """The name under which a unit is in the table; the name itself if it is none."""
    for spelling, ours in _SPELLINGS:
        name = name.replace(spelling, ours)
    name = name.replace("sq ", "square ")
    head, _, tail = name.rpartition(" ")
    tail = _PLURALS.get(tail, tail)
    if tail.endswith("s") and any(tail[:-1] in units for units in UNITS.values()):
        tail = tail[:-1]
    tail = _NAMES.get(tail, tail)
    return f"{head} {tail}".strip()


def plural(name: str, amount: Fraction | None = None) -> str:
    """“meter” or “meters”, as `amount` demands; always plural without one."""
    if amount == 1:
        return name
    irregular = {ours: many for many, ours in _PLURALS.items()}
    head, _, tail = name.rpartition(" ")
    return f"{head} {irregular.get(tail, tail + 's')}".strip()


def convert(amount: Fraction, from_name: str, to_name: str, *, is_joined: bool = False) -> Solution | None:
    """`amount` of one unit in the other; None if they do not measure the same thing."""
    source, target = singular(from_name), singular(to_name)
    for units in (UNITS["months"], *UNITS.values()):
        if source in units and target in units and (source != target or is_joined):
            ratio = units[source] / units[target]
            break
    else:
        return None
    value = amount * ratio
    said_amount = figure(amount) if amount.denominator < 100 else f"about {about(amount)}"
    is_short = ratio.denominator < 1000 and ratio.numerator < 10**9
    text = figure(value) if "/" not in figure(value) else f"about {about(value)}"
    if not is_short and len(plain(value)) > 9:
        text = f"about {about(value, 4)}"
    verb = "is" if amount <= 1 else "are"
    if source == target:
        return Solution(
            "conversion",
            (f"That is {text} {plural(target, value)} in all.",),
            f"{plain(value)} {plural(target, value)}",
            value,
        )
    if "/" in plain(value):
        is_short = False
    first = f"{said_amount} {plural(source, amount)} {verb} {text} {plural(target, value)}."
    return Solution(
        "conversion",
        (first, *_rule(source, target, ratio)),
        (
            f"{plain(value) if is_short else text.removeprefix('about ').replace(',', '')} "
            f"{plural(target, value)}"
        ),
        value,
    )


def _rule(source: str, target: str, ratio: Fraction) -> tuple[str, ...]:
    notes: tuple[str, ...] = ()
    if "year" in (source, target) and ratio not in (12, Fraction(1, 12)):
        notes = ("That is for a year of 365 days; a leap year has one more.",)
    if ratio.denominator == 1:
        return (f"One {source} is {figure(ratio)} {plural(target)}, so multiply by {figure(ratio)}.", *notes)
    if ratio.numerator == 1:
        return (
            f"One {target} is {figure(1 / ratio)} {plural(source)}, so divide by {figure(1 / ratio)}.",
            *notes,
        )
    if ratio.numerator < 10**6:
        size = figure(ratio) if "/" not in figure(ratio) else f"about {about(ratio, 4)}"
        return (f"One {source} is {size} {plural(target)}.", *notes)
    return (f"One {source} is about {about(ratio, 4)} {plural(target)}.", *notes)


def _temperature(value: Fraction, from_name: str, to_name: str) -> Solution | None:
    source, target = ("celsius" if name[0] == "c" else "fahrenheit" for name in (from_name, to_name))
    if source == target:
        return None
    if source == "celsius":
        result = value * 9 / 5 + 32
        rule = "Multiply by 9/5 and add 32."
    else:
        result = (value - 32) * 5 / 9
        rule = "Take away 32 and multiply by 5/9."
    text = figure(result) if "/" not in figure(result) else f"about {about(result)}"
    first = f"{figure(value)} degrees {source.title()} is {text} degrees {target.title()}."
    return Solution(
        "conversion", (first, rule), f"{text.removeprefix('about ')} degrees {target.title()}", result
    )
