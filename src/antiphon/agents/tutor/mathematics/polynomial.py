"""Polynomials in a few variables with exact coefficients, and quotients of two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from antiphon.agents.tutor.mathematics.expression import (
    Constant,
    Expression,
    Function,
    Literal,
    Operation,
    Variable,
    evaluate,
    variables,
)
from antiphon.agents.tutor.mathematics.figures import check_size, exact, plain
from antiphon.agents.tutor.mathematics.solution import NotMaths, TooBig

MAX_DEGREE = 24
MAX_TERMS = 60

Monomial = tuple[tuple[str, int], ...]
"Variables in alphabetical order with their exponents; () is the constant."

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Polynomial:
    terms: Mapping[Monomial, Fraction]
    "No zero coefficients."

    @classmethod
    def of(cls, terms: Mapping[Monomial, Fraction]) -> Polynomial:
        """Without zeros, and within the bounds."""
        kept = {monomial: value for monomial, value in terms.items() if value}
        if len(kept) > MAX_TERMS or any(sum(e for _, e in monomial) > MAX_DEGREE for monomial in kept):
            raise TooBig
        for value in kept.values():
            check_size(value)
        return cls(kept)

    @classmethod
    def constant(cls, value: Fraction) -> Polynomial:
        return cls.of({(): value})

    @classmethod
    def variable(cls, name: str) -> Polynomial:
        return cls({((name, 1),): Fraction(1)})

    @classmethod
    def from_coefficients(cls, coefficients: list[Fraction], name: str) -> Polynomial:
        """From the constant upwards."""
        return cls.of({((name, n),) if n else (): value for n, value in enumerate(coefficients)})

    def __add__(self, other: Polynomial) -> Polynomial:
        total = dict(self.terms)
        for monomial, value in other.terms.items():
            total[monomial] = total.get(monomial, Fraction(0)) + value
        return Polynomial.of(total)

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + other.scaled(Fraction(-1))

    def __mul__(self, other: Polynomial) -> Polynomial:
        total: dict[Monomial, Fraction] = {}
        for left, a in self.terms.items():
            for right, b in other.terms.items():
                exponents = dict(left)
                for name, exponent in right:
                    exponents[name] = exponents.get(name, 0) + exponent
                monomial = tuple(sorted(exponents.items()))
                total[monomial] = total.get(monomial, Fraction(0)) + a * b
        return Polynomial.of(total)

    def scaled(self, factor: Fraction) -> Polynomial:
        return Polynomial.of({monomial: factor * value for monomial, value in self.terms.items()})

    def raised(self, exponent: int) -> Polynomial:
        if exponent > MAX_DEGREE and self.names:
            raise TooBig
        result = Polynomial.constant(Fraction(1))
        for _ in range(exponent):
            result *= self
        return result

    @property
    def names(self) -> list[str]:
        return sorted({name for monomial in self.terms for name, _ in monomial})

    @property
    def number(self) -> Fraction | None:
        """The value, if no variable is left."""
        return None if self.names else self.terms.get((), Fraction(0))

    def degree(self, name: str) -> int:
        return max((dict(monomial).get(name, 0) for monomial in self.terms), default=0)

    def coefficients(self, name: str) -> list[Fraction]:
        """From the constant upwards; `name` must be the only variable."""
        return [self.terms.get(((name, n),) if n else (), Fraction(0)) for n in range(self.degree(name) + 1)]

    def at(self, given: Mapping[str, Fraction]) -> Fraction:
        total = Fraction(0)
        for monomial, value in self.terms.items():
            for name, exponent in monomial:
                value *= given[name] ** exponent
            total += value
        return total

    def __str__(self) -> str:
        return self.text()

    def text(self, *, in_decimals: bool = False) -> str:
        """“2x² + 5x - 3”, highest power first; coefficients as fractions unless `in_decimals`."""
        write = plain if in_decimals else exact
        if not self.terms:
            return "0"
        ordered = sorted(self.terms, key=lambda m: (-sum(e for _, e in m), [(n, -e) for n, e in m]))
        text = ""
        for monomial in ordered:
            value = self.terms[monomial]
            sign = ("-" if value < 0 else "") if not text else (" - " if value < 0 else " + ")
            text += sign + _term(write(abs(value)), monomial)
        return text


def _term(coefficient: str, monomial: Monomial) -> str:
    letters = "".join(n if e == 1 else n + str(e).translate(_SUPERSCRIPTS) for n, e in monomial)
    if not letters:
        return coefficient
    if coefficient == "1":
        return letters
    return f"{coefficient} {letters}" if "/" in coefficient else f"{coefficient}{letters}"


@dataclass(frozen=True, slots=True)
class Quotient:
    """`top` over `bottom`; `excluded` holds every polynomial that was divided by and must not be zero."""

    top: Polynomial
    bottom: Polynomial
    excluded: tuple[Polynomial, ...] = ()


ONE = Polynomial.constant(Fraction(1))


def polynomial(tree: Expression) -> Polynomial:
    """`tree` multiplied out. Raises `NotMaths` if a variable is in a denominator, a root or an exponent."""
    result = quotient(tree)
    bottom = result.bottom.number
    if bottom is None or any(item.names for item in result.excluded):
        raise NotMaths("not a polynomial")
    return result.top.scaled(1 / bottom)


def quotient(tree: Expression) -> Quotient:
    """`tree` as one polynomial over another."""
    if not variables(tree):
        value = evaluate(tree)
        if isinstance(value, float):
            raise NotMaths("irrational coefficient")
        return Quotient(Polynomial.constant(value), ONE)
    match tree:
        case Variable(name):
            return Quotient(Polynomial.variable(name), ONE)
        case Operation("^", left, Literal(exponent)) if (
            exponent.denominator == 1 and abs(exponent) <= MAX_DEGREE
        ):
            return _raised(quotient(left), int(exponent))
        case Operation("%", left, right):
            a, b = quotient(left), quotient(right)
            top = (a.top * b.top).scaled(Fraction(1, 100))
            return Quotient(top, a.bottom * b.bottom, a.excluded + b.excluded)
        case Operation(sign, left, right) if sign in "+-*/":
            return _combined(sign, quotient(left), quotient(right))
        case Literal() | Constant() | Function() | Operation():
            raise NotMaths("not rational")


def _raised(base: Quotient, exponent: int) -> Quotient:
    if exponent >= 0:
        return Quotient(base.top.raised(exponent), base.bottom.raised(exponent), base.excluded)
    return Quotient(base.bottom.raised(-exponent), base.top.raised(-exponent), (*base.excluded, base.top))


def _combined(sign: str, a: Quotient, b: Quotient) -> Quotient:
    excluded = a.excluded + b.excluded
    if sign == "*":
        return Quotient(a.top * b.top, a.bottom * b.bottom, excluded)
    if sign == "/":
        if not b.top.terms:
            raise NotMaths("division by zero")
        return Quotient(a.top * b.bottom, a.bottom * b.top, (*excluded, b.top))
    if a.bottom == b.bottom:
        top = a.top + b.top if sign == "+" else a.top - b.top
        return Quotient(top, a.bottom, excluded)
    left, right = a.top * b.bottom, b.top * a.bottom
    return Quotient(left + right if sign == "+" else left - right, a.bottom * b.bottom, excluded)
