"""Numbers as people read them: thousands in groups, short decimals exact, everything else with “about”."""

from __future__ import annotations

import math
from fractions import Fraction

from antiphon.agents.tutor.mathematics.solution import Number, TooBig

MAX_SPOKEN_DIGITS = 15
"Whole numbers longer than this are said as a power of ten."
MAX_DIGITS = 1300
"No exact result may be longer than this."
MAX_PLACES = 4
"Decimals with more places than this are said as a fraction or rounded."


def places(value: Fraction) -> int | None:
    """How many decimal places write `value` exactly; None if no number of places does."""
    bottom, twos, fives = value.denominator, 0, 0
    while bottom % 2 == 0:
        bottom, twos = bottom // 2, twos + 1
    while bottom % 5 == 0:
        bottom, fives = bottom // 5, fives + 1
    return max(twos, fives) if bottom == 1 else None


def decimal(value: Fraction, digits: int) -> str:
    """`value` with exactly `digits` places, halves rounded away from zero, thousands in groups."""
    scaled = abs(value) * 10**digits
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    whole, part = divmod(rounded, 10**digits)
    sign = "-" if value < 0 and rounded else ""
    return f"{sign}{whole:,}" + (f".{part:0{digits}d}" if digits else "")


def about(value: Number, significant: int = 3) -> str:
    """`value` rounded to `significant` figures, but never to fewer than its whole part has; no “about”."""
    if value == 0:
        return "0"
    exact = value if isinstance(value, Fraction) else Fraction(value)
    size = _exponent(exact)
    if size >= MAX_SPOKEN_DIGITS or size < -6:
        lead = exact / Fraction(10) ** size
        text = decimal(lead, 2).rstrip("0").rstrip(".")
        return f"{text} times 10 to the power of {size}"
    text = decimal(exact, max(0, significant - 1 - size))
    return text.rstrip("0").rstrip(".") if "." in text else text


def _exponent(value: Fraction) -> int:
    """The power of ten of the first digit."""
    top, bottom = abs(value.numerator), value.denominator
    guess = len(str(top)) - len(str(bottom))
    return guess if abs(value) >= Fraction(10) ** guess else guess - 1


def plain(value: Number) -> str:
    """The canonical form: no groups; a decimal if it is short, else a fraction; a float to 6 figures."""
    if isinstance(value, float):
        return f"{value:.6g}"
    check_size(value)
    if value.denominator == 1:
        return str(value.numerator)
    digits = places(value)
    if digits is not None and digits <= MAX_PLACES:
        return decimal(value, digits).replace(",", "")
    return f"{value.numerator}/{value.denominator}"


def fraction(value: Fraction) -> str:
    """As a fraction also where a decimal would be short: “3/4”."""
    return f"{value.numerator:,}" if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def exact(value: Number) -> str:
    """As `plain`, but a fraction wherever there is one: what solves an equation is “1/2”, not “0.5”."""
    return fraction(value).replace(",", "") if isinstance(value, Fraction) else plain(value)


def figure(value: Number, *, as_fraction: bool = False) -> str:
    """One number to be spoken inside a sentence: “1,250”, “0.3”, “11/12”, “about 7.07”."""
    if isinstance(value, float):
        return f"about {about(value)}"
    check_size(value)
    if value.denominator == 1:
        if len(str(abs(value.numerator))) > MAX_SPOKEN_DIGITS:
            return f"about {about(value)}"
        return f"{value.numerator:,}"
    digits = places(value)
    if not as_fraction and digits is not None and digits <= MAX_PLACES:
        return decimal(value, digits)
    if len(str(value.denominator)) > 4 or len(str(value.numerator)) > 6:
        return f"about {about(value)}"
    return fraction(value)


def answer(value: Number, *, as_fraction: bool = False) -> str:
    """As `figure`, with the decimal added where a fraction alone says little: “10/3, about 3.33”."""
    text = figure(value, as_fraction=as_fraction)
    if isinstance(value, Fraction) and "/" in text and not as_fraction:
        return f"{text}, about {about(value)}"
    if isinstance(value, Fraction) and "/" in text and value > 1 and value.denominator < 100:
        whole, part = divmod(value.numerator, value.denominator)
        return f"{text}, or {whole:,} and {part}/{value.denominator}"
    return text


def check_size(value: Fraction) -> None:
    """Raises `TooBig` for numbers nobody should be asked to listen to."""
    if max(abs(value.numerator), value.denominator).bit_length() > MAX_DIGITS * 3.33:
        raise TooBig


def exact_root(value: Fraction, degree: int) -> Fraction | None:
    """The rational root of `value`, if there is one; negative for odd roots of negative numbers."""
    if value < 0:
        if degree % 2 == 0:
            return None
        root = exact_root(-value, degree)
        return -root if root is not None else None
    top, bottom = _whole_root(value.numerator, degree), _whole_root(value.denominator, degree)
    return None if top is None or bottom is None else Fraction(top, bottom)


def _whole_root(value: int, degree: int) -> int | None:
    if degree == 2:
        root = math.isqrt(value)
        return root if root * root == value else None
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high) // 2
        if middle**degree < value:
            low = middle + 1
        else:
            high = middle
    return low if low**degree == value else None


def square_factor(value: int) -> tuple[int, int]:
    """`value` = a²·b with b as small as trial up to 10,000 finds it: √value is a√b."""
    outside, inside = 1, value
    for prime in range(2, 10_000):
        if prime * prime > inside:
            break
        while inside % (prime * prime) == 0:
            inside //= prime * prime
            outside *= prime
    return outside, inside


def surd(value: Fraction) -> str:
    """√value in simplest form: “5√2”, “(√6)/3”; `value` > 0."""
    outside, inside = square_factor(value.numerator * value.denominator)
    scale = Fraction(outside, value.denominator)
    if inside == 1:
        return exact(scale)
    head = "" if scale.numerator == 1 else str(scale.numerator)
    root = f"{head}√{inside}"
    return root if scale.denominator == 1 else f"{root}/{scale.denominator}"
