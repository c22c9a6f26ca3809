"""Turns as jobs: which question is answered in which turn, and what has become of it."""

from __future__ import annotations

from antiphon.core import events as e
from antiphon.core.notes import JobChanged
from antiphon.core.speech import Approved
from antiphon.transports.direct.jobs import Jobs


def speak(turn: int, text: str, sentence: int = 0) -> e.Speak:
    return e.Speak(turn, sentence, Approved(text))


def states(changes: list[JobChanged]) -> list[tuple[str, str]]:
    return [(change.job, change.status) for change in changes]


def test_a_question_waits_runs_and_is_done() -> None:
    jobs = Jobs("s_abc")
    job, is_new = jobs.asked("Who?")
    assert (job.job, job.number, job.status, is_new) == ("j_abc.1", 1, "pending", True)
    assert states(jobs.show(e.StartReply(4, "Who?", is_confirmed=True))) == [("j_abc.1", "running")]
    (ready,) = jobs.show(speak(4, "Nobody."))
    assert (ready.text, ready.is_ready, ready.turn) == ("Nobody.", True, 4)
    (more,) = jobs.show(speak(4, "Ever.", 1))
    assert more.text == "Nobody. Ever."
    assert states(jobs.show(e.ReplyEnded(4))) == [("j_abc.1", "done")]
    assert jobs.show(e.ReplyEnded(3)) == []


def test_a_guess_is_no_answer_yet() -> None:
    jobs = Jobs("s_abc")
    jobs.asked("Who?")
    assert jobs.show(e.StartReply(1, "Who?", is_confirmed=False)) == []
    assert states(jobs.show(e.ConfirmReply(1))) == [("j_abc.1", "running")]


def test_two_questions_at_once_are_answered_in_one_turn() -> None:
    jobs = Jobs("s_abc")
    jobs.asked("Who?")
    jobs.asked("And when?")
    changes = jobs.show(e.StartReply(1, "Who? And when?", is_confirmed=True))
    assert states(changes) == [("j_abc.1", "cancelled"), ("j_abc.2", "running")]


def test_what_is_said_unasked_is_a_job_of_its_own_and_takes_no_question() -> None:
    jobs = Jobs("s_abc")
    jobs.asked("Who?")
    assert states(jobs.show(speak(1, "Good morning."))) == [("j_abc.t1", "running"), ("j_abc.t1", "done")]
    assert states(jobs.show(e.StartReply(2, "Who?", is_confirmed=True))) == [("j_abc.1", "running")]


def test_an_answer_that_was_stopped_is_cancelled_even_when_all_of_it_was_approved() -> None:
    jobs = Jobs("s_abc")
    jobs.asked("Who?")
    jobs.show(e.StartReply(1, "Who?", is_confirmed=True))
    jobs.show(speak(1, "Nobody."))
    jobs.show(e.ReplyEnded(1))
    assert states(jobs.show(e.CancelReply(1))) == [("j_abc.1", "cancelled")]


def test_an_answer_that_breaks_off_has_failed() -> None:
    jobs = Jobs("s_abc")
    jobs.asked("Who?")
    jobs.show(e.StartReply(1, "Who?", is_confirmed=True))
    assert states(jobs.show(e.ReplyFailed(1, "broken"))) == [("j_abc.1", "failed")]


def test_after_another_process_the_job_goes_on_in_a_turn_of_its_own() -> None:
    before = Jobs("s_abc")
    before.asked("Who?")
    before.show(e.StartReply(1, "Who?", is_confirmed=True))
    before.show(speak(1, "Nobody."))
    after = Jobs("s_abc", before)
    (goes_on,) = after.show(e.ContinueReply(2, "Who?", "Nobody.", ("Ever.",), True))
    assert (goes_on.job, goes_on.turn, goes_on.status) == ("j_abc.1", 2, "running")
    assert after.asked("When?")[0].job == "j_abc.2"


def test_questions_to_a_person_who_has_taken_over_are_nobodys_job() -> None:
    jobs = Jobs("s_abc")
    jobs.show(e.TakenOver("teacher"))
    jobs.asked("Who?")
    assert states(jobs.show(e.Remember(0, e.Role.USER, "Who?"))) == [("j_abc.1", "cancelled")]


def test_a_function_call_is_told_twice_and_asks_once() -> None:
    jobs = Jobs("s_abc")
    job, _ = jobs.asked("Who?", "call_7")
    assert jobs.asked("Who?", "call_7") == (job, False)
    assert jobs.asked("Who?") != (job, False)
