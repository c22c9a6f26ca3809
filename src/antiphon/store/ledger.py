"""What is to be written of one session, in order, until it is."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from antiphon.core.errors import CallerError
from antiphon.core.records import Fenced, NewSession, StoreUnavailable
from antiphon.store.folding import Folding, Record
from antiphon.store.lines import Row, fit_json, split


@dataclass(frozen=True, slots=True)
class Written:
    """An entry, and what the tables learn from it."""

    row: Row
    told: tuple[str, Record] | None

    @property
    def seq(self) -> int:
        return self.row.seq


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of a session."""

    seq: int
    report: str | None
    at: float


class QueuedLedger:
    """A `Ledger` whose entries wait in memory for a writer."""

    def __init__(
        self,
        session: str,
        epoch: int,
        *,
        wake: Callable[[QueuedLedger], None],
        hurry: Callable[[bool], str],
        folding: Folding | None = None,
        seq: int = 0,
        opening: NewSession | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.session = session
        self.epoch = epoch
        self.opening = opening
        "Set until the session's row is known to be there."
        self.opened_at = wall()
        self.pending: deque[Written | Closing] = deque()
        self.dropped = 0
        self.seen_at = 0.0
        self._wake = wake
        self._hurry = hurry
        self._folding = folding or Folding(session)
        self._wall = wall
        self._seq = seq
        self._settled = seq
        self._is_closed = False
        self._refusal = ""
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def write(self, line: str) -> None:
        self._check()
        row = split(self._seq + 1, line, self._wall())
        self._seq += 1
        self.pending.append(Written(row, self._folding.fold(row)))
        self._wake(self)

    def close(self, report: Mapping[str, object] | None = None, *, ended_at: datetime | None = None) -> None:
        self._check()
        self._is_closed = True
        self._seq += 1
        at = self._wall() if ended_at is None else ended_at.timestamp()
        self.pending.append(Closing(self._seq, None if report is None else fit_json(report), at))
        self._wake(self)

    async def durable(self, within: float | None = 2.0, *, is_urgent: bool = True) -> None:
        if self._refusal:
            raise Fenced(self._refusal)
        if self._settled >= self._seq and self.opening is None:
            return
        away = self._hurry(is_urgent)
        if away:
            raise StoreUnavailable(away)
        settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = (self._seq, settled)
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(within):
                await settled
        except TimeoutError:
            raise StoreUnavailable(f"the store has not answered for {within:g} s") from None
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def take(self, most: int) -> list[Written | Closing]:
        """The oldest entries are not pending any more; they come back, or `settle` or `refuse` follows."""
        return [self.pending.popleft() for _ in range(min(most, len(self.pending)))]

    def give_back(self, items: Collection[Written | Closing]) -> None:
        self.pending.extendleft(reversed(list(items)))

    def settle(self, seq: int) -> None:
        """Everything up to `seq` is durable."""
        self._settled = max(self._settled, seq)
        for waiting in [waiting for waiting in self._waiting if waiting[0] <= self._settled]:
            self._waiting.remove(waiting)
            if not waiting[1].done():
                waiting[1].set_result(None)

    def refuse(self, why: str) -> None:
        """The session is another node's: nothing of this ledger is written any more."""
        self._refusal = why
        self.pending.clear()
        self._fail(Fenced(why))

    def report_away(self, why: str) -> None:
        """Who waits learns that the store is away. The entries stay."""
        self._fail(StoreUnavailable(why))

    def drop(self, names: Collection[str], among: int) -> int:
        """Of the oldest `among` entries those with these names are given up; returns how many."""
        oldest = self.take(among)
        kept = [item for item in oldest if isinstance(item, Closing) or item.row.name not in names]
        self.give_back(kept)
        self.dropped += len(oldest) - len(kept)
        return len(oldest) - len(kept)

    def _check(self) -> None:
        if self._refusal:
            raise Fenced(self._refusal)
        if self._is_closed:
            raise CallerError(f"the session {self.session} is closed", code="session_over")

    def _fail(self, error: Exception) -> None:
        waiting, self._waiting = self._waiting, []
        for _, settled in waiting:
            if not settled.done():
                settled.set_exception(error)
