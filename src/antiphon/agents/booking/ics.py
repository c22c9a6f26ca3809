"""An appointment as iCalendar text (RFC 5545), for the caller's own calendar."""

from __future__ import annotations

from datetime import UTC, datetime

from antiphon.core.appointments import Appointment

LINE = 75
"Octets of a line before it is folded, section 3.1."


def ics(appointment: Appointment, *, stamp: datetime, title: str = "Appointment") -> str:
    """The appointment as a calendar with one event, lines ended by CR and LF. `stamp`: when this was made."""
    method = "CANCEL" if appointment.status == "cancelled" else "PUBLISH"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Antiphon//Booking//EN",
        "CALSCALE:GREGORIAN",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{_text(appointment.id)}@antiphon",
        f"DTSTAMP:{_utc(stamp)}",
        f"DTSTART:{_utc(appointment.starts_at)}",
        f"DTEND:{_utc(appointment.ends_at)}",
        f"SUMMARY:{_text(title)}",
    ]
    if reference := appointment.details.get("reference"):
        lines.append(f"DESCRIPTION:{_text(f'Reference: {reference}')}")
    status = "CANCELLED" if appointment.status == "cancelled" else "CONFIRMED"
    lines += [f"STATUS:{status}", "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR"]
    return "".join(_folded(line) for line in lines)


def _utc(moment: datetime) -> str:
    """Form 2 of a date-time, section 3.3.5."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A TEXT value, section 3.3.11."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return "".join(letter for letter in value if letter >= " ")


def _folded(line: str) -> str:
    """The line in pieces of at most 75 octets; no letter is cut in two."""
    pieces, size = [""], 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LINE:
            pieces.append(" ")
            size = 1
        pieces[-1] += letter
        size += width
    return "\r\n".join(pieces) + "\r\n"
