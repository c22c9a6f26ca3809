"""A loudspeaker that plays answers, and another voice while there is none."""

from __future__ import annotations

import numpy as np
import pytest
from fake_server import tone

from antiphon.bench.two_voices import CROSSFADE_S, STREAM_JITTER_S, TwoVoices
from antiphon.core.audio import silence
from antiphon.wire.native import AudioFrame

RATE, STREAM_RATE = 24_000, 48_000
PIECE = 960
"20 ms of the stream."


class Ear:
    """A loudspeaker, and a clock that goes on by what it is given."""

    def __init__(self) -> None:
        self.now = 0.0
        self.speaker = TwoVoices(RATE, lambda: self.now, stream_rate=STREAM_RATE, jitter_s=0.01, ack_s=0.2)

    def stream(self, data: bytes) -> None:
        for at in range(0, len(data), 2 * PIECE):
            self.now += 0.02
            self.speaker.hear(data[at : at + 2 * PIECE])
            self.speaker.advance_to(self.now)

    def voice(self, seconds: float) -> None:
        self.stream(tone(seconds, STREAM_RATE, 300.0).data)

    def quiet(self, seconds: float) -> None:
        self.stream(silence(seconds, STREAM_RATE).data)

    def answer(self, turn: int, seconds: float) -> None:
        self.speaker.take(AudioFrame(turn, self.speaker.received(turn), tone(seconds, RATE).data), self.now)

    def level(self, since: float, until: float) -> float:
        """Root mean square of what was heard in that time."""
        heard = self.speaker.recording(self.now)[round(since * RATE) : round(until * RATE)]
        return float(np.sqrt(np.mean(heard.astype(float) ** 2)))


def test_the_other_voice_is_heard_and_measured_while_there_is_no_answer() -> None:
    ear = Ear()
    ear.quiet(0.5)
    ear.speaker.says("One moment.")
    ear.voice(0.4)
    ear.quiet(0.2)
    asides = ear.speaker.asides(0.2, float("inf"))
    assert asides.at == pytest.approx(0.52 + STREAM_JITTER_S, abs=0.002)
    assert asides.words == ("One moment.",)
    assert ear.speaker.heard == []
    assert ear.level(0.6, 0.9) > 4000
    assert ear.speaker.asides(0.0, 0.4).at is None
    assert ear.speaker.asides(1.05, 9.0).words == ()


def test_it_gives_way_within_the_crossfade_and_comes_back_after_the_answer() -> None:
    ear = Ear()
    ear.voice(0.5)
    began = ear.now
    ear.answer(1, 0.2)
    ear.speaker.all_came(1)
    ear.voice(1.0)
    alone = tone(0.1, RATE).data
    answer_only = float(np.sqrt(np.mean(np.frombuffer(alone, "<i2").astype(float) ** 2)))
    assert ear.level(began + CROSSFADE_S + 0.02, began + 0.2) == pytest.approx(answer_only, rel=0.02)
    assert ear.level(began + 0.215, began + 0.225) < 4000  # on its way back
    assert ear.level(began + 0.3, began + 0.9) > 5000


def test_between_two_sentences_it_stays_away() -> None:
    ear = Ear()
    ear.voice(0.3)
    ear.answer(1, 0.2)
    ear.voice(0.6)
    assert ear.speaker.is_drained
    assert ear.speaker.sounding == 1
    assert ear.level(0.65, 0.85) < 10
    ear.speaker.all_came(1)
    ear.voice(0.4)
    assert ear.speaker.sounding is None
    assert ear.level(1.1, 1.2) > 4000


def test_a_turn_that_is_cleared_makes_room_at_once() -> None:
    ear = Ear()
    ear.voice(0.3)
    ear.answer(1, 2.0)
    ear.voice(0.5)
    ack = ear.speaker.clear(1, ear.now)
    assert ack.samples == pytest.approx(0.49 * RATE, abs=2)
    assert ear.speaker.sounding is None
    ear.voice(0.4)
    assert ear.level(1.0, 1.1) > 5000
