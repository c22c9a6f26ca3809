"""Notes found by meaning and by words, and vectors kept on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from antiphon.agent.retrieval import Note
from antiphon.core.errors import SetupError
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.local_retrieval import GROUND, SPEAK, NoteIndex, note, read_notes
from antiphon.providers.vectors import Matrix, Progress, VectorCache

NOTES = [
    Note(
        "hastings",
        "The battle of Hastings",
        "The battle of Hastings was fought in October 1066. William of Normandy beat Harold of England.",
        ("When was the battle of Hastings?", "Who won at Hastings?"),
    ),
    Note(
        "plague",
        "The Black Death",
        "The Black Death reached England in 1348 and killed about a third of its people.",
        ("What was the Black Death?", "How many died of the plague?"),
        ("plague", "pestilence"),
    ),
    Note(
        "metaphor",
        "Metaphor",
        "A metaphor says that one thing is another, to show how they are alike.",
        ("What is a metaphor?", "What's the difference between a simile and a metaphor?"),
    ),
    Note(
        "refund",
        "Refunds",
        "A charge can be paid back within thirty days. It reaches the card within five working days.",
        ("Can I get my money back?", "How do I ask for a refund?"),
        ("error E4711",),
    ),
    Note(
        "password",
        "A forgotten password",
        "Choose 'forgot password' on the sign-in page, and a link is sent to you.",
        ("I forgot my password", "How do I reset my password?"),
    ),
]


class Letters:
    """An encoder that counts letters, and how often it is asked."""

    dimensions = 26

    def __init__(self, name: str = "letters") -> None:
        self.name = name
        self.batches = 0

    async def encode(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        return [tuple(map(float, row)) for row in await self.encode_many(texts)]

    async def encode_many(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        self.batches += 1
        if progress:
            progress(len(texts), len(texts))
        rows = np.array([[1 + t.lower().count(chr(97 + i)) for i in range(26)] for t in texts], np.float32)
        unit: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def test_vectors_are_encoded_once_and_then_read(tmp_path: Path) -> None:
    encoder = Letters()
    first = asyncio.run(VectorCache(tmp_path).encode_all(encoder, ["abc", "def"]))
    again = asyncio.run(VectorCache(tmp_path).encode_all(encoder, ["abc", "def"]))
    assert encoder.batches == 1
    assert np.array_equal(first, again)


def test_other_texts_or_another_model_are_encoded_anew(tmp_path: Path) -> None:
    encoder, other = Letters(), Letters("letters-2")
    cache = VectorCache(tmp_path)
    for asked, texts in (
        (encoder, ["ab", "c"]),
        (encoder, ["a", "bc"]),
        (encoder, ["c", "ab"]),
        (other, ["ab", "c"]),
    ):
        asyncio.run(cache.encode_all(asked, texts))
    assert (encoder.batches, other.batches) == (3, 1)


@pytest.mark.parametrize("damage", [b"", b"not an archive", b"PK\x03\x04 cut short"])
def test_a_damaged_file_is_made_again(tmp_path: Path, damage: bytes) -> None:
    encoder, cache = Letters(), VectorCache(tmp_path)
    whole = asyncio.run(cache.encode_all(encoder, ["abc"]))
    [file] = tmp_path.iterdir()
    file.write_bytes(damage)
    assert np.array_equal(asyncio.run(cache.encode_all(encoder, ["abc"])), whole)
    assert asyncio.run(cache.encode_all(encoder, ["abc"])) is not None
    assert encoder.batches == 2


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert len(asyncio.run(VectorCache(blocked).encode_all(Letters(), ["abc"]))) == 1


def test_no_texts_need_no_encoder(tmp_path: Path) -> None:
    encoder = Letters()
    assert asyncio.run(VectorCache(tmp_path).encode_all(encoder, [])).shape == (0, 26)
    assert encoder.batches == 0


def test_an_empty_index_and_an_empty_question_find_nothing(tmp_path: Path) -> None:
    encoder, cache = Letters(), VectorCache(tmp_path)
    assert asyncio.run(asyncio.run(NoteIndex.build(encoder, [], cache)).search("anything")) == []
    assert asyncio.run(asyncio.run(NoteIndex.build(encoder, NOTES, cache)).search("  ")) == []


def test_a_note_is_read_or_its_fault_named(tmp_path: Path) -> None:
    assert note({"id": "a", "text": "b", "questions": ["c?"], "topic": "ignored"}) == Note(
        "a", "", "b", ("c?",)
    )
    with pytest.raises(ValueError, match="questions"):
        note({"id": "a", "text": "b", "questions": "c?"})
    path = tmp_path / "notes.jsonl"
    path.write_text('{"id": "a", "text": "b"}\n\n{"id": "a", "text": "c"}\n', encoding="utf-8")
    with pytest.raises(SetupError, match=r"line 3.*twice"):
        read_notes(path)
    path.write_text('{"id": "a"}\n', encoding="utf-8")
    with pytest.raises(SetupError, match=r"line 1.*text"):
        read_notes(path)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NoteIndex]:
    encoder = MiniLM()
    yield asyncio.run(NoteIndex.build(encoder, NOTES, VectorCache(tmp_path_factory.mktemp("cache"))))
    asyncio.run(encoder.close())


@pytest.mark.models
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("who beat King Harold", "hastings"),
        ("did many people die from the pestilence in the middle ages", "plague"),
        ("I'd like my money returned", "refund"),
        ("I can't remember how to log in", "password"),
        ("how is a metaphor different from a simile", "metaphor"),
        ("why does my card show error E4711", "refund"),
    ],
)
def test_a_question_in_other_words_finds_its_note(index: NoteIndex, asked: str, found: str) -> None:
    passages = asyncio.run(index.search(asked, 2))
    assert passages[0].id == found
    assert passages[0].score >= passages[1].score


@pytest.mark.models
def test_a_question_it_knows_may_be_answered_with_the_note(index: NoteIndex) -> None:
    assert asyncio.run(index.search("When was the Battle of Hastings?"))[0].score >= SPEAK
    assert asyncio.run(index.search("How do I get a refund?"))[0].score >= SPEAK


@pytest.mark.models
@pytest.mark.parametrize(
    "asked", ["Who won the world cup in 1990?", "How deep is the ocean?", "what is the weather like in Rome"]
)
def test_a_question_it_does_not_know_stays_below(index: NoteIndex, asked: str) -> None:
    assert asyncio.run(index.search(asked))[0].score < GROUND
