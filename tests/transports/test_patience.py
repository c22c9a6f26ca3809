"""Waits that are given up: nothing that came is lost, and nobody else's cancelling is swallowed."""

from __future__ import annotations

import asyncio

import pytest

from antiphon.testing.clock import run
from antiphon.transports.patience import Patience


def test_what_comes_in_time_is_given_and_silence_is_told_once_a_limit() -> None:
    async def story() -> list[tuple[float, int | None]]:
        queue: asyncio.Queue[int] = asyncio.Queue()
        patience, loop = Patience(0.25), asyncio.get_running_loop()
        for number, at in enumerate((0.02, 0.2, 0.44, 1.0)):
            loop.call_at(at, queue.put_nowait, number)
        return [(await patience.wait_for(queue.get()), round(loop.time(), 6))[::-1] for _ in range(6)]

    assert run(story()) == [(0.02, 0), (0.2, 1), (0.44, 2), (0.69, None), (0.94, None), (1.0, 3)]


def test_what_comes_at_the_very_moment_of_giving_up_is_there_for_the_next_wait() -> None:
    async def story() -> list[int | None]:
        queue: asyncio.Queue[int] = asyncio.Queue()
        patience, loop = Patience(0.25), asyncio.get_running_loop()
        loop.call_at(0.25, queue.put_nowait, 7)
        return [await patience.wait_for(queue.get()) for _ in range(2)]

    assert sorted(run(story()), key=lambda got: got is None) == [7, None]


def test_a_cancelled_wait_is_a_cancelled_task() -> None:
    async def story() -> None:
        patience = Patience(0.25)
        for delay in (0.1, 0.25):
            waiting = asyncio.create_task(patience.wait_for(asyncio.Event().wait()))
            asyncio.get_running_loop().call_later(delay, waiting.cancel)
            with pytest.raises(asyncio.CancelledError):
                await waiting

    run(story())


def test_nothing_is_left_behind_when_nobody_waits() -> None:
    async def story() -> None:
        patience, loop = Patience(0.25), asyncio.get_running_loop()
        event = asyncio.Event()
        event.set()
        assert await patience.wait_for(event.wait())
        await asyncio.sleep(10)
        begun = loop.time()
        assert await patience.wait_for(asyncio.Event().wait()) is None
        assert loop.time() - begun == pytest.approx(0.25)

    run(story())
