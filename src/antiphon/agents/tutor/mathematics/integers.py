"""Whole numbers: primes, factors, common divisors and multiples, remainders."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from antiphon.agents.tutor.mathematics.figures import figure
from antiphon.agents.tutor.mathematics.listing import LIST, numbers, said
from antiphon.agents.tutor.mathematics.solution import Muddled, Solution, TooBig
from antiphon.agents.tutor.patterns import Pattern

MAX_FACTORED = 10**10
"Trial division to its root takes some milliseconds."

_GCD = Pattern(
    rf"(?:the )?(?:(?:greatest|highest|largest|biggest) common (?:divisor|factor|denominator)|gcd|gcf"
    rf"|hcf|g c d|g c f|h c f)"
    rf" (?:of|between|for) (?P<list>{LIST})"
)
_LCM = Pattern(
    rf"(?:the )?(?:(?:least|lowest|smallest) common (?:multiple|denominator)|lcm|l c m|lcd) (?:of"
    rf"|between|for) (?P<list>{LIST})"
)
_IS_PRIME = Pattern(
    r"(?:is|whether|if) (?P<n>\d+)(?: is)? (?:a )?prime(?: number)?(?: or not| or composite)?"
)
_PRIME_FACTORS = Pattern(
    r"(?:find |list |factor |write )?(?:all )?(?:the )?prime (?:fact[a-z]*"
    r"|decomposition) (?:of|for) (?P<n>\d+)"
    r"|(?:factor|factori[sz]e) (?P<n2>\d+)(?: into primes| into prime factors)?"
    r"|(?:write |express )?(?P<n3>\d+) as a product of (?:its )?prime(?:s| factors)"
)
_FACTORS = Pattern(r"(?:find |list )?(?:all )?(?:of )?(?:the )?(?:factors|divisors) of (?P<n>\d+)")
_NEXT_PRIME = Pattern(
    r"(?:the )?(?:next|first|smallest) prime(?: number)? (?:after|above|greater than|bigger than"
    r"|larger than) (?P<n>\d+)"
)
_PARITY = Pattern(r"is (?P<n>\d+) (?:an? )?(?P<what>even|odd)(?: number)?(?: or (?:odd|even))?")
_DIVISIBLE = Pattern(
    r"is (?P<n>\d+) (?:evenly )?(?:divisible by|a multiple of) (?P<by>\d+)|(?:does|is) "
    r"(?P<by2>\d+) (?:divide|a factor of|a divisor of) (?:into )?(?P<n2>\d+)(?: evenly)?"
)
_REMAINDER = Pattern(
    r"(?:the )?remainder (?:when|of|if|for) (?:you divide )?(?P<n>\d+) (?:is )?(?:divided )?by (?P<by>\d+)"
    r"|(?P<n2>\d+) (?:mod|modulo|modulus) (?P<by2>\d+)"
)
_SQUARE = Pattern(r"is (?P<n>\d+) (?:a )?(?:perfect )?(?P<what>square|cube)(?: number)?")
_MULTIPLES = Pattern(r"(?:list )?(?:the )?first (?P<count>\d+) multiples of (?P<n>\d+)")


def integers(text: str) -> Solution | None:
    """The question about whole numbers that the whole text is, or None."""
    for pattern, answer in _ANSWERS:
        found = pattern.fullmatch(text)
        if found:
            given = {re.sub(r"\d$", "", name): value for name, value in found.groupdict().items() if value}
            return answer(given)
    return None


def prime_factors(value: int) -> list[int]:
    """In rising order with repetition; empty below 2."""
    if value > MAX_FACTORED:
        raise TooBig
    out, divisor = [], 2
    while divisor * divisor <= value:
        while value % divisor == 0:
            out.append(divisor)
            value //= divisor
        divisor += 1 if divisor == 2 else 2
    return [*out, value] if value > 1 else out


def _whole_list(text: str) -> list[int]:
    values = numbers(text)
    if any(value.denominator != 1 or not 0 < value <= MAX_FACTORED for value in values):
        raise Muddled("That works for positive whole numbers only.")
    return [int(value) for value in values]


def _whole(value: str) -> int:
    if int(value) > MAX_FACTORED:
        raise TooBig
    return int(value)


def _number(kind: str, value: int, *sentences: str) -> Solution:
    return Solution(kind, sentences, str(value), Fraction(value))


def _gcd(given: dict[str, str]) -> Solution:
    values = _whole_list(given["list"])
    result = math.gcd(*values)
    names = said([figure(Fraction(value)) for value in values])
    first = f"The greatest common divisor of {names} is {result:,}."
    if result == 1:
        return _number("gcd", result, first, "They share no prime factor.")
    parts = said([f"{value} is {result} times {value // result}" for value in values])
    return _number(
        "gcd", result, first, f"{parts.replace(' and ', ', and ')}.", "No larger number divides all of them."
    )


def _lcm(given: dict[str, str]) -> Solution:
    values = _whole_list(given["list"])
    result = math.lcm(*values)
    names = said([figure(Fraction(value)) for value in values])
    first = f"The least common multiple of {names} is {figure(Fraction(result))}."
    parts = said([f"{result // value} times {value}" for value in values])
    return _number(
        "lcm", result, first, f"It is {parts}, and no smaller number is a multiple of all of them."
    )


def _is_prime(given: dict[str, str]) -> Solution:
    value = _whole(given["n"])
    factors = prime_factors(value)
    if value < 2:
        return Solution("prime", (f"No, {value} is not prime: primes start at 2.",), "no", Fraction(value))
    if len(factors) == 1:
        limit = math.isqrt(value)
        check = (
            f"No prime up to {limit}, its square root rounded down, divides it."
            if limit > 1
            else "Only 1 and itself divide it."
        )
        return Solution("prime", (f"Yes, {value:,} is prime.", check), "yes", Fraction(value))
    first = f"No, {value:,} is not prime: it is {factors[0]} times {value // factors[0]:,}."
    return Solution("prime", (first,), "no", Fraction(value))


def _prime_factors(given: dict[str, str]) -> Solution:
    value = _whole(given["n"])
    factors = prime_factors(value)
    if not factors:
        raise Muddled(f"{value} has no prime factors; they exist from 2 on.")
    if len(factors) == 1:
        return Solution("factors", (f"{value:,} is prime itself.",), str(value), Fraction(value))
    form = " times ".join(str(factor) for factor in factors)
    steps, rest = [], value
    for factor in factors[:-1]:
        steps.append(f"{rest} is {factor} times {rest // factor}")
        rest //= factor
    canonical = " × ".join(str(factor) for factor in factors)
    return Solution(
        "factors",
        (f"{value:,} is {form}.", f"Divide by small primes: {', '.join(steps[:4])}."),
        canonical,
        Fraction(value),
    )


def _factors(given: dict[str, str]) -> Solution:
    value = _whole(given["n"])
    if value == 0:
        raise Muddled("Every whole number divides zero.")
    small = [n for n in range(1, math.isqrt(value) + 1) if value % n == 0]
    every = sorted({*small, *(value // n for n in small)})
    if len(every) > 40:
        raise TooBig
    names = [str(n) for n in every]
    verb = "The factors" if len(every) > 1 else "The only factor"
    first = f"{verb} of {value:,} {'are' if len(every) > 1 else 'is'} {said(names)}."
    pairs = said([f"{n} times {value // n}" for n in small[:4]])
    return Solution(
        "factors", (first, f"They come in pairs: {pairs}."), ", ".join(names), Fraction(len(every))
    )


def _next_prime(given: dict[str, str]) -> Solution:
    value = _whole(given["n"])
    if value > 10**8:
        raise TooBig
    following = value + 1
    while len(prime_factors(following)) != 1:
        following += 1
    return _number("prime", following, f"The next prime after {value:,} is {following:,}.")


def _parity(given: dict[str, str]) -> Solution:
    value = int(given["n"])
    what = "even" if value % 2 == 0 else "odd"
    verdict = "Yes" if what == given["what"] else "No"
    why = "leaves no remainder" if what == "even" else "leaves a remainder of 1"
    return Solution(
        "parity",
        (f"{verdict}, {value:,} is {what}.", f"Dividing it by 2 {why}."),
        verdict.lower(),
        Fraction(value),
    )


def _divisible(given: dict[str, str]) -> Solution:
    value, by = int(given["n"]), int(given["by"])
    if by == 0:
        raise Muddled("Nothing can be divided by zero.")
    times, rest = divmod(value, by)
    if rest:
        first = f"No, {value:,} divided by {by:,} leaves a remainder of {rest:,}."
        return Solution(
            "divisible", (first, f"{by:,} times {times:,} is only {by * times:,}."), "no", Fraction(value)
        )
    return Solution("divisible", (f"Yes, {value:,} is {by:,} times {times:,}.",), "yes", Fraction(value))


def _remainder(given: dict[str, str]) -> Solution:
    value, by = int(given["n"]), int(given["by"])
    if by == 0:
        raise Muddled("Nothing can be divided by zero.")
    times, rest = divmod(value, by)
    first = f"The remainder of {value:,} divided by {by:,} is {rest:,}."
    return _number(
        "remainder", rest, first, f"{by:,} times {times:,} is {by * times:,}, and {rest:,} is left over."
    )


def _square(given: dict[str, str]) -> Solution:
    value, degree = _whole(given["n"]), 2 if given["what"] == "square" else 3
    root = round(value ** (1 / degree))
    power = "squared" if degree == 2 else "cubed"
    if root**degree == value:
        return Solution("square", (f"Yes, {value:,} is {root:,} {power}.",), "yes", Fraction(value))
    low = root if root**degree < value else root - 1
    note = f"{low:,} {power} is {low**degree:,}, and {low + 1:,} {power} is already {(low + 1) ** degree:,}."
    return Solution(
        "square", (f"No, {value:,} is not a perfect {given['what']}.", note), "no", Fraction(value)
    )


def _multiples(given: dict[str, str]) -> Solution | None:
    count, value = int(given["count"]), int(given["n"])
    if not 1 < count <= 20 or value > 10**9:
        return None
    names = [f"{value * n:,}" for n in range(1, count + 1)]
    first = f"The first {count} multiples of {value} are {said(names)}."
    return Solution("multiples", (first,), ", ".join(name.replace(",", "") for name in names))


_ANSWERS = (
    (_GCD, _gcd),
    (_LCM, _lcm),
    (_IS_PRIME, _is_prime),
    (_PRIME_FACTORS, _prime_factors),
    (_FACTORS, _factors),
    (_NEXT_PRIME, _next_prime),
    (_PARITY, _parity),
    (_DIVISIBLE, _divisible),
    (_REMAINDER, _remainder),
    (_SQUARE, _square),
    (_MULTIPLES, _multiples),
)
