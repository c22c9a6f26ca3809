"""The agent's turns as jobs: asked for by a program, or spoken unasked. Pure: news in, changes out.

A job is *done* when all of its answer is approved, which is before it was heard; and *cancelled* when it was stopped
before it was heard to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from antiphon.core import events as e
from antiphon.core.notes import JobChanged, Note

OPEN = frozenset({"pending", "running"})


class Jobs:
    """Those of one session. A job that was asked for is answered in a turn of its own."""

    def __init__(self, session: str, known: Iterable[JobChanged] = ()) -> None:
        """`known`: those from before, where the session goes on."""
        self._stem = "j_" + session.removeprefix("s_")
        self._jobs = {job.job: job for job in known}
        self._current = next(reversed(self._jobs), "")
        self._is_taken_over = False

    def __iter__(self) -> Iterator[JobChanged]:
        return iter(tuple(self._jobs.values()))

    def get(self, job: str) -> JobChanged | None:
        """The job of that id, as it now is."""
        return self._jobs.get(job)

    @property
    def pending(self) -> tuple[JobChanged, ...]:
        """Those that were asked for and have not begun."""
        return tuple(job for job in self._jobs.values() if job.status == "pending")

    def asked(self, question: str, call: str = "") -> tuple[JobChanged, bool]:
        """The job for this question, and whether it is new: a function call asks once, however often it is told."""
        if call and (known := next((job for job in self._jobs.values() if job.call == call), None)):
            return known, False
        number = 1 + max((job.number for job in self._jobs.values()), default=0)
        job = JobChanged(f"{self._stem}.{number}", number, "pending", question=question, call=call)
        self._jobs[job.job] = job
        return job, True

    def show(self, news: e.Event | e.Command | Note) -> list[JobChanged]:
        """What happened; returns the jobs that it changed."""
        match news:
            case e.StartReply(turn, _, is_confirmed) if is_confirmed:
                return self._begin(turn)
            case e.ConfirmReply(turn):
                return self._begin(turn)
            case e.ContinueReply(turn):
                return self._change(turn=turn, status="running") if self._current else self._begin(turn)
            case e.Speak(turn, _, text) if turn == self._turn:
                return self._say(text.text)
            case e.Speak(turn, _, text):  # nobody asked: all there is to say is this
                self._start(turn, self._unasked(turn))
                return [*self._say(text.text), *self._change(status="done")]
            case e.ReplyEnded(turn) if turn == self._turn:
                return self._change(status="done")
            case e.ReplyFailed(turn) if turn == self._turn:
                return self._change(status="failed")
            case e.CancelReply(turn) if turn == self._turn:
                return self._change(status="cancelled")
            case e.TakenOver() | e.HandedBack():
                self._is_taken_over = isinstance(news, e.TakenOver)
            case e.Remember(role=e.Role.USER) if self._is_taken_over:
                return [self._put(replace(job, status="cancelled")) for job in self.pending]
            case _:
                pass
        return []

    @property
    def _turn(self) -> e.TurnId:
        """Of the latest job that began."""
        return self._jobs[self._current].turn if self._current else 0

    def _begin(self, turn: e.TurnId) -> list[JobChanged]:
        """The turn answers the latest question; those before it, if any wait, are answered with it."""
        *earlier, latest = self.pending or (self._unasked(turn),)
        changed = [self._put(replace(job, status="cancelled")) for job in earlier]
        return [*changed, self._start(turn, latest)]

    def _start(self, turn: e.TurnId, job: JobChanged) -> JobChanged:
        self._current = job.job
        return self._put(replace(job, status="running", turn=turn))

    def _unasked(self, turn: e.TurnId) -> JobChanged:
        return JobChanged(f"{self._stem}.t{turn}", 0, "pending")

    def _say(self, text: str) -> list[JobChanged]:
        before = self._jobs[self._current].text
        return self._change(text=f"{before} {text}" if before else text, is_ready=True)

    def _change(self, **values: object) -> list[JobChanged]:
        return [self._put(replace(self._jobs[self._current], **values))]  # type: ignore[arg-type]

    def _put(self, job: JobChanged) -> JobChanged:
        self._jobs[job.job] = job
        return job
