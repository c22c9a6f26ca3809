"""Sounds people make that are no words: made here, the same for the same seed, so that nothing is recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from antiphon.core.audio import Pcm

Floats = NDArray[np.float64]
RATE = 16_000


def cough(seed: int) -> Pcm:
    """A burst that begins at once, a breathy middle, and perhaps a second, softer one: 0.25 to 0.6 s."""
    rng = np.random.default_rng(seed)

    def once(loudness: float) -> Floats:
        seconds = rng.uniform(0.22, 0.32)
        envelope = _decay(seconds, 0.012, rng.uniform(0.05, 0.09)) + 0.25 * _hump(seconds, 0.6)
        return loudness * envelope * _noise(rng, seconds, 400, 4000)

    sound = once(0.5)
    if rng.random() < 0.5:
        sound = np.concatenate([sound, once(0.3)])
    return _pcm(sound)


def throat(seed: int) -> Pcm:
    """A throat cleared: a low, rough rasp whose loudness flutters, 0.3 to 0.5 s."""
    rng = np.random.default_rng(seed)
    seconds = rng.uniform(0.3, 0.5)
    at = np.arange(round(seconds * RATE)) / RATE
    flutter = 0.6 + 0.4 * np.sign(np.sin(2 * np.pi * rng.uniform(25, 40) * at))
    pulses = np.sign(np.sin(2 * np.pi * rng.uniform(70, 110) * at)) * 0.25
    return _pcm(0.45 * _hump(seconds, 0.3) * flutter * (pulses + _noise(rng, seconds, 200, 1800)))


def knock(seed: int) -> Pcm:
    """Two or three knocks on a table, each a ringing thud of 80 ms."""
    rng = np.random.default_rng(seed)
    pieces: list[Floats] = []
    for _ in range(int(rng.integers(2, 4))):
        at = np.arange(round(0.08 * RATE)) / RATE
        thud = np.sin(2 * np.pi * rng.uniform(120, 260) * at) + 0.5 * _noise(rng, 0.08, 300, 2500)
        pieces += [0.5 * _decay(0.08, 0.002, 0.02) * thud, np.zeros(round(rng.uniform(0.08, 0.16) * RATE))]
    return _pcm(np.concatenate(pieces))


def murmur(seed: int, seconds: float, dbfs: float) -> Pcm:
    """The noise of a place, even and without words, at that level (root mean square)."""
    noise = _noise(np.random.default_rng(seed), seconds, 100, 3000)
    return _pcm(noise / 0.3 * 10 ** (dbfs / 20))


NOISES: Mapping[str, Callable[[int], Pcm]] = {"cough": cough, "throat": throat, "knock": knock}


def _noise(rng: np.random.Generator, seconds: float, low_hz: float, high_hz: float) -> Floats:
    """Noise between the two frequencies, its level (root mean square) 0.3."""
    size = round(seconds * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(size))
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    spectrum[(hertz < low_hz) | (hertz > high_hz)] = 0
    noise = np.fft.irfft(spectrum, size)
    scaled: Floats = 0.3 * noise / np.sqrt(np.mean(noise**2))
    return scaled


def _decay(seconds: float, attack_s: float, decay_s: float) -> Floats:
    at = np.arange(round(seconds * RATE)) / RATE
    shape: Floats = np.minimum(at / attack_s, 1.0) * np.exp(-at / decay_s)
    return shape


def _hump(seconds: float, peak_at: float) -> Floats:
    at = np.linspace(0, 1, round(seconds * RATE))
    shape: Floats = np.interp(at, [0, peak_at, 1], [0, 1, 0])
    return shape


def _pcm(samples: Floats) -> Pcm:
    return Pcm(np.rint(np.clip(samples, -1, 1) * 32_000).astype("<i2").tobytes(), RATE)
