"""No knocking at a dead door: a provider that fails or dawdles too often is left alone for a while."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """Whether a provider is asked."""

    CLOSED = "closed"
    "It is asked: current flows."
    OPEN = "open"
    "It is left alone for a while."
    HALF_OPEN = "half open"
    "One request is let through to see whether it is well again."


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a provider is left alone, and for how long."""

    window: int = 10
    "Latest answers that are looked at."
    at_least: int = 4
    "Answers before it is judged: fewer say nothing."
    bad_share: float = 0.5
    "Share of failed or slow answers from which it is left alone."
    slow_s: float = 3.0
    "Seconds to the first piece from which an answer counts as bad: three fillers have been heard by then."
    rest_s: float = 10.0
    "Seconds it is left alone at first; twice as long after each trial that fails."
    longest_rest_s: float = 120.0
    "Bound of the above."


class Breaker:
    """Decides whether a provider is asked, from how its latest answers went. Knows no clock: `now` is given.

    Every call for which `claim` says yes ends in exactly one of `succeeded`, `failed`, `abandoned`.
    """

    def __init__(self, policy: BreakerPolicy | None = None) -> None:
        self._policy = policy or BreakerPolicy()
        self._bad: deque[bool] = deque(maxlen=self._policy.window)
        self._rest_s = self._policy.rest_s
        self._open_until: float | None = None
        self._is_trying = False

    def state(self, now: float) -> State:
        """What holds at `now`, seconds."""
        if self._open_until is None:
            return State.CLOSED
        return State.OPEN if now < self._open_until else State.HALF_OPEN

    def admits(self, now: float) -> bool:
        """Whether `claim` would say yes."""
        state = self.state(now)
        return state is State.CLOSED or (state is State.HALF_OPEN and not self._is_trying)

    def claim(self, now: float) -> bool:
        """True if a request may be made. While half open only one is under way at a time."""
        if not self.admits(now):
            return False
        self._is_trying = self.state(now) is State.HALF_OPEN
        return True

    def succeeded(self, now: float, took_s: float) -> None:
        """The first piece came `took_s` seconds after the request. A slow success counts as bad."""
        self._ended(now, is_bad=took_s >= self._policy.slow_s)

    def failed(self, now: float) -> None:
        """There was an error before the first piece."""
        self._ended(now, is_bad=True)

    def abandoned(self) -> None:
        """The request was given up by the one who made it, which says nothing about the provider."""
        self._is_trying = False

    def _ended(self, now: float, *, is_bad: bool) -> None:
        if self._open_until is not None:
            # Only the trial counts: what began before the rest and ends in it is old news.
            if not self._is_trying:
                return
            self._is_trying = False
            if is_bad:
                self._rest_s = min(2 * self._rest_s, self._policy.longest_rest_s)
                self._open_until = now + self._rest_s
            else:
                self._bad.clear()
                self._rest_s = self._policy.rest_s
                self._open_until = None
            return
        self._bad.append(is_bad)
        answers = len(self._bad)
        if answers >= self._policy.at_least and sum(self._bad) >= self._policy.bad_share * answers:
            self._open_until = now + self._rest_s
