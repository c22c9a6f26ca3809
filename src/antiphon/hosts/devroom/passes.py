"""What a token lets its bearer do. Tokens are LiveKit's: JWT, signed by HS256 with the secret of a key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import assert_never

import jwt
from livekit.api import TokenVerifier, VideoGrants
from livekit.protocol.models import ParticipantInfo, ParticipantPermission, TrackSource
from livekit.protocol.room import RoomConfiguration

from antiphon.core.errors import CallerError

LEEWAY = timedelta(seconds=5)
"By how much the clocks of who made a token and of who reads it may differ."
MAX_TOKEN = 16 * 1024
"Characters of a token."
MAX_NAME = 256
"Characters of an identity, and of the name of a room."
_KINDS = {
    "agent": ParticipantInfo.AGENT,
    "egress": ParticipantInfo.EGRESS,
    "ingress": ParticipantInfo.INGRESS,
    "sip": ParticipantInfo.SIP,
}
_SOURCES = {
    "camera": TrackSource.CAMERA,
    "microphone": TrackSource.MICROPHONE,
    "screen_share": TrackSource.SCREEN_SHARE,
    "screen_share_audio": TrackSource.SCREEN_SHARE_AUDIO,
}


class Need(Enum):
    """What an administrator's token must grant."""

    CREATE = "roomCreate"
    LIST = "roomList"
    ADMIN = "roomAdmin"


class Refused(CallerError):
    """A token that does not open this door. Answered with 401."""

    def __init__(self, why: str) -> None:
        super().__init__(why, field="access_token", code="unauthorized")


@dataclass(frozen=True, slots=True)
class Pass:
    """A token that was checked."""

    identity: str
    name: str
    metadata: str
    attributes: dict[str, str]
    kind: ParticipantInfo.Kind
    grants: VideoGrants
    config: RoomConfiguration
    "How the room is to be made, and which agents are to come."

    @property
    def room(self) -> str:
        """The room that may be joined, or administered."""
        return self.grants.room

    def permission(self) -> ParticipantPermission:
        """What may be done in the room."""
        grants = self.grants
        sources = [_SOURCES[one] for one in grants.can_publish_sources or () if one in _SOURCES]
        return ParticipantPermission(
            can_subscribe=grants.can_subscribe,
            can_publish=grants.can_publish and (grants.can_publish_sources is None or bool(sources)),
            can_publish_data=grants.can_publish_data,
            can_publish_sources=sources,
            hidden=bool(grants.hidden),
            recorder=bool(grants.recorder),
            can_update_metadata=bool(grants.can_update_own_metadata),
            agent=bool(grants.agent),
        )


class Passes:
    """Reads tokens that were made with a key and its secret."""

    def __init__(self, key: str, secret: str) -> None:
        self._verifier = TokenVerifier(key, secret, leeway=LEEWAY)

    def read(self, token: str) -> Pass:
        """What the token says. Raises Refused, with a sentence, for one that is missing, forged or expired."""
        if not token:
            raise Refused("No token was given: send it as access_token, or as a bearer's.")
        if len(token) > MAX_TOKEN:
            raise Refused("The token is too long.")
        try:
            claims = self._verifier.verify(token)
        except jwt.ExpiredSignatureError as error:
            raise Refused("The token has expired.") from error
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
            raise Refused("The token is not one of this server's.") from error
        if len(claims.identity) > MAX_NAME or len((claims.video or VideoGrants()).room) > MAX_NAME:
            raise Refused("The token names somebody, or a room, at too great a length.")
        return Pass(
            claims.identity,
            claims.name,
            claims.metadata,
            dict(claims.attributes or {}),
            _KINDS.get(claims.kind, ParticipantInfo.STANDARD),
            claims.video or VideoGrants(can_publish=False, can_subscribe=False, can_publish_data=False),
            claims.room_config or RoomConfiguration(),
        )

    def to_join(self, token: str) -> Pass:
        """As `read`, for who wants to come into a room."""
        found = self.read(token)
        if not found.grants.room_join or not found.room or not found.identity:
            raise Refused("The token does not let its bearer join a room.")
        return found

    def to_work(self, token: str) -> Pass:
        """As `read`, for a worker."""
        found = self.read(token)
        if not found.grants.agent:
            raise Refused("The token is not a worker's.")
        return found

    def to_manage(self, token: str, room: str | None, need: Need) -> Pass:
        """As `read`, for who wants to do what needs `need`, in that room where it is about one."""
        found = self.read(token)
        grants = found.grants
        match need:
            case Need.CREATE:
                may = grants.room_create
            case Need.LIST:
                may = grants.room_list
            case Need.ADMIN:
                may = grants.room_admin and grants.room == room
            case _:
                assert_never(need)
        if not may:
            raise Refused("The token does not let its bearer do this.")
        return found
