"""Likeness of words."""

from __future__ import annotations

from antiphon.agent.retrieval import WordIndex, terms

INDEX = WordIndex(
    [
        "The battle of Hastings was fought in 1066.",
        "Queen Victoria reigned for sixty three years.",
        "The plague came to London in 1665. The plague killed many.",
    ]
)


def test_plurals_and_possessives_are_alike() -> None:
    assert terms("The queen's ladies and the cities' walls") == ["queen", "lady", "city", "wall"]


def test_stop_words_alone_find_nothing() -> None:
    assert INDEX.shares("what is it that you do") == {}
    assert INDEX.shares("") == {}
    assert INDEX.strange("what is it that you do") == 0.0


def test_the_best_document_gets_what_it_covers() -> None:
    assert INDEX.shares("battles of Hastings") == {0: 1.0}
    partly = INDEX.shares("the battle of Lepanto")
    assert set(partly) == {0}
    assert partly[0] < 0.5


def test_words_no_document_has_are_strange() -> None:
    assert INDEX.strange("the battle of Hastings") == 0.0
    assert INDEX.strange("Lepanto") == 1.0
    assert 0.5 < INDEX.strange("the battle of Lepanto") < 1.0


def test_an_empty_index_finds_nothing() -> None:
    assert WordIndex([]).shares("plague") == {}
    assert WordIndex(["", ""]).shares("plague") == {}
