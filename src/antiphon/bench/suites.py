"""The bench: suites of trials, run one after the other, and what they found."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from antiphon import __version__
from antiphon.bench.figures import BenchReport, Outcome
from antiphon.bench.machine import machine
from antiphon.bench.trials import (
    appointments,
    chaos,
    duel,
    flowing,
    framework,
    guarding,
    load,
    pausing,
    remembering,
    resilience,
    retrieval,
    routing,
    soak,
    turn,
    yielding,
)
from antiphon.bench.trials.trial import Progress, Setup
from antiphon.bench.voices import CallerVoice
from antiphon.bench.ways import WAYS, way
from antiphon.core.errors import AntiphonError, CallerError


@dataclass(frozen=True, slots=True)
class Suite:
    """A kind of trial. `definition` says what is measured, and from where to where."""

    title: str
    definition: str
    run: Callable[[Setup], Awaitable[Outcome]]
    speaks: bool = False
    "Its callers speak, by whichever way they are told to; others take the one that they are about."


SPEAK = frozenset(("turn", "yield", "pause", "remember", "flow", "guard"))
SUITES: Mapping[str, Suite] = {
    name: Suite(module.TITLE, module.__doc__ or "", module.run, name in SPEAK)
    for name, module in (
        ("turn", turn),
        ("duel", duel),
        ("framework", framework),
        ("yield", yielding),
        ("pause", pausing),
        ("remember", remembering),
        ("flow", flowing),
        ("appointments", appointments),
        ("chaos", chaos),
        ("routing", routing),
        ("guard", guarding),
        ("retrieval", retrieval),
        ("load", load),
        ("soak", soak),
        ("resilience", resilience),
    )
}
"""Every suite by name, in the order in which they are run."""

DEFAULT = tuple(name for name in SUITES if name not in ("soak", "resilience"))
"What is run when nothing is named: all that ends within minutes."


async def bench(
    suites: Sequence[str] = DEFAULT,
    *,
    url: str = "",
    agent: str = "tutor",
    sessions: Sequence[int] = (1, 4, 8, 16),
    repeats: int | None = None,
    seconds: float = 60.0,
    voices: Sequence[CallerVoice] = (),
    vias: Sequence[str] = ("orchestrate",),
    key: str = "",
    on_progress: Callable[[Progress], None] | None = None,
    on_outcome: Callable[[BenchReport], None] | None = None,
) -> BenchReport:
    """Each of the suites was run once; those that speak, once by each of the ways `vias`. One that could not be is in
    the report with the reason.

    `url` is the server that is measured as it is; without it, and for what needs a script, servers of our own
    are started. `sessions` are the callers at once of each step of the load, `seconds` how long a step lasts;
    `repeats` the trials of each kind, by default as many as each suite needs; `voices` speak, by default those
    found on the machine. `on_outcome` is given
    the report so far, whenever there is more of it. Raises CallerError for a suite that does not exist and a number
    that cannot be.
    """
    if unknown := [name for name in suites if name not in SUITES]:
        raise CallerError(f"there is no suite {unknown[0]!r}; there are: {', '.join(SUITES)}", field="suite")
    if not suites:
        raise CallerError(f"name at least one suite: {', '.join(SUITES)}", field="suite", code="empty")
    if not sessions or min(sessions) < 1:
        raise CallerError("sessions are counted from 1 on", field="sessions")
    if repeats is not None and repeats < 1:
        raise CallerError("a trial is made at least once", field="repeats")
    if not vias:
        raise CallerError(f"name at least one way: {', '.join(WAYS)}", field="via", code="empty")
    for via in vias:
        way(via)
    steps, tell = tuple(sorted(set(sessions))), on_progress or (lambda progress: None)
    setup = Setup(url, agent, repeats, steps, seconds, voices, tell, key=key)
    begun, before = time.monotonic(), machine()
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    outcomes: list[Outcome] = []

    def report() -> BenchReport:
        lasted = round(time.monotonic() - begun, 1)
        return BenchReport(started_at, __version__, before, machine(), tuple(outcomes), url, lasted)

    for name in dict.fromkeys(suites):
        for via in dict.fromkeys(vias) if SUITES[name].speaks else ("",):
            outcomes.append(await _outcome(name, replace(setup, is_first_way=via in ("", vias[0])), via))
            if on_outcome is not None:
                on_outcome(report())
    return report()


async def _outcome(name: str, setup: Setup, via: str) -> Outcome:
    """What the suite found, by that way where it speaks."""
    suite, begun = SUITES[name], time.monotonic()
    try:
        return replace(await suite.run(replace(setup, via=via) if via else setup), via=via)
    except* (AntiphonError, TimeoutError, OSError) as group:
        why = tuple(str(error) or type(error).__name__ for error in _leaves(group))
    lasted = round(time.monotonic() - begun, 1)
    return Outcome(name, suite.title, suite.definition, failures=why, seconds=lasted, via=via)


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
