"""A stream of a session folds into its spans."""

from __future__ import annotations

from antiphon.core import events as e
from antiphon.core.notes import (
    ConnectionLost,
    ModelUsed,
    Note,
    RouteDecided,
    SoundSent,
    Stage,
    StageDone,
    StillHere,
    TextJudged,
    ToolUsed,
)
from antiphon.core.speech import Approved
from antiphon.session.spans import ROOT, Span
from antiphon.session.trace import Trace

Stream = list[tuple[float, e.Event | e.Command | Note]]

TURN: Stream = [
    (10.2, e.SpeechStopped(10.0)),
    (10.25, e.Transcribed(1, "Who is there?")),
    (10.3, e.StartReply(1, "Who is there?", is_confirmed=False)),
    (10.4, RouteDecided(1, "history", 0.91234567, "the word there")),
    (10.4, StageDone(1, Stage.ROUTING)),
    (10.5, e.ConfirmReply(1)),
    (10.6, ToolUsed(1, "look", "timed_out", 150.0)),
    (10.8, StageDone(1, Stage.MODEL)),
    (10.81, TextJudged(1, "output", "rewrite", "Nobody at all.", ("names",), 0.7)),
    (10.85, e.Speak(1, 0, Approved("Nobody is there."))),
    (10.9, e.SpeechSynthesized(1, 0, 24_000)),
    (10.95, SoundSent(1, 0)),
    (11.0, ModelUsed(1, "openai/gpt-4.1-mini", 100, 20, tokens_cached=50)),
]
CUT: Stream = [
    (11.4, e.Played(1, 6000)),
    (11.5, e.ClearPlayout(1)),
    (11.6, e.PlayoutCleared(1, 8000)),
    (11.6, e.Remember(1, e.Role.AGENT, "Nobody is", is_cut=True)),
]


def folded(stream: Stream, *, tells_text: bool = False) -> dict[str, Span]:
    spans: list[Span] = []
    trace = Trace("tutor", spans.append, tells_text=tells_text)
    for t, item in stream:
        trace.note(t, item)
    trace.close()
    assert len({span.key for span in spans}) == len(spans)
    return {span.name: span for span in spans}


def test_a_turn_lies_from_the_end_of_speech_to_the_end_of_what_was_heard() -> None:
    found = folded(TURN + CUT)
    turn, playout = found["invoke_agent tutor"], found["voice.playout"]
    assert (turn.start, turn.end) == (10.0, 11.6)
    assert (playout.start, playout.end) == (10.95, 11.6)
    assert turn.attributes["voice.interrupted"] is True
    assert turn.attributes["voice.heard_words"] == 2
    assert turn.attributes["gen_ai.agent.name"] == "history"
    assert turn.attributes["voice.route.confidence"] == 0.9123
    assert turn.attributes["voice.guardrail.action"] == "rewrite"
    assert [m.name for m in turn.moments] == ["voice.confirmed", "voice.guardrail", "voice.interrupted"]


def test_a_language_model_is_told_as_opentelemetry_names_it() -> None:
    chat = folded(TURN)["chat gpt-4.1-mini"]
    assert (chat.start, chat.end) == (10.4, 11.0)
    assert chat.is_request
    told = chat.attributes
    assert told["gen_ai.operation.name"] == "chat"
    assert (told["gen_ai.provider.name"], told["gen_ai.request.model"]) == ("openai", "gpt-4.1-mini")
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.output_tokens"]) == (150, 20)
    assert told["gen_ai.usage.cache_read.input_tokens"] == 50
    assert told["voice.usd"]


def test_a_tool_that_failed_is_an_error_of_its_own_span() -> None:
    tool = folded(TURN)["execute_tool look"]
    assert (round(tool.start, 3), tool.end, tool.error) == (10.45, 10.6, "timed_out")
    assert folded(TURN)["invoke_agent tutor"].error == ""


def test_what_was_used_of_a_turn_that_is_over_still_lies_in_it() -> None:
    late = [*TURN[:-1], *CUT, (11.7, TURN[-1][1])]
    found = folded(late)
    assert found["chat gpt-4.1-mini"].parent == found["invoke_agent tutor"].key == "turn/1"


def test_a_turn_ends_where_it_was_last_heard_of() -> None:
    found = folded([*TURN, (11.4, e.Played(1, 6000)), (45.0, StillHere()), (46.0, ConnectionLost("gone"))])
    assert found["invoke_agent tutor"].end == 11.4
    lost = found["voice.connection_lost"]
    assert (lost.parent, lost.start, lost.end, lost.error) == (ROOT, 46.0, 46.0, "connection_lost")


def test_no_word_is_told_unless_it_is_asked_for() -> None:
    def words(spans: dict[str, Span]) -> str:
        return repr([(s.name, s.attributes, [m.attributes for m in s.moments]) for s in spans.values()])

    assert "obody" not in words(folded(TURN + CUT))
    assert "there" not in words(folded(TURN + CUT))
    assert "Nobody is" in words(folded(TURN + CUT, tells_text=True))
    assert "Who is there?" in words(folded(TURN + CUT, tells_text=True))


def test_a_greeting_is_a_turn_that_nobody_asked_for() -> None:
    found = folded(
        [
            (1.0, e.Joined()),
            (1.0, e.Speak(1, 0, Approved("Good day."), e.Purpose.GREETING)),
            (1.1, SoundSent(1, 0)),
            (2.0, e.Remember(1, e.Role.AGENT, "Good day.")),
        ]
    )
    turn = found["invoke_agent tutor"]
    assert (turn.start, turn.end) == (1.0, 2.0)
    assert turn.attributes["voice.purpose"] == "greeting"
    assert found["voice.playout"].start == 1.1
