"""A persona in virtual time: its script lived through in a real session with scripted hands, in a second.

What it makes of turns is the session's own; what is said is understood as it is written, and a letter takes as long
as any other. So it shows what the judging does, not how well words are made out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from antiphon.agent.definition import Agent
from antiphon.bench.personas import Step
from antiphon.bench.timeline import Act, Heard, Said, Span, Timeline
from antiphon.core import events as e
from antiphon.session.session import Providers, Session
from antiphon.testing.loopback import Loopback, Saying
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer

LETTER_S = 0.06
"Seconds that a letter takes to say."
NOISE_S = 0.3
LOOK_S = 0.02
ANSWER_WITHIN_S = 60.0
SETTLED_S = 1.0
"Seconds of silence after which an answer is over."


@dataclass(slots=True)
class _Rehearsal:
    line: Loopback
    sayings: list[Saying]
    words: list[str]
    did: list[Said] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)

    async def listen(self) -> None:
        """What the caller's player plays becomes stretches of voice."""
        played: dict[int, int] = {}
        while True:
            await asyncio.sleep(LOOK_S)
            for turn, samples in self.line.played.items():
                if samples > played.get(turn, 0):
                    self.heard.append(Heard(self.line.now - LOOK_S - self.line.ack, self.line.now, turn))
                played[turn] = samples

    async def perform(self, step: Step) -> None:
        before, _, after = step.text.partition("|")
        pieces = [before, after] if step.pause_s else [before + after]
        start = at = self.line.now + 0.4
        pauses: list[Span] = []
        self.words.append(step.text.replace("|", " "))
        for number, piece in enumerate(pieces):
            if number:
                pauses.append(Span(at, at + step.pause_s))
                at += step.pause_s
            self.sayings.append(Saying(at, len(piece) * LETTER_S))
            at += len(piece) * LETTER_S
        self.did.append(Said(Act.TURN, start, at, tuple(pauses), step.text))
        for over in step.over:
            began = await self._answered(at)
            await asyncio.sleep(max(0.0, began + over.after_s - self.line.now))
            lasts = NOISE_S if over.noise else max(NOISE_S, len(over.text) * LETTER_S)
            self.words.append("" if over.noise else over.text)
            self.sayings.append(Saying(self.line.now, lasts))
            self.did.append(Said(over.act, self.line.now, self.line.now + lasts, (), over.text))
            at = self.line.now + lasts if over.act is Act.TURN else at
        await self._answered(at)
        while self.line.now - max([at, *(one.end for one in self.heard[-1:])]) < SETTLED_S:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)

    async def _answered(self, since: float) -> float:
        """When the first voice after `since` was heard. Raises TimeoutError."""
        async with asyncio.timeout(ANSWER_WITHIN_S):
            while not any(one.start >= since for one in self.heard):  # noqa: ASYNC110 - the player tells nobody
                await asyncio.sleep(LOOK_S)
        return next(one.start for one in self.heard if one.start >= since)


async def rehearse(agent: Agent, steps: Sequence[Step], letter_s: float = LETTER_S) -> Timeline:
    """The steps as they went, in the time of the running loop: see `antiphon.testing.clock.run`.

    `letter_s`: seconds that a letter takes the agent. Raises TimeoutError when an answer does not come.
    """
    sayings: list[Saying] = []
    words: list[str] = []
    line = Loopback(sayings, hang_up_at=float("inf"))
    hands = Providers(
        ScriptedVad(), ScriptedRecognizer(words), ScriptedTurnDetector(), ScriptedSynthesizer(letter_s), None
    )
    session = Session("rehearsal", agent, hands, line, greets=False)
    rehearsal = _Rehearsal(line, sayings, words)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(session.run(), name="rehearsal: session")
        listening = tasks.create_task(rehearsal.listen(), name="rehearsal: ear")
        await asyncio.sleep(LOOK_S)
        for step in steps:
            await rehearsal.perform(step)
        line.say(e.HungUp("the script ended"))
        listening.cancel()
    return Timeline(tuple(rehearsal.did), tuple(rehearsal.heard))
