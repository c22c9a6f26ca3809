"""What a caller is told only once it can no longer be lost."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from antiphon.core import events as e
from antiphon.core.notes import Note, PersonNeeded
from antiphon.core.records import StoreUnavailable
from antiphon.session.journal import Item, Journal

log = structlog.get_logger(__name__)

AGAIN_AFTER = 0.5
"Seconds until a store that was away is asked again."


class Pledges:
    """Lines that were remembered, and calls for a person: shown when the journal that has them is durable.

    While the store is away they wait, and the conversation goes on. `run` is the loop. Raises Fenced.
    """

    def __init__(self, journal: Journal, show: Callable[[e.Event | e.Command | Note], None]) -> None:
        self._journal = journal
        self._show = show
        self._waiting: deque[e.Command | Note] = deque()
        self._due = asyncio.Event()

    def takes(self, item: Item) -> bool:
        """Whether the item is one of these; if so it will be shown in time."""
        if not self._journal.is_kept or not isinstance(item, e.Remember | e.Revise | PersonNeeded):
            return False
        self._waiting.append(item)
        self._due.set()
        return True

    async def run(self) -> None:
        """Show what has become durable, until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            await self.settle()

    async def settle(self, patience: float = float("inf")) -> None:
        """Everything taken so far has been shown, unless the store was away longer than `patience` seconds."""
        waited = 0.0
        while self._waiting:
            count = len(self._waiting)
            try:
                await self._journal.durable()
            except StoreUnavailable as error:
                if waited >= patience:
                    return
                log.warning("the store is away: the call goes on unacknowledged", error=str(error))
                await asyncio.sleep(AGAIN_AFTER)
                waited += AGAIN_AFTER
                continue
            for _ in range(min(count, len(self._waiting))):
                self._show(self._waiting.popleft())
