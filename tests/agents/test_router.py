"""The tutor's router: what was asked, in the light of who spoke last."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from antiphon.agents.tutor.router import LABELS, TutorRouter, blend, dependence, examples, subject_of
from antiphon.core.events import Role
from antiphon.core.transcript import Line
from antiphon.providers.heads import accuracy
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.vectors import VectorCache


def said(*turns: tuple[str, str, str]) -> list[Line]:
    """A conversation: (the user's words, the specialist, the answer) for each turn."""
    lines = []
    for number, (asked, speaker, answer) in enumerate(turns, 1):
        lines.append(Line(Role.USER, asked, number))
        lines.append(Line(Role.AGENT, answer, number, speaker=speaker))
    return lines


SUM = ("What is twenty percent of eighty?", "math", "Twenty percent of eighty is sixteen.")
WAR = ("Why did the First World War start?", "history", "It began after the Archduke was shot in 1914.")
IMAGE = ("What is a metaphor?", "english", "A metaphor says that one thing is another.")
HAMLET = ("Who wrote Hamlet?", "english", "Hamlet was written by William Shakespeare.")
HASTINGS = ("Who won at Hastings?", "history", "William of Normandy won.")
EQUATION = ("Solve two x plus five equals eleven.", "math", "x equals three.")
THANKS = ("Thank you.", "smalltalk", "You're welcome!")
TEACHER = ("Can I talk to a teacher?", "person", "I'll ask one to join.")
RAIN = ("Will it rain tomorrow?", "other", "I can't tell, I only know maths, history and English.")

STORIES = [
    # A follow-up stays.
    ([SUM], "and half of that?", "math"),
    ([SUM], "why?", "math"),
    ([SUM], "what about thirty?", "math"),
    ([SUM], "And thirty percent?", "math"),
    ([SUM], "can you explain that again", "math"),
    ([SUM], "I don't get it", "math"),
    ([SUM], "are you sure?", "math"),
    ([SUM], "how did you get that", "math"),
    ([SUM], "sixteen", "math"),
    ([EQUATION], "and if it was minus five?", "math"),
    ([EQUATION], "show me the steps please", "math"),
    ([EQUATION], "what's the first step", "math"),
    ([WAR], "when was that", "history"),
    ([WAR], "why did they do that?", "history"),
    ([WAR], "who shot him", "history"),
    ([WAR], "tell me more", "history"),
    ([WAR], "and then?", "history"),
    ([WAR], "what happened next", "history"),
    ([WAR], "how many?", "history"),
    ([HASTINGS], "what about his brother", "history"),
    ([HASTINGS], "and how did the other one die?", "history"),
    ([HAMLET], "when was that", "english"),
    ([HAMLET], "what else did he write", "english"),
    ([HAMLET], "and what is it about?", "english"),
    ([IMAGE], "can you give me an example", "english"),
    ([IMAGE], "give me another one", "english"),
    ([IMAGE], "is that the same as a simile", "english"),
    ([IMAGE], "say that more slowly", "english"),
    # The subject outlives a thank-you, a teacher and a stray question.
    ([SUM, THANKS], "and of sixty?", "math"),
    ([WAR, THANKS], "why was that", "history"),
    ([IMAGE, TEACHER], "okay, one more example", "english"),
    ([WAR, RAIN], "so when did it end", "history"),
    # The latest subject counts.
    ([SUM, WAR], "and why?", "history"),
    ([WAR, SUM], "what about forty?", "math"),
    # A new question goes where it belongs.
    ([SUM], "who was Julius Caesar", "history"),
    ([SUM], "and what about the French Revolution?", "history"),
    ([SUM], "what is an adjective", "english"),
    ([SUM], "okay, and when do I use a semicolon", "english"),
    ([WAR], "what is seven times eight", "math"),
    ([WAR], "how do I find the area of a circle", "math"),
    ([WAR], "now help me with fractions", "math"),
    ([WAR], "what does irony mean", "english"),
    ([IMAGE], "when was the Battle of Hastings", "history"),
    ([IMAGE], "what's the square root of eighty one", "math"),
    ([HAMLET], "who was Queen Victoria", "history"),
    # Small talk, a person and what the tutor does not teach.
    ([SUM], "thank you very much", "smalltalk"),
    ([WAR], "hello, how are you", "smalltalk"),
    ([SUM], "can I talk to a real teacher", "person"),
    ([WAR], "I want to speak to a human", "person"),
    ([WAR], "turn on the lights please", "other"),
    ([IMAGE], "order me a pizza", "other"),
    # With nothing before it, an utterance stands for itself.
    ([], "when did the Roman Empire fall", "history"),
    ([], "what is half of ninety", "math"),
    ([], "hello", "smalltalk"),
    ([THANKS], "what is a noun", "english"),
]


@pytest.fixture(scope="module")
def minilm() -> Iterator[MiniLM]:
    encoder = MiniLM()
    yield encoder
    asyncio.run(encoder.close())


@pytest.fixture(scope="module")
def router(minilm: MiniLM, tmp_path_factory: pytest.TempPathFactory) -> TutorRouter:
    cache = VectorCache(tmp_path_factory.mktemp("cache"))
    return asyncio.run(TutorRouter.learn(minilm, cache))


@pytest.mark.models
@pytest.mark.parametrize(("turns", "utterance", "specialist"), STORIES)
def test_the_right_specialist_answers(
    router: TutorRouter, turns: list[tuple[str, str, str]], utterance: str, specialist: str
) -> None:
    route = asyncio.run(router.route(said(*turns), utterance))
    assert route.specialist == specialist, route
    assert 0.0 < route.confidence <= 1.0
    assert route.reason


@pytest.mark.models
def test_the_lessons_teach_each_other(minilm: MiniLM, tmp_path: Path) -> None:
    lessons = examples()
    assert {label for _, label in lessons} == set(LABELS)
    rows = asyncio.run(VectorCache(tmp_path).encode_all(minilm, [text for text, _ in lessons]))
    assert accuracy(rows, [label for _, label in lessons]) > 0.85


@pytest.mark.models
def test_a_follow_up_is_explained(router: TutorRouter) -> None:
    route = asyncio.run(router.route(said(HAMLET), "when was that"))
    assert "that" in route.reason
    assert "english" in route.reason


@pytest.mark.models
def test_no_words_stay_where_they_are(router: TutorRouter) -> None:
    assert asyncio.run(router.route(said(SUM), "…")).specialist == "math"
    assert asyncio.run(router.route([], "?")).specialist == "smalltalk"


def test_the_subject_is_that_of_the_latest_specialist_who_has_one() -> None:
    assert subject_of(said(SUM, WAR, THANKS)) == "history"
    assert subject_of(said(THANKS)) == ""
    assert subject_of([]) == ""
    assert subject_of(said(SUM, *[THANKS] * 8)) == "", "that was long ago"


def test_a_supervisor_s_line_is_no_subject() -> None:
    assert subject_of([*said(SUM), Line(Role.SUPERVISOR, "I'm here now.", speaker="history")]) == "math"


ALONE = {"math": 0.1, "history": 0.7, "english": 0.1, "smalltalk": 0.05, "person": 0.02, "other": 0.03}


def test_bare_pointing_outweighs_what_the_words_sound_like() -> None:
    assert blend(ALONE, "math", dependence("when was that")).specialist == "math"


def test_words_of_their_own_outweigh_the_conversation() -> None:
    sure = {**dict.fromkeys(LABELS, 0.01), "history": 0.95}
    route = blend(sure, "math", dependence("and what about the French Revolution"))
    assert route.specialist == "history"
    assert route.reason == "turns from math to history"


def test_without_a_subject_the_words_decide() -> None:
    assert blend(ALONE, "", dependence("when was that")).specialist == "history"


def test_confidence_is_low_when_subject_and_words_disagree() -> None:
    torn = blend(ALONE, "math", dependence("what about the walls"))
    agreed = blend(ALONE, "history", dependence("what about the walls"))
    assert agreed.confidence > torn.confidence
