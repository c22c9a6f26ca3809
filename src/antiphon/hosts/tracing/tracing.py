"""The traces of the sessions of a process, and the collectors they go to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from antiphon.core import events as e
from antiphon.core.notes import Note
from antiphon.hosts.tracing.sink import Finished, Sent, Sink
from antiphon.session.spans import Span
from antiphon.session.trace import Trace


@dataclass(frozen=True, slots=True)
class Traced:
    """Whose session is traced."""

    session: str
    agent: str
    host: str
    user: str
    tenant: str
    started_at: str
    "When the session began, perhaps on another node, ISO 8601; empty: it is not known."


class Tracing:
    """One for each process. Not thread-safe: for the loop that serves."""

    def __init__(self, sinks: Sequence[Sink], *, tells_text: bool = False) -> None:
        self._sinks = tuple(sinks)
        self._tells_text = tells_text

    def session(self, of: Traced) -> SessionTrace:
        """The trace of a session that is about to run here."""
        return SessionTrace(of, self._put, tells_text=self._tells_text)

    @property
    def sent(self) -> tuple[Sent, ...]:
        """What has become of all spans so far, by collector."""
        return tuple(sink.sent for sink in self._sinks)

    def health(self) -> dict[str, object]:
        """The same, summed up."""
        sent = self.sent
        return {
            "acknowledged": sum(one.acknowledged for one in sent),
            "failed": sum(one.failed for one in sent),
            "last_error": "; ".join(f"{one.to}: {one.last_error}" for one in sent if one.last_error),
        }

    def close(self) -> None:
        """What was left has been sent, as far as the collectors took it within seconds. Blocks."""
        for sink in self._sinks:
            sink.close()

    def _put(self, span: Finished) -> None:
        for sink in self._sinks:
            sink.put(span)


class SessionTrace:
    """One session's trace while it runs here. `note` is to be among its watchers."""

    def __init__(self, of: Traced, put: Callable[[Finished], None], *, tells_text: bool) -> None:
        self._of = of
        self._put = put
        self._fold = Trace(of.agent, self._finished, host=of.host, tells_text=tells_text)
        self._began_at: float | None = None
        self._common = {
            "session.id": of.session,
            "user.id": of.user,
            "gen_ai.conversation.id": of.session,
            "gen_ai.agent.name": of.agent,
            "voice.host": of.host,
            "voice.tenant": of.tenant,
        }

    def note(self, t: float, item: e.Event | e.Command | Note) -> None:
        """The item happened just now, at `t` session seconds."""
        if self._began_at is None:
            self._began_at = time.time() - t
        self._fold.note(t, item)

    def pause(self) -> None:
        """The session runs here no longer, though it may go on."""
        self._fold.close()

    def end(self, report: Mapping[str, object]) -> None:
        """The session is over; `report` as `Report.summary` gives it."""
        self._fold.close()
        began_at = self._began_at
        if began_at is None:
            return
        started = _seconds_of(self._of.started_at)
        self._finished(self._fold.root(started - began_at if started else 0.0, report))

    def _finished(self, span: Span) -> None:
        self._put(Finished(self._of.session, span, self._began_at or 0.0, self._common))


def _seconds_of(told: str) -> float:
    """Seconds since 1970; 0 when it is not told."""
    return datetime.fromisoformat(told).timestamp() if told else 0.0
