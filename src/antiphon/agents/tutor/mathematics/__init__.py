"""Mathematics without a model: school questions as they are spoken, answered exactly or not at all."""

from antiphon.agents.tutor import patterns
from antiphon.agents.tutor.mathematics import algebra
from antiphon.agents.tutor.mathematics.solution import Solution, Unclear
from antiphon.agents.tutor.mathematics.solver import solve

__all__ = ["Solution", "Unclear", "solve", "warm_up"]


def warm_up() -> None:
    """No question waits for anything to be loaded or compiled. Takes most of a second, once: call it at start."""
    patterns.compile_all()
    algebra.warm_up()
