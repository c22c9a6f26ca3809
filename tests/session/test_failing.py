"""What the caller hears when a provider fails: a reason, never silence. In virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from scene import Allowing, Writer, agent, hold

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import SELF_HARM, Block, Gate, Verdict
from antiphon.agent.routing import Route
from antiphon.agent.tools import Person, Tool
from antiphon.core import events as e
from antiphon.core.errors import ProviderError
from antiphon.core.notes import PersonNeeded
from antiphon.core.speech import Approved, Speech
from antiphon.core.transcript import Line
from antiphon.session.phrases import Phrases
from antiphon.session.session import Providers, Session
from antiphon.testing.clock import run
from antiphon.testing.loopback import Loopback, Saying
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer

ASKS = Saying(0.5, 1.0)
TROUBLE = "I'm having trouble on my side. Please hold on, or ask for a person."
APOLOGY = "Sorry, ask me again."


def said(session: Session) -> list[str]:
    return [line.text for line in session.transcript if line.role is e.Role.AGENT]


class Failing(ScriptedSynthesizer):
    """Says only what is on its list; at anything else it raises, or hangs."""

    def __init__(self, *sayable: str, hangs: bool = False, raises: Exception | None = None) -> None:
        super().__init__()
        self._sayable, self._hangs, self._raises = sayable, hangs, raises

    async def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        if sentence.text not in self._sayable:
            await asyncio.sleep(1000 if self._hangs else 0)
            raise self._raises or ProviderError("down")
        async for piece in super().speak(sentence, voice):
            yield piece


async def call(
    caller: Loopback, story: Agent, voice: ScriptedSynthesizer, words: object = ("What is it?",)
) -> Session:
    """A call whose lines of its own were voiced at the start, by a voice that was well then."""
    phrases = Phrases()
    for line in (story.trouble, story.apology):
        await phrases.learn(ScriptedSynthesizer(), Gate.vouch(line))
    ears = ScriptedRecognizer(words, delay=0.05)  # type: ignore[arg-type]
    turns = ScriptedTurnDetector([0.98], delay=0.05)
    providers = Providers(ScriptedVad(), ears, turns, voice, phrases=phrases)
    session = Session("s", story, providers, caller, greets=False)
    await session.run()
    return session


@pytest.mark.parametrize(
    "voice",
    [Failing(), Failing(raises=KeyError("audio")), Failing(hangs=True)],
    ids=["fails", "odd", "hangs"],
)
def test_with_no_voice_at_all_the_caller_hears_an_honest_sentence(voice: Failing) -> None:
    caller = Loopback([ASKS], hang_up_at=16)
    session = run(call(caller, agent("Twenty.", "Half of forty."), voice))
    assert said(session) == [TROUBLE]
    assert caller.first_sound[1] - 1.5 < 6.0


def test_a_sentence_that_cannot_be_said_is_owned_up_to_once() -> None:
    caller = Loopback([ASKS], hang_up_at=20)
    session = run(call(caller, agent("One.", "Two.", "Three."), Failing("Two.")))
    assert said(session) == [f"Two. {TROUBLE}"]


def test_a_filler_without_a_voice_is_not_made_a_fuss_of() -> None:
    caller = Loopback([ASKS], hang_up_at=16)
    session = run(call(caller, agent("Twenty.", delay=0.9), Failing("Twenty.")))
    assert said(session) == ["Twenty."]


def test_an_answer_that_breaks_off_does_not_end_in_silence() -> None:
    caller = Loopback([ASKS], hang_up_at=16)
    session = run(hold(caller, agent(), model=Writer(["It is twenty. ", "And "], fails=True)))
    assert said(session) == [f"It is twenty. {TROUBLE}"]


@pytest.mark.parametrize("words", [[ProviderError("down")], ["�\x00"]], ids=["fails", "garbage"])
def test_a_caller_whom_nobody_made_out_is_asked_to_say_it_again(words: list[object]) -> None:
    caller = Loopback([ASKS, Saying(8.0, 1.0)], hang_up_at=14)
    session = run(call(caller, agent("Twenty."), ScriptedSynthesizer(), [*words, "What is it?"]))
    assert said(session) == [APOLOGY, "Twenty."]
    assert 1.0 < caller.first_sound[1] - 1.5 < 1.5, "not in the middle of what they say"


def test_a_cough_is_no_failure() -> None:
    caller = Loopback([ASKS], hang_up_at=10)
    session = run(call(caller, agent("Twenty."), ScriptedSynthesizer(), [""]))
    assert said(session) == []


def test_a_router_that_hangs_costs_ten_seconds_and_not_the_call() -> None:
    async def stuck(question: Question) -> Grounding:
        await asyncio.sleep(1000)
        return Grounding(("Never.",))

    story = replace(agent(), specialists=(Specialist("only", "", stuck),), fillers=())
    caller = Loopback([ASKS], hang_up_at=16)
    session = run(call(caller, story, ScriptedSynthesizer()))
    assert said(session) == [APOLOGY]
    assert 10.0 < caller.first_sound[1] - 1.5 < 10.5


def test_a_router_that_fails_keeps_nobody_from_calling_for_help() -> None:
    class Worried(Allowing):
        async def check_input(self, text: str) -> Verdict:
            return Block((SELF_HARM,), 0.9)

    class Broken:
        async def route(self, history: Sequence[Line], text: str) -> Route:
            raise ProviderError("no route")

    story = replace(agent("Never."), guardrail=Worried(), router=Broken())
    caller = Loopback([ASKS], hang_up_at=10)
    session = run(call(caller, story, ScriptedSynthesizer(), ["I want to hurt myself."]))
    assert [type(item) for _, item in caller.shown if isinstance(item, PersonNeeded)] == [PersonNeeded]
    assert APOLOGY not in said(session)
    assert len(said(session)) == 1


def test_a_tool_that_may_be_slow_is_waited_for() -> None:
    async def slow(person: Person, arguments: object) -> object:
        await asyncio.sleep(14)
        return "done"

    async def book(question: Question) -> Grounding:
        return Grounding((str((await question.use("book", {})).value),))

    tool = Tool("book", "Books.", slow, timeout_s=15)
    story = Agent("test", "", (Specialist("only", "", book, (tool,)),), Allowing(), apology=APOLOGY)
    session = run(call(Loopback([ASKS], hang_up_at=20), story, ScriptedSynthesizer()))
    assert said(session) == ["done"]


def test_who_never_stops_is_stopped() -> None:
    endless = agent(*(f"Line {n} of an answer that has no end." for n in range(400)))
    caller = Loopback([ASKS, Saying(30.0, 1.0)], hang_up_at=36)
    session = run(call(caller, endless, ScriptedSynthesizer(), ["What is it?", "Stop, please."]))
    sentences = [x for _, x in caller.shown if isinstance(x, e.SentenceReady) and x.turn == 1]
    assert 8000 < sum(len(x.sentence.text) for x in sentences) < 8100
    assert session.transcript
