"""Flows: what may be one, where a turn leads, and that every conversation can end."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.agent.flow import (
    EXHAUSTED,
    Brought,
    Flow,
    FlowError,
    FlowState,
    Slot,
    Step,
    Transition,
    advance,
    begin,
)
from antiphon.agent.flow_drawing import diagram, drawing
from antiphon.agent.flow_yaml import read_flow
from antiphon.agents.booking.steps import BOOKING
from antiphon.core.errors import SetupError

TABLE = """
name: table
fallback: help
slots: {day: the day, guests: how many come}
steps:
  day:
    say: ["Which day?", "Sorry, which day would that be?"]
    collects: [day]
    next: {to: guests, needs: [day]}
  guests:
    say: ["For how many?", "How many of you?"]
    collects: guests
    next: {to: done, needs: [guests]}
    retries: 1
  help:
    say: ["I am lost. Say a day and a number.", "Shall we stop?"]
    next: {on: exhausted, to: done}
  done: {say: Good.}
anywhere: {on: abandon, to: done, clears: [day, guests]}
"""
TABLE_FLOW = read_flow(TABLE)
FLOWS = st.sampled_from([BOOKING, TABLE_FLOW])


def turns(flow: Flow) -> st.SearchStrategy[list[Brought]]:
    names = [slot.name for slot in flow.slots]
    signals = sorted({way.on for step in flow.steps for way in flow.ways(step)} | {"unheard of"})
    slots = st.dictionaries(st.sampled_from(names), st.sampled_from([None, "x", "y"]))
    return st.lists(
        st.builds(Brought, slots, st.just("") | st.sampled_from(signals), st.booleans()), max_size=12
    )


def lived(flow: Flow, brought: list[Brought]) -> FlowState:
    state = begin(flow)
    for one in brought:
        state = advance(flow, state, one).state
    return state


def told(flow: Flow, *brought: Brought) -> list[str]:
    state, prompts = begin(flow), []
    for one in brought:
        advanced = advance(flow, state, one)
        state = advanced.state
        prompts.append(advanced.prompt)
    return prompts


def test_slots_in_one_breath_pass_through_their_steps() -> None:
    advanced = advance(TABLE_FLOW, begin(TABLE_FLOW), Brought({"day": "Monday", "guests": 4}))
    assert advanced.path == ("guests", "done")
    assert advanced.is_over


def test_reprompts_differ_and_then_the_fallback_helps_and_leads_back() -> None:
    nothing = Brought()
    assert told(
        TABLE_FLOW, Brought({"day": "Monday"}), nothing, nothing, nothing, Brought({"guests": 2})
    ) == [
        "For how many?",
        "How many of you?",
        "I am lost. Say a day and a number.",
        "Shall we stop?",
        "Good.",
    ]


def test_what_is_taken_back_is_asked_for_again() -> None:
    state = lived(BOOKING, [Brought(), Brought({"date": "Monday", "time": "nine"})])
    assert state.step == "confirmation"
    advanced = advance(BOOKING, state, Brought({"date": None}))
    assert (advanced.state.step, dict(advanced.state.slots)) == ("date", {"time": "nine"})
    assert advance(BOOKING, advanced.state, Brought({"date": "Friday"})).state.step == "confirmation"


def test_from_the_fallback_it_goes_on_where_it_was() -> None:
    state = lived(BOOKING, [Brought({"date": "Monday", "time": "nine"}), *[Brought()] * 3])
    assert (state.step, state.return_to) == ("fallback", "confirmation")
    assert advance(BOOKING, state, Brought(signal="confirmed")).path == ("confirmation", "booked")


@settings(deadline=None)
@given(st.data())
def test_every_state_that_can_be_reached_can_end(data: st.DataObject) -> None:
    flow = data.draw(FLOWS)
    state = lived(flow, data.draw(turns(flow)))
    for _ in range(200):
        if flow.step(state.step).is_terminal:
            return
        ways = flow.ways(flow.step(state.step))
        signal = data.draw(st.sampled_from([way.on for way in ways]))
        state = advance(flow, state, Brought({slot.name: "x" for slot in flow.slots}, signal)).state
        state = advance(flow, state, Brought(signal="abandon")).state
    raise AssertionError(f"it never ends: {state}")


@settings(deadline=None)
@given(st.data())
def test_silence_ends_in_a_person_or_in_help(data: st.DataObject) -> None:
    state = lived(BOOKING, data.draw(turns(BOOKING)))
    for _ in range(10):
        state = advance(BOOKING, state, Brought()).state
    assert BOOKING.step(state.step).is_terminal


@settings(deadline=None)
@given(st.data())
def test_a_snapshot_is_json_and_goes_on_as_if_nothing_had_happened(data: st.DataObject) -> None:
    flow = data.draw(FLOWS)
    state = lived(flow, data.draw(turns(flow)))
    recalled = FlowState.recalled(flow, json.loads(json.dumps(state.json())))
    assert recalled == state
    for one in data.draw(turns(flow)):
        assert advance(flow, recalled, one) == advance(flow, state, one)


@settings(deadline=None)
@given(FLOWS, st.recursive(st.none() | st.integers() | st.text("ab"), lambda x: st.dictionaries(st.text("ab"), x)))
def test_a_broken_snapshot_is_a_new_beginning(flow: Flow, told: object) -> None:
    assert FlowState.recalled(flow, told) == begin(flow)


def broken(**changes: object) -> str:
    with pytest.raises(FlowError) as error:
        replace(TABLE_FLOW, **changes)
    return str(error.value)


def test_flows_that_cannot_work_are_refused() -> None:
    day, guests, help_, done = TABLE_FLOW.steps
    lost = replace(day, transitions=(Transition("nowhere", needs=("day",)),))
    assert "there is no step 'nowhere'" in broken(steps=(lost, guests, help_, done))
    odd = replace(day, collects=("hat",))
    assert "there is no slot 'hat'" in broken(steps=(odd, guests, help_, done))
    island = Step("island", ("Hm.",), transitions=(Transition("done", on="swim"),))
    assert "steps.island: no way leads here" in broken(steps=(*TABLE_FLOW.steps, island))
    twice = replace(day, prompts=("Which day?", "Which day?"))
    assert "repeats the words" in broken(steps=(twice, guests, help_, done))
    mute = replace(day, prompts=())
    assert "says nothing" in broken(steps=(mute, guests, help_, done))
    assert "there is no step 'x'" in broken(fallback="x")
    assert "two of that name" in broken(steps=(*TABLE_FLOW.steps, day))
    assert "it needs a signal" in broken(anywhere=(Transition("done"),))


def test_a_step_that_cannot_end_and_a_dead_loop_are_refused() -> None:
    here = Step("here", ("Here?",), transitions=(Transition("there", on="go"),))
    there = Step("there", ("There?",), transitions=(Transition("here", on="go"),))
    with pytest.raises(FlowError, match="no way leads from here to an end"):
        Flow("f", (here, there))
    round_ = Step("a", ("A?",), transitions=(Transition("b", needs=("s",)), Transition("end", on="end")))
    and_round = Step("b", ("B?",), transitions=(Transition("a", needs=("s",)),))
    with pytest.raises(FlowError, match="a dead loop"):
        Flow("f", (round_, and_round, Step("end")), (Slot("s"),))


@pytest.mark.parametrize(
    ("was", "written", "told"),
    [
        ("to: guests, needs: [day]", "to: gusts, needs: [day]", "line 9: there is no step 'gusts'"),
        ("needs: [guests]", "needs: [guest]", "line 13: there is no slot 'guest'"),
        ("retries: 1", "retries: many", "line 14: a whole number is expected here"),
        ("retries: 1", "retry: 1", "line 14: there is no 'retry' here"),
        ("{on: exhausted, to: done}", "{on: exhausted}", "line 17: it does not say where `to`"),
        ("fallback: help", "fallback: halp", "line 3: there is no step 'halp'"),
        ("  done: {say: Good.}", "  done: [", "line 20"),
        (
            "  done: {say: Good.}",
            "  done: {say: Good.}\n  done: {say: Bad.}",
            "line 19: 'done' is there twice",
        ),
        ("steps:", "stops:", "line 5: there is no 'stops' here"),
    ],
)
def test_what_is_wrong_in_yaml_is_told_with_its_line(was: str, written: str, told: str) -> None:
    assert was in TABLE
    with pytest.raises(SetupError) as error:
        read_flow(TABLE.replace(was, written), "table.yaml")
    assert f"table.yaml, {told}" in str(error.value)


def test_an_empty_text_is_no_flow() -> None:
    with pytest.raises(SetupError, match="there is no flow in it"):
        read_flow("")


def test_pictures_show_every_step_and_every_way() -> None:
    page, terminal = diagram(BOOKING), drawing(BOOKING)
    assert page.startswith("flowchart TD\n")
    for step in BOOKING.steps:
        assert step.name in page
        assert step.name in terminal
    assert page.count("-->|") >= sum(bool(w.on or w.needs) for s in BOOKING.steps for w in s.transitions)
    assert "(exhausted)" in terminal
    assert EXHAUSTED in page
