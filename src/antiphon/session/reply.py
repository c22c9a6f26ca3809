"""One reply: guard the question, choose who answers, find what is true, phrase it, guard every sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime

from antiphon.agent.definition import Agent, Brief, Question
from antiphon.agent.guardrail import Block, Gate, Rewrite, Verdict, wants_person
from antiphon.agent.routing import Route
from antiphon.agent.tools import ANYBODY, Person
from antiphon.core.errors import ProviderError, first_cause
from antiphon.core.events import (
    AnswerExpected,
    QuestionUnderstood,
    ReplyEnded,
    ReplyEvent,
    ReplyFailed,
    SentenceReady,
    TurnId,
)
from antiphon.core.notes import (
    CutShort,
    Faulted,
    Learnt,
    Note,
    PersonNeeded,
    RouteDecided,
    Stage,
    StageDone,
    TextJudged,
)
from antiphon.core.transcript import Line
from antiphon.ports import LanguageModel
from antiphon.session.bills import billed
from antiphon.session.checking import Checking
from antiphon.session.phrasing import LETTERS_PER_TOKEN, Phrasing
from antiphon.session.toolbox import Toolbox

AWAITED_BY = "antiphon.awaited_by"
"In a session's memory: the specialist who asked for something to be dictated, and so gets the next line."

TOLD = "antiphon.told"
"In a session's memory: what tools did and told, the latest last. No transcript has it: nobody heard it."
LINES_TOLD = 6

Emit = Callable[[ReplyEvent | Note], None]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A reply that a lost connection cut off: `said` was heard, `rest` was ready to be said."""

    said: str
    rest: tuple[str, ...]
    is_whole: bool
    "After the rest there is nothing more to say."
    has_called: bool = False
    "It has called for a person already."

    def has(self, sentence: str) -> bool:
        """The sentence was said, or is among the rest."""
        return sentence in " ".join([self.said, *self.rest])


class _Full(Exception):
    """No more may be said."""


@dataclass(slots=True)
class Reply:
    """The making of one reply, started perhaps before the user's turn is over."""

    turn: TurnId
    text: str
    agent: Agent
    gate: Gate
    model: LanguageModel | None
    emit: Emit
    history: Sequence[Line] = ()
    memory: Mapping[str, object] = field(default_factory=dict)
    learnt: Mapping[str, object] = field(default_factory=dict)
    "What the answer leaves behind for later questions."
    whispers: Sequence[str] = ()
    "What supervisors told the agent, oldest first."
    unfinished: Unfinished | None = None
    "What was said of this reply before."
    route: Route | None = None
    caller: Person = ANYBODY
    earlier: Reply | None = None
    "The reply before, and the task that makes it: it may be given up, and a tool still write for it."
    earlier_task: asyncio.Task[None] | None = None
    models: Mapping[str, LanguageModel] = field(default_factory=dict)
    "For specialists of these names, in place of `model`."
    session: str = ""
    "The id of the conversation."
    brief: Brief = field(default_factory=Brief)
    _letters: int = 0
    "Said so far."
    _is_full: bool = False
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    "To be set when the user's turn is certain to be over: only then may anything be changed."
    checking: Checking = field(default_factory=Checking)

    def __post_init__(self) -> None:
        if self.earlier is not None:
            self.earlier.earlier = None  # two are enough: what came before is in `memory`

    async def run(self) -> None:
        """The reply has been made, or has failed; either way the conversation knows. Safe to cancel."""
        try:
            self.gate.begin_reply()
            await self._let_finish()
            with billed(lambda: self.turn, self.emit):
                await self._make()
            self.emit(ReplyEnded(self.turn))
        except _Full:
            self.emit(CutShort(self.turn))
            self.emit(ReplyEnded(self.turn))
        except Exception as group:  # noqa: BLE001
            # The session's edge: neither a provider nor a fault in an agent's own code ends the call.
            error = first_cause(group)
            told = f"{type(error).__name__}: {error}"
            if not isinstance(error, ProviderError):
                self.emit(Faulted("reply", told))
            self.emit(ReplyFailed(self.turn, told))

    async def _let_finish(self) -> None:
        """Nothing is written any more for the reply before, and what was is known."""
        if self.earlier_task is not None and not self.earlier_task.done():
            await asyncio.wait([self.earlier_task])
        if self.earlier is not None and self.earlier.confirmed.is_set():
            self.memory = {**self.memory, **self.earlier.learnt}
        self.earlier_task = None

    async def _make(self) -> None:
        if self.unfinished is not None:
            for text in self.unfinished.rest:
                await self._say(text)
            if self.unfinished.is_whole:
                return
        async with asyncio.TaskGroup() as both:
            judged = both.create_task(self._judge_question(), name="reply: input guardrail")
            routed = both.create_task(self._chosen(), name="reply: routing")
        verdict, chosen = judged.result(), routed.result()
        self.emit(StageDone(self.turn, Stage.ROUTING))
        if isinstance(verdict, Block):
            self._refuse(verdict)
            return
        if isinstance(chosen, Exception):
            raise chosen
        self.route = chosen
        text = verdict.text if isinstance(verdict, Rewrite) else self.text
        self.emit(RouteDecided(self.turn, self.route.specialist, self.route.confidence, self.route.reason))
        specialist = self.agent.specialist(self.route.specialist)
        caller = replace(self.caller, session=self.session)
        tools = Toolbox(
            (*self.brief.tools, *self.agent.tools, *specialist.tools),
            caller,
            self.turn,
            self.confirmed.wait,
            self.emit,
            self._note_told,
        )
        asked_at = datetime.now().astimezone()
        question = Question(
            text, self.history, self.route, self.memory, caller, asked_at, tools.use, self.session
        )
        grounding = await specialist.ground(question)
        self._learn({**grounding.memory, AWAITED_BY: specialist.name if grounding.expect else ""})
        if tools.is_cut:
            raise asyncio.CancelledError  # the caller went on; only what was done is still worth knowing
        self.emit(StageDone(self.turn, Stage.RETRIEVAL))
        if grounding.is_whole:
            self.emit(QuestionUnderstood(self.turn))
        if grounding.escalate:
            self._call_person(grounding.escalate)
        said = "" if (before := self.unfinished) is None else " ".join([before.said, *before.rest])
        phrasing = Phrasing(
            self.turn,
            self.agent,
            specialist,
            self.models.get(specialist.name, self.model),
            self.emit,
            tools,
            self.whispers,
            said,
            _lines(self.memory.get(TOLD)),
            self.brief,
        )
        async with aclosing(phrasing.sentences(question, grounding)) as sentences:
            async for sentence in sentences:
                if self.unfinished is None or not self.unfinished.has(sentence):
                    await self._say(sentence)
        if grounding.expect:
            self.emit(AnswerExpected(self.turn, grounding.expect))

    def _note_told(self, line: str) -> None:
        earlier = _lines({**self.memory, **self.learnt}.get(TOLD))
        self._learn({TOLD: [*earlier, line][-LINES_TOLD:]})

    def _learn(self, more: Mapping[str, object]) -> None:
        self.learnt = {**self.learnt, **more}
        if plain := _plain(self.learnt):
            self.emit(Learnt(self.turn, plain))

    async def _judge_question(self) -> Verdict:
        try:
            verdict = await self.checking.wait_for(self.agent.guardrail.check_input(self.text))
        except ProviderError as error:
            self.emit(Faulted("input guardrail", str(error)))
            raise
        self._report("input", self.text, verdict)
        return verdict

    async def _chosen(self) -> Route | Exception:
        """Who answers, or why nobody was chosen: that must not hide that a person is needed."""
        try:
            return await self._choose()
        except Exception as error:  # noqa: BLE001 - raised again once the question is known to be harmless
            return error

    async def _choose(self) -> Route:
        if awaited_by := self.memory.get(AWAITED_BY):
            return Route(str(awaited_by), 1.0, "it asked for this")
        if self.agent.router is None:
            return Route(self.agent.specialists[0].name, 1.0, "the only one")
        return await self.agent.router.route(self.history, self.text)

    def _refuse(self, verdict: Block) -> None:
        if wants_person(verdict):
            self._call_person(", ".join(verdict.categories))
        if (line := self.gate.refusal(verdict)) is not None:
            self.emit(SentenceReady(self.turn, line))

    def _call_person(self, reason: str) -> None:
        if self.unfinished is None or not self.unfinished.has_called:
            self.emit(PersonNeeded(self.turn, reason))

    async def _say(self, sentence: str) -> None:
        """Raises ProviderError when the guardrail takes too long: an answer that lacks a sentence is owned up to."""
        if (most := self.brief.most_tokens) is not None:
            sentence = self._as_far_as(sentence, most * LETTERS_PER_TOKEN)
        await self._say_whole(sentence)
        if self._is_full:
            raise _Full

    def _as_far_as(self, sentence: str, letters: int) -> str:
        """The words of the sentence that fit, at least one of the whole reply: a turn is never silent."""
        room = letters - self._letters
        self._is_full = len(sentence) > room
        if not self._is_full:
            self._letters += len(sentence) + 1
            return sentence
        fit, _, _ = sentence[: max(room, 0) + 1].rpartition(" ")
        return fit or ("" if self._letters else sentence.split()[0])

    async def _say_whole(self, sentence: str) -> None:
        if not sentence.strip():
            return
        approved, verdict = await self.checking.wait_for(self.gate.approve(sentence))
        self._report("output", sentence, verdict)
        self.emit(StageDone(self.turn, Stage.GUARDRAIL))
        if approved is not None:
            self.checking.allow()
            self.emit(SentenceReady(self.turn, approved))

    def _report(self, side: str, text: str, verdict: Verdict) -> None:
        action = type(verdict).__name__.lower()
        self.emit(TextJudged(self.turn, side, action, text, verdict.categories, verdict.confidence))


def left_behind(reply: Reply | None) -> dict[str, object]:
    """What it and the one before leave for later questions, as far as their turns are confirmed."""
    left: dict[str, object] = {}
    for one in (reply.earlier, reply) if reply is not None else ():
        if one is not None and one.confirmed.is_set():
            left.update(one.learnt)
    return left


def _lines(told: object) -> list[str]:
    return [str(line) for line in told] if isinstance(told, list | tuple) else []


def _plain(memory: Mapping[str, object]) -> dict[str, object]:
    """What of it can be written into a journal."""
    return {key: value for key, value in memory.items() if _is_plain(value)}


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, str | int | float | bool)
