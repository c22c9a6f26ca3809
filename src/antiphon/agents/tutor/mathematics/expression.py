"""Expressions as small trees: exact values where they exist, and the words to say them.

Values are `Fraction` as long as everything is rational and become `float` at the first irrational step.
Every operation is bounded; what is beyond the bounds raises `TooBig`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from antiphon.agents.tutor.mathematics.figures import check_size, exact_root, figure, fraction
from antiphon.agents.tutor.mathematics.solution import Muddled, NotMaths, Number, TooBig

MAX_FACTORIAL = 400
MAX_EXPONENT = 4000


@dataclass(frozen=True, slots=True)
class Literal:
    value: Fraction
    is_fraction: bool = False
    "It was said as a fraction, so the student thinks in fractions."


@dataclass(frozen=True, slots=True)
class Constant:
    name: str
    "“pi” or “e”."


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    sign: str
    "One of + - * / ^ % (the left as a percentage of the right)."
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    "A key of `FUNCTIONS`, or “root” or “log” with `index` set."
    argument: Expression
    index: Expression | None = None


Expression: TypeAlias = Literal | Constant | Variable | Operation | Function

CONSTANTS = {"pi": math.pi, "e": math.e}
_SINES = {0: "0", 30: "1/2", 90: "1", 150: "1/2", 180: "0", 210: "-1/2", 270: "-1", 330: "-1/2"}


def children(tree: Expression) -> tuple[Expression, ...]:
    match tree:
        case Operation(_, left, right):
            return (left, right)
        case Function(_, argument, index):
            return (argument,) if index is None else (index, argument)
        case _:
            return ()


def walk(tree: Expression) -> Iterator[Expression]:
    """`tree` and everything below it."""
    yield tree
    for child in children(tree):
        yield from walk(child)


def variables(tree: Expression) -> set[str]:
    return {node.name for node in walk(tree) if isinstance(node, Variable)}


def says_fractions(tree: Expression) -> bool:
    return any(isinstance(node, Literal) and node.is_fraction for node in walk(tree))


def evaluate(tree: Expression, given: Mapping[str, Number] | None = None) -> Number:
    """The value of `tree` with the variables `given`. Raises `NotMaths` for an unknown one, `Muddled` where
    there is no value (division by zero, an even root of a negative number), `TooBig` beyond the bounds."""
    match tree:
        case Literal(value):
            return value
        case Constant(name):
            return CONSTANTS[name]
        case Variable(name):
            if given is None or name not in given:
                raise NotMaths(name)
            return given[name]
        case Operation(sign, left, right):
            return combine(sign, evaluate(left, given), evaluate(right, given))
        case Function(name, argument, index):
            inner = evaluate(argument, given)
            return apply(name, inner, None if index is None else evaluate(index, given))


def combine(sign: str, left: Number, right: Number) -> Number:
    """left `sign` right, exact if both are."""
    if sign == "^":
        return power(left, right)
    if sign == "/" and right == 0:
        raise Muddled("Dividing by zero has no answer: no number times zero gives anything but zero.")
    result: Number
    match sign:
        case "+":
            result = left + right
        case "-":
            result = left - right
        case "*":
            result = left * right
        case "/":
            result = left / right
        case "%":
            result = left * right / 100
        case _:
            raise NotMaths(sign)
    return _checked(result)


def _checked(value: Number) -> Number:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TooBig
        return value
    check_size(value)
    return value


def power(base: Number, exponent: Number) -> Number:
    """base ^ exponent, the real principal value."""
    if base == 0 and exponent < 0:
        raise Muddled("Zero to a negative power would mean dividing by zero, so it has no answer.")
    if base == 0 and exponent == 0:
        raise Muddled("Zero to the power of zero is not defined in school mathematics.")
    if isinstance(exponent, Fraction) and exponent.denominator == 1 and isinstance(base, Fraction):
        bits = max(abs(base.numerator), base.denominator).bit_length()
        if base not in (0, 1, -1) and (
            abs(exponent) > MAX_EXPONENT or bits * abs(exponent) > 2 * MAX_EXPONENT
        ):
            raise TooBig
        if base in (0, 1, -1):
            return Fraction(base ** (abs(int(exponent)) % 2 or 2))
        return base ** int(exponent)
    if isinstance(exponent, Fraction) and isinstance(base, Fraction) and exponent.denominator <= 12:
        root = apply("root", base, Fraction(exponent.denominator))
        if isinstance(root, Fraction):
            return power(root, Fraction(exponent.numerator))
    if base < 0:
        raise Muddled("A negative number to a fractional power has no real value.")
    try:
        return _checked(float(base) ** float(exponent))
    except OverflowError:
        raise TooBig from None


def apply(name: str, value: Number, index: Number | None = None) -> Number:
    """The function `name` at `value`; `index` is the degree of a root or the base of a logarithm."""
    if name == "root":
        return _root(value, index if index is not None else Fraction(2))
    if name == "log":
        return _logarithm(value, index if index is not None else Fraction(10))
    return FUNCTIONS[name](value)


def _root(value: Number, degree: Number) -> Number:
    if not isinstance(degree, Fraction) or degree.denominator != 1 or not 2 <= degree <= 100:
        raise NotMaths("root")
    whole = int(degree)
    if value < 0 and whole % 2 == 0:
        raise Muddled(
            f"A negative number such as {figure(value)} has no real {_root_name(whole)}: "
            "an even power of a real number is never negative."
        )
    if isinstance(value, Fraction):
        exact = exact_root(value, whole)
        if exact is not None:
            return exact
    try:
        return math.copysign(abs(float(value)) ** (1 / whole), float(value))
    except OverflowError:
        raise TooBig from None


def _root_name(degree: int) -> str:
    return "square root" if degree == 2 else f"{degree}th root"


def _logarithm(value: Number, base: Number) -> Number:
    if value <= 0:
        raise Muddled("Only positive numbers have a logarithm.")
    if base <= 0 or base == 1:
        raise Muddled("The base of a logarithm must be positive and not 1.")
    try:
        close = math.log(value) / math.log(base)
    except OverflowError:
        raise TooBig from None
    for bottom in (1, 2, 3):
        guess = Fraction(round(close * bottom), bottom)
        if (
            abs(guess) <= 400
            and isinstance(value, Fraction)
            and isinstance(base, Fraction)
            and (abs(close - guess) < 1e-9 and value**bottom == base**guess.numerator)
        ):
            return guess
    return close


def _factorial(value: Number) -> Number:
    if not isinstance(value, Fraction) or value.denominator != 1 or value < 0:
        raise Muddled("A factorial needs a whole number that is not negative.")
    if value > MAX_FACTORIAL:
        raise TooBig
    return Fraction(math.factorial(int(value)))


def _absolute(value: Number) -> Number:
    return -value if value < 0 else value


def _sine(degrees: Number) -> Number:
    if isinstance(degrees, Fraction) and degrees.denominator == 1 and int(degrees) % 360 in _SINES:
        return Fraction(_SINES[int(degrees) % 360])
    return math.sin(math.radians(float(degrees)))


def _cosine(degrees: Number) -> Number:
    return _sine(degrees + 90)


def _tangent(degrees: Number) -> Number:
    if isinstance(degrees, Fraction) and degrees % 180 == 90:
        raise Muddled(f"The tangent of {figure(degrees)} degrees is not defined.")
    if isinstance(degrees, Fraction) and degrees % 45 == 0:
        return Fraction({0: 0, 45: 1, 135: -1}[int(degrees % 180)])
    return math.tan(math.radians(float(degrees)))


def _natural_log(value: Number) -> Number:
    if value <= 0:
        raise Muddled("Only positive numbers have a logarithm.")
    return Fraction(0) if value == 1 else Fraction(1) if value == math.e else math.log(value)


FUNCTIONS: dict[str, Callable[[Number], Number]] = {
    "abs": _absolute,
    "factorial": _factorial,
    "sin": _sine,
    "cos": _cosine,
    "tan": _tangent,
    "ln": _natural_log,
}


_LEVEL = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 4}
_WORDS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "%": "percent of"}
_FUNCTION_WORDS = {
    "abs": "the absolute value of",
    "sin": "the sine of",
    "cos": "the cosine of",
    "tan": "the tangent of",
    "ln": "the natural log of",
}


def words(tree: Expression) -> str:
    """`tree` as a tutor says it: “25 percent of 80”, “(2 + 3) times 4”, “the square root of 144”."""
    match tree:
        case Literal(value, is_fraction):
            return fraction(value) if is_fraction else figure(value)
        case Constant(name) | Variable(name):
            return "π" if name == "pi" else name
        case Operation("^", left, right):
            return f"{_grouped(left, 5)} {_power_words(right)}"
        case Operation("*", Literal(value, True), right) if value < 1 and not variables(tree):
            return f"{fraction(value)} of {_grouped(right, 3)}"
        case Operation("*", left, right) if variables(tree) and not isinstance(right, Literal | Function):
            glue = " " if isinstance(left, Literal) and left.is_fraction else ""
            return f"{_grouped(left, 2)}{glue}{_grouped(right, 3)}"
        case Operation("-", Literal(value), right) if value == 0:
            return f"-{_grouped(right, 2)}"
        case Operation(sign, left, right):
            level = _LEVEL[sign]
            pause = "," if isinstance(left, Function) else ""  # “the square root of 16, plus 9”
            return f"{_grouped(left, level)}{pause} {_WORDS[sign]} {_grouped(right, level + (sign != '+'))}"
        case Function("root", argument, index):
            return f"{_root_words(index)} {_grouped(argument, 3)}"
        case Function("log", argument, index):
            base = "" if index is None else f" base {words(index)}"
            return f"log{base} of {_grouped(argument, 3)}"
        case Function("factorial", argument):
            return f"{_grouped(argument, 5)} factorial"
        case Function(name, argument):
            unit = " degrees" if name in ("sin", "cos", "tan") and not variables(argument) else ""
            return f"{_FUNCTION_WORDS[name]} {_grouped(argument, 3)}{unit}"


def _grouped(tree: Expression, level: int) -> str:
    """`tree` in parentheses if it binds weaker than `level`."""
    if isinstance(tree, Literal) and tree.value < 0 and level > 1:
        return f"({words(tree)})" if level > 3 else words(tree)
    if isinstance(tree, Literal) and tree.is_fraction and level > 3:
        return f"({words(tree)})"
    if isinstance(tree, Operation) and _LEVEL[tree.sign] < level:
        return f"({words(tree)})"
    return words(tree)


def _power_words(exponent: Expression) -> str:
    if isinstance(exponent, Literal) and exponent.value in (2, 3):
        return "squared" if exponent.value == 2 else "cubed"
    return f"to the power of {_grouped(exponent, 3)}"


def _root_words(index: Expression | None) -> str:
    if index is None:
        return "the square root of"
    if isinstance(index, Literal) and index.value == 3:
        return "the cube root of"
    return f"the {words(index)}th root of"
