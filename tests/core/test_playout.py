"""The agent has said what its listener has heard, to the word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.playout import Playout
from antiphon.core.speech import WordMark


def marks(text: str, per_char: int = 100) -> tuple[WordMark, ...]:
    """One mark at the end of each word, `per_char` samples a character."""
    ends = [at + 1 for at, char in enumerate(text) if char != " " and text[at + 1 : at + 2] in ("", " ")]
    return tuple(WordMark(end, end * per_char) for end in ends)


def spoken(*sentences: str) -> Playout:
    playout = Playout()
    for index, text in enumerate(sentences):
        playout.speak(index, text)
        playout.queued(index, len(text) * 100 + 50, marks(text), is_last=True)
    return playout


def test_a_word_is_heard_when_its_last_sample_is_played() -> None:
    playout = spoken("Good morning everyone.")
    playout.played(1199)
    assert (playout.heard, playout.unheard) == ("Good", "morning everyone.")
    playout.played(1200)
    assert (playout.heard, playout.unheard) == ("Good morning", "everyone.")


def test_sentences_are_joined_by_a_space() -> None:
    playout = spoken("Good morning.", "How are you?")
    playout.played(1350 + 700)
    assert (playout.heard, playout.unheard) == ("Good morning. How are", "you?")


def test_old_news_and_excess_change_nothing() -> None:
    playout = spoken("Good morning.")
    playout.played(10_000)
    assert playout.played_samples == playout.queued_samples == 1350
    playout.played(3)
    assert playout.heard == "Good morning."


def test_a_turn_is_drained_when_all_its_sound_is_complete_and_played() -> None:
    playout = Playout()
    assert playout.is_drained
    playout.speak(0, "Good morning.")
    assert not playout.is_drained
    playout.queued(0, 400, [WordMark(4, 400)])
    playout.played(400)
    assert not playout.is_drained
    playout.queued(0, 900, [WordMark(13, 1300)], is_last=True)
    assert not playout.is_drained
    playout.played(1300)
    assert playout.is_drained


def test_a_word_reaches_over_pieces() -> None:
    playout = Playout()
    playout.speak(0, "Wonderful day.")
    playout.queued(0, 500)
    playout.played(500)
    assert playout.heard == ""
    playout.queued(0, 500, [WordMark(9, 900)])
    playout.played(900)
    assert playout.heard == "Wonderful"


def test_a_mark_inside_a_word_does_not_count_the_word() -> None:
    playout = Playout()
    playout.speak(0, "Wonderful day.")
    playout.queued(0, 1000, [WordMark(5, 500), WordMark(11, 900)])
    playout.played(950)
    assert playout.heard == "Wonderful"


def test_a_sentence_without_marks_is_heard_at_its_end() -> None:
    playout = Playout()
    playout.speak(0, "Good morning.")
    playout.queued(0, 1000, is_last=True)
    playout.played(999)
    assert (playout.heard, playout.unheard) == ("", "Good morning.")
    playout.played(1000)
    assert (playout.heard, playout.unheard) == ("Good morning.", "")


def test_symbols_that_have_no_sound_are_not_said() -> None:
    playout = Playout()
    playout.speak(0, "👍")
    playout.queued(0, 0, is_last=True)
    playout.speak(1, "Done.")
    playout.queued(1, 100, [WordMark(5, 90)], is_last=True)
    playout.played(100)
    assert (playout.heard, playout.unheard, playout.is_drained) == ("Done.", "", True)


def test_a_sentence_that_failed_half_way_was_said_half_way() -> None:
    playout = Playout()
    playout.speak(0, "Good morning everyone.")
    playout.queued(0, 1300, [WordMark(4, 400), WordMark(12, 1200)])
    playout.queued(0, 0, (), is_last=True)
    playout.speak(1, "Sorry.")
    playout.queued(1, 100, [WordMark(6, 100)], is_last=True)
    assert playout.unheard == "Good morning Sorry."
    playout.played(1400)
    assert (playout.heard, playout.is_drained) == ("Good morning Sorry.", True)


def test_a_sentence_without_marks_that_failed_was_not_said() -> None:
    playout = Playout()
    playout.speak(0, "Good morning.")
    playout.queued(0, 500)
    playout.failed(0)
    playout.played(500)
    assert (playout.heard, playout.unheard, playout.is_drained) == ("", "", True)


def test_sound_out_of_order_is_refused() -> None:
    playout = spoken("One.", "Two.")
    with pytest.raises(ValueError, match="complete"):
        playout.queued(0, 10)
    with pytest.raises(ValueError, match="already spoken"):
        playout.speak(1, "Two.")
    playout.speak(2, "Three.")
    playout.speak(3, "Four.")
    playout.queued(3, 10)
    with pytest.raises(ValueError, match="later"):
        playout.queued(2, 10)


SENTENCE = st.lists(st.text("abc.'", min_size=1, max_size=6), min_size=1, max_size=5).map(" ".join)


@given(st.lists(SENTENCE, max_size=4), st.lists(st.integers(0, 12_000), max_size=12), st.data())
def test_the_ledger_keeps_its_laws(texts: list[str], news: list[int], data: st.DataObject) -> None:
    playout, reports, before, said = Playout(), iter(news), "", 0
    whole = " ".join(texts)

    def listen() -> None:
        nonlocal before
        playout.played(next(reports, 0))
        heard = playout.heard
        assert heard.startswith(before)
        assert whole.startswith(heard)
        assert not heard or whole[len(heard) : len(heard) + 1] in ("", " ")
        assert (
            f"{heard} {playout.unheard}".split() == whole.split()[: len(f"{heard} {playout.unheard}".split())]
        )
        before = heard

    for index, text in enumerate(texts):
        playout.speak(index, text)
        said += len(text.split())
        rest, length = list(marks(text)), len(text) * 100
        at = data.draw(st.integers(0, length))
        playout.queued(index, at, [mark for mark in rest if mark.at <= at])
        listen()
        assert not playout.is_drained
        playout.queued(index, length - at, [mark for mark in rest if mark.at > at], is_last=True)
        listen()
        assert f"{playout.heard} {playout.unheard}".split() == " ".join(texts[: index + 1]).split()
        assert playout.is_drained == (playout.played_samples == playout.queued_samples)
    playout.played(playout.queued_samples)
    assert (playout.heard, playout.unheard, playout.is_drained) == (whole, "", True)
