"""A caller's program that takes part in the turn-taking: it commits turns, writes lines, asks for answers."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st
from test_laws import LINES, REPLIES, law
from world import Says, World

from antiphon.core import events as e
from antiphon.core.events import Role, TurnEnd
from antiphon.core.turns import Lines, TurnPolicy

QUIET = TurnPolicy(prompt_after=1000.0)


def held(script: list[tuple[float, e.Event | Says]], lines: Lines | None = None) -> World:
    return World([["One is a number."], ["Yes."]], policy=QUIET, lines=lines or Lines()).run(script, until=60)


def answered(world: World) -> list[str]:
    return [x.text for x in world.commands(e.StartReply) if isinstance(x, e.StartReply)]


def test_kept_words_are_remembered_and_answered_when_asked() -> None:
    script: list[tuple[float, e.Event | Says]] = [
        (0.0, e.TurnTakingSet(TurnEnd.KEPT)),
        (0.1, Says(1.0, "What is one?")),
        (6.0, e.AnswerAsked()),
    ]
    world = held(script)
    remembered = [t for t, x in world.log if isinstance(x, e.Remember) and x.role is Role.USER]
    started = [t for t, x in world.log if isinstance(x, e.StartReply)]
    assert world.remembered(Role.USER) == ["What is one?"]
    assert remembered[0] < 3.0 < 6.0 <= started[0]
    assert answered(world) == ["What is one?"]
    assert world.remembered(Role.AGENT) == ["One is a number."]


def test_an_open_turn_lasts_through_silence_until_it_is_committed() -> None:
    script: list[tuple[float, e.Event | Says]] = [
        (0.0, e.TurnTakingSet(TurnEnd.OPEN)),
        (0.1, Says(1.0, "What is")),
        (7.0, Says(1.0, "one?")),
        (12.0, e.TurnCommitted()),
        (12.1, e.AnswerAsked()),
    ]
    world = held(script)
    assert world.remembered(Role.USER) == ["What is one?"]
    assert answered(world) == ["What is one?"]


def test_a_turn_committed_in_the_middle_of_a_word_ends_with_it() -> None:
    script: list[tuple[float, e.Event | Says]] = [
        (0.0, e.TurnTakingSet(TurnEnd.OPEN)),
        (0.1, Says(1.0, "What is one?")),
        (0.5, e.TurnCommitted()),
        (0.5, e.AnswerAsked()),
    ]
    world = held(script)
    assert world.remembered(Role.USER) == ["What is one?"]
    assert world.remembered(Role.AGENT) == ["One is a number."]


def test_speech_over_an_agent_that_does_not_give_way_waits_for_its_end() -> None:
    script: list[tuple[float, e.Event | Says]] = [
        (0.0, e.TurnTakingSet(TurnEnd.ANSWERED, gives_way=False)),
        (0.1, e.Typed("What is one?")),
        (0.5, Says(0.6, "And what is two?")),
    ]
    world = held(script)
    assert not world.commands(e.HoldPlayout)
    assert world.remembered(Role.AGENT) == ["One is a number.", "Yes."]
    assert answered(world)[-1] == "And what is two?"


def test_a_written_line_waits_for_an_answer_to_be_asked_for() -> None:
    script: list[tuple[float, e.Event | Says]] = [
        (0.0, e.LineWritten(Role.USER, "My name is Ada.")),
        (0.1, e.LineWritten(Role.AGENT, "Hello Ada.")),
        (5.0, e.LineWritten(Role.USER, "What is one?")),
        (6.0, e.AnswerAsked()),
    ]
    world = held(script)
    assert answered(world) == ["My name is Ada. What is one?"]
    assert world.remembered(Role.USER) == ["My name is Ada.", "What is one?"]
    assert world.remembered(Role.AGENT) == ["Hello Ada.", "One is a number."]


def test_an_answer_asked_for_with_nothing_said_is_the_greeting_or_the_last_answer_again() -> None:
    script: list[tuple[float, e.Event | Says]] = [
        (0.0, e.AnswerAsked()),
        (4.0, e.Typed("What is one?")),
        (9.0, e.AnswerAsked()),
    ]
    world = held(script, LINES)
    assert world.remembered(Role.AGENT)[0] == "Hello there."
    assert answered(world) == ["What is one?", "What is one?"]


def test_an_answer_asked_for_at_the_first_silence_does_not_wait_for_the_turn_to_end() -> None:
    def first_start(*more: tuple[float, e.Event]) -> float:
        world = held([(0.1, Says(1.0, "What is one?", 0.02)), *more])
        return next(
            t
            for t, x in world.log
            if isinstance(x, e.ConfirmReply) or (isinstance(x, e.StartReply) and x.is_confirmed)
        )

    assert first_start((1.5, e.AnswerAsked())) < 1.6 < first_start()


@st.composite
def programs(draw: st.DrawFn) -> list[tuple[float, e.Event | Says]]:
    """A user who speaks, and a program that steers at any moment."""
    t, number = 0.0, itertools.count(1)
    script: list[tuple[float, e.Event | Says]] = []
    for _ in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(["words", "words", "set", "commit", "line", "ask", "ask", "button"]))
        length = draw(st.floats(0.3, 2.0)) if kind == "words" else 0.0
        match kind:
            case "words":
                script.append(
                    (t, Says(length, f"word{next(number)} and{next(number)}", draw(st.floats(0, 1))))
                )
            case "set":
                script.append((t, e.TurnTakingSet(draw(st.sampled_from(list(TurnEnd))), draw(st.booleans()))))
            case "commit":
                script.append((t, e.TurnCommitted()))
            case "line":
                script.append((t, e.LineWritten(Role.USER, f"line{next(number)}")))
            case "ask":
                script.append((t, e.AnswerAsked()))
            case "button":
                script.append((t, e.InterruptAsked()))
        t += length + draw(st.one_of(st.floats(0.0, 1.2), st.floats(1.2, 8.0)))
    return [*script, (t + 8.0, e.TurnTakingSet(TurnEnd.ANSWERED)), (t + 20.0, e.TurnCommitted())]


@law
@given(programs())
def test_whatever_the_program_does_no_word_is_lost_or_doubled_and_the_conversation_settles(script) -> None:  # type: ignore[no-untyped-def]
    world = World(REPLIES, policy=QUIET, lines=LINES, think=0.2).run(script, until=200.0)
    said = [w for _, x in script if isinstance(x, Says) for w in x.text.split()]
    written = [x.text for _, x in script if isinstance(x, e.LineWritten)]
    kept = [w for line in world.remembered(Role.USER) for w in line.split()]
    assert [w for w in kept if not w.startswith("line")] == said
    assert [w for w in kept if w.startswith("line")] == written
    assert world.remembered(Role.AGENT) == world.ear()
    assert world.conversation.phase is e.Phase.IDLE
    assert not world.conversation.is_answer_asked
