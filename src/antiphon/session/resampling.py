"""Sound from any rate to another, piece by piece, without making anybody wait.

A stream of soxr holds back 20 to 60 ms, depending on the rates, before it gives the first of it out: a third
of what an interruption may take to be noticed. This one is late by 12 samples of the lower rate, and gives out
as much as it is given: a piece that is as long as what a model judges at once stays so.
"""

from __future__ import annotations

from functools import cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from antiphon.core.audio import Pcm

CROSSINGS = 12
"Zero crossings of the filter on each side: 60 dB down from 0.6 of the lower rate on."
PASS = 0.9
"The filter's edge, as a share of half the lower rate."

FEW_ROWS = 4
"Up to so many rows it is cheaper to go row by row than to gather a row for each sample."

Floats = NDArray[np.float32]


class Resampler:
    """One stream of sound on its way from rate `source` to rate `target`, Hz.

    A windowed sinc in polyphase form (Crochiere & Rabiner 1983, section 2.3): each sample that comes out is
    the sum of the ones around its place, weighted by the row of the filter for the place between them.
    """

    def __init__(self, source: int, target: int) -> None:
        self.source = source
        self.target = target
        divisor = gcd(source, target)
        self._up, self._down = target // divisor, source // divisor
        self._bank = _bank(self._up, self._down)
        self._taps = self._bank.shape[1]
        self.delay = self._taps // 2 / source
        "Seconds by which what comes out is later than what goes in."
        self._held: Floats = np.zeros(self._taps - 1, np.float32)
        self._phase = 0
        "Place of the next sample, in steps of 1/up, from the first one that is held."

    def resample(self, pcm: Pcm) -> Pcm:
        """The sound at the target rate, later by `delay` and, within a sample, as long as `pcm`."""
        sound = np.concatenate([self._held, np.frombuffer(pcm.data, np.int16)], dtype=np.float32)
        room = (len(sound) - self._taps + 1) * self._up
        count = max(0, -(-(room - self._phase) // self._down))
        if not count:
            self._held = sound
            return Pcm(b"", self.target)
        windows: Floats = np.ndarray(
            (len(sound) - self._taps + 1, self._taps), np.float32, sound, 0, (sound.itemsize, sound.itemsize)
        )
        out = np.empty(count, np.float32)
        if self._up <= FEW_ROWS:
            for i in range(min(self._up, count)):
                start, row = divmod(self._phase + self._down * i, self._up)
                out[i :: self._up] = np.einsum("ij,j->i", windows[start :: self._down], self._bank[row])
        else:
            starts, rows = np.divmod(self._phase + self._down * np.arange(count), self._up)
            np.einsum("ij,ij->i", windows[starts], self._bank[rows], out=out)
        used, self._phase = divmod(self._phase + self._down * count, self._up)
        used = min(used, len(sound))
        self._held = sound[used:].copy()
        samples = np.minimum(np.maximum(np.rint(out, out=out), -32768), 32767).astype(np.int16)
        return Pcm(samples.tobytes(), self.target)


@cache
def _bank(up: int, down: int) -> Floats:
    """The filter's rows: row k weighs the samples around a place k/up of the way to the next one."""
    stretch = max(1.0, down / up)
    half = int(np.ceil(CROSSINGS * stretch))
    offsets = np.arange(-half + 1, half + 1)[None, :] - np.arange(up)[:, None] / up
    at = offsets / stretch
    inside = np.clip(1 - (at / CROSSINGS) ** 2, 0, None)
    rows = np.sinc(PASS * at) * np.i0(8.0 * np.sqrt(inside)) / np.i0(8.0)
    bank: Floats = (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
    return bank
