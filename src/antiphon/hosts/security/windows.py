"""What the `limits` library counts, kept in this process.

The library's own memory storage starts a task at every hit, which looks through every key in worker threads: 0.5 to
1 ms of processor time a hit, on the loop that carries sound. Here a hit costs microseconds, whatever the number
of keys, and time is the caller's clock.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable

from limits.aio.storage import MovingWindowSupport, Storage

MOST_KEYS = 50_000
"Keys kept; beyond, those that were quiet longest are forgotten. Some 100 bytes each, and 8 for each hit."


class MemoryWindows(Storage, MovingWindowSupport):
    """Moving windows and counters in memory. For one event loop; nothing here awaits."""

    STORAGE_SCHEME = ["async+antiphon"]  # noqa: RUF012  the library declares it so

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` returns seconds since 1970."""
        super().__init__()
        self._clock = clock
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return ValueError

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Whether `amount` more hits fit into the last `expiry` seconds; if so, they count."""
        hits = self._window(key, expiry)
        if len(hits) + amount > limit:
            return False
        hits.extend([self._clock()] * amount)
        self._hits[key] = hits
        self._hits.move_to_end(key)
        if len(self._hits) > MOST_KEYS:
            self._hits.popitem(last=False)
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest hit of the window was, and how many there are."""
        hits = self._window(key, expiry)
        return (hits[0] if hits else self._clock(), len(hits))

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """The count after adding. It starts over `expiry` seconds after its first."""
        count, ends_at = self._counts.get(key, (0, 0.0))
        if ends_at <= self._clock():
            count, ends_at = 0, self._clock() + expiry
        self._counts[key] = (count + amount, ends_at)
        self._counts.move_to_end(key)
        if len(self._counts) > MOST_KEYS:
            self._counts.popitem(last=False)
        return count + amount

    async def get(self, key: str) -> int:
        count, ends_at = self._counts.get(key, (0, 0.0))
        return count if ends_at > self._clock() else 0

    async def get_expiry(self, key: str) -> float:
        return self._counts.get(key, (0, self._clock()))[1]

    async def check(self) -> bool:
        return True

    async def reset(self) -> int | None:
        forgotten = len(self._hits) + len(self._counts)
        self._hits.clear()
        self._counts.clear()
        return forgotten

    async def clear(self, key: str) -> None:
        self._hits.pop(key, None)
        self._counts.pop(key, None)

    def _window(self, key: str, expiry: float) -> deque[float]:
        hits = self._hits.get(key)
        if hits is None:
            return deque()
        while hits and hits[0] <= self._clock() - expiry:
            hits.popleft()
        return hits
