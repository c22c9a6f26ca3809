"""Transactions, news, and tables that are brought up to date."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from antiphon.core.errors import SetupError
from antiphon.core.records import StoreUnavailable
from antiphon.store.database import Database, notices
from antiphon.store.embedded import Embedded
from antiphon.store.migrate import FOLDER, migrate, read_migrations

from .conftest import FAST, is_free, wait_for


def test_migrations_are_applied_once_and_again_without_harm(bare_url: str) -> None:
    async def story() -> None:
        database = await Database.open(bare_url)
        told: list[str] = []
        assert await migrate(database, say=told.append) == len(read_migrations()) == len(told)
        assert await migrate(database) == 0
        async with database.transaction() as connection:
            for migration in read_migrations():
                await connection.execute(migration.sql)
        await database.close()

    asyncio.run(story())


def test_processes_that_start_together_migrate_once(bare_url: str) -> None:
    async def story() -> None:
        databases = [await Database.open(bare_url) for _ in range(3)]
        new = await asyncio.gather(*(migrate(database) for database in databases))
        assert sorted(new) == [0, 0, len(read_migrations())]
        for database in databases:
            await database.close()

    asyncio.run(story())


def test_an_edited_migration_is_refused(bare_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        database = await Database.open(bare_url)
        folder = tmp_path / "migrations"
        shutil.copytree(FOLDER, folder)
        await migrate(database, folder=folder)
        last = sorted(folder.iterdir())[-1]
        last.write_text(last.read_text() + "\n-- an afterthought\n")
        with pytest.raises(SetupError, match=f"{last.name} was changed after it was applied"):
            await migrate(database, folder=folder)
        last.unlink()
        with pytest.raises(SetupError, match="later version"):
            await migrate(database, folder=folder)
        await database.close()

    asyncio.run(story())


def test_a_migration_that_fails_leaves_nothing_behind(bare_url: str, tmp_path: Path) -> None:
    (tmp_path / "20260101000000_good.sql").write_text("create table app.good (i int);")
    (tmp_path / "20260101000001_bad.sql").write_text("create table app.bad (i nonsense);")

    async def story() -> None:
        database = await Database.open(bare_url)
        with pytest.raises(SetupError, match=r"20260101000001_bad\.sql failed.*nonsense"):
            await migrate(database, folder=tmp_path)
        async with database.transaction() as connection:
            assert await connection.fetchval("select to_regclass('app.good')") is None
        await database.close()

    asyncio.run(story())


def test_they_apply_to_what_supabase_gives(bare_url: str) -> None:
    """Its roles, its extensions' schema, its publication; and an owner who is no superuser."""

    async def story() -> None:
        name = bare_url.split("/")[3].split("?")[0]
        connection = await asyncpg.connect(bare_url)
        for role in ("anon", "authenticated", "service_role", "owner_of_all"):
            await connection.execute(
                f"do $$ begin create role {role} nologin noinherit; exception when others then null; end $$"
            )
        await connection.execute("alter role owner_of_all login bypassrls")
        await connection.execute("grant authenticated to owner_of_all")
        await connection.execute(f"grant create on database {name} to owner_of_all")
        await connection.execute("create schema extensions; grant usage on schema extensions to public")
        await connection.execute("create extension vector schema extensions")
        await connection.execute("set client_min_messages = error; create publication supabase_realtime")
        await connection.execute("alter publication supabase_realtime owner to owner_of_all")
        database = await Database.open(bare_url.replace("postgres@", "owner_of_all@"))
        await migrate(database)
        published = await connection.fetch(
            "select tablename from pg_publication_tables where schemaname = 'app'"
        )
        assert {row[0] for row in published} == {"escalation_events", "transcript_turns", "sessions"}
        kind = await connection.fetchval(
            "select format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = 'app.knowledge_chunks'::regclass and attname = 'embedding'"
        )
        assert kind == "extensions.vector(384)"
        async with database.as_user({"sub": "someone"}) as asked:
            assert await asked.fetch("select id from app.sessions") == []
        await database.close()
        await connection.close()

    asyncio.run(story())


def test_knowledge_is_found_by_words_and_by_meaning(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url)
        async with database.transaction() as connection:
            for source, text, first in (("a", "Refunds take five days.", 1), ("b", "We ship to Norway.", -1)):
                vector = json.dumps([float(first)] + [0.1] * 383)
                await connection.execute(
                    "insert into app.knowledge_chunks (tenant, collection, source, text, embedding)"
                    " values ('t', 'help', $1, $2, $3::text::vector)",
                    *(source, text, vector),
                )
            by_words = "select source from app.knowledge_chunks where words @@ plainto_tsquery('english', $1)"
            assert await connection.fetchval(by_words, "refund") == "a"
            near = json.dumps([-1.0] + [0.1] * 383)
            by_meaning = (
                "select source from app.knowledge_chunks order by embedding <=> $1::text::vector limit 1"
            )
            assert await connection.fetchval(by_meaning, near) == "b"
        await database.close()

    asyncio.run(story())


def test_no_slot_is_booked_twice(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url)

        async def book(who: str) -> bool:
            try:
                async with database.transaction() as connection:
                    await connection.execute(
                        "insert into app.appointments (id, tenant, owner, starts_at, ends_at)"
                        " values ($1, 't', $1, '2030-01-01T10:00Z', '2030-01-01T10:30Z')",
                        who,
                    )
            except asyncpg.UniqueViolationError:
                return False
            return True

        booked = await asyncio.gather(*(book(f"caller-{i}") for i in range(12)))
        assert sum(booked) == 1
        async with database.transaction() as connection:
            await connection.execute("update app.appointments set status = 'cancelled'")
        assert await book("caller-late")
        await database.close()

    asyncio.run(story())


@pytest.mark.parametrize("table", ["events", "audit_log"])
def test_the_past_is_not_changed(url: str, table: str) -> None:
    async def story() -> None:
        database = await Database.open(url)
        async with database.transaction() as connection:
            await connection.execute(
                "insert into app.sessions (id, tenant, owner, agent, host, resume_digest)"
                " values ('s', 't', 'u', 'a', 'h', 'd');"
                "insert into app.events values ('s', 1, 0, 'e', 'Joined', '{}');"
                "insert into app.audit_log (tenant, actor, act, at) values ('t', 'u', 'x', now());"
            )
        first = "kind" if table == "events" else "act"
        for change in (
            f"update app.{table} set {first} = 'y'",
            f"delete from app.{table}",
            f"truncate app.{table}",
        ):
            with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
                async with database.transaction() as connection:
                    await connection.execute(change)
        await database.close()

    asyncio.run(story())


def test_news_arrive_and_a_gap_is_told(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url)
        news = database.listen("news")
        assert await anext(news) is None
        async with database.transaction() as connection:
            await connection.execute("select pg_notify('news', 'one')")
        assert await anext(news) == "one"
        async with database.transaction() as connection:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and query ilike 'listen%'"
            )
        async with asyncio.timeout(10):
            assert await anext(news) is None
        async with database.transaction() as connection:
            await connection.execute("select pg_notify('news', 'two')")
        async with asyncio.timeout(10):
            assert await anext(news) == "two"
        await news.aclose()
        await database.close()

    asyncio.run(story())


def test_a_server_that_is_not_there_is_told_with_what_to_do() -> None:
    with pytest.raises(SetupError, match="DATABASE_URL"):
        asyncio.run(Database.open("postgresql://postgres@/no_such?host=/nonexistent&port=1", patience=0.1))


def test_a_server_that_comes_back_is_used_again(spare: Path) -> None:
    home = spare

    async def story() -> None:
        server = await Embedded(home, options=FAST).__aenter__()
        database = await Database.open(server.url)
        await server.__aexit__(None, None, None)
        async with asyncio.timeout(20):
            while True:
                try:
                    async with database.transaction() as connection:
                        await connection.execute("select 1")
                except StoreUnavailable as error:
                    assert error.retryable
                    break
                await asyncio.sleep(0.05)
        async with Embedded(home, options=FAST):
            async with database.transaction() as connection:
                assert await connection.fetchval("select 1") == 1
            await database.close()

    asyncio.run(story())
    wait_for(lambda: is_free(home / "postgres/supervisor.lock"))


def test_behind_a_pooler_no_statement_outlives_its_transaction(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url, url + "&application_name=direct", size=1)
        for _ in range(3):
            async with database.transaction() as connection:
                assert await connection.fetchval("select $1::int + 1", 1) == 2
        async with database.transaction() as connection:
            assert (
                await connection.fetchval("select count(*) from pg_prepared_statements where from_sql") == 0
            )
            assert await connection.fetchval("select count(*) from pg_prepared_statements") == 0
        await database.close()

    asyncio.run(story())


class Line:
    """A connection on which nothing comes but what a test puts there."""

    def __init__(self) -> None:
        self.is_open = True
        self.tell: Callable[[object, int, str, str], None] = lambda *news: None

    def add_termination_listener(self, lost: Callable[[object], None]) -> None:
        pass

    async def add_listener(self, channel: str, tell: Callable[[object, int, str, str], None]) -> None:
        self.tell = tell

    async def execute(self, query: str) -> str:
        return query

    def terminate(self) -> None:
        self.is_open = False


def test_who_is_cancelled_as_news_come_does_not_wait_for_more() -> None:
    async def story() -> None:
        line = Line()
        heard: list[str | None] = []

        async def hear() -> None:
            async for notice in notices(line, "news"):
                heard.append(notice)

        hearing = asyncio.create_task(hear())
        for _ in range(5):
            await asyncio.sleep(0)
        assert heard == [None]
        line.tell(line, 1, "news", "something")
        hearing.cancel()
        done, _ = await asyncio.wait([hearing], timeout=2)
        assert done and hearing.cancelled() and not line.is_open

    asyncio.run(story())
