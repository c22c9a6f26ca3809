"""What every calendar must do, as a check for the tests of one. It must be empty at first.

Raises AssertionError with what is wrong.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from antiphon.core.appointments import Appointment, SlotTaken
from antiphon.ports import Calendar
from antiphon.testing.promises import claim, refused

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HALF = timedelta(minutes=30)


def _new(id: str, at: datetime = NINE, owner: str = "ann", tenant: str = "clinic") -> Appointment:
    details = {"reference": id, "odd": 'half a 🙂 and a quote "'}
    return Appointment(id, tenant, owner, at, at + HALF, session="s", details=details)


async def check_calendar(calendar: Calendar) -> None:
    """The calendar keeps its promises."""
    await _check_booking(calendar)
    await _check_moving(calendar)
    await _check_crowd(calendar)


async def _check_booking(calendar: Calendar) -> None:
    booked = await calendar.book(_new("a"))
    claim(booked == _new("a"), f"what was booked comes back as something else: {booked}")
    claim(await calendar.book(_new("a")) == booked, "the same booking once more is not the same appointment")
    taken = await calendar.taken("clinic", NINE - HALF, NINE + 2 * HALF)
    claim(taken == ((NINE, NINE + HALF),), f"what is taken is told as {taken}")
    claim(
        await calendar.taken("clinic", NINE + HALF, NINE + 2 * HALF) == (), "an end touches what begins then"
    )
    claim(await calendar.taken("other", NINE, NINE + HALF) == (), "another house's time is taken")
    await refused(calendar.book(_new("b", owner="bob")), "slot_taken", "a time was booked twice")
    overlapping = _new("c", NINE + HALF / 2, "bob")
    await refused(calendar.book(overlapping), "slot_taken", "a part of a time was booked twice")
    await calendar.book(_new("d", NINE + HALF, "bob"))
    await calendar.book(_new("e", tenant="other"))
    claim(await calendar.of("clinic", "ann", NINE) == (booked,), "a person's appointments are not theirs")
    claim(await calendar.of("clinic", "ann", NINE + HALF) == (), "what is over is among what is to come")
    claim(await calendar.get("clinic", "bob", "a") is None, "somebody sees another's appointment")
    claim(await calendar.get("clinic", "ann", "a") == booked, "an appointment is not found by its id")
    stolen = calendar.book(_new("a", NINE + 6 * HALF, "bob"))
    await refused(stolen, "unknown_appointment", "somebody booked under another's id")
    await refused(
        calendar.cancel("clinic", "bob", "a"), "unknown_appointment", "somebody cancelled another's"
    )
    move = calendar.move("other", "ann", "a", NINE + 9 * HALF, {})
    await refused(move, "unknown_appointment", "somebody of another house moved an appointment")


async def _check_moving(calendar: Calendar) -> None:
    move = calendar.move("clinic", "ann", "a", NINE + HALF, {})
    await refused(move, "slot_taken", "an appointment was moved onto another")
    kept = await calendar.get("clinic", "ann", "a")
    claim(kept is not None and kept.starts_at == NINE, "a move that was refused moved it")
    moved = await calendar.move("clinic", "ann", "a", NINE + 2 * HALF, {"ics": "new"})
    claim(moved.starts_at == NINE + 2 * HALF and moved.ends_at == NINE + 3 * HALF, "it was moved elsewhere")
    claim(
        moved.details.get("reference") == "a" and moved.details.get("ics") == "new", "its details were lost"
    )
    again = await calendar.move("clinic", "ann", "a", NINE + 2 * HALF, {"ics": "new"})
    claim(again == moved, "the same move once more is another")
    overlapping = await calendar.move("clinic", "ann", "a", NINE + 5 * HALF / 2, {})
    claim(overlapping.starts_at == NINE + 5 * HALF / 2, "an appointment stands in its own way")
    claim((await calendar.cancel("clinic", "ann", "a")).status == "cancelled", "what was cancelled is not")
    claim(
        (await calendar.cancel("clinic", "ann", "a")).status == "cancelled",
        "twice cancelled is not cancelled",
    )
    claim(await calendar.of("clinic", "ann", NINE) == (), "what was cancelled is to come")
    move = calendar.move("clinic", "ann", "a", NINE, {})
    await refused(move, "unknown_appointment", "what was cancelled was moved")
    claim((await calendar.book(_new("a"))).status == "cancelled", "an old booking came back to life")
    await calendar.book(_new("f", NINE + 3 * HALF, "bob"))
    anonymous = await calendar.book(_new("secret", NINE + 4 * HALF, ""))
    claim(await calendar.of("clinic", "", NINE) == (), "nobody in particular is told of appointments")
    claim(await calendar.get("clinic", "", "secret") == anonymous, "an id that is known does not open")


async def _check_crowd(calendar: Calendar) -> None:
    """Twenty ask for one time at once, each twice; one gets it."""
    at = NINE + timedelta(days=1)

    async def ask(number: int) -> bool:
        try:
            await calendar.book(_new(f"crowd {number}", at + number % 2 * HALF / 2, f"caller {number}"))
        except SlotTaken:
            return False
        return True

    got = await asyncio.gather(*(ask(number % 20) for number in range(40)))
    taken = await calendar.taken("clinic", at, at + timedelta(days=1))
    claim(len(taken) == 1, f"{len(taken)} appointments at once")
    winners = {number % 20 for number, has in enumerate(got) if has}
    claim(len(winners) == 1, f"{len(winners)} were told that it is theirs")
