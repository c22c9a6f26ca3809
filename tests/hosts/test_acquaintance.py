"""An agent greets whom it knows, keeps what it wants to know next time, and no fault of either costs a call."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from house import client, house, parrot

from antiphon.agent.definition import Agent, Ended
from antiphon.agent.guardrail import Block, Verdict
from antiphon.agent.tools import Person
from antiphon.core import events as e
from antiphon.core.speech import Approved
from antiphon.hosts import acquaintance
from antiphon.testing.clock import run
from antiphon.testing.loopback import Loopback, Saying
from session.scene import Allowing, agent, hold

pytestmark = pytest.mark.anyio
ANN = Person("ann", "school")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def greeting_of(made: Agent, caller: Person = ANN) -> Approved | None:
    return asyncio.run(acquaintance.greeting(made, caller))


async def greet(caller: Person) -> str:
    return f"Hello {caller.id}." if caller.id else ""


async def fail(caller: Person) -> str:
    raise RuntimeError("the store is on fire")


async def hang(caller: Person) -> str:
    await asyncio.sleep(3600)
    return "Too late."


async def threaten(caller: Person) -> str:
    return "Something forbidden."


def test_who_is_known_is_greeted_as_such() -> None:
    made = replace(agent("x"), greeting="Hello.", greet=greet)
    known = greeting_of(made)
    assert known is not None and known.text == "Hello ann."
    assert greeting_of(made, Person()) is None
    assert greeting_of(agent("x")) is None


def test_a_greeting_is_checked_like_an_answer() -> None:
    assert greeting_of(replace(agent("x"), greet=threaten)) is None


@pytest.mark.parametrize("greet", [fail, hang])
def test_a_greeting_that_fails_or_takes_long_costs_no_call(greet) -> None:  # type: ignore[no-untyped-def]
    made = replace(agent("x"), greet=greet)

    async def story() -> Approved | None:
        return await acquaintance.greeting(made, ANN)

    assert run(story()) is None


class Refusing(Allowing):
    async def check_output(self, text: str) -> Verdict:
        return Block(("violence",), 1.0)


def test_nothing_is_said_in_place_of_a_greeting_that_may_not_be() -> None:
    assert greeting_of(replace(agent("x"), greet=greet, guardrail=Refusing())) is None


def test_what_a_call_left_behind_is_kept_for_the_next() -> None:
    kept: list[Ended] = []

    async def remember(ended: Ended) -> None:
        kept.append(ended)

    async def story() -> None:
        session = await hold(
            Loopback([Saying(0.5, 1.0)], hang_up_at=8), replace(agent("Four."), remember=remember)
        )
        await acquaintance.remember(session, ANN)

    run(story())
    [ended] = kept
    assert (ended.session, ended.caller) == ("s", ANN)
    assert [line.text for line in ended.lines if line.role is e.Role.AGENT] == ["Four."]


@pytest.mark.parametrize("act", [fail, hang])
def test_a_call_that_cannot_be_remembered_is_over_all_the_same(act) -> None:  # type: ignore[no-untyped-def]
    async def remember(ended: Ended) -> None:
        await act(ended.caller)

    async def story() -> None:
        session = await hold(Loopback([], hang_up_at=2), replace(agent("x"), remember=remember))
        await acquaintance.remember(session, ANN)

    run(story())


async def test_a_caller_is_greeted_and_remembered_by_a_real_server(tmp_path: Path) -> None:
    kept: list[Ended] = []

    async def remember(ended: Ended) -> None:
        kept.append(ended)

    known = parrot(greeting="Hello.", greet=greet, remember=remember)
    async with house(tmp_path, known) as (url, _), client(url) as caller:
        await caller.hello(greet=True)
        assert (await caller.until("sentence"))["text"] == "Hello local."
        await caller.send(type="bye")
        async with asyncio.timeout(5):
            while not kept:
                await asyncio.sleep(0.01)
    assert kept[0].caller == Person("local", "local")
