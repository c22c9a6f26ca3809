"""What is sent to collectors, and what has become of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from antiphon.session.spans import Span


@dataclass(frozen=True, slots=True)
class Finished:
    """A span with all it is sent with."""

    session: str
    span: Span
    began_at: float
    "What 0 session seconds are, in seconds since 1970."
    common: Mapping[str, str]
    "Attributes that every span of the session has."


@dataclass(frozen=True, slots=True)
class Sent:
    """What has become of the spans for one collector so far."""

    to: str
    acknowledged: int
    failed: int
    "Refused, not acknowledged, or given up because too many waited."
    waiting: int
    last_error: str
    "Of the latest request; empty: it was acknowledged."


class Sink(Protocol):
    """Where finished spans go."""

    def put(self, span: Finished) -> None:
        """The span will be sent, or count as failed. Returns at once, and never raises."""

    @property
    def sent(self) -> Sent:
        """What has become of those that were put."""
        ...

    def close(self) -> None:
        """What was put has been sent, as far as it was taken within seconds. Blocks."""
