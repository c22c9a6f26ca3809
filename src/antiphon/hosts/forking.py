"""Asking again: what another model would have said to the same lines, from a turn of a kept conversation on.

The conversation before the turn is the history; the caller's lines from there on are asked again, one after
the other, of the same agent with the other model, through the same guardrail. No sound is made: what was
recognized is taken as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from antiphon.agent.definition import Agent
from antiphon.agent.guardrail import Gate
from antiphon.agent.tools import Person, Tool
from antiphon.config import Settings
from antiphon.core import events as e
from antiphon.core.errors import CallerError
from antiphon.core.notes import Faulted, ModelUsed, Note, RouteDecided, ServiceUsed
from antiphon.core.terms import Role
from antiphon.core.transcript import Line
from antiphon.ports import LanguageModel
from antiphon.session.journal import Entry, Header
from antiphon.session.past import past
from antiphon.session.prices import cost
from antiphon.session.reply import Reply

ANSWER_WITHIN = 60.0
"Seconds for one answer."
MOST_TURNS = 50

HOSTED = ("openai", "anthropic")
"Vendors that a person may name over HTTP: what they name runs elsewhere, at an address of the operator's."
MAY_CHANGE = ("llm", "openai_model", "anthropic_model", "llm_base_url", "llm_gguf")
"Settings that can differ. Recognizers and voices cannot: no sound is kept."
NO_MODEL = "none"
"As a language model: the agent answers from what it knows."


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to a line, and who said it."""

    text: str
    specialist: str = ""
    confidence: float = 0.0
    is_cut: bool = False
    "The caller heard no more than this of it."


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the caller, answered twice."""

    turn: int
    text: str
    recorded: Answer
    forked: Answer
    error: str = ""
    "Why there is no other answer."

    @property
    def differs(self) -> bool:
        before, now = self.recorded, self.forked
        is_other = now.text != before.text if not before.is_cut else not now.text.startswith(before.text)
        return bool(self.error) or is_other or now.specialist != before.specialist


@dataclass(frozen=True, slots=True)
class Fork:
    """A conversation, told twice from a turn on."""

    session: str
    agent: str
    turn: int
    model: str
    asked: tuple[Asked, ...]
    usd: float | None = 0.0
    "What the other answers cost; None: a price is not known."

    @property
    def differences(self) -> int:
        return sum(asked.differs for asked in self.asked)


async def fork(
    header: Header,
    entries: Sequence[Entry],
    turn: int,
    agent: Agent,
    model: LanguageModel | None,
    most: int = MOST_TURNS,
) -> Fork:
    """The caller's lines from `turn` on, at most `most`, asked again. Raises CallerError when there are none.

    Nothing is changed by it: tools that write fail.
    """
    agent = harmless(agent)
    start = next((at for at, entry in enumerate(entries) if _belongs(entry, turn)), len(entries))
    before, rest = past(header, entries[:start]), entries[start:]
    lines = [entry.item for entry in rest if isinstance(entry.item, e.Remember)]
    questions = [line for line in lines if line.role is Role.USER][:most]
    if not questions:
        last = max((en.item.turn for en in entries if isinstance(en.item, e.Remember)), default=0)
        raise CallerError(
            f"the caller said nothing from turn {turn} on; the last turn is {last}",
            field="turn",
            code="no_turn",
        )
    history, memory = list(before.transcript), dict(before.memory)
    asked: list[Asked] = []
    used: list[ModelUsed | ServiceUsed] = []
    for question in questions:
        notes: list[e.ReplyEvent | Note] = []
        reply = Reply(
            question.turn,
            question.text,
            agent,
            Gate(agent.guardrail),
            model,
            notes.append,
            history=tuple(history),
            memory=dict(memory),
            whispers=tuple(before.whispers),
            session=header.session,
        )
        error = ""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await reply.run()
        except TimeoutError:
            error = f"no answer within {ANSWER_WITHIN:g} s"
        error = error or next((n.error for n in notes if isinstance(n, e.ReplyFailed | Faulted)), "")
        answer = _answer([n.sentence.text for n in notes if isinstance(n, e.SentenceReady)], notes)
        asked.append(Asked(question.turn, question.text, _recorded(question.turn, rest), answer, error))
        used += [note for note in notes if isinstance(note, ModelUsed | ServiceUsed)]
        memory |= reply.learnt
        history.append(Line(Role.USER, question.text, question.turn))
        if answer.text:
            history.append(Line(Role.AGENT, answer.text, question.turn, speaker=answer.specialist))
    name = model.name if model is not None else NO_MODEL
    return Fork(header.session, header.agent, turn, name, tuple(asked), cost(used))


def changed(settings: Settings, changes: Mapping[str, str], *, is_remote: bool = False) -> Settings:
    """The settings with these changes. Raises CallerError for one that cannot be made, or not over HTTP."""
    allowed = ("llm",) if is_remote else MAY_CHANGE
    for name, value in changes.items():
        if name not in allowed:
            hint = "; no sound is kept" if name in ("stt", "tts") else ""
            raise CallerError(
                f"{name[:40]!r} cannot differ in a fork{hint}; what can: {', '.join(allowed)}",
                field=name[:40],
            )
        vendors = [part.strip().partition("/")[0] for part in value.split(",")]
        if is_remote and value != NO_MODEL and not all(vendor in HOSTED for vendor in vendors):
            raise CallerError(f"name models of {' or '.join(HOSTED)}, or {NO_MODEL!r}", field="llm")
    try:
        return Settings.model_validate({**settings.model_dump(), **changes})
    except ValidationError as error:
        first = error.errors()[0]
        raise CallerError(f"{first['loc'][0]}: {first['msg'].lower()}", field=str(first["loc"][0])) from None


def _belongs(entry: Entry, turn: int) -> bool:
    return isinstance(entry.item, e.Remember) and entry.item.turn >= turn


def _answer(sentences: Sequence[str], notes: Sequence[object], *, is_cut: bool = False) -> Answer:
    route = next((note for note in reversed(notes) if isinstance(note, RouteDecided)), None)
    by = (route.specialist, round(route.confidence, 4)) if route is not None else ("", 0.0)
    return Answer(" ".join(sentences), *by, is_cut)


def _recorded(turn: int, entries: Sequence[Entry]) -> Answer:
    items = [entry.item for entry in entries if getattr(entry.item, "turn", None) == turn]
    said = [item for item in items if isinstance(item, e.Remember) and item.role is not Role.USER]
    return _answer([line.text for line in said], items, is_cut=any(line.is_cut for line in said))


def harmless(agent: Agent) -> Agent:
    """The agent with its hands tied: it may look things up, and change nothing."""

    async def refuse(caller: Person, arguments: Mapping[str, object]) -> object:
        raise CallerError("nothing can be changed while a conversation is only asked again")

    def tied(tools: Sequence[Tool]) -> tuple[Tool, ...]:
        return tuple(replace(tool, run=refuse, writes=False) if tool.writes else tool for tool in tools)

    specialists = tuple(replace(one, tools=tied(one.tools)) for one in agent.specialists)
    return replace(agent, tools=tied(agent.tools), specialists=specialists)
