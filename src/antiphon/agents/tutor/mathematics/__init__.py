"""Mathematics without a model: school questions as they are spoken, answered exactly or not at all."""

from antiphon.agents.tutor.mathematics.algebra import warm_up
from antiphon.agents.tutor.mathematics.solution import Solution, Unclear
from antiphon.agents.tutor.mathematics.solver import solve

__all__ = ["Solution", "Unclear", "solve", "warm_up"]
