"""Equal requests that are under way at the same time are made once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


class Shared(Generic[Key, Answer]):
    """Calls under way, by what they ask. For one event loop; owns no task: the first who asks does the work."""

    def __init__(self) -> None:
        self.shared = 0
        "Requests that were spared."
        self._under_way: dict[Key, asyncio.Future[Answer]] = {}

    async def call(self, key: Key, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """What `make` returns or raises, made once for all who ask for `key` while it is being made.

        Safe to cancel: if who does the work is, the next in line begins it again.
        """
        while (waiting := self._under_way.get(key)) is not None:
            self.shared += 1
            try:
                return await asyncio.shield(waiting)
            except asyncio.CancelledError:
                if not waiting.cancelled():
                    raise  # we were cancelled ourselves
                self.shared -= 1
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._under_way[key] = answer
        try:
            result = await make()
        except Exception as error:
            answer.set_exception(error)
            answer.exception()  # nobody else may have waited for it
            raise
        except BaseException:
            answer.cancel()
            raise
        else:
            answer.set_result(result)
            return result
        finally:
            del self._under_way[key]
