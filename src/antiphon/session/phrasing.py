"""The words of one answer: the grounding as it stands, or what a language model makes of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.core.events import Role, TurnId
from antiphon.core.notes import ModelUsed, Note, NothingKnown, Stage, StageDone
from antiphon.core.sentences import Sentences
from antiphon.ports import LanguageModel, Message, Usage

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


@dataclass(frozen=True, slots=True)
class Phrasing:
    """The phrasing of one reply."""

    turn: TurnId
    agent: Agent
    specialist: Specialist
    model: LanguageModel | None
    emit: Callable[[Note], None]
    whispers: Sequence[str] = ()
    said: str = ""
    "What was said of this reply before the line broke."

    async def sentences(self, question: Question, grounding: Grounding) -> AsyncGenerator[str, None]:
        """The reply's sentences as they come: a model's, or the grounding as it stands."""
        model = self.model
        is_grounded = bool(grounding.sentences or grounding.passages)
        if model is None or grounding.is_certain or not (is_grounded or model.supplies_facts):
            if not grounding.sentences:
                self.emit(NothingKnown(self.turn))
            for text in grounding.sentences or (self.agent.unknown,):
                # One sentence at a time: the first is heard while the next is still being checked.
                whole = Sentences()
                for sentence in (*whole.push(text), *whole.flush()):
                    yield sentence
            return
        sentences = Sentences(first_clause=True)
        async with aclosing(self._written(model, self._messages(question, grounding))) as pieces:
            async for piece in pieces:
                for sentence in sentences.push(piece):
                    self.emit(StageDone(self.turn, Stage.MODEL))
                    yield sentence
        for sentence in sentences.flush():
            yield sentence

    async def _written(self, model: LanguageModel, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """What the model writes, piece by piece. What it used is told at the end, also when it is cut short."""
        used: list[Usage] = []
        letters, is_whole = 0, False
        try:
            async with aclosing(model.reply(messages)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Usage):
                        used.append(piece)
                    elif isinstance(piece, str):
                        letters += len(piece)
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
        read = sum(u.tokens_in for u in used)
        cached, stored = sum(u.tokens_cached for u in used), sum(u.tokens_stored for u in used)
        if not read + cached + stored:
            read = sum(len(message.content) for message in messages) // LETTERS_PER_TOKEN
        written = sum(u.tokens_out for u in used) or letters // LETTERS_PER_TOKEN
        name = used[0].model if used else model.name.partition(",")[0]
        self.emit(ModelUsed(self.turn, name, read, written, cached, stored, is_estimate=not is_whole))

    def _messages(self, question: Question, grounding: Grounding) -> list[Message]:
        known = [*grounding.sentences, *(f"{p.title}: {p.text}" for p in grounding.passages)]
        system = [self.agent.instructions, self.specialist.instructions, SPOKEN_STYLE]
        if known:
            system.append("What is known, to be relied on:\n" + "\n".join(f"- {fact}" for fact in known))
        if self.whispers:
            heard = "\n".join(f"- {text}" for text in self.whispers[-WHISPERS:])
            system.append(
                "A supervisor whispers to you, unheard by the user; mind it, do not quote it:\n" + heard
            )
        if self.said:
            system.append(f"The line broke while you answered. You had said: “{self.said}” Go on from there.")
        messages = [Message("system", "\n\n".join(part for part in system if part))]
        for line in question.history[-HISTORY_LINES:]:
            messages.append(Message("user" if line.role is Role.USER else "assistant", line.text))
        messages.append(Message("user", question.text))
        return messages
