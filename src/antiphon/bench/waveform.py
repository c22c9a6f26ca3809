"""Measuring on waveforms: where audible sound begins and ends.

A window of 10 ms is audible when its level (root mean square) lies above all of

- 40 dB below the level that 95 % of the file's windows stay under, digital silence left out;
- 10 dB above the background, the level of the quietest tenth of the windows, but at most 20 dB below that
  loud level, since a file without a pause has no background to show;
- an absolute floor of −60 dBFS, below which nobody hears anything over a room;

and when a window next to it is audible too, so that a click is none. Within the first and the last of such
windows the bound is put at the first and last sample whose size exceeds the threshold.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antiphon.core.audio import Pcm

Samples = NDArray[np.int16]

WINDOW_S = 0.010
BELOW_LOUD_DB = 40.0
ABOVE_BACKGROUND_DB = 10.0
BACKGROUND_CAP_DB = 20.0
FLOOR_DBFS = -60.0


def samples_of(pcm: Pcm) -> Samples:
    """The sound's samples, not copied."""
    return np.frombuffer(pcm.data, "<i2")


def speech_bounds(pcm: Pcm) -> tuple[float, float] | None:
    """(start, end) of what is audible in `pcm`, seconds from its beginning; None if nothing is."""
    bounds = audible(samples_of(pcm), pcm.rate)
    return None if bounds is None else (bounds[0] / pcm.rate, bounds[1] / pcm.rate)


def audible(samples: Samples, rate: int, threshold: float | None = None) -> tuple[int, int] | None:
    """(first, last + 1) of the audible samples. `threshold` overrides the one the sound itself gives."""
    levels = window_levels(samples, rate)
    limit = audibility(levels) if threshold is None else threshold
    is_loud = levels > limit
    if len(is_loud) > 1:
        neighbours = np.zeros_like(is_loud)
        neighbours[1:] |= is_loud[:-1]
        neighbours[:-1] |= is_loud[1:]
        is_loud &= neighbours
    loud = np.flatnonzero(is_loud)
    if not len(loud):
        return None
    size = window_size(rate)
    first, last = int(loud[0]), int(loud[-1])
    head = np.abs(samples[first * size : (first + 1) * size].astype(np.int32)) > limit
    tail = np.abs(samples[last * size : (last + 1) * size].astype(np.int32)) > limit
    return first * size + int(np.argmax(head)), last * size + int(np.flatnonzero(tail)[-1]) + 1


def audibility(levels: NDArray[np.float64]) -> float:
    """The level above which a window is audible, in 16-bit steps. See the module for its definition."""
    floor = 32768 * 10 ** (FLOOR_DBFS / 20)
    sounding = levels[levels > 1]
    if not len(sounding):
        return floor
    loud = float(np.percentile(sounding, 95))
    background = float(np.percentile(levels, 10)) * 10 ** (ABOVE_BACKGROUND_DB / 20)
    return max(
        loud * 10 ** (-BELOW_LOUD_DB / 20), min(background, loud * 10 ** (-BACKGROUND_CAP_DB / 20)), floor
    )


def window_size(rate: int) -> int:
    """Samples in a window."""
    return max(1, round(rate * WINDOW_S))


def window_levels(samples: Samples, rate: int) -> NDArray[np.float64]:
    """The root mean square of each window of 10 ms, in 16-bit steps. A last, shorter one counts as well."""
    size = window_size(rate)
    whole = len(samples) // size
    squares = samples.astype(np.float64) ** 2
    levels = np.sqrt(squares[: whole * size].reshape(-1, size).mean(axis=1)) if whole else np.zeros(0)
    if rest := len(samples) - whole * size:
        levels = np.append(levels, np.sqrt(squares[-rest:].mean()))
    return levels


def longest_pause(samples: Samples, rate: int, threshold: float) -> tuple[int, int] | None:
    """(first, last + 1) of the longest stretch of windows at or below `threshold`, or None."""
    size = window_size(rate)
    quiet = np.concatenate(([0], (window_levels(samples, rate) <= threshold).astype(np.int8), [0]))
    begins, ends = np.flatnonzero(np.diff(quiet) == 1), np.flatnonzero(np.diff(quiet) == -1)
    if not len(begins):
        return None
    longest = int(np.argmax(ends - begins))
    return int(begins[longest]) * size, min(int(ends[longest]) * size, len(samples))
