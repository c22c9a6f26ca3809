"""Sound keeps its pitch, its length and its loudness at another rate, whatever pieces it comes in."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.core.audio import Pcm
from antiphon.session.resampling import Resampler

RATES = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]


def tone(hertz: float, rate: int, seconds: float = 0.5, late: float = 0.0) -> Pcm:
    t = np.arange(round(seconds * rate)) / rate - late
    return Pcm((8000 * np.sin(2 * np.pi * hertz * t)).astype(np.int16).tobytes(), rate)


def samples(pcm: Pcm) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.frombuffer(pcm.data, np.int16).astype(np.float64)


@pytest.mark.parametrize("source", RATES)
@pytest.mark.parametrize("target", [8_000, 16_000, 24_000, 48_000])
def test_a_tone_stays_the_same_tone(source: int, target: int) -> None:
    resampler = Resampler(source, target)
    out = samples(resampler.resample(tone(1000, source)))
    expected = samples(tone(1000, target, late=resampler.delay))[: len(out)]
    steady = slice(target // 50, None)
    assert np.abs(out - expected)[steady].max() < 80, "40 dB below the tone"


@pytest.mark.parametrize("source", RATES)
def test_as_much_comes_out_as_goes_in_and_soon(source: int) -> None:
    resampler = Resampler(source, 16_000)
    assert resampler.delay <= 13 / min(source, 16_000)
    given, told = 0.0, 0
    for _ in range(30):
        piece = tone(300, source, 0.02)
        given += piece.seconds
        told += len(resampler.resample(piece))
        assert abs(given - told / 16_000) <= 1.001 / 16_000


@pytest.mark.parametrize("source", [8_000, 16_000, 24_000, 32_000, 48_000])
def test_what_a_model_judges_at_once_stays_whole(source: int) -> None:
    resampler = Resampler(source, 16_000)
    assert {len(resampler.resample(tone(300, source, 0.032))) for _ in range(30)} == {512}


def test_what_the_lower_rate_cannot_hold_does_not_fold_back() -> None:
    out = samples(Resampler(48_000, 16_000).resample(tone(11_000, 48_000)))
    assert np.abs(out[400:-400]).max() < 8


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(RATES), st.sampled_from(RATES), st.lists(st.integers(0, 999), min_size=1, max_size=8))
def test_pieces_sound_as_the_whole(source: int, target: int, cuts: list[int]) -> None:
    sound = tone(440, source, 0.1)
    whole = Resampler(source, target).resample(sound)
    resampler = Resampler(source, target)
    edges = [0, *sorted(len(sound) * cut // 1000 for cut in cuts), len(sound)]
    pieces = [resampler.resample(sound.between(a, b)).data for a, b in itertools.pairwise(edges)]
    assert np.abs(samples(Pcm(b"".join(pieces), target)) - samples(whole)).max(initial=0) <= 1
