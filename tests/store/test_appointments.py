"""Both calendars keep the same promises."""

from __future__ import annotations

import asyncio

from antiphon.store.appointments import PostgresCalendar
from antiphon.store.database import Database
from antiphon.testing.calendar import MemoryCalendar
from antiphon.testing.calendar_conformance import check_calendar


def test_a_calendar_in_memory() -> None:
    asyncio.run(check_calendar(MemoryCalendar()))


def test_a_calendar_in_postgres(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url)
        await check_calendar(PostgresCalendar(database, "surgery"))
        await database.close()

    asyncio.run(story())
