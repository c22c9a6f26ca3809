"""Real roots of polynomials: rational ones exactly, quadratic ones as surds, the rest to six figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from antiphon.agents.tutor.mathematics import figures
from antiphon.agents.tutor.mathematics.polynomial import Polynomial
from antiphon.agents.tutor.mathematics.solution import Number, TooBig

MAX_SEARCH = 100_000
"Constants and leading coefficients above this are not searched for rational roots."


@dataclass(frozen=True, slots=True)
class Root:
    value: Number
    text: str
    "As spoken: “1/2”, “2 + √3, about 3.73”."
    canonical: str


def roots(top: Polynomial, name: str) -> list[Root]:
    """The different real roots in descending order."""
    coefficients = _whole(top.coefficients(name))
    found: set[Fraction] = set()
    while len(coefficients) > 1 and coefficients[0] == 0:
        coefficients = coefficients[1:]
        found.add(Fraction(0))
    if len(coefficients) > 3:
        coefficients = _divide_out_rational(coefficients, found)
    others: list[Root] = []
    match len(coefficients):
        case 1:
            pass
        case 2:
            found.add(Fraction(-coefficients[0], coefficients[1]))
        case 3:
            others = _of_quadratic(coefficients, found)
        case _:
            others = _numeric(coefficients)
    rational = [Root(value, _said(value), figures.exact(value)) for value in found]
    return sorted(rational + others, key=lambda root: -float(root.value))


def _whole(coefficients: list[Fraction]) -> list[int]:
    bottom = math.lcm(*(value.denominator for value in coefficients))
    scaled = [int(value * bottom) for value in coefficients]
    common = math.gcd(*scaled)
    return [value // common for value in scaled]


def _said(value: Fraction) -> str:
    text = figures.exact(value)
    return f"{text}, about {figures.about(value)}," if "/" in text and value.denominator > 20 else text


def _divide_out_rational(coefficients: list[int], found: set[Fraction]) -> list[int]:
    """Without its rational roots: divisors of the constant over those of the leading one are tried."""
    if max(abs(coefficients[0]), abs(coefficients[-1])) > MAX_SEARCH:
        raise TooBig
    tops, bottoms = _divisors(abs(coefficients[0])), _divisors(abs(coefficients[-1]))
    if len(tops) * len(bottoms) > 2000:
        raise TooBig
    for candidate in {Fraction(sign * top, bottom) for top in tops for bottom in bottoms for sign in (1, -1)}:
        while len(coefficients) > 3 and _value(coefficients, candidate) == 0:
            coefficients = _divided(coefficients, candidate)
            found.add(candidate)
    return coefficients


def _divisors(value: int) -> list[int]:
    return [n for n in range(1, math.isqrt(value) + 1) if value % n == 0] + [
        value // n for n in range(1, math.isqrt(value) + 1) if value % n == 0
    ]


def _value(coefficients: list[int], at: Fraction) -> Fraction:
    total = Fraction(0)
    for value in reversed(coefficients):
        total = total * at + value
    return total


def _divided(coefficients: list[int], root: Fraction) -> list[int]:
    """Synthetic division by (x - root), scaled back to whole numbers."""
    carry, out = Fraction(0), []
    for value in reversed(coefficients):
        carry = carry * root + value
        out.append(carry)
    return _whole(out[-2::-1])


def _of_quadratic(coefficients: list[int], found: set[Fraction]) -> list[Root]:
    c, b, a = coefficients
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        return []
    middle = Fraction(-b, 2 * a)
    width = Fraction(discriminant, 4 * a * a)
    exact = figures.exact_root(width, 2)
    if exact is not None:
        found |= {middle + exact, middle - exact}
        return []
    surd = figures.surd(width)
    out = []
    for sign, word in ((1, "+"), (-1, "-")):
        value = float(middle) + sign * math.sqrt(width)
        form = f"{figures.exact(middle)} {word} {surd}" if middle else ("" if sign > 0 else "-") + surd
        out.append(Root(value, f"{form}, about {figures.about(value)},", form))
    return [
        Root(root.value, root.text.rstrip(",") if index else root.text, root.canonical)
        for index, root in enumerate(out)
    ]


def _numeric(coefficients: list[int]) -> list[Root]:
    """Real roots of what has no rational root, by bisection between the turning points."""
    values = _real_roots([float(value) for value in coefficients])
    return [Root(value, f"about {figures.about(value, 4)}", f"{value:.6g}") for value in values]


def _real_roots(coefficients: list[float]) -> list[float]:
    if len(coefficients) == 2:
        return [-coefficients[0] / coefficients[1]]
    slopes = [n * value for n, value in enumerate(coefficients)][1:]
    bound = 1 + max(abs(value) for value in coefficients[:-1]) / abs(coefficients[-1])
    marks = [-bound, *sorted(_real_roots(slopes)), bound]
    found: list[float] = []
    for low, high in pairwise(marks):
        at_low, at_high = _float_value(coefficients, low), _float_value(coefficients, high)
        if at_low == 0 or at_low * at_high > 0:
            continue
        for _ in range(80):
            middle = (low + high) / 2
            at_middle = _float_value(coefficients, middle)
            low, high, at_low = (middle, high, at_middle) if at_low * at_middle > 0 else (low, middle, at_low)
        found.append((low + high) / 2)
    return found


def _float_value(coefficients: list[float], at: float) -> float:
    total = 0.0
    for value in reversed(coefficients):
        total = total * at + value
    return total
