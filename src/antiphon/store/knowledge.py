"""What agents look up, in Postgres: by meaning and, a little, by words, in one statement.

A note is one row of its words and its first vector, and one row for each further vector. Meaning is compared
by pgvector where the server has it, in the database and exactly: an index that forgets neighbours would be
quicker only from some ten thousand notes on. Where it is missing the vectors are kept as bytes and
compared here; the answers are the same.
"""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from antiphon.agent.retrieval import STOP_WORDS, Note, Passage
from antiphon.core.records import Viewer
from antiphon.store.database import Database
from antiphon.store.lines import fit, fit_json
from antiphon.store.records import claims

if TYPE_CHECKING:
    from antiphon.store.database import Connection

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
WORD_BONUS = 0.1
"What sharing all its words with a question is worth to a note, next to a likeness of meaning of up to 1."
STRANGE_MALUS = 0.2
"What a question loses whose words are in no note at all: nothing here is about what it names."

_NEAR_HERE = """
near as (
  select source, max(1 - (embedding <=> $4::vector)) as likeness
  from app.knowledge_chunks where tenant = $1 and collection = $2 and embedding is not null group by source
)"""
_NEAR_GIVEN = """
near as (
  select * from unnest($4::text[], $6::float8[]) as given (source, likeness)
)"""
# A word weighs the more the fewer notes have it, as in BM25; what counts is the share of the question's weight.
_SEARCH = """
with asked as (
  select distinct lexeme from unnest(to_tsvector('english', $3)) as word (lexeme, positions, weights)
), notes as (
  select source, details, words from app.knowledge_chunks
  where tenant = $1 and collection = $2 and position = 0
), held as (
  select source, lexeme from notes, unnest(tsvector_to_array(words)) as lexeme
  where words @@ (select string_agg(quote_literal(lexeme), ' | ')::tsquery from asked)
    and lexeme in (select lexeme from asked)
), rarity as (
  select lexeme, count(source) as holders,
    ln(1 + ((select count(*) from notes) - count(source) + 0.5) / (count(source) + 0.5)) as weight
  from asked left join held using (lexeme) group by lexeme
), whole as (
  select sum(weight) as weight, coalesce(sum(weight) filter (where holders = 0), 0) as strange from rarity
), shared as (
  select source, sum(weight) as weight from held join rarity using (lexeme) group by source
), {near}
select notes.details::text as details,
  near.likeness + {bonus} * coalesce(shared.weight / whole.weight, 0)
    - {malus} * coalesce(whole.strange / whole.weight, 0) as score
from near join notes using (source) left join shared using (source) cross join whole
order by score desc, source limit $5"""
_HERE = _SEARCH.format(near=_NEAR_HERE.strip(), bonus=WORD_BONUS, malus=STRANGE_MALUS)
_GIVEN = _SEARCH.format(near=_NEAR_GIVEN.strip(), bonus=WORD_BONUS, malus=STRANGE_MALUS)


class PostgresKnowledge:
    """`Knowledge` in Postgres. Made by `open`; may be shared by all sessions."""

    def __init__(self, database: Database, *, has_vectors: bool) -> None:
        self._database = database
        self.has_vectors = has_vectors
        "The server compares meanings itself."

    @classmethod
    async def open(cls, database: Database) -> PostgresKnowledge:
        """The knowledge in a database whose tables are up to date."""
        async with database.transaction() as connection:
            found = await connection.fetchval(
                "select exists (select from pg_attribute where attrelid = 'app.knowledge_chunks'::regclass"
                " and attname = 'embedding' and not attisdropped)"
            )
        return cls(database, has_vectors=bool(found))

    async def put(
        self,
        tenant: str,
        collection: str,
        notes: Sequence[Note],
        vectors: Sequence[Sequence[Sequence[float]]],
    ) -> None:
        rows = []
        for note, ways in zip(notes, vectors, strict=True):
            if not ways:
                raise ValueError(f"no vector leads to the note {note.id!r}")
            for position, way in enumerate(ways):
                text, details = (_words(note), _told(note)) if position == 0 else ("", "{}")
                place = (fit(tenant), fit(collection), fit(note.id), position)
                rows.append((*place, text, details, self._kept(way)))
        column = "embedding) values ($1, $2, $3, $4, $5, $6::jsonb, $7::text::vector)"
        if not self.has_vectors:
            column = "vector) values ($1, $2, $3, $4, $5, $6::jsonb, $7)"
        async with self._database.transaction() as connection:
            await _delete(connection, tenant, collection, [note.id for note in notes])
            await connection.executemany(
                f"insert into app.knowledge_chunks (tenant, collection, source, position, text, details, {column}",
                rows,
            )

    async def search(
        self, tenant: str, collection: str, words: str, vector: Sequence[float], limit: int = 3
    ) -> builtins.list[Passage]:
        place = (fit(tenant), fit(collection))
        async with self._database.as_user(_of(tenant)) as connection:
            if self.has_vectors:
                rows = await connection.fetch(_HERE, *place, weighty(words), _text(vector), limit)
            else:
                sources, likeness = await _compared(connection, *place, vector)
                rows = await connection.fetch(_GIVEN, *place, weighty(words), sources, limit, likeness)
        found = [(_note(row["details"]), float(row["score"])) for row in rows]
        return [Passage(n.id, n.title, n.text, n.source, min(1.0, score)) for n, score in found]

    async def list(self, tenant: str, collection: str) -> tuple[Note, ...]:
        async with self._database.as_user(_of(tenant)) as connection:
            rows = await connection.fetch(
                "select details::text as details from app.knowledge_chunks"
                ' where tenant = $1 and collection = $2 and position = 0 order by source collate "C"',
                fit(tenant),
                fit(collection),
            )
        return tuple(_note(row["details"]) for row in rows)

    async def delete(self, tenant: str, collection: str, ids: Sequence[str] | None = None) -> int:
        async with self._database.transaction() as connection:
            return await _delete(connection, tenant, collection, ids)

    def _kept(self, vector: Sequence[float]) -> str | bytes:
        return _text(vector) if self.has_vectors else np.asarray(vector, "<f4").tobytes()


async def _compared(
    connection: Connection, tenant: str, collection: str, vector: Sequence[float]
) -> tuple[list[str], list[float]]:
    """For each note its greatest likeness to `vector`."""
    rows = await connection.fetch(
        "select source, vector from app.knowledge_chunks"
        " where tenant = $1 and collection = $2 and vector is not null",
        tenant,
        collection,
    )
    if not rows:
        return [], []
    kept = np.frombuffer(b"".join(row["vector"] for row in rows), "<f4").reshape(len(rows), -1)
    best: dict[str, float] = {}
    for row, likeness in zip(rows, (kept @ np.asarray(vector, np.float32)).tolist(), strict=True):
        best[row["source"]] = max(likeness, best.get(row["source"], -1.0))
    return [*best], [*best.values()]


async def _delete(connection: Connection, tenant: str, collection: str, ids: Sequence[str] | None) -> int:
    rows = await connection.fetch(
        "delete from app.knowledge_chunks where tenant = $1 and collection = $2"
        " and ($3::text[] is null or source = any ($3)) returning position",
        fit(tenant),
        fit(collection),
        None if ids is None else [fit(id) for id in ids],
    )
    return sum(row["position"] == 0 for row in rows)


def _of(tenant: str) -> dict[str, object]:
    """The claims of somebody of the tenant: what is another's is out of reach of these statements."""
    return claims(Viewer("", tenant))


def weighty(words: str) -> str:
    """The words that say what a question is about: Postgres's own list of others is short."""
    return " ".join(word for word in _WORD.findall(fit(words)) if word.lower() not in STOP_WORDS)


def _words(note: Note) -> str:
    return fit(" ".join((note.title, note.text, *note.keywords, *note.questions)))


def _text(vector: Sequence[float]) -> str:
    return "[" + ",".join(f"{value:.7g}" for value in vector) + "]"


def _told(note: Note) -> str:
    return fit_json(
        {
            "id": note.id,
            "title": note.title,
            "text": note.text,
            "questions": list(note.questions),
            "keywords": list(note.keywords),
            "source": note.source,
        }
    )


def _note(details: str) -> Note:
    found = json.loads(details)
    return Note(
        found["id"],
        found["title"],
        found["text"],
        tuple(found["questions"]),
        tuple(found["keywords"]),
        found["source"],
    )
