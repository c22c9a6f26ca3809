"""Accounts and knowledge keep the same promises in memory, in Postgres, and in Postgres without pgvector."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from antiphon.agent.retrieval import Note
from antiphon.core.accounts import Account
from antiphon.core.records import Viewer
from antiphon.store.accounts import PostgresAccounts
from antiphon.store.database import Database
from antiphon.store.knowledge import PostgresKnowledge
from antiphon.store.records import PostgresRecords, claims
from antiphon.testing.desk import MemoryAccounts, MemoryKnowledge
from antiphon.testing.desk_conformance import ANN, BOB, DAY, account_of, check_accounts, check_knowledge


def test_accounts_in_memory() -> None:
    asyncio.run(check_accounts(MemoryAccounts()))


def test_knowledge_in_memory() -> None:
    asyncio.run(check_knowledge(MemoryKnowledge()))


def test_accounts_in_postgres(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url)
        await check_accounts(PostgresAccounts(database))
        await database.close()

    asyncio.run(story())


@pytest.mark.parametrize("has_vectors", [True, False])
def test_knowledge_in_postgres(url: str, has_vectors: bool) -> None:
    async def story() -> None:
        database = await Database.open(url)
        if not has_vectors:
            async with database.transaction() as connection:
                await connection.execute("alter table app.knowledge_chunks drop column embedding")
        knowledge = await PostgresKnowledge.open(database)
        assert knowledge.has_vectors is has_vectors, "the embedded server has pgvector"
        await check_knowledge(knowledge)
        await database.close()

    asyncio.run(story())


def test_a_caller_can_change_nothing_by_sql_either(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url)
        accounts = PostgresAccounts(database)
        for person in (ANN, BOB):
            await accounts.put(person, account_of(person))
            await accounts.remember_interaction(person, "support", "secret")
        for statement in (
            "update app.accounts set plan = 'free'",
            "delete from app.accounts",
            "insert into app.accounts (id, tenant, owner) values ('x', 'acme', 'ann')",
            "update app.memories set last_interaction = ''",
            "insert into app.knowledge_chunks (tenant, collection, source, text) values ('acme', 'h', 's', 't')",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.as_user(claims(Viewer(ANN.id, ANN.tenant))) as connection:
                    await connection.execute(statement)
        async with database.as_user(claims(Viewer(ANN.id, ANN.tenant))) as connection:
            owners = await connection.fetch(
                "select owner from app.accounts union all select owner from app.memories"
            )
        assert {row["owner"] for row in owners} == {"ann"}
        await database.close()

    asyncio.run(story())


def test_what_was_changed_is_on_record_and_erased_with_the_person(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url)
        accounts = PostgresAccounts(database)
        await accounts.put(ANN, Account("a", "team", name="Ann"))
        await accounts.change_plan(ANN, "business")
        await accounts.open_ticket(ANN, "it hums", DAY)
        await accounts.remember_interaction(ANN, "support", "We talked.")
        kept = await accounts.get(ANN)
        assert kept is not None
        assert kept.name == "Ann"
        async with database.transaction() as connection:
            acts = await connection.fetch("select act, actor from app.audit_log order by id")
        assert [tuple(row) for row in acts] == [("changed the plan", "ann"), ("opened a ticket", "ann")]
        await PostgresRecords(database, "node").erase(ANN.tenant, ANN.id)
        assert await accounts.get(ANN) is None
        assert await accounts.last_interaction(ANN, "support") == ""
        await database.close()

    asyncio.run(story())


def test_knowledge_is_put_whole_or_not_at_all(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url)
        knowledge = await PostgresKnowledge.open(database)
        good = [1.0] + [0.0] * 383
        await knowledge.put("acme", "help", [Note("a", "A", "First.")], [[good]])
        with pytest.raises(asyncpg.PostgresError):
            await knowledge.put(
                "acme", "help", [Note("a", "A", "Second."), Note("b", "B", "New.")], [[good], [[1.0]]]
            )
        assert [note.text for note in await knowledge.list("acme", "help")] == ["First."]
        await database.close()

    asyncio.run(story())
