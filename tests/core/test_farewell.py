"""A conversation that must end comes to its end: aloud, at a moment of quiet, and whatever anybody does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from test_laws import LINES, REPLIES, conversations, law
from world import World, says

from antiphon.core import events as e
from antiphon.core.events import Purpose, Role
from antiphon.core.speech import Approved
from antiphon.core.turns import TurnPolicy
from antiphon.session.journal import Entry, Header, decode_entry, encode_entry, replay

ANSWER = ["Twenty five percent of eighty is twenty.", "Half of eighty is forty, and half again is twenty."]
QUESTION = says(0.0, 1.0, "What is 25% of 80?", 1)
GOODBYE = "That is all for today. Goodbye."
ENDS = e.LineGiven("", Approved(GOODBYE), "nothing is left of the day")
OVER = [e.EndConversation("nothing is left of the day")]


def time_of(world: World, kind: type) -> float:
    return next(t for t, item in world.log if isinstance(item, kind))


def test_an_answer_is_finished_before_the_call_is_taken_leave_of() -> None:
    world = World([ANSWER]).run([*QUESTION, (2.6, ENDS)], until=30.0)
    assert world.ear() == [" ".join(ANSWER), GOODBYE]
    assert world.remembered(Role.AGENT) == world.ear()
    assert world.commands(e.EndConversation) == OVER
    assert not world.commands(e.ClearPlayout)
    assert world.conversation.next_deadline is None


def test_whoever_is_speaking_is_heard_out_and_answered() -> None:
    world = World([ANSWER]).run([(0.5, ENDS), *QUESTION], until=30.0)
    assert world.ear() == [" ".join(ANSWER), GOODBYE]


def test_who_never_stops_speaking_is_spoken_over_and_remembered() -> None:
    endless = [(0.1, e.SpeechStarted(0.1)), (1.0, ENDS), (2.0, e.PartiallyTranscribed(1, "and so on"))]
    world = World([ANSWER], policy=TurnPolicy(farewell_within=4.0)).run(
        [*endless, (5.2, e.Transcribed(1, "and so on and on"))], until=40.0
    )
    assert time_of(world, e.Speak) == 5.0
    assert world.ear() == [GOODBYE]
    assert world.remembered(Role.USER) == ["and so on and on"]
    assert world.commands(e.EndConversation) == OVER


def test_an_answer_without_end_is_stopped() -> None:
    endless = ["This sentence is one of very many that follow one another."] * 40
    world = World([endless], policy=TurnPolicy(farewell_within=6.0)).run([*QUESTION, (3.0, ENDS)], until=60.0)
    assert world.ear()[-1] == GOODBYE
    assert world.remembered(Role.AGENT) == world.ear()
    assert time_of(world, e.EndConversation) < 3.0 + 6.0 + 3.0


def test_the_farewell_is_not_talked_out_of() -> None:
    world = World([ANSWER]).run(
        [(0.5, ENDS), *says(0.6, 0.7, "wait no stop", 1), (1.5, e.Typed("please"))], until=30.0
    )
    assert world.ear() == [GOODBYE]
    assert not world.commands(e.HoldPlayout)
    assert sorted(world.remembered(Role.USER)) == ["please", "wait no stop"]


def test_the_button_ends_it_at_once() -> None:
    world = World([ANSWER]).run([(0.5, ENDS), (1.0, e.InterruptAsked())], until=30.0)
    assert world.commands(e.EndConversation) == OVER
    assert world.ear() != [GOODBYE]


def test_a_person_who_has_taken_over_is_not_cut_off() -> None:
    world = World([ANSWER], policy=TurnPolicy(farewell_within=4.0)).run(
        [
            (0.0, e.TakenOver("ms finch")),
            (1.0, ENDS),
            (1.0, e.LineGiven("", Approved("Little is left."))),
            (2.0, e.LineGiven("ms finch", Approved("I am here."))),
            (30.0, e.HandedBack("ms finch")),
        ],
        until=60.0,
    )
    assert world.ear() == ["I am here.", GOODBYE]
    assert time_of(world, e.EndConversation) > 30.0


def test_who_is_taken_over_in_mid_farewell_stays() -> None:
    world = World([ANSWER]).run([(0.5, ENDS), (1.0, e.TakenOver("ms finch"))], until=30.0)
    assert not world.commands(e.EndConversation)


def test_what_the_house_says_is_the_agents_own_line() -> None:
    world = World([ANSWER]).run([*QUESTION, (2.6, e.LineGiven("", Approved("Little is left.")))], until=30.0)
    assert world.remembered(Role.AGENT) == [" ".join(ANSWER), "Little is left."]
    said = [c.purpose for c in world.commands(e.Speak) if isinstance(c, e.Speak)]
    assert said[-1] is Purpose.PROMPT
    assert not world.commands(e.EndConversation)


def test_a_line_that_breaks_in_mid_farewell_does_not_keep_anybody() -> None:
    world = World([ANSWER], lines=LINES).run([(0.5, ENDS), (1.0, "lost")], until=40.0)  # type: ignore[list-item]
    assert world.commands(e.EndConversation) == OVER
    assert " ".join(world.ear()).endswith("Goodbye.")


@law
@given(conversations(), st.floats(0.0, 30.0))
def test_whatever_happens_it_ends_once_with_the_farewell(case, when) -> None:  # type: ignore[no-untyped-def]
    hands, script = case
    policy = TurnPolicy(prompt_after=1000.0)
    script = sorted([*script, (when, ENDS)], key=lambda step: step[0])
    world = World(REPLIES, policy=policy, lines=LINES, **hands).run(script, until=200.0)
    assert world.commands(e.EndConversation) == OVER
    assert world.log[-1][0] < max(when, 0.0) + policy.farewell_within + 40.0
    assert world.remembered(Role.AGENT) == world.ear()
    is_stopped = any(isinstance(event, e.InterruptAsked) and t >= when for t, event in script)
    assert is_stopped or world.ear()[-1] == GOODBYE
    ended = time_of(world, e.EndConversation)
    after = [item for t, item in world.log if isinstance(item, e.Speak) and t > ended]
    assert after == []
    entries = [decode_entry(encode_entry(Entry(t, item))) for t, item in world.log]
    assert replay(Header("s", "a", policy, LINES), entries).differences == ()
