"""Memory: what one answer leaves behind for the next, and waiting for something to be dictated.

`Grounding.memory` is kept once the caller's turn is over. It is written to the session's journal, so it is still
there after a lost connection, or a server that was killed. `expect="digits"` makes the ears wait longer in the
pauses between digits, and sends the caller's next line to the specialist who asked.
"""

import re

from antiphon.agent import Agent, Grounding, PlainGuardrail, Question, Specialist

PARCELS = {"4711": "out for delivery", "1234": "waiting at the post office"}
WHEN = {"4711": "It comes today before six.", "1234": "You can fetch it until Friday."}


async def answer(question: Question) -> Grounding:
    number = "".join(re.findall(r"\d", question.text))
    if number and number not in PARCELS:
        return Grounding(("I don't find that number. Could you read it out again?",), expect="digits")
    number = number or str(question.memory.get("parcel", ""))
    if not number:
        return Grounding(("What is the number of the parcel? It has four digits.",), expect="digits")
    said = WHEN[number] if "when" in question.text.lower() else f"Your parcel is {PARCELS[number]}."
    return Grounding((said,), is_certain=True, memory={"parcel": number})


agent = Agent(
    name="parcels",
    instructions="You tell callers where their parcels are.",
    specialists=(Specialist("tracking", "You know every parcel.", answer),),
    guardrail=PlainGuardrail(),
    greeting="Parcel service, hello.",
)
