"""What is kept of conversations: their records, who may see them, and what people did about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from antiphon.core.errors import AntiphonError, ProviderError


class Fenced(AntiphonError):
    """The session belongs to another node now: nothing more of it may be written or acknowledged here."""


class StoreUnavailable(ProviderError):
    """The store is away; the same request may succeed later."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True, provider="store")


class Standing(StrEnum):
    """What a person may see."""

    CALLER = "caller"
    "Their own."
    SUPERVISOR = "supervisor"
    "All of their tenant's conversations."
    ADMIN = "admin"
    "Likewise, and the audit."
    SERVICE = "service"
    "Everything: the server itself, never a request."


@dataclass(frozen=True, slots=True)
class Viewer:
    """On whose behalf something is read."""

    user: str
    tenant: str
    standing: Standing = Standing.CALLER


SERVICE = Viewer("", "", Standing.SERVICE)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that begins."""

    id: str
    tenant: str
    owner: str
    "The caller's user id."
    agent: str
    host: str
    resume_token: str
    "Who has it may take the session up again. Only its digest is kept."


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as the store knows it."""

    id: str
    tenant: str
    owner: str
    agent: str
    host: str
    status: str
    "live, ended, lost (its node vanished) or erased."
    started_at: datetime
    ended_at: datetime | None
    seen_at: datetime
    "When something was last written; up to a few seconds late."
    epoch: int
    node: str
    dropped: int = 0
    "Entries without importance that were given up while the store was away."
    report: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Sessions, newest first, and what to pass as `before` for the next page; empty: there is none."""

    sessions: tuple[SessionRecord, ...]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Escalation:
    """An agent asked for a person."""

    id: str
    session: str
    tenant: str
    turn: int
    reason: str
    status: str
    "open, claimed or closed."
    opened_at: datetime
    claimed_by: str = ""
    claimed_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = ""
    host: str = ""
    "How the caller is connected: orchestrate, realtime, livekit."


@dataclass(frozen=True, slots=True)
class Change:
    """Something changed: the session or escalation `id`, or, without one, perhaps everything."""

    table: str = ""
    "sessions or escalation_events."
    id: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a session, as `notes.JobChanged` told of it last."""

    id: str
    session: str
    number: int
    status: str
    turn: int
    question: str
    safe_text: str
    tts_ready: bool
    call: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased of a person."""

    sessions: int
    entries: int
