"""The one timer of a session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

MOMENT = 1e-6
"Seconds: the shortest wait."


class Alarm:
    """Calls `ring` when the moment that was set last has come, and perhaps a few times too early.

    Deadlines move with nearly every event, mostly to later: a timer that is early is set again when it rings,
    rather than at every move.
    """

    def __init__(self, ring: Callable[[], None], now: Callable[[], float]) -> None:
        self._ring = ring
        self._now = now
        self._set_for = float("inf")
        self._timer: asyncio.TimerHandle | None = None

    def set(self, at: float | None) -> None:
        """`ring` will be called at `at`, in seconds of `now`, or soon after; None: it need not be."""
        if at is None or at >= self._set_for:
            return
        self.stop()
        self._set_for = at
        wait = at - self._now()
        # A rounding error between the two clocks: no waiting for less than a moment would bring it nearer.
        wait = max(wait, MOMENT) if wait > 0 else 0.0
        self._timer = asyncio.get_running_loop().call_later(wait, self._go_off)

    def stop(self) -> None:
        """`ring` will not be called."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._set_for = None, float("inf")

    def _go_off(self) -> None:
        self._timer, self._set_for = None, float("inf")
        self._ring()
