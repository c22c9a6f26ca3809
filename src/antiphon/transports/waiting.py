"""Waiting that somebody else can end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Got = TypeVar("Got")


class Wait:
    """The wait of one task, which `call_off` ends. What comes in the same moment is there for the next wait."""

    def __init__(self) -> None:
        self._waiting: asyncio.Task[object] | None = None
        self._is_off = False

    async def wait_for(self, coming: Coroutine[Any, Any, Got]) -> Got | None:
        """What comes, or None if the wait was called off: then `coming` was cancelled.

        One at a time. Safe to cancel.
        """
        task = asyncio.current_task()
        assert task is not None
        cancelled_before = task.cancelling()
        self._waiting, self._is_off = task, False
        try:
            return await coming
        except asyncio.CancelledError:
            # Somebody else may have cancelled the task in the same moment.
            if not self._is_off or task.uncancel() > cancelled_before:
                raise
            return None
        finally:
            self._waiting = None

    def call_off(self) -> None:
        """Nobody waits any longer. Does nothing when nobody does."""
        if self._waiting is not None and not self._is_off:
            self._is_off = True
            self._waiting.cancel()
