"""What responses use, and how many a client may have made."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from antiphon.core.notes import ModelUsed
from antiphon.wire import openai_realtime as rt

HEARD_MS, SAID_MS = 100, 50
"Milliseconds of sound in a token, as OpenAI counts them: of the user's, of the agent's."
MOST, WINDOW_S = 300, 60.0
"Responses in so many seconds: each may cost a model's time."


class Used:
    """What one response has used so far. Words are a language model's; sound is counted as OpenAI counts it."""

    def __init__(self, heard_ms: float = 0.0) -> None:
        self.heard_ms = heard_ms
        "Sound of the user's that it answers to."
        self.said_ms = 0.0
        self._read = self._cached = self._written = 0

    def count(self, used: ModelUsed) -> None:
        """A language model has written for it."""
        self._read += used.tokens_in + used.tokens_cached + used.tokens_stored
        self._cached += used.tokens_cached
        self._written += used.tokens_out

    def usage(self) -> rt.Usage:
        cached = rt.CachedTokens(self._cached)
        given = rt.InputTokens(self._read, round(self.heard_ms / HEARD_MS), self._cached, cached)
        return rt.Usage.of(given, rt.OutputTokens(self._written, round(self.said_ms / SAID_MS)))


class Allowance:
    """How many responses a client may still ask for."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: seconds, of any origin."""
        self._clock = clock
        self._made: deque[float] = deque()

    def take(self) -> None:
        """One more is made. Raises EventRefused when that is too many."""
        self._forget()
        if len(self._made) >= MOST:
            raise rt.EventRefused(
                f"Rate limit reached: {MOST} responses in {WINDOW_S:g} seconds. Please try again in "
                f"{self._reset_s():.1f}s.",
                code="rate_limit_exceeded",
            )
        self._made.append(self._clock())

    def limits(self) -> rt.RateLimitsUpdated:
        """What is left, as its client is told."""
        self._forget()
        limit = rt.RateLimit("requests", MOST, MOST - len(self._made), round(self._reset_s(), 3))
        return rt.RateLimitsUpdated((limit,))

    def _forget(self) -> None:
        while self._made and self._clock() - self._made[0] >= WINDOW_S:
            self._made.popleft()

    def _reset_s(self) -> float:
        return WINDOW_S - (self._clock() - self._made[0]) if self._made else 0.0
