"""The appointment suite: real sessions in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from antiphon.bench.figures import Statistic
from antiphon.bench.suites import bench
from antiphon.bench.trials.appointment_scripts import SCRIPTS, Script
from antiphon.bench.trials.appointments import hold


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_call_ends_with_what_was_wanted(script: Script) -> None:
    held = hold(script)
    assert held.is_right, held.has
    assert (held.double_prompts, held.double_bookings) == (0, 0), held.answers


def test_the_suite_reports_what_it_found() -> None:
    outcome = asyncio.run(bench(["appointments"], repeats=2)).outcomes[0]
    assert outcome.failures == ()
    assert [detail["script"] for detail in outcome.details] == [script.name for script in SCRIPTS[:2]]
    assert outcome.figures[0].statistic(Statistic.VALUE) == 100


def test_there_are_enough_of_them_and_none_is_too_long() -> None:
    assert len(SCRIPTS) >= 20
    assert max(len(caller.lines) for script in SCRIPTS for caller in script.callers) <= 25
