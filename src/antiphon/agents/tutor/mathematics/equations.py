"""Equations in one unknown: linear and quadratic ones with their steps, higher ones by their roots."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction

from antiphon.agents.tutor.mathematics import figures
from antiphon.agents.tutor.mathematics.expression import (
    Function,
    Literal,
    Operation,
    evaluate,
    variables,
    walk,
    words,
)
from antiphon.agents.tutor.mathematics.figures import exact, figure
from antiphon.agents.tutor.mathematics.grammar import Equation, parse_equation
from antiphon.agents.tutor.mathematics.inverse import inverted, root_text
from antiphon.agents.tutor.mathematics.polynomial import Polynomial, Quotient, polynomial, quotient
from antiphon.agents.tutor.mathematics.roots import Root, roots
from antiphon.agents.tutor.mathematics.solution import NotMaths, Number, Solution
from antiphon.agents.tutor.patterns import Pattern

_EQUALITY = Pattern(r"=|\bequals?\b|the same as| is ")
_WANTED = Pattern(
    r"^(?:solve |find |work out |determine )?(?:the )?(?:equation |value of |solutions? (?:of|to) "
    r"|roots? of )?(?:for )?"
    r"(?P<name>[a-z]|ex)(?: (?:if|in|when|where|given(?: that)?|from)| , (?:if|in|when|where)| [:,.])"
    r"(?: the equation)? (?P<rest>.+)$"
)
_SOLVE = Pattern(
    r"^(?P<order>(?:find |determine )?(?:the )?(?:roots|zeros|solutions?) (?:of|to)|solved?|sol|find|if)"
    r"(?: me)?(?: the| this)?(?: quadratic| linear)?(?: equation)?(?: [:,])? (?P<rest>.+)$"
)
_ASKED = Pattern(
    r"^(?P<rest>.+?)(?: [,.])?(?: and)?(?: then)?(?: what is| find| solve for| what does| what would"
    r"| what must| what could| for)"
    r"(?: the value of| the)? (?P<name>[a-z]|ex)(?: be| equal)?$"
)


def equation(text: str) -> Solution | None:
    """Solves the equation that the text is or asks about; None if it holds none."""
    text, wanted, order = _unwrap(text)
    if not _EQUALITY.search(text):
        if re.search(r"roots|zeros", order):
            text = f"{text} = 0"
        else:
            return None
    parsed = _parsed(text.removeprefix("is "))
    names = variables(parsed.left) | variables(parsed.right)
    if not names:
        return _claim(parsed)
    if len(names) != 1:
        if wanted and wanted in names:
            return _rearranged(parsed, wanted)
        return None
    name = names.pop()
    if text.startswith("is "):
        return None
    if wanted and wanted != name:
        return None
    if not _is_substantial(parsed, text):
        return None
    return solved(parsed, name)


def _parsed(text: str) -> Equation:
    """“for x 3 x + 5 = 20”: a prefix names the unknown; “for x = 12” has a 4 misheard as “for”."""
    found = re.fullmatch(r"for ([a-z]) (?:[,:.] )?(.+)", text)
    if found:
        try:
            return parse_equation(found[2])
        except NotMaths:
            pass
    return parse_equation(text)


def _unwrap(text: str) -> tuple[str, str, str]:
    """The bare equation, the unknown that is asked for (or ""), and the order that stood before it."""
    order, name = "", ""
    found = _ASKED.match(text)
    if found and _EQUALITY.search(found["rest"]):
        text, name = found["rest"], found["name"]
    found = _WANTED.match(text)
    if found and _EQUALITY.search(found["rest"]):
        text, name, order = found["rest"], found["name"], "solve"
    else:
        found = _SOLVE.match(text)
        if found:
            order, text = found["order"], found["rest"]
    return text.strip(" ,.:"), "x" if name == "ex" else name, order.strip()


def _is_substantial(parsed: Equation, text: str) -> bool:
    """“x is 5” states something and asks nothing; “y is good” must not be an equation either."""
    return any(
        isinstance(node, Operation | Function) for side in (parsed.left, parsed.right) for node in walk(side)
    )


def _claim(parsed: Equation) -> Solution | None:
    """“Is 7 times 8 equal to 56”: an equation without unknowns is true or false."""
    left, right = evaluate(parsed.left), evaluate(parsed.right)
    if isinstance(parsed.left, Literal) and isinstance(parsed.right, Literal):
        return None
    if isinstance(left, float) or isinstance(right, float):
        return None
    said = f"{words(parsed.left)} is {figure(left)}"
    verdict = "Yes" if left == right else "No"
    tail = "" if isinstance(parsed.right, Literal) else f", and {words(parsed.right)} is {figure(right)}"
    return Solution("claim", (f"{verdict}, {said}{tail}.",), verdict.lower(), left)


def solved(parsed: Equation, name: str) -> Solution:
    """Every real solution of `parsed` for `name`, each checked against what must not be zero."""
    try:
        left, right = quotient(parsed.left), quotient(parsed.right)
    except NotMaths:
        return inverted(parsed, name)
    top = left.top * right.bottom - right.top * left.bottom
    excluded = left.excluded + right.excluded
    if any(item.names for item in excluded):
        return _rational(parsed, top, excluded, name)
    degree = top.degree(name)
    if degree == 0:
        return _degenerate(top, name)
    if degree == 1:
        return _linear(left, right, name, _says_decimals(parsed))
    if degree == 2:
        return _quadratic(top, name, parsed)
    return _higher(top, name)


def _degenerate(top: Polynomial, name: str) -> Solution:
    if not top.terms:
        text = f"Every value of {name} solves it: both sides are always equal."
        return Solution("linear", (text,), f"all {name}")
    text = f"There is no solution: the {name} cancels, and the two sides can never be equal."
    return Solution("linear", (text,), "no solution")


def _linear(left: Quotient, right: Quotient, name: str, in_decimals: bool) -> Solution:
    a = left.top.scaled(1 / (left.bottom.number or Fraction(1)))
    b = right.top.scaled(1 / (right.bottom.number or Fraction(1)))
    write = figures.plain if in_decimals else exact

    def line(constant: Fraction, factor: Fraction) -> str:
        return Polynomial.from_coefficients([constant, factor], name).text(in_decimals=in_decimals)

    (a0, a1), (b0, b1) = _line(a, name), _line(b, name)
    factor, rest = a1 - b1, b0 - a0
    steps: list[str] = []
    if a1 and b1:
        verb, where = ("Take", "away from") if b1 > 0 else ("Add", "to")
        moved = line(Fraction(0), abs(b1))
        steps.append(f"{verb} {moved} {where} both sides: {line(a0, factor)} = {write(b0)}.")
    elif not a1:  # the unknown stands on the right
        factor, rest, a0, b0 = b1, a0 - b0, b0, a0
    value = rest / factor
    if a0:
        verb, where = ("Take", "away from") if a0 > 0 else ("Add", "to")
        steps.append(
            f"{verb} {write(abs(a0))} {where} both sides: {line(Fraction(0), factor)} = {write(rest)}."
        )
    if abs(factor.numerator) == 1 and factor not in (1, -1):
        steps.append(f"Multiply both sides by {exact(1 / factor)}: {name} = {write(value)}.")
    elif factor != 1:
        steps.append(f"Divide both sides by {write(factor)}: {name} = {write(value)}.")
    said = figures.plain(value) if in_decimals and "/" not in figures.plain(value) else root_text(value)
    return Solution("linear", (f"{name} = {said}.", *steps), f"{name} = {write(value)}", value)


def _line(side: Polynomial, name: str) -> tuple[Fraction, Fraction]:
    constant, *slope = side.coefficients(name)
    return constant, slope[0] if slope else Fraction(0)


def _says_decimals(parsed: Equation) -> bool:
    return any(
        isinstance(node, Literal) and not node.is_fraction and node.value.denominator > 1
        for side in (parsed.left, parsed.right)
        for node in walk(side)
    )


def _quadratic(top: Polynomial, name: str, parsed: Equation) -> Solution:
    c, b, a = top.coefficients(name)
    if a < 0:
        a, b, c = -a, -b, -c
    bottom = math.lcm(a.denominator, b.denominator, c.denominator)
    common = math.gcd(int(a * bottom), int(b * bottom), int(c * bottom))
    a, b, c = (value * bottom / common for value in (a, b, c))
    form = str(Polynomial.from_coefficients([c, b, a], name))
    found = roots(Polynomial.from_coefficients([c, b, a], name), name)
    discriminant = b * b - 4 * a * c
    steps = [] if _is_standard(parsed, form) else [f"Bring it into the form {form} = 0."]
    value = _values(found, name)
    if discriminant < 0:
        complex_text = _complex(a, b, discriminant)
        first = f"There is no real solution: the discriminant is {figure(discriminant)}, which is negative."
        steps.append(f"With complex numbers, {name} = {complex_text}.")
        return Solution("quadratic", (first, *steps), f"no real solution; {name} = {complex_text}")
    first = f"{' or '.join(f'{name} = {root.text}' for root in found)}."
    if discriminant == 0:
        first = f"{name} = {found[0].text}, a double solution."
    if b == 0:
        square = -c / a
        steps.append(f"So {name} squared is {exact(square)}; take the square root, with both signs.")
    elif all(isinstance(root.value, Fraction) for root in found):
        steps.append(f"It factors as {factored_form(a, [root.value for root in found], name)} = 0.")
        steps.append("A product is zero when one of its factors is zero.")
    else:
        steps.append(
            f"Use the quadratic formula; the discriminant, b squared minus 4 a c, is {figure(discriminant)}."
        )
    number = found[0].value if len(found) == 1 else None
    return Solution("quadratic", (first, *steps), value, number)


def _is_standard(parsed: Equation, form: str) -> bool:
    try:
        return (
            isinstance(parsed.right, Literal)
            and parsed.right.value == 0
            and str(polynomial(parsed.left)) == form
        )
    except NotMaths:
        return False


def _complex(a: Fraction, b: Fraction, discriminant: Fraction) -> str:
    real = -b / (2 * a)
    width = -discriminant / (4 * a * a)
    root = figures.exact_root(width, 2)
    imaginary = figures.surd(width) if root is None else exact(root)
    imaginary = "i" if imaginary == "1" else f"{imaginary} i" if "/" in imaginary else f"{imaginary}i"
    return f"{exact(real)} ± {imaginary}" if real else f"±{imaginary}"


def factored_form(a: Fraction, values: Sequence[Number], name: str) -> str:
    """“(2x - 1)(x + 3)”, whole numbers in every bracket; `values` are rational, a double root given once."""
    rational = [value for value in values if isinstance(value, Fraction)]
    if len(rational) == 1:
        rational *= 2
    rest = a
    factors = []
    for value in rational:
        factors.append(
            str(Polynomial.from_coefficients([Fraction(-value.numerator), Fraction(value.denominator)], name))
        )
        rest /= value.denominator
    head = "" if rest == 1 else exact(rest)
    if factors[0] == factors[-1]:
        return f"{head}({factors[0]})²"
    return head + "".join(
        name if factor == name else f"({factor})" for factor in sorted(factors, key=lambda f: f != name)
    )


def _values(found: list[Root], name: str) -> str:
    return " or ".join(f"{name} = {root.canonical}" for root in found)


def _higher(top: Polynomial, name: str) -> Solution:
    found = roots(top, name)
    degree = top.degree(name)
    if not found:
        return Solution("polynomial", (f"There is no real solution for {name}.",), "no real solution")
    count = len(found)
    first = (
        f"{', '.join(f'{name} = {root.text}' for root in found[:-1])}{' or ' if count > 1 else ''}"
        f"{name} = {found[-1].text}."
    )
    note = f"Bring everything to one side: {top} = 0, an equation of degree {degree}."
    how = "The whole number solutions divide the constant term; try those first, then divide them out."
    rational = [root for root in found if isinstance(root.value, Fraction)]
    if len([monomial for monomial in top.terms if monomial]) == 1:
        how = f"Take the root of degree {degree} on both sides."
    elif not rational:
        how = "No solution is rational, so they are found step by step to a few decimals."
    number = found[0].value if count == 1 else None
    return Solution("polynomial", (first, note, how), _values(found, name), number)


def _rational(parsed: Equation, top: Polynomial, excluded: tuple[Polynomial, ...], name: str) -> Solution:
    """The unknown stands below a line: multiply out, and throw away what would divide by zero."""
    if not top.terms or top.degree(name) == 0:
        if top.terms:
            return Solution(
                "rational", ("There is no solution: the two sides can never be equal.",), "no solution"
            )
        raise NotMaths("identity with exceptions")
    bad: list[Number] = []
    good: list[Root] = []
    for root in roots(top, name):
        is_bad = any(
            isinstance(root.value, Fraction) and item.at({name: root.value}) == 0
            for item in excluded
            if item.names
        )
        if isinstance(root.value, float) and any(
            abs(float(evaluate_polynomial(item, name, root.value))) < 1e-6 for item in excluded if item.names
        ):
            raise NotMaths("too close to a pole to tell")
        if is_bad:
            bad.append(root.value)
        else:
            good.append(root)
    notes = [f"Multiply both sides by what is below the line; that leaves {top} = 0."]
    notes += [f"{name} = {exact(value)} must be left out, because it would divide by zero." for value in bad]
    if not good:
        return Solution("rational", ("There is no real solution.", *notes), "no solution")
    first = " or ".join(f"{name} = {root.text}" for root in good) + "."
    number = good[0].value if len(good) == 1 else None
    return Solution("rational", (first, *notes), _values(good, name), number)


def evaluate_polynomial(item: Polynomial, name: str, value: float) -> float:
    return sum(float(c) * value**n for n, c in enumerate(item.coefficients(name)))


def _rearranged(parsed: Equation, name: str) -> Solution:
    """A formula solved for one of its letters, in which it is linear: “solve y = 2x + 1 for x”."""
    top = polynomial(parsed.left) - polynomial(parsed.right)
    if top.degree(name) != 1:
        raise NotMaths("not linear in the unknown")
    with_name = {m: v for m, v in top.terms.items() if dict(m).get(name)}
    rest = Polynomial.of({m: -v for m, v in top.terms.items() if m not in with_name})
    factor = Polynomial.of({tuple(p for p in m if p[0] != name): v for m, v in with_name.items()})
    number = factor.number
    if number is not None:
        right = str(rest.scaled(1 / number))
    else:
        right = f"({rest})/({factor})"
    return Solution(
        "formula",
        (f"{name} = {right}.", f"Bring every term with {name} to one side, then divide."),
        f"{name} = {right}",
    )
