"""The guardrail that ships with the house lets the booking agent and its callers speak."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from antiphon.agent.guardrail import Allow, Gate
from antiphon.agents.booking.booking import booking_agent
from antiphon.agents.booking.desk import AWAY, OFFER, STILL, UNSURE
from antiphon.agents.booking.steps import BOOKING
from antiphon.bench.trials.appointment_scripts import SCRIPTS
from antiphon.bench.trials.appointments import hold
from antiphon.core.sentences import Sentences
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.local_moderation import LocalGuardrail
from antiphon.providers.vectors import VectorCache
from antiphon.testing.calendar import MemoryCalendar


@pytest.mark.models
def test_nothing_that_is_said_at_the_desk_is_held_back(tmp_path: Path) -> None:
    heard: set[str] = set()
    answers = {AWAY, OFFER, STILL, UNSURE, *(prompt for step in BOOKING.steps for prompt in step.prompts)}
    for script in SCRIPTS:
        for pairs in hold(script).answers.values():
            heard |= {line for line, _ in pairs}
            answers |= {answer for _, answer in pairs}

    async def story() -> list[str]:
        encoder = MiniLM()
        guardrail = LocalGuardrail(encoder, VectorCache(tmp_path))
        agent = await booking_agent(MemoryCalendar(), guardrail)
        said = sorted(
            {*answers, agent.greeting, *agent.prompts, *(f for level in agent.fillers for f in level)}
        )
        blocked = [line for line in heard if not isinstance(await guardrail.check_input(line), Allow)]
        for answer in said:
            gate = Gate(guardrail)
            gate.begin_reply()
            whole = Sentences()
            for sentence in (*whole.push(answer), *whole.flush()):
                if not isinstance((await gate.approve(sentence))[1], Allow):
                    blocked.append(sentence)
        await encoder.close()
        return blocked

    assert asyncio.run(story()) == []
