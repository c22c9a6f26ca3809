"""Answers that are the same for everybody. In virtual time."""

from __future__ import annotations

import asyncio

import pytest

from antiphon.ports import PUBLIC, Message, Usage
from antiphon.providers.resilience import CacheHealth, CommonAnswers
from antiphon.testing.clock import run
from antiphon.testing.models import ScriptedModel


async def said(model: CommonAnswers, messages: list[Message]) -> str:
    return "".join([str(piece) async for piece in model.reply(messages)])


GREETED = [
    Message("system", "Be brief.", name=PUBLIC),
    Message("assistant", "Good day."),
    Message("user", "What is the capital of France?"),
]


def test_common_answers_are_given_again_and_say_so() -> None:
    async def story() -> tuple[list[str], int, list[Usage], CacheHealth]:
        model = ScriptedModel(["Paris."], name="one/model")
        common = CommonAnswers(model, keep_s=3600)
        heard: list[str] = []
        told: list[Usage] = []
        for pause in (0.0, 0.0, 4000.0):
            await asyncio.sleep(pause)
            pieces = [piece async for piece in common.reply(GREETED)]
            heard.append("".join(piece for piece in pieces if isinstance(piece, str)))
            told += [piece for piece in pieces if isinstance(piece, Usage)]
        health = common.health(0.0)[-1]
        assert isinstance(health, CacheHealth)
        return heard, len(model.asked), told, health

    heard, asked, told, health = run(story())
    assert heard == ["Paris."] * 3
    assert asked == 2
    assert [one.is_from_cache for one in told] == [False, True, False]
    assert {one.model for one in told} == {"one/model"}
    assert len({one.cache_key for one in told}) == 1 and len(told[0].cache_key) == 64
    assert (health.hits, health.misses, health.refused, health.entries) == (1, 2, 0, 1)


@pytest.mark.parametrize(
    "asked",
    [
        [Message("system", "Be brief."), Message("user", "Hello?")],
        [Message("system", "", name=PUBLIC), Message("user", "I am sam@example.com, who are you?")],
        [Message("system", "Known: call 0171 5550 123.", name=PUBLIC), Message("user", "Hello?")],
        [Message("system", "", name=PUBLIC), Message("user", "I am Sam."), Message("user", "Hello?")],
        [Message("system", "", name=PUBLIC), Message("assistant", "Hi.")],
        [Message("system", "", name=PUBLIC)],
        [Message("system", "", name=PUBLIC), Message("user", "x"), Message("tool", "{}")],
    ],
)
def test_what_may_belong_to_one_caller_is_asked_anew(asked: list[Message]) -> None:
    async def story() -> int:
        model = ScriptedModel(["Yes."])
        common = CommonAnswers(model, keep_s=3600)
        for _ in range(2):
            await said(common, asked)
        return len(model.asked)

    assert run(story()) == 2


def test_an_answer_with_personal_details_is_not_kept() -> None:
    async def story() -> int:
        model = ScriptedModel(["Write to sam@example.com."])
        common = CommonAnswers(model, keep_s=3600)
        for _ in range(2):
            await said(common, [Message("system", "", name=PUBLIC), Message("user", "Whom do I ask?")])
        return len(model.asked)

    assert run(story()) == 2
