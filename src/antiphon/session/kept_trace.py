"""The trace of a session that is kept: the fold that runs beside a call, over its journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from antiphon.core.transcript import Transcript
from antiphon.session.journal import Entry, Header, Tick
from antiphon.session.report import Report
from antiphon.session.spans import Span, Value
from antiphon.session.trace import Trace


@dataclass(frozen=True, slots=True)
class KeptTrace:
    """The spans of a session as far as it is kept, in the order in which they ended; `root` holds them all."""

    root: Span
    spans: tuple[Span, ...]

    def plain(self) -> dict[str, object]:
        """As JSON: milliseconds from the beginning of the session on."""
        return {
            "ms": _ms(self.root.end - self.root.start),
            "attributes": dict(self.root.attributes),
            "spans": [_plain(span, self.root.start) for span in sorted(self.spans, key=_place)],
        }


def kept_trace(header: Header, entries: Iterable[Entry], host: str = "") -> KeptTrace:
    """Folded from the journal: a millisecond for a hundred entries, so a long one is not for the event loop.

    It tells what was said, as the journal does. The time that a caller was away is not in it.
    """
    spans: list[Span] = []
    trace = Trace(header.agent, spans.append, host=host, tells_text=True)
    report = Report(header)
    first: float | None = None
    for entry in entries:
        first = entry.t if first is None else first
        report.note(entry.t, entry.item)
        if not isinstance(entry.item, Tick):
            trace.note(entry.t, entry.item)
    trace.close()
    return KeptTrace(trace.root(first or 0.0, report.summary(Transcript())), tuple(spans))


def _place(span: Span) -> tuple[float, float]:
    """Who begins first, and of those the longest."""
    return span.start, -span.end


def _plain(span: Span, origin: float) -> dict[str, object]:
    told: dict[str, object] = {
        "key": span.key,
        "parent": span.parent,
        "name": span.name,
        "start_ms": _ms(span.start - origin),
        "ms": _ms(span.end - span.start),
        "attributes": _values(span.attributes),
    }
    if span.moments:
        told["moments"] = [
            {"at_ms": _ms(one.t - origin), "name": one.name, "attributes": _values(one.attributes)}
            for one in span.moments
        ]
    if span.error:
        told["error"] = span.error
    return told


def _values(attributes: Mapping[str, Value]) -> dict[str, object]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in attributes.items()}


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
