"""Stories of callers who want an appointment."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.agent.definition import Question
from antiphon.agent.tools import ANYBODY, Person, ToolResult
from antiphon.agents.booking.acts import Act, act_of
from antiphon.agents.booking.booking import MEMORY, booking_agent
from antiphon.agents.booking.draft import Draft
from antiphon.agents.booking.ics import ics
from antiphon.agents.booking.opening import OpeningHours
from antiphon.agents.booking.wording import day, hour, reference
from antiphon.bench.trials.appointments import Trusting
from antiphon.core.appointments import Appointment
from antiphon.testing.calendar import MemoryCalendar

NOW = datetime(2026, 11, 18, 10, 20, tzinfo=UTC)
ANN = Person("ann", "local")


class Call:
    """One caller's conversation with the agent, turn by turn."""

    def __init__(
        self, calendar: MemoryCalendar, person: Person = ANN, opening: OpeningHours | None = None
    ) -> None:
        ids = itertools.count()
        made = booking_agent(
            calendar,
            Trusting(),
            opening or OpeningHours(),
            now=lambda question: NOW,
            make_id=lambda: f"{person.id}-{next(ids)}",
        )
        [self.specialist] = asyncio.run(made).specialists
        self.person = person
        self.memory: Mapping[str, object] = {}
        self.escalated = ""

    def say(self, *lines: str) -> str:
        """The answer to the last of the lines."""
        answer = ""
        for line in lines:
            answer = asyncio.run(self._say(line))
        return answer

    def say_and_be_killed(self, line: str) -> str:
        """The answer that was worked out by a process that then forgot all about it."""
        before = self.memory
        answer = self.say(line)
        self.memory = before
        return answer

    async def _say(self, line: str) -> str:
        async def use(name: str, arguments: Mapping[str, object]) -> ToolResult:
            tool = next(tool for tool in self.specialist.tools if tool.name == name)
            try:
                return ToolResult(await tool.run(self.person, arguments))
            except Exception as error:  # noqa: BLE001 - as the toolbox does
                return ToolResult(error=str(error))

        question = Question(line, memory=self.memory, caller=self.person, asked_at=NOW, use=use)
        grounding = await self.specialist.ground(question)
        self.memory = json.loads(json.dumps({**self.memory, **grounding.memory}))
        self.escalated = grounding.escalate
        return " ".join(grounding.sentences)


def booked(calendar: MemoryCalendar) -> list[str]:
    return [f"{a.owner} {a.starts_at.astimezone(UTC):%m-%d %H:%M}" for a in calendar.booked]


def test_what_is_read_back_is_what_is_booked() -> None:
    calendar = MemoryCalendar()
    call = Call(calendar)
    assert call.say("Tuesday at half nine") == (
        "Tuesday the twenty-fourth of November, at half past nine in the morning. Shall I book it?"
    )
    assert call.say("yes").startswith("You're booked for Tuesday the twenty-fourth of November")
    assert booked(calendar) == ["ann 11-24 09:30"]


@pytest.mark.parametrize(
    "doubtful",
    [
        "ok wait",
        "yes but not so early",
        "okay, what about parking?",
        "good morning",
        "right, so can I bring my dog",
        "no",
    ],
)
def test_nothing_is_booked_on_half_a_yes(doubtful: str) -> None:
    calendar = MemoryCalendar()
    Call(calendar).say("Tuesday at ten", doubtful)
    assert booked(calendar) == []


def test_a_turn_that_is_run_again_after_a_kill_books_once() -> None:
    calendar = MemoryCalendar()
    call = Call(calendar)
    call.say("Tuesday at ten")
    first = call.say_and_be_killed("yes")
    assert call.say("yes") == first
    assert booked(calendar) == ["ann 11-24 10:00"]
    assert calendar.changes == 1


def test_a_move_that_is_run_again_after_a_kill_moves_once() -> None:
    calendar = MemoryCalendar()
    call = Call(calendar)
    call.say("Tuesday at ten", "yes", "move it to Thursday")
    assert call.say_and_be_killed("yes") == call.say("yes")
    assert booked(calendar) == ["ann 11-19 10:00"]
    assert calendar.changes == 2


def test_a_correction_spoken_over_the_booking_moves_what_was_booked() -> None:
    calendar = MemoryCalendar()
    call = Call(calendar)
    call.say("Tuesday at ten")
    call.say_and_be_killed("yes")
    assert "From Tuesday" in call.say("no, Thursday")
    call.say("yes")
    assert booked(calendar) == ["ann 11-19 10:00"]


def test_without_a_calendar_nothing_is_promised() -> None:
    calendar = MemoryCalendar()
    call = Call(calendar)
    call.say("Tuesday at ten")
    calendar.is_away = True
    assert call.say("yes").startswith("I can't reach the calendar")
    assert "booked" not in call.say("yes")
    calendar.is_away = False
    assert call.say("yes").startswith("You're booked")
    assert booked(calendar) == ["ann 11-24 10:00"]


def test_an_answer_that_was_lost_is_not_a_second_booking() -> None:
    calendar = MemoryCalendar(is_cut=True)
    call = Call(calendar)
    assert "nothing is certain" in call.say("Tuesday at ten", "yes")
    assert call.say("yes").startswith("You're booked")
    assert (booked(calendar), calendar.changes) == (["ann 11-24 10:00"], 1)


def test_people_know_of_their_own_appointments_only() -> None:
    calendar = MemoryCalendar()
    Call(calendar).say("Tuesday at ten", "yes")
    for stranger in (Person("bob", "local"), Person("ann", "elsewhere"), ANYBODY):
        assert call_finds_nothing(Call(calendar, stranger))
    assert "ten in the morning" in Call(calendar).say("when is my appointment?")


def call_finds_nothing(call: Call) -> bool:
    return "don't find" in call.say("cancel my appointment") and "don't find" in call.say(
        "when is my appointment?"
    )


def test_somebody_unknown_can_cancel_what_they_booked_in_this_call() -> None:
    calendar = MemoryCalendar()
    call = Call(calendar, ANYBODY)
    call.say("Tuesday at ten", "yes")
    assert "Shall I cancel Tuesday" in call.say("cancel my appointment")
    call.say("yes")
    assert booked(calendar) == []


def test_who_is_never_understood_gets_a_person() -> None:
    call = Call(MemoryCalendar())
    answers = [call.say(f"gobbledygook {n}") for n in range(5)]
    assert len(set(answers)) == 5
    assert call.escalated


def test_hours_of_the_house_are_kept() -> None:
    saturday = {5: ((time(10), time(12)), (time(14), time(15)))}
    opening = OpeningHours("Europe/Berlin", saturday, closed=frozenset({date(2026, 11, 28)}), lasts_min=60)
    calendar = MemoryCalendar()
    call = Call(calendar, opening=opening)
    assert "We're closed on Friday" in call.say("Friday at ten")
    assert "closed" in call.say("the twenty-eighth")
    assert "ten to noon and from two to three" in call.say("Saturday at eight in the evening")
    call.say("eleven", "yes")
    assert booked(calendar) == ["ann 11-21 10:00"], "eleven in Berlin is ten in Greenwich"


def test_offers_are_free_and_taking_one_books_it() -> None:
    calendar = MemoryCalendar()
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    for half in range(14):
        starts_at = at + half * timedelta(minutes=30)
        asyncio.run(
            calendar.book(
                Appointment(str(half), "local", "rival", starts_at, starts_at + timedelta(minutes=30))
            )
        )
    call = Call(calendar)
    assert "four or a quarter past four" in call.say("Tuesday at ten")
    call.say("the second one", "yes")
    assert booked(calendar)[-1] == "ann 11-24 16:15"


LINES = st.sampled_from(
    """Tuesday|at ten|yes|no|Tuesday at half nine|the day after|an hour later|you said Friday|go back|start over
    forget it|cancel my appointment|move my appointment|the first one|what did I say|tomorrow|next week|in the morning
    3/14|fifty|say that again|hello|thanks|whatever you have|not Tuesday|another one|when is my appointment|bye
    at three London time|Saturday|yesterday|the last one|either|the time|the day|purple|any time after two|noon
    !away|!back|!cut|!take""".replace("\n", "|").split("|")
).map(str.strip)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["ann", "bob"]), LINES), max_size=25))
def test_whatever_callers_say(said: list[tuple[str, str]]) -> None:
    """The agent always answers, asks at most one thing, and says that it is booked only of what is."""
    calendar = MemoryCalendar()
    calls = {name: Call(calendar, Person(name, "local")) for name in ("ann", "bob")}
    for name, line in said:
        if line.startswith("!"):
            happen(calendar, line)
            continue
        answer = calls[name].say(line)
        assert answer
        assert answer.count("?") <= 1, answer
        if "You're booked for" in answer and act_of(line) is not Act.REPEAT:
            assert any(a.owner == name for a in calendar.booked)
        for one, other in itertools.combinations(calendar.booked, 2):
            assert one.ends_at <= other.starts_at, "two at once"
        draft = Draft.recalled(calls[name].memory[MEMORY])
        assert Draft.recalled(json.loads(json.dumps(draft.json()))) == draft


def happen(calendar: MemoryCalendar, what: str) -> None:
    calendar.is_away = what == "!away" or (calendar.is_away and what != "!back")
    calendar.is_cut = what == "!cut" or calendar.is_cut
    if what == "!take" and not calendar.is_away and not calendar.is_cut and not calendar.booked:
        at = datetime(2026, 11, 24, 10, tzinfo=UTC)
        asyncio.run(calendar.book(Appointment("r", "local", "rival", at, at + timedelta(minutes=30))))


@settings(max_examples=40, deadline=None)
@given(st.lists(LINES.filter(lambda line: not line.startswith("!")), max_size=12))
def test_the_same_lines_get_the_same_answers(said: list[str]) -> None:
    def answers() -> Sequence[str]:
        call = Call(MemoryCalendar())
        return [call.say(line) for line in said]

    assert answers() == answers()


@given(
    st.recursive(st.none() | st.integers() | st.text("ab"), lambda x: st.lists(x) | st.dictionaries(st.text("ab"), x))
)
def test_a_memory_that_is_broken_is_a_new_beginning(told: object) -> None:
    assert Draft.recalled(told) == Draft()


# ---- words and files ---------------------------------------------------------------------------------------
def test_hours_are_said_so_that_fifteen_is_not_fifty() -> None:
    said = [hour(time(15, minute)) for minute in (0, 5, 15, 23, 30, 45, 50)]
    assert said == [
        *("three", "five past three", "a quarter past three", "twenty-three minutes past three"),
        *("half past three", "a quarter to four", "ten to four"),
    ]
    assert hour(time(12), whole=True) == "noon"
    assert hour(time(0, 30), whole=True) == "half past twelve in the morning"


def test_days_are_said_with_what_tells_them_apart() -> None:
    today = date(2026, 11, 18)
    assert day(date(2026, 11, 19), today) == "tomorrow, Thursday the nineteenth of November"
    assert day(date(2027, 11, 21), today) == "Sunday the twenty-first of November 2027"


def test_a_reference_can_be_said_and_stays() -> None:
    assert reference("a") == reference("a")
    assert len({reference(str(n)) for n in range(200)}) > 190


def test_icalendar_text_is_as_the_standard_has_it() -> None:
    appointment = Appointment(
        "id", "local", "ann", NOW, NOW + timedelta(minutes=30), details={"reference": "maple four; two, one"}
    )
    title = "Visit at Dr. Ångström’s, second floor, behind the very long corridor with the paintings"
    text = ics(appointment, stamp=NOW, title=title)
    assert text.endswith("END:VCALENDAR\r\n")
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "\n" not in text.replace("\r\n", "")
    whole = text.replace("\r\n ", "").split("\r\n")
    assert "DTSTART:20261118T102000Z" in whole
    assert "DTEND:20261118T105000Z" in whole
    assert "UID:id@antiphon" in whole
    assert r"DESCRIPTION:Reference: maple four\; two\, one" in whole
    assert f"SUMMARY:{title.replace(',', chr(92) + ',')}" in whole
