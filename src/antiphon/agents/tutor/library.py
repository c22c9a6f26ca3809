"""What the tutor knows: its notes, by subject, and what is computed; found by meaning or else by sound."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from antiphon.agent.definition import Grounding, Question
from antiphon.agent.retrieval import Note, Passage
from antiphon.agent.routing import Router
from antiphon.agent.speakable import speakable
from antiphon.agents.hearing.index import SoundIndex, names
from antiphon.agents.tutor import mathematics
from antiphon.agents.tutor.asking import bare, worked_out
from antiphon.agents.tutor.mathematics import Solution, Unclear
from antiphon.agents.tutor.mathematics.repairs import repaired
from antiphon.agents.tutor.router import TutorRouter, dependence
from antiphon.agents.tutor.smalltalk import chat
from antiphon.core.errors import CallerError
from antiphon.core.events import Role
from antiphon.core.sentences import Sentences
from antiphon.providers.local_retrieval import GROUND, SPEAK, NoteIndex, read_notes
from antiphon.providers.vectors import BulkEncoder, Progress, VectorCache

KNOWLEDGE = Path(__file__).parent / "knowledge"
SUBJECTS = ("history", "english")
"Those that there are notes of."

SHIPPED = "the tutor's notes ship with it, and are changed in its files"
ASK_SENTENCE = ("Of course. Read me the sentence, and I'll look at it.",)

_WHAT_IS = re.compile(r"What is (?:an? |the )?(\w+)\?")

SURE = 0.83
"Likeness of meaning from which a note answers whatever the question sounds like, and whatever its subject."
APART = 0.15
"How much more alike a note must be than those of other subjects to say what the question is about."

SUGGESTIONS = (
    "What is 25% of 80?",
    "Solve 2x² + 5x − 3 = 0",
    "Why did World War I start?",
    "What was the Roman Empire?",
    "Help me improve this sentence: me and him goes to school",
    "Explain a metaphor",
)


@dataclass(frozen=True, slots=True)
class Meant:
    """A question that somebody surely asked, though other words were heard, and the note that answers it."""

    subject: str
    question: str
    passage: Passage
    "Its score is the likeness of the sounds, 0…1."
    needed: float
    "How much alike in meaning another note must be to be the better answer."


class Library:
    """The tutor's notes, by subject, found by meaning or else by sound; and the router to its subjects."""

    router: Router
    "Once `knows_notes`."

    def __init__(self, indexes: dict[str, NoteIndex] | None = None, *, by_sound: bool = True) -> None:
        """Without `indexes`, `prepare` makes those of the notes that come with it, and the router."""
        self.indexes = indexes or {}
        self.knows_notes = asyncio.Event()
        self._is_given = indexes is not None
        self.calculates = asyncio.Event()
        "The algebra system is loaded; until then it would be in the way of everything else."
        self._corrects = asyncio.Event()
        self._listens = asyncio.Event()
        self._repairs = by_sound
        self._sounds = SoundIndex(())
        self._notes: list[tuple[str, Note]] = []

    async def prepare(
        self, encoder: BulkEncoder, cache: VectorCache, progress: Progress | None = None
    ) -> None:
        """Everything is loaded, in the order in which callers need it: some 2 s of processor, in threads."""
        if not self._is_given:
            for subject in SUBJECTS:
                notes = await asyncio.to_thread(read_notes, KNOWLEDGE / f"{subject}.jsonl")
                self.indexes[subject] = await NoteIndex.build(encoder, notes, cache, progress)
            self.router = await TutorRouter.learn(encoder, cache, progress=progress)
        self.knows_notes.set()
        await asyncio.to_thread(mathematics.warm_up)
        self.calculates.set()
        if self._repairs:
            self._sounds, self._notes = await asyncio.to_thread(self._listen)
        self._listens.set()
        await asyncio.to_thread(_warm_up_grammar)
        self._corrects.set()
        lines = await asyncio.to_thread(self.lines)
        encoder.know(lines, await cache.encode_all(encoder, lines, progress))

    def _listen(self) -> tuple[SoundIndex, list[tuple[str, Note]]]:
        """The questions of all notes by their sound, and the notes they lead to. Some 0.3 s."""
        questions: list[tuple[str, int]] = []
        named: set[str] = set()
        notes: list[tuple[str, Note]] = []
        for subject, index in self.indexes.items():
            for found in index.notes:
                ways = [*found.questions, *(way for asked in found.questions for way in _rephrased(asked))]
                questions += [(way, len(notes)) for way in dict.fromkeys(ways)]
                notes.append((subject, found))
                named |= names(f"{found.text} {' '.join(found.questions)}")
        return SoundIndex(questions, SUGGESTIONS, named), notes

    async def by_sound(self, utterance: str) -> Meant | None:
        """The question of the notes that `utterance` surely is, misheard. Some 3 ms."""
        await self._listens.wait()
        found = self._sounds.heard(bare(utterance))
        if found is None:
            return None
        subject, note = self._notes[found.owner]
        passage = Passage(note.id, note.title, note.text, note.source, found.score)
        return Meant(subject, found.question, passage, SURE if found.is_plain else SPEAK)

    async def subject_of(self, utterance: str) -> Meant | None:
        """The note that surely answers `utterance` as it stands, if no other subject has its like."""
        leaning = dependence(utterance)
        if leaning.opens or leaning.points:
            return None
        asked = bare(utterance)
        found = [(s, passages[0]) for s, i in self.indexes.items() if (passages := await i.search(asked, 1))]
        found.sort(key=lambda pair: -pair[1].score)
        scores = [passage.score for _, passage in found]
        if not found or scores[0] < SURE or (len(scores) > 1 and scores[1] > scores[0] - APART):
            return None
        return Meant(found[0][0], utterance, found[0][1], SURE)

    async def knows(self, subject: str, utterance: str, needed: float) -> bool:
        """Whether a note of `subject` is so much like `utterance` as it stands."""
        if subject not in self.indexes:
            return False
        passages = await self.indexes[subject].search(bare(utterance), 1)
        return bool(passages) and passages[0].score >= needed

    def repaired(self, utterance: str) -> Solution | Unclear | None:
        """The sum that `utterance` was before it was misheard, worked out. Only for what is none as it stands."""
        return repaired(utterance, worked_out) if self._repairs else None

    async def mathematics(self, question: Question) -> Grounding:
        """A worked answer, computed; or what is unclear about the question."""
        await self.calculates.wait()
        before = Solution.recalled(question.memory.get("math"))
        found = worked_out(question.text, before)
        is_whole = isinstance(found, Solution)
        if not is_whole:
            found = self.repaired(question.text) or found
        match found:
            case Solution():
                return Grounding(
                    found.sentences, is_certain=True, is_whole=is_whole, memory={"math": found.kept}
                )
            case Unclear(reason):
                return Grounding((reason,), is_certain=True)
            case None:
                return Grounding()

    async def history(self, question: Question) -> Grounding:
        """The note that answers a question about the past."""
        return await self._look_up("history", question)

    async def english(self, question: Question) -> Grounding:
        """A sentence put right, or the note that answers a question about language and literature."""
        awaited = bool(question.memory.get("english.awaits"))
        await self._corrects.wait()
        improved = _improved(question.text, awaited)
        if improved is None and awaited:
            return Grounding(chat(question.text, question.history), memory={"english.awaits": False})
        if improved is None:
            found = await self._look_up("english", question)
            return replace(found, memory={"english.awaits": False})
        if not improved:
            return Grounding(
                ASK_SENTENCE, is_certain=True, expect="sentence", memory={"english.awaits": True}
            )
        return Grounding(improved, is_certain=True, memory={"english.awaits": False})

    async def anything(self, question: Question) -> Grounding:
        """The best note of any subject, in case the question was only put unusually."""
        return _grounded(await self.search(question.text), speak=SURE)

    # ---- for those who look after it, see `KnowledgeBase` --------------------------------------------------
    @property
    def is_editable(self) -> bool:
        return False

    async def all(self) -> list[Note]:
        await self.knows_notes.wait()
        return sorted((note for index in self.indexes.values() for note in index.notes), key=lambda n: n.id)

    async def search(self, text: str, limit: int = 3) -> list[Passage]:
        """The best notes of all subjects."""
        await self.knows_notes.wait()
        found = [await index.search(text, limit) for index in self.indexes.values()]
        return sorted((p for some in found for p in some), key=lambda p: -p.score)[:limit]

    async def put(self, note: Note) -> None:
        raise CallerError(SHIPPED, code="not_yours")

    async def delete(self, id: str) -> bool:
        raise CallerError(SHIPPED, code="not_yours")

    # ---- what is said of them ------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """Every sentence of the notes as it will be said, and so be checked, each once."""
        said: dict[str, None] = {}
        for index in self.indexes.values():
            for note in index.notes:
                whole = Sentences()
                said |= dict.fromkeys(map(speakable, (*whole.push(note.text), *whole.flush())))
        return list(said)

    async def _look_up(self, subject: str, question: Question) -> Grounding:
        await self.knows_notes.wait()
        passages = await self.indexes[subject].search(bare(question.text))
        if (not passages or passages[0].score < SPEAK) and (led := _led_up_to(question)):
            again = await self.indexes[subject].search(led)
            passages = max(passages, again, key=lambda found: found[0].score if found else 0.0)
        best = passages[0].score if passages else 0.0
        if best < SURE and (meant := await self.by_sound(question.text)) and best < meant.needed:
            passages = [meant.passage]
        return _grounded(passages)


# The rules of grammar and Harper's dictionary take 1.5 s to load: `prepare` sees to it when calls are taken.
def _warm_up_grammar() -> None:
    from antiphon.agents.tutor import grammar

    grammar.warm_up()


def _improved(text: str, awaited: bool) -> tuple[str, ...] | None:
    from antiphon.agents.tutor import grammar

    return grammar.improve(text, awaited=awaited)


def _rephrased(question: str) -> tuple[str, ...]:
    """Other words for “What is an ode?”; none for other questions."""
    found = _WHAT_IS.fullmatch(question)
    return (f"What does {found[1]} mean?",) if found else ()


def _grounded(passages: Sequence[Passage], speak: float = SPEAK) -> Grounding:
    """The best passage is spoken when it surely answers; the near ones are for a model to judge."""
    if passages and passages[0].score >= speak:
        return Grounding((passages[0].text,), tuple(passages), is_whole=passages[0].score >= SURE)
    return Grounding(passages=tuple(p for p in passages if p.score >= GROUND))


def _led_up_to(question: Question) -> str:
    """A follow-up together with the question it follows; empty when it stands by itself."""
    if dependence(question.text).pull < 0.6:
        return ""
    before = next((line.text for line in reversed(question.history) if line.role is Role.USER), "")
    return f"{before} {question.text}" if before else ""
