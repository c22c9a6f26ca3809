"""The knowledge specialist: answers from the articles, and says from which; what none supports it does not answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path

from antiphon.agent.definition import Grounding, Question
from antiphon.agent.knowledge_base import OWN
from antiphon.agent.retrieval import Note, Passage, terms
from antiphon.agent.speakable import speakable
from antiphon.agents.support import answers, plans
from antiphon.agents.support.spoken import first_lower
from antiphon.agents.support.talk import keeping, noted, strings
from antiphon.agents.tutor.router import dependence
from antiphon.core.errors import CallerError
from antiphon.core.events import Role
from antiphon.core.sentences import Sentences
from antiphon.ports import Knowledge
from antiphon.providers.local_retrieval import read_notes
from antiphon.providers.vectors import BulkEncoder, Progress, VectorCache

FOLDER = Path(__file__).parent / "knowledge"
SOURCE = "Larkboard help"
TENANT = "larkboard"
"Whose articles these are: the product's, the same for all its customers."
SPEAK = 0.56
"Score from which the best article answers. Tuned, as the next ones, on half of the trials of `bench retrieval`."
SURE = 0.75
"Score from which it answers also what sounds like something else."
STRANGE = 0.62
"Likewise for what does not sound like a question about the product at all."
MAYBE = 0.42
"Score from which the caller is asked whether this article is meant. Below, nothing of ours supports an answer."
BESIDE = 0.1
"How much less a second article may score to be asked about as well."

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
    r"(?:how (?:do|can|could|does|would|to|long|fast|often|much (?:is|does|are))|"
    r"(?:can|could|may|should) (?:i|we|you)|do (?:you|(?:i|we) (?:need|get|have to))|does|is (?:there|it)|are there|"
    r"what (?:if|happens|plans|do you|does|is (?:in|the difference)|(?:would|do|will) (?:i|we) get)|"
    r"which (?:plans?|one) (?:has|have|includes?|do you|is)|what's (?:in|the difference)|"
    r"when (?:can|do|does|are|is) (?:i|we|you|your)|where|explain|compare)\b",
    re.I,
)
_MINE = re.compile(
    r"\bmy (?:last|latest|next|current|invoices?|bills?|plan|trial|account|ticket)\b(?!.*\bdownload)|"
    r"\bam i\b|\bare we\b|"
    r"\b(?:for|of) us\b|\b(?:change|switch|upgrade|downgrade|move|put|open|create|cancel) (?:me|us|my|our|a ticket)\b",
    re.I,
)


_NAME = re.compile(r"\blarkboard\b", re.I)


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
        """The store has the articles of `folder`, and those that people added, and no others.

        What changed was put, what is gone was deleted.

        Raises SetupError, StoreUnavailable.
        """
        notes = await asyncio.to_thread(read_articles, folder)
        here = cls(encoder, knowledge, notes)
        there = {note.id: note for note in await here.all() if not note.id.startswith(OWN)}
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

    # ---- for those who look after it, see `KnowledgeBase` --------------------------------------------------
    @property
    def is_editable(self) -> bool:
        return True

    async def all(self) -> tuple[Note, ...]:
        return await self._knowledge.list(TENANT, self._collection)

    async def put(self, note: Note) -> None:
        _is_own(note.id)
        note = replace(note, source=note.source or SOURCE)
        vectors = [list(way) for way in await self._encoder.encode(_ways(note))]
        await self._knowledge.put(TENANT, self._collection, [note], [vectors])

    async def delete(self, id: str) -> bool:
        _is_own(id)
        return await self._knowledge.delete(TENANT, self._collection, [id]) > 0

    # ---- for the agent -------------------------------------------------------------------------------------
    async def search(self, text: str, limit: int = 3) -> list[Passage]:
        """The articles nearest to a question, the best first."""
        asked = bare(text)
        if not any(map(str.isalnum, asked)):
            return []
        [vector] = await self._encoder.encode([asked])
        return await self._knowledge.search(TENANT, self._collection, asked, vector, limit)

    def lines(self) -> list[str]:
        """Every sentence of the articles as it will be said, each once."""
        said: dict[str, None] = {}
        for note in self.notes:
            whole, text = Sentences(), cited(Passage(note.id, note.title, note.text, note.source, 1.0))
            said |= dict.fromkeys(map(speakable, (*whole.push(text), *whole.flush())))
        return list(said)

    async def is_asked(self, text: str, *, is_doubtful: bool = False) -> bool:
        """It is a question in general, which an article answers, though it speaks of plans or invoices.

        `is_doubtful`: that it is about the caller's own account is not sure at all.
        """
        if _MINE.search(text):
            return False
        found = await self.search(text, 1)
        needed = SPEAK if is_doubtful or _GENERAL.match(bare(text)) else SURE
        return bool(found) and found[0].score >= needed

    async def answer(self, question: Question) -> Grounding:
        """What the best article says, and which it is; or that none does."""
        passages = await self.search(question.text)
        if (not passages or passages[0].score < SPEAK) and (led := _led_up_to(question)):
            again = await self.search(led)
            passages = max(passages, again, key=lambda found: found[0].score if found else 0.0)
        return self._told(question, passages)

    async def anything(self, question: Question) -> Grounding:
        """Likewise for what sounds like nothing of ours: only an article that surely answers is told."""
        passages = await self.search(question.text)
        if passages and passages[0].score >= STRANGE:
            return self._answered(question, passages)
        return Grounding((OUTSIDE,), is_certain=True)

    async def chosen(self, question: Question, waits: Mapping[str, object]) -> Grounding | None:
        """What follows from the caller's answer to which article they mean; None when it is no answer to it."""
        ids, text = strings(waits, "ids"), question.text
        by_id = {note.id: note for note in (*self.notes, *(await self.all() if _has_own(ids) else ()))}
        titles = [by_id[id].title for id in ids if id in by_id]
        at = _which(text, titles)
        if at is not None:
            note = by_id[ids[at]]
            return self._answered(question, [Passage(note.id, note.title, note.text, note.source, 1.0)])
        if answers.is_no(text) or re.search(r"\b(?:neither|none|something else|other)\b", text, re.I):
            return self._refused(str(waits.get("subject") or text))
        if answers.is_yes(text) and len(titles) > 1:
            said = f"Which one: {titles[0]}, or {titles[1]}?"
            return keeping(
                Grounding((said,), is_certain=True, expect="answer"), pending={**waits, "said": [said]}
            )
        return None

    def _told(self, question: Question, passages: Sequence[Passage]) -> Grounding:
        match weigh(passages):
            case Support.ANSWERS:
                return self._answered(question, passages)
            case Support.MAY:
                return self._asked_back(question, near(passages), passages)
            case Support.NONE:
                return self._refused(question.text)

    def _answered(self, question: Question, passages: Sequence[Passage]) -> Grounding:
        best = passages[0]
        talked_of = [plan.key for plan in plans.named(f"{question.text} {best.title} {best.text}")]
        told = Grounding((cited(best),), tuple(passages), is_certain=True, is_whole=best.score >= SURE)
        told = keeping(told, about="article", pending={}, **({"plans": talked_of} if talked_of else {}))
        return noted(question, told, topic=best.title)

    def _asked_back(
        self, question: Question, meant: Sequence[Passage], passages: Sequence[Passage]
    ) -> Grounding:
        """Which article the caller means. A language model, when there is one, sees them and may judge itself."""
        said = " Or about ".join(f"Is it about {meant[0].title}?" if not at else f"{one.title}?"
                                 for at, one in enumerate(meant))  # fmt: skip
        asked = " ".join(question.text.split()).rstrip(" .!?")
        waits = {"do": "which", "ids": [one.id for one in meant], "subject": asked, "said": [said]}
        grounding = Grounding((said,), tuple(passages), expect="answer")
        return keeping(grounding, about="article", pending=waits)

    def _refused(self, text: str) -> Grounding:
        """Nothing is known, certainly: no model may guess. A ticket or a person is offered."""
        asked = " ".join(text.split()).rstrip(" .!?")
        waits = {"do": "offer", "subject": asked, "said": [UNKNOWN], "thinking": f"your question “{asked}”"}
        return keeping(Grounding(is_certain=True, expect="answer"), about="article", pending=waits)


class Support(Enum):
    """How far articles support an answer."""

    ANSWERS = "answers"
    MAY = "may"
    "The caller should be asked whether one of them is meant."
    NONE = "none"


def weigh(passages: Sequence[Passage]) -> Support:
    """How far what was found supports an answer."""
    best = passages[0].score if passages else 0.0
    return Support.ANSWERS if best >= SPEAK else Support.MAY if best >= MAYBE else Support.NONE


def near(passages: Sequence[Passage]) -> list[Passage]:
    """The one or two articles that the caller is asked about."""
    return [one for one in passages[:2] if one.score >= max(MAYBE - BESIDE / 2, passages[0].score - BESIDE)]


def _which(text: str, titles: Sequence[str]) -> int | None:
    """Which of the titles the caller chose; None when they chose none."""
    if answers.is_yes(text) and len(titles) == 1:
        return 0
    if answers.is_no(text) and len(text.split()) <= 4:
        return None
    if re.search(r"\b(?:first|former)\b", text, re.I):
        return 0
    if len(titles) > 1 and re.search(r"\b(?:second|latter|last)\b", text, re.I):
        return 1
    said = set(terms(text))
    shared = [len(said & set(terms(title))) / max(1, len(terms(title))) for title in titles]
    best = max(range(len(titles)), key=shared.__getitem__)
    is_alone = sum(share == shared[best] for share in shared) == 1
    return best if shared[best] > 0 and is_alone and len(said) <= 6 else None


def cited(passage: Passage) -> str:
    """What the article says, told as its words."""
    return f"As our article on {passage.title} says, {first_lower(passage.text)}"


def is_general(text: str) -> bool:
    """It asks how something is in general, and not for something to be done or told of one's own."""
    return bool(_GENERAL.match(bare(text))) and not _MINE.search(text)


def bare(text: str) -> str:
    """The question without what people say before one; all of it when nothing else is left."""
    return _us(_BEFORE.sub("", text.strip()) or text)


def collection(encoder: BulkEncoder) -> str:
    """Vectors of different encoders are not to be compared, so each has a collection of its own."""
    return f"support/{encoder.name}"


def read_articles(folder: Path = FOLDER) -> list[Note]:
    """All articles of the folder's files. Raises SetupError naming a bad line."""
    found = [note for path in sorted(folder.glob("*.jsonl")) for note in read_notes(path)]
    return [replace(note, source=note.source or SOURCE) for note in found]


def _has_own(ids: Sequence[str]) -> bool:
    return any(id.startswith(OWN) for id in ids)


def _is_own(id: str) -> None:
    """Raises CallerError for an article that comes with the agent."""
    if not id.startswith(OWN):
        raise CallerError("this article ships with the agent, and is changed in its files", code="not_yours")


def _ways(note: Note) -> list[str]:
    """The texts by whose meaning the article is found."""
    return [f"{note.title}. {note.text}", *map(_us, note.questions)]


def _us(text: str) -> str:
    """`text` without our name, which says nothing about what it asks for, and pulls towards whatever has it."""
    return _NAME.sub("you", text)


def _led_up_to(question: Question) -> str:
    """A follow-up together with the question it follows; empty when it stands by itself."""
    if dependence(question.text).pull < 0.6:
        return ""
    before = next((line.text for line in reversed(question.history) if line.role is Role.USER), "")
    return f"{before} {question.text}" if before else ""
