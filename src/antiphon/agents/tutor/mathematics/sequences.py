"""Arithmetic and geometric sequences: the next term, the nth term, sums of the first numbers."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

from antiphon.agents.tutor.mathematics.expression import power
from antiphon.agents.tutor.mathematics.figures import figure, plain
from antiphon.agents.tutor.mathematics.listing import LIST, N, numbers
from antiphon.agents.tutor.mathematics.solution import Muddled, Solution, TooBig
from antiphon.agents.tutor.patterns import Pattern

MAX_INDEX = 10_000
_TAIL = r"(?: and so on| (?:, )?dot dot dot| etc| [,.] [.,]+)?"
_SERIES = (
    rf"(?:the |this |an? )?(?P<sort>arithmetic |geometric )?(?:sequence|series|progression|pattern"
    rf"|list)?(?: of)?(?: [:,.])?(?: that (?:starts|begins)(?: with)?| starting(?: with)?| beginning"
    rf"(?: with)?)? ?(?P<list>{LIST}){_TAIL}"
)
_NTH = Pattern(rf"(?:find )?(?:the )?(?P<n>\d+)th (?:term|number|element) (?:of|in|for) {_SERIES}")
_NEXT = Pattern(
    rf"(?:find )?(?:the )?(?:next (?:term|number|one)(?: of| in| after)?|number (?:that )?comes next"
    rf"(?: in| after)?|(?:what )?comes (?:next|after)(?: in| after)?|what number comes next(?: in"
    rf"| after)?)(?: [:,])? ?{_SERIES}"
    rf"|{_SERIES.replace('sort', 'sort2').replace('list>', 'list2>')} (?:[.,] )?(?:what (?:comes next"
    rf"|is next|is the next (?:term|number|one)|number comes next))"
)
_GIVEN = Pattern(
    rf"(?:find )?(?:the )?(?P<n>\d+)th (?:term|number) of (?:an? |the )?(?P<sort>arithmetic"
    rf"|geometric) (?:sequence|series|progression) (?:with|whose|where)(?: the| a)? (?:first"
    rf"|1th) term(?: of| is)? (?P<first>{N}) and(?: the| a)?(?: common)? (?:difference|ratio)(?: of"
    rf"| is)? (?P<step>{N})"
)
_SUM_FIRST = Pattern(
    r"(?:the )?(?:sum of|add(?: up)?|sum) (?:the |all )?(?:first|1th) (?P<n>\d+) "
    r"(?P<what>natural numbers|positive integers|whole numbers|integers|counting numbers|numbers"
    r"|odd numbers|even numbers|positive whole numbers|squares|square numbers)"
    r"|(?:the )?(?:sum of|add(?: up)?) (?:the |all )?(?:(?:whole |natural )?numbers|integers) "
    r"(?:from )?(?P<from>\d+) (?:to|through|up to) (?P<to>\d+)"
)
_SUM_SERIES = Pattern(rf"(?:the )?sum of (?:the )?(?:first|1th) (?P<n>\d+) terms of {_SERIES}")


def sequence(text: str) -> Solution | None:
    """The question about a sequence that the whole text is, or None."""
    found = _GIVEN.fullmatch(text)
    if found:
        first, step = Fraction(found["first"]), Fraction(found["step"])
        return _nth(int(found["n"]), first, step, found["sort"] == "geometric")
    found = _SUM_FIRST.fullmatch(text)
    if found:
        return _sum_first(found)
    found = _SUM_SERIES.fullmatch(text)
    if found:
        return _sum_series(int(found["n"]), numbers(found["list"]))
    found = _NTH.fullmatch(text)
    if found:
        law = _law(numbers(found["list"]))
        return _nth(int(found["n"]), *law) if law else None
    found = _NEXT.fullmatch(text)
    return _next(numbers(found["list"] or found["list2"])) if found else None


def _law(values: list[Fraction]) -> tuple[Fraction, Fraction, bool] | None:
    """First term, step and whether the step multiplies; None if the terms follow neither law."""
    if len(values) < 3:
        return None
    difference = values[1] - values[0]
    if all(b - a == difference for a, b in pairwise(values)):
        return values[0], difference, False
    if 0 in values:
        return None
    ratio = values[1] / values[0]
    if all(b / a == ratio for a, b in pairwise(values)):
        return values[0], ratio, True
    return None


def _term(index: int, first: Fraction, step: Fraction, is_geometric: bool) -> Fraction:
    if not 1 <= index <= MAX_INDEX:
        raise TooBig
    if is_geometric:
        factor = power(step, Fraction(index - 1)) if index > 1 else Fraction(1)
        return first * Fraction(factor)
    return first + (index - 1) * step


def _nth(index: int, first: Fraction, step: Fraction, is_geometric: bool) -> Solution:
    value = _term(index, first, step, is_geometric)
    if is_geometric:
        rule = f"Each term is {figure(step)} times the one before, and it starts at {figure(first)}."
        work = f"So we need {figure(first)} times {figure(step)} to the power of {index - 1}."
    else:
        rule = f"Each term is {_change(step)} the one before, and it starts at {figure(first)}."
        work = f"So we need {figure(first)} plus {index - 1} times {figure(step)}."
    first_sentence = f"Term number {index} is {figure(value)}."
    return Solution("sequence", (first_sentence, rule, work), plain(value), value)


def _change(step: Fraction) -> str:
    return f"{figure(step)} more than" if step >= 0 else f"{figure(-step)} less than"


def _next(values: list[Fraction]) -> Solution | None:
    law = _law(values)
    if law:
        first, step, is_geometric = law
        value = _term(len(values) + 1, first, step, is_geometric)
        rule = (
            f"Each term is {figure(step)} times the one before."
            if is_geometric
            else f"Each term is {_change(step)} the one before."
        )
        return Solution("sequence", (f"The next term is {figure(value)}.", rule), plain(value), value)
    if len(values) >= 4 and all(a + b == c for a, b, c in zip(values, values[1:], values[2:], strict=False)):
        value = values[-1] + values[-2]
        rule = "Each term is the sum of the two before it."
        return Solution("sequence", (f"The next term is {figure(value)}.", rule), plain(value), value)
    gaps = [b - a for a, b in pairwise(values)]
    seconds = {b - a for a, b in pairwise(gaps)}
    if len(values) >= 4 and len(seconds) == 1:
        grow = seconds.pop()
        value = values[-1] + gaps[-1] + grow
        rule = (
            f"The gaps between the terms change by {figure(grow)} each time; the next gap is "
            f"{figure(gaps[-1] + grow)}."
        )
        return Solution("sequence", (f"The next term is {figure(value)}.", rule), plain(value), value)
    return None


def _sum_first(found: re.Match[str]) -> Solution:
    if found["n"]:
        n, what = int(found["n"]), found["what"]
        if n > 10**9:
            raise TooBig
        if what.startswith("odd"):
            total, rule = n * n, f"The first {n} odd numbers always add up to {n} squared."
        elif what.startswith("even"):
            total, rule = n * (n + 1), f"That is {n} times {n + 1}."
        elif what.startswith("square"):
            total, rule = n * (n + 1) * (2 * n + 1) // 6, "Use n times n plus 1 times 2n plus 1, all over 6."
        else:
            total, rule = n * (n + 1) // 2, f"Pair the first with the last: {n} times {n + 1}, divided by 2."
        name = f"The sum of the first {n:,} {what}"
    else:
        low, high = int(found["from"]), int(found["to"])
        if high > 10**9:
            raise TooBig
        if high < low:
            raise Muddled("The second number should be the larger one.")
        total = (low + high) * (high - low + 1) // 2
        rule = f"There are {high - low + 1:,} numbers, and each pair of first and last makes {low + high:,}."
        name = f"The sum of the numbers from {low:,} to {high:,}"
    return Solution("sequence", (f"{name} is {figure(Fraction(total))}.", rule), str(total), Fraction(total))


def _sum_series(count: int, values: list[Fraction]) -> Solution | None:
    law = _law(values)
    if law is None:
        return None
    first, step, is_geometric = law
    if is_geometric and step != 1:
        if not 1 <= count <= 200:
            raise TooBig
        total = first * (Fraction(power(step, Fraction(count))) - 1) / (step - 1)
        rule = f"It is geometric with ratio {figure(step)}."
    else:
        last = _term(count, first, step, False)
        total = (first + last) * count / 2
        rule = f"Term number {count} is {figure(last)}; add it to the first, times {count}, divided by 2."
    return Solution(
        "sequence", (f"The sum of the first {count} terms is {figure(total)}.", rule), plain(total), total
    )
