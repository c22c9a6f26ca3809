"""Calls in which something fails: a few of the cases of the chaos suite, and what its outcome says."""

from __future__ import annotations

import asyncio

import pytest

from antiphon.bench.suites import SUITES
from antiphon.bench.trials.chaos import Case, Heard, cases, live_through, outcome
from antiphon.bench.trials.chaos_faults import Fault, Stage
from antiphon.bench.trials.trial import Setup
from antiphon.core.events import Purpose

WHOLE = "3 of 3 sentences"


@pytest.mark.parametrize(
    ("stage", "fault", "is_backed", "heard", "within"),
    [
        (Stage.RECOGNIZER, Fault.HANGS, False, "apology", 3.1),
        (Stage.RECOGNIZER, Fault.ODD, True, WHOLE, 1.0),
        (Stage.TURN_DETECTOR, Fault.HANGS, False, WHOLE, 1.0),
        (Stage.ROUTER, Fault.HANGS, False, "apology", 10.5),
        (Stage.GROUNDING, Fault.HUGE, False, "24 others", 1.0),
        (Stage.TOOL, Fault.HANGS, False, "not found", 8.5),
        (Stage.MODEL, Fault.CUT, False, "1 of 3 sentences + trouble", 1.0),
        (Stage.MODEL, Fault.CUT, True, WHOLE, 1.0),
        (Stage.MODEL, Fault.BUSY, True, WHOLE, 1.0),
        (Stage.OUTPUT, Fault.BROKEN, False, "apology", 1.0),
        (Stage.SYNTHESIZER, Fault.HANGS, False, "trouble", 6.0),
        (Stage.SYNTHESIZER, Fault.CUT, True, WHOLE, 1.0),
    ],
)
def test_no_fault_is_met_with_silence(
    stage: Stage, fault: Fault, is_backed: bool, heard: str, within: float
) -> None:
    call = live_through(Case(stage, fault, is_backed))
    turn = call.turns[1]
    assert turn.what == heard
    assert turn.answer_s is not None
    assert turn.answer_s <= within
    assert call.has_gone_on
    assert (call.silent, call.unapproved, sum(turn.doubles for turn in call.turns)) == (0, 0, 0)


def test_every_stage_meets_every_fault() -> None:
    todo = list(cases())
    assert {(case.stage, case.fault) for case in todo} == {(s, f) for s in Stage for f in Fault}
    assert 3 * len(todo) >= 200


def test_silence_and_repetition_are_seen_and_fail_the_suite() -> None:
    call = live_through(Case(Stage.TOOL, Fault.BROKEN, False))
    assert outcome([call]).has_passed
    call.turns[1] = Heard(17.0, [(17.5, "Let me think.", Purpose.FILLER, 2)])
    assert not outcome([call]).has_passed
    call.turns[1] = Heard(17.0, [(at, "Yes.", Purpose.ANSWER, 2) for at in (17.5, 18.0)])
    assert call.turns[1].doubles == 1
    assert not outcome([call]).has_passed


def test_the_suite_tells_what_the_caller_heard() -> None:
    assert "chaos" in SUITES
    news: list[str] = []
    setup = Setup(tell=lambda progress: news.append(progress.doing))
    told = asyncio.run(SUITES["chaos"].run(setup))
    assert told.has_passed, [row for row in told.details if row["heard"] in ("nothing", "fillers")]
    assert len(news) == len(told.details) == len(list(cases()))
    assert {row["stage"] for row in told.details} == {stage.value for stage in Stage}
