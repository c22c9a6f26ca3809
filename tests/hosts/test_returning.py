"""After a start the callers of the process before it come first, and nobody waits for callers there are not."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from house import client
from nodes import node

from antiphon.hosts.returning import heard_again
from antiphon.testing.records import MemoryStore

HERE = socket.gethostname()
FOR_EVER = 60.0


def test_nobody_is_waited_for_who_was_not_left(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with asyncio.timeout(FOR_EVER / 2), node(tmp_path, store, f"{HERE}-next") as following:
            await heard_again(following.stage, FOR_EVER)
            async with (
                node(tmp_path, store, "another-machine") as elsewhere,
                client(elsewhere.address) as caller,
            ):
                await caller.hello(agent="scripted")
                await heard_again(following.stage, FOR_EVER)
            store.is_away = True
            await heard_again(following.stage, FOR_EVER)
            store.is_away = False

    asyncio.run(story())


def test_whoever_was_left_is_waited_for_until_they_hear_the_agent(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with (
            asyncio.timeout(FOR_EVER / 2),
            node(tmp_path, store, f"{HERE}-dead") as dead,
            client(dead.address) as caller,
        ):
            ready = await caller.hello(agent="scripted")
            await caller.send(type="text", text="Who left?", id=1)
            await caller.until("sentence")
            async with node(tmp_path, store, f"{HERE}-next") as following, client(following.address) as back:
                await heard_again(following.stage, 0.1)
                waiting = asyncio.create_task(heard_again(following.stage, FOR_EVER))
                await asyncio.sleep(0.1)
                assert not waiting.done()
                held = {"session": ready["session"], "resume": ready["resume"]}
                await back.hello(agent="scripted", played_turn=1, played_samples=0, **held)
                said = await back.until("sentence")
                assert not waiting.done()
                while not waiting.done():
                    await back.send(type="played", turn=said["turn"], samples=100)
                    await asyncio.sleep(0.01)

    asyncio.run(story())


def test_whoever_was_left_in_silence_is_waited_for_until_they_are_back(tmp_path: Path) -> None:
    async def story() -> None:
        store = MemoryStore()
        async with (
            asyncio.timeout(FOR_EVER / 2),
            node(tmp_path, store, f"{HERE}-dead") as dead,
            client(dead.address) as caller,
        ):
            ready = await caller.hello(agent="scripted")
            async with node(tmp_path, store, f"{HERE}-next") as following, client(following.address) as back:
                waiting = asyncio.create_task(heard_again(following.stage, FOR_EVER))
                held = {"session": ready["session"], "resume": ready["resume"]}
                await back.hello(agent="scripted", **held)
                await waiting

    asyncio.run(story())
