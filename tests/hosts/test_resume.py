"""A caller whose connection breaks comes back, and the call goes on from the last heard word."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from house import client
from nodes import REPLY, Node, journal_of, node, remembered

from antiphon.bench.trials.returning import Returning
from antiphon.core.notes import PersonNeeded
from antiphon.session import journal
from antiphon.testing.records import MemoryStore

WORDS = REPLY.replace("|", " ")
HELLO = {"type": "hello", "agent": "scripted", "greet": False}


async def cut(caller: Returning, after_s: float) -> None:
    """The caller's connection breaks so long after the agent was first heard on it."""
    while caller.caller is None or not caller.caller.loudspeaker.speaking_since:
        await asyncio.sleep(0.01)
    await asyncio.sleep(after_s)
    if caller.caller is not None:
        await caller.caller.drop()


@pytest.mark.parametrize("plays_on", [False, True])
def test_the_agent_goes_on_from_the_last_heard_word(tmp_path: Path, plays_on: bool) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with node(tmp_path, store) as one:
            caller = Returning([one.url], REPLY, plays_on=plays_on)
            talking = asyncio.create_task(caller.talk(["Who left?"]))
            await cut(caller, 0.7)
            await asyncio.sleep(0.2)
            await cut(caller, 0.4)
            account = await talking
        assert account.faults == []
        assert (account.returns, account.lost, account.doubled) == (2, 0, 0)
        assert (account.repeated, account.skipped) == (0, 0)
        entries = await journal_of(store, account.session)
        said = [text for role, text in remembered(entries) if role == "agent"]
        assert len(said) == 3
        assert " ".join(said) == WORDS

    asyncio.run(story())


def test_a_caller_is_back_before_anybody_knew_they_were_gone(tmp_path: Path) -> None:
    """The old connection is open and silent; it is closed with 4409, and nothing that came by it is lost."""

    async def story() -> None:
        store = MemoryStore()
        async with node(tmp_path, store) as one, client(one.address) as old, client(one.address) as back:
            ready = await old.hello(agent="scripted")
            await old.send(type="text", text="Who left?", id=1)
            await back.send(**HELLO, session=ready["session"], resume=ready["resume"])
            again = await back.until("ready")
            assert again["is_resumed"]
            assert (await old.closed())[0] == 4409
            await back.until("sentence")
            assert len(one.stage.sessions) == 1
            await back.send(type="bye")
            await back.closed()
        entries = await journal_of(store, str(ready["session"]))
        assert ("user", "Who left?") in remembered(entries)
        assert store.sessions[str(ready["session"])].record.epoch == 1

    asyncio.run(story())


def test_a_session_is_in_the_store_before_its_caller_has_a_token(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with node(tmp_path, store) as one:
            for number in range(5):
                async with client(one.address) as caller:
                    ready = await caller.hello(agent="scripted")
                    assert ready["session"] in store.sessions, number
            store.is_away = True
            async with client(one.address) as caller:
                assert (await caller.hello(agent="scripted"))["resume"]
            store.is_away = False

    asyncio.run(story())


def test_a_caller_comes_back_while_the_store_is_away(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with node(tmp_path, store) as one:
            caller = Returning([one.url], REPLY)
            talking = asyncio.create_task(caller.talk(["Who left?"]))
            while not caller.account.told:
                await asyncio.sleep(0.01)
            store.is_away = True
            await cut(caller, 0.5)
            await asyncio.sleep(1.0)
            assert caller.account.returns == 1
            assert not talking.done()
            store.is_away = False
            account = await talking
        assert account.faults == []
        assert (account.lost, account.doubled, account.repeated, account.skipped) == (0, 0, 0, 0)
        await journal_of(store, account.session)

    asyncio.run(story())


def test_nobody_without_the_token_takes_a_call_away(tmp_path: Path) -> None:
    async def story() -> None:
        async with node(tmp_path, MemoryStore()) as one, client(one.address) as caller:
            ready = await caller.hello(agent="scripted")
            for token in ("", "guessed", str(ready["resume"])[:-1]):
                async with client(one.address) as thief:
                    await thief.send(**HELLO, session=ready["session"], resume=token)
                    assert (await thief.until("error"))["code"] == "cannot_resume"
                    assert (await thief.closed())[0] == 4404
            await caller.send(type="text", text="Who left?", id=1)
            await caller.until("remembered", role="user")

    asyncio.run(story())


def test_two_nodes_claim_one_session_at_the_same_time(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with (
            node(tmp_path, store, "one") as one,
            node(tmp_path, store, "two") as two,
            client(one.address) as first,
        ):
            ready = await first.hello(agent="scripted")
            await first.send(type="text", text="Who left?", id=1)
            await first.until("remembered", role="user")
            first.socket.transport.abort()
            async with client(one.address) as here, client(two.address) as there:
                claim = {**HELLO, "session": ready["session"], "resume": ready["resume"]}
                await asyncio.gather(here.send(**claim), there.send(**claim))
                await asyncio.gather(here.until("ready"), there.until("ready"))
                epoch = store.sessions[str(ready["session"])].record.epoch
                winner, loser = (there, here) if _epoch(two, ready) == epoch else (here, there)
                assert (await loser.closed())[0] == 4409
                await winner.send(type="text", text="And who came?", id=2)
                await winner.until("remembered", text="And who came?")
                await winner.send(type="bye")
                await winner.closed()
        entries = await journal_of(store, str(ready["session"]))
        assert [text for role, text in remembered(entries) if role == "user"] == [
            "Who left?",
            "And who came?",
        ]

    asyncio.run(story())


def _epoch(at: Node, ready: dict[str, object]) -> int:
    session = at.stage.sessions.get(str(ready["session"]))
    return session.journal.ledger.epoch if session is not None and session.journal.ledger is not None else 0


def test_a_caller_who_does_not_come_back_is_given_up_with_a_report(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with node(tmp_path, store, resume_within=0.3) as one:
            async with client(one.address) as caller:
                ready = await caller.hello(agent="scripted")
                await caller.send(type="text", text="Who left?", id=1)
                await caller.until("remembered", role="user")
                caller.socket.transport.abort()
            held = store.sessions[str(ready["session"])]
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(5):
                while held.record.status != "ended":
                    one.stage.give_up(loop.time())
                    await asyncio.sleep(0.05)
        assert held.record.report is not None
        assert held.record.report["turns"] == 1
        await journal_of(store, str(ready["session"]))

    asyncio.run(story())


def test_a_person_is_called_once_however_often_the_line_breaks(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with node(tmp_path, store) as one, node(tmp_path, store, "two") as two:
            caller = Returning([one.url, two.url], REPLY)
            talking = asyncio.create_task(caller.talk(["May I speak to a person?"]))
            await cut(caller, 0.2)
            account = await talking
        assert account.faults == []
        entries = await journal_of(store, account.session)
        assert sum(isinstance(entry.item, PersonNeeded) for entry in entries) == 1

    asyncio.run(story())


def test_the_journal_of_a_call_that_went_on_elsewhere_is_whole_there(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with node(tmp_path, store) as one, node(tmp_path, store, "two") as two:
            async with client(one.address) as caller:
                ready = await caller.hello(agent="scripted")
                await caller.send(type="text", text="Who left?", id=1)
                await caller.until("remembered", role="user")
                caller.socket.transport.abort()
            async with client(two.address) as back:
                await back.send(**HELLO, session=ready["session"], resume=ready["resume"])
                await back.until("remembered", role="user", is_past=True)
                await back.send(type="bye")
                await back.closed()
        header, entries = journal.read(tmp_path / "two" / "journals" / f"{ready['session']}.jsonl")
        assert journal.replay(header, entries).differences == ()

    asyncio.run(story())
