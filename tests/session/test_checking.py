"""A guardrail that takes too long: nothing unchecked is said, and the caller soon hears why. In virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from scene import agent, hold

from antiphon.agent.guardrail import Allow, Verdict
from antiphon.core import events as e
from antiphon.core.notes import Faulted
from antiphon.session.session import Session
from antiphon.testing.clock import run
from antiphon.testing.loopback import Loopback, Saying

ASKS = Saying(0.5, 1.0)
ENDS = 1.5
"When the caller has said it all."
APOLOGY = "Sorry, ask me again."
TROUBLE = "I'm having trouble on my side. Please hold on, or ask for a person."


class Slow:
    """Allows everything, after so many seconds for each check; the last number is for all that follow."""

    def __init__(self, hears_s: float, *says_s: float) -> None:
        self._hears_s = hears_s
        self._says_s = list(says_s)

    async def check_input(self, text: str) -> Verdict:
        await asyncio.sleep(self._hears_s)
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        await asyncio.sleep(self._says_s.pop(0) if len(self._says_s) > 1 else self._says_s[0])
        return Allow()


def call(guardrail: Slow, *sentences: str) -> tuple[Session, Loopback]:
    caller = Loopback([ASKS], hang_up_at=24)
    story = replace(agent(*sentences), guardrail=guardrail, fillers=())
    return run(hold(caller, story)), caller


def said(session: Session) -> list[str]:
    return [line.text for line in session.transcript if line.role is e.Role.AGENT]


@pytest.mark.parametrize("guardrail", [Slow(1000, 0), Slow(0, 1000)], ids=["input", "output"])
def test_a_guardrail_that_hangs_costs_two_seconds(guardrail: Slow) -> None:
    session, caller = call(guardrail, "Twenty.")
    assert said(session) == [APOLOGY]
    assert caller.first_sound[1] - ENDS < 2.5


def test_that_it_hung_is_on_record() -> None:
    _, caller = call(Slow(1000, 0), "Twenty.")
    faults = [item for _, item in caller.shown if isinstance(item, Faulted)]
    assert [fault.error for fault in faults] == ["the guardrail gave no verdict within 2 s"]


def test_slow_checks_together_have_three_seconds_until_something_is_said() -> None:
    session, caller = call(Slow(1.6, 1.6), "Twenty.")
    assert said(session) == [APOLOGY]
    assert caller.first_sound[1] - ENDS < 3.5


def test_a_guardrail_that_is_slow_is_waited_for() -> None:
    session, _ = call(Slow(0.9, 0.9), "Half of forty is twenty.", "Ask me for more of these if you like.")
    assert said(session) == ["Half of forty is twenty. Ask me for more of these if you like."]


def test_an_answer_whose_rest_nobody_judged_is_owned_up_to() -> None:
    session, _ = call(Slow(0, 0, 1000), "Half of forty is twenty.", "The rest is nobody's business but mine.")
    assert said(session) == [f"Half of forty is twenty. {TROUBLE}"]


def test_while_it_is_waited_for_the_caller_hears_a_filler() -> None:
    caller = Loopback([ASKS], hang_up_at=24)
    session = run(hold(caller, replace(agent("Twenty."), guardrail=Slow(1000, 0))))
    assert said(session) == [f"Let me think. Still thinking. {APOLOGY}"]
    assert caller.first_sound[1] - ENDS < 1.0
