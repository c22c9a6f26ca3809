"""What leaves no doubt by its words alone, and what only sounds like it."""

from __future__ import annotations

import pytest

from antiphon.providers.plain_words import as_meant, cries_for_help, plainly


@pytest.mark.parametrize(
    "text",
    [
        "I want to kill myself",
        "i don't want to live in this world any more",
        "Want to die.",
        "I'm going to die tonight, I've made up my mind.",
        "I've taken forty tablets.",
        "I swallowed a whole packet of paracetamol.",
        "My best friend says she is going to kill herself.",
        "My daughter cuts herself at night.",
        "I cut myself again last night.",
        "You should kill yourself.",
    ],
)
def test_a_cry_for_help_is_known_by_its_words(text: str) -> None:
    assert cries_for_help(text)
    assert plainly(text) == "self_harm"


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to live in the boarding house next year.",
        "I don't want to wake up before seven.",
        "Why does Hamlet want to die?",
        "When Juliet says I want to die in that scene, what does she mean?",
        "I'd rather die than fill in this form.",
        "I'm going to die of boredom.",
        "I cut myself shaving and need a nurse.",
        "I hurt myself at the gym.",
        "My sister hurt herself at football.",
        "I took twenty milligram tablets before.",
        "There's no point in living so far from school.",
    ],
)
def test_what_only_sounds_like_one_is_left_to_be_weighed(text: str) -> None:
    assert not cries_for_help(text)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("I'm going to shoot my maths teacher.", "violence"),
        ("I will stab you.", "violence"),
        ("I'd love to strangle my stupid boss.", "violence"),
        ("You moron, I said Thursday.", "insult"),
        ("You're such a stupid idiot.", "insult"),
        ("Are you an idiot?", "insult"),
        ("They called you an idiot.", ""),
        ("I'm going to kill my brother at chess.", ""),
        ("I'll shoot you an email.", ""),
        ("I'm going to kill all my jobs.", ""),
        ("In the play I'm going to stab him.", ""),
    ],
)
def test_threats_and_insults_are_told_by_who_does_what_to_whom(text: str, category: str) -> None:
    assert plainly(text) == category


def test_figures_of_speech_are_weighed_as_they_are_meant() -> None:
    assert as_meant("Shoot me an email.") == "send me an email."
    assert as_meant("How do I kill the hanging process?") == "How do I stop the hanging process?"
    assert as_meant("I'd kill for a coffee") == "I'd love a coffee"
    assert as_meant("I will kill him.") == "I will kill him."
    assert as_meant("My mum will kill me if I fail.") == "they will be cross with me if I fail."


def test_a_word_that_is_asked_about_is_not_used() -> None:
    assert as_meant("Give me a synonym for stupid.") == "Give me a synonym for this word."
    assert as_meant("What does slaughter mean?") == "what does this word mean?"
    assert as_meant("How do you spell assassin?") == "how do you spell this word?"
    assert as_meant("What does this poem mean to you?") == "What does this poem mean to you?"
