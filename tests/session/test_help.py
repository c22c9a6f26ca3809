"""When an agent asks for a person, and how often."""

from __future__ import annotations

from collections.abc import Sequence

from antiphon.core import events as e
from antiphon.core.notes import Attended, Note, NothingKnown, PersonAsked, PersonNeeded, RouteDecided
from antiphon.core.turns import Lines, TurnPolicy
from antiphon.session.help import Help
from antiphon.session.journal import Entry, Header, Item, decode_entry, encode_entry
from antiphon.session.past import past


def answer(turn: int, confidence: float = 0.9, *, known: bool = True) -> list[Item]:
    notes: list[Item] = [RouteDecided(turn, "math", confidence)]
    if not known:
        notes.append(NothingKnown(turn))
    return [*notes, e.Remember(turn, e.Role.AGENT, "Well.")]


def asked(*stories: Sequence[Item | Note]) -> list[str]:
    """Why a person was asked for, in the course of the stories."""
    help, calls = Help(0.4), []
    for item in (item for story in stories for item in story):
        if (call := help.note(item)) is not None:
            assert help.note(call) is None
            calls.append(call.reason)
    return calls


def test_two_guesses_in_a_row_call_a_person_once():
    assert asked(answer(1, 0.2)) == []
    assert asked(answer(1, 0.2), answer(2, known=False)) == ["unsure 2 times in a row"]
    assert len(asked(*(answer(turn, 0.2) for turn in range(1, 9)))) == 1


def test_a_good_answer_in_between_counts_and_a_prompt_does_not():
    assert asked(answer(1, 0.2), answer(2), answer(3, 0.2)) == []
    prompt = [e.Remember(2, e.Role.AGENT, "Are you still there?")]
    assert len(asked(answer(1, 0.2), prompt, answer(3, 0.2))) == 1


def test_a_guess_that_was_never_heard_does_not_count():
    assert asked([RouteDecided(1, "math", 0.1)], [RouteDecided(2, "math", 0.1)], answer(3, 0.1)) == []


def test_the_button_calls_once_until_somebody_has_come():
    press, came = [PersonAsked()], [Attended("teacher", is_there=True)]
    assert asked(press, press, press) == ["the caller asked for a person"]
    assert len(asked(press, came, press)) == 2
    assert len(asked(answer(1, 0.1), answer(2, 0.1), press)) == 1
    assert asked([PersonNeeded(1, "distress")], press) == []


def test_it_goes_on_after_a_resume_where_it_was():
    header = Header("s", "a", TurnPolicy(), Lines())
    first = [decode_entry(encode_entry(Entry(0.0, item))) for item in answer(1, 0.2)]
    help = past(header, first, 0.4).help
    assert [found for item in answer(2, 0.2) if (found := help.note(item))] == [
        PersonNeeded(2, "unsure 2 times in a row")
    ]
