"""What an agent turns down, and what it says instead."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from antiphon.agent.guardrail import Allow, Block, Gate, Verdict, chain
from antiphon.agent.topics import Topic, TopicGuardrail

ADVICE = Topic(
    "medical advice",
    "That's for the doctor. Shall I find you an appointment?",
    ("What should I take for my cough?",),
    ("I need an appointment for my cough.",),
    is_kept_from_replies=True,
)
POLITICS = Topic("politics", "I keep out of politics.", ("Who should I vote for?",))


async def by_words(text: str) -> Mapping[str, float]:
    """A likeness by single words."""
    return {"medical advice": 0.9 * ("tablets" in text), "politics": 0.8 * ("vote" in text)}


class Strict:
    """Blocks what has the word “bomb” in it."""

    async def check_input(self, text: str) -> Verdict:
        return Block(("violence",)) if "bomb" in text else Allow()

    check_output = check_input


GUARD = chain(Strict(), TopicGuardrail((ADVICE, POLITICS), by_words))


def test_a_topic_is_turned_down_in_its_own_words() -> None:
    verdict = asyncio.run(GUARD.check_input("Which tablets should I take?"))
    assert isinstance(verdict, Block)
    assert verdict.categories == ("off_topic", "medical advice")
    assert verdict.confidence == 0.9
    said = Gate(GUARD).refusal(verdict)
    assert said is not None
    assert said.text == "That's for the doctor. Shall I find you an appointment?"


def test_safety_comes_before_topics() -> None:
    verdict = asyncio.run(GUARD.check_input("vote for the bomb"))
    assert verdict.categories == ("violence",)


def test_the_rest_is_welcome() -> None:
    assert isinstance(asyncio.run(GUARD.check_input("Tuesday at nine, please.")), Allow)
    assert isinstance(asyncio.run(GUARD.check_input("42")), Allow)


def test_only_some_topics_are_kept_from_replies() -> None:
    assert isinstance(asyncio.run(GUARD.check_output("Take two tablets a day.")), Block)
    assert isinstance(asyncio.run(GUARD.check_output("Women got the vote in 1918.")), Allow)


def test_a_reply_on_a_topic_is_replaced_by_its_redirect() -> None:
    approved, _ = asyncio.run(Gate(GUARD).approve("Take two tablets a day."))
    assert approved is not None
    assert approved.text == ADVICE.redirect
    assert approved.is_rewritten


def test_topics_are_told_apart_by_name() -> None:
    with pytest.raises(ValueError, match="same name"):
        TopicGuardrail((POLITICS, POLITICS), by_words)
