"""Tokens for rooms over HTTP: a student asks for a room of their own, a supervisor to come into one."""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from antiphon.core.errors import CallerError
from antiphon.core.records import Escalation
from antiphon.hosts.livekit_room import tokens
from antiphon.hosts.livekit_room.tokens import Dispatched, RoomKeys
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.security.people import Act, Person
from antiphon.hosts.security.tokens import Purpose, check_session_id


class HasAgents(Protocol):
    """Knows whom one can talk to: a stage."""

    async def there(self, agent: str) -> bool: ...


class Wish(BaseModel):
    """Whom the student wants to talk to; `room`: the one they were in, to come back into it."""

    model_config = ConfigDict(extra="forbid")
    agent: str = Field(default="tutor", max_length=80)
    room: str = Field(default="", max_length=80)


class Watch(BaseModel):
    """The conversation to which a supervisor wants to come."""

    model_config = ConfigDict(extra="forbid")
    session: str = Field(max_length=80)


class Admission(BaseModel):
    """What opens a room: pass `token` to LiveKit's client for `url`."""

    url: str
    token: str
    room: str
    session: str


async def admit_student(keys: RoomKeys, gate: Gate, person: Person, agent: str, room: str = "") -> Admission:
    """A room of the student's own, or the one they were in. Raises CallerError."""
    if room:
        await gate.grant(person, Purpose.RESUME, check_session_id(room))  # whose conversation it is
    else:
        _, room = await gate.grant(person, Purpose.CALL, None)
    told = Dispatched(agent, person.id, person.tenant)
    return Admission(url=keys.url, token=tokens.student(keys, room, person.id, told), room=room, session=room)


async def admit_supervisor(keys: RoomKeys, gate: Gate, person: Person, session: str) -> Admission:
    """The room in which the conversation is held, for somebody who may stand by it. Raises CallerError."""
    await gate.grant(person, Purpose.WATCH, check_session_id(session))
    return supervisor_of(keys, session, person.id)


def supervisor_of(keys: RoomKeys, session: str, name: str) -> Admission:
    """The same for a person who is known to be allowed, such as one to whom an escalation is told."""
    token = tokens.supervisor(keys, session, name)
    return Admission(url=keys.url, token=token, room=session, session=session)


def escalated(keys: RoomKeys, escalation: Escalation, host: str) -> dict[str, str]:
    """What an escalation of a conversation in a room tells besides: how to come into it. Empty for other hosts."""
    if host != "livekit":
        return {}
    admission = supervisor_of(keys, escalation.session, "on-call")
    return {"livekit_url": admission.url, "livekit_token": admission.token, "room": admission.room}


def create_rooms(keys: RoomKeys, stage: HasAgents, gate: Gate) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["livekit"])

    @router.post("/api/livekit/token")
    async def token(request: Request, wish: Wish) -> Admission:
        """A room of your own on the LiveKit server, with the agent in it."""
        person = await gate.allowed(request, Act.CALL)
        if not await stage.there(wish.agent):
            raise CallerError(f"no agent is called {wish.agent!r}", field="agent", code="unknown_agent")
        return await admit_student(keys, gate, person, wish.agent, wish.room)

    @router.post("/api/livekit/supervisor")
    async def supervisor(request: Request, watch: Watch) -> Admission:
        """The room of a conversation, for a supervisor: hear, whisper, speak, take over."""
        person = await gate.allowed(request, Act.WATCH, watch.session)
        return await admit_supervisor(keys, gate, person, watch.session)

    return router
