"""Writes the entries of all sessions of this process in few transactions, and keeps them while it cannot.

About every 30 ms, or at once when somebody waits, what all ledgers hold goes into one transaction, together
with what the tables tell of it. Each transaction looks at the epochs first and keeps them from changing until
it ends, so that a node that lost a session writes nothing more of it. Whether a transaction happened whose
connection broke is not known: it is repeated, and entries that are there already stay as they are.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import asyncpg
import structlog

from antiphon.core.records import NewSession, StoreUnavailable
from antiphon.store.database import Database
from antiphon.store.folding import COLUMNS, KEYS, LASTING, TYPES, Folding, Record
from antiphon.store.ledger import Closing, QueuedLedger, Written
from antiphon.store.lines import fit, fit_json

if TYPE_CHECKING:
    from antiphon.store.database import Connection

EVERY = 0.03
"Seconds between two transactions when nobody waits: short against a turn, long against a disk's write."
SILENT_FOR = 2.5
"""Seconds after which a store that has a transaction and says nothing counts as away: sound waits no longer for it.
A disk that is busy with other things keeps one waiting for as long as 2."""
LARGEST = 4000
"Entries in one transaction."
KEPT = 500_000
"Entries in memory, about 400 bytes each: 100 sessions for more than a minute, many for much longer."
SEEN_EVERY = 5.0
"Seconds between two updates of a session's `seen_at`."
AGAIN = (0.1, 2.0)
"Seconds before the first attempt after a failure, and the most between two."
UNIMPORTANT = frozenset(
    {"Played", "ShowHeard", "SpeechWeighed", "PartiallyTranscribed", "StageDone", "SoundSent"}
)
"Dropped first when memory is full: what they said is said again by what follows."
VITAL = frozenset(
    "header Joined HungUp Remember Revise RouteDecided TextJudged PersonNeeded Learnt Whispered Attended"
    " ConnectionLost Suspended JobChanged Faulted".split()
)
"Never dropped."

log = structlog.get_logger()
Batch = Sequence[tuple[QueuedLedger, list[Written | Closing]]]


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the audit."""

    key: str
    tenant: str
    actor: str
    act: str
    object: str
    detail: str
    at: datetime


def digest(resume_token: str) -> str:
    """What is kept of a resume token."""
    return hashlib.sha256(resume_token.encode("utf-8", "surrogatepass")).hexdigest()


class Writer:
    """One for each process. `run` it; everything else returns at once."""

    def __init__(
        self,
        database: Database,
        node: str,
        *,
        every: float = EVERY,
        keep: int = KEPT,
        silent_for: float = SILENT_FOR,
    ) -> None:
        self._database = database
        self._node = node
        self._every = every
        self._keep = self._next_check = keep
        self._silent_for = silent_for
        self._due: dict[QueuedLedger, None] = {}
        self._audits: deque[Act] = deque()
        self._held = 0
        self._away = ""
        self._wanted = asyncio.Event()
        self._urgent = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def away(self) -> str:
        """Why nothing can be written at present; empty: it can."""
        return self._away

    @property
    def held(self) -> int:
        """Entries that are not durable yet."""
        return self._held

    def open(self, new: NewSession) -> QueuedLedger:
        """The ledger of a session whose row is written with its first entries."""
        ledger = QueuedLedger(new.id, 1, wake=self._wake, hurry=self._hurry, opening=new)
        self._due[ledger] = None
        self._want()
        return ledger

    def resume(self, session: str, epoch: int, seq: int, folding: Folding) -> QueuedLedger:
        """The ledger of a session that this node has claimed."""
        return QueuedLedger(session, epoch, wake=self._wake, hurry=self._hurry, folding=folding, seq=seq)

    def audit(self, tenant: str, actor: str, act: str, object: str, detail: Mapping[str, object]) -> None:
        """The act will be on record."""
        key, at = secrets.token_hex(12), datetime.now(UTC)
        said = (fit(tenant), fit(actor), fit(act), fit(object), fit_json(dict(detail)))
        self._audits.append(Act(key, *said, at))
        self._want()

    async def flush(self, within: float) -> bool:
        """Whether nothing waits any more, at the latest after so many seconds."""
        self._urgent.set()
        try:
            async with asyncio.timeout(within):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Writes until cancelled."""
        first, most = AGAIN
        pause = first
        while True:
            await self._wanted.wait()
            try:
                async with asyncio.timeout(self._every):
                    await self._urgent.wait()
            except TimeoutError:
                pass
            self._wanted.clear()
            self._urgent.clear()
            try:
                while self._due or self._audits:
                    await self._write_some()
                    pause = first
                self._idle.set()
            except StoreUnavailable as error:
                self._tell_away(str(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, most)
                self._wanted.set()
                self._urgent.set()

    def _tell_away(self, why: str, writing: Batch = ()) -> None:
        """Whoever waits waits no longer: nothing can be written at present, what is `writing` included."""
        if not self._away:
            log.warning("store away", error=why)
        self._away = why
        for ledger in {ledger: None for ledger, _ in writing} | self._due:
            ledger.report_away(why)

    async def _write_some(self) -> None:
        batch: list[tuple[QueuedLedger, list[Written | Closing]]] = []
        room = LARGEST
        for ledger in list(self._due):
            items = ledger.take(max(room, 1))
            room -= len(items)
            batch.append((ledger, items))
            if not ledger.pending:
                del self._due[ledger]
            if room <= 0:
                break
        acts = list(self._audits)[:LARGEST]
        silent = f"the database has not answered for {self._silent_for:g} s"
        alarm = asyncio.get_running_loop().call_later(self._silent_for, self._tell_away, silent, batch)
        try:
            await self._write(batch, acts)
        except BaseException:
            for ledger, items in batch:
                ledger.give_back(items)
            self._due = {ledger: None for ledger, _ in batch} | self._due
            raise
        finally:
            alarm.cancel()
        for _ in acts:
            self._audits.popleft()
        self._held -= sum(len(items) for _, items in batch)
        if self._away:
            log.info("store back", entries=self._held)
            self._away = ""

    async def _write(self, batch: Batch, acts: Sequence[Act]) -> None:
        """The batch is durable, but for entries that the database refuses for what they hold."""
        try:
            fenced, marked = await self._commit(batch, acts)
        except (asyncpg.DataError, asyncpg.ProgramLimitExceededError) as error:
            size = sum(len(items) for _, items in batch)
            if size <= 1 and not acts:
                names = [item.row.name for _, items in batch for item in items if isinstance(item, Written)]
                log.error("entry refused by the store", names=names, error=str(error))
                for ledger, items in batch:
                    ledger.dropped += len(items)
                    ledger.settle(items[-1].seq if items else 0)
                return
            for part in _halves(batch):
                await self._write(part, ())
            if acts:
                await self._write([], acts)
            return
        except asyncpg.PostgresError as error:
            raise StoreUnavailable(f"the database refuses what is written: {error}") from error
        for ledger, items in batch:
            if ledger in fenced:
                self._held -= len(ledger.pending)
                ledger.refuse(f"the session {ledger.session} is held by another node or is erased")
                self._due.pop(ledger, None)
            else:
                ledger.opening = None
                ledger.settle(items[-1].seq if items else 0)
        for ledger, dropped in marked:
            ledger.seen_at = time.time()
            ledger.dropped -= dropped

    async def _commit(
        self, batch: Batch, acts: Sequence[Act]
    ) -> tuple[set[QueuedLedger], list[tuple[QueuedLedger, int]]]:
        """One transaction. Returns the ledgers that may not write any more, of which nothing was written, and
        those whose row has news, with the number of dropped entries it tells of."""
        fenced: set[QueuedLedger] = set()
        marked: list[tuple[QueuedLedger, int]] = []
        async with self._database.transaction() as connection:
            if batch:
                fenced = await self._hold(connection, [ledger for ledger, _ in batch])
                mine = [(ledger, items) for ledger, items in batch if ledger not in fenced]
                await _insert(connection, mine)
                marked = await _mark(connection, mine)
            if acts:
                await connection.executemany(
                    "insert into app.audit_log (key, tenant, actor, act, object, detail, at)"
                    " values ($1, $2, $3, $4, $5, $6::text::jsonb, $7) on conflict do nothing",
                    [(a.key, a.tenant, a.actor, a.act, a.object, a.detail, a.at) for a in acts],
                )
        return fenced, marked

    async def _hold(self, connection: Connection, ledgers: Sequence[QueuedLedger]) -> set[QueuedLedger]:
        """New sessions have their rows; nobody claims a session until the transaction ends."""
        new = [
            (n.id, n.tenant, n.owner, n.agent, n.host, self._node, digest(n.resume_token), _moment(opened))
            for n, opened in ((ledger.opening, ledger.opened_at) for ledger in ledgers)
            if n is not None
        ]
        if new:
            await connection.executemany(
                "insert into app.sessions (id, tenant, owner, agent, host, node, resume_digest, started_at)"
                " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
                new,
            )
        rows = await connection.fetch(
            "select id, epoch, resume_digest, status from app.sessions where id = any ($1) order by id for share",
            [ledger.session for ledger in ledgers],
        )
        held = {row["id"]: (row["epoch"], row["resume_digest"], row["status"]) for row in rows}
        fenced = set()
        for ledger in ledgers:
            epoch, known, status = held.get(ledger.session, (0, "", ""))
            if status == "lost":  # the row says at once that it is not
                ledger.seen_at = 0.0
            is_taken = ledger.opening is not None and known != digest(ledger.opening.resume_token)
            if epoch != ledger.epoch or is_taken:
                fenced.add(ledger)
        return fenced

    def _wake(self, ledger: QueuedLedger) -> None:
        self._due[ledger] = None
        self._held += 1
        self._want()
        if self._held > self._next_check:
            self._make_room()

    def _want(self) -> None:
        self._idle.clear()
        self._wanted.set()

    def _hurry(self, is_urgent: bool) -> str:
        if is_urgent:
            self._urgent.set()
        return self._away

    def _make_room(self) -> None:
        """Fewer entries are held, if any can be spared; else memory goes on to grow, slowly."""
        before = self._held
        for names, share in ((UNIMPORTANT, 2), (UNIMPORTANT, 1), (None, 1)):
            for ledger in self._due:
                among = len(ledger.pending) // share
                spared = (
                    names or {item.row.name for item in ledger.pending if isinstance(item, Written)} - VITAL
                )
                self._held -= ledger.drop(spared, among)
            if self._held < 0.8 * self._keep:
                break
        self._next_check = max(self._keep, int(self._held * 1.2))
        log.warning("store away for long: entries dropped", dropped=before - self._held, held=self._held)


async def _mark(connection: Connection, batch: Batch) -> list[tuple[QueuedLedger, int]]:
    """The sessions' rows say when they were last written to, what was dropped, and which have ended."""
    now = time.time()
    marked = [
        (ledger, ledger.dropped) for ledger, _ in batch if now - ledger.seen_at > SEEN_EVERY or ledger.dropped
    ]
    if marked:
        await connection.execute(
            "update app.sessions s set seen_at = greatest(seen_at, $3), dropped = dropped + n,"
            " status = case status when 'lost' then 'live' else status end"
            " from unnest($1::text[], $2::bigint[]) as given (id, n) where s.id = given.id",
            [ledger.session for ledger, _ in marked],
            [dropped for _, dropped in marked],
            _moment(now),
        )
    ends = [(ledger, item) for ledger, items in batch for item in items if isinstance(item, Closing)]
    if ends:
        await connection.executemany(
            "update app.sessions set status = 'ended', ended_at = $2, session_report = $3::text::jsonb,"
            " seen_at = greatest(seen_at, $2) where id = $1",
            [(ledger.session, _moment(end.at), end.report) for ledger, end in ends],
        )
    return marked


async def _insert(connection: Connection, batch: Batch) -> None:
    """The entries, and what the tables tell of them, are there, once."""
    rows = [(ledger.session, i.row) for ledger, items in batch for i in items if isinstance(i, Written)]
    if not rows:
        return
    await connection.execute(
        "insert into app.events (session_id, seq, t, kind, name, body)"
        " select s, q, t, k, n, b::jsonb from unnest"
        "($1::text[], $2::bigint[], $3::float8[], $4::text[], $5::text[], $6::text[]) as given (s, q, t, k, n, b)"
        " on conflict do nothing",
        [session for session, _ in rows],
        [row.seq for _, row in rows],
        [row.t for _, row in rows],
        [row.kind for _, row in rows],
        [row.name for _, row in rows],
        [row.body for _, row in rows],
    )
    told: dict[str, list[Record]] = {}
    for _, items in batch:
        for item in items:
            if isinstance(item, Written) and item.told is not None:
                told.setdefault(item.told[0], []).append(item.told[1])
    for table, records in told.items():
        await connection.executemany(_INSERTS[table], records)


def _halves(batch: Batch) -> tuple[Batch, Batch]:
    """The same items in the same order of each session, in two batches."""
    if len(batch) > 1:
        middle = len(batch) // 2
        return batch[:middle], batch[middle:]
    ledger, items = batch[0]
    middle = len(items) // 2
    return [(ledger, items[:middle])], [(ledger, items[middle:])]


def _insert_into(table: str, columns: Sequence[str]) -> str:
    kinds = {**TYPES, "categories_flagged": "text[]"}
    places = ", ".join(f"${at}::{kinds.get(name, 'text')}" for at, name in enumerate(columns, 1))
    key = again = ""
    if table in KEYS:
        key = f" ({', '.join(KEYS[table])})"
        changing = [name for name in columns if name not in LASTING[table]]
        again = "update set " + ", ".join(f"{name} = excluded.{name}" for name in changing)
    into = f"insert into app.{table} ({', '.join(columns)}) values ({places})"
    return f"{into} on conflict{key} do {again or 'nothing'}"


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


_INSERTS = {table: _insert_into(table, columns) for table, columns in COLUMNS.items()}
