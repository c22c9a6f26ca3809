"""The room of a conversation: of its own name where we named it, else the one whose agent says so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog
from aiohttp import ClientError
from livekit.api import ListParticipantsRequest, ListRoomsRequest, LiveKitAPI, TwirpError
from livekit.protocol.models import ParticipantInfo

from antiphon.core.records import Escalation
from antiphon.hosts.livekit_room import tokens
from antiphon.hosts.livekit_room.tokens import RoomKeys

log = structlog.get_logger(__name__)

HOST = "livekit"
"Of conversations in rooms, in what is kept of them."
SESSION = "antiphon.session"
"The attribute of an agent that tells which conversation it holds."
FIND_WITHIN = 3.0
"Seconds for the server to say."


async def way_to(keys: RoomKeys, call: Escalation, name: str) -> Mapping[str, str]:
    """How somebody of that name gets to the caller; empty for callers who are in no room."""
    return tokens.escalated(keys, await room_of(keys, call.session), name) if call.host == HOST else {}


async def room_of(keys: RoomKeys, session: str) -> str:
    """The name of the room in which that conversation is held; the session's own when the server knows of none."""
    try:
        async with asyncio.timeout(FIND_WITHIN), LiveKitAPI(keys.url, keys.key, keys.secret) as api:
            return await _found(api, keys, session)
    except (TimeoutError, ClientError, TwirpError, OSError) as error:
        log.warning("the rooms' server does not say which room it is", session=session, error=str(error))
        return session


async def _found(api: LiveKitAPI, keys: RoomKeys, session: str) -> str:
    """One request for a room that is named after its session; as many more as there are rooms for one that is not."""
    if (await api.room.list_rooms(ListRoomsRequest(names=[session]))).rooms:
        return session
    rooms = [room.name for room in (await api.room.list_rooms(ListRoomsRequest())).rooms]
    if (derived := next((name for name in rooms if keys.session(name) == session), None)) is not None:
        return derived
    for name in rooms:
        told = await api.room.list_participants(ListParticipantsRequest(room=name))
        for one in told.participants:
            if one.kind == ParticipantInfo.AGENT and one.attributes.get(SESSION) == session:
                return name
    return session
