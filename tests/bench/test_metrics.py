"""The measures of turn-taking, on calls drawn by hand."""

from __future__ import annotations

import pytest

from antiphon.bench.metrics import (
    incursions,
    kept,
    latency_score,
    panel,
    responses,
    takeovers,
    turn_scores,
    unpaused,
    yields,
)
from antiphon.bench.timeline import Act, Heard, Said, Span, Timeline
from antiphon.bench.words import word_error_rate, words_apart


def turn(start: float, end: float, *pauses: Span) -> Said:
    return Said(Act.TURN, start, end, pauses)


def test_an_answer_is_waited_for_from_the_end_of_the_question() -> None:
    call = Timeline((turn(0, 2), turn(6, 7)), (Heard(2.5, 5), Heard(7.25, 9, turn=2)))
    assert responses(call) == [0.5, 0.25]
    assert incursions(call) == [0, 0]
    assert yields(call) == []


def test_a_question_that_had_to_be_asked_again_was_not_answered() -> None:
    assert responses(Timeline((turn(0, 1), turn(5, 6)), (Heard(6.5, 7),))) == [None, 0.5]


def test_a_voice_that_goes_on_is_no_answer() -> None:
    assert responses(Timeline((turn(3, 4),), (Heard(1, 3.1), Heard(4.2, 6)))) == [None]


def test_an_agent_that_falls_silent_has_given_way() -> None:
    call = Timeline((turn(3, 4),), (Heard(1, 3.25), Heard(4.5, 6, turn=2)))
    assert yields(call) == [0.25]
    assert responses(call) == [0.5]


def test_an_agent_that_pauses_and_talks_on_has_not_given_way() -> None:
    call = Timeline((turn(3, 4),), (Heard(1, 3.1), Heard(4.2, 9)))
    assert yields(call) == [None]
    assert turn_scores(call) == [0.0]


def test_speaking_into_a_turn_is_an_interruption_even_in_its_pause() -> None:
    call = Timeline((turn(0, 4, Span(1.5, 2.5)),), (Heard(2.0, 2.4), Heard(4.5, 6)))
    assert incursions(call) == [1]
    assert takeovers(call) == [True]
    assert turn_scores(call) == [pytest.approx(0.5 * (1 - 400 / 2000))]
    patient = Timeline((turn(0, 4, Span(1.5, 2.5)),), (Heard(4.5, 6),))
    assert takeovers(patient) == [False]
    assert turn_scores(patient) == [1.0]


def test_mhm_is_survived_with_a_pause_but_not_to_the_letter() -> None:
    mhm = Said(Act.BACKCHANNEL, 3, 3.3)
    through = Timeline((mhm,), (Heard(1, 9),))
    paused = Timeline((mhm,), (Heard(1, 3.05), Heard(3.9, 9)))
    stopped = Timeline((mhm,), (Heard(1, 3.05), Heard(4.0, 5, turn=2)))
    assert [kept(call, Act.BACKCHANNEL) for call in (through, paused, stopped)] == [[True], [True], [False]]
    assert [unpaused(call, Act.BACKCHANNEL) for call in (through, paused)] == [[True], [False]]
    assert kept(through, Act.TIC) == []


def test_a_cough_in_silence_asks_for_nothing() -> None:
    cough = Said(Act.TIC, 3, 3.3)
    assert kept(Timeline((cough,), ()), Act.TIC) == [True]
    assert kept(Timeline((cough,), (Heard(4.5, 6),)), Act.TIC) == [False]
    assert kept(Timeline((cough,), (Heard(5.5, 6),)), Act.TIC) == [True]


def test_long_side_talk_must_be_outlasted() -> None:
    aside = Said(Act.ASIDE, 3, 5)
    assert kept(Timeline((aside,), (Heard(1, 4.5),)), Act.ASIDE) == [False]
    assert kept(Timeline((aside,), (Heard(1, 3.1), Heard(5.5, 8))), Act.ASIDE) == [True]


@pytest.mark.parametrize(
    ("ms", "score"),
    [(-600, 0), (-500, 0), (0, 0.5), (440, 0.94), (500, 1), (2000, 1), (2750, 0.5), (3500, 0), (9000, 0)],
)
def test_eva_s_curve(ms: float, score: float) -> None:
    assert latency_score(ms) == pytest.approx(score)


def test_eva_wants_a_stop_within_two_seconds_and_an_answer_at_all() -> None:
    assert turn_scores(Timeline((turn(3, 4),), (Heard(1, 3.5),))) == [0.75]
    assert turn_scores(Timeline((turn(0, 1),), ())) == [0.0]


def test_short_silences_within_an_answer_are_part_of_it() -> None:
    call = Timeline((), (Heard(0, 1), Heard(1.15, 2), Heard(2.1, 3, turn=2)))
    assert call.heard == (Heard(0, 2), Heard(2.1, 3, turn=2))


def test_several_calls_make_one_panel() -> None:
    one = Timeline((turn(0, 1),), (Heard(1.5, 2),))
    both = panel([one, one])
    assert both.responses == (0.5, 0.5)
    assert both.scores == (1.0, 1.0)
    assert both.kept[Act.TIC] == ()


@pytest.mark.parametrize(
    ("said", "heard", "rate"),
    [
        ("Two and two.", "two and two", 0),
        ("two and two", "to and two", 1 / 3),
        ("two and two", "", 1),
        ("yes", "oh yes sir", 2),
        ("", "", 0),
        ("", "you", 1),
    ],
)
def test_the_share_of_words_misheard(said: str, heard: str, rate: float) -> None:
    assert word_error_rate(said, heard) == pytest.approx(rate)


def test_words_remembered_that_nobody_heard() -> None:
    assert words_apart("it was a".split(), "it was a".split()) == 0
    assert words_apart("it was".split(), "it was a bright".split()) == 2
    assert words_apart("it was a".split(), "it is a".split()) == 4
