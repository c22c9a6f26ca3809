"""What the events of a room set off: tasks that end with the stay in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger(__name__)

SETTLE_WITHIN = 2.0
"Seconds for what is under way to be done before it is given up."


class Errands:
    """Tasks in a group. One that fails is logged, and disturbs no other."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._running: set[asyncio.Task[None]] = set()
        self._is_over = False

    def run(self, work: Coroutine[object, object, None], name: str) -> asyncio.Task[None] | None:
        """The work is done beside; None when it is too late for it."""
        if self._is_over:
            work.close()
            return None
        task = self._tasks.create_task(_logged(work, name), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def later(self, work: Coroutine[object, object, T], name: str) -> asyncio.Task[T]:
        """What the work gives, or raises. Unlike errands, it must not fail unless somebody waits for it."""
        return self._tasks.create_task(work, name=name)

    async def settle(self) -> None:
        """What was under way is done, or has had its time."""
        if self._running:
            await asyncio.wait(self._running, timeout=SETTLE_WITHIN)

    def end(self) -> None:
        """What is under way is given up, and nothing more is begun."""
        self._is_over = True
        for task in self._running:
            task.cancel()


@asynccontextmanager
async def errands() -> AsyncIterator[Errands]:
    """None is left when this returns. What is raised inside comes out in an ExceptionGroup."""
    async with asyncio.TaskGroup() as tasks:
        found = Errands(tasks)
        try:
            yield found
        finally:
            found.end()


async def _logged(work: Coroutine[object, object, None], name: str) -> None:
    try:
        await work
    except Exception as error:
        log.exception("an errand failed", errand=name, error=str(error))
