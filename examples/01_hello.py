"""The smallest agent: one specialist who knows one thing, with no model and no network.

./antiphon serve examples/01_hello.py:agent
"""

from antiphon.agent import Agent, Grounding, PlainGuardrail, Question, Specialist


async def answer(question: Question) -> Grounding:
    """What is known about the question. The sentences are spoken as they stand."""
    asked = question.text.lower()
    if "open" in asked or "close" in asked:
        return Grounding(("We are open from seven to six, and closed on Sundays.",), is_certain=True)
    if "bread" in asked:
        return Grounding(("Today we have rye, spelt and walnut bread.",), is_certain=True)
    return Grounding()  # Nothing is known: the agent says so.


agent = Agent(
    name="bakery",
    instructions="You answer the telephone of a small bakery. Be warm and brief.",
    specialists=(Specialist("counter", "You know the shop.", answer),),
    guardrail=PlainGuardrail(),
    greeting="Good morning, this is the bakery.",
    unknown="I'm afraid I can't tell you that. Ask me when we are open, or what bread we have.",
    suggestions=("When are you open?", "What bread do you have today?"),
)
