"""What every host shares: the agents, the providers, and the sessions on air."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from antiphon.agent.definition import Agent
from antiphon.config import Settings
from antiphon.core.errors import CallerError
from antiphon.hosts.metrics import Metrics
from antiphon.ports import Transport
from antiphon.session.journal import Header, Journal
from antiphon.session.session import Providers, Session


@dataclass
class Stage:
    """Agents ready to be talked to. One for each process."""

    settings: Settings
    agents: Mapping[str, Agent]
    providers: Providers
    sessions: dict[str, Session] = field(default_factory=dict)
    "Those on air, by id."
    is_draining: bool = False
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def is_full(self) -> bool:
        return self.is_draining or len(self.sessions) >= self.settings.max_sessions

    def open(self, agent: str, transport: Transport, *, greets: bool = True) -> Session:
        """A new session of the agent, not yet running. Raises CallerError for an unknown agent."""
        if agent not in self.agents:
            raise CallerError(f"no agent is called {agent!r}", field="agent", code="unknown_agent")
        return Session(
            "s_" + secrets.token_urlsafe(9),
            self.agents[agent],
            self.providers,
            transport,
            greets=greets,
            journal=self._journal,
            started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )

    @contextmanager
    def on_air(self, session: Session) -> Iterator[None]:
        """The session counts as live inside."""
        self.sessions[session.id] = session
        agent = session.agent.name
        session.watchers.append(lambda _, item: self.metrics.note(agent, item))
        self.metrics.sessions.labels(agent).inc()
        try:
            yield
        finally:
            del self.sessions[session.id]
            self.metrics.sessions.labels(agent).dec()

    def _journal(self, header: Header) -> Journal:
        if not self.settings.journals:
            return Journal(header)
        return Journal(header, self.settings.data / "journals" / f"{header.session}.jsonl")
