"""The framework's own share of the wait.

A real server on a real WebSocket, whose recognizer, turn detector, agent and voice take no time at all:
what is left is Antiphon. Measured in the server's journal, from the instant at which the turn is confirmed to be over
(ConfirmReply, or StartReply of a confirmed turn) to the note that the first frame of the answer was written to
the socket (SoundSent). A spoken turn is answered on speculation, so that its first sentence is ready by then; a
typed one is answered from the beginning: question guarded, routed, answered, guarded, voiced, written.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from antiphon.bench.caller import Caller, call
from antiphon.bench.figures import Detail, Figure, Outcome, median, p50_p95
from antiphon.bench.line import CallDropped
from antiphon.bench.scripted_server import AGENT
from antiphon.bench.trials.trial import Progress, Setup, heard_out, remembered, scripted, tone
from antiphon.core.errors import AntiphonError
from antiphon.core.events import ConfirmReply, StartReply
from antiphon.core.notes import SoundSent, Stage, TurnMeasured
from antiphon.session import journal

TITLE = "Framework share"
LANES = 4
"Callers at once: a server that has but one to serve is not what anybody runs."
TURNS = 120
GOALS = p50_p95(5, 15)


@dataclass(slots=True)
class _Lane:
    """One caller's turns, and what went wrong in them."""

    turns: int
    failures: list[str] = field(default_factory=list)
    done: int = 0


async def run(setup: Setup) -> Outcome:
    """The share was measured on `setup.repeats` turns, by default `TURNS`."""
    begun = time.monotonic()
    total = setup.repeats or TURNS
    lanes = [_Lane(total // LANES + (n < total % LANES)) for n in range(min(LANES, total))]

    def tell() -> None:
        setup.tell(Progress("framework", sum(lane.done for lane in lanes), total, f"{len(lanes)} callers"))

    with TemporaryDirectory(prefix="antiphon-bench-") as folder:
        home = Path(folder)
        async with scripted(home, reply="Yes.", char_ms=25) as url, asyncio.TaskGroup() as tasks:
            for number, lane in enumerate(lanes):
                tasks.create_task(_converse(url, lane, number, tell), name=f"lane {number}")
        found = [row for file in sorted((home / "journals").glob("*.jsonl")) for row in shares(file)]
    spoken = tuple(row.ms for row in found if row.is_speculated)
    typed = tuple(row.ms for row in found if not row.is_speculated)
    failures = [failure for lane in lanes for failure in lane.failures]
    if len(found) < total:
        failures.append(f"{total - len(found)} of {total} turns brought no sound")
    return Outcome(
        "framework",
        TITLE,
        __doc__ or "",
        (
            Figure("spoken turn: confirmed → first audio written", "ms", spoken, GOALS),
            Figure("typed turn: confirmed → first audio written", "ms", typed, GOALS),
        ),
        parts=_median_parts(found),
        details=tuple(row.detail() for row in found),
        failures=tuple(failures),
        seconds=round(time.monotonic() - begun, 1),
    )


async def _converse(url: str, lane: _Lane, number: int, tell: Callable[[], None]) -> None:
    """Spoken and typed turns by turns, each after the answer to the one before was heard to its end."""
    try:
        async with call(url, agent=AGENT) as caller:
            # Callers of one bench shall not speak at the same instants.
            await asyncio.sleep(0.11 * number)
            for turn in range(lane.turns):
                await _one_turn(caller, is_typed=turn % 2 == 1)
                lane.done += 1
                tell()
    except (CallDropped, TimeoutError) as error:
        lane.failures.append(f"lane {number}, turn {lane.done + 1}: {error or 'no answer in time'}")
    except AntiphonError as error:
        lane.failures.append(f"lane {number}: {error}")


async def _one_turn(caller: Caller, is_typed: bool) -> None:
    lines = len(remembered(caller))
    if is_typed:
        await caller.type("Hello.")
    else:
        await caller.say(tone(0.4))
    await heard_out(caller, lines + 1)


@dataclass(frozen=True, slots=True)
class Share:
    """One turn's share, from its journal."""

    session: str
    turn: int
    is_speculated: bool
    ms: float
    parts_ms: tuple[tuple[str, float], ...] = ()

    def detail(self) -> Detail:
        return {
            "session": self.session,
            "turn": self.turn,
            "is_speculated": self.is_speculated,
            "ms": round(self.ms, 3),
            **dict(self.parts_ms),
        }


def shares(file: Path) -> list[Share]:
    """The share of each turn in the journal that was answered."""
    header, entries = journal.read(file)
    confirmed: dict[int, tuple[float, bool]] = {}
    found: dict[int, Share] = {}
    for entry in entries:
        match entry.item:
            case ConfirmReply(turn):
                confirmed[turn] = entry.t, True
            case StartReply(turn, _, True):
                confirmed[turn] = entry.t, False
            case SoundSent(turn, 0) if turn in confirmed:
                at, is_speculated = confirmed[turn]
                found[turn] = Share(header.session, turn, is_speculated, (entry.t - at) * 1000)
            case TurnMeasured(turn, _, parts_ms) if turn in found:
                share = found[turn]
                found[turn] = Share(
                    share.session, turn, share.is_speculated, share.ms, tuple(parts_ms.items())
                )
            case _:
                pass
    return list(found.values())


def _median_parts(found: Iterable[Share]) -> tuple[tuple[str, float], ...]:
    rows = [dict(row.parts_ms) for row in found if row.is_speculated]
    return median_parts(rows)


def median_parts(rows: list[dict[str, float]]) -> tuple[tuple[str, float], ...]:
    """The median of each part over all turns, one that a turn did not have counting as 0. In order."""
    parts = []
    for stage in Stage:
        if any(stage.value in row for row in rows):
            parts.append((stage.value, round(median([row.get(stage.value, 0.0) for row in rows]), 2)))
    return tuple(parts)
