"""How fast a live voice may come: as fast as it sounds."""

from __future__ import annotations

from collections.abc import Callable

from antiphon.core.audio import Pcm

MOST_AHEAD = 1.0
"Seconds of sound that may come at once: what a network held up. What comes on top is lost, not kept for later."


class Pace:
    """One voice's. Whoever sends faster than real time is heard at real time, in pieces."""

    def __init__(self, clock: Callable[[], float], most_ahead: float = MOST_AHEAD) -> None:
        """`clock` gives seconds from any origin."""
        self.dropped = 0.0
        "Seconds of sound that came too fast."
        self._clock = clock
        self._most_ahead = most_ahead
        self._sounds_until = 0.0

    def admits(self, pcm: Pcm) -> bool:
        """Whether `pcm`, which has just come, is in time; if so, it counts."""
        now, seconds = self._clock(), len(pcm) / pcm.rate
        self._sounds_until = max(self._sounds_until, now)
        if self._sounds_until - now >= self._most_ahead:
            self.dropped += seconds
            return False
        self._sounds_until += seconds
        return True
