"""Several linear equations in as many unknowns, solved exactly."""

from __future__ import annotations

import re
from fractions import Fraction

from antiphon.agents.tutor.mathematics.expression import variables
from antiphon.agents.tutor.mathematics.figures import exact
from antiphon.agents.tutor.mathematics.grammar import parse_equation
from antiphon.agents.tutor.mathematics.polynomial import Polynomial, polynomial
from antiphon.agents.tutor.mathematics.solution import NotMaths, Solution
from antiphon.agents.tutor.patterns import Pattern

MAX_UNKNOWNS = 3
_ORDER = Pattern(
    r"^(?:solve |find )?(?:for )?(?:[a-z] (?:, )?(?:and )?[a-z] (?:if|in|when|where|:|,|given"
    r"(?: that)?|from) )?"
    r"(?:if )?(?:the )?(?:simultaneous equations|system(?: of equations)?|pair of equations"
    r"|equations)?(?: [:,])? ?(?P<rest>.+?)"
    r"(?: [.,])?(?: (?:what is|what are|find|solve for) [a-z](?: and [a-z])?)?$"
)
_EQUAL = r"=|\b(?:is )?equals?(?: to)?\b"


def simultaneous(text: str) -> Solution | None:
    """Solves the linear equations in the text; None if they are fewer than two or not linear."""
    if len(re.findall(_EQUAL, text)) not in (2, 3) and text.count(" is ") != 2:
        return None
    found = _ORDER.match(text)
    parts = _split(found["rest"]) if found else None
    if parts is None:
        return None
    equations = [parse_equation(part) for part in parts]
    rows = [polynomial(equation.left) - polynomial(equation.right) for equation in equations]
    names = sorted(
        {
            name
            for equation in equations
            for side in (equation.left, equation.right)
            for name in variables(side)
        }
    )
    if len(names) != len(rows) or not 2 <= len(names) <= MAX_UNKNOWNS:
        return None
    if any(sum(e for _, e in monomial) > 1 for row in rows for monomial in row.terms):
        return None
    read = " and ".join(_shown(row, names) for row in rows)
    values = _eliminate(rows, names)
    if isinstance(values, str):
        return Solution("simultaneous", (f"{values} for {read}.",), values.lower())
    form = " and ".join(f"{name} = {exact(values[name])}" for name in names)
    return Solution("simultaneous", (f"For {read}, {form}.", *_steps(rows, names, values)), form)


def _split(text: str) -> list[str] | None:
    """The equations one by one. Without a pause between them the second starts after the first number."""
    parts = [part for part in re.split(r" (?:, and|and|,|\.|;) ", text) if part]
    if len(parts) >= 2 and all(re.search(_EQUAL, part) or " is " in part for part in parts):
        return parts
    found = re.fullmatch(rf"(.+? (?:{_EQUAL}) -?\d+(?:\.\d+)?) ((?:\d+ )?[a-z] .+(?:{_EQUAL}) .+)", text)
    return [found[1], found[2]] if found and len(parts) == 1 else None


def _shown(row: Polynomial, names: list[str]) -> str:
    left = Polynomial.of({monomial: value for monomial, value in row.terms.items() if monomial})
    right = -row.terms.get((), Fraction(0))
    if left.terms and next(iter(left.terms.values())) < 0:
        left, right = left.scaled(Fraction(-1)), -right
    return f"{left} = {exact(right)}"


def _matrix(rows: list[Polynomial], names: list[str]) -> list[list[Fraction]]:
    return [
        [*(row.terms.get(((name, 1),), Fraction(0)) for name in names), -row.terms.get((), Fraction(0))]
        for row in rows
    ]


def _eliminate(rows: list[Polynomial], names: list[str]) -> dict[str, Fraction] | str:
    """The one solution, or why there is not exactly one."""
    matrix, size = _matrix(rows, names), len(names)
    done = 0
    for column in range(size):
        pivot = next((r for r in range(done, size) if matrix[r][column]), None)
        if pivot is None:
            continue
        matrix[done], matrix[pivot] = matrix[pivot], matrix[done]
        matrix[done] = [value / matrix[done][column] for value in matrix[done]]
        for other in range(size):
            if other != done and matrix[other][column]:
                factor = matrix[other][column]
                matrix[other] = [a - factor * b for a, b in zip(matrix[other], matrix[done], strict=True)]
        done += 1
    if any(not any(row[:-1]) and row[-1] for row in matrix):
        return "There is no solution"
    if done < size:
        return "There are infinitely many solutions"
    return {name: matrix[index][-1] for index, name in enumerate(names)}


def _steps(rows: list[Polynomial], names: list[str], values: dict[str, Fraction]) -> list[str]:
    """Adding or subtracting if that removes an unknown at once, else multiplying first."""
    if len(names) != 2:
        return ["Remove one unknown after the other by adding multiples of the equations."]
    (a, b, e), (c, d, f) = _matrix(rows, names)
    for gone, (p, q), kept in ((names[1], (b, d), names[0]), (names[0], (a, c), names[1])):
        if p and abs(p) == abs(q):
            verb = "Add the equations" if p == -q else "Subtract the second equation from the first"
            sign = 1 if p == -q else -1
            k = (a + sign * c) if kept == names[0] else (b + sign * d)
            total = e + sign * f
            left = str(Polynomial.from_coefficients([Fraction(0), k], kept))
            how = f"{verb}, and {gone} disappears: {left} = {exact(total)}."
            return [
                how,
                (
                    f"So {kept} = {exact(values[kept])}; put that back in to find {gone} = "
                    f"{exact(values[gone])}."
                ),
            ]
    if not (a and b and c and d):
        raise NotMaths("one equation alone gives an unknown")
    how = (
        f"Multiply the first by {exact(abs(d))} and the second by {exact(abs(b))}, so that {names[1]} "
        f"can be removed."
    )
    return [
        how,
        (
            f"That gives {names[0]} = {exact(values[names[0]])}; put it back in to find {names[1]} = "
            f"{exact(values[names[1]])}."
        ),
    ]
