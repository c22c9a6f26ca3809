"""Points and straight lines: slope, distance, midpoint, the equation of a line."""

from __future__ import annotations

import re
from fractions import Fraction

from antiphon.agents.tutor.mathematics.expression import variables
from antiphon.agents.tutor.mathematics.figures import about, exact, exact_root, figure, surd
from antiphon.agents.tutor.mathematics.grammar import parse_equation
from antiphon.agents.tutor.mathematics.listing import N
from antiphon.agents.tutor.mathematics.polynomial import Polynomial, polynomial
from antiphon.agents.tutor.mathematics.solution import Muddled, Solution
from antiphon.agents.tutor.patterns import Pattern

_NUMBER = rf"(?:(?:-|minus) )?{N}"
_POINT = rf"(?:\( )?({_NUMBER})(?: ,)?(?: comma)?(?: and)? ({_NUMBER})(?: \))?"
_POINTS = (
    rf"(?:the )?(?:two )?(?:points? )?(?:at )?{_POINT}(?: ,)?(?: and| to)?(?: the point)?(?: [:,])? {_POINT}"
)
_ASK = Pattern(
    rf"(?:find )?(?:the )?(?P<what>slope|gradient|distance|midpoint|middle|equation)(?: of| between)?"
    rf"(?: the| a)?(?: straight)?"
    rf"(?: line| line segment| segment)?(?: that)?(?: (?:through|passing through|passes through"
    rf"|goes through|going through|joining|connecting|between|from|with))? {_POINTS}"
)
_OF_LINE = Pattern(
    r"(?:find )?(?:the )?(?P<what>slope|gradient|y intercept|x intercept|intercept) of (?:the )?"
    r"(?:line |graph |function |equation )?(?:of )?(?P<rest>.+)"
)


def line(text: str) -> Solution | None:
    """The question about points or a line that the whole text is, or None."""
    found = _ASK.fullmatch(text)
    if found:
        values = [Fraction(re.sub(r"(?:-|minus) ", "-", group)) for group in found.groups()[1:]]
        return _between(found["what"], *values)
    found = _OF_LINE.fullmatch(text)
    return _of_equation(found["what"], found["rest"]) if found else None


def _between(what: str, x1: Fraction, y1: Fraction, x2: Fraction, y2: Fraction) -> Solution:
    points = f"({exact(x1)}, {exact(y1)}) and ({exact(x2)}, {exact(y2)})"
    if (x1, y1) == (x2, y2):
        raise Muddled("Those are the same point twice. Which two points do you mean?")
    if what in ("midpoint", "middle"):
        form = f"({exact((x1 + x2) / 2)}, {exact((y1 + y2) / 2)})"
        return Solution(
            "line",
            (f"The midpoint of {points} is {form}.", "Take the mean of the x values and of the y values."),
            form,
        )
    if what == "distance":
        return _distance(points, (x2 - x1) ** 2 + (y2 - y1) ** 2, abs(x2 - x1), abs(y2 - y1))
    if x1 == x2:
        form = f"x = {exact(x1)}"
        first = f"The line is vertical, {form}, so it has no slope."
        return Solution("line", (first,), form if what == "equation" else "undefined")
    slope = (y2 - y1) / (x2 - x1)
    rise = f"From {points}, y changes by {exact(y2 - y1)} while x changes by {exact(x2 - x1)}."
    if what == "equation":
        form = f"y = {Polynomial.from_coefficients([y1 - slope * x1, slope], 'x')}"
        return Solution("line", (f"The line is {form}.", rise, f"So the slope is {exact(slope)}."), form)
    return Solution(
        "line",
        (f"The slope is {exact(slope)}.", rise, "Divide the change in y by the change in x."),
        exact(slope),
        slope,
    )


def _distance(points: str, square: Fraction, across: Fraction, up: Fraction) -> Solution:
    root = exact_root(square, 2)
    step = (
        f"By Pythagoras: {figure(across)} squared plus {figure(up)} squared is {figure(square)}; take "
        f"its square root."
    )
    if root is not None:
        return Solution(
            "line", (f"The distance between {points} is {figure(root)}.", step), exact(root), root
        )
    value = float(square) ** 0.5
    form = surd(square)
    return Solution(
        "line", (f"The distance between {points} is {form}, about {about(value)}.", step), form, value
    )


def _of_equation(what: str, text: str) -> Solution | None:
    parsed = parse_equation(text)
    names = variables(parsed.left) | variables(parsed.right)
    if not names <= {"x", "y"} or "y" not in names:
        return None
    top = polynomial(parsed.left) - polynomial(parsed.right)
    terms = dict(top.terms)
    if not set(terms) <= {(), (("x", 1),), (("y", 1),)}:
        return None
    a, b, c = (terms.get(key, Fraction(0)) for key in ((("x", 1),), (("y", 1),), ()))
    if b == 0:
        return None
    slope, height = -a / b, -c / b
    form = f"y = {Polynomial.from_coefficients([height, slope], 'x')}"
    if what in ("slope", "gradient"):
        note = f"In {form}, it is the number in front of x."
        return Solution("line", (f"The slope is {exact(slope)}.", note), exact(slope), slope)
    if what == "x intercept":
        if slope == 0:
            raise Muddled("That line is horizontal and does not meet the x axis in one point.")
        value = -height / slope
        return Solution(
            "line", (f"The x intercept is {exact(value)}.", f"Set y to zero in {form}."), exact(value), value
        )
    return Solution(
        "line", (f"The y intercept is {exact(height)}.", f"Set x to zero in {form}."), exact(height), height
    )
