"""A person's live voice on its way to a listener: played as it comes, never kept for later."""

from __future__ import annotations

from collections import deque

import numpy as np
import soxr

from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.wire import native

MAX_SECONDS = 1.0
"Sound that waits longer than this is dropped, the oldest first: it is late, and what follows is not."


class LiveFlow:
    """The queue of one listener, whose player runs at `rate`, for the voice that is numbered `turn`."""

    def __init__(self, rate: int, turn: int = native.LIVE) -> None:
        self.rate = rate
        self._turn = turn
        self._queue: deque[bytes] = deque()
        self._waiting = 0
        self._offset = 0
        self._source = 0
        self._resampler: soxr.ResampleStream | None = None

    @property
    def is_empty(self) -> bool:
        return not self._queue

    def push(self, pcm: Pcm) -> None:
        """`pcm` follows what was pushed before."""
        data = self._resampled(pcm)
        if not data:
            return
        self._queue.append(data)
        self._waiting += len(data)
        while self._waiting > MAX_SECONDS * self.rate * BYTES_PER_SAMPLE and len(self._queue) > 1:
            self._forget(self._queue.popleft())

    def next(self) -> native.AudioFrame | None:
        """The next frame to send, or None. Its offset counts samples since the voice was first heard."""
        if not self._queue:
            return None
        data = self._queue.popleft()
        frame = native.AudioFrame(self._turn, self._offset & 0xFFFF_FFFF, data)
        self._forget(data)
        return frame

    def _forget(self, data: bytes) -> None:
        self._waiting -= len(data)
        self._offset += len(data) // BYTES_PER_SAMPLE

    def _resampled(self, pcm: Pcm) -> bytes:
        if pcm.rate == self.rate:
            return pcm.data
        if self._resampler is None or self._source != pcm.rate:
            self._source = pcm.rate
            self._resampler = soxr.ResampleStream(pcm.rate, self.rate, 1, dtype="int16", quality="HQ")
        out: bytes = self._resampler.resample_chunk(np.frombuffer(pcm.data, np.int16)).tobytes()
        return out
