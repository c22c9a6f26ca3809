"""Every example is talked to, as its reader would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from antiphon.agent import Person
from antiphon.hosts.agent_files import load_agent
from antiphon.ports import LanguageModel, ToolCall
from antiphon.testing import clock
from antiphon.testing.conversing import converse
from antiphon.testing.models import Script, ScriptedModel

EXAMPLES = Path(__file__).parents[2] / "examples"
ADA = Person("7", name="Ada")

TALKS: dict[str, list[tuple[str, str]]] = {
    "01_hello": [
        ("When do you open?", "We are open from seven to six, and closed on Sundays."),
        ("What bread is there?", "Today we have rye, spelt and walnut bread."),
        ("Who are you?", "I'm afraid I can't tell you that. Ask me when we are open, or what bread we have."),
    ],
    "02_tools": [
        ("Do you have Persuasion?", "Persuasion is in."),
        ("Please keep Persuasion for me.", "I have kept Persuasion for you until Friday."),
        ("Do you have Persuasion?", "Persuasion is out at the moment."),
        ("Then reserve Emma.", "Emma is out at the moment."),
        ("Hello?", "Which book would you like? Tell me its title."),
    ],
    "03_two_specialists": [
        ("When is breakfast?", "Breakfast is from seven to ten, on the terrace."),
        ("Is there anything vegetarian?", "There are always two dishes without meat."),
        ("When is checkout?", "Please leave your room by eleven."),
        ("And tomorrow?", "I don't know that one."),
    ],
    "04_memory": [
        ("Where is my parcel?", "What is the number of the parcel? It has four digits."),
        ("9 9 9 9", "I don't find that number. Could you read it out again?"),
        ("4 7 1 1", "Your parcel is out for delivery."),
        ("When does it come?", "It comes today before six."),
    ],
    "05_mcp": [
        ("When is high tide in Leith?", "The tide is high at noon in Leith."),
        ("And in Rome?", "I know the tides of Hull and of Leith."),
    ],
    "06_guardrail": [
        ("When is my bicycle ready?", "Repair is expected by Friday."),
        ("You stupid robot!", "Let's keep it friendly. What would you like to do next?"),
        (
            "I want my money back.",
            "I am sorry to hear that. I'd rather not say that. Let's carry on with something else.",
        ),
    ],
}


async def talked(name: str, *questions: str, model: LanguageModel | None = None) -> list[str]:
    async with load_agent(f"{EXAMPLES / name}.py:agent") as agent:
        return await converse(agent, *questions, model=model, caller=ADA)


def lived(name: str) -> Callable[[Coroutine[object, object, list[str]]], list[str]]:
    """The time it is talked to in: real where another process answers."""
    return asyncio.run if name == "05_mcp" else clock.run


def test_every_example_is_talked_to() -> None:
    assert sorted(TALKS) == sorted(path.stem for path in EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("name", sorted(TALKS))
def test_an_example_answers(name: str) -> None:
    questions, answers = zip(*TALKS[name], strict=True)
    assert lived(name)(talked(name, *questions)) == list(answers)


def test_an_example_is_short() -> None:
    for path in EXAMPLES.glob("*.py"):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        assert 15 <= len(lines) <= 60, path.name


def test_a_model_uses_the_tools_of_an_example() -> None:
    reserve = ToolCall("c", "reserve", json.dumps({"title": "Dune"}))
    model = ScriptedModel([Script((reserve,)), "Dune is yours until Friday."])
    answers = clock.run(talked("02_tools", "Could you put the one about the desert aside?", model=model))
    assert answers == ["Dune is yours until Friday."]
    assert model.asked[1].messages[-1].content == "reserved until Friday for Ada"
