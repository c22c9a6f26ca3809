"""What the agent knows, in memory: notes found by meaning, and a little by words.

A note is reached by its text and by each question it answers. Above `SPEAK` the best note answers the
question and may be spoken as it stands; between `GROUND` and `SPEAK` a language model should judge and
phrase; below `GROUND` the agent does not know.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.agent.retrieval import Note, Passage, WordIndex
from antiphon.core.errors import SetupError
from antiphon.ports import Encoder
from antiphon.providers.vectors import BulkEncoder, Matrix, Progress, VectorCache

SPEAK = 0.6
GROUND = 0.45
WORD_BONUS = 0.1
"What sharing all its words with a question is worth to a note, next to a likeness of meaning of up to 1."


STRANGE_MALUS = 0.2
"What words that no note has cost the found notes: who asks for Lepanto is not helped by Agincourt."


class NoteIndex:
    """Finds passages in a fixed set of notes. Made by `build`; may be shared by all sessions."""

    def __init__(self, encoder: Encoder, notes: Sequence[Note], rows: Matrix, owners: Sequence[int]) -> None:
        """`rows`: unit vectors of the ways to reach a note; `owners`: the note each of them leads to."""
        self.notes = tuple(notes)
        self._encoder = encoder
        self._rows = rows
        self._owners: NDArray[np.intp] = np.asarray(owners, np.intp)
        self._words = WordIndex([_words(note) for note in notes])

    @classmethod
    async def build(
        cls, encoder: BulkEncoder, notes: Sequence[Note], cache: VectorCache, progress: Progress | None = None
    ) -> NoteIndex:
        """The index of `notes`, out of the cache when these very notes were indexed before."""
        ways: list[str] = []
        owners: list[int] = []
        for index, note in enumerate(notes):
            for way in (f"{note.title}. {note.text}", *note.questions):
                ways.append(way)
                owners.append(index)
        return cls(encoder, notes, await cache.encode_all(encoder, ways, progress), owners)

    async def search(self, query: str, limit: int = 3) -> list[Passage]:
        """At most `limit` passages, the best first. About 7 ms, nearly all of it the encode of `query`."""
        if not self.notes or not query.strip():
            return []
        [vector] = await self._encoder.encode([query])
        scores = np.full(len(self.notes), -1.0, np.float32)
        np.maximum.at(scores, self._owners, self._rows @ np.asarray(vector, np.float32))
        for index, share in self._words.shares(query).items():
            scores[index] += WORD_BONUS * share
        scores -= STRANGE_MALUS * self._words.strange(query)
        best = np.argsort(-scores, kind="stable")[:limit]
        return [
            Passage(note.id, note.title, note.text, note.source, min(1.0, float(scores[index])))
            for index in best
            for note in [self.notes[index]]
        ]


def _words(note: Note) -> str:
    return " ".join((note.title, note.text, *note.keywords, *note.questions))


def note(found: object) -> Note:
    """The note in a JSON object. Raises ValueError naming the field that is wrong."""
    if not isinstance(found, dict):
        raise ValueError("a note is an object with id, title and text")

    def words(field: str) -> str:
        value = found.get(field, "")
        if not isinstance(value, str):
            raise ValueError(f"`{field}` must be a text")
        return value

    def several(field: str) -> tuple[str, ...]:
        value = found.get(field, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValueError(f"`{field}` must be a list of texts")
        return tuple(value)

    made = Note(
        words("id"), words("title"), words("text"), several("questions"), several("keywords"), words("source")
    )
    for field in ("id", "text"):
        if not getattr(made, field):
            raise ValueError(f"`{field}` is missing")
    return made


def read_notes(path: Path) -> list[Note]:
    """The notes in a file with a JSON object a line. Raises SetupError naming the line that is wrong."""
    notes: dict[str, Note] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            read = note(json.loads(line))
        except ValueError as error:
            raise SetupError(f"{path}, line {number}: {error}") from error
        if read.id in notes:
            raise SetupError(f"{path}, line {number}: the id {read.id!r} is used twice")
        notes[read.id] = read
    return list(notes.values())
