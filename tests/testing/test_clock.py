"""Virtual time."""

from __future__ import annotations

import asyncio
import time

import pytest

from antiphon.testing.clock import Deadlock, run


def test_an_hour_passes_at_once() -> None:
    async def story() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    began = time.perf_counter()
    assert run(story()) == pytest.approx(3600)
    assert time.perf_counter() - began < 5


def test_timeouts_follow_the_virtual_clock() -> None:
    async def story() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await asyncio.sleep(100)
        return asyncio.get_running_loop().time()

    assert run(story()) == pytest.approx(10)


def test_things_happen_in_the_order_of_their_times() -> None:
    async def story() -> list[int]:
        order: list[int] = []

        async def at(second: int) -> None:
            await asyncio.sleep(second)
            order.append(second)

        await asyncio.gather(*(at(second) for second in (5, 1, 3, 2, 4)))
        return order

    assert run(story()) == [1, 2, 3, 4, 5]


def test_waiting_for_what_never_comes_is_an_error_not_a_hang() -> None:
    async def story() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock):
        run(story())
