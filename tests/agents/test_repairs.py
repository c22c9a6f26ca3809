"""Misheard days, hours and names of plans are understood by their sound, and nothing else is changed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from test_booking import Call, booked
from test_when import cases
from when_lines import DEVELOPED, HELD_OUT

from antiphon.agents.booking.acts import Act, act_of
from antiphon.agents.booking.heard import put_right
from antiphon.agents.booking.when import Had, understand
from antiphon.agents.hearing.repairs import Phrasebook
from antiphon.agents.support.articles import FOLDER, read_articles
from antiphon.agents.support.heard import Meaning
from antiphon.agents.support.intents import examples
from antiphon.testing.calendar import MemoryCalendar

DATA = Path(__file__).parents[2] / "benchmarks" / "data"
NOW = datetime(2026, 11, 18, 10, 20)
UNRELATED_CHANGED = 3
"Of the lines about other things, as many as may be changed at most."


def test_words_are_matched_over_their_bounds() -> None:
    book = Phrasebook(["Saturday", "Tuesday"], "on at please")
    assert book.repaired("on set or day, please").text == "on Saturday, please"
    assert book.repaired("On to Ziet please.").text == "On Tuesday please."


def test_a_line_of_known_words_is_not_looked_at() -> None:
    book = Phrasebook(["Monday"], "money i have no")
    assert book.repaired("I have no money").changes == ()


def test_a_line_that_stays_strange_is_left_alone() -> None:
    book = Phrasebook(["Monday"], "on")
    repaired = book.repaired("the mundane affairs of elderly gardeners on Mandy")
    assert (repaired.changes, repaired.is_sure) == ((), True)


def test_what_sounds_like_two_things_is_not_sure() -> None:
    repaired = Phrasebook(["Sunday", "Monday"]).repaired("wanday")
    [change] = repaired.changes
    assert {change.meant, *change.others} == {"Sunday", "Monday"}
    assert not repaired.is_sure


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("I would like to come on to Ziet half-past nine.", "d=26-11-24 t=09:30|21:30"),
        ("No, make it thursy.", "d=26-11-19"),
        ("To-morrow at four.", "d=26-11-19 t=04:00|16:00"),
        ("Next, Mandy had a quarter to three.", "d=26-11-23 t=02:45|14:45"),
        ("set or day at too thirty", "d=26-11-21 t=02:30|14:30"),
        ("At half-pest ten in the morning,", "t=10:30"),
    ],
)
def test_what_was_misheard_means_what_was_said(heard: str, meant: str) -> None:
    assert str(understand(put_right(heard, Had(), NOW).text, NOW)) == meant


def test_a_call_of_misheard_lines_ends_with_the_appointment() -> None:
    calendar = MemoryCalendar()
    call = Call(calendar)
    asked = call.say("I would like to come on to Ziet half-past nine.")
    assert asked.startswith("Tuesday the twenty-fourth of November, at half past nine in the morning.")
    assert call.say("No, make it thursy.").startswith("Tomorrow, Thursday the nineteenth")
    call.say("Yep, please.")
    assert booked(calendar) == ["ann 11-19 09:30"]


def test_a_day_that_only_sounds_somewhat_like_one_is_asked_about() -> None:
    calendar = MemoryCalendar()
    call = Call(calendar)
    assert call.say("Demarlo.") == "Did you say tomorrow, Thursday the nineteenth of November?"
    assert call.say("Yes.").endswith("At what time?")
    call.say("ten in the morning", "yes")
    assert booked(calendar) == ["ann 11-19 10:00"]


def test_a_day_that_was_not_said_is_forgotten() -> None:
    call = Call(MemoryCalendar())
    call.say("Demarlo.")
    assert "which day" in call.say("No.")
    call.say("Demarlo.")
    assert call.say("Friday at ten").startswith("Friday the twentieth")


def test_nobody_is_taken_to_have_said_yes() -> None:
    calendar = MemoryCalendar()
    call = Call(calendar)
    assert "yes or no" in call.say("Tuesday at ten", "Yes, but it.")
    call.say("bucket")
    assert booked(calendar) == []


def test_minutes_that_no_appointment_begins_at_are_those_that_sound_alike() -> None:
    assert "a quarter past nine" in Call(MemoryCalendar()).say("Tuesday at nine fifty in the morning.")


@pytest.mark.parametrize(("line", "had", "meaning"), cases(DEVELOPED) + cases(HELD_OUT))
def test_what_was_heard_well_is_not_changed(line: str, had: Had, meaning: str) -> None:
    del meaning
    assert understand(put_right(line, had, NOW).text, NOW, had) == understand(line, NOW, had)


def _lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def test_lines_about_other_things_are_left_alone() -> None:
    unrelated = [row["heard"] for row in _lines("misheard.jsonl")]
    unrelated += [row["heard"] for row in _lines("spoken.jsonl") if row["agent"] != "booking"]
    changed = [line for line in unrelated if put_right(line, Had(asked="date"), NOW).changes]
    assert len(changed) <= UNRELATED_CHANGED, changed


def test_a_yes_is_never_made() -> None:
    for row in _lines("spoken.jsonl"):
        meant = put_right(row["heard"], Had(asked="time"), NOW)
        if meant.changes and act_of(row["heard"]) is not Act.YES and act_of(meant.text) is Act.YES:
            assert understand(meant.text, NOW), row


# ---- support ---------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def meaning() -> Meaning:
    return Meaning(text for text, _ in examples(read_articles(FOLDER)))


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("Switch me to the team, blam!", "Switch me to the team plan!"),
        ("I want to move to the team, Blenheim.", "I want to move to the Team plan."),
        ("Switch me to the team, Glenn.", "Switch me to the team plan."),
        ("Which clan am I on?", "Which plan am I on?"),
        ("Oh, Benatiket!", "open a ticket!"),
        ("My calendar is not sensing.", "My calendar is not syncing."),
        ("There is some noise in the street.", "There is some noise in the street."),
        ("My team is very happy with you.", "My team is very happy with you."),
    ],
)
def test_names_of_plans_are_known_by_their_sound(meaning: Meaning, heard: str, meant: str) -> None:
    assert meaning.of(heard).text == meant


def test_a_yes_that_was_put_together_is_asked_for_again(meaning: Meaning) -> None:
    assert meaning.is_new_yes("Yes, the implant.")
    assert not meaning.is_new_yes("Yes, please.")
    assert not meaning.is_new_yes("No, believe it.")
