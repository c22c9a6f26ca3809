"""What needs a computer algebra system: factoring in general, cancelling, derivatives beyond polynomials.

Only this module imports sympy, and only trees of ours go in: no text is ever evaluated.
"""

from __future__ import annotations

import re
from fractions import Fraction

import sympy

from antiphon.agents.tutor.mathematics.expression import (
    Constant,
    Expression,
    Function,
    Literal,
    Operation,
    Variable,
    walk,
)
from antiphon.agents.tutor.mathematics.polynomial import Polynomial, Quotient
from antiphon.agents.tutor.mathematics.solution import NotMaths, TooBig

MAX_NODES = 40
_FUNCTIONS = {"sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "ln": sympy.log, "abs": sympy.Abs}


class Symbolic:
    """Stateless; made where it is first needed, so that importing sympy is nobody else's cost."""

    def warm_up(self) -> None:
        """Afterwards the parts of sympy that are loaded on first use are loaded."""
        x = Polynomial.variable("x")
        self.factored(x * x * x - x)
        self.derivative(Function("sin", Variable("x")), "x")

    def factored(self, whole: Polynomial) -> tuple[str, int]:
        """“2(x - 1)(x + 3)²” and the number of factors, a common number included."""
        symbols = {name: sympy.Symbol(name) for name in whole.names}
        if (
            sum(abs(v.numerator).bit_length() + v.denominator.bit_length() for v in whole.terms.values())
            > 400
        ):
            raise TooBig
        number, factors = sympy.factor_list(_from_polynomial(whole), *symbols.values())
        pieces = [] if number == 1 else ["-" if number == -1 else str(number)]
        count = 0 if number in (1, -1) else 1
        for factor, exponent in sorted(
            factors,
            key=lambda item: (
                not item[0].is_Symbol,
                sympy.degree(item[0], item[0].free_symbols.pop()),
                str(item[0]),
            ),
        ):
            text = str(_to_polynomial(factor))
            power = (
                "" if exponent == 1 else str(exponent).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
            )
            pieces.append((text if factor.is_Symbol else f"({text})") + power)
            count += exponent
        return "".join(pieces), count

    def simplified(self, item: Quotient) -> str:
        """Top over bottom with everything common cancelled."""
        top, bottom = sympy.fraction(sympy.cancel(_from_polynomial(item.top) / _from_polynomial(item.bottom)))
        above, below = _to_polynomial(top), _to_polynomial(bottom)
        if below.number is not None:
            return str(above.scaled(1 / below.number))
        return f"{_wrapped(above)}/{_wrapped(below)}"

    def derivative(self, tree: Expression, name: str) -> str:
        return _text(sympy.simplify(sympy.diff(_from_tree(tree), sympy.Symbol(name))))

    def integral(self, tree: Expression, name: str) -> str:
        """Of one elementary term after the other; raises `NotMaths` where no simple form exists."""
        result = sympy.Integer(0)
        symbol = sympy.Symbol(name)
        for term in sympy.Add.make_args(sympy.expand(_from_tree(tree))):
            result += _integral_of_term(term, symbol)
        return _text(result)


def _integral_of_term(term: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    """Of a constant times a power, sin, cos or exp of the variable itself."""
    factor, rest = term.as_independent(symbol, as_Add=False)
    if rest == 1:
        return factor * symbol
    if rest.is_Pow and rest.base == symbol and rest.exp.is_Rational:
        return (
            factor * sympy.log(sympy.Abs(symbol))
            if rest.exp == -1
            else factor * symbol ** (rest.exp + 1) / (rest.exp + 1)
        )
    simple = {
        symbol: symbol**2 / 2,
        sympy.sin(symbol): -sympy.cos(symbol),
        sympy.cos(symbol): sympy.sin(symbol),
        sympy.exp(symbol): sympy.exp(symbol),
    }
    if rest in simple:
        return factor * simple[rest]
    raise NotMaths("no elementary rule")


def _from_polynomial(whole: Polynomial) -> sympy.Expr:
    total = sympy.Integer(0)
    for monomial, value in whole.terms.items():
        term = sympy.Rational(value.numerator, value.denominator)
        for name, exponent in monomial:
            term *= sympy.Symbol(name) ** exponent
        total += term
    return total


def _to_polynomial(expression: sympy.Expr) -> Polynomial:
    symbols = sorted(expression.free_symbols, key=str)
    if not symbols:
        return Polynomial.constant(Fraction(int(expression.p), int(expression.q)))
    terms = {}
    for exponents, value in sympy.Poly(expression, *symbols).terms():
        monomial = tuple((str(symbol), e) for symbol, e in zip(symbols, exponents, strict=True) if e)
        terms[monomial] = Fraction(int(value.p), int(value.q))
    return Polynomial.of(terms)


def _wrapped(item: Polynomial) -> str:
    return str(item) if len(item.terms) == 1 else f"({item})"


def _from_tree(tree: Expression) -> sympy.Expr:
    if sum(1 for _ in walk(tree)) > MAX_NODES:
        raise TooBig
    match tree:
        case Literal(value):
            return sympy.Rational(value.numerator, value.denominator)
        case Constant(name):
            return sympy.pi if name == "pi" else sympy.E
        case Variable(name):
            return sympy.Symbol(name)
        case Operation("^", left, right):
            exponent = _from_tree(right)
            if exponent.is_number and abs(exponent) > 50:
                raise TooBig
            return _from_tree(left) ** exponent
        case Operation(sign, left, right):
            a, b = _from_tree(left), _from_tree(right)
            if sign == "/" and b == 0:
                raise NotMaths("division by zero")
            return (
                {"+": a + b, "-": a - b, "*": a * b}[sign]
                if sign in "+-*"
                else a / b
                if sign == "/"
                else a * b / 100
            )
        case Function("root", argument, index):
            return _from_tree(argument) ** (1 / (_from_tree(index) if index else sympy.Integer(2)))
        case Function("log", argument, index):
            return sympy.log(_from_tree(argument)) / sympy.log(
                _from_tree(index) if index else sympy.Integer(10)
            )
        case Function(name, argument):
            if name not in _FUNCTIONS:
                raise NotMaths(name)
            return _FUNCTIONS[name](_from_tree(argument))


def _text(expression: sympy.Expr) -> str:
    """sympy's own notation made readable: “3x² cos(x)”."""
    text = (
        str(expression)
        .replace("exp(", "e^(")
        .replace("Abs(", "abs(")
        .replace("log(", "ln(")
        .replace("sqrt(", "√(")
    )
    text = re.sub(r"ln\(abs\((\w)\)\)", r"ln|\1|", text)
    text = re.sub(r"\*\*(\d+)", lambda m: m[1].translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")), text)
    text = re.sub(r"(\d)\*(?=[a-z(√])", r"\1", text)
    text = text.replace("**", "^").replace("*", " ")
    return re.sub(r"\^\((\w)\)", r"^\1", text)
