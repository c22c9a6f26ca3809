"""Whom a server serves: the agents of the house, those that somebody wrote, and no others."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from antiphon.agent import Agent, Allow, Block, PlainGuardrail, Verdict
from antiphon.config import Settings
from antiphon.core.errors import SetupError
from antiphon.hosts.agent_files import load_agent
from antiphon.hosts.cast import HOUSE, chosen, guarded_too, is_written
from antiphon.hosts.opening import open_stage


def test_the_whole_house_is_served_when_nobody_is_named() -> None:
    assert chosen(()) == HOUSE
    assert chosen(["booking", "tutor", "booking"]) == ("booking", "tutor")
    assert chosen(["mine.py:agent"]) == ("mine.py:agent",)
    assert not any(is_written(name) for name in HOUSE)


def test_a_name_that_means_nothing_says_what_to_name() -> None:
    with pytest.raises(
        SetupError, match=r"no agent is called 'teacher'.*tutor, support, booking.*my_agent\.py"
    ):
        chosen(["teacher"])


def test_what_keeps_things_is_not_served_without_a_store(tmp_path: Path) -> None:
    async def story() -> None:
        settings = Settings(home=tmp_path, store="off")
        async with open_stage(settings, names=["booking"]):
            raise AssertionError("it was served")

    with pytest.raises(SetupError, match="booking keeps what it is told"):
        asyncio.run(story())


class NoCats:
    """The guardrail of a house that does not speak of cats."""

    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Block(("cats",), 0.9) if "cat" in text else Allow()


HELLO = Path(__file__).parents[2] / "examples" / "01_hello.py"


def test_the_guardrail_of_the_house_stands_before_that_of_an_agent() -> None:
    async def story() -> tuple[Agent, Verdict, Verdict]:
        async with load_agent(f"{HELLO}:agent") as agent:
            both = guarded_too(agent, NoCats()).guardrail
            return agent, await both.check_output("A cat."), await both.check_output("A dog.")

    agent, cat, dog = asyncio.run(story())
    assert isinstance(agent.guardrail, PlainGuardrail)
    assert isinstance(cat, Block) and isinstance(dog, Allow)
