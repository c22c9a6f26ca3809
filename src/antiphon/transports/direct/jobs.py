"""The agent's turns as jobs: asked for by a program, or spoken unasked. Pure: news in, changes out."""

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
        self._current = next(
            (job.job for job in reversed(self._jobs.values()) if job.status == "running"), ""
        )
        self._is_cut = self._has_failed = self._is_taken_over = False

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
                return self._change(turn=turn) if self._is_open else self._begin(turn)
            case e.Speak(turn, _, text):
                begun = self._begin(turn) if self._turn != turn else []
                before = self._jobs[self._current].text
                said = f"{before} {text.text}" if before else text.text
                return [*begun[:-1], *self._change(text=said, is_ready=True)]
            case e.ReplyFailed(turn) if turn == self._turn:
                self._has_failed = True
            case e.CancelReply(turn) if turn == self._turn:
                self._is_cut = True
            case e.ChangePhase(e.Phase.IDLE):
                return self._finish()
            case e.TakenOver() | e.HandedBack():
                self._is_taken_over = isinstance(news, e.TakenOver)
            case e.Remember(role=e.Role.USER) if self._is_taken_over:
                return [self._put(replace(job, status="cancelled")) for job in self.pending]
            case _:
                pass
        return []

    @property
    def _is_open(self) -> bool:
        return self._current in self._jobs and self._jobs[self._current].status in OPEN

    @property
    def _turn(self) -> e.TurnId:
        return self._jobs[self._current].turn if self._is_open else 0

    def _begin(self, turn: e.TurnId) -> list[JobChanged]:
        """The turn answers the latest question; those before it, if any wait, are answered with it."""
        changed = self._finish()
        *earlier, latest = self.pending or (JobChanged(f"{self._stem}.t{turn}", 0, "pending"),)
        changed += [self._put(replace(job, status="cancelled")) for job in earlier]
        self._current = latest.job
        self._is_cut = self._has_failed = False
        return [*changed, self._put(replace(latest, status="running", turn=turn))]

    def _finish(self) -> list[JobChanged]:
        if not self._is_open or not self._turn:
            return []
        status = "cancelled" if self._is_cut else "failed" if self._has_failed else "done"
        finished = self._change(status=status)
        self._current = ""
        return finished

    def _change(self, **values: object) -> list[JobChanged]:
        return [self._put(replace(self._jobs[self._current], **values))]  # type: ignore[arg-type]

    def _put(self, job: JobChanged) -> JobChanged:
        self._jobs[job.job] = job
        return job
