"""The knowledge specialist: answers from the articles, and says from which; what none supports it does not answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from antiphon.agent.definition import Grounding, Question
from antiphon.agent.retrieval import Note, Passage
from antiphon.agents.support import plans
from antiphon.agents.support.spoken import first_lower
from antiphon.agents.support.talk import keeping, noted
from antiphon.agents.tutor.router import dependence
from antiphon.core.events import Role
from antiphon.ports import Knowledge
from antiphon.providers.local_retrieval import read_notes
from antiphon.providers.vectors import BulkEncoder, Progress, VectorCache

FOLDER = Path(__file__).parent / "knowledge"
TENANT = "larkboard"
"Whose articles these are: the product's, the same for all its customers."
SPEAK = 0.6
"Score from which the best article answers the question. Tuned on half of the trials of `antiphon bench retrieval`."
SURE = 0.75
"Likewise for what does not sound like a question about the product at all."
GROUND = 0.45
"Score from which a language model, when there is one, may judge whether an article helps."

UNKNOWN = "None of our articles answers that. Shall I open a ticket, or get a person?"
OUTSIDE = "That is outside what I know. I can help with Larkboard: plans, invoices, people, and problems."

_BEFORE = re.compile(
    r"^(?:(?:okay|ok|well|so|and|but|then|also|hi|hello|hey|right|yes|yeah|no|sorry|excuse me|please|thanks|thank you|"
    r"um+|uh+|all right|alright|i (?:just )?(?:have a question|wanted to ask)|(?:can|could) you (?:please )?tell me|"
    r"do you know|i(?:'d| would) like to know|i(?:'m| am) wondering|tell me)\b[\s,.!?;:-]*)+",
    re.I,
)

# Asked of anybody's plan; and asked of one's own, which only the account can tell.
_GENERAL = re.compile(
    r"(?:how (?:do|can|could|does|would|to|long|fast|often|much (?:is|does|are))|(?:can|could|may|should) (?:i|we|you)|"
    r"do (?:you|i need|we need)|does|is (?:there|it)|are there|what (?:if|happens|plans|do you|does|is (?:in|the difference))|"
    r"which (?:plans?|one) (?:has|have|includes?|do you|is)|what's (?:in|the difference)|where|explain|compare)\b",
    re.I,
)
_MINE = re.compile(
    r"\bmy (?:last|latest|next|current|invoices?|bills?|plan|trial|account|ticket)\b(?!.*\bdownload)|\bam i\b|\bare we\b|"
    r"\b(?:for|of) us\b|\b(?:change|switch|upgrade|downgrade|move|put|open|create|cancel) (?:me|us|my|our|a ticket)\b",
    re.I,
)


class Articles:
    """Our articles in a store of knowledge. Made by `open`; may be shared by all sessions."""

    def __init__(self, encoder: BulkEncoder, knowledge: Knowledge, notes: Sequence[Note]) -> None:
        self.notes = tuple(notes)
        self._encoder = encoder
        self._knowledge = knowledge
        self._collection = collection(encoder)

    @classmethod
    async def open(
        cls,
        encoder: BulkEncoder,
        cache: VectorCache,
        knowledge: Knowledge,
        folder: Path = FOLDER,
        progress: Progress | None = None,
    ) -> Articles:
        """The store has the articles of `folder` and no others: what changed was put, what is gone was deleted.

        Raises SetupError, StoreUnavailable.
        """
        notes = await asyncio.to_thread(read_articles, folder)
        here = cls(encoder, knowledge, notes)
        there = {note.id: note for note in await knowledge.list(TENANT, here._collection)}
        rows = await cache.encode_all(encoder, [way for note in notes for way in _ways(note)], progress)
        changed, vectors, at = [], [], 0
        for note in notes:
            ways = rows[at : at + len(_ways(note))].tolist()
            at += len(ways)
            if there.pop(note.id, None) != note:
                changed.append(note)
                vectors.append(ways)
        if changed:
            await knowledge.put(TENANT, here._collection, changed, vectors)
        if there:
            await knowledge.delete(TENANT, here._collection, [*there])
        return here

    async def search(self, text: str, limit: int = 3) -> list[Passage]:
        """The articles nearest to a question, the best first."""
        asked = bare(text)
        if not any(map(str.isalnum, asked)):
            return []
        [vector] = await self._encoder.encode([asked])
        return await self._knowledge.search(TENANT, self._collection, asked, vector, limit)

    async def is_asked(self, text: str) -> bool:
        """It is a question in general, which an article answers, though it speaks of plans or invoices."""
        if _MINE.search(text) or not _GENERAL.match(bare(text)):
            return False
        found = await self.search(text, 1)
        return bool(found) and found[0].score >= SPEAK

    async def answer(self, question: Question) -> Grounding:
        """What the best article says, and which it is; or that none does."""
        passages = await self.search(question.text)
        if (not passages or passages[0].score < SPEAK) and (led := _led_up_to(question)):
            again = await self.search(led)
            passages = max(passages, again, key=lambda found: found[0].score if found else 0.0)
        return self._told(question, passages, SPEAK)

    async def anything(self, question: Question) -> Grounding:
        """Likewise for what sounds like nothing of ours: only an article that surely answers is told."""
        passages = await self.search(question.text)
        if passages and passages[0].score >= SURE:
            return self._told(question, passages, SURE)
        return Grounding((OUTSIDE,), is_certain=True)

    def _told(self, question: Question, passages: Sequence[Passage], speak: float) -> Grounding:
        if passages and passages[0].score >= speak:
            best = passages[0]
            talked_of = [plan.key for plan in plans.named(f"{question.text} {best.title} {best.text}")]
            told = Grounding((cited(best),), tuple(passages), is_certain=True, is_whole=best.score >= SURE)
            told = keeping(told, about="article", pending={})
            if talked_of:
                told = keeping(told, plans=talked_of)
            return noted(question, told, topic=best.title)
        near = tuple(passage for passage in passages if passage.score >= GROUND)
        asked = " ".join(question.text.split()).rstrip(" .!?")
        # Certain that nothing is known: no model may guess. One that sees near articles may judge them.
        refusal = Grounding(passages=near, is_certain=not near, expect="answer")
        waits = {"do": "offer", "subject": asked, "said": [UNKNOWN], "thinking": f"your question “{asked}”"}
        return keeping(refusal, about="article", pending=waits)


def cited(passage: Passage) -> str:
    """What the article says, told as its words."""
    return f"As our article on {passage.title} says, {first_lower(passage.text)}"


def bare(text: str) -> str:
    """The question without what people say before one; all of it when nothing else is left."""
    return _BEFORE.sub("", text.strip()) or text


def collection(encoder: BulkEncoder) -> str:
    """Vectors of different encoders are not to be compared, so each has a collection of its own."""
    return f"support/{encoder.name}"


def read_articles(folder: Path = FOLDER) -> list[Note]:
    """All articles of the folder's files. Raises SetupError naming a bad line."""
    found = [note for path in sorted(folder.glob("*.jsonl")) for note in read_notes(path)]
    return [replace(note, source=note.source or "Larkboard help") for note in found]


def _ways(note: Note) -> list[str]:
    """The texts by whose meaning the article is found."""
    return [f"{note.title}. {note.text}", *note.questions]


def _led_up_to(question: Question) -> str:
    """A follow-up together with the question it follows; empty when it stands by itself."""
    if dependence(question.text).pull < 0.6:
        return ""
    before = next((line.text for line in reversed(question.history) if line.role is Role.USER), "")
    return f"{before} {question.text}" if before else ""
