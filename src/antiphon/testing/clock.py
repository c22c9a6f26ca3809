"""Virtual time: hours of conversation in a second of test, with nothing left to chance."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class Deadlock(RuntimeError):
    """Every task waits for another and no timer is pending: in real time this would hang for ever."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock starts at 0 and jumps to the next timer instead of waiting for it.

    `loop.time()`, `asyncio.sleep` and `asyncio.timeout` follow this clock. Threads and sockets do not, so
    what is tested on it must use neither. Raises `Deadlock` when nothing can ever happen again.
    """

    def __init__(self) -> None:
        selector = _Jump()
        super().__init__(selector)
        self._now = 0.0
        selector.jump = self._jump

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def _jump(self, seconds: float) -> None:
        self._now += seconds


class _Jump(selectors.DefaultSelector):
    """Looks for ready file handles, but never waits for one: it moves the clock on."""

    jump: Any = staticmethod(lambda seconds: None)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            raise Deadlock("nothing is ready and no timer is pending: every task waits for another")
        if timeout > 0:
            self.jump(timeout)
        return ready


def run(story: Coroutine[Any, Any, Result]) -> Result:
    """What `story` returns, lived through in virtual time. What it left running is cancelled."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(story)
