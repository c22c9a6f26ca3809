"""What the words of a sentence say about its end, and how long a turn waits for more of them."""

from __future__ import annotations

import time

import pytest

from antiphon.core.endings import clause_of, wholeness, word_class
from antiphon.core.tails import FINISHED, completeness
from antiphon.core.turns import TurnPolicy

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
def test_whole_sentences_end_where_they_sound_to(text: str) -> None:
    assert completeness(0.97, text) >= 2 * completeness(0.97, "I would like to")
    assert completeness(0.97, text) >= 0.3
    if completeness(0.97, text) < 0.9:
        assert completeness(0.05, text) < completeness(0.97, text)


BEGUN = [
    "What is 25",
    "What is",
    "Solve 2x squared plus 5.",
    "What is the difference between a simile",
    "Can you explain how photosynthesis",
    "When did the Roman Empire?",
    "The problem is that I can't",
    "I would like you to send.",
    "My account number is the one on the",
    "If I multiply seven by eight",
    "Could you tell me what a metaphor",
    "Who was the first president of.",
    "Well, um, I want to",
]
ASKED = [
    "What is 25% of 80?",
    "What is the difference between a simile and a metaphor?",
    "Can you explain how photosynthesis works?",
    "When did the Roman Empire fall?",
    "Can you tell me what a metaphor is?",
    "Who was the first president of the United States?",
    "I would like to book a table.",
    "Book me in for next Tuesday at three.",
    "What is the Roman Empire?",
    "On Tuesday at three.",
]


@pytest.mark.parametrize("text", BEGUN)
def test_a_sentence_without_its_rest_outlasts_a_pause_however_final_it_sounds(text: str) -> None:
    assert TurnPolicy().wait(completeness(0.98, text)) > 0.7


@pytest.mark.parametrize("text", ASKED)
def test_a_whole_question_is_answered_at_once(text: str) -> None:
    assert TurnPolicy().wait(completeness(0.98, text)) < 0.65


def test_particles_are_no_prepositions() -> None:
    assert completeness(0.98, "Is my booking still on?") > 0.5 > completeness(0.98, "The booking is on")


def test_a_comma_tells_of_more_where_a_stop_tells_nothing() -> None:
    assert completeness(0.9, "I live in London,") < completeness(0.9, "I live in London.")
    assert completeness(0.9, "I live in London") == completeness(0.9, "I live in London.")
    assert completeness(0.9, "Yes,") < completeness(0.9, "Yes.")


def test_a_number_after_an_operation_may_be_misheard() -> None:
    assert wholeness("What is seven times for?") == pytest.approx(
        wholeness("What is seven times four?"), abs=0.05
    )


def test_the_clause_at_the_end_decides() -> None:
    assert clause_of("I have a question. So, what is a noun?") == (["what", "is", "a", "noun"], True, "")
    assert clause_of("I want to. Go.") == (["i", "want", "to", "go"], False, "")
    assert clause_of("No, I haven't.") == (["i", "haven't"], True, "yn")
    assert clause_of(" . ") == ([], False, "")


def test_unknown_words_are_judged_by_their_form() -> None:
    assert [word_class(w) for w in ("25", "2x", "x", "gliding", "slowly", "glorious")] == [
        *("NUM", "NUMX", "LET", "VING", "LY", "ADJ"),
    ]


@pytest.mark.parametrize("text", ["?!", "...", "'", "a", "x" * 5000, "ça va", "你好", "3.14159", "%", "@"])
def test_any_text_has_a_wholeness(text: str) -> None:
    assert 0.0 <= wholeness(text) <= 1.0
    assert 0.0 <= completeness(0.5, text) <= 1.0


def test_it_costs_next_to_nothing() -> None:
    text = "Well, my teacher told me to read the first chapter of the book until next week."
    start = time.process_time()
    for _ in range(100):
        completeness(0.9, text)
    assert (time.process_time() - start) / 100 < 0.01


@pytest.mark.parametrize("text", ["Yes.", "No!", "okay", "Stop.", "No, thank you.", "That’s right.", "Why?"])
def test_short_answers_are_whole_however_they_sound(text: str) -> None:
    assert completeness(0.1, text) >= 0.85


def test_words_that_may_be_whole_are_never_waited_for_as_long_as_those_that_ask_for_more() -> None:
    policy = TurnPolicy()
    assert policy.wait(completeness(0.9, "I would like to book a")) > 1.1
    assert policy.wait(FINISHED) < policy.min_wait + 0.02


def test_silence_is_never_a_finished_turn() -> None:
    assert completeness(1.0, "") <= 0.5
    assert completeness(None, " . ") <= 0.5


def test_without_a_model_the_words_decide() -> None:
    assert (
        completeness(None, "I want the")
        < 0.2
        < completeness(None, "I want the blue one")
        < completeness(None, "yes")
    )


@pytest.mark.parametrize("text", ["555", "My number is five five five", "It's 5, 5, 5, 0."])
def test_the_beginning_of_a_number_is_not_the_number(text: str) -> None:
    assert completeness(0.99, text, "digits") <= 0.3
    assert completeness(0.99, text) > 0.3


@pytest.mark.parametrize("text", ["555 012 3456", "five five five zero one two three four five six"])
def test_a_whole_number_ends_where_it_sounds_to(text: str) -> None:
    assert completeness(0.99, text, "digits") == 0.99


def test_a_refusal_to_give_a_number_is_an_answer() -> None:
    assert completeness(0.9, "I would rather not tell you.", "digits") >= 0.5
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


def test_the_wait_falls_from_longest_to_shortest_and_never_rises() -> None:
    policy = TurnPolicy()
    waits = [policy.wait(p / 100) for p in range(101)]
    assert waits == sorted(waits, reverse=True)
    assert (waits[0], waits[-1]) == (policy.max_wait, policy.min_wait)
    assert policy.wait(policy.wait_midway) == pytest.approx(
        (policy.doubt_wait + policy.min_wait) / 2, abs=0.01
    )
    assert policy.wait(policy.wait_unfinished) == pytest.approx(
        (policy.max_wait + policy.doubt_wait) / 2, abs=0.01
    )
    assert policy.wait(0.5) == pytest.approx(policy.doubt_wait, abs=0.02)
    assert policy.wait(None) > 1.0
    assert policy.wait(1.0, "digits") == policy.slot_wait["digits"]


def test_sums_in_signs_end_where_sums_in_words_do() -> None:
    assert completeness(0.95, "Solve 3x - 5 = 10.") > 0.9
    assert completeness(0.95, "Solve 3x - 5 =") < 0.1
