"""The formulas of the plane and solid figures, with exact results."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from antiphon.agents.tutor.mathematics.figures import exact_root, plain, surd
from antiphon.agents.tutor.mathematics.solution import Number


@dataclass(frozen=True, slots=True)
class Amount:
    """number · √root · π, so that “25π” and “5√2” stay exact."""

    number: Fraction
    has_pi: bool = False
    root: Fraction = Fraction(1)

    def value(self) -> Number:
        exact = exact_root(self.root, 2)
        if exact is not None and not self.has_pi:
            return self.number * exact
        return float(self.number) * math.sqrt(self.root) * (math.pi if self.has_pi else 1.0)

    def form(self) -> str:
        if self.root != 1 and exact_root(self.root, 2) is None:
            return surd(self.root * self.number**2)
        number = self.number * (exact_root(self.root, 2) or 1)
        if not self.has_pi:
            return plain(number)
        return (
            "π" if number == 1 else f"{plain(number)}π" if "/" not in plain(number) else f"{plain(number)} π"
        )


Measures = dict[str, Fraction]
Formula = tuple[frozenset[str], Callable[[Measures], Amount], str]
_THIRD, _FOUR_THIRDS = Fraction(1, 3), Fraction(4, 3)


def _formula(needs: str, work: Callable[[Measures], Amount], rule: str) -> Formula:
    return frozenset(needs.split()), work, rule


FORMULAS: dict[tuple[str, str], tuple[Formula, ...]] = {
    ("area", "square"): (_formula("side", lambda m: Amount(m["side"] ** 2), "Side times side"),),
    ("perimeter", "square"): (_formula("side", lambda m: Amount(4 * m["side"]), "Four times the side"),),
    ("diagonal", "square"): (
        _formula("side", lambda m: Amount(m["side"], root=Fraction(2)), "The side times √2"),
    ),
    ("side", "square"): (
        _formula("area", lambda m: Amount(Fraction(1), root=m["area"]), "The square root of the area"),
        _formula("perimeter", lambda m: Amount(m["perimeter"] / 4), "The perimeter divided by 4"),
    ),
    ("area", "rectangle"): (
        _formula("length width", lambda m: Amount(m["length"] * m["width"]), "Length times width"),
    ),
    ("perimeter", "rectangle"): (
        _formula(
            "length width",
            lambda m: Amount(2 * (m["length"] + m["width"])),
            "Twice the sum of length and width",
        ),
    ),
    ("diagonal", "rectangle"): (
        _formula(
            "length width",
            lambda m: Amount(Fraction(1), root=m["length"] ** 2 + m["width"] ** 2),
            "By Pythagoras, the root of length squared plus width squared",
        ),
    ),
    ("area", "triangle"): (
        _formula("base height", lambda m: Amount(m["base"] * m["height"] / 2), "Half of base times height"),
    ),
    ("area", "parallelogram"): (
        _formula("base height", lambda m: Amount(m["base"] * m["height"]), "Base times height"),
    ),
    ("area", "circle"): (
        _formula("radius", lambda m: Amount(m["radius"] ** 2, True), "π times the radius squared"),
        _formula(
            "diameter",
            lambda m: Amount(m["diameter"] ** 2 / 4, True),
            "The radius is half the diameter; take π times the radius squared",
        ),
    ),
    ("circumference", "circle"): (
        _formula("radius", lambda m: Amount(2 * m["radius"], True), "2 times π times the radius"),
        _formula("diameter", lambda m: Amount(m["diameter"], True), "π times the diameter"),
    ),
    ("diameter", "circle"): (_formula("radius", lambda m: Amount(2 * m["radius"]), "Twice the radius"),),
    ("radius", "circle"): (_formula("diameter", lambda m: Amount(m["diameter"] / 2), "Half the diameter"),),
    ("volume", "cube"): (_formula("side", lambda m: Amount(m["side"] ** 3), "The side cubed"),),
    ("surface area", "cube"): (
        _formula("side", lambda m: Amount(6 * m["side"] ** 2), "Six faces, each side squared"),
    ),
    ("volume", "box"): (
        _formula(
            "length width height",
            lambda m: Amount(m["length"] * m["width"] * m["height"]),
            "Length times width times height",
        ),
    ),
    ("surface area", "box"): (
        _formula(
            "length width height",
            lambda m: Amount(
                2 * (m["length"] * m["width"] + m["length"] * m["height"] + m["width"] * m["height"])
            ),
            "Twice the sum of the three different faces",
        ),
    ),
    ("volume", "cylinder"): (
        _formula(
            "radius height",
            lambda m: Amount(m["radius"] ** 2 * m["height"], True),
            "π times the radius squared times the height",
        ),
    ),
    ("surface area", "cylinder"): (
        _formula(
            "radius height",
            lambda m: Amount(2 * m["radius"] * (m["radius"] + m["height"]), True),
            "2 π r times the sum of radius and height",
        ),
    ),
    ("volume", "sphere"): (
        _formula(
            "radius",
            lambda m: Amount(_FOUR_THIRDS * m["radius"] ** 3, True),
            "Four thirds times π times the radius cubed",
        ),
        _formula(
            "diameter",
            lambda m: Amount(m["diameter"] ** 3 / 6, True),
            "With half the diameter as radius, four thirds times π times the radius cubed",
        ),
    ),
    ("surface area", "sphere"): (
        _formula(
            "radius", lambda m: Amount(4 * m["radius"] ** 2, True), "4 times π times the radius squared"
        ),
    ),
    ("volume", "cone"): (
        _formula(
            "radius height",
            lambda m: Amount(_THIRD * m["radius"] ** 2 * m["height"], True),
            "One third of π times the radius squared times the height",
        ),
    ),
}
