"""A stream of sound that never pauses, of which some is the agent's: heard as a player of WebRTC would."""

from __future__ import annotations

import pytest
from fake_server import tone

from antiphon.bench.earpiece import JITTER_S, Earpiece
from antiphon.core.audio import silence

RATE = 48_000
PIECE = 960
"20 ms."


class Stream:
    """An earpiece, and a clock that goes on by what it is given."""

    def __init__(self) -> None:
        self.now = 0.0
        self.earpiece = Earpiece(RATE, lambda: self.now)

    def give(self, data: bytes) -> None:
        for at in range(0, len(data), 2 * PIECE):
            self.now += 0.02
            self.earpiece.hear(data[at : at + 2 * PIECE])

    def quiet(self, seconds: float) -> None:
        self.give(silence(seconds, RATE).data)

    def voice(self, seconds: float) -> None:
        self.give(tone(seconds, RATE).data)


def test_a_turn_sounds_from_its_first_sound_on_behind_a_buffer() -> None:
    stream = Stream()
    stream.quiet(1.0)
    stream.earpiece.begins(1)
    stream.quiet(0.1)
    stream.voice(0.5)
    stream.earpiece.ends(1)
    stream.quiet(1.0)
    earpiece = stream.earpiece
    first = earpiece.heard[0]
    assert first.at / RATE == pytest.approx(1.12 + JITTER_S, abs=0.001)
    assert earpiece.played(1) == round(0.5 * RATE)
    assert earpiece.gaps == []
    assert earpiece.is_drained


def test_what_came_a_moment_before_the_word_of_it_is_heard_in_its_time() -> None:
    stream = Stream()
    stream.quiet(1.0)
    stream.voice(0.06)
    stream.earpiece.begins(1)
    stream.voice(0.2)
    stream.quiet(0.1)
    assert stream.earpiece.received(1) == round((0.06 + 0.2 + 0.1) * RATE)
    assert stream.earpiece.heard[0].at / RATE == pytest.approx(1.06, abs=0.021)


def test_sound_of_no_turn_is_nobodys() -> None:
    stream = Stream()
    stream.voice(1.0)
    stream.quiet(0.5)
    assert stream.earpiece.heard == []
    assert stream.earpiece.is_drained


def test_pauses_between_two_sentences_are_part_of_the_turn() -> None:
    stream = Stream()
    stream.earpiece.begins(1)
    stream.voice(0.2)
    stream.quiet(0.4)
    stream.voice(0.2)
    stream.quiet(0.1)
    assert stream.earpiece.received(1) == round(0.9 * RATE)
    assert stream.earpiece.gaps == []


def test_what_is_on_its_way_when_it_is_stopped_is_heard_and_not_more() -> None:
    stream = Stream()
    stream.earpiece.begins(1)
    stream.voice(0.5)
    stream.earpiece.clear(1, stream.now)
    stream.voice(0.06)
    stream.quiet(0.1)
    stream.voice(0.1)
    stream.quiet(0.1)
    assert stream.earpiece.played(1) == round(0.56 * RATE)
    assert stream.earpiece.frames_after_clear == 0


def test_a_stream_that_stalls_leaves_a_gap() -> None:
    stream = Stream()
    stream.earpiece.begins(1)
    stream.voice(0.2)
    stream.now += 0.1
    stream.voice(0.2)
    stream.quiet(0.1)
    (gap,) = stream.earpiece.gaps
    assert gap.seconds == pytest.approx(0.1, abs=0.025)


def test_a_stream_that_ends_does_not_keep_the_caller_waiting() -> None:
    stream = Stream()
    stream.earpiece.begins(1)
    stream.voice(0.2)
    stream.earpiece.ends(1)
    stream.now += 1.0
    stream.earpiece.advance_to(stream.now)
    assert stream.earpiece.is_drained
