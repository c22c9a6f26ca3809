"""What holds the event loop up: a thread that asks it to answer, and looks at its stack when it does not.

While the loop does not turn, no caller hears or is heard. The usual reason is a function that computes or waits
without handing back, and the stack at that moment names it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import sysconfig
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import FrameType

import structlog

from antiphon.hosts.metrics import Metrics

log = structlog.get_logger(__name__)

EVERY = 0.1
"Seconds between two questions: the loop is asked ten times a second, at about 50 µs each."
DEEPEST = 12
"Frames of the stack that are logged, the innermost first."
MOST_PLACES = 50
"Culprits that are counted by name; any others count as `elsewhere`."
_LIBRARIES = tuple(
    {
        os.path.realpath(path) + os.sep
        for name in ("stdlib", "purelib", "platlib")
        if (path := sysconfig.get_path(name))
    }
)
_AT_REST = (os.path.join("asyncio", "runners.py"), "selectors.py")
"Where a loop is, uvloop's and asyncio's own, while it runs nothing."


@dataclass(frozen=True, slots=True)
class Stall:
    """The loop did not turn for `seconds`, at least `where` it was looked at."""

    seconds: float
    where: str
    "The innermost frame outside the libraries, as file:line function; empty: it was not caught in the act."
    stack: tuple[str, ...]
    "All of it, the innermost first."


class Watchdog:
    """Asks the loop from a thread of its own. Started and stopped by `watched`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        after: float,
        stalled: Callable[[Stall], None],
        answered: Callable[[float], None],
    ) -> None:
        """`stalled` is called in the thread, for every stall of more than `after` seconds; `answered` with the
        seconds that each answer took. To be made in the loop's own thread."""
        self._loop = loop
        self._after = after
        self._stalled = stalled
        self._answered = answered
        self._ident = threading.get_ident()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stalls: watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """The loop is asked no more. To be called while it still runs, or when it has ended."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            turned = threading.Event()
            asked_at = time.perf_counter()
            try:
                self._loop.call_soon_threadsafe(turned.set)
            except RuntimeError:  # the loop is closed
                return
            where, stack = "", tuple[str, ...]()
            if not turned.wait(self._after):
                where, stack = _place(sys._current_frames().get(self._ident))
                while not turned.wait(EVERY) and not self._stop.is_set():
                    pass
            seconds = time.perf_counter() - asked_at
            self._answered(seconds)
            if seconds > self._after:
                self._stalled(Stall(seconds, where, stack))


@asynccontextmanager
async def watched(after_ms: int, metrics: Metrics) -> AsyncIterator[None]:
    """Inside, the running loop's lag is measured; stalls of more than `after_ms` are logged and counted, 0: none."""
    if not after_ms:
        with timed(metrics):
            yield
        return
    places: set[str] = set()

    def stalled(stall: Stall) -> None:
        place = stall.where if stall.where in places or len(places) < MOST_PLACES else "elsewhere"
        places.add(place)
        metrics.stalled(place or "unknown", stall.seconds)
        log.warning(
            "the event loop was held up",
            ms=round(stall.seconds * 1000),
            where=stall.where or "unknown",
            stack=" < ".join(stall.stack),
        )

    watchdog = Watchdog(asyncio.get_running_loop(), after_ms / 1000, stalled, metrics.answered)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.stop()


@contextmanager
def timed(metrics: Metrics) -> Iterator[None]:
    """Inside, it is measured how late timers of the running loop are, without a thread."""
    loop = asyncio.get_running_loop()
    handle: asyncio.TimerHandle

    def look(due: float) -> None:
        nonlocal handle
        now = loop.time()
        metrics.answered(max(0.0, now - due))
        handle = loop.call_at(now + EVERY, look, now + EVERY)

    handle = loop.call_later(EVERY, look, loop.time() + EVERY)
    try:
        yield
    finally:
        handle.cancel()


def _place(frame: FrameType | None) -> tuple[str, tuple[str, ...]]:
    """Whose code is at work, and the stack. A library works for somebody, and that is who can change it."""
    if frame is not None and frame.f_code.co_filename.endswith(_AT_REST):
        return (
            "",
            (),
        )  # the loop waits for the processor, or for the interpreter's lock, and nobody's code is at work
    stack: list[str] = []
    where = ""
    while frame is not None:
        code = frame.f_code
        told = f"{_short(code.co_filename)}:{frame.f_lineno} {code.co_name}"
        if len(stack) < DEEPEST:
            stack.append(told)
        if not where and not _is_library(code.co_filename):
            where = told
        frame = frame.f_back
    return where or (stack[0] if stack else ""), tuple(stack)


def _is_library(file: str) -> bool:
    return file.startswith("<") or os.path.realpath(file).startswith(_LIBRARIES)


def _short(file: str) -> str:
    """The last three parts of the path: enough to find it, and nothing of whose machine it is."""
    return "/".join(file.split(os.sep)[-3:])
