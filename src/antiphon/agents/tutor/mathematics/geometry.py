"""Plane and solid figures: area, perimeter, volume, surface, diagonal; Pythagoras; angles."""

from __future__ import annotations

import re
from fractions import Fraction

from antiphon.agents.tutor.mathematics.figures import about, figure, plain
from antiphon.agents.tutor.mathematics.formulas import FORMULAS, Amount, Measures
from antiphon.agents.tutor.mathematics.listing import N
from antiphon.agents.tutor.mathematics.solution import Muddled, Solution
from antiphon.agents.tutor.mathematics.units import UNITS, plural, singular
from antiphon.agents.tutor.patterns import Pattern

_DIMENSIONS = {"area": 2, "surface area": 2, "volume": 3}
_SHAPES = {
    "rectangular prism": "box",
    "cuboid": "box",
    "rectangular box": "box",
    "box": "box",
    "square": "square",
    "rectangle": "rectangle",
    "room": "rectangle",
    "garden": "rectangle",
    "field": "rectangle",
    "triangle": "triangle",
    "right triangle": "triangle",
    "parallelogram": "parallelogram",
    "circle": "circle",
    "cube": "cube",
    "cylinder": "cylinder",
    "sphere": "sphere",
    "ball": "sphere",
    "cone": "cone",
}
_QUANTITIES = (
    "surface area|total surface area|area|perimeter|circumference|volume|diagonal|diameter|radius|sid"
    "e length|side"
)
_SHAPE_NAMES = "|".join(sorted(_SHAPES, key=len, reverse=True))
_ASK_FIRST = Pattern(
    rf"(?:find |work out |determine )?(?:the )?(?P<what>{_QUANTITIES})(?: length)? of (?:a|an|the"
    rf"|this)?(?: rectangular)? ?(?P<shape>{_SHAPE_NAMES}) (?P<rest>.+)"
)
_ASK_LAST = Pattern(
    rf"(?:if )?(?:a|an|the) (?P<shape>{_SHAPE_NAMES}) (?P<rest>.+?)(?: [.,])?(?: then)? (?:what is"
    rf"|find|calculate|work out) (?:its|the)(?: total)? (?P<what>{_QUANTITIES})(?: of (?:it"
    rf"|the \w+))?"
)
_UNIT = (
    r"(?:cm|mm|km|m|centimet(?:er|re)s?|millimet(?:er|re)s?|kilomet(?:er|re)s?|met(?:er|re)s?|inch"
    r"(?:es)?|feet|foot|yards?|miles?|units?)"
)
_MEASURES = "|".join(
    (
        "side length",
        "edge length",
        "side",
        "sides",
        "edge",
        "base radius",
        "radius",
        "diameter",
        "base",
        "height",
        "length",
        "width",
        "area",
        "perimeter",
        "depth",
    )
)
_NAMED = Pattern(
    rf"(?P<name>{_MEASURES})(?: of| is| are| equal to| equals| =| length| that is)* (?P<n>{N})"
    rf"(?: square| cubic)?(?: (?P<unit>{_UNIT}))?(?!\S)"
)
_TRAILING = Pattern(
    rf"(?P<n>{N})(?: (?P<unit>{_UNIT}))? (?P<name>long|wide|tall|high|deep|radius|diameter|sides?"
    rf"|across)(?!\S)"
)
_BY = Pattern(
    rf"(?P<a>{N})(?: (?P<unit>{_UNIT}))? (?:by|x|times) (?P<b>{N})(?: (?P<unit2>{_UNIT}))?(?: (?:by"
    rf"|x|times) (?P<c>{N})(?: (?P<unit3>{_UNIT}))?)?(?!\S)"
)
_LOOSE = Pattern(
    rf"(?:sides|measures|dimensions|lengths) (?:of |are |is )?(?P<list>{N}(?: {_UNIT})?(?:(?: ,)?"
    rf"(?: and)? {N}(?: {_UNIT})?)+)(?!\S)"
)
_GLUE = frozenset(
    [
        "with",
        "a",
        "an",
        "the",
        "of",
        "and",
        "is",
        "has",
        "have",
        "having",
        "that",
        "whose",
        "its",
        "which",
        "if",
        "where",
        ",",
        ".",
        "it",
        "are",
        "in",
        "long",
        "each",
    ]
)
_ALIASES = {
    "sides": "side",
    "side length": "side",
    "edge": "side",
    "edge length": "side",
    "base radius": "radius",
    "long": "length",
    "wide": "width",
    "tall": "height",
    "high": "height",
    "deep": "height",
    "depth": "height",
    "across": "diameter",
}


def geometry(text: str) -> Solution | None:
    """The question about a figure that the whole text is, or None."""
    for special in (_pythagoras, _angles, _triangle_perimeter):
        solution = special(text)
        if solution:
            return solution
    found = _ASK_FIRST.fullmatch(text) or _ASK_LAST.fullmatch(text)
    if not found:
        return None
    shape = _SHAPES[found["shape"]]
    what = {"total surface area": "surface area", "side length": "side"}.get(found["what"], found["what"])
    if what == "perimeter" and shape == "circle":
        what = "circumference"
    read = _measures(found["rest"], shape)
    if read is None:
        return None
    measures, unit = read
    for needs, work, rule in FORMULAS.get((what, shape), ()):
        if needs == set(measures):
            return _answer(what, found["shape"], work(measures), rule, unit)
    return None


def _measures(text: str, shape: str) -> tuple[Measures, str] | None:
    """The measures that `text` names, and their common unit; None if a word is left over."""
    measures: Measures = {}
    units: set[str] = set()

    def note(name: str, number: str, unit: str | None) -> None:
        name = _ALIASES.get(name, name)
        if name == "length" and shape in ("square", "cube"):
            name = "side"
        measures[name] = Fraction(number)
        units.add(singular(unit) if unit else "")

    def named(found: re.Match[str]) -> str:
        note(found["name"], found["n"], found["unit"])
        return ""

    def crossed(found: re.Match[str]) -> str:
        for name, key, unit in (("length", "a", "unit"), ("width", "b", "unit2"), ("height", "c", "unit3")):
            if found[key]:
                note(name, found[key], found[unit] or found["unit2"] or found["unit3"] or found["unit"])
        return ""

    def loose(found: re.Match[str]) -> str:
        values = re.findall(N, found["list"])
        unit = re.search(_UNIT, found["list"])
        for name, value in zip(("length", "width", "height"), values, strict=False):
            note(name, value, unit[0] if unit else None)
        return "" if len(values) <= 3 else "too many"

    rest = _BY.sub(crossed, text, count=1)
    if shape in ("rectangle", "box"):
        rest = _LOOSE.sub(loose, rest, count=1)
    rest = _TRAILING.sub(named, _NAMED.sub(named, rest))
    if set(rest.split()) - _GLUE or not measures or any(value <= 0 for value in measures.values()):
        return None
    if shape == "triangle" and {"length", "width"} <= set(measures):
        return None
    if len(measures) > 1 and len(units - {""}) > 1:
        return None
    unit = max(units, default="")
    return measures, "" if unit == "unit" else unit


def _answer(what: str, shape: str, amount: Amount, rule: str, unit: str) -> Solution:
    value = amount.value()
    form = amount.form()
    powers = {1: "", 2: "square ", 3: "cubic "}
    tail = f" {powers[_DIMENSIONS.get(what, 1)]}{plural(unit)}" if unit in UNITS["length"] else ""
    if isinstance(value, Fraction):
        first = f"The {what} of the {shape} is {figure(value)}{tail}."
    else:
        first = f"The {what} of the {shape} is {form}{tail}, about {about(value, 4)}."
    return Solution("geometry", (first, f"{rule}."), f"{form}{tail}", value)


_LEGS = Pattern(
    rf"(?:the )?hypotenuse of a right(?: angled?)? triangle (?:with|whose|if|when|that has|where)"
    rf"(?: the)?(?: two)?(?: other)? ?(?:legs|sides|shorter sides|short sides)?(?: of| are| measure)?"
    rf"(?: length| lengths)?(?: of)? (?P<a>{N}) (?:, )?(?:and|by) (?P<b>{N})"
    rf"|(?:if )?(?:a|the) right(?: angled?)? triangle (?:has|with)(?: two)? (?:legs|sides|shorter sides"
    rf"|short sides)(?: of| of length| of lengths| that are)? (?P<a2>{N}) and (?P<b2>{N})(?: [.,])?"
    rf"(?: how long is| what is| find)? (?:the|its) (?:length of (?:the|its) )?hypotenuse(?: length)?"
)
_LEG = Pattern(
    rf"(?:if )?(?:a|the) right(?: angled?)? triangle (?:has|with) (?:a |an )?hypotenuse(?: of"
    rf"| of length)? (?P<c>{N})(?: ,)? and (?:a|one) (?:leg|side)(?: of| of length)? (?P<a>{N})"
    rf"(?: [.,])?(?: how long is| what is| find)? (?:the|its) (?:length of (?:the|its) )?other "
    rf"(?:leg|side)"
)


def _pythagoras(text: str) -> Solution | None:
    bare = re.sub(rf"(?<=\d) {_UNIT}(?!\S)", "", text)
    if bare != text and len({singular(u) for u in re.findall(rf"(?<=\d) ({_UNIT})(?!\S)", text)}) > 1:
        return None
    found = _LEGS.fullmatch(bare)
    if found:
        a, b = Fraction(found["a"] or found["a2"]), Fraction(found["b"] or found["b2"])
        square, sign = a * a + b * b, "plus"
        what = "hypotenuse"
    else:
        found = _LEG.fullmatch(bare)
        if not found:
            return None
        a, b = Fraction(found["c"]), Fraction(found["a"])
        square, sign = a * a - b * b, "minus"
        what = "other leg"
        if square <= 0:
            raise Muddled("The hypotenuse must be the longest side. Could you check the numbers?")
    amount = Amount(Fraction(1), root=square)
    value = amount.value()
    text = figure(value) if isinstance(value, Fraction) else f"{amount.form()}, about {about(value, 4)}"
    steps = (
        f"By Pythagoras, {figure(a)} squared {sign} {figure(b)} squared is {figure(square)}.",
        f"The square root of {figure(square)} is {figure(value)}.",
    )
    return Solution("geometry", (f"The {what} is {text}.", *steps), amount.form(), value)


_THIRD_ANGLE = Pattern(
    rf"(?:if )?(?:two|2)(?: of the)? (?:angles|interior angles) (?:of|in) a triangle (?:are|measure) "
    rf"(?P<a>{N})(?: degrees)? and (?P<b>{N})(?: degrees)?(?: [.,])?(?: what is| how big is| find)? "
    rf"(?:the )?(?:third|3th|other|last|remaining|missing)(?: angle| one)?"
    rf"|(?:if )?a triangle has (?:two )?angles(?: of)? (?P<a2>{N})(?: degrees)? and (?P<b2>{N})"
    rf"(?: degrees)?(?: [.,])?(?: what is| find)? the (?:third|3th|other|missing)(?: angle)?"
    rf"|(?:the )?(?:third|3th|missing) angle (?:of|in) a triangle (?:with|if the) (?:other )?"
    rf"(?:two )?angles?(?: of| are)? (?P<a3>{N})(?: degrees)? and (?P<b3>{N})(?: degrees)?"
)
_POLYGONS = {
    "triangle": 3,
    "quadrilateral": 4,
    "rectangle": 4,
    "square": 4,
    "pentagon": 5,
    "hexagon": 6,
    "heptagon": 7,
    "octagon": 8,
    "nonagon": 9,
    "decagon": 10,
    "dodecagon": 12,
}
_ANGLE_SUM = Pattern(
    rf"(?:the )?(?:sum of (?:the |all )?(?:interior |inside )?angles (?:of|in)|(?:how many degrees"
    rf"|degrees|number of degrees)(?: are)?(?: there)? in|angles? sum (?:of|in)|angles (?:of|in)) an? "
    rf"(?P<shape>{'|'.join(_POLYGONS)})(?: add up to)?"
    rf"|(?:each |the )?(?:interior )?angle (?:of|in) a regular (?P<regular>{'|'.join(_POLYGONS)})"
)


def _angles(text: str) -> Solution | None:
    found = _THIRD_ANGLE.fullmatch(text)
    if found:
        a, b = (Fraction(next(v for k, v in found.groupdict().items() if k[0] == key and v)) for key in "ab")
        rest = 180 - a - b
        if a <= 0 or b <= 0 or rest <= 0:
            raise Muddled("The angles of a triangle add up to 180 degrees, so those two cannot be right.")
        steps = (
            "The angles of a triangle add up to 180 degrees.",
            f"180 minus {figure(a)} minus {figure(b)} is {figure(rest)}.",
        )
        return Solution(
            "geometry",
            (f"The third angle is {figure(rest)} degrees.", *steps),
            f"{plain(rest)} degrees",
            rest,
        )
    found = _ANGLE_SUM.fullmatch(text)
    if not found:
        return None
    shape = found["shape"] or found["regular"]
    count = _POLYGONS[shape]
    total = Fraction(180 * (count - 2))
    rule = (
        f"Cut it into {count - 2} triangles of 180 degrees each."
        if count > 3
        else "That holds for every flat triangle."
    )
    article = "an" if shape[0] in "aeiou" else "a"
    if found["regular"]:
        each = total / count
        first = f"Each angle of a regular {shape} is {figure(each)} degrees."
        return Solution(
            "geometry",
            (first, f"All {count} together are {figure(total)} degrees."),
            f"{plain(each)} degrees",
            each,
        )
    first = f"The angles of {article} {shape} add up to {figure(total)} degrees."
    return Solution("geometry", (first, rule), f"{plain(total)} degrees", total)


_TRIANGLE_SIDES = Pattern(
    rf"(?:the )?perimeter of a triangle (?:with|whose) sides(?: of| are)?(?: lengths?)? (?P<a>{N})"
    rf"(?: ,)?(?: and)? (?P<b>{N})(?: ,)?(?: and)? (?P<c>{N})"
)


def _triangle_perimeter(text: str) -> Solution | None:
    found = _TRIANGLE_SIDES.fullmatch(text)
    if not found:
        return None
    sides = sorted(Fraction(found[key]) for key in "abc")
    if sides[0] <= 0 or sides[0] + sides[1] <= sides[2]:
        raise Muddled(
            "Three such sides do not make a triangle: the two shorter ones must reach further "
            "than the longest."
        )
    total = sum(sides, Fraction(0))
    step = f"Add the sides: {' plus '.join(figure(side) for side in sides)}."
    return Solution(
        "geometry", (f"The perimeter of the triangle is {figure(total)}.", step), plain(total), total
    )
