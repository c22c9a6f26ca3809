"""A specialist may have a language model of its own."""

from __future__ import annotations

import asyncio

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Gate, Verdict
from antiphon.core.events import ReplyEvent, SentenceReady
from antiphon.core.notes import Note
from antiphon.session.reply import Reply
from antiphon.testing.models import ScriptedModel


class Allowing:
    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Allow()


async def knows_nothing(question: Question) -> Grounding:
    return Grounding()


def test_a_specialist_is_answered_for_by_its_own_model() -> None:
    async def asked(name: str) -> str:
        said: list[ReplyEvent | Note] = []
        agent = Agent("test", "Be brief.", (Specialist(name, "", knows_nothing),), Allowing())
        common, own = ScriptedModel(["The common one."]), ScriptedModel(["Its own."])
        reply = Reply(
            1, "What is it?", agent, Gate(agent.guardrail), common, said.append, models={"history": own}
        )
        await reply.run()
        return " ".join(event.sentence.text for event in said if isinstance(event, SentenceReady))

    assert asyncio.run(asked("history")) == "Its own."
    assert asyncio.run(asked("math")) == "The common one."
