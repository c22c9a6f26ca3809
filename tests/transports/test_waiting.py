"""Waits that are called off: nothing that came is lost, and nobody else's cancelling is swallowed."""

from __future__ import annotations

import asyncio

import pytest

from antiphon.testing.clock import run
from antiphon.transports.waiting import Wait


def test_what_comes_is_given_and_a_wait_called_off_gives_nothing() -> None:
    async def story() -> list[tuple[float, int | None]]:
        queue: asyncio.Queue[int] = asyncio.Queue()
        wait, loop = Wait(), asyncio.get_running_loop()
        loop.call_at(0.02, queue.put_nowait, 0)
        loop.call_at(0.2, wait.call_off)
        loop.call_at(0.44, queue.put_nowait, 1)
        return [(await wait.wait_for(queue.get()), round(loop.time(), 6))[::-1] for _ in range(3)]

    assert run(story()) == [(0.02, 0), (0.2, None), (0.44, 1)]


@pytest.mark.parametrize("is_first", [True, False])
def test_what_comes_in_the_very_moment_of_calling_off_is_not_lost(is_first: bool) -> None:
    async def story() -> list[int | None]:
        queue: asyncio.Queue[int] = asyncio.Queue()
        wait, loop = Wait(), asyncio.get_running_loop()

        def both() -> None:
            if is_first:
                queue.put_nowait(7)
            wait.call_off()
            wait.call_off()
            if not is_first:
                queue.put_nowait(7)

        loop.call_at(0.25, both)
        return [await wait.wait_for(queue.get()) for _ in range(2)]

    assert run(story()) == [None, 7]


@pytest.mark.parametrize("is_called_off", [True, False])
def test_a_cancelled_wait_is_a_cancelled_task(is_called_off: bool) -> None:
    async def story() -> None:
        wait = Wait()
        waiting = asyncio.create_task(wait.wait_for(asyncio.Event().wait()))
        await asyncio.sleep(0.1)
        if is_called_off:
            wait.call_off()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    run(story())


def test_calling_off_when_nobody_waits_does_not_touch_the_next_wait() -> None:
    async def story() -> None:
        wait, event = Wait(), asyncio.Event()
        wait.call_off()
        event.set()
        assert await wait.wait_for(event.wait())
        wait.call_off()
        assert await wait.wait_for(event.wait())

    run(story())
