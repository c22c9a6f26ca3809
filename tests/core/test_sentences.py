"""Text that is still being written is cut where a voice may pause, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.sentences import LONGEST, Sentences

# One row is one text; "|" marks where it is cut.
CUTS = [
    "Hello there. |How are you?",
    "Yes! |No? |Maybe.",
    "Really?! |Yes.",
    "Dr. Smith is in. |Mrs. Jones is not.",
    "Prof. Lee and Mr. Hall agree. |Good.",
    "Bring fruit, e.g. Apples or pears. |Then go.",
    "The value, i.e. Pi, is fixed. |Good.",
    "We open at 10 a.m. and close at 5 p.m. |Would Tuesday suit you?",
    "Come at 10 a.m. Monday or at 3 p.m. Tuesday.",
    "It starts at 9 a.m. Eastern. |Be there.",
    "The U.S. Army came. |It left.",
    "She lives in the U.S. |She likes it.",
    "We met in Washington D.C. |It rained.",
    "He lives on Main St. |The house is red.",
    "St. Paul is near. |Go there.",
    "See No. 5 on the list. |Then stop.",
    "No. |I said so.",
    "Pi is about 3.14. |That is close.",
    "Use version v1.2.3. |It works.",
    "Write to sam.jones@example.com. |We answer.",
    "Visit https://example.com/a.b?c=d. |It is free.",
    "Visit www.example.com today. |Bye.",
    "J. R. R. Tolkien wrote it. |Read it.",
    "It was J. A. Smith. |He knew.",
    "Vitamin C. |It is good for you.",
    "Well… maybe not. |Fine.",
    "Well... maybe not. |Fine.",
    "Hmm... |Let me look.",
    "Hmm… |Let me look.",
    "“Stop!” |He ran.",
    '"Stop!" he said. |Then he ran.',
    "(It was late.) |We left.",
    "It was late (very late). |We left.",
    "**Bold words.** |Plain words.",
    "1. Mix the flour. |2. Add water.",
    "1) Mix the flour. |2) Add water.",
    "Do this:\n|1. Mix the flour.\n|2. Add water.",
    "First line\n|Second line\n\n|Third line",
    "- one thing\n|- another thing",
    "She came 1st. |He came 2nd. |They left.",
    "It costs $4.99. |It is cheap.",
    "It costs 5. |Then it rose.",
    "Apples, pears, etc. are fruit. |Eat them.",
    "Apples, pears, etc. |They are fruit.",
    "Ada Lovelace, Ph.D. Byron, and others.",
    "Acme Inc. Holdings was sold. |Good.",
    "He works at Acme Inc. |He likes it.",
    "Jan. 5 is free. |Feb. 6 is not.",
    "你好。|你好吗？|很好！|谢谢",
    "これはペンです。|はい。",
    "He said “go.” |She went.",
    "Go now.|",
    "ok. sure. fine.",
    "What is 3.5 + 2.5? |It is 6.",
    "x = 1/2. |Now y = 3.",
    "Smith et al. Proved it. |We agree.",
    "One vs. Two is the question.",
    "The end . |Really.",
]


def cut(text: str, size: int = 1, first_clause: bool = False) -> list[str]:
    sentences = Sentences(first_clause)
    pieces = [piece for at in range(0, len(text), size) for piece in sentences.push(text[at : at + size])]
    return pieces + sentences.flush()


@pytest.mark.parametrize("row", CUTS)
def test_cuts(row: str) -> None:
    expected = [piece.strip() for piece in row.split("|") if piece.strip()]
    assert cut(row.replace("|", "")) == expected


def test_a_question_is_given_out_as_soon_as_its_space_is_written() -> None:
    sentences = Sentences()
    assert sentences.push("Shall we?") == []
    assert sentences.push(" ") == ["Shall we?"]


def test_a_sentence_is_given_out_when_the_next_begins() -> None:
    sentences = Sentences()
    assert sentences.push("We shall.") == []
    assert sentences.push(" And") == ["We shall."]


def test_the_first_clause_may_go_ahead_of_its_sentence() -> None:
    text = "Sure, I can help you with that, let me look. Well, then, it is quite, quite simple, as you see."
    assert cut(text, first_clause=True) == [
        "Sure, I can help you with that,",
        "let me look.",
        "Well, then, it is quite, quite simple, as you see.",
    ]


def test_a_short_first_clause_does_not_go_ahead() -> None:
    assert cut("Sure, one moment, please wait.", first_clause=True) == ["Sure, one moment, please wait."]


def test_a_hyphen_or_a_thousand_separator_is_no_clause() -> None:
    text = "The town where they live has 10,000 people and a well-known-ish church."
    assert cut(text, first_clause=True) == [text]


def test_a_dash_ends_a_first_clause() -> None:
    assert cut("I will look that up for you — one moment.", first_clause=True) == [
        "I will look that up for you —",
        "one moment.",
    ]


def test_a_long_sentence_is_cut_at_a_comma() -> None:
    text = "word " * 20 + "word, " + "word " * 40 + "end."
    pieces = cut(text)
    assert pieces[0].endswith("word,")
    assert all(len(piece) <= LONGEST for piece in pieces)


def test_a_long_sentence_without_commas_is_cut_at_a_space() -> None:
    pieces = cut("word " * 100)
    assert all(len(piece) <= LONGEST and piece.endswith("word") for piece in pieces)


def test_speech_goes_on_after_a_flush() -> None:
    sentences = Sentences()
    assert sentences.push("Let me look") == []
    assert sentences.flush() == ["Let me look"]
    assert sentences.flush() == []
    assert sentences.push("Found it. ") + sentences.flush() == ["Found it."]


WRITTEN = st.lists(
    st.sampled_from(
        [
            *"abIJ.?!…,;:—-–\"”)(*'\n  15。，好",
            "Dr.",
            " a.m. ",
            "U.S. ",
            "The ",
            "It's ",
            " word" * 12,
            "x" * 90,
        ]
    ),
    max_size=80,
).map("".join)


@given(WRITTEN, st.booleans(), st.lists(st.integers(1, 12), min_size=1, max_size=20))
def test_nothing_is_lost_and_the_cuts_do_not_depend_on_the_deltas(
    text: str, first_clause: bool, sizes: list[int]
) -> None:
    sentences, pieces, rest = Sentences(first_clause), [], text
    while rest:
        for size in sizes:
            pieces += sentences.push(rest[:size])
            rest = rest[size:]
    pieces += sentences.flush()
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert pieces == Sentences(first_clause).push(text + "\n")
    assert all(piece == piece.strip() and piece for piece in pieces)
