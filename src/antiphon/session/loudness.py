"""How loud a stretch of speech is, and whether it is as loud as usual."""

from __future__ import annotations

import math

import numpy as np

from antiphon.core.audio import BYTES_PER_SAMPLE


class Loudness:
    """Of 16-bit sound that is added frame by frame."""

    def __init__(self) -> None:
        self._energy = 0.0
        self._samples = 0

    def add(self, frame: bytes) -> None:
        samples = np.frombuffer(frame, "<i2").astype(np.float32)
        self._energy += float(samples @ samples)
        self._samples += len(frame) // BYTES_PER_SAMPLE

    @property
    def decibels(self) -> float | None:
        """The mean level above that of a sound whose samples are all 1; None for silence."""
        return 10 * math.log10(self._energy / self._samples) if self._energy else None


class Usual:
    """How loud somebody is when they talk to the agent: half of it is their last turn."""

    def __init__(self) -> None:
        self._decibels: float | None = None

    def learn(self, turn: Loudness) -> None:
        """That was said to the agent."""
        if (level := turn.decibels) is not None:
            self._decibels = level if self._decibels is None else (self._decibels + level) / 2

    def softer(self, speech: Loudness) -> float:
        """Decibels by which speech is softer; 0 where it is not, and while nothing was said to the agent."""
        if self._decibels is None or (level := speech.decibels) is None:
            return 0.0
        return max(self._decibels - level, 0.0)
