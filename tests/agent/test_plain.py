"""The guardrail that needs no model."""

from __future__ import annotations

import asyncio

import pytest

from antiphon.agent import Allow, Block, PlainGuardrail, Rewrite, Verdict
from antiphon.agent.guardrail import PII, SELF_HARM, wants_person

GUARDRAIL = PlainGuardrail({"hate": ("bad word", "worse"), "empty": (" ",)})


def said(text: str) -> Verdict:
    return asyncio.run(GUARDRAIL.check_output(text))


def heard(text: str) -> Verdict:
    return asyncio.run(GUARDRAIL.check_input(text))


@pytest.mark.parametrize("text", ["A bad word.", "a Bad\n WORD", "worse!"])
def test_listed_phrases_are_blocked_on_both_sides(text: str) -> None:
    for verdict in (said(text), heard(text)):
        assert isinstance(verdict, Block)
        assert verdict.categories == ("hate",)


@pytest.mark.parametrize("text", ["A bad wording.", "worsen", "nothing of the kind", "", "good, bad, word"])
def test_other_words_pass(text: str) -> None:
    assert said(text) == heard(text) == Allow()


def test_private_details_are_not_read_out() -> None:
    verdict = said("Call Ada on +44 7700 900 123.")
    assert isinstance(verdict, Rewrite)
    assert verdict.text == "Call Ada on [a phone number]."
    assert heard("I am on +44 7700 900 123.") == Allow((PII,))
    open_hearted = PlainGuardrail(leaves_out_details=False)
    assert asyncio.run(open_hearted.check_output("Call +44 7700 900 123.")) == Allow()


@pytest.mark.parametrize("text", ["I want to die", "I could kill myself", "thinking of ending my life"])
def test_a_caller_in_danger_is_never_overheard(text: str) -> None:
    verdict = heard(text)
    assert isinstance(verdict, Block)
    assert verdict.categories == (SELF_HARM,)
    assert wants_person(verdict)
