"""One caller's session on this node, and who the caller is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from antiphon.agent.tools import Person
from antiphon.core.transcript import Line
from antiphon.hosts.security.gate import LOCAL
from antiphon.hosts.security.meter import Meter
from antiphon.hosts.tracing.ids import correlation
from antiphon.hosts.tracing.tracing import SessionTrace, Traced, Tracing
from antiphon.session.report import Report
from antiphon.session.session import Session, Watcher


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a session is opened."""

    user: str = LOCAL.id
    tenant: str = LOCAL.tenant

    @property
    def person(self) -> Person:
        """As the agent knows them."""
        return Person(self.user, self.tenant)


@dataclass
class Call:
    """One caller's session on this node."""

    session: Session
    report: Report
    resume_token: str
    "Empty: it cannot be gone on with once the connection is lost."
    caller: Caller
    past: tuple[Line, ...] = ()
    "What was remembered before this connection."
    gone_until: float = 0.0
    "When a caller who lost the connection is given up, seconds of the loop."
    meter: Meter | None = None
    "Counts what it uses of the caller's day; None: that is not counted."
    host: str = ""
    "Which host it came by."
    trace: SessionTrace | None = None
    "Of what runs here; None: it is not traced."
    left: asyncio.Event = field(default_factory=asyncio.Event)
    "It runs no longer, and what becomes of it is seen to."

    def __post_init__(self) -> None:
        self._correlation = correlation(self.session.id)

    def named(self) -> dict[str, object]:
        """What log lines say of it, and of where it stands just now."""
        now = self.session.conversation
        return {
            "conversation": self.session.id,
            "turn": now.turn,
            "state": now.phase.value,
            "user": self.caller.user,
            "correlation": self._correlation,
        }

    def traced_by(self, tracing: Tracing) -> Watcher:
        """What is to watch the session, so that it is traced."""
        session, who = self.session, self.caller
        started_at = session.journal.header.started_at
        traced = Traced(session.id, session.agent.name, self.host, who.user, who.tenant, started_at)
        self.trace = tracing.session(traced)
        return self.trace.note
