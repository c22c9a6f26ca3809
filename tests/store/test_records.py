"""Both stores of records keep the same promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from antiphon.core.records import Change, Escalation, NewSession
from antiphon.ports import Records
from antiphon.store.database import Database
from antiphon.store.records import PostgresRecords
from antiphon.testing.records import MemoryRecords, MemoryStore, running
from antiphon.testing.records_conformance import TEACHER, check_records


def test_records_in_memory() -> None:
    store = MemoryStore()

    @asynccontextmanager
    async def node(name: str) -> AsyncIterator[Records]:
        async with running(MemoryRecords(store, name)) as records:
            yield records

    asyncio.run(check_records(node))


def test_records_in_postgres(url: str) -> None:
    @asynccontextmanager
    async def node(name: str) -> AsyncIterator[Records]:
        database = await Database.open(url)
        async with running(PostgresRecords(database, name)) as records:
            yield records
        await database.close()

    asyncio.run(check_records(node))


def test_a_supervisor_misses_nothing_while_the_connection_was_gone(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url)
        async with running(PostgresRecords(database, "node")) as records:
            ledger = records.open(NewSession("s", "school", "pupil", "tutor", "orchestrate", "token"))
            await ledger.durable()
            async with aclosing(records.watch(TEACHER)) as changes, asyncio.timeout(10):
                assert await anext(changes) == Change()
                async with database.transaction() as connection:
                    await connection.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                        " where datname = current_database() and query ilike 'listen%'"
                    )
                ledger.write('{"t":1.0,"n":"PersonNeeded","turn":1,"reason":"help"}')
                await ledger.durable()
                while await anext(changes) != Change():
                    pass
                assert [call.reason for call in await records.escalations(TEACHER)] == ["help"]
        await database.close()

    asyncio.run(story())


def test_a_webhook_that_fails_is_tried_again_later(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url)
        async with running(PostgresRecords(database, "node")) as records:
            ledger = records.open(NewSession("s", "school", "pupil", "tutor", "orchestrate", "token"))
            ledger.write('{"t":1.0,"n":"PersonNeeded","turn":1,"reason":"help"}')
            await ledger.durable()
            told: list[str] = []

            async def send(call: Escalation) -> None:
                told.append(call.reason)
                if len(told) == 1:
                    raise ConnectionError("nobody answers")

            with pytest.raises(ConnectionError):
                await records.tell_next(send)
            assert not await records.tell_next(send)
            async with database.transaction() as connection:
                await connection.execute(
                    "update app.escalation_events set notify_after = now() - interval '1 s'"
                )
            assert await records.tell_next(send)
            assert not await records.tell_next(send)
            assert told == ["help", "help"]
        await database.close()

    asyncio.run(story())
