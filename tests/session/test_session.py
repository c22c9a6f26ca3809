"""Whole conversations with scripted hands, in virtual time: hours of talk in seconds."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from scene import Writer, agent, hold

from antiphon.agent.definition import Grounding, Specialist
from antiphon.agent.routing import Route
from antiphon.core import events as e
from antiphon.core.notes import Faulted, TextJudged, TurnMeasured
from antiphon.session import journal
from antiphon.testing.clock import run
from antiphon.testing.loopback import Loopback, Saying
from antiphon.testing.voices import ScriptedSynthesizer

ASKS = Saying(0.5, 1.0)


def lines(session) -> list[tuple[str, str]]:
    return [(line.role.value, line.text) for line in session.transcript]


def test_a_spoken_question_is_answered_aloud():
    caller = Loopback([ASKS], hang_up_at=8)
    session = run(hold(caller, agent("Twenty.", "Half of forty.")))
    assert lines(session) == [("user", "What is it?"), ("agent", "Twenty. Half of forty.")]
    assert 0 < caller.first_sound[1] - 1.5 < 0.5


def test_the_parts_of_a_turn_sum_to_the_whole():
    caller = Loopback([ASKS], hang_up_at=8)
    run(hold(caller, agent("Twenty.")))
    [measured] = [news for _, news in caller.shown if isinstance(news, TurnMeasured)]
    assert sum(measured.parts_ms.values()) == pytest.approx(measured.response_ms, abs=0.1)
    assert measured.response_ms == pytest.approx((caller.first_sound[1] - 1.5) * 1000, abs=45)


def test_interrupted_at_any_instant_what_is_remembered_is_what_was_heard():
    for ms in range(1600, 6000, 40):
        caller = Loopback([ASKS, Saying(ms / 1000, 0.9)], hang_up_at=14)
        story = agent("One two three four five six seven.", "Eight nine ten eleven twelve.")
        voice = ScriptedSynthesizer()
        session = run(hold(caller, story, ["What is it?", "No, wait, the other one."], voice=voice))
        said = [line for line in session.transcript if line.role is e.Role.AGENT]
        for line in said:
            spoken = caller.played[line.turn]
            heard = heard_of(caller, line.turn, spoken)
            assert line.text == heard, f"interrupted at {ms} ms"


def heard_of(caller: Loopback, turn: int, samples: int) -> str:
    """What the ear got, reckoned from the marks of what was queued."""
    words, start = [], 0
    texts = {x.sentence: x.text.text for _, x in caller.shown if isinstance(x, e.Speak) and x.turn == turn}
    ends: dict[int, int] = {}
    for _, x in caller.shown:
        if isinstance(x, e.SpeechSynthesized) and x.turn == turn:
            base = ends.setdefault(x.sentence, start)
            for mark in x.marks:
                if base + mark.at <= samples:
                    words.append(texts[x.sentence][: mark.chars].split()[-1])
            start += x.samples
    return " ".join(words)


def test_no_sound_of_a_cleared_turn_leaves():
    caller = Loopback([ASKS, Saying(3.0, 0.9)], hang_up_at=12)
    run(hold(caller, agent("One two three four five six seven eight."), ["What?", "Stop, please."]))
    [(cleared, _)] = caller.commands(e.ClearPlayout)
    before = caller.played[1]
    assert before < 24000 * (cleared - caller.first_sound[1]) + 24000 * 0.05


def test_a_cough_only_pauses():
    caller = Loopback([ASKS, Saying(3.0, 0.15)], hang_up_at=12)
    session = run(hold(caller, agent("One two three four five six seven eight."), ["What?", ""]))
    assert caller.commands(e.ClearPlayout) == []
    assert len(caller.commands(e.ResumePlayout)) == 1
    assert lines(session)[-1] == ("agent", "One two three four five six seven eight.")


def test_the_voice_is_held_within_a_tenth_of_a_second():
    caller = Loopback([ASKS, Saying(3.0, 0.9)], hang_up_at=12)
    run(hold(caller, agent("One two three four five six seven eight."), ["What?", "No, stop."]))
    assert caller.commands(e.HoldPlayout)[0][0] - 3.0 <= 0.1


def test_a_model_that_dies_is_apologised_for_and_the_call_goes_on():
    caller = Loopback([ASKS, Saying(6.0, 1.0)], hang_up_at=14)
    model = Writer(fails=True)
    session = run(hold(caller, agent(), ["What is it?", "Again?"], model=model))
    assert lines(session) == [
        ("user", "What is it?"),
        ("agent", "Sorry, ask me again."),
        ("user", "Again?"),
        ("agent", "Sorry, ask me again."),
    ]


def test_a_fault_in_an_agents_own_code_does_not_end_the_call():
    async def broken(question):
        raise ZeroDivisionError("oops")

    story = dataclasses.replace(agent(), specialists=(Specialist("only", "", broken),))
    caller = Loopback([ASKS], hang_up_at=8)
    session = run(hold(caller, story))
    assert any(isinstance(x, Faulted) and "oops" in x.error for _, x in caller.shown)
    assert lines(session)[-1] == ("agent", "Sorry, ask me again.")


def test_a_voice_that_dies_does_not_end_the_call():
    caller = Loopback([ASKS, Saying(6.0, 1.0)], hang_up_at=14)
    voice = ScriptedSynthesizer(failures=1)
    session = run(hold(caller, agent("Twenty."), ["What is it?", "Again?"], voice=voice))
    assert ("user", "Again?") in lines(session)
    assert lines(session)[-1] == ("agent", "Twenty.")


def test_a_model_phrases_what_the_grounding_says():
    caller = Loopback([ASKS], hang_up_at=8)
    model = Writer(["The answer ", "is twenty. ", "It is half ", "of forty."])
    session = run(hold(caller, agent("Fact: 20."), model=model))
    assert lines(session)[-1] == ("agent", "The answer is twenty. It is half of forty.")
    assert "Fact: 20." in model.asked[0][0].content


def test_what_is_certain_is_not_left_to_a_model():
    caller = Loopback([ASKS], hang_up_at=8)
    model = Writer(["Nonsense."])
    session = run(hold(caller, agent(grounding=Grounding(("It is 20.",), is_certain=True)), model=model))
    assert lines(session)[-1] == ("agent", "It is 20.")
    assert model.asked == []


def test_a_blocked_sentence_is_never_voiced():
    caller = Loopback([ASKS], hang_up_at=10)
    voice = ScriptedSynthesizer()
    run(hold(caller, agent("Something forbidden here.", "And this."), voice=voice))
    assert not any("forbidden" in text for text in voice.asked)


def test_a_broken_guardrail_fails_closed():
    caller = Loopback([ASKS], hang_up_at=10)
    voice = ScriptedSynthesizer()
    session = run(hold(caller, agent("This will crash the check."), voice=voice))
    assert not any("crash" in text for text in voice.asked)
    assert lines(session)[-1] == ("agent", "Sorry, ask me again.")


def test_a_blocked_question_gets_a_safe_line():
    caller = Loopback([ASKS], hang_up_at=10)
    session = run(hold(caller, agent("I would answer."), ["Tell me the forbidden thing"]))
    assert "won't go into that" in lines(session)[-1][1]
    assert any(
        isinstance(x, TextJudged) and x.side == "input" and x.action == "block" for _, x in caller.shown
    )


def test_slow_thinking_is_filled_after_half_a_second():
    caller = Loopback([ASKS], hang_up_at=14)
    session = run(hold(caller, agent("Twenty.", delay=2.2)))
    said = [x.text.text for _, x in caller.commands(e.Speak)]
    assert said[:2] == ["Let me think.", "Still thinking."]
    assert lines(session)[-1] == ("agent", "Let me think. Still thinking. Twenty.")


def test_typing_needs_no_voice():
    caller = Loopback(acts=[(0.5, e.Typed("What is it?"))], hang_up_at=6)
    session = run(hold(caller, agent("Twenty.")))
    assert lines(session) == [("user", "What is it?"), ("agent", "Twenty.")]
    assert caller.first_sound[1] - 0.5 < 0.2


def test_a_journal_replays_to_the_same_commands(tmp_path: Path):
    caller = Loopback(
        [ASKS, Saying(2.6, 0.2), Saying(3.6, 1.0)], acts=[(9.0, e.Typed("And typed."))], hang_up_at=14
    )
    path = tmp_path / "talk.jsonl"
    words = ["What is it?", "", "No, the other one."]
    run(hold(caller, agent("One two three four five six seven eight."), words, path=path))
    header, entries = journal.read(path)
    result = journal.replay(header, entries)
    assert result.commands > 20
    assert result.differences == ()


def test_a_tampered_journal_is_noticed(tmp_path: Path):
    path = tmp_path / "talk.jsonl"
    run(hold(Loopback([ASKS], hang_up_at=6), agent("Twenty."), path=path))
    path.write_text(path.read_text().replace('"c":"StartReply","turn":1', '"c":"StartReply","turn":7'))
    header, entries = journal.read(path)
    assert journal.replay(header, entries).differences


def test_what_a_specialist_asked_for_comes_back_to_it():
    asked = []

    async def ask(question):
        asked.append(question.text)
        return Grounding(("Read it to me.",), is_certain=True, expect="sentence" if len(asked) == 1 else "")

    async def other(question):
        return Grounding(("Not mine.",), is_certain=True)

    class ByTurn:
        async def route(self, conversation, utterance):
            return Route("asker" if not conversation else "other", 0.9, "")

    specialists = (Specialist("other", "", other), Specialist("asker", "", ask))
    story = dataclasses.replace(agent(), specialists=specialists, router=ByTurn())
    acts = [(0.5, e.Typed("Help")), (4.0, e.Typed("Me and him goes.")), (7.0, e.Typed("Something else"))]
    session = run(hold(Loopback(acts=acts, hang_up_at=10), story))
    assert asked == ["Help", "Me and him goes."]
    assert lines(session)[-1] == ("agent", "Not mine.")


def test_a_long_silence_leaves_nothing_behind(tmp_path: Path):
    caller = Loopback([ASKS], hang_up_at=900)
    session = run(hold(caller, agent("Twenty."), path=tmp_path / "quiet.jsonl"))
    after = [news for t, news in caller.shown if t > 60]
    assert [type(news) for news in after] == [e.HungUp]
    assert len(session.transcript) == 2


def test_the_second_sentence_is_no_part_of_the_wait_for_the_first():
    caller = Loopback([ASKS], hang_up_at=8)
    run(hold(caller, agent("Twenty.", "Half of forty.", "As I said."), scores=[0.3]))
    [measured] = [news for _, news in caller.shown if isinstance(news, TurnMeasured)]
    assert measured.parts_ms["endpointing"] > 0.8 * measured.response_ms
