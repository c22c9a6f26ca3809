"""What every host shares: the agents, the providers, and the sessions on air."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from antiphon.agent import pii
from antiphon.agent.definition import Agent, Brief
from antiphon.config import Settings
from antiphon.core import events as e
from antiphon.core.errors import CallerError
from antiphon.core.records import SERVICE, Escalation, Fenced, NewSession, StoreUnavailable
from antiphon.core.speech import Approved
from antiphon.hosts import acquaintance, logbook, logged, sweeping
from antiphon.hosts.call import Call as Call
from antiphon.hosts.call import Caller as Caller
from antiphon.hosts.erasing import journal_file
from antiphon.hosts.metrics import Metrics
from antiphon.hosts.mirrored import mirrored
from antiphon.hosts.security.gate import Owner
from antiphon.hosts.tracing.tracing import Tracing
from antiphon.ports import Ledger, Records, Transport
from antiphon.providers.resilience import CacheHealth, Health, healths
from antiphon.session.journal import Header, Journal, decode_entry, decode_header
from antiphon.session.journal_file import rewrite
from antiphon.session.past import Past, past
from antiphon.session.report import Report
from antiphon.session.session import Ending, Providers, Session
from antiphon.store.mirror import Mirror

log = structlog.get_logger(__name__)

RESUME_WITHIN = 30.0
"Seconds a caller whose connection was lost has to come back; then the conversation is over."
DRAIN_WITHIN = 20.0
"Seconds for the sessions of a server that stops to come to a moment of quiet."
APART_MS = 20
"Milliseconds between two callers who are sent away at once: taking a session up costs the next server about so much."
ASK_WITHIN = 1.0
"Seconds the store has to say who holds a session that we remember ourselves."


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


Way = Callable[[Escalation, str], Awaitable[Mapping[str, str]]]
"What somebody of that name needs to answer a call for a person; the rooms' server may have to be asked."


async def _no_way(call: Escalation, name: str) -> Mapping[str, str]:
    return {}


@dataclass
class Stage:
    """Agents ready to be talked to. One for each process."""

    settings: Settings
    agents: Mapping[str, Agent]
    providers: Providers
    records: Records | None = None
    "Where sessions are kept; None: nowhere, and a lost connection ends its session."
    mirror: Mirror | None = None
    "Where other programs may see what is going on."
    watched: Mapping[str, object] = field(default_factory=dict)
    "What tells how it has been doing, besides the providers, by what it does."
    house: dict[str, Agent] = field(default_factory=dict)
    "Agents that nobody is told of: they serve other hosts here."
    sessions: dict[str, Session] = field(default_factory=dict)
    "Those on air, by id."
    loaded: asyncio.Event = field(default_factory=_set)
    "Set when everything is in memory, so that a first question is answered like any other."
    way: Way = _no_way
    "How a person who is called for gets to the caller, besides the page: never kept, made anew each time."
    is_draining: bool = False
    resume_within: float = RESUME_WITHIN
    drain_within: float = DRAIN_WITHIN
    metrics: Metrics = field(default_factory=Metrics)
    tracing: Tracing | None = None
    "Where traces of sessions go; None: nowhere."
    _is_empty: asyncio.Event = field(default_factory=_set)
    _on: dict[str, Call] = field(default_factory=dict)
    _gone: dict[str, Call] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.metrics.watch_providers(self.healths)
        self.metrics.watch_traces(lambda: self.tracing.sent if self.tracing is not None else ())
        self.metrics.watch_phases(self.sessions.values)
        if (records := self.records) is not None:
            self.metrics.watch_store(lambda: records.waiting)

    def healths(self) -> list[Health | CacheHealth]:
        """How the providers have been doing, in the order of a turn. On the loop that asks them."""
        hands, now = self.providers, asyncio.get_running_loop().time()
        found = healths([hands.recognizer, hands.model, hands.synthesizer], now)
        models = {f"model of {name}": model for name, model in hands.specialist_models.items()}
        for what, one in (*models.items(), *self.watched.items()):
            found += [_as(what, told) for told in healths([one], now)]
        return found

    @property
    def is_full(self) -> bool:
        return self.is_draining or len(self.sessions) >= self.settings.max_sessions

    # ---- sessions --------------------------------------------------------------------------------------
    def open(
        self,
        agent: str,
        transport: Transport,
        *,
        greets: bool = True,
        caller: Caller | None = None,
        host: str = "orchestrate",
        id: str = "",
        greeting: Approved | None = None,
        brief: Callable[[], Brief] = Brief,
        opens_with: e.UserEvent | e.ProgramEvent = e.Joined(),  # noqa: B008  frozen
        fills: bool = True,
        resume_token: str = "",
    ) -> Call:
        """A new session of the agent, not yet running. `greeting`: as `welcome` gave it for this caller. `fills`: it
        says something while its answers take long, and nobody else does. `resume_token`: a secret of the host's.

        Raises CallerError for an unknown agent.
        """
        if (found := self.agent(agent)) is None:
            known = ", ".join(sorted(self.agents))
            told = f"no agent is called {agent!r}; there are: {known}"
            raise CallerError(told, field="agent", code="unknown_agent")
        id, token, ledger = id or "s_" + secrets.token_urlsafe(9), "", None
        caller = caller or Caller()
        if self.records is not None and found.is_listed:
            token = resume_token or secrets.token_urlsafe(24)
            ledger = self.records.open(NewSession(id, caller.tenant, caller.user, agent, host, token))
        session = Session(
            id,
            found if fills else replace(found, fillers=()),
            self.providers,
            transport,
            greets=greets,
            journal=lambda header: self._journal(header, ledger, is_kept=found.is_listed),
            started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            caller=caller.person,
            greeting=greeting,
            brief=brief,
            opens_with=opens_with,
        )
        call = Call(session, Report(session.journal.header), token, caller, host=host)
        logged.lines_name(call.named)
        return call

    async def there(self, agent: str) -> bool:
        """Whether there is an agent of that name, once it can be told: it may still be on its way into memory."""
        if self.agent(agent) is None:
            await self.loaded.wait()
        return self.agent(agent) is not None

    def agent(self, name: str) -> Agent | None:
        """The agent of that name, one of the house's own among them; None when there is none, or not yet."""
        return self.agents.get(name) or self.house.get(name)

    async def welcome(self, agent: str, caller: Caller) -> Approved | None:
        """What the agent greets this caller with, at the latest after a second; None: as it greets everybody."""
        return (
            await acquaintance.greeting(found, caller.person) if (found := self.agents.get(agent)) else None
        )

    async def resume(self, id: str, token: str, transport: Transport, returned: e.CallerReturned) -> Call:
        """The session goes on here, not yet running; who held it so far is fenced.

        Raises CallerError (code cannot_resume) when it is over, or is not the token's; StoreUnavailable.
        """
        if self.records is None:
            raise CallerError("sessions are not kept here", code="cannot_resume")
        if await self._is_held(id, token) and (gone := self._gone.pop(id, None)) is not None:
            agent, caller, report, host = gone.session.agent, gone.caller, gone.report, gone.host
            ledger, found = gone.session.journal.ledger, gone.session.past
        else:
            ledger, record, lines = await self.records.claim(id, token)
            self._gone.pop(id, None)
            if not await self.there(record.agent):
                raise CallerError(f"its agent {record.agent!r} is not to be had here", code="cannot_resume")
            agent, host, caller = self.agents[record.agent], record.host, Caller(record.owner, record.tenant)
            found, report = await asyncio.to_thread(_read, id, lines, self._file(id), agent.unsure_below)
        session = Session(
            id,
            agent,
            self.providers,
            transport,
            journal=lambda header: self._journal(header, ledger, goes_on=True),
            past=found,
            returned=returned,
            caller=caller.person,
        )
        call = Call(session, report, token, caller, tuple(found.transcript), host=host)
        logged.lines_name(call.named)
        return call

    async def _is_held(self, id: str, token: str) -> bool:
        """The session does not run here any more, and its end here is the newest there is of it, in `_gone`.

        Nobody else has claimed it since, as far as the store can be asked; while it is away, we have it.
        """
        call = self._on.get(id) or self._gone.get(id)
        if (
            self.records is None
            or call is None
            or not secrets.compare_digest(call.resume_token.encode(), token.encode("utf-8", "surrogatepass"))
        ):
            return False
        ledger = call.session.journal.ledger
        call.session.lose("the caller came back on another connection")
        await call.left.wait()
        try:
            async with asyncio.timeout(ASK_WITHIN):
                record = await self.records.get(SERVICE, id)
        except (StoreUnavailable, TimeoutError, CallerError):
            return True  # the store is away, or does not know of the session yet
        return ledger is not None and ledger.epoch == record.epoch

    async def owner_of(self, id: str) -> Owner | None:
        """Whose session that is; None when there is none. Raises StoreUnavailable."""
        if (call := self._on.get(id) or self._gone.get(id)) is not None:
            return Owner(call.caller.tenant, call.caller.user)
        if self.records is None:
            return None
        try:
            record = await self.records.get(SERVICE, id)
        except CallerError:
            return None
        return Owner(record.tenant, record.owner)

    async def perform(self, call: Call) -> Ending:
        """The session has run, and what becomes of it is seen to. Raises Fenced when another node has it."""
        session = call.session
        try:
            with self._on_air(call):
                try:
                    ending = await session.run()
                except Fenced:
                    self.metrics.fenced.inc()
                    session.journal.leave()
                    raise
            match ending:
                case Ending.HUNG_UP | Ending.ENDED:
                    self._close(call)
                    await acquaintance.remember(session, call.caller.person)
                case Ending.LOST:
                    call.gone_until = asyncio.get_running_loop().time() + self.resume_within
                    self._gone[session.id] = call
                case Ending.SUSPENDED:
                    session.journal.leave()
        finally:
            call.left.set()
        return ending

    # ---- the house -------------------------------------------------------------------------------------
    async def keep(self) -> None:
        """Callers are given up in time, and taken leave of, and what is kept is looked after, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_calls(), name="stage: keep calls")
            tasks.create_task(self._keep_records(), name="stage: keep records")

    async def _keep_calls(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            now = asyncio.get_running_loop().time()
            for call in list(self._on.values()):
                if call.meter is not None:
                    await call.meter.look(call.session, now)
            for call in self.give_up(now):
                await acquaintance.remember(call.session, call.caller.person)

    async def _keep_records(self) -> None:
        """Apart from the calls: a store that is away keeps this waiting."""
        sweep = sweeping.Sweep(self.settings, self.records, self.metrics)
        while True:
            await asyncio.sleep(1.0)
            for session in self.sessions.values():
                session.sign()
            await sweep.look()
            await asyncio.sleep(sweeping.EVERY - 1.0)

    def give_up(self, now: float) -> list[Call]:
        """The conversations whose callers had until `now`, seconds of the loop, to come back are over: these."""
        over: list[Call] = []
        for id, gone in list(self._gone.items()):
            if now < gone.gone_until:
                continue
            del self._gone[id]
            try:
                gone.session.conclude("the connection was lost")
                self._close(gone)
                over.append(gone)
            except Fenced:
                log.info("a lost session went on elsewhere", session=id)
        return over

    async def drain(self, reason: str = "the server restarts") -> None:
        """No caller is taken any more, and every session has stopped at a moment of quiet or after `drain_within`."""
        self.is_draining = True
        for number, session in enumerate(self.sessions.values()):
            session.suspend(reason, number * APART_MS)
        with suppress(TimeoutError):
            async with asyncio.timeout(self.drain_within):
                await self._is_empty.wait()
        for gone in list(self._gone.values()):
            gone.session.journal.leave()
        self._gone.clear()

    @contextmanager
    def _on_air(self, call: Call) -> Iterator[None]:
        """The session counts as live inside."""
        session = call.session
        self.sessions[session.id], self._on[session.id] = session, call
        self._is_empty.clear()
        agent = session.agent.name
        session.watchers.append(lambda _, item: self.metrics.note(agent, item))
        session.watchers.append(call.report.note)
        session.watchers.append(logbook.write_down)
        if self.tracing is not None:
            session.watchers.append(call.traced_by(self.tracing))
        if self.mirror is not None:
            session.watchers.append(mirrored(session, self.mirror, self.settings.node))
        self.metrics.sessions.labels(agent).inc()
        try:
            yield
        finally:
            if self.sessions.get(session.id) is session:
                del self.sessions[session.id], self._on[session.id]
            if not self.sessions:
                self._is_empty.set()
            if call.trace is not None:
                call.trace.pause()
            self.metrics.sessions.labels(agent).dec()

    def _close(self, call: Call) -> None:
        """The conversation is over, and its report written. Raises Fenced."""
        report = call.report.summary(call.session.transcript)
        call.session.journal.close(report)
        if call.trace is not None:
            call.trace.end(report)

    def _journal(
        self, header: Header, ledger: Ledger | None, *, goes_on: bool = False, is_kept: bool = True
    ) -> Journal:
        clean = _without_details if self.settings.stored_details == "redact" else None
        file = self._file(header.session) if is_kept else None
        return Journal(header, file, ledger, goes_on=goes_on, clean=clean)

    def _file(self, session: str) -> Path | None:
        return journal_file(self.settings.data, session) if self.settings.journals else None


def _as(what: str, told: Health | CacheHealth) -> Health | CacheHealth:
    """The same, told apart from others of its name."""
    return replace(told, kind=what) if isinstance(told, Health) else replace(told, name=what)


def _without_details(text: str) -> str:
    return pii.redact(text, with_names=True)[0]


def _read(id: str, lines: Sequence[str], file: Path | None, unsure_below: float) -> tuple[Past, Report]:
    """A session's journal, read back: about a second for an hour of conversation, so not on the loop.

    It is in `file` as well then: what a killed process left there may end early, and another node has none.
    """
    header = decode_header(lines[0], id)
    entries = [decode_entry(line) for line in lines[1:]]
    report = Report(header)
    for entry in entries:
        report.note(entry.t, entry.item)
    if file is not None:
        rewrite(file, lines)
    return past(header, entries, unsure_below), report
