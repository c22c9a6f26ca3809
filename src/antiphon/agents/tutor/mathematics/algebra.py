"""Work on expressions with unknowns: put a value in, expand, factor, simplify, derive, integrate."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING

from antiphon.agents.tutor.mathematics import figures
from antiphon.agents.tutor.mathematics.equations import factored_form
from antiphon.agents.tutor.mathematics.expression import (
    Constant,
    Expression,
    Function,
    Literal,
    Operation,
    Variable,
    evaluate,
    variables,
    words,
)
from antiphon.agents.tutor.mathematics.figures import exact
from antiphon.agents.tutor.mathematics.grammar import parse
from antiphon.agents.tutor.mathematics.listing import N
from antiphon.agents.tutor.mathematics.polynomial import Polynomial, polynomial, quotient
from antiphon.agents.tutor.mathematics.solution import NotMaths, Solution
from antiphon.agents.tutor.mathematics.tokens import tokens_of
from antiphon.agents.tutor.patterns import Pattern

if TYPE_CHECKING:
    from antiphon.agents.tutor.mathematics.symbolic import Symbolic

_THING = r"(?: out)?(?: the)?(?: expression| polynomial| quadratic| function| following)?(?: of)?(?: [:,])?"
_EXPAND = Pattern(rf"(?:expand|multiply out|foil)(?: and simplify)?{_THING} (?P<rest>.+)")
_FACTOR = Pattern(
    rf"(?:factor|factori[sz]e)(?: completely| fully)?{_THING} (?P<rest>.+?)(?: completely| fully)?"
)
_SIMPLIFY = Pattern(
    rf"(?:simplify|combine(?: the)? like terms(?: in| of)?|collect(?: the)? like terms(?: in"
    rf"| of)?){_THING} (?P<rest>.+)"
)
_DERIVE = Pattern(
    rf"(?:find |take )?(?:(?:the )?(?:first |1th )?derivative of|differentiate|derive|d by d x of"
    rf"|d d x of){_THING}(?: [a-z] of [a-z] (?:=|equals)| y (?:=|equals))? (?P<rest>.+?)"
    rf"(?: with respect to (?P<name>[a-z]))?"
)
_INTEGRATE = Pattern(
    rf"(?:find |take )?(?:(?:the )?(?:indefinite )?(?:integral|antiderivative) of|integrate|"
    rf"(?:the )?definite integral of){_THING} (?P<rest>.+?)(?: d (?P<name>[a-z])| dx"
    rf"| with respect to (?P<name2>[a-z]))?(?: from (?P<low>-?\d+) to (?P<high>-?\d+))?(?: d x"
    rf"| dx)?"
)
_VALUE = rf"(?:(?:-|minus) )?{N}"
_PUT = (
    rf"(?P<name>[a-z]|ex)(?: is(?: equal to)?| =| equals?(?: to)?) (?P<value>{_VALUE})(?: and "
    rf"(?P<name2>[a-z]) (?:is|=|equals?) (?P<value2>{_VALUE}))?"
)
_IF_FIRST = Pattern(
    rf"(?:if|when|suppose|given(?: that)?|for|let) {_PUT}(?: [,.])?(?: then)?(?: what is| what does"
    rf"| find| evaluate| calculate| work out| what is the value of)? (?:the value of )?"
    rf"(?P<rest>.+?)(?: equal)?"
)
_IF_LAST = Pattern(rf"(?P<rest>.+?)(?: ,)? (?:if|when|where|for|at|given(?: that)?) {_PUT}")
_F_OF = Pattern(
    rf"(?:if )?(?P<f>[fgh]) of (?P<name>[a-z]) (?:is|=|equals) (?P<rest>.+?)(?: [,.])?(?: then)?"
    rf"(?: what is| find| evaluate) (?P=f) of (?P<value>{_VALUE})"
)


def warm_up() -> None:
    """Have the algebra system imported, so that no question waits for it (some seconds). Call it at start."""
    _symbolic().warm_up()


def _symbolic() -> Symbolic:
    from antiphon.agents.tutor.mathematics.symbolic import Symbolic

    return Symbolic()


def algebra(text: str) -> Solution | None:
    """The task on an expression that the whole text is, or None."""
    for pattern, answer in (
        (_F_OF, _put_in),
        (_EXPAND, _expand),
        (_FACTOR, _factor),
        (_SIMPLIFY, _simplify),
        (_DERIVE, _derive),
        (_INTEGRATE, _integrate),
        (_IF_FIRST, _put_in),
        (_IF_LAST, _put_in),
    ):
        found = pattern.fullmatch(text)
        if found:
            return answer(found)
    return None


def _put_in(found: re.Match[str]) -> Solution | None:
    if re.search(r"=|equals", found["rest"]):
        return None
    tree = parse(found["rest"])
    given: dict[str, Fraction] = {}
    groups = found.groupdict()
    for suffix in ("", "2"):
        name, value = groups.get(f"name{suffix}"), groups.get(f"value{suffix}")
        if name and value:
            given["x" if name == "ex" else name] = Fraction(re.sub(r"(?:-|minus) ", "-", value))
    if variables(tree) != set(given):
        return None
    value = evaluate(tree, dict(given))
    inserted = substituted(tree, given)
    values = " and ".join(f"{name} = {exact(number)}" for name, number in given.items())
    first = f"With {values}, it is {figures.answer(value)}."
    step = f"Put {' and '.join(exact(number) for number in given.values())} in: {words(inserted)}."
    return Solution("substitution", (first, step), exact(value), value)


def substituted(tree: Expression, given: dict[str, Fraction]) -> Expression:
    """`tree` with numbers in the place of the variables."""
    match tree:
        case Variable(name) if name in given:
            return Literal(given[name], given[name].denominator > 1)
        case Operation(sign, left, right):
            return Operation(sign, substituted(left, given), substituted(right, given))
        case Function(name, argument, index):
            return Function(name, substituted(argument, given), index)
        case _:
            return tree


def _expand(found: re.Match[str]) -> Solution | None:
    tree = _product_of_sums(found["rest"])
    if not variables(tree):
        return None
    result = polynomial(tree)
    steps = ("Multiply every term of the one bracket by every term of the other, then collect like terms.",)
    return Solution("expansion", (f"{_written(tree)} expands to {result}.", *steps), str(result))


def _product_of_sums(text: str) -> Expression:
    """Without brackets, “expand x + 2 times x - 3” can only mean the product of the two sums."""
    tokens = tokens_of(text)
    if "(" in tokens or not {"+", "-"} & set(tokens):
        return parse(text)
    powers = {"squared": 2, "cubed": 3}
    if tokens.count("*") == 1:
        at = tokens.index("*")
        return Operation("*", parse(" ".join(tokens[:at])), parse(" ".join(tokens[at + 1 :])))
    if tokens[-1] in powers:
        return Operation("^", parse(" ".join(tokens[:-1])), Literal(Fraction(powers[tokens[-1]])))
    if tokens[-2:-1] == ["^"] and tokens[-1].isdigit():
        return Operation("^", parse(" ".join(tokens[:-2])), Literal(Fraction(tokens[-1])))
    return parse(text)


def _written(tree: Expression) -> str:
    """In symbols with brackets round every factor that is a sum: “(x + 2)(x - 3)”."""
    match tree:
        case Operation("*", left, right):
            return f"{_bracketed(left)}{_bracketed(right)}"
        case Operation("^", left, Literal(power)) if power in (2, 3):
            return f"{_bracketed(left)}{'²' if power == 2 else '³'}"
        case Operation(("+" | "-") as sign, left, right):
            return f"{_written(left)} {sign} {_bracketed(right)}"
        case Variable(name) | Constant(name):
            return name
        case Literal(value):
            return exact(value)
        case _:
            return str(polynomial(tree))


def _bracketed(tree: Expression) -> str:
    is_sum = isinstance(tree, Operation) and tree.sign in "+-"
    return f"({_written(tree)})" if is_sum else _written(tree)


def _factor(found: re.Match[str]) -> Solution | None:
    tree = parse(found["rest"])
    names = variables(tree)
    if not names or len(names) > 3:
        return None
    whole = polynomial(tree)
    form, pieces = _factored_quadratic(whole) or _symbolic().factored(whole)
    if pieces < 2:
        return Solution("factoring", (f"{whole} cannot be factored with whole numbers.",), str(whole))
    return Solution("factoring", (f"{whole} factors as {form}.", *_factor_hint(whole)), form)


def _factored_quadratic(whole: Polynomial) -> tuple[str, int] | None:
    """The commonest case without the algebra system: a quadratic in one variable with whole coefficients."""
    names = whole.names
    if len(names) != 1 or whole.degree(names[0]) != 2:
        return None
    c, b, a = whole.coefficients(names[0])
    if a <= 0 or any(value.denominator > 1 for value in (a, b, c)):
        return None
    root = figures.exact_root(b * b - 4 * a * c, 2)
    common = Fraction(math.gcd(int(a), int(b), int(c)))
    if root is None:
        return (str(whole), 1) if common == 1 else None
    found = [(-b + root) / (2 * a), (-b - root) / (2 * a)]
    return factored_form(a, found, names[0]), 2


def _factor_hint(whole: Polynomial) -> list[str]:
    """For x² + bx + c: the two numbers to look for."""
    if len(whole.names) != 1 or whole.degree(whole.names[0]) != 2:
        return ["You can check it by multiplying the factors out."]
    c, b, a = whole.coefficients(whole.names[0])
    if not b and c < 0:
        return ["It is a difference of two squares."]
    if a != 1 or not c or b.denominator != 1 or c.denominator != 1:
        return ["You can check it by multiplying the factors out."]
    root = figures.exact_root(b * b - 4 * c, 2)
    if root is None:
        return []
    p, q = (b + root) / 2, (b - root) / 2
    return [
        f"Look for two numbers whose product is {exact(c)} and whose sum is {exact(b)}: "
        f"{exact(p)} and {exact(q)}."
    ]


def _simplify(found: re.Match[str]) -> Solution | None:
    tree = parse(found["rest"])
    if not variables(tree):
        if isinstance(tree, Literal):
            return None
        return _simplify_number(tree)
    try:
        result = str(polynomial(tree))
        step = "Collect the terms with the same power."
    except NotMaths:
        result = _symbolic().simplified(quotient(tree))
        step = "Cancel what top and bottom have in common."
    return Solution("simplification", (f"It simplifies to {result}.", step), result)


def _simplify_number(tree: Expression) -> Solution | None:
    value = evaluate(tree)
    if isinstance(value, Fraction):
        form = exact(value)
        return Solution("simplification", (f"It simplifies to {form}.",), form, value)
    if isinstance(tree, Function) and tree.name == "root" and tree.index is None:
        inner = evaluate(tree.argument)
        if isinstance(inner, Fraction) and inner > 0:
            form = figures.surd(inner)
            if form == f"√{inner}":
                return Solution(
                    "simplification",
                    (f"√{exact(inner)} cannot be simplified; it is about {figures.about(value)}.",),
                    form,
                    value,
                )
            outside, inside = figures.square_factor(inner.numerator * inner.denominator)
            step = f"{exact(inner)} contains the square {outside**2}, whose root is {outside}."
            steps = (step,) if inner.denominator == 1 and inside > 1 else ()
            return Solution("simplification", (f"√{exact(inner)} simplifies to {form}.", *steps), form, value)
    return None


def _only(tree: Expression, wanted: str | None) -> str:
    names = variables(tree)
    if wanted and (not names or names == {wanted}):
        return wanted
    if len(names) == 1 and wanted is None:
        return names.pop()
    if not names:
        return "x"
    raise NotMaths("several variables")


def _derive(found: re.Match[str]) -> Solution | None:
    rest = found["rest"]
    tree = parse(rest)
    name = _only(tree, found["name"])
    try:
        whole = polynomial(tree)
    except NotMaths:
        result = _symbolic().derivative(tree, name)
        return Solution("derivative", (f"The derivative of {words(tree)} is {result}.",), result)
    coefficients = whole.coefficients(name)
    result = str(Polynomial.from_coefficients([n * value for n, value in enumerate(coefficients)][1:], name))
    steps = [_power_rule(value, n, name) for n, value in enumerate(coefficients) if value and n > 1][::-1][:2]
    if not steps:
        steps = ["A constant has derivative zero, and a multiple of the variable has its factor."]
    return Solution("derivative", (f"The derivative of {whole} is {result}.", *steps), result)


def _power_rule(value: Fraction, n: int, name: str) -> str:
    before = Polynomial.from_coefficients([Fraction(0)] * n + [value], name)
    after = Polynomial.from_coefficients([Fraction(0)] * (n - 1) + [n * value], name)
    return f"For {before}, bring down the {n} and lower the power by one: {after}."


def _integrate(found: re.Match[str]) -> Solution | None:
    tree = parse(found["rest"])
    name = _only(tree, found["name"] or found["name2"])
    try:
        whole = polynomial(tree)
    except NotMaths:
        if found["low"]:
            return None
        result = _symbolic().integral(tree, name)
        return Solution("integral", (f"The integral of {words(tree)} is {result} + C.",), f"{result} + C")
    lifted = [Fraction(0), *(value / (n + 1) for n, value in enumerate(whole.coefficients(name)))]
    primitive = Polynomial.from_coefficients(lifted, name)
    if found["low"]:
        low, high = Fraction(found["low"]), Fraction(found["high"])
        value = primitive.at({name: high}) - primitive.at({name: low}) if primitive.terms else Fraction(0)
        a, b, result = exact(low), exact(high), figures.answer(value, as_fraction=True)
        first = f"The integral of {whole} from {a} to {b} is {result}."
        step = f"An antiderivative is {primitive}; take its value at {b} minus its value at {a}."
        return Solution("integral", (first, step), exact(value), value)
    step = "Raise each power by one and divide by the new power; C is any constant."
    return Solution("integral", (f"The integral of {whole} is {primitive} + C.", step), f"{primitive} + C")
