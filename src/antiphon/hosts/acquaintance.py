"""What an agent and its caller know of each other across calls: the first words, and what is kept at the end."""

from __future__ import annotations

import asyncio

import structlog

from antiphon.agent.definition import Agent, Ended
from antiphon.agent.guardrail import Gate
from antiphon.agent.tools import Person
from antiphon.core.speech import Approved
from antiphon.session.session import Session

log = structlog.get_logger(__name__)

GREET_WITHIN = 0.8
"Seconds for a greeting of one's own. Whoever calls waits for the first word of it, so the usual one serves then."
REMEMBER_WITHIN = 5.0
"Seconds to keep what should be known next time."


async def greeting(agent: Agent, caller: Person) -> Approved | None:
    """What to greet this caller with, approved by the gate; None: as the agent greets everybody.

    Never raises but when cancelled: a call begins also where nobody can tell who calls.
    """
    if agent.greet is None:
        return None
    try:
        async with asyncio.timeout(GREET_WITHIN):
            text = await agent.greet(caller)
            if not text:
                return None
            approved, _ = await Gate(agent.guardrail, is_silent=True).approve(text)
    except Exception as error:  # noqa: BLE001 - whatever it was, the call begins
        log.warning("no greeting for this caller", agent=agent.name, error=f"{type(error).__name__}: {error}")
        return None
    return approved


async def remember(session: Session, caller: Person) -> None:
    """The agent has kept what it wants to know next time. Never raises but when cancelled."""
    if session.agent.remember is None:
        return
    ended = Ended(session.id, caller, tuple(session.transcript), dict(session.past.memory))
    try:
        async with asyncio.timeout(REMEMBER_WITHIN):
            await session.agent.remember(ended)
    except Exception as error:  # noqa: BLE001 - the conversation is over and its record is kept
        told = f"{type(error).__name__}: {error}"
        log.warning("nothing is remembered of a call", session=session.id, error=told)
