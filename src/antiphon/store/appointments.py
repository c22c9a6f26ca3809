"""The calendar, in Postgres. No time is booked twice: changes of one calendar are made one after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg

from antiphon.core.appointments import Appointment, SlotTaken, no_appointment
from antiphon.core.records import Viewer
from antiphon.store.database import Database
from antiphon.store.lines import fit, fit_json
from antiphon.store.records import claims

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from antiphon.store.database import Connection

COLUMNS = "id, tenant, owner, starts_at, ends_at, status, session_id, details::text as details"
MINE = "id = $1 and tenant = $2 and owner = $3 and calendar = $4"


class PostgresCalendar:
    """`Calendar` of this name in the table app.appointments."""

    def __init__(self, database: Database, name: str = "") -> None:
        self._database = database
        self._name = fit(name)

    async def taken(
        self, tenant: str, first: datetime, last: datetime
    ) -> tuple[tuple[datetime, datetime], ...]:
        async with self._database.transaction() as connection:
            rows = await connection.fetch(
                "select starts_at, ends_at from app.appointments where tenant = $1 and calendar = $2"
                " and status = 'booked' and starts_at < $4 and ends_at > $3 order by starts_at",
                fit(tenant),
                self._name,
                first,
                last,
            )
        return tuple((row["starts_at"], row["ends_at"]) for row in rows)

    async def book(self, new: Appointment) -> Appointment:
        async with self._changing(new.tenant) as connection:
            row = await connection.fetchrow(
                f"select {COLUMNS} from app.appointments where {MINE}",
                *self._mine(new.tenant, new.owner, new.id),
            )
            if row is not None:
                return _appointment(row)
            await self._free(connection, new.tenant, new.id, new.starts_at, new.ends_at)
            row = await connection.fetchrow(
                "insert into app.appointments"
                " (id, tenant, owner, calendar, starts_at, ends_at, session_id, details)"
                f" values ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb) returning {COLUMNS}",
                *self._mine(new.tenant, new.owner, new.id),
                new.starts_at,
                new.ends_at,
                fit(new.session),
                fit_json(dict(new.details)),
            )
        return _found(row)

    async def move(
        self, tenant: str, owner: str, id: str, starts_at: datetime, details: Mapping[str, object]
    ) -> Appointment:
        async with self._changing(tenant) as connection:
            row = await connection.fetchrow(
                f"select {COLUMNS} from app.appointments where {MINE} and status = 'booked'",
                *self._mine(tenant, owner, id),
            )
            before = _found(row)
            ends_at = starts_at + (before.ends_at - before.starts_at)
            await self._free(connection, tenant, id, starts_at, ends_at)
            row = await connection.fetchrow(
                "update app.appointments set starts_at = $5, ends_at = $6, details = details || $7::text::jsonb"
                f" where {MINE} returning {COLUMNS}",
                *self._mine(tenant, owner, id),
                starts_at,
                ends_at,
                fit_json(dict(details)),
            )
        return _found(row)

    async def cancel(self, tenant: str, owner: str, id: str) -> Appointment:
        async with self._changing(tenant) as connection:
            row = await connection.fetchrow(
                f"update app.appointments set status = 'cancelled' where {MINE} returning {COLUMNS}",
                *self._mine(tenant, owner, id),
            )
        return _found(row)

    async def get(self, tenant: str, owner: str, id: str) -> Appointment | None:
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(
                f"select {COLUMNS} from app.appointments where {MINE}", *self._mine(tenant, owner, id)
            )
        return None if row is None else _appointment(row)

    async def of(self, tenant: str, owner: str, after: datetime) -> tuple[Appointment, ...]:
        if not owner:
            return ()
        async with self._database.as_user(claims(Viewer(owner, tenant))) as connection:
            rows = await connection.fetch(
                f"select {COLUMNS} from app.appointments where owner = $1 and calendar = $2"
                " and status = 'booked' and ends_at > $3 order by starts_at",
                fit(owner),
                self._name,
                after,
            )
        return tuple(_appointment(row) for row in rows)

    def _mine(self, tenant: str, owner: str, id: str) -> tuple[str, str, str, str]:
        return fit(id), fit(tenant), fit(owner), self._name

    @asynccontextmanager
    async def _changing(self, tenant: str) -> AsyncIterator[Connection]:
        """A transaction besides which nobody changes this calendar. Commits are on disk when it ends."""
        try:
            async with self._database.transaction() as connection:
                await connection.execute("set local synchronous_commit = on")
                await connection.execute(
                    "select pg_advisory_xact_lock(hashtextextended($1, 0))",
                    f"appointments {fit(tenant)} {self._name}",
                )
                yield connection
        except asyncpg.UniqueViolationError as error:
            raise (
                SlotTaken() if error.constraint_name == "appointments_slot" else no_appointment()
            ) from None

    async def _free(
        self, connection: Connection, tenant: str, id: str, starts_at: datetime, ends_at: datetime
    ) -> None:
        """Nobody else has any of this time. Raises SlotTaken."""
        is_taken = await connection.fetchval(
            "select exists (select from app.appointments where tenant = $1 and calendar = $2"
            " and status = 'booked' and starts_at < $4 and ends_at > $3 and id <> $5)",
            fit(tenant),
            self._name,
            starts_at,
            ends_at,
            fit(id),
        )
        if is_taken:
            raise SlotTaken


def _found(row: asyncpg.Record | None) -> Appointment:
    if row is None:
        raise no_appointment()
    return _appointment(row)


def _appointment(row: asyncpg.Record) -> Appointment:
    values = dict(row)
    return Appointment(session=values.pop("session_id"), details=json.loads(values.pop("details")), **values)
