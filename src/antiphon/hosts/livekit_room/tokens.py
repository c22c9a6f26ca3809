"""Who may enter a room: LiveKit's tokens for students, supervisors and agents, signed here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from livekit.api import AccessToken, VideoGrants
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.room import RoomConfiguration

from antiphon.config import Settings
from antiphon.core.errors import SetupError
from antiphon.hosts.security.tokens import SESSION

ORCHESTRATOR, ENGLISH = "learning-orchestrator", "learning-english"
"The names under which our agents are dispatched."
TEACHER = "teacher-"
"What the identity of every supervisor begins with, and nobody else's."
STUDENT = "student-"
STUDENT_FOR = timedelta(minutes=10)
"From asking to joining; who comes back after longer asks again. It also opens a connection anew."
SUPERVISOR_FOR = timedelta(minutes=5)
AGENT_FOR = timedelta(hours=6)
SHORTEST_SECRET = 16


@dataclass(frozen=True, slots=True)
class RoomKeys:
    """The LiveKit server, and what tokens for it are signed with."""

    url: str
    key: str
    secret: str

    @classmethod
    def of(cls, settings: Settings) -> RoomKeys | None:
        """Those of the settings; None when they name no server. Raises SetupError when they name half of one."""
        url, key = settings.livekit_url, settings.livekit_api_key.get_secret_value()
        secret = settings.livekit_api_secret.get_secret_value()
        if not url:
            return None
        if not url.startswith(("ws://", "wss://", "http://", "https://")):
            raise SetupError("LIVEKIT_URL must be ws:// or wss://, for example ws://127.0.0.1:7880")
        if not key or len(secret) < SHORTEST_SECRET:
            raise SetupError(
                "LIVEKIT_URL needs LIVEKIT_API_KEY and LIVEKIT_API_SECRET, as that server has them"
            )
        return cls(url, key, secret)

    def session(self, room: str) -> str:
        """The id of the conversation in that room: the room's name where we named it."""
        return room if SESSION.fullmatch(room) else "s_" + self._derived("session", room)[:16]

    def resume(self, session: str) -> str:
        """The token with which any worker takes the session up. It leaves no worker: each derives it for itself."""
        return self._derived("resume", session)

    def _derived(self, what: str, of: str) -> str:
        mac = hmac.new(self.secret.encode(), f"antiphon {what} {of}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What a worker is told about the conversation it is to hold. Signed, as part of a token or a dispatch."""

    agent: str = "tutor"
    user: str = ""
    tenant: str = ""
    question: str = ""
    "What was asked when another worker's agent handed over; empty: nothing was."
    history: tuple[tuple[str, str], ...] = ()
    "Who said what before, oldest first: (user or agent, the line)."
    back_to: str = ""
    "The identity of the agent to return to."
    student: str = ""
    "The identity of whom to listen to."
    greets: bool = True
    "The agent speaks first."

    def encode(self) -> str:
        return json.dumps(
            {
                "agent": self.agent,
                "user": self.user,
                "tenant": self.tenant,
                **({"question": self.question} if self.question else {}),
                **({"history": [list(line) for line in self.history]} if self.history else {}),
                **({"back_to": self.back_to} if self.back_to else {}),
                **({"student": self.student} if self.student else {}),
                **({} if self.greets else {"greets": False}),
            }
        )


def dispatched(metadata: str) -> Dispatched:
    """What the metadata of a job says; what it leaves out is as usual. What is no JSON of ours says nothing."""
    try:
        told = json.loads(metadata) if metadata else {}
    except ValueError:
        told = {}
    if not isinstance(told, Mapping):
        return Dispatched()

    def text(name: str, usual: str = "") -> str:
        found = told.get(name, usual)
        return found if isinstance(found, str) else usual

    lines = told.get("history")
    history = tuple(
        (str(line[0]), str(line[1]))
        for line in (lines if isinstance(lines, list) else [])
        if isinstance(line, list) and len(line) == 2
    )
    return Dispatched(
        text("agent", "tutor") or "tutor",
        text("user"),
        text("tenant"),
        text("question"),
        history,
        text("back_to"),
        text("student"),
        told.get("greets") is not False,
    )


def student(keys: RoomKeys, room: str, name: str, told: Dispatched, identity: str = "") -> str:
    """A token that joins the room, speaks, hears, and brings the agent along."""
    config = RoomConfiguration(
        empty_timeout=30,
        departure_timeout=30,
        agents=[RoomAgentDispatch(agent_name=ORCHESTRATOR, metadata=told.encode())],
    )
    grants = VideoGrants(
        room_join=True, room=room, can_publish=True, can_subscribe=True, can_publish_data=True
    )
    return (
        AccessToken(keys.key, keys.secret)
        .with_identity(identity or STUDENT + (name or "someone"))
        .with_name(name)
        .with_ttl(STUDENT_FOR)
        .with_grants(grants)
        .with_room_config(config)
        .to_jwt()
    )


def supervisor(keys: RoomKeys, room: str, name: str) -> str:
    """A token that joins the room, hears everybody, speaks and sends data. It is short-lived."""
    grants = VideoGrants(
        room_join=True, room=room, can_publish=True, can_subscribe=True, can_publish_data=True
    )
    return (
        AccessToken(keys.key, keys.secret)
        .with_identity(TEACHER + name)
        .with_name(name)
        .with_ttl(SUPERVISOR_FOR)
        .with_grants(grants)
        .to_jwt()
    )


def escalated(keys: RoomKeys, room: str, name: str) -> dict[str, str]:
    """What a call for a person tells besides, so that they come into the caller's room at once.

    To be sent to supervisors only: whoever has it may speak in the room.
    """
    return {"livekit_url": keys.url, "livekit_room": room, "livekit_token": supervisor(keys, room, name)}


def agent(keys: RoomKeys, room: str, identity: str) -> str:
    """A token for an agent that was dispatched under that identity."""
    grants = VideoGrants(
        room_join=True,
        room=room,
        agent=True,
        can_publish=True,
        can_subscribe=True,
        can_publish_data=True,
        can_update_own_metadata=True,
    )
    return (
        AccessToken(keys.key, keys.secret)
        .with_identity(identity)
        .with_kind("agent")
        .with_ttl(AGENT_FOR)
        .with_grants(grants)
        .to_jwt()
    )


def is_supervisor(identity: str) -> bool:
    return identity.startswith(TEACHER)
