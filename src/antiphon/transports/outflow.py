"""Sound on its way to a listener: sent a bounded time ahead of the ear, so that stopping it is cheap."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import soxr

from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.core.events import TurnId

FRAME_SECONDS = 0.04
"Length of one frame on the wire: long enough to be cheap, short enough to stop between two."


@dataclass(frozen=True, slots=True)
class Frame:
    """Sound of one sentence of a turn, ready for the wire. `offset` counts samples from the turn's start."""

    turn: TurnId
    sentence: int
    offset: int
    data: bytes


class Outflow:
    """The queue of one listener, whose player runs at `rate`. Pure: the caller sends what `next` gives.

    Counts given in (`play`) and out (`acknowledge`) are at the rate of the sound given in.
    """

    def __init__(self, rate: int, lead: float = 0.4) -> None:
        self.rate = rate
        self.lead = lead
        self.turn: TurnId = 0
        self.is_held = False
        self.sent = 0
        "Samples of the turn that left, at `rate`."
        self.played = 0
        "Samples of the turn that were acknowledged, at `rate`."
        self._dead: TurnId = 0
        self._queue: deque[tuple[int, bytes]] = deque()
        self._queued = 0
        self._given = 0
        self._given_rate = rate
        self._resampler: soxr.ResampleStream | None = None

    def play(self, turn: TurnId, sentence: int, pcm: Pcm) -> None:
        """`pcm` follows what was queued for the turn; sound of a cleared turn is ignored."""
        if turn <= self._dead or not pcm.data:
            return
        if turn != self.turn:
            self._begin(turn)
        self._given += len(pcm)
        self._given_rate = pcm.rate
        data = self._resampled(pcm)
        if data:
            self._queue.append((sentence, data))
            self._queued += len(data) // BYTES_PER_SAMPLE

    def next(self) -> Frame | None:
        """The next frame to send now, or None while the listener has enough or is held."""
        if self.is_held or not self._queue or self.sent - self.played >= self.lead * self.rate:
            return None
        sentence, data = self._queue.popleft()
        size = round(FRAME_SECONDS * self.rate) * BYTES_PER_SAMPLE
        if len(data) > size:
            self._queue.appendleft((sentence, data[size:]))
            data = data[:size]
        frame = Frame(self.turn, sentence, self.sent, data)
        self.sent += len(data) // BYTES_PER_SAMPLE
        return frame

    def acknowledge(self, turn: TurnId, samples: int) -> int | None:
        """The player has played `samples` of the turn, at `rate`. Returns the count at the rate given in.

        None for a turn that is not the one being played. Never more than was sent, never less than before.
        """
        if turn != self.turn:
            return None
        self.played = max(self.played, min(samples, self.sent))
        if self.played >= self._queued:
            return self._given
        return min(self._given, self.played * self._given_rate // self.rate)

    def stop_at(self, turn: TurnId, samples: int) -> int | None:
        """The player has stopped at `samples` of the turn, even if it was thought to be further. As `acknowledge`."""
        if turn == self.turn:
            self.played = min(samples, self.sent)
        return self.acknowledge(turn, samples)

    def hold(self) -> None:
        self.is_held = True

    def resume(self) -> None:
        self.is_held = False

    def clear(self, turn: TurnId) -> None:
        """Nothing more of the turn, or of one before it, will be given out."""
        self._dead = max(self._dead, turn)
        if self.turn <= self._dead:
            self._queue.clear()
        self.is_held = False

    @property
    def given_out(self) -> int:
        """Of what was given in, the samples that are known to have left; all of it, when nothing waits."""
        return 0 if self._queue else self._given

    @property
    def has_more(self) -> bool:
        """Sound has not left yet."""
        return bool(self._queue)

    @property
    def is_waiting_for_acks(self) -> bool:
        """Sound that left has not been acknowledged yet."""
        return self.sent > self.played and not self.is_held and self.turn > self._dead

    def _begin(self, turn: TurnId) -> None:
        self.turn = turn
        self.is_held = False
        self.sent = self.played = self._queued = self._given = 0
        self._queue.clear()
        self._resampler = None

    def _resampled(self, pcm: Pcm) -> bytes:
        if pcm.rate == self.rate:
            return pcm.data
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(pcm.rate, self.rate, 1, dtype="int16", quality="HQ")
        out: bytes = self._resampler.resample_chunk(np.frombuffer(pcm.data, np.int16)).tobytes()
        return out
