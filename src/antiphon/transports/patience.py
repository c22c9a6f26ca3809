"""Waiting with a limit, for waits that hardly ever reach it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Got = TypeVar("Got")


class Patience:
    """Gives every wait of one task up after `seconds`.

    `asyncio.timeout` sets a timer for each wait and takes it back: with a caller's sound, fifty times a second.
    Here one timer outlives the waits; when it is due, it is set again to where the wait at hand will end.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.now = 0.0
        "The loop's time when the latest wait ended."
        self._since = 0.0
        self._waiting: asyncio.Task[object] | None = None
        self._has_given_up = False
        self._timer: asyncio.TimerHandle | None = None

    async def wait_for(self, coming: Coroutine[Any, Any, Got]) -> Got | None:
        """What comes, or None if it did not within `seconds`: then `coming` was cancelled.

        One at a time. Safe to cancel.
        """
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None
        cancelled_before = task.cancelling()
        self._since = loop.time()
        self._waiting = task
        if self._timer is None:
            self._timer = loop.call_at(self._since + self.seconds, self._look, loop)
        try:
            return await coming
        except asyncio.CancelledError:
            if not self._has_given_up:
                raise
            self._has_given_up = False
            # Somebody else may have cancelled the task in the same moment.
            if task.uncancel() > cancelled_before:
                raise
            return None
        finally:
            self._waiting = None
            self.now = loop.time()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        if self._waiting is None:
            return
        due = self._since + self.seconds
        if loop.time() < due:
            self._timer = loop.call_at(due, self._look, loop)
            return
        self._has_given_up = True
        self._waiting.cancel()
