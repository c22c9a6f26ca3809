"""Lists of numbers: mean, median, mode, range, sum, the largest and the smallest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

from antiphon.agents.tutor.mathematics.figures import about, answer, figure, plain
from antiphon.agents.tutor.mathematics.listing import LIST, N, numbers, said
from antiphon.agents.tutor.mathematics.solution import Solution
from antiphon.agents.tutor.patterns import Pattern

_NAMES = {
    "average": "mean",
    "mean": "mean",
    "arithmetic mean": "mean",
    "median": "median",
    "mode": "mode",
    "range": "range",
    "sum": "sum",
    "total": "sum",
    "largest": "largest",
    "biggest": "largest",
    "greatest": "largest",
    "maximum": "largest",
    "smallest": "smallest",
    "minimum": "smallest",
    "lowest": "smallest",
    "highest": "largest",
}
_GROUP = (
    r"(?:the )?(?:following )?(?:numbers|list|data(?: set)?|set|values|scores|these numbers|these"
    r"|test scores)?(?: [:,])?"
)
_STATISTIC = Pattern(
    rf"(?:find )?(?:the )?(?P<name>{'|'.join(sorted(_NAMES, key=len, reverse=True))})(?: value| number"
    rf"| score)?"
    rf" (?:of|for|among|from|between) (?:{_GROUP} )?(?P<list>{LIST})"
)
_ADD_UP = Pattern(rf"(?:add(?: up)?|sum) (?:{_GROUP} )?(?P<list>{LIST})")
_WHICH = Pattern(
    rf"(?:which (?:number |one |fraction |of these )?is (?:the )?)(?P<name>bigger|larger|greater"
    rf"|biggest|largest|greatest|smaller|smallest|less|lower)"
    rf"(?: ,| :| of)? (?P<list>{LIST.replace(' and)', ' and| or| , or)')})"
)


_IS_BIGGER = Pattern(
    rf"is (?P<a>{N}) (?P<name>bigger|larger|greater|more|smaller|less) than (?P<b>{N})|(?:is )?"
    rf"(?P<a2>{N}) (?P<sign>>|<) (?P<b2>{N})"
)


def average(text: str) -> Solution | None:
    """The question about a list of numbers that the whole text is, or None."""
    which = _WHICH.fullmatch(text)
    if which:
        name = "smallest" if which["name"].startswith(("small", "le", "low")) else "largest"
        return _compared(name, numbers(which["list"]))
    claim = _IS_BIGGER.fullmatch(text)
    if claim:
        return _claimed(claim)
    found = _STATISTIC.fullmatch(text)
    if found:
        return _ANSWERS[_NAMES[found["name"]]](numbers(found["list"]))
    found = _ADD_UP.fullmatch(text)
    if found and len(numbers(found["list"])) > 2:
        return _sum(numbers(found["list"]))
    return None


def _names(values: list[Fraction]) -> str:
    return said([figure(value) for value in values])


def _mean(values: list[Fraction]) -> Solution:
    total = sum(values, Fraction(0))
    mean = total / len(values)
    steps = (
        f"Add them up: the sum is {figure(total)}.",
        f"Divide by how many there are, {len(values)}: {figure(mean)}.",
    )
    return Solution("mean", (f"The mean of {_names(values)} is {answer(mean)}.", *steps), plain(mean), mean)


def _median(values: list[Fraction]) -> Solution:
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        median = ordered[middle]
        step = f"The one in the middle is {figure(median)}."
    else:
        median = (ordered[middle - 1] + ordered[middle]) / 2
        step = (
            f"The two in the middle are {figure(ordered[middle - 1])} and {figure(ordered[middle])}; "
            f"take their mean."
        )
    return Solution(
        "median",
        (f"The median is {figure(median)}.", f"In order they are {_names(ordered)}.", step),
        plain(median),
        median,
    )


def _mode(values: list[Fraction]) -> Solution:
    counts = Counter(values)
    most = max(counts.values())
    modes = sorted(value for value, count in counts.items() if count == most)
    if most == 1:
        return Solution("mode", ("There is no mode: no number appears more than once.",), "none")
    times = {2: "twice", 3: "three times"}.get(most, f"{most} times")
    if len(modes) == 1:
        said_mode = f"The mode is {figure(modes[0])}, which appears {times}."
        return Solution("mode", (said_mode,), plain(modes[0]), modes[0])
    return Solution(
        "mode",
        (f"There are {len(modes)} modes, {_names(modes)}; each appears {times}.",),
        ", ".join(map(plain, modes)),
    )


def _range(values: list[Fraction]) -> Solution:
    low, high = min(values), max(values)
    step = f"The largest is {figure(high)}, the smallest {figure(low)}; take their difference."
    return Solution("range", (f"The range is {figure(high - low)}.", step), plain(high - low), high - low)


def _sum(values: list[Fraction]) -> Solution:
    total = sum(values, Fraction(0))
    return Solution("sum", (f"The sum of {_names(values)} is {answer(total)}.",), plain(total), total)


def _extreme(name: str, values: list[Fraction]) -> Solution:
    value = max(values) if name == "largest" else min(values)
    return Solution("comparison", (f"The {name} is {_own(value)}.",), plain(value), value)


def _own(value: Fraction) -> str:
    return (
        figure(value, as_fraction=True)
        if value.denominator > 1 and value.denominator not in (10, 100)
        else figure(value)
    )


def _compared(name: str, values: list[Fraction]) -> Solution:
    if len(values) != 2:
        return _extreme(name, values)
    value = max(values) if name == "largest" else min(values)
    other = min(values) if name == "largest" else max(values)
    if value == other:
        return Solution("comparison", ("They are equal.",), "equal", value)
    word = "bigger" if name == "largest" else "smaller"
    notes: tuple[str, ...] = ()
    if value.denominator > 1 or other.denominator > 1:
        notes = (f"As decimals they are {_decimal(value)} and {_decimal(other)}.",)
    return Solution(
        "comparison", (f"{_own(value)} is {word} than {_own(other)}.", *notes), plain(value), value
    )


def _claimed(claim: re.Match[str]) -> Solution:
    """“Is 2/3 bigger than 3/4?”"""
    a, b = Fraction(claim["a"] or claim["a2"]), Fraction(claim["b"] or claim["b2"])
    wants_bigger = (
        claim["sign"] == ">" if claim["sign"] else claim["name"] in ("bigger", "larger", "greater", "more")
    )
    verdict = "Yes" if a != b and (a > b) == wants_bigger else "No"
    compared = _compared("largest", [a, b])
    return Solution(
        "comparison",
        (
            f"{verdict}, {compared.sentences[0][:1].lower()}{compared.sentences[0][1:]}",
            *compared.sentences[1:],
        ),
        verdict.lower(),
        max(a, b),
    )


def _decimal(value: Fraction) -> str:
    return figure(value) if "/" not in figure(value) else f"about {about(value)}"


_ANSWERS: dict[str, Callable[[list[Fraction]], Solution]] = {
    "mean": _mean,
    "median": _median,
    "mode": _mode,
    "range": _range,
    "sum": _sum,
    "largest": lambda values: _extreme("largest", values),
    "smallest": lambda values: _extreme("smallest", values),
}
