"""What a client of OpenAI's protocol writes, takes back, and has answered beside the conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from realtime_client import HEARD, Client

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.notes import CutShort
from antiphon.core.speech import Approved
from antiphon.transports.realtime.beside import Called, Over, Piece, Said, Wanted
from antiphon.wire import openai_realtime as rt


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
    judges = isinstance(detection, rt.SemanticVad)
    assert client.told == [e.TurnTakingSet(e.TurnEnd.ANSWERED, True, patience, silence, judges=judges)]


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
