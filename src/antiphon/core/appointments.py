"""Appointments: what is kept of them, and why one may not be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from antiphon.core.errors import CallerError


class SlotTaken(CallerError):
    """Somebody has this time, or a part of it."""

    def __init__(self) -> None:
        super().__init__("this time is taken", code="slot_taken")


@dataclass(frozen=True, slots=True)
class Appointment:
    """A time that somebody has. Both ends know their time zone."""

    id: str
    "Chosen by who books, unguessable: booking the same id again is the same appointment."
    tenant: str
    owner: str
    "A person's id; empty for somebody who has not signed in, who must then know the appointment's."
    starts_at: datetime
    ends_at: datetime
    status: str = "booked"
    "booked or cancelled."
    session: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    "Plain JSON: its reference, its iCalendar text."

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None or self.starts_at >= self.ends_at:
            raise CallerError(
                "an appointment begins before it ends, both with their time zones", code="no_span"
            )


def no_appointment() -> CallerError:
    """For appointments that are not there and for those of others: nobody can tell which."""
    return CallerError("there is no such appointment", code="unknown_appointment")
