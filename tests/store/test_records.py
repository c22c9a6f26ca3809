"""Both stores of records keep the same promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from antiphon.ports import Records
from antiphon.store.database import Database
from antiphon.store.records import PostgresRecords
from antiphon.testing.records import MemoryRecords, MemoryStore, running
from antiphon.testing.records_conformance import check_records


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
