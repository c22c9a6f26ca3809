"""What the last words of a sentence say about its end."""

from __future__ import annotations

import pytest

from antiphon.core.tails import completeness

DANGLING = [
    "I would like to",
    "I would like to book a",
    "My name is.",
    "I want to go to the",
    "Well I think that because",
    "Let me see, um.",
    "Can you send it to my",
    "I need a flight from",
    "three plus",
    "The appointment should be on",
    "Yes, and",
    "And then...",
]
WHOLE = [
    "What is the capital of France?",
    "Where are you from?",
    "What is it for?",
    "I can't log in.",
    "I think so.",
    "Please turn it on.",
    "Book me in for Tuesday.",
    "It is three plus four.",
    "I do.",
]


@pytest.mark.parametrize("text", DANGLING)
def test_words_that_ask_for_more_keep_the_turn_open(text: str) -> None:
    assert completeness(0.95, text) <= 0.2


@pytest.mark.parametrize("text", WHOLE)
def test_whole_sentences_are_left_to_the_sound(text: str) -> None:
    assert completeness(0.95, text) == 0.95
    assert completeness(0.1, text) <= 0.1 or completeness(0.1, text) >= 0.85


@pytest.mark.parametrize("text", ["Yes.", "No!", "okay", "Stop.", "No, thank you.", "That’s right.", "Why?"])
def test_short_answers_are_whole_however_they_sound(text: str) -> None:
    assert completeness(0.1, text) >= 0.85


def test_silence_is_never_a_finished_turn() -> None:
    assert completeness(1.0, "") <= 0.5
    assert completeness(None, " . ") <= 0.5


def test_without_a_model_the_words_decide() -> None:
    assert (
        completeness(None, "I want the")
        < 0.2
        < completeness(None, "I want the cat")
        < completeness(None, "yes")
    )


@pytest.mark.parametrize("text", ["555", "My number is five five five", "It's 5, 5, 5, 0."])
def test_the_beginning_of_a_number_is_not_the_number(text: str) -> None:
    assert completeness(0.99, text, "digits") <= 0.3
    assert completeness(0.99, text) == 0.99


@pytest.mark.parametrize("text", ["555 012 3456", "five five five zero one two three four five six"])
def test_a_whole_number_ends_where_it_sounds_to(text: str) -> None:
    assert completeness(0.99, text, "digits") == 0.99


def test_a_refusal_to_give_a_number_is_an_answer() -> None:
    assert completeness(0.9, "I would rather not tell you.", "digits") == 0.9
    assert completeness(0.2, "No.", "digits") >= 0.85


@pytest.mark.parametrize("text", ["maria.jones@example.com", "Maria Dot Jones at example dot com."])
def test_a_whole_address_is_whole(text: str) -> None:
    assert completeness(0.4, text, "email") >= 0.8


def test_half_an_address_is_not() -> None:
    assert completeness(0.95, "Maria dot Jones at", "email") <= 0.2
    assert completeness(0.95, "It's maria dot jones", "email") <= 0.2


def test_letters_may_be_followed_by_letters() -> None:
    assert completeness(0.95, "M A R", "spelling") <= 0.4


def test_a_day_answers_the_question_for_a_date() -> None:
    assert completeness(0.3, "Next Tuesday", "date") >= 0.7
