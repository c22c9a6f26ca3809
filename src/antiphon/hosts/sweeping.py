"""What is kept is looked after: sessions that nobody holds come to their ends, and old ones go."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from antiphon.config import Settings
from antiphon.core.errors import CallerError
from antiphon.core.records import SERVICE, Fenced, SessionRecord, StoreUnavailable
from antiphon.hosts.erasing import journal_file, prune_journals
from antiphon.hosts.metrics import Metrics
from antiphon.ports import Ledger, Records
from antiphon.session.concluding import Conclusion, concluded
from antiphon.session.journal_file import rewrite

log = structlog.get_logger(__name__)

EVERY = 30.0
"Seconds between two looks; every session says then that it lives."
LOST_AFTER = 90.0
"Seconds without a word from its node after which a session counts as lost."
GIVEN_UP_AFTER = 30.0
"Seconds that a lost session is left to whoever held it: when the store was away, they are about to write again."
AT_ONCE = 20
"Sessions brought to their ends at one look: reading a long one back takes a second of processor."


class Sweep:
    """One for each node; all of them may look at the same store at once."""

    def __init__(self, settings: Settings, records: Records | None, metrics: Metrics) -> None:
        self._settings = settings
        self._records = records
        self._metrics = metrics

    async def look(self, lost_after: float = LOST_AFTER, given_up_after: float = GIVEN_UP_AFTER) -> None:
        """Everything that was due is done, or will be at another look when the store is away."""
        days = self._settings.retention_days
        if days:
            await prune_journals(self._settings.data, days * 86_400)
        if (records := self._records) is None:
            return
        try:
            if self._settings.node_url:
                await records.announce(self._settings.node_url)
            await records.mark_lost(lost_after)
            await records.expire_jobs()
            await self._conclude(records, given_up_after)
            waiting = await records.escalations(SERVICE, limit=1000)
            self._metrics.open_escalations.set(len(waiting))
            if days:
                await records.prune(datetime.now(UTC) - timedelta(days=days))
        except StoreUnavailable as error:
            log.warning("the store is away: records are looked after later", error=str(error))

    async def _conclude(self, records: Records, given_up_after: float) -> None:
        """Sessions whose node died, and whose callers did not come back, have ended, with a report."""
        for _ in range(AT_ONCE):
            if (claimed := await records.claim_lost(given_up_after)) is None:
                return
            ledger, record, lines = claimed
            try:
                await self._end(ledger, record, lines)
            except Fenced:
                log.info("a lost session went on elsewhere", session=record.id)

    async def _end(self, ledger: Ledger, record: SessionRecord, lines: tuple[str, ...]) -> None:
        """The session has ended when it was last heard of. Raises Fenced, StoreUnavailable."""
        try:
            conclusion = await asyncio.to_thread(self._concluded, record.id, lines)
        except CallerError as error:
            log.error("a lost session has no report", session=record.id, error=str(error))
            conclusion = None
        except Exception:  # the edge of that session: the others are still to be seen to
            log.exception("a lost session has no report", session=record.id)
            conclusion = None
        for line in conclusion.lines if conclusion is not None else ():
            ledger.write(line)
        ledger.close(conclusion.report if conclusion is not None else None, ended_at=record.seen_at)
        await ledger.durable()
        log.info("a lost session has ended", session=record.id, node=record.node)

    def _concluded(self, id: str, lines: tuple[str, ...]) -> Conclusion:
        conclusion = concluded(id, lines, "the connection was lost")
        file = journal_file(self._settings.data, id)
        if self._settings.journals and file.exists():
            rewrite(file, (*lines, *conclusion.lines))
        return conclusion
