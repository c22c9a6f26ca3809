"""What the page of a direct call is told besides the messages of `native`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from antiphon.core.notes import JobChanged
from antiphon.wire import fields


@dataclass(frozen=True, slots=True)
class JobIs:
    """A job, whenever it changes. Its sound can be fetched while it runs."""

    type: ClassVar[str] = "job"
    job_id: str
    status: str
    "pending, running, done, failed or cancelled."
    turn: int
    question: str
    "Empty: the agent speaks unasked."
    safe_text: str
    "What was approved so far."
    tts_ready: bool


def told(change: JobChanged) -> JobIs:
    """The change as the page is told of it."""
    return JobIs(change.job, change.status, change.turn, change.question, change.text, change.is_ready)


def encode(message: JobIs) -> str:
    """The message as JSON text."""
    return fields.write(message)
