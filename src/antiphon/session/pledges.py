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
TELL_AFTER = 8.0
"Seconds after which the caller is told of it: what is mended sooner is nobody's business."
TELL_OF_CALL_AFTER = 2.0
"Likewise, where a person was called who does not know of it."
NOT_KEPT = "I should tell you that I can't save our conversation at the moment. I keep trying."
KEPT = "What we said is saved now."
NOT_CALLED = "I can't reach anybody for you at the moment. I keep trying."
CALLED = "I could call for somebody now."


class Pledges:
    """Lines that were remembered, and calls for a person: shown when the journal that has them is durable.

    While the store is away they wait, and the conversation goes on; when that lasts the caller is told, and told
    when it is over. `run` is the loop. Raises Fenced.
    """

    def __init__(
        self,
        journal: Journal,
        show: Callable[[e.Event | e.Command | Note], None],
        announce: Callable[[str], None] = lambda line: None,
    ) -> None:
        """`announce` has the caller told."""
        self._journal = journal
        self._show = show
        self._announce = announce
        self._told: list[str] = []
        "What the caller will want to hear once the store is back."
        self._is_away = False
        self._clock = asyncio.get_running_loop().time
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
        since = self._clock()
        while self._waiting:
            count = len(self._waiting)
            try:
                await self._journal.durable()
            except StoreUnavailable as error:
                away_s = self._clock() - since
                if away_s >= patience:
                    return
                if not self._is_away:
                    self._is_away = True
                    log.warning("the store is away: the call goes on unacknowledged", error=str(error))
                self._tell(away_s)
                await asyncio.sleep(AGAIN_AFTER)
                continue
            for _ in range(min(count, len(self._waiting))):
                self._show(self._waiting.popleft())
        self._is_away = False
        for line in self._told:
            self._announce(line)
        self._told.clear()

    def _tell(self, away_s: float) -> None:
        """The caller knows what is not kept, and who was not called."""
        is_called = any(isinstance(item, PersonNeeded) for item in self._waiting)
        for is_due, line, after in (
            (away_s >= TELL_AFTER, NOT_KEPT, KEPT),
            (is_called and away_s >= TELL_OF_CALL_AFTER, NOT_CALLED, CALLED),
        ):
            if is_due and after not in self._told:
                self._told.append(after)
                self._announce(line)
