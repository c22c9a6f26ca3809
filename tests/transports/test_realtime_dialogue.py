"""A conversation told to a client of OpenAI's protocol: in that client's words, in the order it relies on."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.notes import CutShort, ModelUsed, Note, TextJudged
from antiphon.core.speech import Approved
from antiphon.transports.realtime.beside import Called, Over, Piece, Said, Wanted
from antiphon.transports.realtime.dialogue import Dialogue
from antiphon.wire import openai_realtime as rt

HEARD = replace(rt.AudioInput(), transcription=rt.Transcription("whisper-1"))


class Client:
    """A client's end: what it was told, and what it made the conversation do."""

    def __init__(self, session: rt.AnySession | None = None) -> None:
        ids = itertools.count(1)
        self.said: list[rt.ServerEvent] = []
        self.told: list[object] = []
        self.stopped: list[tuple[int, float]] = []
        self.dialogue = Dialogue(
            session or rt.Session(model="tutor", audio=rt.Audio(HEARD)),
            lambda kind: f"{kind}_{next(ids)}",
            self.said.append,
            self.told.append,
            lambda turn, seconds: self.stopped.append((turn, seconds)),
        )
        self.dialogue.open()
        self.dialogue.heard_ms = 5000
        self.clear()

    def clear(self) -> None:
        self.said.clear()
        self.told.clear()

    def sees(self, *news: e.Event | e.Command | Note) -> list[str]:
        """The types of what the client is told of the news."""
        before = len(self.said)
        for item in news:
            self.dialogue.show(item, lambda at: round(at * 1000))
        return [event.type for event in self.said[before:]]

    def sends(self, event: rt.ClientEvent) -> list[str]:
        before = len(self.said)
        self.dialogue.take(event)
        return [event.type for event in self.said[before:]]

    def settles(self, turn: int = 0, sent: int = 0) -> list[str]:
        before = len(self.said)
        self.dialogue.settle(turn, sent)
        return [event.type for event in self.said[before:]]

    def hears_turn(self, turn: int = 1, text: str = "What is one?") -> None:
        """The user has asked, and the agent has begun to think."""
        self.sees(e.SpeechStarted(1.0), e.SpeechStopped(2.0), e.StartReply(turn, text, False))
        self.sees(e.ConfirmReply(turn), e.ChangePhase(e.Phase.THINKING), e.Remember(turn, e.Role.USER, text))
        self.settles()

    def speaks(self, turn: int, sentence: int, text: str, samples: int = 2400) -> None:
        self.sees(e.Speak(turn, sentence, Approved(text)), e.ChangePhase(e.Phase.SPEAKING))
        self.sees(
            e.SpeechSynthesized(turn, sentence, samples), e.SpeechSynthesized(turn, sentence, 0, (), True)
        )
        self.settles()
        self.dialogue.sent(turn, sentence * samples, samples, b"\0\0" * samples)

    def types(self) -> list[str]:
        return [event.type for event in self.said]

    def responses(self) -> list[rt.Response]:
        return [event.response for event in self.said if isinstance(event, rt.ResponseDone)]


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
    client.settles()
    call = next(x for x in client.said if isinstance(x, rt.ArgumentsDone))
    assert (call.name, call.arguments) == ("weather", '{"city": "Paris"}')
    assert client.types()[-1] == "response.done"
    client.sends(rt.CreateItem(rt.FunctionCallOutput(call_id=call.call_id, output="sunny")))
    assert given == []
    client.sends(rt.CreateResponse())
    assert given == ["sunny"]
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
        (rt.ServerVad(), e.TurnTakingSet(e.TurnEnd.ANSWERED)),
        (rt.SemanticVad(create_response=False), e.TurnTakingSet(e.TurnEnd.KEPT)),
        (rt.ServerVad(interrupt_response=False), e.TurnTakingSet(e.TurnEnd.ANSWERED, gives_way=False)),
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


# ---- what is forgotten, written and called --------------------------------------------------------------
def test_a_line_that_is_deleted_is_forgotten_by_the_agent_as_soon_as_it_is_a_line() -> None:
    client = Client()
    for id, text in (("a", "My name is Ada."), ("b", "What is one?")):
        client.sends(rt.CreateItem(rt.Message(id=id, role="user", content=(rt.InputText(text),))))
    client.sees(e.Remember(0, e.Role.USER, "My name is Ada."))
    client.clear()
    assert client.sends(rt.DeleteItem("a")) == ["conversation.item.deleted"]
    assert client.told == [e.LineErased(0, "My name is Ada.")]
    client.sends(rt.DeleteItem("b"))
    assert client.told[1:] == []
    client.sees(e.Remember(0, e.Role.USER, "What is one?"))
    assert client.told[-1] == e.LineErased(1, "What is one?")


def test_an_answer_that_is_deleted_is_forgotten_too() -> None:
    client = Client()
    client.hears_turn()
    client.speaks(1, 0, "One is a number.")
    client.sees(e.ReplyEnded(1), e.Remember(1, e.Role.AGENT, "One is a number."))
    client.settles(1, 2400)
    item = next(x.item_id for x in client.said if isinstance(x, rt.AudioDelta))
    client.sends(rt.DeleteItem(item))
    assert client.told[-1] == e.LineErased(1, "One is a number.")


def test_a_response_that_is_complete_is_revised_where_its_player_stopped() -> None:
    client = Client()
    client.hears_turn()
    client.speaks(1, 0, "One is a number.", samples=24_000)
    client.sees(e.ReplyEnded(1), e.Remember(1, e.Role.AGENT, "One is a number."))
    client.settles(1, 24_000)
    item = next(x.item_id for x in client.said if isinstance(x, rt.AudioDelta))
    client.sends(rt.TruncateItem(item, 0, 250))
    assert client.stopped == [(1, 0.25)]
    client.sees(e.Revise(1, "One is", True))
    client.sends(rt.RetrieveItem(item))
    retrieved = client.said[-1]
    assert isinstance(retrieved, rt.ItemRetrieved)
    assert isinstance(retrieved.item, rt.Message)
    assert retrieved.item.text == "One is"


def test_of_an_answer_that_was_stopped_before_a_word_of_it_nothing_is_left() -> None:
    client = Client()
    client.hears_turn()
    client.speaks(1, 0, "One is a number.", samples=24_000)
    item = next(x.item_id for x in client.said if isinstance(x, rt.AudioDelta))
    client.sees(e.StoppedAt(1, 10), e.CancelReply(1))
    client.sends(rt.RetrieveItem(item))
    retrieved = client.said[-1]
    assert isinstance(retrieved, rt.ItemRetrieved)
    assert isinstance(retrieved.item, rt.Message)
    assert retrieved.item.text == ""


def test_what_functions_gave_before_and_what_the_system_says_is_told_to_the_agent_until_it_is_deleted() -> (
    None
):
    client = Client()
    client.sends(rt.CreateItem(rt.Message(id="s", role="system", content=(rt.InputText("Speak slowly."),))))
    client.sends(rt.CreateItem(rt.FunctionCall(call_id="c", name="weather", arguments="{}")))
    client.sends(rt.CreateItem(rt.FunctionCallOutput(call_id="c", output="sunny")))
    assert client.dialogue.instructions == "Speak slowly.\nweather {} gave: sunny"
    client.sends(rt.DeleteItem("s"))
    assert client.dialogue.instructions == "weather {} gave: sunny"


def test_two_functions_are_called_in_one_response_and_one_is_never_answered() -> None:
    client = Client()
    client.hears_turn()
    given: list[str] = []
    client.dialogue.called.call("weather", {"city": "Paris"}, given.append)
    client.dialogue.called.call("time", {}, given.append)
    client.settles()
    (response,) = client.responses()
    calls = [item for item in response.output if isinstance(item, rt.FunctionCall)]
    assert [call.name for call in calls] == ["weather", "time"]
    client.sends(rt.CreateItem(rt.FunctionCallOutput(call_id=str(calls[1].call_id), output="noon")))
    client.sends(rt.CreateResponse())
    assert given == ['{"error": "nothing was said of what came of it"}', "noon"]


def test_a_function_nobody_answers_is_not_waited_for_once_the_user_goes_on() -> None:
    client = Client()
    client.hears_turn()
    given: list[str] = []
    client.dialogue.called.call("weather", {}, given.append)
    client.settles()
    client.sees(e.CancelReply(1))
    assert len(given) == 1


def test_silence_is_told_as_an_item_without_words_before_the_agent_speaks_up() -> None:
    detection = rt.ServerVad(idle_timeout_ms=5000)
    client = Client(rt.Session(audio=rt.Audio(replace(HEARD, turn_detection=detection))))
    seen = client.sees(e.Speak(2, 0, Approved("Are you there?"), e.Purpose.PROMPT))
    assert seen[:3] == [
        "input_audio_buffer.timeout_triggered",
        "input_audio_buffer.committed",
        "conversation.item.added",
    ]
    assert client.settles()[0] == "response.created"
    triggered = client.said[0]
    assert isinstance(triggered, rt.TimeoutTriggered)
    assert (triggered.audio_start_ms, triggered.audio_end_ms) == (0, 5000)


def test_a_commit_without_words_is_an_item_without_words() -> None:
    client = Client(rt.Session(audio=rt.Audio(replace(HEARD, turn_detection=None))))
    client.sends(rt.CommitAudio())
    client.clear()
    assert client.sees(e.TurnCommitted()) == ["conversation.item.input_audio_transcription.completed"]


def test_more_than_may_be_said_is_incomplete() -> None:
    client = Client()
    client.hears_turn()
    client.speaks(1, 0, "One is")
    client.sees(CutShort(1), e.ReplyEnded(1))
    client.settles(1, 2400)
    (response,) = client.responses()
    assert response.status_details == rt.StatusDetails("incomplete", "max_output_tokens")


def test_while_a_person_speaks_in_the_agents_place_responses_are_empty() -> None:
    client = Client()
    client.sees(e.TakenOver("Ms. Hill"))
    client.sends(rt.CreateResponse())
    client.sees(e.AnswerAsked())
    (response,) = client.responses()
    assert (response.status, response.output) == ("completed", ())


@pytest.mark.parametrize(
    ("detection", "patience", "silence"),
    [
        (rt.ServerVad(), 1.0, None),
        (rt.ServerVad(silence_duration_ms=900), 1.0, 0.9),
        (rt.SemanticVad(), 1.0, None),
        (rt.SemanticVad(eagerness="low"), 2.0, None),
        (rt.SemanticVad(eagerness="high"), 0.6, None),
    ],
)
def test_how_long_the_end_of_a_turn_is_waited_for(
    detection: rt.TurnDetection, patience: float, silence: float | None
) -> None:
    client = Client(rt.Session(audio=rt.Audio(replace(HEARD, turn_detection=detection))))
    client.dialogue.open()
    assert client.told == [e.TurnTakingSet(e.TurnEnd.ANSWERED, True, patience, silence)]


# ---- beside the conversation ----------------------------------------------------------------------------
class Wants:
    """Notes what is asked beside the conversation; the test gives the answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[Wanted, Callable[[Piece], None]]] = []
        self.called_off = 0

    def ask(self, wanted: Wanted, tell: Callable[[Piece], None]) -> Callable[[], None]:
        self.asked.append((wanted, tell))

        def call_off() -> None:
            self.called_off += 1

        return call_off

    async def words(self, sound: Pcm) -> str:
        return ""


def test_two_answers_beside_the_conversation_one_of_them_called_off() -> None:
    client, wants = Client(), Wants()
    client.dialogue.stand_by(wants)
    client.sends(rt.CreateItem(rt.Message(id="q", role="user", content=(rt.InputText("What is one?"),))))
    client.clear()
    mine = (
        rt.Message(role="user", content=(rt.InputText("I am Ada."),)),
        rt.Message(role="assistant", content=(rt.OutputText("Hello."),)),
        rt.ItemReference("q"),
    )
    params = rt.ResponseParams(conversation="none", input=mine, output_modalities=("text",))
    client.sends(rt.CreateResponse(params))
    client.sends(rt.CreateResponse(rt.ResponseParams(conversation="none", instructions="Sum it up.")))
    (first, tell), (second, _) = wants.asked
    assert (first.question, [line.text for line in first.history]) == (
        "What is one?",
        ["I am Ada.", "Hello."],
    )
    assert (second.question, second.instructions) == ("What is one?", "Sum it up.")
    tell(Said("A number."))
    tell(Called("look_up", "{}"))
    tell(Over())
    created = [x.response.id for x in client.said if isinstance(x, rt.ResponseCreated)]
    client.sends(rt.CancelResponse(created[1]))
    assert [(r.status, len(r.output)) for r in client.responses()] == [("completed", 2), ("cancelled", 0)]
    assert wants.called_off == 1
    assert "conversation.item.added" not in client.types()
    assert client.told == []
