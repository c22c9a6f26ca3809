"""The records of all sessions, in Postgres."""

from __future__ import annotations

import asyncio
import builtins
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

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
from antiphon.store.database import SILENT_AFTER, Database
from antiphon.store.folding import Folding
from antiphon.store.ledger import QueuedLedger
from antiphon.store.lines import Row, fit, join
from antiphon.store.notices import Notices
from antiphon.store.writer import EVERY, KEPT, Writer, digest

if TYPE_CHECKING:
    import asyncpg

    from antiphon.store.database import Connection

SESSION = (
    "id, tenant, owner, agent, host, status, started_at, ended_at, seen_at, epoch, node, dropped,"
    " session_report::text as report"
)
ESCALATION = (
    "e.id, e.session_id, s.tenant, e.turn, e.reason, e.status, e.opened_at, e.claimed_by, e.claimed_at,"
    " e.closed_at, e.outcome, s.host"
)
JOB = (
    "id, session_id, number, status, turn, question, coalesce(safe_text, ''), tts_ready, call_id, created_at,"
    " expires_at"
)
ENTRY = "select seq, t, kind, name, body::text as body from app.events"
AT_ONCE = 5000
"Journal entries read at a time."
TELL_WITHIN = 30
"Seconds a node has to tell somebody of an escalation before another one tries."


class PostgresRecords:
    """`Records` in Postgres, for the node of this name."""

    def __init__(self, database: Database, node: str, *, every: float = EVERY, keep: int = KEPT) -> None:
        self.node = node
        self.database = database
        self.writer = Writer(database, node, every=every, keep=keep)
        self._notices = Notices()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.writer.run(), name="store writer")
            group.create_task(self._notices.run(self.database), name="store notices")

    @property
    def waiting(self) -> int:
        return self.writer.held

    @property
    def away(self) -> str:
        if not self.writer.away and self.writer.held and self.database.silent_s > SILENT_AFTER:
            return f"the database has not answered for {self.database.silent_s:.0f} s"
        return self.writer.away

    async def flush(self, within: float = 5.0) -> bool:
        return await self.writer.flush(within)

    def open(self, new: NewSession) -> QueuedLedger:
        return self.writer.open(checked(new))

    async def claim(
        self, session: str, resume_token: str
    ) -> tuple[QueuedLedger, SessionRecord, tuple[str, ...]]:
        async with self.database.transaction() as connection:
            row = await connection.fetchrow(
                "update app.sessions set epoch = epoch + 1, node = $3, seen_at = now(), status = 'live'"
                f" where id = $1 and resume_digest = $2 and status in ('live', 'lost') returning {SESSION}",
                fit(session),
                digest(resume_token),
                self.node,
            )
            if row is None:
                raise CallerError("there is no session to resume with this token", code="cannot_resume")
            rows = await connection.fetch(f"{ENTRY} where session_id = $1 order by seq", row["id"])
        return self._claimed(row, rows)

    def _claimed(
        self, row: asyncpg.Record, rows: Sequence[asyncpg.Record]
    ) -> tuple[QueuedLedger, SessionRecord, tuple[str, ...]]:
        folding = Folding(row["id"])
        for entry in rows:
            folding.fold(_row(entry))
        seq = rows[-1]["seq"] if rows else 0
        ledger = self.writer.resume(row["id"], row["epoch"], seq, folding)
        return ledger, _session(row), tuple(_line(entry) for entry in rows)

    async def list(
        self, viewer: Viewer, *, before: str = "", limit: int = 50, agent: str = "", status: str = ""
    ) -> Page:
        limit = max(1, min(limit, 500))
        moment, session = read_cursor(before) if before else (None, "")
        async with self._as(viewer) as connection:
            rows = await connection.fetch(
                f"select {SESSION} from app.sessions where ($1 = '' or agent = $1) and ($2 = '' or status = $2)"
                " and ($3::timestamptz is null or (started_at, id) < ($3, $4))"
                " order by started_at desc, id desc limit $5",
                fit(agent),
                fit(status),
                moment,
                session,
                limit + 1,
            )
        found = tuple(_session(row) for row in rows[:limit])
        return Page(found, write_cursor(found[-1]) if len(rows) > limit else "")

    async def get(self, viewer: Viewer, session: str) -> SessionRecord:
        async with self._as(viewer) as connection:
            row = await connection.fetchrow(f"select {SESSION} from app.sessions where id = $1", fit(session))
        if row is None:
            raise no_session(session)
        return _session(row)

    async def entries(self, viewer: Viewer, session: str) -> AsyncGenerator[str, None]:
        await self.get(viewer, session)
        after = 0
        while True:
            async with self._as(viewer) as connection:
                rows = await connection.fetch(
                    f"{ENTRY} where session_id = $1 and seq > $2 order by seq limit $3",
                    session,
                    after,
                    AT_ONCE,
                )
            for row in rows:
                yield _line(row)
            if len(rows) < AT_ONCE:
                return
            after = rows[-1]["seq"]

    async def jobs(self, viewer: Viewer, session: str) -> tuple[Job, ...]:
        async with self._as(viewer) as connection:
            rows = await connection.fetch(
                f"select {JOB} from app.orchestrator_jobs where session_id = $1 and expires_at > now()"
                " order by created_at, id",
                fit(session),
            )
        return tuple(Job(*row.values()) for row in rows)

    async def expire_jobs(self) -> int:
        async with self.database.transaction() as connection:
            return int(await connection.fetchval("select app.expire_jobs()", timeout=60))

    async def escalations(
        self, viewer: Viewer, *, open_only: bool = True, limit: int = 100
    ) -> tuple[Escalation, ...]:
        async with self._as(viewer) as connection:
            rows = await connection.fetch(
                f"select {ESCALATION} from app.escalation_events e join app.sessions s on s.id = e.session_id"
                " where not $1 or e.status <> 'closed' order by e.opened_at desc, e.id limit $2",
                open_only,
                max(1, min(limit, 1000)),
            )
        return tuple(_escalation(row) for row in rows)

    async def claim_escalation(self, viewer: Viewer, escalation: str) -> Escalation:
        return await self._attend(
            viewer,
            escalation,
            "status = 'claimed', claimed_by = $2, claimed_at = now() where id = $1 and"
            " (status = 'open' or (status = 'claimed' and claimed_by = $2))",
        )

    async def close_escalation(self, viewer: Viewer, escalation: str, outcome: str = "") -> Escalation:
        return await self._attend(
            viewer,
            escalation,
            "status = 'closed', claimed_by = coalesce(claimed_by, $2), closed_at = now(), outcome = $3"
            " where id = $1 and (status = 'open' or (status = 'claimed' and (claimed_by = $2 or $4)))",
            fit(outcome),
            viewer.standing in (Standing.ADMIN, Standing.SERVICE),
        )

    async def tell_next(self, send: Callable[[Escalation], Awaitable[None]]) -> bool:
        async with self.database.transaction() as connection:
            row = await connection.fetchrow(
                "update app.escalation_events e set notify_after = now() + make_interval(secs => $1)"
                " from app.sessions s where s.id = e.session_id and e.id = ("
                "  select id from app.escalation_events where notified_at is null and notify_after < now()"
                "  order by opened_at limit 1 for update skip locked)"
                f" returning {ESCALATION}",
                TELL_WITHIN,
            )
        if row is None:
            return False
        await send(_escalation(row))
        async with self.database.transaction() as connection:
            await connection.execute(
                "update app.escalation_events set notified_at = now() where id = $1", row["id"]
            )
        return True

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
        self.writer.audit(tenant, actor, act, object, detail or {})

    async def erase(self, tenant: str, user: str) -> Erased:
        if not user:
            raise CallerError("whose data shall be erased?", field="user")
        async with self.database.transaction() as connection:
            row = await connection.fetchrow(
                "select sessions, entries from app.erase_person($1, $2)", fit(tenant), fit(user), timeout=600
            )
        return Erased(row["sessions"], row["entries"]) if row else Erased(0, 0)

    async def prune(self, before: datetime) -> int:
        async with self.database.transaction() as connection:
            return int(await connection.fetchval("select app.prune($1)", before, timeout=600))

    async def mark_lost(self, silent_for: float) -> int:
        async with self.database.transaction() as connection:
            rows = await connection.fetch(
                "update app.sessions set status = 'lost', lost_at = now() where status = 'live'"
                " and seen_at < now() - make_interval(secs => $1) returning id",
                silent_for,
            )
        return len(rows)

    async def claim_lost(self, lost_for: float) -> tuple[QueuedLedger, SessionRecord, tuple[str, ...]] | None:
        async with self.database.transaction() as connection:
            row = await connection.fetchrow(
                "update app.sessions set epoch = epoch + 1, node = $2, lost_at = now() where id = ("
                "  select id from app.sessions where status = 'lost'"
                "  and coalesce(lost_at, seen_at) <= now() - make_interval(secs => $1)"
                "  order by lost_at limit 1 for update skip locked)"
                f" returning {SESSION}",
                lost_for,
                self.node,
            )
            if row is None:
                return None
            rows = await connection.fetch(f"{ENTRY} where session_id = $1 order by seq", row["id"])
        return self._claimed(row, rows)

    async def spend(self, token: str, until: datetime) -> bool:
        async with self.database.transaction() as connection:
            await connection.execute("delete from app.spent_tokens where until < now()")
            found = await connection.fetchval(
                "insert into app.spent_tokens (id, until) values ($1, $2) on conflict do nothing returning id",
                fit(token),
                until,
            )
        return found is not None

    async def is_spent(self, token: str) -> bool:
        async with self.database.transaction() as connection:
            found = await connection.fetchval("select 1 from app.spent_tokens where id = $1", fit(token))
        return found is not None

    async def announce(self, url: str) -> None:
        async with self.database.transaction() as connection:
            await connection.execute("delete from app.nodes where seen_at < now() - interval '1 day'")
            await connection.execute(
                "insert into app.nodes (name, url, seen_at) values ($1, $2, now())"
                " on conflict (name) do update set url = excluded.url, seen_at = excluded.seen_at",
                fit(self.node),
                fit(url),
            )

    async def address(self, node: str) -> str:
        async with self.database.transaction() as connection:
            return await connection.fetchval("select url from app.nodes where name = $1", fit(node)) or ""

    async def _attend(self, viewer: Viewer, escalation: str, change: str, *values: object) -> Escalation:
        """The escalation after the change. Policies decide whether this viewer may make it."""
        if viewer.standing is Standing.CALLER:
            raise CallerError("only supervisors attend to escalations", code="forbidden")
        async with self._as(viewer) as connection:
            changed = await connection.fetchval(
                f"update app.escalation_events set {change} returning id",
                fit(escalation),
                viewer.user,
                *values,
            )
            row = await connection.fetchrow(
                f"select {ESCALATION} from app.escalation_events e join app.sessions s on s.id = e.session_id"
                " where e.id = $1",
                fit(escalation),
            )
        if row is None:
            raise CallerError(f"there is no escalation {escalation[:80]!r}", code="unknown_escalation")
        if changed is None:
            by = f" by {row['claimed_by']}" if row["claimed_by"] else ""
            raise CallerError(f"the escalation is already {row['status']}{by}", code="already_attended")
        return _escalation(row)

    def _as(self, viewer: Viewer) -> AbstractAsyncContextManager[Connection]:
        if viewer.standing is Standing.SERVICE:
            return self.database.transaction()
        return self.database.as_user(claims(viewer))


def claims(viewer: Viewer) -> dict[str, object]:
    """What the policies are told of the viewer."""
    return {
        "sub": fit(viewer.user),
        "role": "authenticated",
        "app_metadata": {"tenant": fit(viewer.tenant), "standing": viewer.standing.value},
    }


def checked(new: NewSession) -> NewSession:
    """The same with texts that a table can hold. Raises CallerError for an id that is none."""
    if not new.id or len(new.id) > 128 or not new.id.isprintable():
        raise CallerError("a session's id has 1 to 128 printable characters", field="id")
    if not new.resume_token:
        raise CallerError("a session needs a resume token", field="resume_token")
    return replace(
        new, tenant=fit(new.tenant), owner=fit(new.owner), agent=fit(new.agent), host=fit(new.host)
    )


def no_session(session: str) -> CallerError:
    """For sessions that are not there and for those that the viewer may not see: nobody can tell which."""
    return CallerError(f"there is no session {session[:80]!r}", code="unknown_session")


def write_cursor(last: SessionRecord) -> str:
    """Where a page that ends with this session goes on."""
    return f"{last.started_at.isoformat()}~{last.id}"


def read_cursor(before: str) -> tuple[datetime, str]:
    """What `write_cursor` was given. Raises CallerError."""
    moment, _, session = before.partition("~")
    try:
        started_at = datetime.fromisoformat(moment)
        if started_at.tzinfo is None or not session or fit(session) != session:
            raise ValueError(before)
    except ValueError:
        raise CallerError("this is no place to go on from", field="before") from None
    return started_at, session


def _session(row: asyncpg.Record) -> SessionRecord:
    report = row["report"]
    return SessionRecord(**{**dict(row), "report": None if report is None else json.loads(report)})


def _escalation(row: asyncpg.Record) -> Escalation:
    values = dict(row)
    return Escalation(session=values.pop("session_id"), claimed_by=values.pop("claimed_by") or "", **values)


def _row(entry: asyncpg.Record) -> Row:
    return Row(entry["seq"], entry["t"], entry["kind"], entry["name"], entry["body"])


def _line(entry: asyncpg.Record) -> str:
    return join(entry["t"], entry["kind"], entry["name"], entry["body"])
