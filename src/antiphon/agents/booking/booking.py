"""The booking agent: appointments by voice, worked out and never guessed, with no model at all.

It asks for a day and a time, takes both in any order and any words, offers what is near when something cannot be
had, reads back what it understood, and books when the caller says yes. What is booked is durable before it is
said to be.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.flow import Steps
from antiphon.agent.guardrail import Guardrail
from antiphon.agents.booking.desk import Desk
from antiphon.agents.booking.draft import Draft
from antiphon.agents.booking.opening import OpeningHours
from antiphon.agents.booking.steps import BOOKING
from antiphon.agents.booking.tools import NewId, tools_of
from antiphon.ports import Calendar

MEMORY = "booking"
Now = Callable[[Question], datetime]


def asked_at(question: Question) -> datetime:
    """When the question was asked, as the session says."""
    return question.asked_at or datetime.now(UTC)


def new_id() -> str:
    """An id that nobody guesses."""
    return secrets.token_hex(16)


async def booking_agent(
    calendar: Calendar,
    guardrail: Guardrail,
    opening: OpeningHours = OpeningHours(),  # noqa: B008 - it is frozen
    *,
    title: str = "Appointment",
    now: Now = asked_at,
    make_id: NewId = new_id,
) -> Agent:
    """The agent that books into `calendar`. `title` is what an appointment is called in people's calendars."""

    async def ground(question: Question) -> Grounding:
        draft = Draft.recalled(question.memory.get(MEMORY))
        turn = Desk(question, draft, opening, now(question).astimezone(opening.tz), make_id)
        answer = await turn.answer()
        return Grounding(
            answer.sentences,
            is_certain=True,
            is_whole=answer.is_whole,
            expect="date" if draft.asked in ("date", "time") else "",
            memory={MEMORY: draft.json()},
            escalate=answer.escalate,
        )

    return Agent(
        name="booking",
        title="Appointments",
        instructions="You book appointments. Say only what you are given; never name a day or an hour yourself.",
        specialists=(
            Specialist(
                "booking", "You book, move and cancel appointments.", ground, tools_of(calendar, title)
            ),
        ),
        guardrail=guardrail,
        greeting="Hello! I can book an appointment for you. Which day would you like?",
        fillers=(
            ("One moment.", "Let me look."),
            ("I'm looking at the calendar.", "Just a little longer."),
            ("Almost there.", "Thank you for waiting."),
        ),
        prompts=("Are you still there?", "I'm here whenever you want to go on."),
        unknown="I only know about appointments.",
        suggestions=(
            "Tuesday at half past nine",
            "Something next week, in the afternoon",
            "What is free tomorrow?",
            "Move my appointment to Thursday",
            "Cancel my appointment",
        ),
        steps=Steps(BOOKING, lambda memory: Draft.recalled(memory.get(MEMORY)).state),
    )
