"""What is written is durable soon, in order and once, also when the database was away meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from antiphon.core.errors import CallerError
from antiphon.core.events import Joined, Played, Remember, Revise, Role, Typed
from antiphon.core.notes import PersonNeeded, RouteDecided, TextJudged, TurnMeasured
from antiphon.core.records import SERVICE, NewSession, StoreUnavailable
from antiphon.session.journal import Entry, Item, Tick, decode_entry, encode_entry
from antiphon.store.database import Database
from antiphon.store.embedded import Embedded
from antiphon.store.migrate import migrate
from antiphon.store.opening import open_records
from antiphon.store.records import PostgresRecords
from antiphon.store.writer import Writer
from antiphon.testing.records import MemoryRecords, MemoryStore, running

from .conftest import FAST, wait_for
from .test_embedded import is_down

ITEMS: tuple[Item, ...] = (
    Joined(),
    Typed("seven times eight \x00 \U0001f642"),
    RouteDecided(1, "math", 0.1 + 0.2, "numbers"),
    TextJudged(1, "input", "allow", "seven times eight"),
    Played(1, 48000),
    Tick(),
    Remember(1, Role.USER, "seven times eight"),
    Remember(1, Role.AGENT, "Fifty-six.", is_cut=True),
    TurnMeasured(1, 431.20000000000005, {"endpointing": 1e-9, "model": 3.3e22}),
    RouteDecided(2, "history", 1.0),
    TextJudged(2, "output", "block", "something unkind", ("harassment", "hate"), 0.75),
    PersonNeeded(2, "distress"),
)


def new(name: str) -> NewSession:
    return NewSession(name, "school", "pupil", "tutor", "orchestrate", f"token of {name}")


@asynccontextmanager
async def records_on(url: str, *, every: float = 0.03, keep: int = 500_000) -> AsyncIterator[PostgresRecords]:
    database = await Database.open(url)
    async with running(PostgresRecords(database, "node", every=every, keep=keep)) as records:
        yield records
    await database.close()


async def entries(records: PostgresRecords, name: str) -> list[Entry]:
    async with aclosing(records.entries(SERVICE, name)) as lines:
        return [decode_entry(line) async for line in lines]


def typed(number: int) -> str:
    return encode_entry(Entry(float(number), Typed(f"line {number}")))


def test_the_journal_comes_back_as_it_was_and_the_tables_tell_the_same(url: str) -> None:
    async def story() -> None:
        async with records_on(url) as records:
            ledger = records.open(new("s"))
            written = [Entry(i / 3, item) for i, item in enumerate(ITEMS)]
            for entry in written:
                ledger.write(encode_entry(entry))
            await ledger.durable()
            assert await entries(records, "s") == written
            async with records.database.transaction() as connection:
                turns = await connection.fetch(
                    "select turn, role, speaker, text, is_cut from app.transcript_turns"
                )
                assert [tuple(row) for row in turns] == [
                    (1, "user", "", "seven times eight", False),
                    (1, "agent", "math", "Fifty-six.", True),
                ]
                routes = await connection.fetch(
                    "select turn, from_agent, to_agent, confidence from app.routing_decisions"
                )
                assert [tuple(row) for row in routes] == [
                    (1, "", "math", 0.1 + 0.2),
                    (2, "math", "history", 1.0),
                ]
                verdicts = await connection.fetch(
                    "select side, action, categories_flagged from app.guardrail_events"
                )
                assert [tuple(row) for row in verdicts] == [("output", "block", ["harassment", "hate"])]
                assert await connection.fetchval("select reason from app.escalation_events") == "distress"

    asyncio.run(story())


def test_a_line_that_is_revised_stays_where_it_was(url: str) -> None:
    async def story() -> None:
        async with records_on(url) as records:
            ledger = records.open(new("s"))
            ledger.write(encode_entry(Entry(0.0, Remember(1, Role.USER, "my number is 5"))))
            ledger.write(encode_entry(Entry(1.0, Remember(1, Role.AGENT, "Fifty-six. And more."))))
            ledger.write(encode_entry(Entry(2.0, Revise(1, "Fifty-six.", True))))
            ledger.write(encode_entry(Entry(3.0, Revise(0, ""))))
            ledger.write(encode_entry(Entry(3.0, Revise(7, "nobody"))))
            await ledger.durable()
            async with records.database.transaction() as connection:
                turns = await connection.fetch(
                    "select role, text, is_cut from app.transcript_turns order by seq"
                )
                assert [tuple(row) for row in turns] == [("user", "", False), ("agent", "Fifty-six.", True)]

    asyncio.run(story())


def test_who_takes_over_knows_who_spoke_last(url: str) -> None:
    async def story() -> None:
        async with records_on(url) as records:
            first = records.open(new("s"))
            first.write(encode_entry(Entry(0.0, RouteDecided(1, "math", 1.0))))
            await first.durable()
            second, _, _ = await records.claim("s", "token of s")
            second.write(encode_entry(Entry(1.0, Remember(1, Role.AGENT, "Fifty-six."))))
            second.write(encode_entry(Entry(2.0, RouteDecided(2, "history", 1.0))))
            await second.durable()
            async with records.database.transaction() as connection:
                assert await connection.fetchval("select speaker from app.transcript_turns") == "math"
                assert (
                    await connection.fetchval("select from_agent from app.routing_decisions where turn = 2")
                    == "math"
                )

    asyncio.run(story())


def test_many_sessions_share_few_transactions(url: str) -> None:
    async def story() -> None:
        async with records_on(url, every=0.1) as records:
            ledgers = [records.open(new(f"s{i}")) for i in range(50)]
            for number in range(20):
                for ledger in ledgers:
                    ledger.write(typed(number))
                await asyncio.sleep(0.01)
            await asyncio.gather(*(ledger.durable() for ledger in ledgers))
            async with records.database.transaction() as connection:
                assert await connection.fetchval("select count(*) from app.events") == 1000
                assert await connection.fetchval("select count(distinct xmin::text) from app.events") < 12

    asyncio.run(story())


def test_calls_go_on_while_the_database_is_away_and_catch_up(spare: Path) -> None:
    home = spare

    async def story() -> None:
        server = await Embedded(home, options=FAST).__aenter__()
        database = await Database.open(server.url)
        await migrate(database)
        async with running(PostgresRecords(database, "node")) as records:
            ledger = records.open(new("before"))
            ledger.write(typed(0))
            await ledger.durable()
            await server.__aexit__(None, None, None)
            await asyncio.to_thread(wait_for, lambda: is_down(home))

            began_without = records.open(new("during"))
            for number in range(1, 2000):
                ledger.write(typed(number))
                began_without.write(typed(number))
            records.audit("school", "pupil", "spoke", "session:before")
            with pytest.raises(StoreUnavailable):
                await ledger.durable()
            with pytest.raises(StoreUnavailable):  # and at once, now that it is known
                await ledger.durable(within=60.0)
            with pytest.raises(StoreUnavailable):
                await records.list(SERVICE)
            assert records.writer.away
            assert records.writer.held >= 3998

            async with Embedded(home, options=FAST):
                async with asyncio.timeout(20):
                    while not await records.flush():
                        pass
                assert [entry.t for entry in await entries(records, "before")] == [
                    float(i) for i in range(2000)
                ]
                assert [entry.t for entry in await entries(records, "during")] == [
                    float(i) for i in range(1, 2000)
                ]
                async with database.transaction() as connection:
                    assert await connection.fetchval("select count(*) from app.audit_log") == 1
                assert records.writer.held == 0
                await ledger.durable()
                await database.close()

    asyncio.run(story())
    wait_for(lambda: is_down(home))


def test_connections_that_break_at_any_time_lose_and_double_nothing(url: str) -> None:
    async def story() -> None:
        async with records_on(url, every=0.001) as records:
            ledgers = [records.open(new(f"s{i}")) for i in range(3)]
            kill = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            other = await Database.open(url, size=1)
            for number in range(1500):
                for ledger in ledgers:
                    ledger.write(typed(number))
                if number % 100 == 50:
                    async with other.transaction() as connection:
                        await connection.execute(kill)
                if number % 7 == 0:
                    await asyncio.sleep(0.0005)
            await other.close()
            async with asyncio.timeout(20):
                while not await records.flush():
                    pass
            for ledger in ledgers:
                assert [entry.t for entry in await entries(records, ledger.session)] == [
                    float(i) for i in range(1500)
                ]

    asyncio.run(story())


def test_a_database_that_says_nothing_counts_as_away_until_it_answers(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url)
        writer = Writer(database, "node", silent_for=0.2)
        ledger = writer.open(new("s"))
        writing = asyncio.create_task(writer.run())
        await ledger.durable()
        async with database.transaction() as busy:
            await busy.execute("lock table app.events in access exclusive mode")
            ledger.write(typed(0))
            for _ in range(2):  # the second knows at once
                with pytest.raises(StoreUnavailable):
                    await ledger.durable(None)
            assert writer.away
        assert await writer.flush(5.0)
        assert not writer.away
        await ledger.durable()
        writing.cancel()
        await database.close()

    asyncio.run(story())


def test_memory_is_bounded_and_what_matters_is_kept(url: str) -> None:
    async def story() -> None:
        database = await Database.open(url)
        records = PostgresRecords(database, "node", keep=1000)  # not running: as good as away
        ledger = records.open(new("s"))
        for number in range(5000):
            ledger.write(encode_entry(Entry(float(number), Played(1, number))))
            if number % 50 == 0:
                ledger.write(encode_entry(Entry(float(number), Remember(number, Role.USER, str(number)))))
        assert records.writer.held <= 1300
        async with running(records):
            async with asyncio.timeout(10):
                while not await records.flush():
                    pass
            async with database.transaction() as connection:
                assert await connection.fetchval("select count(*) from app.transcript_turns") == 100
                left = await connection.fetchval("select count(*) from app.events")
            assert (await records.get(SERVICE, "s")).dropped == 5100 - left
        await database.close()

    asyncio.run(story())


def test_an_entry_that_the_database_cannot_hold_costs_only_itself(url: str) -> None:
    async def story() -> None:
        async with records_on(url) as records:
            good, bad = records.open(new("good")), records.open(new("bad"))
            for number in range(20):
                good.write(typed(number))
                bad.write(typed(number))
            bad.write('{"t":20.0,"e":"Typed","text":broken}')
            bad.write(typed(21))
            records.audit("school", "pupil", "\x00", detail={"\x00": float("nan")})
            await bad.durable(10)
            await good.durable(10)
            assert len(await entries(records, "good")) == 20
            assert [entry.t for entry in await entries(records, "bad")] == [*map(float, range(20)), 21.0]
            assert await records.flush()

    asyncio.run(story())


def test_a_bad_new_session_is_refused_at_once() -> None:
    for records in (MemoryRecords(), PostgresRecords(None, "node")):  # type: ignore[arg-type]
        for name, token in (("", "t"), ("x" * 129, "t"), ("a\x00b", "t"), ("fine", "")):
            with pytest.raises(CallerError):
                records.open(NewSession(name, "school", "pupil", "tutor", "orchestrate", token))


def test_waiting_ends_when_the_store_in_memory_goes_away_and_comes_back() -> None:
    async def story() -> None:
        store = MemoryStore()
        async with running(MemoryRecords(store)) as records:
            ledger = records.open(new("s"))
            await ledger.durable()
            store.is_away = True
            ledger.write(typed(1))
            with pytest.raises(StoreUnavailable):
                await ledger.durable()
            store.is_away = False
            assert await records.flush()
            assert len(store.sessions["s"].rows) == 1

    asyncio.run(story())


def test_a_store_is_opened_from_a_folder_alone(place: Callable[[], Path]) -> None:
    home, told = place(), []

    async def story() -> None:
        async with open_records(home, say=told.append) as records, running(records):
            ledger = records.open(new("s"))
            ledger.close({"turns": 0})
            await ledger.durable()
            record = await records.get(SERVICE, "s")
            assert record.report == json.loads('{"turns": 0}')
            assert record.node == records.node != ""

    asyncio.run(story())
    assert told
    wait_for(lambda: is_down(home))
