"""A response as its client is told of it: the order of its events, and what each of them holds."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.wire import openai_realtime as rt
from wire.realtime_events import USAGE, hold_against_openai

VOICE = b"\1\0\2\0"


def new_ids() -> Callable[[str], str]:
    numbers = count(1)
    return lambda kind: f"{kind}_{next(numbers)}"


def writer(
    modality: rt.Modality = "audio", *, conversation: str | None = "conv_1", is_played_here: bool = False
) -> rt.ResponseWriter:
    response = rt.Response(
        id="resp_1",
        status="in_progress",
        conversation_id=conversation,
        output_modalities=(modality,),
        metadata={"k": "v"},
    )
    return rt.ResponseWriter(response, new_ids(), previous_item_id="item_u", is_played_here=is_played_here)


def kinds(events: list[rt.ServerEvent]) -> list[str]:
    return [event.type for event in events]


BEGIN = ["response.created"]
OPEN = ["response.output_item.added", "conversation.item.added", "response.content_part.added"]
WORDS, SOUND = "response.output_audio_transcript.delta", "response.output_audio.delta"
CLOSE = ["response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done"]
WHOLE = ["response.output_item.done", "conversation.item.done"]
CALL = [
    "response.output_item.added",
    "conversation.item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    *WHOLE,
]
END = ["response.done"]


def test_a_spoken_answer() -> None:
    telling = writer()
    events = telling.begin() + telling.write("Good ") + telling.sound(VOICE) + telling.write("day.")
    events += telling.sound(VOICE) + telling.complete(USAGE)
    assert kinds(events) == [*BEGIN, *OPEN, WORDS, SOUND, WORDS, SOUND, *CLOSE, *WHOLE, *END]
    begun, _, added, *_, whole, done = events
    assert isinstance(begun, rt.ResponseCreated)
    assert (begun.response.status, begun.response.output, begun.response.usage) == ("in_progress", (), None)
    message = rt.Message(id="item_1", status="in_progress", role="assistant", content=())
    assert added == rt.ItemAdded(message, "item_u")
    said = rt.Message(
        id="item_1", status="completed", role="assistant", content=(rt.OutputAudio(transcript="Good day."),)
    )
    assert whole == rt.ItemDone(said, "item_u")
    assert isinstance(done, rt.ResponseDone)
    assert done.response == rt.Response(
        id="resp_1", status="completed", status_details=rt.StatusDetails("completed"), output=(said,),
        conversation_id="conv_1", usage=USAGE, metadata={"k": "v"},
    )  # fmt: skip
    assert telling.is_over


def test_a_written_answer() -> None:
    telling = writer("text")
    events = telling.begin() + telling.write("Good ") + telling.write("day.") + telling.complete()
    delta = "response.output_text.delta"
    closing = ["response.output_text.done", "response.content_part.done"]
    assert kinds(events) == [*BEGIN, *OPEN, delta, delta, *closing, *WHOLE, *END]
    assert telling.response.output == (
        rt.Message(id="item_1", status="completed", role="assistant", content=(rt.OutputText("Good day."),)),
    )


def test_no_sound_is_told_of_a_written_answer() -> None:
    assert writer("text").sound(VOICE) == []


def test_a_function_call_alone() -> None:
    telling = writer()
    events = telling.begin() + telling.call("look_up", '{"what":1}', "call_9") + telling.complete()
    assert kinds(events) == [*BEGIN, *CALL, *END]
    added, done = events[1], events[5]
    assert isinstance(added, rt.OutputItemAdded)
    assert isinstance(done, rt.OutputItemDone)
    assert added.item == rt.FunctionCall(
        id="item_1", status="in_progress", call_id="call_9", name="look_up", arguments=""
    )
    assert done.item == rt.FunctionCall(
        id="item_1", status="completed", call_id="call_9", name="look_up", arguments='{"what":1}'
    )


def test_words_before_a_call_are_whole_and_each_item_has_its_place() -> None:
    telling = writer()
    events = telling.begin() + telling.write("One moment.") + telling.call("f", "{}") + telling.write("Here.")
    events += telling.complete()
    assert kinds(events) == [
        *BEGIN, *OPEN, WORDS, *CLOSE, *WHOLE, *CALL, *OPEN, WORDS, *CLOSE, *WHOLE, *END,
    ]  # fmt: skip
    places = [
        event.output_index for event in events if isinstance(event, rt.OutputItemAdded | rt.OutputItemDone)
    ]
    assert places == [0, 0, 1, 1, 2, 2]
    behind = [event.previous_item_id for event in events if isinstance(event, rt.ItemAdded)]
    assert behind == ["item_u", "item_1", "item_2"]


@pytest.mark.parametrize("reason", ["turn_detected", "client_cancelled"])
def test_an_interrupted_answer_ends_incomplete(reason: rt.Reason) -> None:
    telling = writer()
    telling.begin()
    telling.write("There are seven ")
    assert reason in ("turn_detected", "client_cancelled")
    events = telling.cancel(reason)
    assert kinds(events) == [*CLOSE, *WHOLE, *END]
    (message,) = telling.response.output
    assert isinstance(message, rt.Message)
    assert (message.status, message.text) == ("incomplete", "There are seven ")
    assert telling.response.status == "cancelled"
    assert telling.response.status_details == rt.StatusDetails("cancelled", reason)


def test_an_answer_the_guardrail_stops_is_incomplete() -> None:
    telling = writer()
    telling.write("First you take ")
    telling.stop("content_filter")
    assert telling.response.status == "incomplete"
    assert telling.response.status_details == rt.StatusDetails("incomplete", "content_filter")


def test_an_answer_cancelled_before_its_first_word_has_no_item() -> None:
    telling = writer()
    assert kinds(telling.begin() + telling.cancel("client_cancelled")) == [*BEGIN, *END]
    assert telling.response.output == ()


def test_a_failure_says_what_failed() -> None:
    telling = writer()
    telling.fail(rt.Failure("server_error", "model", "The model is gone."))
    assert telling.response.status == "failed"
    assert telling.response.status_details
    assert telling.response.status_details.error == rt.Failure("server_error", "model", "The model is gone.")


def test_nothing_comes_after_the_end() -> None:
    telling = writer()
    telling.complete()
    late = telling.begin() + telling.write("more") + telling.sound(VOICE) + telling.call("f", "{}")
    assert late + telling.complete() + telling.cancel("turn_detected") == []
    assert telling.response.status == "completed"


def test_an_answer_out_of_band_is_not_told_as_part_of_the_conversation() -> None:
    telling = writer("text", conversation=None)
    events = telling.begin() + telling.write("Sum.") + telling.call("f", "{}") + telling.complete()
    assert not [kind for kind in kinds(events) if kind.startswith("conversation.")]
    assert len(telling.response.output) == 2


def test_sound_that_goes_another_way_is_told_by_the_state_of_its_playback() -> None:
    telling = writer(is_played_here=True)
    events = telling.begin() + telling.write("Hi.") + telling.sound(VOICE) + telling.sound(VOICE)
    assert kinds(events) == [*BEGIN, *OPEN, WORDS, "output_audio_buffer.started"]
    assert telling.drained() == []
    assert kinds(telling.complete()) == [*CLOSE, *WHOLE, *END]
    assert kinds(telling.drained()) == ["output_audio_buffer.stopped"]
    assert telling.drained() + telling.cleared() == []


def test_playback_may_be_cleared_before_and_after_the_end() -> None:
    for is_over in (False, True):
        telling = writer(is_played_here=True)
        telling.sound()
        if is_over:
            telling.complete()
        assert kinds(telling.cleared()) == ["output_audio_buffer.cleared"]
        assert telling.cleared() + telling.drained() == []
    assert writer(is_played_here=True).cleared() == []


STEPS = st.lists(
    st.sampled_from(["write", "sound", "call", "complete", "cancel", "stop", "fail", "cleared", "drained"]),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.sampled_from(["audio", "text"]), st.booleans(), st.sampled_from([None, "conv_1"]))
def test_whatever_happens_the_events_are_in_order(
    steps: list[str], modality: rt.Modality, is_played_here: bool, conversation: str | None
) -> None:
    telling = writer(modality, is_played_here=is_played_here, conversation=conversation)
    doing: dict[str, Callable[[], list[rt.ServerEvent]]] = {
        "write": lambda: telling.write("word "),
        "sound": lambda: telling.sound(VOICE),
        "call": lambda: telling.call("f", "{}"),
        "complete": telling.complete,
        "cancel": lambda: telling.cancel("turn_detected"),
        "stop": lambda: telling.stop("content_filter"),
        "fail": lambda: telling.fail(rt.Failure("server_error")),
        "cleared": telling.cleared,
        "drained": telling.drained,
    }
    events = telling.begin() + [event for step in steps for event in doing[step]()] + telling.complete()
    names = kinds(events)
    assert names[0] == "response.created"
    assert names.count("response.created") == names.count("response.done") == 1
    after = names[names.index("response.done") + 1 :]
    assert set(after) <= {"output_audio_buffer.stopped", "output_audio_buffer.cleared"}
    open_item = open_part = None
    for event in events:
        match event:
            case rt.OutputItemAdded(
                output_index=at, item=rt.Message(id=item_id) | rt.FunctionCall(id=item_id)
            ):
                assert open_item is None
                open_item = (item_id, at)
            case rt.OutputItemDone(
                output_index=at, item=rt.Message(id=item_id) | rt.FunctionCall(id=item_id)
            ):
                assert open_item == (item_id, at)
                assert open_part is None
                open_item = None
            case rt.ContentPartAdded(item_id=item_id):
                open_part = item_id
            case rt.ContentPartDone(item_id=item_id):
                assert open_part == item_id
                open_part = None
            case (
                rt.AudioDelta(item_id=item_id)
                | rt.AudioTranscriptDelta(item_id=item_id)
                | rt.TextDelta(item_id=item_id)
            ):
                assert open_part == item_id
            case _:
                pass
    assert open_item is None
    side = rt.ServerSide("s")
    for event in events:
        hold_against_openai(side.encode(event), is_client=False)
