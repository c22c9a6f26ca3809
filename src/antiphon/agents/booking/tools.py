"""What the booking agent does to a calendar, as tools: so that nothing is changed before the caller is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from antiphon.agent.tools import Person, Tool
from antiphon.agents.booking import wording
from antiphon.agents.booking.ics import ics
from antiphon.core.appointments import Appointment, SlotTaken
from antiphon.core.errors import CallerError
from antiphon.ports import Calendar

WITHIN = 3.0
"""Seconds the calendar has for an answer, of some milliseconds: whoever waits is told that it cannot be reached
before they ask who is there."""
TAKEN, BOOK, MOVE, CANCEL = "taken_times", "book_appointment", "move_appointment", "cancel_appointment"
MINE, FIND = "my_appointments", "find_appointment"
GONE = "slot_taken"
"Told in place of an appointment when somebody else has the time."


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment as a tool tells of it."""

    id: str
    starts_at: datetime
    ends_at: datetime
    reference: str
    is_booked: bool

    @classmethod
    def read(cls, told: object) -> Booked | None:
        """What `told` gives; None for anything else."""
        if not isinstance(told, Mapping) or "id" not in told:
            return None
        return cls(
            str(told["id"]),
            datetime.fromisoformat(str(told["starts_at"])),
            datetime.fromisoformat(str(told["ends_at"])),
            str(told["reference"]),
            told["status"] == "booked",
        )


def tools_of(calendar: Calendar, title: str) -> tuple[Tool, ...]:
    """The tools for this calendar. `title` stands in the iCalendar text of each appointment."""

    async def taken(person: Person, given: Mapping[str, object]) -> object:
        low = _moment(given, "first")
        spans = await calendar.taken(person.tenant, low, _moment(given, "last"))
        return [[_minutes(low, first), _minutes(first, last)] for first, last in spans]

    async def book(person: Person, given: Mapping[str, object]) -> object:
        id = str(given["id"])
        starts_at, ends_at = _moment(given, "starts_at"), _moment(given, "ends_at")
        bare = Appointment(
            id, person.tenant, person.id, starts_at, ends_at, details={"reference": wording.reference(id)}
        )
        new = replace(
            bare, details={**bare.details, "ics": ics(bare, stamp=_moment(given, "at"), title=title)}
        )
        return await _made(calendar.book(new))

    async def move(person: Person, given: Mapping[str, object]) -> object:
        id, starts_at = str(given["id"]), _moment(given, "starts_at")
        before = await calendar.get(person.tenant, person.id, id)
        if before is None:
            return {"refused": "unknown_appointment"}
        ends_at = starts_at + (before.ends_at - before.starts_at)
        text = ics(
            replace(before, starts_at=starts_at, ends_at=ends_at), stamp=_moment(given, "at"), title=title
        )
        return await _made(calendar.move(person.tenant, person.id, id, starts_at, {"ics": text}))

    async def cancel(person: Person, given: Mapping[str, object]) -> object:
        return await _made(calendar.cancel(person.tenant, person.id, str(given["id"])))

    async def mine(person: Person, given: Mapping[str, object]) -> object:
        after, ids = _moment(given, "after"), given["ids"]
        theirs = list(await calendar.of(person.tenant, person.id, after))
        for id in ids if isinstance(ids, Sequence) else ():
            found = await calendar.get(person.tenant, person.id, str(id))
            is_new = found is not None and all(found.id != known.id for known in theirs)
            if found is not None and is_new and found.status == "booked" and found.ends_at > after:
                theirs.append(found)
        return [_told(appointment) for appointment in sorted(theirs, key=lambda a: a.starts_at)]

    async def find(person: Person, given: Mapping[str, object]) -> object:
        found = await calendar.get(person.tenant, person.id, str(given["id"]))
        return None if found is None else _told(found)

    moment = {"type": "string", "format": "date-time"}
    tools = (
        Tool(TAKEN, "Times that are taken.", taken, _object(first=moment, last=moment)),
        Tool(MINE, "The caller's appointments.", mine, _object(after=moment, ids={"type": "array"})),
        Tool(FIND, "One appointment of the caller.", find, _object(id={"type": "string"})),
        Tool(
            BOOK,
            "Books a time for the caller.",
            book,
            _object(id={"type": "string"}, starts_at=moment, ends_at=moment, at=moment),
            writes=True,
        ),
        Tool(
            MOVE,
            "Moves an appointment of the caller.",
            move,
            _object(id={"type": "string"}, starts_at=moment, at=moment),
            writes=True,
        ),
        Tool(
            CANCEL,
            "Cancels an appointment of the caller.",
            cancel,
            _object(id={"type": "string"}),
            writes=True,
        ),
    )
    return tuple(replace(tool, timeout_s=WITHIN) for tool in tools)


async def _made(change: Awaitable[Appointment]) -> object:
    """What came of a change; a refusal is an answer, not a failure."""
    try:
        return _told(await change)
    except SlotTaken:
        return {"refused": GONE}
    except CallerError as error:
        return {"refused": error.code}


def _told(appointment: Appointment) -> dict[str, object]:
    return {
        "id": appointment.id,
        "starts_at": appointment.starts_at.isoformat(),
        "ends_at": appointment.ends_at.isoformat(),
        "reference": str(appointment.details.get("reference", "")),
        "status": appointment.status,
    }


def _moment(given: Mapping[str, object], name: str) -> datetime:
    return datetime.fromisoformat(str(given[name]))


def _minutes(first: datetime, last: datetime) -> int:
    return round((last - first).total_seconds() / 60)


def spans_of(low: datetime, told: object) -> list[tuple[datetime, datetime]]:
    """What is taken, as the tool told it: minutes from `low`, and how many. A month of it is short enough to tell."""
    found = []
    for begins, lasts in told if isinstance(told, list) else ():
        first = low.astimezone(UTC) + timedelta(minutes=begins)
        found.append((first, first + timedelta(minutes=lasts)))
    return found


def _object(**properties: Mapping[str, object]) -> Mapping[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties)}


NewId = Callable[[], str]
