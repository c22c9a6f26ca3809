"""A conversation told to a client of OpenAI's protocol: in that client's words, in the order it relies on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from realtime_client import HEARD, Client

from antiphon.core import events as e
from antiphon.core.notes import ModelUsed, TextJudged
from antiphon.core.speech import Approved
from antiphon.wire import openai_realtime as rt


def test_a_spoken_turn_in_the_order_of_the_protocol() -> None:
    client = Client()
    client.hears_turn()
    client.speaks(1, 0, "One is a number.")
    client.sees(e.ReplyEnded(1))
    client.settles(1, 2400)
    assert client.types() == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.completed",
        "response.created",
        "rate_limits.updated",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.done",
    ]
    started = client.said[0]
    assert isinstance(started, rt.SpeechStarted)
    assert started.audio_start_ms == 1000


def test_a_response_is_not_done_while_sound_of_it_waits() -> None:
    client = Client()
    client.hears_turn()
    client.sees(e.Speak(1, 0, Approved("Yes.")), e.SpeechSynthesized(1, 0, 2400), e.ReplyEnded(1))
    client.sees(e.SpeechSynthesized(1, 0, 0, (), True))
    assert "response.done" not in client.settles(1, 0)
    client.dialogue.sent(1, 0, 2400, bytes(4800))
    assert "response.done" in client.settles(1, 2400)


def test_a_response_waits_for_the_words_it_answers_to_be_on_disk_but_its_sound_does_not() -> None:
    client = Client()
    client.sees(e.SpeechStarted(1.0), e.SpeechStopped(2.0), e.StartReply(1, "Hi", True))
    client.sees(e.Speak(1, 0, Approved("Yes.")), e.SpeechSynthesized(1, 0, 2400))
    assert client.settles() == []
    client.dialogue.sent(1, 0, 2400, bytes(4800))
    assert client.types()[-1] == "response.output_audio.delta"


def test_a_back_channel_is_no_news_to_the_client() -> None:
    client = Client()
    client.hears_turn()
    client.speaks(1, 0, "One is a number.")
    client.clear()
    heard = client.sees(
        e.SpeechStarted(3.0), e.HoldPlayout(1), e.ChangePhase(e.Phase.INTERRUPTED), e.SpeechStopped(3.2),
        e.SetAside(2, "mhm"), e.ResumePlayout(1), e.ChangePhase(e.Phase.SPEAKING),
    )  # fmt: skip
    assert heard == []


def test_the_rest_of_an_answer_that_a_cough_cut_off_is_another_response() -> None:
    client = Client()
    client.hears_turn()
    client.speaks(1, 0, "One is a number.")
    client.clear()
    client.sees(e.SpeechStarted(3.0), e.CancelReply(1), e.ClearPlayout(1), e.SpeechStopped(3.2))
    assert client.responses()[-1].status == "cancelled"
    client.sees(
        e.Remember(1, e.Role.AGENT, "One is", True), e.ContinueReply(2, "", "One is", ("a number.",), True)
    )
    client.settles()
    told = client.types()[client.types().index("response.done") :]
    assert told == [
        "response.done",
        "input_audio_buffer.speech_stopped",
        "response.created",
        "rate_limits.updated",
    ]
    client.speaks(2, 0, "a number.")
    client.sees(e.ReplyEnded(2))
    client.settles(2, 2400)
    assert [one.status for one in client.responses()] == ["cancelled", "completed"]


def test_an_interruption_is_told_before_the_response_is_cancelled() -> None:
    client = Client()
    client.hears_turn()
    client.speaks(1, 0, "One is a number.")
    client.clear()
    client.sees(e.SpeechStarted(3.0), e.HoldPlayout(1), e.CancelReply(1), e.ClearPlayout(1))
    assert client.types()[0] == "input_audio_buffer.speech_started"
    assert client.types()[-1] == "response.done"
    (response,) = client.responses()
    assert (response.status, response.status_details) == (
        "cancelled",
        rt.StatusDetails("cancelled", "turn_detected"),
    )


def test_where_the_client_stopped_is_where_the_agent_was_heard_to() -> None:
    client = Client()
    client.hears_turn()
    client.speaks(1, 0, "One is a number.", samples=24_000)
    item = next(x.item_id for x in client.said if isinstance(x, rt.AudioDelta))
    client.sees(e.SpeechStarted(3.0), e.CancelReply(1))
    client.clear()
    assert client.sends(rt.TruncateItem(item, 0, 400)) == ["conversation.item.truncated"]
    assert client.stopped == [(1, 0.4)]
    client.sends(rt.TruncateItem(item, 0, 99_000))
    assert client.stopped[-1] == (1, 1.0)
    assert client.said[-1] == rt.ItemTruncated(item, 0, 1000)
    client.sees(e.Remember(1, e.Role.AGENT, "One is", True))
    client.sends(rt.RetrieveItem(item))
    retrieved = client.said[-1]
    assert isinstance(retrieved, rt.ItemRetrieved)
    assert isinstance(retrieved.item, rt.Message)
    assert retrieved.item.text == "One is"


def test_what_a_client_writes_is_an_item_and_is_answered_when_it_asks() -> None:
    client = Client()
    line = rt.Message(role="user", content=(rt.InputText("What is one?"),))
    assert client.sends(rt.CreateItem(line)) == ["conversation.item.added", "conversation.item.done"]
    assert client.told == [e.LineWritten(e.Role.USER, "What is one?")]
    assert client.sees(e.Remember(0, e.Role.USER, "What is one?")) == []
    client.sends(rt.CreateResponse(rt.ResponseParams(metadata={"client_event_id": "x"})))
    assert client.told[-1] == e.AnswerAsked()
    client.sees(e.StartReply(1, "What is one?", True))
    client.settles()
    created = client.said[-2]
    assert isinstance(created, rt.ResponseCreated)
    assert created.response.metadata == {"client_event_id": "x"}


def test_a_function_is_called_by_the_client_and_the_answer_goes_on_in_another_response() -> None:
    client = Client()
    client.hears_turn()
    given: list[str] = []
    client.dialogue.called.call("weather", {"city": "Paris"}, given.append)
    assert client.told == [e.FunctionsCalled(1)]
    client.settles()
    call = next(x for x in client.said if isinstance(x, rt.ArgumentsDone))
    assert (call.name, call.arguments) == ("weather", '{"city": "Paris"}')
    assert client.types()[-1] == "response.done"
    client.sends(rt.CreateItem(rt.FunctionCallOutput(call_id=call.call_id, output="sunny")))
    assert given == []
    client.sends(rt.CreateResponse())
    assert given == ["sunny"]
    assert client.told[1:] == [e.FunctionsAnswered(1)]
    client.clear()
    client.speaks(1, 0, "It is sunny.")
    client.sees(e.ReplyEnded(1))
    client.settles(1, 2400)
    assert client.types()[0] == "response.created"
    assert client.responses()[-1].status == "completed"


def test_what_the_guardrail_stopped_is_told_as_such() -> None:
    client = Client()
    client.hears_turn()
    client.sees(TextJudged(1, "output", "block", "…", ("violence",), 0.9))
    client.speaks(1, 0, "I can't say that.")
    client.sees(e.ReplyEnded(1))
    client.settles(1, 2400)
    (response,) = client.responses()
    assert response.status_details == rt.StatusDetails("incomplete", "content_filter")


def test_what_a_model_used_is_in_the_response_beside_a_second_of_question_and_a_tenth_of_answer() -> None:
    client = Client()
    client.hears_turn()
    client.sees(ModelUsed(1, "openai/x", 100, 7, tokens_cached=20))
    client.speaks(1, 0, "Yes.")
    client.sees(e.ReplyEnded(1))
    client.settles(1, 2400)
    usage = client.responses()[0].usage
    assert usage is not None
    assert (usage.input_token_details.text_tokens, usage.output_token_details.text_tokens) == (120, 7)
    assert (usage.input_token_details.audio_tokens, usage.output_token_details.audio_tokens) == (10, 2)
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (130, 9, 139)


@pytest.mark.parametrize(
    ("detection", "expected"),
    [
        (None, e.TurnTakingSet(e.TurnEnd.OPEN, gives_way=False)),
        (rt.ServerVad(), e.TurnTakingSet(e.TurnEnd.ANSWERED, judges=False)),
        (rt.SemanticVad(), e.TurnTakingSet(e.TurnEnd.ANSWERED)),
        (rt.SemanticVad(create_response=False), e.TurnTakingSet(e.TurnEnd.KEPT)),
        (
            rt.ServerVad(interrupt_response=False),
            e.TurnTakingSet(e.TurnEnd.ANSWERED, gives_way=False, judges=False),
        ),
    ],
)
def test_who_takes_the_turns(detection: rt.TurnDetection | None, expected: e.TurnTakingSet) -> None:
    client = Client(rt.Session(audio=rt.Audio(replace(HEARD, turn_detection=detection))))
    client.dialogue.open()
    assert client.told == [expected]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (rt.CancelResponse(), "response_cancel_not_active"),
        (rt.RetrieveItem("nobody"), "item_retrieve_invalid_item_id"),
        (rt.DeleteItem("nobody"), "item_delete_invalid_item_id"),
        (rt.TruncateItem("nobody", 0, 5), "item_truncate_invalid_item_id"),
    ],
)
def test_what_cannot_be_is_refused_with_the_code_that_clients_know(event: rt.ClientEvent, code: str) -> None:
    client = Client()
    with pytest.raises(rt.EventRefused) as refused:
        client.sends(event)
    assert refused.value.code == code


def test_refusals_that_clients_read_by_their_words() -> None:
    client = Client()
    with pytest.raises(rt.EventRefused, match=r"^Cancellation failed"):
        client.sends(rt.CancelResponse())
    client.hears_turn()
    with pytest.raises(rt.EventRefused) as refused:
        client.sends(rt.CreateResponse())
    assert refused.value.code == "conversation_already_has_active_response"
    item = rt.Message(id="mine", role="user", content=(rt.InputText("one"),))
    client.sends(rt.CreateItem(item))
    with pytest.raises(rt.EventRefused) as refused:
        client.sends(rt.CreateItem(item))
    assert refused.value.code == "item_create_duplicate_item_id"


def test_a_committed_turn_is_an_item_at_once_and_gets_its_words_later() -> None:
    client = Client(rt.Session(audio=rt.Audio(replace(HEARD, turn_detection=None))))
    said = client.sends(rt.CommitAudio())
    assert said == ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]
    assert client.told == [e.TurnCommitted()]
    with pytest.raises(rt.EventRefused) as refused:
        client.sends(rt.CommitAudio())
    assert refused.value.code == "input_audio_buffer_commit_empty"
    done = client.sees(e.Remember(0, e.Role.USER, "What is one?"))
    assert done[-1] == "conversation.item.input_audio_transcription.completed"


def test_items_stand_where_the_client_put_them() -> None:
    client = Client()
    line = rt.Message(role="user", content=(rt.InputText("one"),))
    client.sends(rt.CreateItem(replace(line, id="b")))
    client.sends(rt.CreateItem(replace(line, id="a"), rt.ROOT))
    client.sends(rt.CreateItem(replace(line, id="c"), "b"))
    behind = [x.previous_item_id for x in client.said if isinstance(x, rt.ItemAdded)]
    assert behind == [None, None, "b"]
    with pytest.raises(rt.EventRefused):
        client.sends(rt.CreateItem(replace(line, id="d"), "nobody"))
