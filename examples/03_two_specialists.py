"""Two specialists, and a router that chooses between them.

The router sees the whole conversation, and says how sure it is and why: that is shown to supervisors and written
into the journal. After two unsure answers in a row a person is asked for.
"""

from collections.abc import Sequence

from antiphon.agent import Agent, Grounding, Line, PlainGuardrail, Question, Route, Specialist

WORDS = {
    "kitchen": {"breakfast", "dinner", "eat", "menu", "table", "vegetarian", "food"},
    "rooms": {"room", "bed", "towels", "key", "checkout", "window", "night"},
}


class ByWords:
    """Whose words the caller uses answers; a line with neither's goes to whoever spoke last."""

    async def route(self, conversation: Sequence[Line], utterance: str) -> Route:
        said = {word.strip("?!.,").lower() for word in utterance.split()}
        name, shared = max(((n, said & words) for n, words in WORDS.items()), key=lambda found: len(found[1]))
        if shared:
            return Route(name, 0.9, f"says {', '.join(sorted(shared))}")
        last = next((line.speaker for line in reversed(conversation) if line.speaker), "rooms")
        return Route(last, 0.4, "goes on with what was talked about")


async def kitchen(question: Question) -> Grounding:
    if "breakfast" in question.text.lower():
        return Grounding(("Breakfast is from seven to ten, on the terrace.",), is_certain=True)
    if "vegetarian" in question.text.lower():
        return Grounding(("There are always two dishes without meat.",), is_certain=True)
    return Grounding()


async def rooms(question: Question) -> Grounding:
    if "checkout" in question.text.lower():
        return Grounding(("Please leave your room by eleven.",), is_certain=True)
    return Grounding()


agent = Agent(
    name="hotel",
    instructions="You are the reception of a small hotel.",
    specialists=(
        Specialist("kitchen", "You speak for the kitchen.", kitchen),
        Specialist("rooms", "You look after the rooms.", rooms),
    ),
    guardrail=PlainGuardrail(),
    router=ByWords(),
    greeting="Reception, how can I help?",
)
