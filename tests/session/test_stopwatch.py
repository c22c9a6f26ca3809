"""What a turn's wait is counted from."""

from __future__ import annotations

from antiphon.core import events as e
from antiphon.core.notes import SoundSent, Stage, StageDone, TurnMeasured
from antiphon.core.speech import Approved
from antiphon.session.telemetry import Stopwatch


def measured(*before: tuple[float, e.Event]) -> TurnMeasured:
    """The turn's measure, whose reply begins at 101 s and is heard at 101.5."""
    stopwatch = Stopwatch()
    for t, event in before:
        assert stopwatch.note(t, event) is None
    stopwatch.note(101.0, e.StartReply(1, "Hello?", is_confirmed=True))
    stopwatch.note(101.2, StageDone(1, Stage.ROUTING))
    stopwatch.note(101.3, e.Speak(1, 0, Approved("Hello.")))
    stopwatch.note(101.4, e.SpeechSynthesized(1, 0, 100, (), False))
    found = stopwatch.note(101.5, SoundSent(1, 0))
    assert found is not None
    assert sum(found.parts_ms.values()) == found.response_ms
    return found


def test_speech_is_counted_from_its_end() -> None:
    assert measured((100.6, e.SpeechStopped(100.5))).response_ms == 1000


def test_a_typed_line_is_counted_from_its_coming() -> None:
    assert measured((100.9, e.Typed("Hello?"))).response_ms == 600


def test_an_answer_that_a_program_asks_for_is_counted_from_then() -> None:
    assert measured((100.9, e.AnswerAsked())).response_ms == 600
