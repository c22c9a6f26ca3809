"""A token that is worth nothing is worth nothing on every node, and after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import websockets
from manor import ANNA, HEAD, Manor, manor

from antiphon.hosts.security.spent import AGAIN_AFTER, SpentHere
from antiphon.hosts.security.tokens import Purpose, session_id
from antiphon.testing.fake_redis import fake_redis
from antiphon.testing.records import MemoryRecords, MemoryStore, running

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def nodes(
    home: Path, store: MemoryStore | None = None, **settings: object
) -> AsyncIterator[list[Manor]]:
    """Two nodes that share a store, or a Redis alone."""
    async with AsyncExitStack() as stack:
        found = []
        for name in ("one", "two"):
            records = await stack.enter_async_context(running(MemoryRecords(store, name))) if store else None
            made = manor(home / name, records=records, keeps=store is not None, **settings)
            found.append(await stack.enter_async_context(made))
        yield found


async def me(house: Manor, token: str) -> object:
    async with house.http(None) as client:
        answer = await client.get("/api/me", headers={"authorization": f"Bearer {token}"})
    return answer.json()["person"]


async def sign_out(house: Manor, token: str) -> None:
    async with house.http(None) as client:
        answer = await client.post("/api/signout", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 204


async def opens(house: Manor, token: str) -> str:
    """ready, or the code of the refusal, when a call is opened with the token."""
    headers = {"authorization": f"Bearer {token}"}
    async with websockets.connect(f"ws://{house.address}/orchestrate", additional_headers=headers) as socket:
        await socket.send('{"type":"hello","agent":"parrot","greet":false}')
        text = str(await socket.recv())
        return "ready" if '"ready"' in text else text.split('"code":"')[1].split('"')[0]


async def check(one: Manor, two: Manor) -> None:
    """What is spent on one node is refused on the other."""
    token, other = one.token(HEAD), one.token(HEAD)
    assert await me(two, token)
    await sign_out(one, token)
    assert await me(one, token) is None
    assert await me(two, token) is None
    assert await me(two, other)
    call = one.token(ANNA, Purpose.CALL, session_id())
    results = await asyncio.gather(*(opens(house, call) for house in (one, two, one, two)))
    assert sorted(results) == ["ready", "token_revoked", "token_revoked", "token_revoked"]


async def test_by_the_store(tmp_path: Path) -> None:
    store = MemoryStore()
    async with nodes(tmp_path, store) as (one, two):
        await check(one, two)
        token = one.token(HEAD)
        await sign_out(one, token)
    async with nodes(tmp_path, store) as (again, _):
        assert await me(again, token) is None


async def test_by_redis(tmp_path: Path) -> None:
    async with fake_redis() as redis, nodes(tmp_path, redis_url=redis.url) as (one, two):
        await check(one, two)
        assert set(redis.ttl) >= set(redis.values)


async def test_while_the_store_is_away_each_node_knows_its_own(tmp_path: Path) -> None:
    store = MemoryStore()
    async with nodes(tmp_path, store) as (one, two):
        token, call = one.token(HEAD), one.token(ANNA, Purpose.CALL, session_id())
        store.is_away = True
        await sign_out(one, token)
        assert await me(one, token) is None
        assert await opens(one, call) == "ready"
        assert await opens(one, call) == "token_revoked"
        assert await me(two, token)
        store.is_away = False


async def test_a_store_that_does_not_answer_keeps_nobody_waiting_twice() -> None:
    class Silent:
        asked = 0

        async def spend(self, token: str, until: object) -> bool:
            raise AssertionError("it should not be asked")

        async def is_spent(self, token: str) -> bool:
            self.asked += 1
            await asyncio.sleep(60)
            return True

    now, silent = [0.0], Silent()
    spent = SpentHere(silent, lambda: now[0])
    assert not await spent.is_spent("a")
    assert not await spent.is_spent("a")
    assert await spent.spend("a", 2e9)
    assert silent.asked == 1
    now[0] += AGAIN_AFTER
    assert not await spent.is_spent("a")
    assert silent.asked == 2
