"""Sound that comes faster than it sounds, or is not read, waits nowhere for long."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from manor import LOUD, RATE, manor

from antiphon.core.audio import silence
from antiphon.hosts.supervise import MAX_SOUND
from antiphon.wire import native, supervision

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_caller_hears_a_hasty_supervisor_at_the_speed_of_sound(tmp_path: Path) -> None:
    async with (
        manor(tmp_path, limit_messages=10_000) as house,
        house.call() as (caller, session),
        house.watch(session) as teacher,
    ):
        await teacher.until("watching")
        await teacher.send(type="take_over")
        await caller.until("supervised", how="taken_over")
        began = asyncio.get_running_loop().time()
        for _ in range(1500):  # 30 s of sound
            await teacher.socket.send(LOUD)
        await teacher.send(type="ping", id=1)
        await teacher.until("pong")
        seconds = asyncio.get_running_loop().time() - began
        await asyncio.sleep(0.2)
        heard = len(caller.heard(native.LIVE)) / 2 / RATE
        assert 0.9 <= heard <= seconds + 1.5
        assert seconds < 20


async def test_a_supervisor_hears_a_hasty_caller_at_the_speed_of_sound(tmp_path: Path) -> None:
    async with (
        manor(tmp_path, limit_messages=10_000) as house,
        house.call() as (caller, session),
        house.watch(session) as teacher,
    ):
        await teacher.until("watching")
        began = asyncio.get_running_loop().time()
        for _ in range(1500):
            await caller.socket.send(LOUD)
        await caller.send(type="ping", id=1)
        await caller.until("pong", within=20)
        seconds = asyncio.get_running_loop().time() - began
        await asyncio.sleep(0.2)
        assert 0.9 <= len(teacher.heard(supervision.CALLER)) / 2 / 16_000 <= seconds + 1.5
        assert seconds < 20


async def test_a_page_that_does_not_read_keeps_some_seconds_waiting_and_no_more(tmp_path: Path) -> None:
    """The page hears what is recent when it reads again, and every message."""
    async with manor(tmp_path) as house, house.call() as (_, session):
        on_air = house.stage.sessions[session]
        async with house.watch(session) as teacher:
            await teacher.until("watching")
            (post,) = on_air.transport.onlookers
            for _ in range(100):  # 300 s, before the page can take any
                post.agent_said(7, 0, silence(3.0, RATE))
            post.clear(7)
            waiting = post._waiting  # type: ignore[attr-defined]
            assert sum(len(frame) for frame in waiting if isinstance(frame, bytes)) <= MAX_SOUND
            await teacher.until("clear", turn=7)
            frames = [frame for _, frame in teacher.sound if frame.turn == 7]
            assert frames[-1].offset + len(frames[-1].data) // 2 == 300 * RATE
            assert len(teacher.heard(7)) <= MAX_SOUND
