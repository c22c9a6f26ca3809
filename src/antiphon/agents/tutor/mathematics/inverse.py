"""Equations whose unknown stands once, inside a root, a power or a logarithm."""

from __future__ import annotations

from fractions import Fraction

from antiphon.agents.tutor.mathematics import figures
from antiphon.agents.tutor.mathematics.expression import (
    Expression,
    Function,
    Literal,
    Operation,
    Variable,
    evaluate,
    variables,
    walk,
    words,
)
from antiphon.agents.tutor.mathematics.figures import exact, figure
from antiphon.agents.tutor.mathematics.grammar import Equation
from antiphon.agents.tutor.mathematics.solution import Muddled, NotMaths, Number, Solution


def inverted(parsed: Equation, name: str) -> Solution:
    """The unknown stands once, inside a root, a power or a logarithm: undo one operation after the other."""
    inside, other = parsed.left, parsed.right
    if variables(other):
        inside, other = other, inside
    if variables(other) or sum(isinstance(node, Variable) for node in walk(inside)) != 1:
        raise NotMaths("unknown in several places")
    value = evaluate(other)
    steps: list[str] = []
    while not isinstance(inside, Variable):
        inside, value, step = _undo(inside, value)
        steps.append(step)
    check = evaluate(parsed.left, {name: value}), evaluate(parsed.right, {name: value})
    if abs(float(check[0]) - float(check[1])) > 1e-6 * max(1.0, abs(float(check[0]))):
        return Solution("equation", (f"There is no real solution for {name}.",), "no real solution")
    text = root_text(value) if isinstance(value, Fraction) else f"about {figures.about(value, 4)}"
    said = f"{name} = {text}." if isinstance(value, Fraction) else f"{name} is {text}."
    return Solution("equation", (said, *steps[:3]), f"{name} = {exact(value)}", value)


def _undo(tree: Expression, value: Number) -> tuple[Expression, Number, str]:
    """One operation of `tree` = `value` taken to the other side."""
    match tree:
        case Operation("+", left, right):
            inside, known = (left, right) if variables(left) else (right, left)
            return inside, value - evaluate(known), f"Take {words(known)} away from both sides."
        case Operation("-", left, right) if variables(left):
            return left, value + evaluate(right), f"Add {words(right)} to both sides."
        case Operation("-", left, right):
            return right, evaluate(left) - value, "Change the signs on both sides."
        case Operation("*", left, right):
            inside, known = (left, right) if variables(left) else (right, left)
            factor = evaluate(known)
            if factor == 0:
                raise NotMaths("zero factor")
            return inside, value / factor, f"Divide both sides by {words(known)}."
        case Operation("/", left, right) if variables(left):
            return left, value * evaluate(right), f"Multiply both sides by {words(right)}."
        case Operation("^", left, right) if variables(right):
            base = evaluate(left)
            if value <= 0:
                raise Muddled(
                    "A power of a positive number is never zero or negative, so there is no real solution."
                )
            exponent = evaluate(Function("log", _exact(value), _exact(base)))
            return right, exponent, f"Take the logarithm to the base {words(left)} on both sides."
        case Function("root", argument, index):
            degree = evaluate(index) if index is not None else Fraction(2)
            if value < 0 and degree % 2 == 0:
                raise Muddled("A square root is never negative, so there is no real solution.")
            power = evaluate(Operation("^", _exact(value), _exact(degree)))
            return argument, power, f"Raise both sides to the power of {figure(degree)}."
        case Function("log", argument, index):
            base = evaluate(index) if index is not None else Fraction(10)
            power = evaluate(Operation("^", _exact(base), _exact(value)))
            return (
                argument,
                power,
                f"A logarithm of {figure(value)} means {figure(base)} to the power of {figure(value)}.",
            )
        case _:
            raise NotMaths("cannot be undone")


def _exact(value: Number) -> Literal:
    if isinstance(value, float):
        raise NotMaths("irrational")
    return Literal(value)


def root_text(value: Fraction) -> str:
    text = exact(value)
    if "/" not in text:
        return text
    digits = figures.places(value)
    if digits is not None and digits <= figures.MAX_PLACES:
        return f"{text}, or {figures.plain(value)}" if value.denominator > 2 else text
    return f"{text}, about {figures.about(value)}"
