"""The way from a microphone to the first router: frames that are lost, and frames that come late."""

from __future__ import annotations

import random
from collections import deque


class Network:
    """Gives on frames, but for a share `loss` of them, up to `jitter_s` later, in their order. Knows no clock."""

    def __init__(self, loss: float = 0.0, jitter_s: float = 0.0, seed: int = 0) -> None:
        self.lost = 0
        "Frames that never arrived."
        self._loss = loss
        self._jitter_s = jitter_s
        self._chance = random.Random(seed)
        self._under_way: deque[tuple[float, bytes]] = deque()

    def take(self, frame: bytes, now: float) -> None:
        """The frame is on its way, or lost."""
        if self._chance.random() < self._loss:
            self.lost += 1
            return
        self._under_way.append((now + self._chance.uniform(0.0, self._jitter_s), frame))

    def due(self, now: float) -> list[bytes]:
        """The frames that have come through by now."""
        out: list[bytes] = []
        while self._under_way and self._under_way[0][0] <= now:
            out.append(self._under_way.popleft()[1])
        return out
