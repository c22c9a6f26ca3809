"""The HTTP interface to what is kept: sessions, calls for a person, changes as they happen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Receive, Scope, Send

from antiphon.core.errors import CallerError
from antiphon.core.records import Change, Escalation, SessionRecord, Standing, Viewer
from antiphon.hosts.erasing import erase_person
from antiphon.hosts.forking import changed, fork
from antiphon.hosts.models import Models
from antiphon.hosts.news_stream import news
from antiphon.hosts.security.audit import Deed
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.security.limits import Budget
from antiphon.hosts.security.people import Act, Person, Role
from antiphon.hosts.security.visitor import Visitor
from antiphon.hosts.stage import Stage
from antiphon.ports import Records
from antiphon.providers.resilience import CacheHealth, Health
from antiphon.session.journal import decode_entry, decode_header
from antiphon.session.past import past

BEAT_SECONDS = 15.0
"Something is sent at least so often, so that proxies keep the stream of changes open."


class Outcome(BaseModel):
    """How an escalation ended."""

    model_config = ConfigDict(extra="forbid")
    outcome: str = Field(default="", max_length=2000)


class Forking(BaseModel):
    """Where a conversation forks, and what is other from there."""

    model_config = ConfigDict(extra="forbid")
    turn: int = Field(ge=1, le=2**31 - 1)
    settings: dict[str, str] = Field(default={}, max_length=4)
    "`llm`: hosted models, vendor/model, or none."
    most: int = Field(default=5, ge=1, le=20)
    "Lines of the caller that are asked again."


def viewer(person: Person) -> Viewer:
    """What the person may see of what is kept."""
    standing = {
        Role.CALLER: Standing.CALLER,
        Role.SUPERVISOR: Standing.SUPERVISOR,
        Role.ADMIN: Standing.ADMIN,
    }
    return Viewer(person.id, person.tenant, standing[person.role])


def create_api(stage: Stage, gate: Gate) -> APIRouter:
    """The routes. What is refused is raised as CallerError, for `security.answers` to tell."""
    router = APIRouter(prefix="/api", tags=["sessions"])

    models = Models(stage.settings)

    def records() -> Records:
        if stage.records is None:
            raise CallerError("sessions are not kept here: ANTIPHON_STORE is off", code="no_store")
        return stage.records

    def told(record: SessionRecord) -> dict[str, object]:
        found = {k: v for k, v in asdict(record).items() if k != "report"}
        live = stage.sessions.get(record.id)
        if live is not None:
            found |= {
                "phase": live.conversation.phase.value,
                "turn": live.conversation.turn,
                "taken_over_by": live.supervision.taken_over_by,
            }
        return found

    @router.get("/sessions")
    async def sessions(
        request: Request,
        before: Annotated[str, Query(max_length=200)] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        agent: Annotated[str, Query(max_length=80)] = "",
        status: Annotated[str, Query(max_length=20)] = "",
    ) -> dict[str, object]:
        """Sessions, newest first: your own, or as a supervisor your tenant's. `next` is the next page's `before`."""
        person = await gate.person(request)
        if stage.records is None:
            on_air = [
                s for s in stage.sessions.values() if person.may(Act.LIST) and agent in ("", s.agent.name)
            ]
            return {"sessions": [_on_air(s.id, stage) for s in on_air], "next": ""}
        page = await stage.records.list(
            viewer(person), before=before, limit=limit, agent=agent, status=status
        )
        return {"sessions": [told(record) for record in page.sessions], "next": page.next}

    @router.get("/sessions/{id}")
    async def session(id: str, request: Request) -> dict[str, object]:
        """One session: what is known of it, what was said, and its report once it is over."""
        who = viewer(await gate.person(request))
        record = await records().get(who, id)
        lines = [line async for line in records().entries(who, id)]
        said = past(decode_header(lines[0], id), map(decode_entry, lines[1:])).transcript if lines else ()
        return {**told(record), "report": record.report, "lines": [asdict(line) for line in said]}

    @router.get("/sessions/{id}/journal")
    async def journal(id: str, request: Request) -> StreamingResponse:
        """The journal of a session, a JSON object a line, for `antiphon replay`."""
        who = viewer(await gate.person(request))
        await records().get(who, id)

        async def lines() -> AsyncIterator[str]:
            async for line in records().entries(who, id):
                yield line + "\n"

        return StreamingResponse(lines(), media_type="application/x-ndjson")

    @router.get("/sessions/{id}/news")
    async def session_news(id: str, request: Request) -> Response:
        """Server-sent events: of a session on air here, every message that the caller's screen is told."""
        return await news(id, request, stage, gate)

    @router.post("/sessions/{id}/fork")
    async def fork_session(id: str, body: Forking, request: Request) -> dict[str, object]:
        """The caller's lines from a turn on, asked again of the agent with another language model, in text."""
        person = await gate.allowed(request, Act.WATCH)
        local = Visitor.of(request.scope).is_local
        changed(stage.settings, body.settings, is_remote=True)
        await gate.limits.check_budget(Budget.SPEND, person, local)
        record = await records().get(viewer(person), id)
        if record.agent not in stage.agents:
            raise CallerError(f"its agent {record.agent!r} is not to be had here", code="unknown_agent")
        lines = [line async for line in records().entries(viewer(person), id)]
        if not lines:
            raise CallerError("nothing is left of it", code="unknown_session")
        model = await models.named(body.settings["llm"]) if body.settings else stage.providers.model
        entries = [decode_entry(line) for line in lines[1:]]
        found = await fork(
            decode_header(lines[0], id), entries, body.turn, stage.agents[record.agent], model, body.most
        )
        await gate.limits.charge(Budget.SPEND, person, found.usd or 0.0, local)
        return {**asdict(found), "differences": found.differences}

    @router.get("/providers")
    async def providers(request: Request) -> dict[str, object]:
        """How the providers and the caches have been doing on this node."""
        await gate.allowed(request, Act.LIST)
        told = stage.healths()
        return {
            "providers": [asdict(one) for one in told if isinstance(one, Health)],
            "caches": [asdict(one) for one in told if isinstance(one, CacheHealth)],
        }

    @router.get("/escalations")
    async def escalations(request: Request, open_only: bool = False) -> dict[str, object]:
        """Calls for a person, newest first."""
        who = viewer(await gate.allowed(request, Act.LIST))
        found = await records().escalations(who, open_only=open_only)
        return {"escalations": [asdict(escalation) for escalation in found]}

    @router.post("/escalations/{id}/claim")
    async def claim(id: str, request: Request) -> dict[str, object]:
        """You see to it; for a caller in a LiveKit room it says how you join them."""
        person = await gate.allowed(request, Act.WATCH)
        claimed = await records().claim_escalation(viewer(person), id)
        return asdict(claimed) | dict(await stage.way(claimed, person.id))

    @router.post("/escalations/{id}/close")
    async def close(id: str, body: Outcome, request: Request) -> Escalation:
        """It has been seen to."""
        person = await gate.allowed(request, Act.WATCH)
        return await records().close_escalation(viewer(person), id, body.outcome)

    @router.get("/changes")
    async def changes(request: Request) -> Response:
        """Server-sent events: which session or escalation has changed. One without an id: read all again."""
        who = viewer(await gate.allowed(request, Act.LIST))
        return Changes(records().watch(who))

    @router.delete("/people/{user}")
    async def erase(user: str, request: Request) -> dict[str, object]:
        """Everything that person said and was told is erased; that it was is on record."""
        person = await gate.allowed(request, Act.ERASE)
        erased = asdict(await erase_person(records(), person.tenant, user, stage.settings.data))
        gate.audit.record(f"{person.tenant}/{person.id}", Deed.ERASED, user, erased)
        return erased

    return router


def _on_air(id: str, stage: Stage) -> dict[str, object]:
    session = stage.sessions[id]
    return {
        "id": id,
        "agent": session.agent.name,
        "status": "live",
        "started_at": session.journal.header.started_at,
        "phase": session.conversation.phase.value,
        "turn": session.conversation.turn,
        "taken_over_by": session.supervision.taken_over_by,
    }


class Changes(Response):
    """Server-sent events, for as long as the reader stays."""

    media_type = "text/event-stream"

    def __init__(self, watching: AsyncGenerator[Change, None], beat_seconds: float = BEAT_SECONDS) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._watching = watching
        self._beat_seconds = beat_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Returns when the reader has gone."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await _write(send, "retry: 1000\n\n")
        async with asyncio.TaskGroup() as tasks:
            writers = [
                tasks.create_task(self._tell(send), name="changes: tell"),
                tasks.create_task(self._beat(send), name="changes: beat"),
            ]
            while (await receive())["type"] != "http.disconnect":
                pass
            for task in writers:
                task.cancel()

    async def _tell(self, send: Send) -> None:
        async with aclosing(self._watching):
            async for change in self._watching:
                await _write(send, f"data: {json.dumps(asdict(change))}\n\n")

    async def _beat(self, send: Send) -> None:
        while True:
            await asyncio.sleep(self._beat_seconds)
            await _write(send, ": still here\n\n")


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
