"""What a provider hears of the caller becomes news of the call, and its share of the time a part of the turn's."""

from __future__ import annotations

import pytest

from antiphon.bench.overheard import Overheard
from antiphon.wire import native
from antiphon.wire import openai_realtime as rt
from antiphon.wire.direct import JobIs


def job(id: str, question: str, turn: int = 0) -> JobIs:
    return JobIs(id, "running" if turn else "pending", turn, question, "", False)


def heard(text: str, item: str) -> rt.TranscriptionCompleted:
    return rt.TranscriptionCompleted(item, text, rt.DurationUsage(1.0))


def test_the_time_from_the_last_sound_to_the_job_is_the_providers() -> None:
    overheard = Overheard()
    overheard.event(rt.SpeechStarted("item_1", 0), 1.0)
    overheard.sounds(2.0)
    overheard.event(rt.SpeechStopped("item_1", 0), 2.4)
    (told,) = overheard.job(job("j_1", "What is two and two?"), 2.5)
    assert told == native.Transcript(1, "What is two and two?", is_final=True)
    assert overheard.job(job("j_1", "What is two and two?", turn=1), 2.51) == []
    whole = overheard.whole(native.Latency(1, 100.0, {"routing": 60.0, "synthesis": 40.0}))
    assert list(whole.parts_ms) == ["provider", "routing", "synthesis"]
    assert whole.parts_ms["provider"] == pytest.approx(500)
    assert whole.response_ms == pytest.approx(600)


def test_a_job_may_come_before_the_word_that_the_speech_is_over() -> None:
    overheard = Overheard()
    overheard.sounds(2.0)
    (told,) = overheard.job(job("j_1", "What is two and two?", turn=1), 2.5)
    assert told == native.Transcript(1, "What is two and two?", is_final=True)
    whole = overheard.whole(native.Latency(1, 100.0, {"routing": 100.0}))
    assert whole.parts_ms["provider"] == pytest.approx(500)


def test_a_line_that_was_typed_is_nobodys_words_and_takes_no_time_of_the_provider() -> None:
    overheard = Overheard()
    overheard.types("Hello? ")
    assert overheard.job(job("j_1", "Hello?", turn=1), 1.0) == []
    latency = native.Latency(1, 100.0, {"routing": 100.0})
    assert overheard.whole(latency) == latency


def test_words_are_told_as_they_come_until_they_are_asked() -> None:
    overheard = Overheard()
    overheard.event(rt.SpeechStarted("item_1", 0), 1.0)
    (first,) = overheard.event(rt.TranscriptionDelta("item_1", "What "), 1.5)
    assert first == native.Transcript(1, "What")
    (second,) = overheard.event(rt.TranscriptionDelta("item_1", "is"), 1.6)
    assert second == native.Transcript(1, "What is")
    overheard.job(job("j_1", "What is it?"), 2.0)
    assert overheard.event(heard("What is it", "item_1"), 2.1) == []
    overheard.event(rt.SpeechStarted("item_2", 0), 4.0)
    assert overheard.event(heard("And why?", "item_2"), 5.0) == [
        native.Transcript(2, "And why?", is_final=True)
    ]


def test_what_was_said_before_is_part_of_what_was_asked() -> None:
    overheard = Overheard()
    for number, at in ((1, 1.0), (2, 3.0)):
        overheard.event(rt.SpeechStarted(f"item_{number}", 0), at)
    overheard.job(job("j_1", "What is two and two?"), 4.0)
    assert overheard.event(heard("What is", "item_1"), 4.1) == []


def test_what_the_agent_says_unasked_is_nobodys_question() -> None:
    assert Overheard().job(job("j_1", "", turn=1), 1.0) == []
