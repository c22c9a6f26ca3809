"""Talking to an agent in a test: what it says to what is asked, in a real session with scripted hands."""

from __future__ import annotations

import asyncio

from antiphon.agent.definition import Agent
from antiphon.agent.tools import ANYBODY, Person
from antiphon.core import events as e
from antiphon.core.notes import Note
from antiphon.core.phases import Phase
from antiphon.ports import LanguageModel
from antiphon.session.session import Providers, Session
from antiphon.testing.loopback import Loopback
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer

PATIENCE_S = 60.0
"Longest wait for one answer."
SECONDS_PER_CHAR = 0.005
"How fast the agent speaks: nobody listens."


async def converse(
    agent: Agent, *questions: str, model: LanguageModel | None = None, caller: Person = ANYBODY
) -> list[str]:
    """What was heard of the agent's answer to each of `questions`, asked one after the other.

    In virtual time with `antiphon.testing.clock.run`, or in real time where tools use sockets, threads or
    processes. Raises TimeoutError when an answer does not come, and whatever ended the session.
    """
    line = Loopback(hang_up_at=float("inf"))
    voice = ScriptedSynthesizer(SECONDS_PER_CHAR)
    hands = Providers(ScriptedVad(), ScriptedRecognizer(), None, voice, model)
    session = Session("test", agent, hands, line, greets=False, caller=caller)
    answers: asyncio.Queue[None] = asyncio.Queue()
    is_answering = False

    def watch(now: float, item: e.Event | e.Command | Note) -> None:
        nonlocal is_answering
        if isinstance(item, e.Remember):
            is_answering = item.role is e.Role.USER or is_answering
        elif isinstance(item, e.ChangePhase) and item.phase is Phase.IDLE and is_answering:
            is_answering = False
            answers.put_nowait(None)

    session.watchers.append(watch)
    heard: list[str] = []
    running = asyncio.create_task(session.run(), name="conversation under test")
    try:
        for question in questions:
            before = len(session.transcript)
            line.say(e.Typed(question))
            answered = asyncio.ensure_future(answers.get())
            await asyncio.wait((answered, running), timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
            if not answered.done():
                answered.cancel()
                if running.done():
                    running.result()  # raises what ended it
                raise TimeoutError(f"no answer to {question!r} within {PATIENCE_S:g} s")
            lines = session.transcript.lines[before:]
            heard.append(" ".join(said.text for said in lines if said.role is e.Role.AGENT))
        line.say(e.HungUp("the test has ended"))
        await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return heard
