"""What a caller wants, and which specialist sees to it: by what was said, in the light of who spoke last."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from antiphon.agent.retrieval import Note
from antiphon.agent.routing import LinearHead, Route
from antiphon.agents.support import answers
from antiphon.agents.tutor.router import blend, dependence
from antiphon.core.events import Role
from antiphon.core.transcript import Line
from antiphon.ports import Encoder
from antiphon.providers.heads import Example, read_examples, taught
from antiphon.providers.vectors import BulkEncoder, Progress, VectorCache

EXAMPLES = Path(__file__).parent / "intents.jsonl"
SPECIALISTS = {
    "plan": "account",
    "invoices": "account",
    "change": "account",
    "ticket": "account",
    "recall": "account",
    "howto": "knowledge",
    "smalltalk": "smalltalk",
    "person": "person",
    "other": "other",
}
"Who sees to what is wanted."
SUBJECTS = frozenset({"account", "knowledge"})
"Whom a follow-up can belong to."
SURELY = 0.8
"How sure it must be that a line is about something else, whatever was talked of."
MEMORY = 6
"Agent lines that are looked back on for the subject under discussion."


class Intents:
    """A `Router` that needs one encode an utterance, and tells apart what each specialist can be asked."""

    def __init__(self, encoder: Encoder, head: LinearHead) -> None:
        self._encoder = encoder
        self._head = head

    @classmethod
    async def learn(
        cls, encoder: BulkEncoder, cache: VectorCache, notes: Sequence[Note], progress: Progress | None = None
    ) -> Intents:
        """Taught by the examples, and by the questions that the articles answer. Raises SetupError."""
        return cls(encoder, await taught(encoder, cache, partial(examples, notes), progress))

    async def route(self, conversation: Sequence[Line], utterance: str) -> Route:
        subject = subject_of(conversation)
        if not any(map(str.isalnum, utterance)):
            return Route(subject or "smalltalk", 0.5, "no words to go by")
        if answers.is_yes(utterance) or (answers.is_no(utterance) and len(utterance.split()) <= 2):
            return Route("smalltalk", 0.8, "an answer to nothing that was asked")
        alone = dict.fromkeys(SPECIALISTS.values(), 0.0)
        for intent, share in (await self._weigh(utterance)).items():
            alone[SPECIALISTS[intent]] += share
        leaning = dependence(utterance)
        if alone["other"] >= SURELY and leaning.content > 1 and not leaning.points:
            return Route("other", alone["other"], "is about something else altogether")
        return blend(alone, subject, leaning)

    async def within(self, specialist: str, utterance: str) -> tuple[str, float]:
        """What of the things this specialist sees to is wanted, and how surely: P(it | it is one of these)."""
        weighed = await self._weigh(utterance)
        mine = {intent: share for intent, share in weighed.items() if SPECIALISTS[intent] == specialist}
        best = max(mine, key=mine.__getitem__)
        return best, mine[best] / (sum(mine.values()) or 1.0)

    async def _weigh(self, utterance: str) -> dict[str, float]:
        [vector] = await self._encoder.encode([utterance])
        return self._head.probabilities(vector)


def examples(notes: Sequence[Note] = ()) -> list[Example]:
    """What the router is taught."""
    asked = [(question, "howto") for note in notes for question in note.questions]
    return [*read_examples(EXAMPLES), *asked]


def subject_of(conversation: Sequence[Line]) -> str:
    """The subject under discussion: that of the latest agent line with one, if it is not long ago."""
    spoken = [line for line in conversation if line.role is Role.AGENT and line.speaker]
    return next((line.speaker for line in reversed(spoken[-MEMORY:]) if line.speaker in SUBJECTS), "")
