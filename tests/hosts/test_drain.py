"""A server that is told to stop lets its callers come to a moment of quiet, and they go on elsewhere."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from contextlib import AsyncExitStack
from pathlib import Path

from house import client
from nodes import REPLY, journal_of, node, remembered

from antiphon.bench.trials.returning import Returning
from antiphon.testing.records import MemoryStore


def ready_status(url: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/readyz", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        assert json.load(error)["status"] == "draining"
        return error.code


def test_a_caller_goes_on_at_the_next_node_once_the_agent_has_finished(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with node(tmp_path, store, "one") as one, node(tmp_path, store, "two") as two:
            caller = Returning([one.url, two.url], REPLY)
            talking = asyncio.create_task(caller.talk(["Who left?", "Who knew?"]))
            while caller.caller is None or not caller.caller.loudspeaker.speaking_since:
                await asyncio.sleep(0.01)
            assert await asyncio.to_thread(ready_status, one.url) == 200
            one.server.should_exit = True
            await asyncio.sleep(0.3)
            assert await asyncio.to_thread(ready_status, one.url) == 503
            account = await talking
            assert not one.stage.sessions
        assert account.faults == []
        assert (account.returns, account.goaways) == (1, 1)
        assert (account.lost, account.doubled, account.repeated, account.skipped) == (0, 0, 0, 0)
        # Nobody was cut off: the first answer is one line.
        lines = remembered(await journal_of(store, account.session))
        assert [role for role, _ in lines] == ["user", "agent"] * 2

    asyncio.run(story())


def test_nobody_is_taken_while_the_server_drains(tmp_path: Path) -> None:
    async def story() -> None:
        async with node(tmp_path, MemoryStore()) as one, client(one.address) as caller:
            await caller.hello(agent="scripted")
            await caller.send(type="text", text="Who left?", id=1)
            await caller.until("sentence")
            one.server.should_exit = True
            await asyncio.sleep(0.3)
            async with client(one.address) as late:
                await late.send(type="hello", agent="scripted")
                assert (await late.until("error"))["code"] == "full"
                assert (await late.closed())[0] == 4429
            await caller.send(type="interrupt")
            await caller.until("goaway", within=10)
            assert (await caller.closed())[0] == 1012

    asyncio.run(story())


def test_a_caller_who_never_stops_talking_does_not_keep_the_server(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with node(tmp_path, store, drain_within=0.5) as one, client(one.address) as caller:
            ready = await caller.hello(agent="scripted")
            loud = b"\x00\x20\x00\xe0" * 160
            begun = time.monotonic()

            async def talk() -> None:
                while True:
                    await caller.socket.send(loud)
                    await asyncio.sleep(0.02)

            talking = asyncio.create_task(talk())
            await caller.until("phase", phase="listening")
            one.server.should_exit = True
            code, _ = await caller.closed()
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
            assert code == 1012
            assert time.monotonic() - begun < 6
        assert store.sessions[str(ready["session"])].record.status == "live"

    asyncio.run(story())


def test_callers_who_are_sent_away_together_come_back_one_after_the_other(tmp_path: Path) -> None:
    async def story() -> None:
        async with AsyncExitStack() as stack:
            one = await stack.enter_async_context(node(tmp_path, MemoryStore()))
            callers = [await stack.enter_async_context(client(one.address)) for _ in range(5)]
            for caller in callers:
                await caller.hello(agent="scripted")
            one.server.should_exit = True
            told = [await caller.until("goaway") for caller in callers]
            assert [message["retry_ms"] for message in told] == [0, 20, 40, 60, 80]

    asyncio.run(story())
