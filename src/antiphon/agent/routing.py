"""Who should answer: routes, and the small classifier they rest on."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol

from antiphon.core.transcript import Line

Vector = Sequence[float]


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers, how sure that is (0…1), and why in words a person can follow."""

    specialist: str
    confidence: float
    reason: str
    between: tuple[str, ...] = ()
    "Whom it may be for, likeliest first, when the caller is to be asked."
    about: str = ""
    "What is to be answered when it is not the latest words: they only made clear what earlier ones meant."


class Router(Protocol):
    """Chooses the specialist for what the caller has just said."""

    def route(self, conversation: Sequence[Line], utterance: str) -> Awaitable[Route]:
        """The route for `utterance`, which follows `conversation` and is not part of it."""
        ...


@dataclass(frozen=True, slots=True)
class LinearHead:
    """A linear classifier over vectors: one row of weights and one bias for each label."""

    labels: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.labels or not len(self.labels) == len(self.weights) == len(self.bias):
            raise ValueError("a head needs a row of weights and a bias for each of its labels")
        if len({len(row) for row in self.weights}) != 1:
            raise ValueError("the rows of a head must be equally long")

    @property
    def dimensions(self) -> int:
        return len(self.weights[0])

    def probabilities(self, vector: Vector) -> dict[str, float]:
        """P(label) for each label; they sum to 1."""
        if len(vector) != self.dimensions:
            raise ValueError(f"the head takes {self.dimensions} numbers, not {len(vector)}")
        scores = [
            sum(map(float.__mul__, row, vector)) + bias
            for row, bias in zip(self.weights, self.bias, strict=True)
        ]
        top = max(scores)
        raised = [math.exp(score - top) for score in scores]
        total = sum(raised)
        return {label: value / total for label, value in zip(self.labels, raised, strict=True)}

    def to_json(self) -> str:
        """The head as JSON; `from_json` gives it back exactly."""
        return json.dumps({"labels": self.labels, "weights": self.weights, "bias": self.bias})

    @classmethod
    def from_json(cls, text: str) -> LinearHead:
        """The head `to_json` wrote. Raises ValueError when `text` is anything else."""
        try:
            found = json.loads(text)
            return cls(
                labels=tuple(str(label) for label in found["labels"]),
                weights=tuple(tuple(float(weight) for weight in row) for row in found["weights"]),
                bias=tuple(float(bias) for bias in found["bias"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"this is not a head: {error}") from error
