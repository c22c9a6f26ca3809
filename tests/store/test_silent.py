"""A database that says nothing any more: who waits is let go in time, and it counts as away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from antiphon.core.appointments import Appointment
from antiphon.core.records import NewSession
from antiphon.store import database
from antiphon.store.appointments import PostgresCalendar
from antiphon.store.database import Database
from antiphon.store.records import PostgresRecords
from antiphon.testing.records import running


class Line:
    """A way to the server on which nothing moves while it `is_silent`."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.speaks = asyncio.Event()
        self.speaks.set()
        self._writers: list[asyncio.StreamWriter] = []

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError, OSError):  # the story is over
            there, back = await asyncio.open_unix_connection(self._server)
            self._writers += [writer, back]
            await asyncio.gather(self._copy(reader, back), self._copy(there, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self.speaks.wait()
            writer.write(data)
        writer.close()

    def close(self) -> None:
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def line_to(url: str, folder: Path) -> AsyncIterator[tuple[str, Line]]:
    """A URL that leads there by the line."""
    parts = urlsplit(url)
    line = Line(f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432")
    server = await asyncio.start_unix_server(line.carry, str(folder / ".s.PGSQL.5432"))
    try:
        yield f"postgresql://postgres@{parts.path}?host={folder}", line
    finally:
        line.speaks.set()
        line.close()
        server.close()


def appointment(id: str) -> Appointment:
    starts_at = datetime(2030, 1, 7, 15, tzinfo=UTC)
    return Appointment(id, "local", "anna", starts_at, starts_at + timedelta(minutes=30))


def test_who_gives_up_is_not_kept_waiting_and_nothing_was_booked(url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with line_to(url, tmp_path) as (slow, line):
            found = await Database.open(slow)
            calendar = PostgresCalendar(found)
            assert await calendar.taken("local", *_day()) == ()
            line.speaks.clear()
            loop = asyncio.get_running_loop()
            begun = loop.time()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await calendar.book(appointment("a_1"))
            assert loop.time() - begun < 0.3 + database.ROLL_BACK_WITHIN + 0.5
            line.speaks.set()
            assert await calendar.taken("local", *_day()) == ()
            await calendar.book(appointment("a_1"))
            assert len(await calendar.taken("local", *_day())) == 1, "and it can be made afterwards"
            await found.close()

    asyncio.run(story())


def test_it_counts_as_away_before_anything_failed(url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with line_to(url, tmp_path) as (slow, line):
            found = await Database.open(slow)
            async with running(PostgresRecords(found, "node")) as records:
                ledger = records.open(NewSession("s_silent", "local", "anna", "tutor", "test", "token"))
                await ledger.durable()
                assert records.away == ""
                line.speaks.clear()
                ledger.write('{"t":1.0,"e":"Joined"}')
                async with asyncio.timeout(database.SILENT_AFTER + 3):
                    while not records.away:
                        await asyncio.sleep(0.1)
                assert "has not answered" in records.away
                line.speaks.set()
                await records.flush()
                assert records.away == "" and found.silent_s == 0
            await found.close()

    asyncio.run(story())


def test_a_transaction_that_fails_leaves_the_connection_as_good_as_before(url: str) -> None:
    async def story() -> None:
        found = await Database.open(url, size=1)
        for fault in (ValueError("ours"), asyncio.CancelledError()):
            with pytest.raises(type(fault)):
                await _half(found, fault)
        async with found.transaction() as connection:
            assert await connection.fetchval("select to_regclass('app.half')") is None
        await found.close()

    asyncio.run(story())


async def _half(found: Database, fault: BaseException) -> None:
    async with found.transaction() as connection:
        await connection.execute("create table app.half (n int)")
        raise fault


def _day() -> tuple[datetime, datetime]:
    return datetime(2030, 1, 7, tzinfo=UTC), datetime(2030, 1, 8, tzinfo=UTC)
