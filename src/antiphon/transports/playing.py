"""The player of a listener who says nothing of it: by the clock."""

from __future__ import annotations

from antiphon.core.events import TurnId


class Playing:
    """How far a player is that plays what it gets at once, from the moment it gets it, in real time."""

    def __init__(self) -> None:
        self._turn: TurnId = 0
        self._samples = 0.0
        self._at = 0.0

    def played(self, turn: TurnId, sent: int, rate: int, now: float) -> int:
        """Samples of the turn that have been played by `now`, seconds, of the `sent` ones. Ask often."""
        if turn != self._turn:
            self._turn, self._samples = turn, 0.0
        else:
            self._samples = min(float(sent), self._samples + (now - self._at) * rate)
        self._at = now
        return int(self._samples)
