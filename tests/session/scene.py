"""A session with scripted hands, lived through in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Block, Verdict
from antiphon.core.errors import ProviderError
from antiphon.core.turns import TurnPolicy
from antiphon.ports import LanguageModel, Message, ToolCall, ToolSpec, Usage
from antiphon.session.ears import EarsPolicy
from antiphon.session.journal import Header, Journal
from antiphon.session.session import Providers, Session
from antiphon.testing.loopback import Loopback
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer


class Allowing:
    """Allows everything but text with the word "forbidden"; falls over at the word "crash"."""

    async def check_input(self, text: str) -> Verdict:
        return Block(("violence",), 0.9) if "forbidden" in text else Allow()

    async def check_output(self, text: str) -> Verdict:
        if "crash" in text:
            raise RuntimeError("the classifier is broken")
        return Block(("violence",), 0.9) if "forbidden" in text else Allow()


class Writer:
    """A language model that writes its script, or fails."""

    name = "scripted/writer"
    supplies_facts = True

    def __init__(self, pieces: Sequence[str] = (), delay: float = 0.05, fails: bool = False) -> None:
        self.pieces, self.delay, self.fails = pieces, delay, fails
        self.asked: list[Sequence[Message]] = []

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        self.asked.append(messages)
        await asyncio.sleep(self.delay)
        for piece in self.pieces:
            yield piece
            await asyncio.sleep(self.delay)
        if self.fails:
            raise ProviderError("the model is down")


def agent(*sentences: str, grounding: Grounding | None = None, delay: float = 0.0) -> Agent:
    async def ground(question: Question) -> Grounding:
        await asyncio.sleep(delay)
        return grounding or Grounding(sentences)

    return Agent(
        name="test",
        instructions="Be brief.",
        specialists=(Specialist("only", "", ground),),
        guardrail=Allowing(),
        fillers=(("Let me think.", "One moment."), ("Still thinking.",)),
        apology="Sorry, ask me again.",
    )


async def hold(
    caller: Loopback,
    agent: Agent,
    words: Sequence[str] = ("What is it?",),
    scores: Sequence[float] = (0.98,),
    model: LanguageModel | None = None,
    voice: ScriptedSynthesizer | None = None,
    policy: TurnPolicy | None = None,
    journal: type[Journal] | None = None,
    path: object = None,
) -> Session:
    """The session after its caller has hung up."""
    providers = Providers(
        ScriptedVad(),
        ScriptedRecognizer(words, delay=0.05),
        ScriptedTurnDetector(scores, delay=0.05),
        voice or ScriptedSynthesizer(),
        model,
    )

    def make(header: Header) -> Journal:
        return Journal(header, path)  # type: ignore[arg-type]

    session = Session(
        "s", agent, providers, caller, policy=policy, ears_policy=EarsPolicy(), greets=False, journal=make
    )
    await session.run()
    return session
