"""Which line of the transcript tells of which turn, for players that say late how far they were."""

from __future__ import annotations

from collections.abc import Iterable

from antiphon.core.events import Command, Remember, Revise, TurnId
from antiphon.core.playout import Playout

KEPT = 8
"Turns whose sound is remembered, the latest: no player is further behind."


class HeardLines:
    """The lines that were remembered, by their numbers, and of the agent's latest the sound they came with."""

    def __init__(self) -> None:
        self._count = 0
        "Lines remembered before those of the event in hand."
        self._turns: dict[TurnId, tuple[int, Playout]] = {}

    def keep(self, turn: TurnId, playout: Playout, out: Iterable[Command]) -> None:
        """The next line that is remembered, after those in `out`, is what was heard of the turn."""
        self._turns[turn] = (self._count + _lines(out), playout)
        for old in sorted(self._turns)[:-KEPT]:
            del self._turns[old]

    def count(self, out: Iterable[Command]) -> None:
        """These are all commands of one event."""
        self._count += _lines(out)

    def stopped(self, turn: TurnId, samples: int) -> Revise | None:
        """The line of the turn, over now, as it is when so many samples were heard; None: as it was."""
        if turn not in self._turns:
            return None
        line, playout = self._turns[turn]
        before = playout.heard
        playout.stopped(samples)
        return Revise(line, playout.heard, is_cut=True) if playout.heard != before else None


def _lines(out: Iterable[Command]) -> int:
    return sum(isinstance(command, Remember) for command in out)
