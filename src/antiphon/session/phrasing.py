"""The words of one answer: the grounding as it stands, or what a language model makes of it and of its tools."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from antiphon.agent.definition import Agent, Brief, Grounding, Question, Specialist
from antiphon.agent.tools import ToolResult
from antiphon.core.events import Role, TurnId
from antiphon.core.notes import ModelUsed, Note, NothingKnown, Stage, StageDone
from antiphon.core.sentences import Sentences
from antiphon.ports import PUBLIC, LanguageModel, Message, ToolCall, ToolSpec, Usage
from antiphon.session.toolbox import Toolbox
from antiphon.session.wordless import dictated, from_words, speakable

SPOKEN_STYLE = (
    "You are heard, not read: answer in one to three short spoken sentences, first the answer, then the "
    "reason. No lists, no markdown, no headings."
)
HISTORY_LINES = 12
"How much of the conversation a model sees. Spoken turns are short; older ones rarely matter."

LETTERS_PER_TOKEN = 4
"Of English, about; for replies that were cut short before their model told."

WHISPERS = 5
"How many of a supervisor's latest lines a model sees."

ROUNDS = 4
"How often a model may ask for tools before it must answer: each round is heard as a wait."

ANSWER_NOW = "(No more tools can be used for this answer. Answer now, with what is known.)"


@dataclass(slots=True)
class Phrasing:
    """The phrasing of one reply."""

    turn: TurnId
    agent: Agent
    specialist: Specialist
    model: LanguageModel | None
    emit: Callable[[Note], None]
    tools: Toolbox
    whispers: Sequence[str] = ()
    said: str = ""
    "What was said of this reply before the line broke."
    told: Sequence[str] = ()
    "What tools told earlier in the conversation, as a model may read it."
    brief: Brief = field(default_factory=Brief)
    "What the caller's program asks of the agent."
    has_failed: bool = field(default=False, init=False)
    "A tool of the latest round did."

    async def sentences(self, question: Question, grounding: Grounding) -> AsyncGenerator[str, None]:
        """The reply's sentences as they come, at least one."""
        model = self.model
        asked = await self._asked_first(question, grounding) if self.brief.must_use else []
        used, results = await self._used("", asked, ROUNDS) if asked else ([], [])
        may_state_facts = bool(grounding.sentences or grounding.passages or used) or (
            model and model.supplies_facts
        )
        if model is None or (grounding.is_certain and not used) or not (may_state_facts or self.tools.specs):
            line = dictated(self.brief.instructions) if model is None else ""
            known = (line,) if line else tuple(filter(None, map(speakable, results))) or grounding.sentences
            if not known:
                self.emit(NothingKnown(self.turn))
            for text in known or (self.agent.unknown,):
                # One sentence at a time: the first is heard while the next is still being checked.
                for sentence in _split(text):
                    yield sentence
            return
        messages = [*self._messages(question, grounding), *used]
        is_first = True
        for rounds_left in reversed(range(ROUNDS + 1)):
            sentences = Sentences(first_clause=is_first)
            calls: list[ToolCall] = []
            written = ""
            has_spoken = False
            async with aclosing(self._written(model, messages)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, ToolCall):
                        calls.append(piece)
                        continue
                    written += piece
                    # A model that only phrases is not listened to before a tool has told it anything.
                    for sentence in sentences.push(piece) if may_state_facts else ():
                        self.emit(StageDone(self.turn, Stage.MODEL))
                        has_spoken, is_first = True, False
                        yield sentence
            for sentence in sentences.flush():
                self.emit(StageDone(self.turn, Stage.MODEL))
                has_spoken, is_first = True, False
                yield sentence
            if not calls or not rounds_left:
                break
            messages += (await self._used(written, calls, rounds_left))[0]
            may_state_facts = True
        if not has_spoken and not self.said:
            self.emit(NothingKnown(self.turn))
            for sentence in _split(self.agent.apology if self.has_failed else self.agent.unknown):
                yield sentence

    # ---- tools -----------------------------------------------------------------------------------------
    async def _asked_first(self, question: Question, grounding: Grounding) -> list[ToolCall]:
        """The tools that are used before anything is said: the model's choice among them, or else the first."""
        specs = [spec for spec in self.tools.specs if spec.name in self.brief.must_use]
        calls: list[ToolCall] = []
        if self.model is not None and specs:
            names = " or ".join(spec.name for spec in specs)
            messages = self._messages(question, grounding)
            messages.append(
                Message("system", f"Before you answer, call {names}. Call it now, and write nothing.")
            )
            async with aclosing(self._written(self.model, messages, specs)) as pieces:
                calls = [piece async for piece in pieces if isinstance(piece, ToolCall)]
            known = {spec.name for spec in specs}
            calls = [call for call in calls if call.name in known]
        return calls or [from_words(spec, question.text) for spec in specs[:1]]

    async def _used(
        self, written: str, calls: Sequence[ToolCall], rounds_left: int
    ) -> tuple[list[Message], list[ToolResult]]:
        """The model's line with its calls, and the result of each. What it wrote wrongly is not shown to it again."""
        asked: list[tuple[ToolCall, str, Mapping[str, object]]] = []
        for number, call in enumerate(calls):
            error, arguments = _arguments(call)
            # Ids are unique within a conversation for the vendors that make them; not every server does.
            id = f"{call.id or 'call'}_{rounds_left}{number}"
            asked.append((ToolCall(id, call.name, call.arguments if not error else "{}"), error, arguments))
        found = await self.tools.use_all([(call.name, args) for call, error, args in asked if not error])
        results = iter(found)
        messages = [Message("assistant", written.strip(), tool_calls=tuple(call for call, _, _ in asked))]
        self.has_failed = False
        for call, error, _ in asked:
            result = None if error else next(results)
            problem = error if result is None else result.error
            self.has_failed |= bool(problem)
            text = f"Error: {problem}" if problem else _readable(result.value if result else None)
            messages.append(Message("tool", text, name=call.name, tool_call_id=call.id))
        if rounds_left == 1:
            last = messages.pop()
            messages.append(
                Message("tool", f"{last.content}\n{ANSWER_NOW}", last.name, tool_call_id=last.tool_call_id)
            )
        return messages, found

    # ---- the model --------------------------------------------------------------------------------------
    async def _written(
        self, model: LanguageModel, messages: Sequence[Message], specs: Sequence[ToolSpec] | None = None
    ) -> AsyncGenerator[str | ToolCall, None]:
        """What the model writes, piece by piece. What it used is told at the end, also when it is cut short."""
        used: list[Usage] = []
        letters, is_whole = 0, False
        try:
            offered = self.tools.specs if specs is None else specs
            async with aclosing(model.reply(messages, offered)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Usage):
                        used.append(piece)
                    else:
                        letters += len(piece if isinstance(piece, str) else piece.name + piece.arguments)
                        yield piece
            is_whole = True
        finally:
            self._bill(model, messages, used, letters, is_whole)

    def _bill(
        self,
        model: LanguageModel,
        messages: Sequence[Message],
        used: Sequence[Usage],
        letters: int,
        is_whole: bool,
    ) -> None:
        if not used and (is_whole or not letters):
            return  # it does not count, or may not have begun
        read, written = sum(u.tokens_in for u in used), sum(u.tokens_out for u in used)
        cached, stored = sum(u.tokens_cached for u in used), sum(u.tokens_stored for u in used)
        name = used[0].model if used else model.name.partition(",")[0]
        key = next((u.cache_key for u in used if u.cache_key), "")
        if any(u.is_from_cache for u in used):
            self.emit(ModelUsed(self.turn, name, 0, 0, cache_key=key, is_from_cache=True))
            return
        is_told = bool(read + cached + stored)
        if not is_told:
            read = sum(len(message.content) for message in messages) // LETTERS_PER_TOKEN
        written = written or letters // LETTERS_PER_TOKEN
        is_estimate = not (is_whole and is_told)
        self.emit(ModelUsed(self.turn, name, read, written, cached, stored, is_estimate, key))

    def _messages(self, question: Question, grounding: Grounding) -> list[Message]:
        known = [*grounding.sentences, *(f"{p.title}: {p.text}" for p in grounding.passages)]
        system = [self.agent.instructions, self.specialist.instructions, SPOKEN_STYLE]
        if self.brief.instructions:
            system.append("The program that connects the user asks of you:\n" + self.brief.instructions)
        if known:
            system.append("What is known, to be relied on:\n" + "\n".join(f"- {fact}" for fact in known))
        if self.told:
            told = "\n".join(f"- {line}" for line in self.told)
            system.append("What tools did and told earlier in this conversation, oldest first:\n" + told)
        if self.whispers:
            heard = "\n".join(f"- {text}" for text in self.whispers[-WHISPERS:])
            system.append(
                "A supervisor whispers to you, unheard by the user; mind it, do not quote it:\n" + heard
            )
        if self.said:
            system.append(f"The line broke while you answered. You had said: “{self.said}” Go on from there.")
        name = PUBLIC if self._is_for_all(question) else ""
        messages = [Message("system", "\n\n".join(part for part in system if part), name=name)]
        for line in question.history[-HISTORY_LINES:]:
            messages.append(Message("user" if line.role is Role.USER else "assistant", line.text))
        messages.append(Message("user", question.text))
        return messages

    def _is_for_all(self, question: Question) -> bool:
        """Nothing but the question and what is public goes into the answer, so that it may be given to others."""
        is_first = all(
            line.role is Role.AGENT and self.agent.greeting.startswith(line.text) for line in question.history
        )
        own = (
            question.memory,
            self.whispers,
            self.told,
            self.said,
            self.brief.instructions,
            self.tools.specs,
        )
        return self.specialist.is_public and is_first and not any(own)


def _split(text: str) -> Iterator[str]:
    whole = Sentences()
    yield from whole.push(text)
    yield from whole.flush()


def _arguments(call: ToolCall) -> tuple[str, Mapping[str, object]]:
    """What is wrong with the call's arguments, in a sentence that a model can mend them by; and the arguments."""
    try:
        found = json.loads(call.arguments or "{}")
    except ValueError as error:
        return f"the arguments of {call.name} are no JSON ({error}); write them again as one JSON object", {}
    if not isinstance(found, dict):
        return f"the arguments of {call.name} must be one JSON object", {}
    return "", found


def _readable(value: object) -> str:
    if value is None:
        return "Done."
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
