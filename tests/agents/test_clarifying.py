"""When the tutor cannot tell what is meant it asks once, and uses the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from antiphon.agent.definition import Agent, Ground, Grounding, Question
from antiphon.agent.routing import Route
from antiphon.agents.tutor.clarifying import (
    CLARIFY,
    WHICH,
    ask_back,
    asked_about,
    clarified,
    clarifying,
    homonym,
    named,
    offered,
)
from antiphon.agents.tutor.router import ASK_BELOW, asking, examples
from antiphon.bench.trials.routing import talks
from antiphon.core.events import Role
from antiphon.core.transcript import Line

ASKED = [
    Line(Role.USER, "What is a period?", 1),
    Line(Role.AGENT, "Is that about the history of it, or the words?", 1, speaker=CLARIFY),
]


def shares(**given: float) -> dict[str, float]:
    rest = dict.fromkeys(("math", "history", "english", "smalltalk", "person", "other", "unclear"), 0.01)
    return rest | given


def answered(subject: str, ground: Ground, question: Question) -> Grounding:
    async def answer() -> Grounding:
        return await clarified(subject, ground)(question)

    return asyncio.run(answer())


@pytest.mark.parametrize("between", [("english", "history"), ("math", "history"), ("math", "english")])
def test_the_question_names_both_in_the_order_in_which_they_can_be_picked(between: Sequence[str]) -> None:
    asked = clarifying(between)
    assert asked != WHICH
    assert named("the first one", between) == offered(between)[0]
    assert named("I mean the second", between) == offered(between)[1]


def test_three_are_named_when_it_could_be_any() -> None:
    assert clarifying(("math", "history", "english")) == WHICH
    assert named("the third", ("math", "history", "english")) == "english"
    assert named("maths, please", ("math", "history", "english")) == "math"


def test_who_turns_all_of_it_down_names_nothing() -> None:
    assert named("neither of them", ("history", "english")) == ""
    assert named("not history", ("history", "english")) == ""


def test_words_of_two_lessons_are_known_as_such() -> None:
    assert homonym("What is a period?") == ("history", "english")
    assert homonym("who was Richard the Third") == ("history", "english")
    assert homonym("What is a noun?") == ()
    assert homonym("What is the period of the French Revolution?") == (), "it says itself which"


def test_what_was_asked_about_is_the_caller_s_line_before() -> None:
    assert asked_about(ASKED) == "What is a period?"
    assert asked_about([*ASKED, Line(Role.USER, "the words", 2)]) == "", "that has been answered"
    assert asked_about([*ASKED, Line(Role.SUPERVISOR, "I'm listening.", 1)]) == "What is a period?"
    assert asked_about([]) == ""


def test_two_that_are_as_likely_are_asked_about() -> None:
    route = asking(shares(history=0.42, english=0.4))
    assert route is not None
    assert route.specialist == CLARIFY
    assert set(route.between) == {"history", "english"}
    assert route.confidence < ASK_BELOW, "so that it counts as a guess, and two in a row call a person"


def test_a_likely_one_is_not_asked_about() -> None:
    assert asking(shares(history=0.6, english=0.3)) is None
    assert asking(shares(smalltalk=0.4, other=0.4)) is None, "nobody could answer that"


def test_asking_back_is_one_spoken_question() -> None:
    route = Route(CLARIFY, 0.4, "either", between=("history", "english"))
    grounding = asyncio.run(ask_back(Question("What is a period?", route=route)))
    assert grounding.sentences == ("Is that about the history of it, or the words?",)
    assert grounding.is_certain


def test_the_specialist_answers_what_was_asked_before() -> None:
    seen: list[str] = []

    async def ground(question: Question) -> Grounding:
        seen.append(question.text)
        return Grounding(("A period is a full stop.",))

    route = Route("english", 0.95, "the caller says so", about="What is a period?")
    found = answered("english", ground, Question("the words", ASKED, route))
    assert seen == ["What is a period?"]
    assert found.sentences == ("A period is a full stop.",)


def test_a_subject_alone_is_met_with_a_question() -> None:
    async def ground(question: Question) -> Grounding:
        return Grounding()

    route = Route("history", 0.95, "the caller says so", about="I'm stuck on my homework.")
    found = answered("history", ground, Question("it's history", ASKED, route))
    assert found.sentences == ("All right, history. What exactly would you like to know?",)


def test_no_line_of_the_routing_set_teaches_the_router() -> None:
    def plain(text: str) -> str:
        return "".join(c for c in text.lower() if c.isalnum() or c == " ").strip()

    taught = {plain(text) for text, _ in examples()}
    asked = {plain(said) for talk in talks() for said, _ in talk.lines if len(said.split()) > 1}
    assert not taught & asked


def test_the_routing_set_is_as_large_as_it_should_be() -> None:
    found = talks()
    assert sum(talk.kind == "single" for talk in found) >= 63
    assert sum(talk.kind == "turns" for talk in found) >= 25
    assert sum(talk.lines[0][1] == CLARIFY for talk in found) >= 10
    assert all(2 <= len(talk.lines) <= 5 for talk in found if talk.kind == "turns")


async def hold(agent: Agent, *lines: str) -> list[tuple[Route, str]]:
    """What each line led to: the route and the answer, the latter part of the conversation from then on."""
    history: list[Line] = []
    found = []
    memory: dict[str, object] = {}
    assert agent.router is not None
    for turn, said in enumerate(lines, 1):
        route = await agent.router.route(tuple(history), said)
        grounding = await agent.specialist(route.specialist).ground(
            Question(said, tuple(history), route, memory)
        )
        memory |= grounding.memory
        answer = " ".join(grounding.sentences) or agent.unknown
        history += [Line(Role.USER, said, turn), Line(Role.AGENT, answer, turn, speaker=route.specialist)]
        found.append((route, answer))
    return found


@pytest.mark.models
def test_an_unclear_question_is_asked_back_about_and_then_answered(agent: Agent) -> None:
    (asked, question), (settled, answer) = asyncio.run(hold(agent, "What is a period?", "the punctuation"))
    assert asked.specialist == CLARIFY
    assert question == "Is that about the history of it, or the words?"
    assert settled.specialist == "english"
    assert "full stop" in answer


@pytest.mark.models
def test_it_never_asks_back_twice_in_a_row(agent: Agent) -> None:
    first, second = asyncio.run(hold(agent, "I'm stuck on my homework.", "I'm stuck on my homework."))
    assert first[0].specialist == CLARIFY
    assert second[0].specialist != CLARIFY


@pytest.mark.models
def test_a_new_question_need_not_be_an_answer(agent: Agent) -> None:
    _, second = asyncio.run(hold(agent, "What is a period?", "never mind, what is seven times eight"))
    assert second[0].specialist == "math"
    assert "56" in second[1] or "fifty" in second[1]


@pytest.mark.models
def test_in_a_lesson_the_word_is_that_of_the_lesson(agent: Agent) -> None:
    _, second = asyncio.run(hold(agent, "What is a comma?", "What is a period?"))
    assert second[0].specialist == "english"
