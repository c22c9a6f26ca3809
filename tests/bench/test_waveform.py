"""Where audible sound begins and ends, in quiet and in noise."""

from __future__ import annotations

import numpy as np
import pytest
from fake_server import tone
from hypothesis import given
from hypothesis import strategies as st

from antiphon.bench.waveform import longest_pause, samples_of, speech_bounds
from antiphon.core.audio import Pcm, silence

RATE = 16_000


def noisy(pcm: Pcm, level: float) -> Pcm:
    noise = np.random.default_rng(0).normal(0, level, len(pcm))
    return Pcm((samples_of(pcm) + noise).clip(-32768, 32767).astype("<i2").tobytes(), pcm.rate)


@given(st.floats(0, 2), st.floats(0.05, 2), st.floats(0, 2))
def test_a_tone_in_silence_is_found_to_the_millisecond(before: float, sounding: float, after: float) -> None:
    bounds = speech_bounds(silence(before, RATE) + tone(sounding, RATE) + silence(after, RATE))
    assert bounds is not None
    assert bounds == pytest.approx((before, before + sounding), abs=0.001)


@pytest.mark.parametrize("level", [3, 30, 150])
def test_a_noisy_room_is_not_speech(level: float) -> None:
    bounds = speech_bounds(noisy(silence(0.8, RATE) + tone(1, RATE) + silence(0.7, RATE), level))
    assert bounds == pytest.approx((0.8, 1.8), abs=0.012)


def test_a_short_word_in_a_long_silence_counts() -> None:
    assert speech_bounds(silence(20, RATE) + tone(0.2, RATE) + silence(20, RATE)) == pytest.approx(
        (20, 20.2), abs=0.001
    )


def test_a_click_is_not_speech() -> None:
    click = Pcm(np.array([20_000, -20_000], "<i2").tobytes(), RATE)
    pcm = silence(0.503, RATE) + click + silence(0.6, RATE) + tone(0.5, RATE)
    bounds = speech_bounds(pcm)
    assert bounds is not None
    assert bounds[0] == pytest.approx(1.103, abs=0.002)


def test_silence_and_hiss_below_hearing_hold_no_speech() -> None:
    assert speech_bounds(silence(1, RATE)) is None
    assert speech_bounds(noisy(silence(1, RATE), 5)) is None
    assert speech_bounds(Pcm(b"", RATE)) is None


def test_the_longest_pause_is_found() -> None:
    pcm = tone(0.2, RATE) + silence(0.05, RATE) + tone(0.2, RATE) + silence(0.1, RATE) + tone(0.1, RATE)
    pause = longest_pause(samples_of(pcm), RATE, 100)
    assert pause is not None
    assert (pause[0] / RATE, pause[1] / RATE) == pytest.approx((0.45, 0.55), abs=0.001)
    assert longest_pause(samples_of(tone(0.2, RATE)), RATE, 100) is None
