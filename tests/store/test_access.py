"""Nobody reads or changes what is not theirs to see, whatever the table and however they ask."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import asyncpg
import pytest

from antiphon.core.records import Standing, Viewer
from antiphon.store.database import Database
from antiphon.store.records import claims

TENANTS = ("school", "elsewhere")
OWNERS = ("ann", "bob")
ROWS = """
insert into app.users (id, tenant) values ('{o}@{t}', '{t}');
insert into app.accounts (id, tenant, owner) values ('{s}', '{t}', '{o}');
insert into app.memories (tenant, owner, agent, session_id) values ('{t}', '{o}', 'tutor', '{s}');
insert into app.appointments (id, tenant, owner, calendar, starts_at, ends_at)
  values ('{s}', '{t}', '{o}', '{o}', now(), now() + interval '1 hour');
insert into app.sessions (id, tenant, owner, agent, host, resume_digest)
  values ('{s}', '{t}', '{o}', 'tutor', 'orchestrate', 'digest');
insert into app.events values ('{s}', 1, 0, 'e', 'Joined', '{{}}');
insert into app.transcript_turns values ('{s}', 1, 1, 'user', '', 'secret', false, now());
insert into app.routing_decisions values ('{s}', 1, 1, '', 'math', 1, '', now());
insert into app.guardrail_events values ('{s}', 1, 1, 'input', 'block', 'secret', '{{}}', 1, now());
insert into app.escalation_events (id, session_id, seq, turn, reason, opened_at)
  values ('{s}', '{s}', 1, 1, 'help', now());
insert into app.orchestrator_jobs (id, session_id) values ('{s}', '{s}');
insert into app.audit_log (tenant, actor, act, object, at) values ('{t}', '{o}', 'signed in', '{s}', now());
insert into app.knowledge_chunks (tenant, collection, source, text) values ('{t}', 'help', '{s}', 'secret');
"""
WHOSE: Mapping[str, str] = {
    "users": "id",
    "accounts": "id",
    "memories": "session_id",
    "appointments": "id",
    "sessions": "id",
    "events": "session_id",
    "transcript_turns": "session_id",
    "routing_decisions": "session_id",
    "guardrail_events": "session_id",
    "escalation_events": "session_id",
    "orchestrator_jobs": "session_id",
    "audit_log": "object",
    "knowledge_chunks": "source",
}
"Every table with rows of people, and the column that says whose: owner@tenant."
HIDDEN = {"migrations", "nodes", "spent_tokens"}

ANN = Viewer("ann", "school")
TEACHER = Viewer("teacher", "school", Standing.SUPERVISOR)
HEAD = Viewer("head", "school", Standing.ADMIN)
NOBODY = Viewer("", "")


async def opened(url: str) -> Database:
    """A database with rows of two people in each of two tenants, in every table."""
    database = await Database.open(url, size=2)
    async with database.transaction() as connection:
        for tenant in TENANTS:
            for owner in OWNERS:
                await connection.execute(ROWS.format(t=tenant, o=owner, s=f"{owner}@{tenant}"))
    return database


async def tables_of(database: Database) -> set[str]:
    async with database.transaction() as connection:
        rows = await connection.fetch("select tablename from pg_tables where schemaname = 'app'")
    return {row[0] for row in rows}


def test_reading(url: str) -> None:
    async def story() -> None:
        database = await opened(url)
        assert await tables_of(database) == WHOSE.keys() | HIDDEN
        ours = {f"{owner}@school" for owner in OWNERS}
        for table, column in WHOSE.items():
            expected = {ANN: {"ann@school"}, TEACHER: ours, HEAD: ours, NOBODY: set()}
            if table == "users":  # an id is an id in every tenant
                expected[ANN] = set()
            if table == "audit_log":
                expected |= {ANN: set(), TEACHER: set()}
            if table == "knowledge_chunks":
                expected[ANN] = ours
            for viewer, rows in expected.items():
                async with database.as_user(claims(viewer)) as connection:
                    seen = await connection.fetch(f"select {column} from app.{table}")
                assert {row[0] for row in seen} == rows, f"{viewer} in {table}"
        async with database.as_user({"sub": "ann@school", "tenant": "school"}) as connection:
            assert await connection.fetchval("select count(*) from app.users") == 1
        await database.close()

    asyncio.run(story())


@pytest.mark.parametrize("viewer", [ANN, TEACHER, HEAD, NOBODY], ids=lambda viewer: viewer.user or "nobody")
def test_changing(url: str, viewer: Viewer) -> None:
    async def story() -> None:
        database = await opened(url)
        for table, column in WHOSE.items():
            for sql in (
                f"delete from app.{table}",
                f"truncate app.{table}",
                f"update app.{table} set {column} = 'mine'",
                f"insert into app.{table} default values",
                f"alter table app.{table} disable row level security",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    async with database.as_user(claims(viewer)) as connection:
                        await connection.execute(sql)
        for sql in (
            "select resume_digest from app.sessions",
            "select * from app.sessions",
            "select * from app.migrations",
            "select app.erase_person('school', 'bob')",
            "select app.prune(now())",
            "create table app.mine (i int)",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.as_user(claims(viewer)) as connection:
                    await connection.execute(sql)
        await database.close()

    asyncio.run(story())


def test_escalations_are_attended_by_supervisors_of_the_tenant_in_their_own_name(url: str) -> None:
    async def story() -> None:
        database = await opened(url)
        take = "update app.escalation_events set status = 'claimed', claimed_by = $1 where id = $2"
        for viewer, name, whose, changed in (
            (ANN, "ann", "ann@school", 0),
            (TEACHER, "teacher", "ann@elsewhere", 0),
            (TEACHER, "teacher", "ann@school", 1),
        ):
            async with database.as_user(claims(viewer)) as connection:
                assert await connection.execute(take, name, whose) == f"UPDATE {changed}"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.as_user(claims(TEACHER)) as connection:
                await connection.execute(take, "somebody else", "bob@school")
        await database.close()

    asyncio.run(story())


def test_a_connection_forgets_on_whose_behalf_it_was_used(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url, size=1)
        for _ in range(2):
            async with database.as_user(claims(ANN)) as connection:
                assert await connection.fetchval("select current_user || app.uid()") == "authenticatedann"
            async with database.transaction() as connection:
                assert await connection.fetchval("select current_user") == "postgres"
                assert await connection.fetchval("select app.uid()") is None
            with pytest.raises(asyncpg.DivisionByZeroError):
                async with database.as_user(claims(ANN)) as connection:
                    await connection.execute("select 1 / 0")
        await database.close()

    asyncio.run(story())
