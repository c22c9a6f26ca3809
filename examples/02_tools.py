"""Tools: plain async functions that look something up, or do something.

A tool with `writes=True` is run only once the caller has surely finished speaking. Answers are begun on a guess,
while it is still open whether the caller goes on: so nothing is reserved twice, or by half a sentence.

A language model uses the tools by itself. Without one, `answer` uses them.
"""

from typing import Annotated

from antiphon.agent import Agent, Grounding, Person, PlainGuardrail, Question, Specialist, tool

COPIES = {"Dune": 2, "Emma": 0, "Persuasion": 1}


@tool
async def copies(title: Annotated[str, "as it is written on the book"]) -> int:
    """Tells how many copies of a book are on the shelf."""
    if title not in COPIES:
        raise LookupError(f"there is no book called {title}")
    return COPIES[title]


@tool(writes=True)
async def reserve(title: str, caller: Person) -> str:
    """Keeps a copy of a book for whoever calls."""
    if not COPIES.get(title):
        raise LookupError(f"there is no copy of {title} left")
    COPIES[title] -= 1
    return f"reserved until Friday for {caller.name or 'a caller'}"


async def answer(question: Question) -> Grounding:
    asked = question.text.lower()
    title = next((title for title in COPIES if title.lower() in asked), "")
    if not title:
        return Grounding(("Which book would you like? Tell me its title.",))
    if "reserve" in asked or "keep" in asked:
        result = await question.use("reserve", {"title": title})
        kept = f"I have kept {title} for you until Friday."
        return Grounding((kept if result.is_ok else f"{title} is out at the moment.",), is_certain=True)
    result = await question.use("copies", {"title": title})
    return Grounding((f"{title} is {'in' if result.value else 'out at the moment'}.",), is_certain=True)


agent = Agent(
    name="library",
    instructions="You are at the desk of a town library. Reserve books only when you are asked to.",
    specialists=(Specialist("desk", "You know what is on the shelves.", answer, tools=(copies, reserve)),),
    guardrail=PlainGuardrail(),
    greeting="Town library, good afternoon.",
)
