"""A supervisor who asks a node for a call that another one has."""

from __future__ import annotations

from pathlib import Path

import pytest
from manor import STRANGER, manor

from antiphon.testing.records import MemoryRecords, MemoryStore, running

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_who_asks_the_wrong_node_is_told_the_right_one(tmp_path: Path) -> None:
    store = MemoryStore()
    async with (
        running(MemoryRecords(store, "north")) as north,
        running(MemoryRecords(store, "south")) as south,
        manor(tmp_path / "n", records=north) as here,
        manor(tmp_path / "s", records=south) as there,
        here.call() as (caller, session),
    ):
        async with there.watch(session) as supervisor:
            assert (await supervisor.until("elsewhere"))["node"] == "north"
            told = await supervisor.until("error", code="elsewhere")
            assert "node north" in str(told["message"])
            assert (await supervisor.parted())[0] == 4421
        await north.announce("https://north.example")
        async with there.watch(session) as supervisor:
            assert (await supervisor.until("elsewhere"))["url"] == "https://north.example"
            told = await supervisor.until("error", code="elsewhere")
            assert str(told["message"]).endswith("watch it at https://north.example")
        async with there.watch(session, STRANGER) as stranger:
            assert (await stranger.until("error"))["code"] == "unknown_session"
        async with here.watch(session) as supervisor:
            await supervisor.until("watching")
        await caller.send(type="bye")
        await caller.parted()
        async with there.watch(session) as supervisor:
            assert (await supervisor.until("error"))["code"] == "unknown_session"
