"""The routes by which people get into LiveKit rooms. What is refused is raised, for `security.answers` to tell."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from antiphon.hosts.rooms import Rooms
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.security.people import Act


class RoomWish(BaseModel):
    """Whom a caller wants to meet in a room."""

    model_config = ConfigDict(extra="forbid")
    agent: str = Field(default="tutor", max_length=80)
    greet: bool = True
    "The agent speaks first."


class Beside(BaseModel):
    """The session whose room a supervisor wants to enter."""

    model_config = ConfigDict(extra="forbid")
    session: str = Field(max_length=80)


def create_rooms(rooms: Rooms, gate: Gate) -> APIRouter:
    """The routes by which people get into rooms."""
    router = APIRouter(prefix="/api/livekit", tags=["rooms"])

    @router.post("/prepare", status_code=202)
    async def prepare(request: Request) -> dict[str, bool]:
        """Said by a page on which a room is chosen, seconds before one is asked for: the dev room begins to open."""
        await gate.allowed(request, Act.CALL)
        return {"is_open": rooms.prepare()}

    @router.post("/token")
    async def token(request: Request, wish: RoomWish) -> dict[str, object]:
        """A room of your own, with a token that joins it and brings the agent along."""
        entry = await gate.admit_page(request)
        await rooms.check(wish.agent)
        keys = await rooms.keys()
        from antiphon.hosts.livekit_room import tokens

        person, room = entry.person, entry.session
        told = tokens.Dispatched(wish.agent, person.id, person.tenant, greets=wish.greet)
        return {
            "url": rooms.url(keys, request),
            "token": tokens.student(keys, room, person.id, told),
            "room": room,
            "session": keys.session(room),
            "is_dev_room": rooms.is_own,
        }

    @router.post("/supervise")
    async def supervise(request: Request, beside: Beside) -> dict[str, object]:
        """A token that joins the room of that session as a supervisor."""
        person = await gate.allowed(request, Act.WATCH, beside.session)
        keys = await rooms.keys()
        from antiphon.hosts.livekit_room import finding, tokens

        room = await finding.room_of(keys, beside.session)
        return {
            "url": rooms.url(keys, request),
            "token": tokens.supervisor(keys, room, person.id),
            "room": room,
            "session": beside.session,
            "is_dev_room": rooms.is_own,
        }

    return router
