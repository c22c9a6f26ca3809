"""An agent for tests with real workers: whatever it is asked, it recites, and no word of it comes twice."""

from __future__ import annotations

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Verdict

VERSE = (
    "Seven small boats left the quiet harbour early on Monday.",
    "Only grey gulls knew where they had gone, and told nobody.",
    "Later some fishermen found one anchor under green water near our island.",
)


class Allowing:
    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Allow()


async def recite(question: Question) -> Grounding:
    return Grounding(VERSE, is_certain=True)


agent = Agent("reciter", "", (Specialist("only", "", recite),), Allowing(), greeting="Good day.")
