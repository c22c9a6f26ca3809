"""The same number in another form: lowest terms, ratios, decimals, percentages, fractions, rounding."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from antiphon.agents.tutor.mathematics import figures
from antiphon.agents.tutor.mathematics.arithmetic import sentence
from antiphon.agents.tutor.mathematics.figures import decimal, figure, fraction, places, plain
from antiphon.agents.tutor.mathematics.listing import LIST, N, numbers, said
from antiphon.agents.tutor.mathematics.solution import Muddled, Solution
from antiphon.agents.tutor.patterns import Pattern

_FRACTION = r"(?P<top>\d+)(?:/| over | divided by | OVER | / )(?P<bottom>\d+)"
_LOWEST = Pattern(
    rf"(?:simplify|reduce|cancel)(?: the)?(?: fraction)? {_FRACTION}(?: to (?:its )?(?:lowest"
    rf"|simplest) (?:terms|form))?"
    rf"|(?:write )?(?:the )?(?:simplest form of )?"
    rf"(?:the fraction )?{_FRACTION.replace('top', 'top2').replace('bottom', 'bottom2')}"
    r"(?P<tail> (?:in|to) (?:its )?(?:lowest|simplest) (?:terms|form)| simplified| reduced)"
)
_RATIO = Pattern(
    r"(?:simplify|reduce) (?:the )?(?:ratio )?(?:of )?(?P<a>\d+) (?:to|:|is to) (?P<b>\d+)(?: (?:to"
    r"|:) (?P<c>\d+))?"
    r"|(?:the )?ratio (?:of )?(?P<a2>\d+) (?:to|:) (?P<b2>\d+)(?: (?:to|:) (?P<c2>\d+))?(?: in "
    r"(?:its )?(?:lowest|simplest) (?:terms|form)| simplified)"
)
_SHARE = Pattern(
    rf"(?:share|divide|split) (?P<n>{N})(?: dollars| euros| pounds)?(?: up)? in(?:to)? (?:the "
    rf"|a )?ratio (?:of )?(?P<a>\d+) (?:to|:) (?P<b>\d+)"
)
_INTO = Pattern(
    rf"(?:convert|change|turn|write|express|put)?(?: the)?(?: fraction| decimal| number)? ?"
    rf"(?P<value>{N}|\d+ over \d+)(?P<percent> %)? (?:to|into|as|in)(?: an?| the)?(?: equivalent)? "
    r"(?P<form>decimal|%|percentage|fraction|mixed number|improper fraction|decimals|decimal form)"
    r"(?: form| number)?"
)
_PLACES = {
    "whole number": 0,
    "integer": 0,
    "1": 0,
    "one": 0,
    "unit": 0,
    "10th": 1,
    "1/10": 1,
    "100th": 2,
    "1/100": 2,
    "cent": 2,
    "1000th": 3,
    "10": -1,
    "ten": -1,
    "hundred": -2,
    "100": -2,
    "1000": -3,
    "thousand": -3,
    "million": -6,
    "1000000": -6,
    "10s": -1,
    "tens": -1,
    "hundreds": -2,
    "dollar": 0,
}
_ROUND = Pattern(
    rf"(?:round(?: off)? )?(?P<n>{N})(?: rounded)? to (?:the )?(?:(?:nearest )"
    rf"(?P<nearest>{'|'.join(sorted(_PLACES, key=len, reverse=True))})"
    r"|(?P<places>\d+) decimal (?:places?|points?)|(?P<figures>\d+) significant (?:figures?|digits?))"
)


def form(text: str) -> Solution | None:
    """The question about the form of a number that the whole text is, or None."""
    for pattern, answer in _ANSWERS:
        found = pattern.fullmatch(text)
        if found:
            given = {re.sub(r"\d$", "", name): value for name, value in found.groupdict().items() if value}
            return answer(given)
    return None


def _lowest(given: dict[str, str]) -> Solution:
    top, bottom = int(given["top"]), int(given["bottom"])
    if bottom == 0:
        raise Muddled("A fraction cannot have a zero below the line.")
    value, common = Fraction(top, bottom), math.gcd(top, bottom)
    if common == 1:
        first = f"{top}/{bottom} is already in lowest terms."
        return Solution(
            "fraction", (first, f"{top} and {bottom} share no factor but 1."), fraction(value), value
        )
    first = f"{top}/{bottom} is {fraction(value)}."
    return Solution(
        "fraction", (first, f"Divide top and bottom by {common}."), fraction(value).replace(",", ""), value
    )


def _ratio(given: dict[str, str]) -> Solution:
    parts = [int(given[key]) for key in "abc" if key in given]
    common = math.gcd(*parts)
    if common == 0 or 0 in parts:
        raise Muddled("A ratio needs numbers other than zero.")
    small = [part // common for part in parts]
    whole, simple = " to ".join(map(str, parts)), " to ".join(map(str, small))
    if common == 1:
        first = f"The ratio {whole} is already as simple as it can be."
        return Solution("ratio", (first,), ":".join(map(str, small)))
    first = f"The ratio {whole} simplifies to {simple}."
    return Solution("ratio", (first, f"Divide every part by {common}."), ":".join(map(str, small)))


def _share(given: dict[str, str]) -> Solution:
    total, a, b = Fraction(given["n"]), int(given["a"]), int(given["b"])
    if a + b == 0:
        raise Muddled("A ratio needs numbers other than zero.")
    one = total / (a + b)
    first = f"The parts are {figure(a * one)} and {figure(b * one)}."
    step = (
        f"There are {a + b} shares in all, and one share is {figure(total)} divided by {a + b}, "
        f"{figure(one)}."
    )
    return Solution("ratio", (first, step), f"{plain(a * one)} and {plain(b * one)}")


def _into(given: dict[str, str]) -> Solution | None:
    written = given["value"].replace(" over ", "/")
    if written.endswith("/0"):
        raise Muddled("A fraction cannot have a zero below the line.")
    value = Fraction(written) / (100 if "percent" in given else 1)
    name = f"{written} percent" if "percent" in given else written
    kind = given["form"]
    if kind.startswith("decimal"):
        exact = places(value)
        if exact is not None and exact <= 8:
            text = decimal(value, exact)
            first = f"{name} as a decimal is {text}."
        else:
            text = decimal(value, 3)
            first = f"{name} as a decimal is about {text}."
        step = f"Divide {value.numerator} by {value.denominator}." if "/" in written else ""
        return Solution("decimal", tuple(filter(None, (first, step))), text.replace(",", ""), value)
    if kind in ("%", "percentage"):
        percent = value * 100
        text = figure(percent) if places(percent) is not None else f"about {figures.about(percent)}"
        first = f"{name} is {text} percent."
        return Solution(
            "percentage", (first, "Multiply by 100 to make it a percentage."), f"{plain(percent)}%", value
        )
    return _as_fraction(name, value, kind)


def _as_fraction(name: str, value: Fraction, kind: str) -> Solution:
    form_text = fraction(value).replace(",", "")
    if kind == "mixed number" and abs(value) > 1 and value.denominator > 1:
        whole, rest = divmod(abs(value.numerator), value.denominator)
        sign = "-" if value < 0 else ""
        form_text = f"{sign}{whole} and {rest}/{value.denominator}"
        step = f"{value.denominator} goes into {abs(value.numerator)} {whole} times, with {rest} left over."
        return Solution("fraction", (f"{name} is {form_text}.", step), form_text, value)
    digits = places(value) or 0
    if "." in name and digits:
        raw = f"{abs(value.numerator) * (10**digits // value.denominator)}/{10**digits}"
        step = (
            f"Write it over {10**digits:,}: {raw}, and cancel."
            if raw != form_text
            else f"It is {form_text} by its places."
        )
        return Solution("fraction", (f"{name} as a fraction is {form_text}.", step), form_text, value)
    return Solution("fraction", (sentence(f"{name} as a fraction is {form_text}."),), form_text, value)


def _round(given: dict[str, str]) -> Solution | None:
    value = Fraction(given["n"])
    if "figures" in given:
        wanted = int(given["figures"])
        if not 1 <= wanted <= 12 or value == 0:
            return None
        size = len(str(int(abs(value)))) if abs(value) >= 1 else -_leading_zeros(abs(value))
        digits, how = wanted - size, f"{wanted} significant figure{'s' if wanted > 1 else ''}"
    elif "places" in given:
        digits = int(given["places"])
        if digits > 12:
            return None
        how = f"{digits} decimal place{'s' if digits != 1 else ''}"
    else:
        digits = _PLACES[given["nearest"]]
        how = f"the nearest {_NEAREST.get(given['nearest'], given['nearest'])}"
    scale = Fraction(10) ** digits
    rounded = Fraction(math.floor(abs(value) * scale + Fraction(1, 2))) / scale * (-1 if value < 0 else 1)
    text = decimal(rounded, max(0, digits))
    exact = places(value)
    shown = decimal(value, exact) if exact is not None else fraction(value)
    return Solution("rounding", (f"{shown} rounded to {how} is {text}.",), text.replace(",", ""), rounded)


_NEAREST = {
    "10th": "tenth",
    "100th": "hundredth",
    "1000th": "thousandth",
    "10": "ten",
    "100": "hundred",
    "1000": "thousand",
    "1": "whole number",
    "one": "whole number",
    "1/10": "tenth",
    "1/100": "hundredth",
    "1000000": "million",
}


def _leading_zeros(value: Fraction) -> int:
    """How many zeros stand between the point and the first figure of a value below one."""
    zeros = 0
    while value * 10 < 1 and zeros < 40:
        value *= 10
        zeros += 1
    return zeros


_ORDER = Pattern(
    rf"(?:put|order|sort|arrange) (?:the )?(?:numbers |following |these )?(?P<list>{LIST})"
    r"(?: in order)?(?: (?:from|in) (?P<way>smallest to largest|least to greatest|ascending order"
    r"|largest to smallest|greatest to least|descending order|order))?"
)


def _order(given: dict[str, str]) -> Solution:
    values = sorted(numbers(given["list"]))
    if given.get("way", "").startswith(("largest", "greatest", "desc")):
        values.reverse()
    names = [figure(value) for value in values]
    return Solution("order", (f"In order: {said(names)}.",), ", ".join(map(plain, values)))


_ANSWERS = (
    (_LOWEST, _lowest),
    (_RATIO, _ratio),
    (_SHARE, _share),
    (_INTO, _into),
    (_ROUND, _round),
    (_ORDER, _order),
)
