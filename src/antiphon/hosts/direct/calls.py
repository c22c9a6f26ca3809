"""Direct calls on air: a session of ours each, whose caller comes by HTTP and talks to a provider meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from starlette.requests import Request

from antiphon.agent.definition import Agent
from antiphon.core import events as e
from antiphon.core.errors import CallerError, ProviderError
from antiphon.core.notes import JobChanged
from antiphon.core.records import SERVICE, Fenced, Job, StoreUnavailable, Viewer
from antiphon.hosts.call import Call, Caller
from antiphon.hosts.direct.front import Front, Key
from antiphon.hosts.direct.sideband import Fillers, Sideband
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.security.limits import Bucket
from antiphon.hosts.security.meter import Meter
from antiphon.hosts.security.people import Person
from antiphon.hosts.security.tokens import Token
from antiphon.hosts.security.visitor import Visitor
from antiphon.hosts.stage import Stage
from antiphon.session.lines import own_lines
from antiphon.session.session import Ending, Session
from antiphon.store.folding import JOB_LASTS
from antiphon.transports.direct.jobs import Jobs
from antiphon.transports.direct.transport import PLAY_RATE, DirectTransport

log = structlog.get_logger(__name__)

KEPT_WITHIN = 0.08
"Seconds that whoever asks waits for the job to be on disk: then it is told all the same, as while the store is away."


@dataclass
class OnAir:
    """One direct call."""

    call: Call
    transport: DirectTransport
    key: Key
    person: Person
    admits: Bucket | None
    beside: str = ""
    "The provider's call that is stood by."
    asked_beside: asyncio.Event = field(default_factory=asyncio.Event)


class DirectCalls:
    """Those of this process. The task of the request that opened one carries it on after its answer."""

    def __init__(self, stage: Stage, gate: Gate, front: Callable[[], Front]) -> None:
        """`front` is asked for once somebody calls."""
        self._stage = stage
        self._gate = gate
        self._front = front
        self._on: dict[str, OnAir] = {}
        self._lost: dict[str, Jobs] = {}
        "Of calls whose page was lost, until they are over."

    # ---- a call begins, or goes on ---------------------------------------------------------------------
    async def open(
        self, request: Request, agent: str, *, greets: bool
    ) -> tuple[OnAir, Callable[[], Awaitable[None]]]:
        """A new call, and what carries it on. Raises CallerError, ProviderError."""
        stage = self._stage
        entry = await self._gate.admit_page(request)
        if stage.is_full:
            raise CallerError("too many callers at once; try again in a minute", code="too_many")
        await stage.there(agent)
        caller = Caller(entry.person.id, entry.person.tenant)
        key = await self._front().key(entry.person, _own_address(request))
        greeting = await stage.welcome(agent, caller) if greets else None
        transport = DirectTransport(Jobs(entry.session))
        call = stage.open(
            agent,
            transport,
            greets=greets,
            caller=caller,
            host="direct",
            id=entry.session,
            greeting=greeting,
            fills=False,
        )
        return self._begun(call, transport, key, entry.person, is_local=entry.is_local)

    async def resume(
        self, request: Request, token: Token, turn: int, samples: int
    ) -> tuple[OnAir, Callable[[], Awaitable[None]]]:
        """The call goes on here, wherever it was. Raises CallerError, ProviderError."""
        stage, id = self._stage, token.session or ""
        key = await self._front().key(token.person, _own_address(request))
        if (here := self._on.get(id)) is not None:
            here.call.session.lose("the page has come back")
            await here.call.left.wait()
        known = self._lost.pop(id, None)
        jobs = list(known) if known is not None else [_changed(job) for job in await self._kept(SERVICE, id)]
        transport = DirectTransport(Jobs(id, jobs))
        rate = stage.providers.synthesizer.rate
        heard = e.CallerReturned(turn, samples * rate // PLAY_RATE)
        call = await stage.resume(id, token.seed, transport, heard)
        is_local = Visitor.of(request.scope).is_local
        return self._begun(call, transport, key, token.person, is_local=is_local)

    def _begun(
        self, call: Call, transport: DirectTransport, key: Key, person: Person, *, is_local: bool
    ) -> tuple[OnAir, Callable[[], Awaitable[None]]]:
        limits, loop = self._gate.limits, asyncio.get_running_loop()
        on = OnAir(call, transport, key, person, limits.messages(loop.time(), is_local))
        if not limits.exempts(is_local):
            began, report = loop.time(), call.report
            spent = report.spent
            call.meter = Meter(limits, person, lambda: loop.time() - began, lambda: report.spent - spent)
        self._on[call.session.id] = on

        async def carry_on() -> None:
            await self._carry_on(on)

        return on, carry_on

    async def _carry_on(self, on: OnAir) -> None:
        session = on.call.session
        ending: Ending | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                beside = tasks.create_task(self._stand_by(on), name="direct: sideband")
                try:
                    ending = await self._stage.perform(on.call)
                finally:
                    beside.cancel()
        except* Fenced:
            log.info("a direct call went on elsewhere", session=session.id)
        except* Exception:
            log.exception("session failed", session=session.id)
        finally:
            if self._on.get(session.id) is on:
                del self._on[session.id]
            if ending is Ending.LOST:
                self._lost[session.id] = on.transport.jobs
                while len(self._lost) > self._stage.settings.max_sessions:
                    del self._lost[next(iter(self._lost))]
            if on.call.meter is not None:
                await on.call.meter.charge(is_over=True)

    async def _stand_by(self, on: OnAir) -> None:
        """Calls that the page makes with its provider are stood by, one after the other."""
        session = on.call.session
        fillers = Fillers(own_lines(self._agent(on), session.gate).fillers)
        async with asyncio.TaskGroup() as tasks:
            standing: asyncio.Task[None] | None = None
            while True:
                await on.asked_beside.wait()
                on.asked_beside.clear()
                if standing is not None:
                    standing.cancel()
                sideband = Sideband(on.key, on.beside, on.transport, fillers)
                standing = tasks.create_task(_stood_by(sideband, session), name="direct: stand by")

    def _agent(self, on: OnAir) -> Agent:
        """With its fillers, which its session here does without."""
        return self._stage.agent(on.call.session.agent.name) or on.call.session.agent

    # ---- what its page asks for ------------------------------------------------------------------------
    def of(self, token: Token) -> OnAir:
        """The call, if it is on air here. Raises CallerError."""
        on = self._on.get(token.session or "")
        if on is None:
            raise CallerError(
                "the session is not on air here: POST /session/{id}/resume takes it up again",
                field="session",
                code="not_on_air",
            )
        if on.admits is not None and not on.admits.take(asyncio.get_running_loop().time(), 0):
            raise CallerError("requests come faster than they are taken; slow down", code="too_many")
        return on

    async def ask(self, token: Token, question: str, call: str) -> JobChanged:
        """The job for the question, on disk unless the store is away. Raises CallerError."""
        on = self.of(token)
        job = on.transport.ask(question, call)
        with suppress(StoreUnavailable, Fenced, TimeoutError):
            async with asyncio.timeout(KEPT_WITHIN):
                await on.transport.taken(job.job)
                await on.call.session.journal.durable()
        return job

    async def job(self, token: Token, id: str) -> Job:
        """The job as it now is. Raises CallerError when there is none, or it has expired."""
        if (on := self._on.get(token.session or "")) is not None and (job := on.transport.jobs.get(id)):
            created_at, changed_at = on.transport.times(id)
            return _kept(on.call.session.id, job, created_at, changed_at + JOB_LASTS)
        viewer = Viewer(token.person.id, token.person.tenant)
        for kept in await self._kept(viewer, token.session or ""):
            if kept.id == id:
                return kept
        raise CallerError("there is no such job, or it has expired", field="job_id", code="unknown_job")

    async def wait(self, token: Token, id: str, is_over: bool, seconds: float) -> Job:
        """The job once it can be heard, or is over, or after so many seconds. Raises CallerError."""
        on = self._on.get(token.session or "")
        if on is not None and on.transport.jobs.get(id) is not None:
            with on.transport.reading():
                await on.transport.until(lambda: on.transport.is_reached(id, is_over=is_over), seconds)
        return await self.job(token, id)

    def sound(self, token: Token, id: str) -> tuple[OnAir, AsyncGenerator[bytes, None]]:
        """The sound of the job. Raises CallerError."""
        on = self.of(token)
        if on.transport.jobs.get(id) is None:
            raise CallerError("there is no such job, or it has expired", field="job_id", code="unknown_job")

        async def pieces() -> AsyncGenerator[bytes, None]:
            async for frame in on.transport.sound(id):
                yield frame.data

        return on, pieces()

    def stand_by(self, token: Token, call_id: str) -> None:
        """The provider's call of that id is stood by from now on. Raises CallerError."""
        on = self.of(token)
        on.beside = call_id
        on.asked_beside.set()

    async def _kept(self, viewer: Viewer, session: str) -> tuple[Job, ...]:
        if self._stage.records is None:
            return ()
        return await self._stage.records.jobs(viewer, session)


async def _stood_by(sideband: Sideband, session: Session) -> None:
    """The provider's call is over, or could not be stood by."""
    session.watchers.append(sideband.watch)
    try:
        await sideband.run()
    except ProviderError as error:
        log.warning("a provider's call is not stood by", session=session.id, error=str(error))
    finally:
        session.watchers.remove(sideband.watch)


def _own_address(request: Request) -> str:
    """Where this very process listens, past any proxy."""
    host, port = request.scope.get("server") or ("127.0.0.1", 80)
    name = f"[{host}]" if ":" in host else host
    return f"{'https' if request.scope.get('scheme') == 'https' else 'http'}://{name}:{port}"


def _kept(session: str, job: JobChanged, created_at: datetime, expires_at: datetime) -> Job:
    state = (job.status, job.turn, job.question, job.text, job.is_ready, job.call)
    return Job(job.job, session, job.number, *state, created_at, expires_at)


def _changed(job: Job) -> JobChanged:
    return JobChanged(
        job.id, job.number, job.status, job.turn, job.question, job.safe_text, job.tts_ready, job.call
    )
