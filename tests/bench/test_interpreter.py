"""What a caller is told of OpenAI's events, with the news of a session beside them and without."""

from __future__ import annotations

from antiphon.bench.interpreter import Interpreter, Told
from antiphon.wire import native
from antiphon.wire import openai_realtime as rt

RATE = 24_000
SOUND = bytes(2 * 2400)
"A tenth of a second."


def created(id: str) -> rt.ServerEvent:
    return rt.ResponseCreated(rt.Response(id=id, status="in_progress"))


def done(id: str, status: rt.ResponseStatus = "completed", **more: object) -> rt.ServerEvent:
    return rt.ResponseDone(rt.Response(id=id, status=status, **more))  # type: ignore[arg-type]


def words(id: str, text: str) -> rt.ServerEvent:
    return rt.AudioTranscriptDelta(id, f"item_{id}", 0, 0, text)


def all_words(id: str, text: str) -> rt.ServerEvent:
    return rt.AudioTranscriptDone(id, f"item_{id}", 0, 0, text)


def sound(id: str) -> rt.ServerEvent:
    return rt.AudioDelta(id, f"item_{id}", 0, 0, SOUND)


def beside(**more: object) -> Interpreter:
    return Interpreter(has_news=True, rate=RATE, plays=True, **more)  # type: ignore[arg-type]


def alone(*, plays: bool = True) -> Interpreter:
    return Interpreter(has_news=False, rate=RATE, plays=plays)


def hear(interpreter: Interpreter, *events: rt.ServerEvent) -> list[Told]:
    return [told for event in events for told in interpreter.event(event)]


def turns(told: list[Told]) -> list[tuple[int, int]]:
    return [(one.turn, one.offset) for one in told if isinstance(one, native.AudioFrame)]


# ---- with news -------------------------------------------------------------------------------------------
def test_news_are_passed_on_and_orders_to_another_player_are_not() -> None:
    interpreter = beside()
    route = native.RouteChosen(1, "math", 0.9)
    assert interpreter.news(route) == [route]
    for order in (native.Hold(1), native.Resume(1), native.Clear(1), native.Pong()):
        assert interpreter.news(order) == []


def test_sound_is_of_the_turn_that_begins_with_the_same_words() -> None:
    interpreter = beside()
    interpreter.news(native.Sentence(3, 0, "It is twenty."))
    told = hear(interpreter, created("a"), words("a", "It is twenty."), sound("a"), sound("a"))
    assert turns(told) == [(3, 0), (3, 2400)]


def test_sound_that_comes_before_its_news_waits_for_them() -> None:
    interpreter = beside()
    assert turns(hear(interpreter, created("a"), words("a", "Yes."), sound("a"), sound("a"))) == []
    assert interpreter.is_waiting
    sentence = native.Sentence(1, 0, "Yes.")
    first, *rest = interpreter.news(sentence)
    assert first == sentence
    assert turns(rest) == [(1, 0), (1, 2400)]
    assert not interpreter.is_waiting


def test_of_two_turns_with_the_same_first_words_it_is_the_later() -> None:
    interpreter = beside()
    interpreter.news(native.Sentence(1, 0, "Let me see."))
    interpreter.news(native.Sentence(2, 0, "Let me see."))
    assert turns(hear(interpreter, words("b", "Let me see."), sound("b"))) == [(2, 0)]


def test_sound_whose_news_stay_away_is_of_the_last_turn_that_was_told_of() -> None:
    interpreter = beside()
    interpreter.news(native.Sentence(4, 0, "Other words."))
    hear(interpreter, words("a", "These words."), sound("a"))
    assert turns(interpreter.settle()) == [(4, 0)]


def test_the_player_stops_when_the_user_speaks_and_sound_on_its_way_is_not_played() -> None:
    interpreter = beside()
    interpreter.news(native.Sentence(1, 0, "Yes."))
    hear(interpreter, words("a", "Yes."), sound("a"))
    assert hear(interpreter, rt.SpeechStarted("item_u", 0)) == [native.Clear(1)]
    assert hear(interpreter, sound("a"), rt.SpeechStarted("item_u", 0)) == []
    cut, told = interpreter.stopped(1, 1200)
    assert cut == rt.TruncateItem("item_a", 0, 50)
    assert told == []


def test_nothing_stops_when_everything_was_played() -> None:
    interpreter = beside(is_unheard=lambda turn: False)
    interpreter.news(native.Sentence(1, 0, "Yes."))
    hear(interpreter, words("a", "Yes."), sound("a"))
    assert hear(interpreter, rt.SpeechStarted("item_u", 0)) == []


def test_errors_are_told_in_any_case() -> None:
    problem = rt.Problem("invalid_request_error", "No.", "no_such_thing", "item.id")
    for interpreter in (beside(), alone()):
        assert hear(interpreter, rt.ErrorEvent(problem)) == [
            native.Refused("no_such_thing", "No.", "item.id")
        ]


# ---- without ---------------------------------------------------------------------------------------------
def test_a_turn_of_a_server_without_news_is_told_by_its_events() -> None:
    interpreter = alone()
    told = hear(
        interpreter,
        rt.SpeechStarted("item_u", 0),
        rt.SpeechStopped("item_u", 900),
        created("a"),
        rt.TranscriptionCompleted("item_u", "What is it? ", rt.DurationUsage(1.0)),
        words("a", "It is "),
        words("a", "twenty."),
        sound("a"),
        all_words("a", "It is twenty."),
        done("a"),
    )
    assert told == [
        native.PhaseIs("listening", 0),
        native.PhaseIs("thinking", 0),
        native.PhaseIs("thinking", 1),
        native.Transcript(1, "What is it?", True),
        native.PhaseIs("speaking", 1),
        native.HeardText(1, "", ""),
        native.AudioFrame(1, 0, SOUND),
        native.Sentence(1, 0, "It is twenty."),
        native.HeardText(1, "It is twenty.", ""),
        native.PhaseIs("idle", 1),
    ]


def test_of_an_answer_that_was_cut_the_heard_words_are_counted_by_the_sound() -> None:
    interpreter = alone()
    hear(interpreter, created("a"), words("a", "One two three four"), sound("a"), sound("a"))
    assert native.Clear(1) in hear(interpreter, rt.SpeechStarted("item_u", 0))
    cut, told = interpreter.stopped(1, 2400)
    assert cut == rt.TruncateItem("item_a", 0, 100)
    assert told == [native.Sentence(1, 0, "One two three four"), native.HeardText(1, "One two", "three four")]
    ended = hear(interpreter, done("a", "cancelled"))
    assert ended == [native.PhaseIs("idle", 1)]


def test_by_webrtc_the_server_says_when_its_player_begins_and_stops() -> None:
    interpreter = alone(plays=False)
    told = hear(interpreter, created("a"), words("a", "One two three four five six"), rt.PlaybackStarted("a"))
    assert told[-2:] == [native.PhaseIs("speaking", 1), native.HeardText(1, "", "")]
    assert native.Clear(1) not in hear(interpreter, rt.SpeechStarted("item_u", 0))
    assert hear(interpreter, rt.PlaybackCleared("a")) == [native.Clear(1)]
    cut, told = interpreter.stopped(1, RATE // 2)
    assert cut is None
    assert told[-1] == native.HeardText(1, "One two", "three four five six")


def test_a_response_that_failed_is_told_with_its_reason() -> None:
    details = rt.StatusDetails("failed", error=rt.Failure("server_error", "overloaded", "Try again."))
    told = hear(alone(), created("a"), done("a", "failed", status_details=details))
    assert native.Refused("overloaded", "Try again.") in told
    assert told[-1] == native.PhaseIs("idle", 1)


def test_what_nothing_is_known_of_says_nothing() -> None:
    assert hear(alone(), rt.AudioCleared()) == []
    assert alone().event(rt.UnknownEvent("some.new.event")) == []
    assert alone().stopped(7, 100) == (None, [])
