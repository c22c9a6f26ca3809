"""A session whose node died and whose caller never came back still has its end and its report."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from house import client
from nodes import REPLY, journal_of, node, remembered

from antiphon.hosts.sweeping import Sweep
from antiphon.session import journal
from antiphon.testing.records import MemoryStore

HELLO = {"type": "hello", "agent": "scripted", "greet": False}


async def left(home: Path, store: MemoryStore) -> str:
    """A session in mid-answer whose node is gone, with its caller."""
    async with node(home, store) as one, client(one.address) as caller:
        ready = await caller.hello(agent="scripted")
        await caller.send(type="text", text="Who left?", id=1)
        await caller.until("sentence")
        async with asyncio.timeout(20):
            while not any(message["type"] == "heard" for message in caller.got):
                await caller.send(type="played", turn=1, samples=16_000)
                with suppress(TimeoutError):
                    await caller.until("heard", within=0.1)
        caller.socket.transport.abort()
    return str(ready["session"])


def sweep(of: object, **after: float) -> asyncio.Future[None]:
    stage = of.stage  # type: ignore[attr-defined]
    return asyncio.ensure_future(Sweep(stage.settings, stage.records, stage.metrics).look(**after))


def test_whoever_sweeps_first_gives_the_report_once(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        id = await left(tmp_path, store)
        held = store.sessions[id]
        heard_of = held.record.seen_at
        async with node(tmp_path, store, "two") as two, node(tmp_path, store, "three") as three:
            await asyncio.gather(*(sweep(one, lost_after=0.0, given_up_after=0.1) for one in (two, three)))
            assert (held.record.status, held.record.report) == ("lost", None)
            await asyncio.sleep(0.15)
            await asyncio.gather(*(sweep(one, lost_after=0.0, given_up_after=0.1) for one in (two, three)))
        assert (held.record.status, held.record.epoch) == ("ended", 2)
        assert held.record.ended_at == heard_of
        report = held.record.report
        assert report is not None
        assert (report["turns"], report["summary"]) == (
            1,
            "1 line of the caller, about only (1); first: “Who left?”; 1 answer interrupted.",
        )
        assert {"routes", "verdicts", "response_ms", "cost"} <= report.keys()
        entries = await journal_of(store, id)
        said = [text for role, text in remembered(entries) if role == "agent"]
        assert len(said) == 1
        assert said[0]
        assert REPLY.replace("|", " ").startswith(said[0])

    asyncio.run(story())


def test_one_node_alone_does_it_when_it_starts_again(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        id = await left(tmp_path, store)
        file = tmp_path / "one" / "journals" / f"{id}.jsonl"
        file.write_text(file.read_text()[:-20])
        async with node(tmp_path, store) as again:
            await sweep(again, lost_after=0.0, given_up_after=0.0)
        assert store.sessions[id].record.report is not None
        header, entries = journal.read(file)
        found = list(entries)
        assert journal.replay(header, found).differences == ()
        assert found == await journal_of(store, id)

    asyncio.run(story())


def test_who_comes_back_in_time_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with node(tmp_path, store) as one, node(tmp_path, store, "two") as two:
            async with client(one.address) as caller:
                ready = await caller.hello(agent="scripted")
                caller.socket.transport.abort()
            id = str(ready["session"])
            await sweep(two, lost_after=0.0, given_up_after=60.0)
            assert store.sessions[id].record.status == "lost"
            async with client(two.address) as back:
                await back.send(**HELLO, session=id, resume=ready["resume"])
                await back.until("ready")
                await sweep(two, lost_after=60.0, given_up_after=0.0)
                await back.send(type="text", text="Who left?", id=1)
                await back.until("remembered", role="user")
                await back.send(type="bye")
                await back.closed()
            await two.stage.records.flush()  # type: ignore[union-attr]
        assert store.sessions[id].record.status == "ended"
        assert ("user", "Who left?") in remembered(await journal_of(store, id))

    asyncio.run(story())


def test_a_session_without_a_journal_ends_without_a_report(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        id = await left(tmp_path, store)
        store.sessions[id].rows.clear()
        async with node(tmp_path, store, "two") as two:
            await sweep(two, lost_after=0.0, given_up_after=0.0)
        assert (store.sessions[id].record.status, store.sessions[id].record.report) == ("ended", None)

    asyncio.run(story())
