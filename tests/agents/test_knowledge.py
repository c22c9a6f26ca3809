"""The tutor's notes are spoken as they stand, so each is fit to be read aloud: these tests read them all."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

import antiphon.agents.tutor

KNOWLEDGE = Path(antiphon.agents.tutor.__file__).parent / "knowledge"
ROUTING_FILES = sorted(KNOWLEDGE.glob("routing*.jsonl"))
NOTE_FILES = sorted(set(KNOWLEDGE.glob("*.jsonl")) - set(ROUTING_FILES))

LABELS = {"math", "history", "english", "smalltalk", "person", "other", "unclear"}
SHORTEST_WORDS, LONGEST_WORDS = 15, 60  # About 6 to 24 s of speech; longer answers are not listened to.
FEWEST_QUESTIONS = 3  # Retrieval needs a note to be asked for in several wordings.
MARKDOWN_OR_BRACKETS = re.compile(r"[\[\](){}<>*_#`|~^\\@]")
PUNCTUATION = frozenset(" .,;:'?!-%&+=/£$€°×÷\"")
NUMBERED_NAME = re.compile(r"\b[A-Z][a-z]+ [IVX]{2,}\b")


@dataclass(frozen=True)
class Note:
    id: str
    topic: str
    title: str
    text: str
    questions: tuple[str, ...]
    keywords: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Example:
    text: str
    label: str


def lines(file: Path) -> list[dict[str, object]]:
    """Every line of `file` as an object; a line that is blank or not JSON is an error that names the line."""
    rows: list[dict[str, object]] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise AssertionError(f"{file.name}:{number} is not JSON: {error}") from error
        assert isinstance(row, dict), f"{file.name}:{number} is not an object"
        rows.append(row)
    return rows


def words_of(row: dict[str, object], key: str) -> str:
    value = row.get(key)
    assert isinstance(value, str), f"{row.get('id', row)}: {key} must be text"
    assert value.strip(), f"{row.get('id', row)}: {key} is empty"
    assert value == value.strip(), f"{row.get('id', row)}: {key} has spaces around it"
    return value


def texts_of(row: dict[str, object], key: str) -> tuple[str, ...]:
    value = row.get(key)
    assert isinstance(value, list), f"{row.get('id', row)}: {key} must be a list"
    return tuple(words_of({"id": row.get("id"), key: item}, key) for item in value)


def notes_in(file: Path) -> list[Note]:
    return [
        Note(
            id=words_of(row, "id"),
            topic=words_of(row, "topic"),
            title=words_of(row, "title"),
            text=words_of(row, "text"),
            questions=texts_of(row, "questions"),
            keywords=texts_of(row, "keywords"),
            source=words_of(row, "source"),
        )
        for row in lines(file)
    ]


def examples_in(file: Path) -> list[Example]:
    return [Example(text=words_of(row, "text"), label=words_of(row, "label")) for row in lines(file)]


def spoken(text: str) -> str:
    """`text` as an ear hears it: case and punctuation make no difference."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def repeated(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def is_speakable(character: str) -> bool:
    """Letters with or without accents, digits and plain punctuation; no emoji, dashes or curly quotes."""
    return (character.isalnum() and ord(character) < 0x250) or character in PUNCTUATION


every_note_file = pytest.mark.parametrize("file", NOTE_FILES, ids=lambda file: file.stem)
every_routing_file = pytest.mark.parametrize("file", ROUTING_FILES, ids=lambda file: file.stem)


def test_there_is_something_to_teach_and_something_to_route_by() -> None:
    assert NOTE_FILES
    assert ROUTING_FILES


def test_an_id_names_one_note() -> None:
    ids = [note.id for file in NOTE_FILES for note in notes_in(file)]
    assert repeated(ids) == []
    assert [id for id in ids if not re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", id)] == []


@every_note_file
def test_a_note_is_short_enough_to_listen_to_and_long_enough_to_help(file: Path) -> None:
    lengths = {note.id: len(note.text.split()) for note in notes_in(file)}
    assert {id: n for id, n in lengths.items() if not SHORTEST_WORDS <= n <= LONGEST_WORDS} == {}


@every_note_file
def test_a_note_ends_as_a_sentence_does(file: Path) -> None:
    assert [note.id for note in notes_in(file) if not note.text.endswith(".")] == []


@every_note_file
def test_a_note_holds_nothing_a_voice_cannot_say(file: Path) -> None:
    marked = [note.id for note in notes_in(file) if MARKDOWN_OR_BRACKETS.search(note.text)]
    assert marked == []
    strange = {note.id: sorted({c for c in note.text if not is_speakable(c)}) for note in notes_in(file)}
    assert {id: characters for id, characters in strange.items() if characters} == {}


@every_note_file
def test_a_note_does_not_leave_roman_numerals_to_the_voice(file: Path) -> None:
    """Henry VIII is written Henry the Eighth: a synthesizer may well spell the letters."""
    assert [note.id for note in notes_in(file) if NUMBERED_NAME.search(note.text)] == []


@every_note_file
def test_a_note_answers_several_wordings_of_its_question(file: Path) -> None:
    assert [note.id for note in notes_in(file) if len(note.questions) < FEWEST_QUESTIONS] == []
    assert [note.id for note in notes_in(file) if not note.keywords] == []


@every_note_file
def test_a_question_belongs_to_one_note(file: Path) -> None:
    """Two notes that claim the same question leave it to chance which is spoken."""
    assert repeated([spoken(question) for note in notes_in(file) for question in note.questions]) == []


@every_note_file
def test_a_note_says_where_it_can_be_checked(file: Path) -> None:
    assert [note.id for note in notes_in(file) if len(note.source.split()) < 2] == []


@every_note_file
def test_no_two_notes_say_the_same(file: Path) -> None:
    assert repeated([spoken(note.text) for note in notes_in(file)]) == []


@every_routing_file
def test_a_routing_example_carries_a_known_label(file: Path) -> None:
    assert [example for example in examples_in(file) if example.label not in LABELS] == []


def test_a_routing_example_is_given_once() -> None:
    """Also across files: the same words with two labels would teach the router nothing."""
    said = [spoken(example.text) for file in ROUTING_FILES for example in examples_in(file)]
    assert repeated(said) == []
