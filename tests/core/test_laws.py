"""The laws of a conversation, held against thousands of conversations nobody would think of."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from world import Says, World

from antiphon.core import events as e
from antiphon.core.events import Role
from antiphon.core.speech import Approved
from antiphon.core.turns import BACKCHANNELS, Lines, TurnPolicy
from antiphon.session.journal import Entry, Header, Tick, decode_entry, encode_entry, replay

REPLIES = [
    ["One is a number.", "It comes before two."],
    ["Yes."],
    [],
    ["A rather long sentence that goes on for some time so that it can be cut.", "And another.", "Done."],
]
LINES = Lines(
    greeting=Approved("Hello there."),
    fillers=((Approved("Let me think."), Approved("One moment.")), (Approved("Still here."),)),
    prompts=(Approved("Are you there?"),),
    apology=Approved("Sorry, again please."),
)


@st.composite
def conversations(draw: st.DrawFn) -> tuple[dict[str, float], list[tuple[float, e.Event | Says]]]:
    """Speech, coughs, back-channels, typed lines and the button, at any distance from each other."""
    t, script, number = draw(st.floats(0, 1)), [], itertools.count(1)
    if draw(st.booleans()):
        script.append((0.0, e.Joined()))
    if draw(st.booleans()):
        script.append((0.0, e.TurnTakingSet(e.TurnEnd.ANSWERED, judges=False)))
    for _ in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(["words", "words", "words", "mhm", "cough", "type", "button"]))
        length = draw(st.floats(0.1, 2.0)) if kind == "words" else draw(st.floats(0.05, 0.4))
        match kind:
            case "words":
                text = f"word{next(number)} and{next(number)}"
                script.append((t, Says(length, text, draw(st.sampled_from([0.02, 0.4, 0.8, 0.99])))))
            case "mhm":
                script.append((t, Says(length, "Mhm.", 0.9)))
            case "cough":
                script.append((t, Says(length, "")))
            case "type":
                script.append((t, e.Typed(f"typed{next(number)}")))
            case "button":
                script.append((t, e.InterruptAsked()))
        pause = draw(st.one_of(st.floats(0.25, 1.2), st.floats(1.2, 8.0)))
        t += pause + (length if kind in ("words", "mhm", "cough") else 0.0)
    hands = {
        "understands": draw(st.booleans()),
        "think": draw(st.sampled_from([0.0, 0.05, 0.4, 2.0, 4.0])),
        "pace": draw(st.sampled_from([0.0, 0.3, 1.5])),
        "delay": draw(st.sampled_from([0.0, 0.02, 0.1])),
    }
    return hands, script


def held(case: tuple[dict[str, float], list[tuple[float, e.Event | Says]]], lines: Lines = LINES) -> World:
    hands, script = case
    policy = TurnPolicy(prompt_after=1000.0)
    return World(REPLIES, policy=policy, lines=lines, **hands).run(script, until=120.0)  # type: ignore[arg-type]


law = settings(
    max_examples=int(os.environ.get("LAW_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@law
@given(conversations())
def test_remembered_is_heard(case):
    world = held(case)
    assert world.remembered(Role.AGENT) == world.ear()


@law
@given(conversations())
def test_no_user_word_is_lost_or_doubled(case):
    world = held(case)
    said = [w for _, x in case[1] if isinstance(x, Says) for w in x.text.split() if w != "Mhm."]
    typed = [x.text for _, x in case[1] if isinstance(x, e.Typed)]
    short = {x.text for _, x in case[1] if isinstance(x, Says) and x.length <= world.policy.aside}
    kept = [w for line in world.remembered(Role.USER) for w in line.split() if w != "Mhm."]
    asides = [c.text for c in world.commands(e.SetAside)]
    aside = {w for text in asides for w in text.split() if w != "Mhm."}
    assert [w for w in kept if not w.startswith("typed")] == [w for w in said if w not in aside]
    assert [w for w in kept if w.startswith("typed")] == typed
    for text in asides:
        assert text in short or all(w.strip(".").lower() in BACKCHANNELS for w in text.split())


@law
@given(conversations())
def test_nothing_of_a_turn_follows_its_end(case):
    dead: set[int] = set()
    for _, x in held(case).log:
        match x:
            case e.CancelReply(turn):
                assert turn not in dead, "cancelled twice"
                dead.add(turn)
            case e.Speak(turn) | e.Prepare(turn) | e.ConfirmReply(turn) | e.ResumePlayout(turn):
                assert turn not in dead
            case _:
                pass


@law
@given(conversations())
def test_nothing_unconfirmed_is_heard(case):
    confirmed: set[int] = set()
    own = {0}
    for _, x in held(case).log:
        match x:
            case e.StartReply(turn, _, is_confirmed):
                own.add(turn)
                if is_confirmed:
                    confirmed.add(turn)
            case e.ConfirmReply(turn):
                confirmed.add(turn)
            case e.Speak(turn) if turn in own:
                assert turn in confirmed
            case _:
                pass


@law
@given(conversations())
def test_after_a_user_turn_the_agent_speaks_unless_it_was_stopped(case):
    world = held(case)
    answered, asked, stopped = set(), [], False
    for _, x in world.log:
        match x:
            case e.Remember(turn, Role.USER):
                asked.append(turn)
            case e.Speak(turn):
                answered.add(turn)
            case e.InterruptAsked():
                stopped = True
            case _:
                pass
    if asked and not stopped:
        assert max(asked) in answered


@law
@given(
    st.lists(st.floats(0.0, 12.0), min_size=1, max_size=4),
    st.sampled_from([0.0, 0.3, 1.5]),
    st.sampled_from([0.0, 0.4, 2.0]),
    st.sampled_from([0.0, 0.02, 0.1]),
)
def test_an_answer_outlives_every_loss_of_the_connection(losses, pace, think, delay):
    """However often it breaks: the answer is heard once, whole, in order, and remembered as it was heard."""
    world = World([REPLIES[3]], pace=pace, think=think, delay=delay)
    world.run(
        [(0.1, e.Typed("why", 1)), *((t, "lost") for t in losses), (13.0, e.Typed("why", 1))], until=120.0
    )
    assert " ".join(world.ear()) == " ".join(REPLIES[3])
    assert world.remembered(Role.AGENT) == world.ear()
    assert world.remembered(Role.USER) == ["why"]


@law
@given(conversations(), st.lists(st.floats(0.0, 20.0), min_size=1, max_size=3))
def test_remembered_is_heard_over_losses_of_the_connection(case, losses):
    hands, script = case
    world = held((hands, [*script, *((t, "lost") for t in losses)]))
    assert world.remembered(Role.AGENT) == world.ear()
    assert world.conversation.phase.value == "idle"


@law
@given(conversations())
def test_the_same_events_give_the_same_commands(case):
    world = held(case)
    header = Header("s", "a", world.policy, world.lines)
    replayed = replay(header, [decode_entry(encode_entry(entry)) for entry in entries(world)])
    assert replayed.differences == ()
    assert replayed.commands == len(world.commands())


@law
@given(conversations(), st.integers(0, 10_000), st.integers(1, 3))
def test_stale_news_is_harmless(case, where, back):
    """News of an earlier turn, put anywhere into a conversation, changes not one command."""
    world = held(case)
    story = entries(world)
    cut = where % (len(story) + 1)
    turn = max([0] + [x.turn for _, x in world.log[:cut] if isinstance(x, e.StartReply)]) - back
    stale = [
        e.SentenceReady(turn, Approved("Old news.")),
        e.QuestionUnderstood(turn),
        e.ReplyEnded(turn),
        e.ReplyFailed(turn, "old"),
        e.Played(turn, 10_000),
        e.PlayoutCleared(turn, 10_000),
        e.SpeechSynthesized(turn, 0, 100),
    ]
    t = story[cut - 1].t if cut else 0.0
    told = story[:cut] + [Entry(t, x) for x in stale] + story[cut:]
    commands = [x.item for x in story[cut:]]
    if commands and isinstance(commands[0], e.Command):
        return  # between an event and its commands nothing else happens
    differences = replay(Header("s", "a", world.policy, world.lines), told).differences
    assert differences == ()


def entries(world: World) -> list[Entry]:
    return [Entry(t, x) for t, x in world.log]


def test_a_journal_survives_its_file(tmp_path: Path):
    assert decode_entry(encode_entry(Entry(1.5, Tick()))) == Entry(1.5, Tick())
