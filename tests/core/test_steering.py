"""A caller's program that takes part in the turn-taking: it commits turns, writes lines, asks for answers."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st
from test_laws import LINES, REPLIES, law
from world import Says, World, marks

from antiphon.core import events as e
from antiphon.core.events import Role, TurnEnd
from antiphon.core.transcript import Transcript
from antiphon.core.turns import Lines, TurnPolicy
from antiphon.session.journal import Entry, Header, replay

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


# ---- a voice that stops the agent at once ------------------------------------------------------------------
UNJUDGED = e.TurnTakingSet(TurnEnd.ANSWERED, judges=False)
SENTENCE = "One is a number."
"0.8 s long."


def over_the_answer(*more: tuple[float, e.Event | Says], taking: e.TurnTakingSet = UNJUDGED) -> World:
    return held([(0.0, taking), (0.1, e.Typed("What is one?")), *more])


def test_unjudged_speech_clears_the_voice_the_moment_it_is_noticed() -> None:
    world = over_the_answer((0.5, Says(0.8, "And what is two?")))
    noticed = [t for t, x in world.log if isinstance(x, e.SpeechStarted)]
    cleared = [t for t, x in world.log if isinstance(x, e.ClearPlayout)]
    assert cleared == noticed
    assert not world.commands(e.HoldPlayout)
    assert not world.commands(e.ContinueReply)
    assert world.remembered(Role.AGENT) == world.ear()
    assert answered(world)[-1] == "And what is two?"


def test_after_a_cough_that_stopped_it_the_agent_says_the_rest_as_another_turn() -> None:
    world = over_the_answer((0.7, Says(0.15, "")))
    first, rest = world.remembered(Role.AGENT)
    assert f"{first} {rest}" == SENTENCE
    assert [(x.said, x.rest) for x in world.commands(e.ContinueReply) if isinstance(x, e.ContinueReply)] == [
        (first, (rest,))
    ]
    assert world.remembered(Role.AGENT) == world.ear()


def test_a_cough_over_a_voice_that_is_judged_only_holds_it() -> None:
    world = over_the_answer((0.7, Says(0.15, "")), taking=e.TurnTakingSet(TurnEnd.ANSWERED))
    assert len(world.commands(e.HoldPlayout)) == len(world.commands(e.ResumePlayout)) == 1
    assert world.remembered(Role.AGENT) == [SENTENCE]


def test_the_rest_is_not_said_to_who_asked_for_silence_or_for_something_else() -> None:
    cough = (0.7, Says(0.15, ""))
    for other in (e.InterruptAsked(), e.AnswerAsked(), e.TakenOver("Eva"), e.Typed("And two?")):
        world = over_the_answer(cough, (0.85, other))
        assert not world.commands(e.ContinueReply), other
    kept = e.TurnTakingSet(TurnEnd.KEPT, judges=False)
    assert not held([(0.0, kept), (0.1, e.AnswerAsked()), cough]).commands(e.ContinueReply)


def test_while_nothing_sounds_yet_a_cough_does_not_cost_the_answer() -> None:
    world = World([[SENTENCE]], policy=QUIET, think=1.0)
    world.run([(0.0, UNJUDGED), (0.1, e.Typed("What is one?")), (0.4, Says(0.15, ""))], until=60)
    assert world.remembered(Role.AGENT) == [SENTENCE]


def test_a_written_line_waits_for_an_answer_to_be_asked_for() -> None:
    script: list[tuple[float, e.Event | Says]] = [
        (0.0, e.LineWritten(Role.USER, "My name is Ada.")),
        (0.1, e.LineWritten(Role.AGENT, "Hello Ada.")),
        (5.0, e.LineWritten(Role.USER, "What is one?")),
        (6.0, e.AnswerAsked()),
    ]
    world = held(script)
    assert answered(world) == ["What is one?"]  # the line before has its answer
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


def test_while_the_program_calls_functions_the_agent_fills_no_pause() -> None:
    def fillers(*steps: tuple[float, e.Event]) -> list[float]:
        world = World([["It is sunny."]], lines=LINES, think=4.0, policy=QUIET).run(
            [(0.0, e.Typed("How is the weather?")), *steps], until=30
        )
        assert world.ear() == ["It is sunny."] or "It is sunny." in world.remembered(Role.AGENT)[-1]
        return [round(t, 1) for t, x in world.log if isinstance(x, e.Speak) and x.purpose is e.Purpose.FILLER]

    assert fillers() == [0.5, 1.5]
    assert fillers((0.2, e.FunctionsCalled(1))) == []
    assert fillers((0.2, e.FunctionsCalled(1)), (3.0, e.FunctionsAnswered(1))) == [3.5]
    assert fillers((0.2, e.FunctionsCalled(7))) == [0.5, 1.5]


def _drawn(draw: st.DrawFn) -> e.TurnTakingSet:
    ends, gives_way, judges = draw(st.sampled_from(list(TurnEnd))), draw(st.booleans()), draw(st.booleans())
    return e.TurnTakingSet(ends, gives_way, judges=judges)


@st.composite
def programs(draw: st.DrawFn) -> list[tuple[float, e.Event | Says]]:
    """A user who speaks, and a program that steers at any moment."""
    t, number = 0.0, itertools.count(1)
    script: list[tuple[float, e.Event | Says]] = []
    for _ in range(draw(st.integers(1, 9))):
        kind = draw(
            st.sampled_from(["words", "words", "cough", "set", "commit", "line", "ask", "ask", "button"])
        )
        length = draw(st.floats(0.3, 2.0)) if kind == "words" else 0.0
        match kind:
            case "words":
                script.append(
                    (t, Says(length, f"word{next(number)} and{next(number)}", draw(st.floats(0, 1))))
                )
            case "cough":
                length = draw(st.floats(0.05, 0.4))
                script.append((t, Says(length, "")))
                length += 0.3  # ears make up their mind before they hear of another
            case "set":
                script.append((t, _drawn(draw)))
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


# ---- what is remembered, revised -------------------------------------------------------------------------
def folded(world: World) -> Transcript:
    """What the commands amount to."""
    transcript = Transcript()
    for _, item in world.log:
        if isinstance(item, e.Remember):
            transcript.remember(item)
        elif isinstance(item, e.Revise):
            transcript.revise(item)
    return transcript


def test_a_player_that_says_late_where_it_stopped_is_believed() -> None:
    script: list[tuple[float, e.Event | Says]] = [
        (0.0, e.Typed("What is one?")),
        (8.0, e.StoppedAt(1, 7 * 50)),
    ]
    world = held(script)
    assert world.remembered(Role.AGENT) == ["One is a number."]
    assert world.commands(e.Revise) == [e.Revise(1, "One is", is_cut=True)]
    assert [line.text for line in folded(world)] == ["What is one?", "One is"]


def test_a_player_that_stops_by_itself_ends_the_turn_in_hand() -> None:
    world = held([(0.0, e.Typed("What is one?")), (0.6, e.StoppedAt(1, 4 * 50))])
    assert [line.text for line in folded(world)] == ["What is one?", "One"]
    assert len(world.commands(e.ClearPlayout)) == 1
    assert world.conversation.phase is e.Phase.IDLE


def test_a_line_that_is_erased_is_neither_remembered_nor_answered() -> None:
    script: list[tuple[float, e.Event | Says]] = [
        (0.0, e.LineWritten(Role.USER, "My name is Ada.")),
        (0.1, e.LineWritten(Role.USER, "What is one?")),
        (0.2, e.LineErased(0, "My name is Ada.")),
        (1.0, e.AnswerAsked()),
    ]
    world = held(script)
    assert answered(world) == ["What is one?"]
    assert [line.text for line in folded(world)] == ["What is one?", "One is a number."]


def test_of_turn_and_wait_a_program_may_be_the_judge() -> None:
    def started(taking: e.TurnTakingSet) -> float:
        world = held([(0.0, taking), (0.1, Says(1.0, "What is one?", 0.95))])
        return next(
            t
            for t, x in world.log
            if isinstance(x, e.ConfirmReply) or (isinstance(x, e.StartReply) and x.is_confirmed)
        )

    usual = started(e.TurnTakingSet(TurnEnd.ANSWERED))
    assert started(e.TurnTakingSet(TurnEnd.ANSWERED, patience=2.0)) > usual + 0.2
    assert abs(started(e.TurnTakingSet(TurnEnd.ANSWERED, silence=2.0)) - 3.1) < 0.1


def test_silence_is_met_when_the_program_wants_it_and_not_before_anything_was_said() -> None:
    def prompts(after: float | None, *more: tuple[float, e.Event]) -> int:
        world = held([(0.0, e.TurnTakingSet(TurnEnd.ANSWERED, prompts_after=after)), *more], LINES)
        return sum(x.purpose is e.Purpose.PROMPT for x in world.commands(e.Speak) if isinstance(x, e.Speak))

    asked = (1.0, e.Typed("What is one?"))
    assert (prompts(5.0), prompts(None, asked), prompts(5.0, asked)) == (0, 0, 2)


@law
@given(programs(), st.lists(st.tuples(st.floats(0, 40), st.integers(1, 6), st.integers(0, 3000)), max_size=5))
def test_wherever_players_say_that_they_stopped_the_transcript_ends_there(script, stops) -> None:  # type: ignore[no-untyped-def]
    more = [(t, e.StoppedAt(turn, samples)) for t, turn, samples in stops]
    world = World(REPLIES, policy=QUIET, lines=LINES, think=0.2)
    world.run(sorted([*script, *more], key=lambda timed: timed[0]), until=200.0)
    lines = [line for line in folded(world) if line.role is Role.AGENT]
    last = {turn: samples for _, turn, samples in sorted(stops)}
    for line in lines:
        if line.turn in last and any(
            isinstance(x, e.Revise) and x.text == line.text for x in world.commands(e.Revise)
        ):
            heard = " ".join(word for word, end in _words(world, line.turn) if end <= last[line.turn])
            assert line.text == heard
    entries = [Entry(t, item) for t, item in world.log]
    assert not replay(Header("s", "a", QUIET, LINES), entries).differences


def _words(world: World, turn: int) -> list[tuple[str, int]]:
    """The words of a turn, each with the sample at which it was said."""
    found, before = [], 0
    for text, samples in world.text[turn]:
        found += [(text[: mark.chars].split()[-1], before + mark.at) for mark in marks(text)]
        before += samples
    return found


def test_a_line_of_another_agent_answers_what_waited() -> None:
    script: list[tuple[float, e.Event | Says]] = [
        (0.1, e.LineWritten(Role.USER, "Is it I seen?")),
        (0.2, e.LineWritten(Role.AGENT, "It is I saw.", is_cut=True, by="english")),
        (0.3, e.Typed("What is one?")),
    ]
    world = held(script)
    assert answered(world) == ["What is one?"], "what another agent answered is not asked again"
    lines = [x for x in world.commands(e.Remember) if isinstance(x, e.Remember)]
    assert (lines[1].by, lines[1].is_cut) == ("english", True)
    transcript = Transcript()
    assert transcript.remember(lines[1], speaker="math").speaker == "english"
