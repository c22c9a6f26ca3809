"""Records in memory, for tests of what keeps sessions: the same rules as in Postgres, without its durability."""

from __future__ import annotations

import asyncio
import builtins
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from antiphon.core.errors import CallerError
from antiphon.core.records import (
    Change,
    Erased,
    Escalation,
    Job,
    NewSession,
    Page,
    SessionRecord,
    Standing,
    Viewer,
)
from antiphon.ports import Records
from antiphon.store.folding import COLUMNS, LASTING, Folding, Record, Value
from antiphon.store.ledger import Closing, QueuedLedger, Written
from antiphon.store.lines import Row, fit_json, join
from antiphon.store.notices import Notices
from antiphon.store.records import checked, no_session, read_cursor, write_cursor
from antiphon.store.writer import digest
from antiphon.testing.memory_store import AWAY, NEVER, Held, MemoryStore

__all__ = ["MemoryRecords", "MemoryStore", "running"]

R = TypeVar("R", bound=Records)


class MemoryRecords:
    """`Records` of one node on a shared `MemoryStore`."""

    def __init__(self, store: MemoryStore | None = None, node: str = "node") -> None:
        self.store = store or MemoryStore()
        self.node = node
        self._due: dict[QueuedLedger, None] = {}
        self._wanted = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._notices = Notices()

    async def run(self) -> None:
        self.store.watchers.append(self._notices)
        try:
            while True:
                await self._wanted.wait()
                if self.store.is_away:
                    for ledger in self._due:
                        ledger.report_away(AWAY)
                    await asyncio.sleep(0.1)
                    continue
                self._wanted.clear()
                due, self._due = self._due, {}
                for ledger in due:
                    self._settle(ledger)
                self._idle.set()
        finally:
            self.store.watchers.remove(self._notices)

    @property
    def waiting(self) -> int:
        return sum(len(ledger.pending) for ledger in self._due)

    @property
    def away(self) -> str:
        return AWAY if self.store.is_away else ""

    async def flush(self, within: float = 5.0) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._idle.wait()
        return self._idle.is_set()

    def open(self, new: NewSession) -> QueuedLedger:
        ledger = QueuedLedger(new.id, 1, wake=self._wake, hurry=self._hurry, opening=checked(new))
        self._wake(ledger)
        return ledger

    async def claim(
        self, session: str, resume_token: str
    ) -> tuple[QueuedLedger, SessionRecord, tuple[str, ...]]:
        self.store.reach()
        held = self.store.sessions.get(session)
        is_open = held is not None and held.record.status in ("live", "lost")
        if held is None or not is_open or held.digest != digest(resume_token):
            raise CallerError("there is no session to resume with this token", code="cannot_resume")
        now, epoch = datetime.now(UTC), held.record.epoch + 1
        self.store.change(held, epoch=epoch, node=self.node, status="live", seen_at=now)
        return self._claimed(held)

    def _claimed(self, held: Held) -> tuple[QueuedLedger, SessionRecord, tuple[str, ...]]:
        folding = Folding(held.record.id)
        for row in held.rows:
            folding.fold(row)
        ledger = QueuedLedger(
            held.record.id,
            held.record.epoch,
            wake=self._wake,
            hurry=self._hurry,
            folding=folding,
            seq=held.rows[-1].seq if held.rows else 0,
        )
        return ledger, held.record, tuple(_line(row) for row in held.rows)

    async def list(
        self, viewer: Viewer, *, before: str = "", limit: int = 50, agent: str = "", status: str = ""
    ) -> Page:
        self.store.reach()
        cursor = read_cursor(before) if before else None
        found = sorted(
            (
                held.record
                for held in self.store.sessions.values()
                if _sees(viewer, held.record)
                and agent in ("", held.record.agent)
                and status in ("", held.record.status)
                and (cursor is None or (held.record.started_at, held.record.id) < cursor)
            ),
            key=lambda record: (record.started_at, record.id),
            reverse=True,
        )
        page = tuple(found[:limit])
        return Page(page, write_cursor(page[-1]) if len(found) > limit else "")

    async def get(self, viewer: Viewer, session: str) -> SessionRecord:
        return self._held(viewer, session).record

    async def entries(self, viewer: Viewer, session: str) -> AsyncGenerator[str, None]:
        for row in tuple(self._held(viewer, session).rows):
            yield _line(row)

    async def jobs(self, viewer: Viewer, session: str) -> tuple[Job, ...]:
        now = datetime.now(UTC)
        latest: dict[object, dict[str, Value]] = {}
        for record in self._held(viewer, session).told.get("orchestrator_jobs", ()):
            told = dict(zip(COLUMNS["orchestrator_jobs"], record, strict=True))
            first = latest.get(told["id"], told)
            latest[told["id"]] = told | {name: first[name] for name in LASTING["orchestrator_jobs"]}
        found = tuple(Job(*told.values()) for told in latest.values())  # type: ignore[arg-type]
        return tuple(job for job in found if job.expires_at > now)

    async def expire_jobs(self) -> int:
        self.store.reach()
        return 0  # `jobs` leaves out what has expired

    async def escalations(
        self, viewer: Viewer, *, open_only: bool = True, limit: int = 100
    ) -> tuple[Escalation, ...]:
        self.store.reach()
        found = [
            escalation
            for escalation in reversed(self.store.escalations.values())
            if _sees(viewer, self.store.sessions[escalation.session].record)
            and not (open_only and escalation.status == "closed")
        ]
        return tuple(found[:limit])

    async def claim_escalation(self, viewer: Viewer, escalation: str) -> Escalation:
        found = self._escalation(viewer, escalation)
        if found.status == "closed" or (found.status == "claimed" and found.claimed_by != viewer.user):
            raise _attended(found)
        return self._attend(
            replace(found, status="claimed", claimed_by=viewer.user, claimed_at=datetime.now(UTC))
        )

    async def close_escalation(self, viewer: Viewer, escalation: str, outcome: str = "") -> Escalation:
        found = self._escalation(viewer, escalation)
        may = viewer.standing in (Standing.ADMIN, Standing.SERVICE) or found.claimed_by in ("", viewer.user)
        if found.status == "closed" or not may:
            raise _attended(found)
        by = found.claimed_by or viewer.user
        return self._attend(
            replace(found, status="closed", claimed_by=by, outcome=outcome, closed_at=datetime.now(UTC))
        )

    async def tell_next(self, send: Callable[[Escalation], Awaitable[None]]) -> bool:
        self.store.reach()
        now = datetime.now(UTC)
        for escalation in self.store.escalations.values():
            if self.store.told.get(escalation.id, now) <= now:
                self.store.told[escalation.id] = now + timedelta(seconds=30)
                await send(escalation)
                self.store.told[escalation.id] = NEVER
                return True
        return False

    def watch(self, viewer: Viewer) -> AsyncGenerator[Change, None]:
        return self._notices.watch(viewer)

    def audit(
        self,
        tenant: str,
        actor: str,
        act: str,
        object: str = "",
        detail: Mapping[str, builtins.object] | None = None,
    ) -> None:
        self.store.audits.append((tenant, actor, act, object, fit_json(dict(detail or {}))))

    async def erase(self, tenant: str, user: str) -> Erased:
        self.store.reach()
        if not user:
            raise CallerError("whose data shall be erased?", field="user")
        theirs = [
            held
            for held in self.store.sessions.values()
            if (held.record.tenant, held.record.owner) == (tenant, user)
        ]
        entries = sum(len(held.rows) for held in theirs)
        for held in theirs:
            ended, epoch = held.record.ended_at or datetime.now(UTC), held.record.epoch + 1
            self.store.change(held, owner="", status="erased", epoch=epoch, report=None, ended_at=ended)
            held.digest = ""
            held.rows.clear()
            held.told.clear()
        self.store.forget_calls({held.record.id for held in theirs})
        return Erased(len(theirs), entries)

    async def prune(self, before: datetime) -> int:
        self.store.reach()
        old = [name for name, held in self.store.sessions.items() if held.record.seen_at < before]
        for name in old:
            del self.store.sessions[name]
        self.store.forget_calls(old)
        return len(old)

    async def mark_lost(self, silent_for: float) -> int:
        self.store.reach()
        since = datetime.now(UTC) - timedelta(seconds=silent_for)
        lost = [
            held
            for held in self.store.sessions.values()
            if held.record.status == "live" and held.record.seen_at < since
        ]
        for held in lost:
            held.lost_at = datetime.now(UTC)
            self.store.change(held, status="lost")
        return len(lost)

    async def claim_lost(self, lost_for: float) -> tuple[QueuedLedger, SessionRecord, tuple[str, ...]] | None:
        self.store.reach()
        since = datetime.now(UTC) - timedelta(seconds=lost_for)
        for held in sorted(self.store.sessions.values(), key=lambda held: held.lost_at):
            if held.record.status == "lost" and held.lost_at <= since:
                held.lost_at = datetime.now(UTC)
                self.store.change(held, epoch=held.record.epoch + 1, node=self.node)
                return self._claimed(held)
        return None

    async def spend(self, token: str, until: datetime) -> bool:
        self.store.reach()
        is_new = token not in self.store.spent
        now = datetime.now(UTC)
        self.store.spent = {k: v for k, v in self.store.spent.items() if v >= now} | {token: until}
        return is_new

    async def is_spent(self, token: str) -> bool:
        self.store.reach()
        return token in self.store.spent

    async def announce(self, url: str) -> None:
        self.store.reach()
        self.store.nodes[self.node] = url

    async def address(self, node: str) -> str:
        self.store.reach()
        return self.store.nodes.get(node, "")

    def _settle(self, ledger: QueuedLedger) -> None:
        """What the ledger holds is in the store."""
        new = ledger.opening
        if new is not None and new.id not in self.store.sessions:
            at = datetime.fromtimestamp(ledger.opened_at, UTC)
            record = SessionRecord(
                *(new.id, new.tenant, new.owner, new.agent, new.host, "live", at, None, at, 1, self.node)
            )
            self.store.sessions[new.id] = Held(record, digest(new.resume_token))
            self.store.tell(Change("sessions", new.id, new.id), new.tenant)
        held = self.store.sessions.get(ledger.session)
        is_taken = held is not None and new is not None and held.digest != digest(new.resume_token)
        if held is None or is_taken or held.record.epoch != ledger.epoch:
            ledger.refuse(f"the session {ledger.session} is held by another node or is erased")
            return
        ledger.opening = None
        status = "live" if held.record.status == "lost" else held.record.status
        self.store.change(held, seen_at=datetime.now(UTC), status=status)
        seq = 0
        for item in ledger.take(len(ledger.pending)):
            seq = item.seq
            match item:
                case Written(row, told):
                    held.rows.append(row)
                    if told is not None:
                        self._learn(held, *told)
                case Closing(_, report, at_s):
                    ended_at = datetime.fromtimestamp(at_s, UTC)
                    known = None if report is None else _read_json(report)
                    self.store.change(held, status="ended", ended_at=ended_at, report=known)
        ledger.settle(seq)

    def _learn(self, held: Held, table: str, record: Record) -> None:
        held.told.setdefault(table, []).append(record)
        if table != "escalation_events":
            return
        is_waiting = any(
            escalation.session == held.record.id and escalation.status == "open"
            for escalation in self.store.escalations.values()
        )
        if not is_waiting:
            values = dict(zip(COLUMNS[table], record, strict=True))
            escalation = Escalation(
                id=str(values["id"]),
                session=held.record.id,
                tenant=held.record.tenant,
                turn=int(str(values["turn"])),
                reason=str(values["reason"]),
                status="open",
                opened_at=datetime.now(UTC),
                host=held.record.host,
            )
            self._attend(escalation)

    def _attend(self, escalation: Escalation) -> Escalation:
        self.store.escalations[escalation.id] = escalation
        change = Change("escalation_events", escalation.id, escalation.session)
        self.store.tell(change, escalation.tenant)
        return escalation

    def _escalation(self, viewer: Viewer, escalation: str) -> Escalation:
        if viewer.standing is Standing.CALLER:
            raise CallerError("only supervisors attend to escalations", code="forbidden")
        self.store.reach()
        found = self.store.escalations.get(escalation)
        if found is None or not _sees(viewer, self.store.sessions[found.session].record):
            raise CallerError(f"there is no escalation {escalation[:80]!r}", code="unknown_escalation")
        return found

    def _held(self, viewer: Viewer, session: str) -> Held:
        self.store.reach()
        held = self.store.sessions.get(session)
        if held is None or not _sees(viewer, held.record):
            raise no_session(session)
        return held

    def _wake(self, ledger: QueuedLedger) -> None:
        self._due[ledger] = None
        self._idle.clear()
        self._wanted.set()

    def _hurry(self, is_urgent: bool) -> str:
        return AWAY if self.store.is_away else ""


@asynccontextmanager
async def running(records: R) -> AsyncIterator[R]:
    """The records, run for as long as the context lasts; what was written is settled at its end."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(records.run(), name="records")
        try:
            yield records
            await records.flush()
        finally:
            task.cancel()


def _sees(viewer: Viewer, record: SessionRecord) -> bool:
    if viewer.standing is Standing.SERVICE:
        return True
    is_owner = viewer.standing is not Standing.CALLER or record.owner == viewer.user
    return record.tenant == viewer.tenant and is_owner


def _attended(escalation: Escalation) -> CallerError:
    by = f" by {escalation.claimed_by}" if escalation.claimed_by else ""
    return CallerError(f"the escalation is already {escalation.status}{by}", code="already_attended")


def _read_json(text: str) -> Mapping[str, object] | None:
    found = json.loads(text)
    return found if isinstance(found, dict) else None


def _line(row: Row) -> str:
    return join(row.t, row.kind, row.name, row.body)
