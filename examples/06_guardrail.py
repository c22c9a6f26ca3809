"""A guardrail of your own: rules of a house, over what callers say and what the agent says.

Every sentence passes it before it is spoken. `chain` is as strict as the strictest; a guardrail that raises counts
as one that blocks.
"""

import re

from antiphon.agent import (
    Agent,
    Allow,
    Block,
    Grounding,
    PlainGuardrail,
    Question,
    Rewrite,
    Specialist,
    Verdict,
    chain,
)


class HouseRules:
    """No promises about money, and no swearing at the staff."""

    async def check_input(self, text: str) -> Verdict:
        return Block(("insult",), reason="swears at us") if "stupid robot" in text.lower() else Allow()

    async def check_output(self, text: str) -> Verdict:
        if re.search(r"\byou will get\b.*\bmoney\b", text, re.IGNORECASE):
            return Block(("promise",), reason="promises money")
        milder = re.sub(r"\bguaranteed\b", "expected", text)
        return Rewrite(milder, ("promise",)) if milder != text else Allow()


async def answer(question: Question) -> Grounding:
    if "when" in question.text.lower():
        return Grounding(("Repair is guaranteed by Friday.",))
    if "money" in question.text.lower():
        return Grounding(("I am sorry to hear that.", "You will get your money back."))
    return Grounding()


agent = Agent(
    name="workshop",
    instructions="You answer for a bicycle workshop.",
    specialists=(Specialist("desk", "You know the state of every repair.", answer),),
    guardrail=chain(PlainGuardrail(), HouseRules()),
    greeting="Bicycle workshop, hello.",
)
