"""The copy in Redis: written when something changes, and never in anybody's way."""

from __future__ import annotations

import asyncio

import pytest

from antiphon.core.errors import SetupError
from antiphon.store import mirror
from antiphon.store.mirror import Mirror
from antiphon.testing.fake_redis import fake_redis


async def until(condition, within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


def test_states_and_acts_are_copied() -> None:
    async def story() -> None:
        async with fake_redis() as redis, asyncio.TaskGroup() as tasks:
            copy = Mirror.at(redis.url)
            running = tasks.create_task(copy.run())
            copy.state("s_1", {"agent": "tutor", "phase": "idle"})
            copy.state("s_1", {"phase": "speaking"})
            copy.act({"actor": "school/ada", "act": "signed_in"})
            await until(lambda: redis.hashes and redis.streams)
            assert redis.hashes == {"antiphon:session:s_1": {"agent": "tutor", "phase": "speaking"}}
            assert redis.ttl == {"antiphon:session:s_1": mirror.TTL_SECONDS}
            assert redis.streams == {"antiphon:audit": [{"actor": "school/ada", "act": "signed_in"}]}
            assert redis.unknown == []
            running.cancel()

    asyncio.run(story())


def test_a_redis_that_is_away_costs_nobody_anything() -> None:
    async def story() -> None:
        async with fake_redis() as gone:
            port = int(gone.url.rsplit(":", 1)[1].split("/")[0])
        async with asyncio.TaskGroup() as tasks:
            copy = Mirror.at(f"redis://127.0.0.1:{port}/0", again_after=0.05)
            running = tasks.create_task(copy.run())
            copy.state("s_1", {"phase": "idle"})
            copy.act({"act": "signed_in"})
            await asyncio.sleep(0.2)
            copy.state("s_1", {"phase": "thinking"})
            async with fake_redis(port) as back:
                await until(lambda: back.hashes and back.streams)
                assert back.hashes["antiphon:session:s_1"]["phase"] == "thinking"
                assert [act["act"] for act in back.streams["antiphon:audit"]] == ["signed_in"]
                running.cancel()

    asyncio.run(story())


def test_an_address_that_is_none_is_a_fault_of_the_setup() -> None:
    with pytest.raises(SetupError, match="REDIS_URL"):
        Mirror.at("nonsense")
