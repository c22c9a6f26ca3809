"""The measures of turn-taking as figures, each with its goal."""

from __future__ import annotations

from collections.abc import Iterable

from antiphon.bench.figures import Figure, Kind, least, most
from antiphon.bench.metrics import Panel
from antiphon.bench.timeline import SELECTED, Act

SURVIVED = {
    Act.BACKCHANNEL: "S_BC: back-channels survived",
    Act.TIC: "S_VT: vocal tics survived",
    Act.ASIDE: "S_ND: side talk survived",
    Act.NOISE: "noises survived",
}
"Selectivity, by what is to be left alone."


def turn_taking(found: Panel) -> list[Figure]:
    """The panel of τ-voice and EVA as figures. Rates of fewer than ten events say little."""
    stops = [value for value in found.yields if value is not None]
    return [
        Figure(
            "L_R: end of speech → first voice",
            "ms",
            tuple(1000 * r for r in found.responses if r is not None),
        ),
        share("R_R: turns answered", [value is not None for value in found.responses]),
        Figure("L_Y: interruption → silence", "ms", tuple(1000 * value for value in stops)),
        share("R_Y: interruptions yielded to", [value is not None for value in found.yields], 100.0),
        Figure(
            "I_A: interruptions by the agent, per turn",
            "",
            tuple(map(float, found.incursions)),
            (most(0.05),),
            Kind.LEVEL,
        ),
        *(share(SURVIVED[act], found.kept[act]) for act in SELECTED if found.kept[act]),
        share("pauses taken for the end", found.takeovers),
        Figure("EVA's score of turn-taking", "", found.scores, (least(0.9),), Kind.LEVEL),
    ]


def share(name: str, values: Iterable[bool], goal: float | None = None) -> Figure:
    """How many of them hold, in percent; `goal` is the least."""
    goals = () if goal is None else (least(goal),)
    return Figure(name, "%", tuple(map(float, values)), goals, Kind.SHARE)
