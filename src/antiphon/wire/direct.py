"""What the page of a direct call is told besides the messages of `native`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from antiphon.core.notes import JobChanged
from antiphon.wire import fields
from antiphon.wire.native import MAX_TEXT_FRAME, SERVER_KINDS, ServerMessage


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


def decode(text: str) -> ServerMessage | JobIs:
    """What the page was told. Raises CallerError that names the field at fault."""
    return fields.read(text, _KINDS, MAX_TEXT_FRAME)


_KINDS: dict[str, type[ServerMessage] | type[JobIs]] = {**SERVER_KINDS, JobIs.type: JobIs}
