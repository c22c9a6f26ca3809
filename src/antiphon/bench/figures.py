"""What a bench measures: figures with their goals, the report they stand in, and its JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from antiphon.bench.machine import Machine

FORMAT = 1
Detail = Mapping[str, str | float | bool | None]


class Kind(StrEnum):
    """How the values of a figure are summed up."""

    SAMPLE = "sample"
    "By their median and their 95th percentile."
    SHARE = "share"
    "Each is 1 for yes or 0 for no; told as percent of yes."
    LEVEL = "level"
    "One number, or the mean of several."


class Statistic(StrEnum):
    P50 = "p50"
    P95 = "p95"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on a statistic of a figure, in the figure's unit (percent for a share)."""

    statistic: Statistic
    bound: float
    is_most: bool = True
    "The bound is an upper one."

    def __str__(self) -> str:
        name = "" if self.statistic is Statistic.VALUE else f"{self.statistic} "
        return f"{name}{'≤' if self.is_most else '≥'} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured, in the order of measuring."""

    name: str
    unit: str
    values: tuple[float, ...] = ()
    goals: tuple[Goal, ...] = ()
    kind: Kind = Kind.SAMPLE
    definition: str = ""
    measure: str = ""
    "The name under which pages look for it; empty: they go by `name`."

    @property
    def n(self) -> int:
        return len(self.values)

    def statistic(self, which: Statistic) -> float | None:
        """The statistic in the figure's unit; None without values, and for those it does not have."""
        if not self.values:
            return None
        match which:
            case Statistic.P50 if self.kind is Kind.SAMPLE:
                return percentile(self.values, 50)
            case Statistic.P95 if self.kind is Kind.SAMPLE:
                return percentile(self.values, 95)
            case Statistic.VALUE if self.kind is not Kind.SAMPLE:
                mean = sum(self.values) / len(self.values)
                return 100 * mean if self.kind is Kind.SHARE else mean
        return None

    def meets(self, goal: Goal) -> bool:
        """The goal is met. Without values it is not."""
        value = self.statistic(goal.statistic)
        if value is None:
            return False
        return value <= goal.bound if goal.is_most else value >= goal.bound

    @property
    def has_passed(self) -> bool | None:
        """All goals are met; None without goals."""
        return all(self.meets(goal) for goal in self.goals) if self.goals else None


@dataclass(frozen=True, slots=True)
class Curve:
    """How something grows with something: one point for each `x`. None where nothing was measured."""

    name: str
    unit: str
    x_name: str
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    bound: float | None = None
    "The goal, drawn as a line."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one suite found. `failures` are sentences: what went wrong is told, never left out or tried again."""

    suite: str
    title: str
    definition: str
    figures: tuple[Figure, ...] = ()
    parts: tuple[tuple[str, float], ...] = ()
    "Median milliseconds of each part of a turn, in the order they happen."
    curves: tuple[Curve, ...] = ()
    details: tuple[Detail, ...] = ()
    "One for each trial."
    failures: tuple[str, ...] = ()
    seconds: float = 0.0
    via: str = ""
    "The way the callers' sound took; empty: nobody spoke."

    @property
    def name(self) -> str:
        """The suite, and the way."""
        return f"{self.suite} via {self.via}" if self.via else self.suite

    @property
    def has_passed(self) -> bool:
        """Every goal is met and nothing failed."""
        return not self.failures and all(figure.has_passed is not False for figure in self.figures)


@dataclass(frozen=True, slots=True)
class BenchReport:
    """What a run of the bench found, and on what."""

    started_at: str
    "UTC, ISO 8601."
    version: str
    before: Machine
    after: Machine
    outcomes: tuple[Outcome, ...] = ()
    url: str = ""
    "The server that was measured; empty: servers of our own."
    seconds: float = 0.0
    format: int = field(default=FORMAT)

    @property
    def has_passed(self) -> bool:
        return all(outcome.has_passed for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        return 0 if self.has_passed else 1

    def json(self) -> str:
        """The report as one JSON object, with the statistics and the verdicts next to the values."""
        data = asdict(self)
        data["has_passed"] = self.has_passed
        for outcome, told in zip(self.outcomes, data["outcomes"], strict=True):
            told["has_passed"] = outcome.has_passed
            for figure, row in zip(outcome.figures, told["figures"], strict=True):
                row["n"] = figure.n
                row |= {s.value: rounded(figure.statistic(s)) for s in Statistic}
                row["has_passed"] = figure.has_passed
        return json.dumps(data, ensure_ascii=False, indent=2)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` of the values lie, interpolated between neighbours."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: Sequence[float]) -> float:
    return percentile(values, 50)


def rounded(value: float | None) -> float | None:
    """To three significant decimals of what one reads: enough for any unit used here."""
    return None if value is None else round(value, 3)


def most(bound: float, statistic: Statistic = Statistic.VALUE) -> Goal:
    return Goal(statistic, bound)


def least(bound: float, statistic: Statistic = Statistic.VALUE) -> Goal:
    return Goal(statistic, bound, is_most=False)


def p50_p95(p50: float, p95: float) -> tuple[Goal, Goal]:
    """Upper bounds of the median and of the 95th percentile."""
    return Goal(Statistic.P50, p50), Goal(Statistic.P95, p95)
