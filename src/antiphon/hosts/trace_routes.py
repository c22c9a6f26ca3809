"""`GET /api/sessions/{id}/trace`: where a conversation's time went, from what is kept of it, without a collector."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Request

from antiphon.core.errors import CallerError
from antiphon.core.records import SessionRecord
from antiphon.hosts.api import viewer
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.stage import Stage
from antiphon.session.journal import decode_entry, decode_header
from antiphon.session.kept_trace import kept_trace


def create_trace(stage: Stage, gate: Gate) -> APIRouter:
    """The route. Who may read a session may read its trace."""
    router = APIRouter(prefix="/api", tags=["telemetry"])

    @router.get("/sessions/{id}/trace")
    async def trace(id: str, request: Request) -> dict[str, object]:
        """The spans of a session, kept or on air, as collectors get them, with what was said in them.

        Of one on air it holds what is durable so far: about a second less than has happened.
        """
        who = viewer(await gate.person(request))
        if (records := stage.records) is None:
            raise CallerError("sessions are not kept here: ANTIPHON_STORE is off", code="no_store")
        record = await records.get(who, id)
        lines = [line async for line in records.entries(who, id)]
        return await asyncio.to_thread(_told, record, lines)

    return router


def _told(record: SessionRecord, lines: Sequence[str]) -> dict[str, object]:
    if not lines:
        raise CallerError("nothing is left of it", code="unknown_session")
    header, entries = decode_header(lines[0], record.id), map(decode_entry, lines[1:])
    about = {
        "session": record.id,
        "agent": record.agent,
        "host": record.host,
        "status": record.status,
        "started_at": record.started_at.isoformat(timespec="milliseconds"),
    }
    return about | kept_trace(header, entries, record.host).plain()
