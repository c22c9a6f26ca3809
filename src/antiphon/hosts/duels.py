"""Duels over HTTP, and what was measured here. A duel belongs to whoever sent it; those made on the machine to all."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError
from antiphon.core.records import SessionRecord
from antiphon.hosts.api import viewer
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.security.people import Act, Person
from antiphon.hosts.stage import Stage
from antiphon.store.duel import Duel, p95
from antiphon.store.duels import UTTERANCE, Duels, MaySee, sound_of
from antiphon.store.measured import Measured, Row

MOST_SESSIONS = 200
"Of which the newest say what a turn costs."


class _Duel(Duel):
    """As it is sent: whose it is, and how it was made, is for us to say."""

    id: Literal[""] = ""
    tenant: Literal[""] = ""
    person: Literal[""] = ""


class Sent(BaseModel):
    """A duel that a page, or a program, has measured. `sounds`: WAV files in base64, the utterance's and the lanes'."""

    model_config = ConfigDict(extra="forbid")
    duel: _Duel
    sounds: dict[str, str] = Field(min_length=1, max_length=8)


def create_duels(stage: Stage, gate: Gate) -> APIRouter:
    """The routes. What is refused is raised as CallerError, for `security.answers` to tell."""
    router = APIRouter(prefix="/api", tags=["duels"])
    duels, measured_here = Duels(stage.settings.data), Measured(stage.settings.data)

    @router.get("/duels")
    async def listed(request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> dict[str, object]:
        """Duels that you may see, newest first, without what happened in them."""
        person = await gate.person(request)
        found = await asyncio.to_thread(duels.kept, _seen_by(person))
        return {"duels": [_summary(duel) for duel in found[:limit]]}

    @router.post("/duels", status_code=201)
    async def save(request: Request) -> dict[str, object]:
        """It is kept, with its sound: `{"duel": {…}, "sounds": {"utterance": base64, "orchestrate": base64, …}}`."""
        person = await gate.person(request)
        if stage.settings.stored_details == "redact":
            told = "personal details are not kept here, and a voice cannot be kept without"
            raise CallerError(told, field="sounds", code="not_allowed")
        body = await request.body()
        return (await asyncio.to_thread(_save, duels, body, person)).told()

    @router.get("/duels/{id}")
    async def duel(id: str, request: Request) -> dict[str, object]:
        """The whole of it."""
        person = await gate.person(request)
        return (await asyncio.to_thread(duels.get, id, _seen_by(person))).told()

    @router.get("/duels/{id}/{lane}.wav")
    async def sound(id: str, lane: str, request: Request) -> FileResponse:
        """What was heard on that way, from the instant at which the utterance began; or the `utterance`."""
        person = await gate.person(request)
        path = await asyncio.to_thread(duels.sound, id, lane, _seen_by(person))
        return FileResponse(path, media_type="audio/wav")

    @router.delete("/duels/{id}", status_code=204)
    async def remove(id: str, request: Request) -> None:
        """It is gone, with its sound: for whoever sent it, and for administrators."""
        person = await gate.person(request)
        found = await asyncio.to_thread(duels.get, id, _seen_by(person))
        owner = found.person if found.tenant else None
        if not person.may(Act.ERASE, tenant=found.tenant or None, owner=owner):
            raise CallerError(f"your role, {person.role}, does not allow that", code="not_allowed")
        await asyncio.to_thread(duels.remove, id)

    @router.get("/measured")
    async def measured(request: Request) -> dict[str, object]:
        """What was measured here of each way: n, median, 95th percentile, when, how, on what; null: never yet."""
        person = await gate.person(request)
        ways = await asyncio.to_thread(measured_here.ways, _seen_by(person))
        for via, row in (await _costs(stage, person)).items():
            if via in ways and ways[via]["cost_per_turn_usd"] is None:
                ways[via]["cost_per_turn_usd"] = row
        return {"ways": ways}

    return router


def _seen_by(person: Person) -> MaySee:
    """One's own and, as a supervisor, one's tenant's; and what was made on the machine, which is nobody's."""
    return lambda duel: not duel.tenant or person.may(Act.READ, tenant=duel.tenant, owner=duel.person)


def _save(duels: Duels, body: bytes, person: Person) -> Duel:
    """Raises CallerError."""
    try:
        sent = Sent.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))[:80]
        raise CallerError(f"{where or 'the duel'}: {first['msg'][:200]}", code="bad_duel") from None
    sounds = {name: _sound(name, data) for name, data in sent.sounds.items()}
    vias = {lane.via for lane in sent.duel.lanes}
    if UTTERANCE not in sounds or (extra := sounds.keys() - vias - {UTTERANCE}):
        told = (
            f"there is no lane of {sorted(extra)[0]!r}" if UTTERANCE in sounds else "the utterance is missing"
        )
        raise CallerError(f"sounds: {told[:200]}", field="sounds", code="bad_duel")
    if abs(sounds[UTTERANCE].seconds - sent.duel.utterance.seconds) > 0.1:
        raise CallerError("utterance: its sound is not as long as it is said to be", code="bad_duel")
    mine = {"tenant": person.tenant, "person": person.id, "made_by": "page"}
    return duels.save(Duel(**(sent.duel.model_dump() | mine)), sounds.pop(UTTERANCE), sounds)


def _sound(name: str, data: str) -> Pcm:
    try:
        return sound_of(base64.b64decode(data, validate=True), name[:20])
    except (binascii.Error, ValueError):
        raise CallerError(f"the sound of {name[:20]} is no base64", field="sounds", code="bad_duel") from None


def _summary(duel: Duel) -> dict[str, object]:
    told = duel.told()
    lanes = told["lanes"]
    assert isinstance(lanes, list)
    left_out = ("events", "waits_ms", "joins_ms")
    return told | {"lanes": [{k: v for k, v in lane.items() if k not in left_out} for lane in lanes]}


async def _costs(stage: Stage, person: Person) -> Mapping[str, Row]:
    """What a turn has cost in the person's latest sessions that are over, by way, as far as prices are known."""
    if stage.records is None:
        return {}
    page = await stage.records.list(viewer(person), limit=MOST_SESSIONS, status="ended")
    by_way: dict[str, list[tuple[SessionRecord, float]]] = {}
    for record in page.sessions:
        if (usd := _usd_per_turn(record.report or {})) is not None:
            by_way.setdefault(record.host, []).append((record, usd))
    return {via: _cost(found) for via, found in by_way.items()}


def _usd_per_turn(report: Mapping[str, object]) -> float | None:
    turns, cost = report.get("turns"), report.get("cost")
    usd = cost.get("usd") if isinstance(cost, dict) else None
    if not isinstance(turns, int) or turns < 1 or not isinstance(usd, int | float):
        return None
    return usd / turns


def _cost(found: Sequence[tuple[SessionRecord, float]]) -> Row:
    values, newest = [usd for _, usd in found], found[0][0]
    return {
        "n": len(values),
        "p50": round(median(values), 6),
        "p95": round(p95(values), 6),
        "unit": "USD",
        "at": newest.started_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "from": "1 session" if len(values) == 1 else f"{len(values)} sessions",
        "machine": "",
    }
