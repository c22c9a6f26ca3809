"""How a provider has been doing, for those who look after it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

RECENT = 100
"Latest attempts that rates and times are told of."
LONGEST_ERROR = 200

_SECRET = re.compile(
    r"(?i)\b(?:bearer|basic)\s+[^\s\"',;)]+"
    r"|\b\w*(?:token|key|secret|password|authorization)[\"']?\s*[:=]\s*[\"']?[^\s\"',;)]+"
    r"|\b(?:sk|pk|rk|api|key|xox\w|gh\w)[-_][\w-]{6,}|\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}\b"
    r"|(?<=://)[^\s/@]+@"
)


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of one provider at one moment."""

    kind: str
    "model, recognizer, voice, encoder or moderation."
    name: str
    state: str
    "closed: it is asked; open: it is left alone; half open: one request is let through."
    requests: int
    failures: int
    retries: int
    "Requests made again to a provider that had failed the same caller."
    fallbacks: int
    "Times another one was asked in its place."
    seams: int
    "Times it went on where another one broke off."
    limited: int
    "Times it was passed over for its rate limit."
    error_rate: float
    "Share of the latest attempts that failed, 0…1."
    p95_s: float | None
    "Seconds to the first piece that 95 of 100 of the latest answers stay below."
    last_error: str
    "Without secrets; empty when there was none."


@dataclass(frozen=True, slots=True)
class CacheHealth:
    """What a cache has brought."""

    name: str
    hits: int
    misses: int
    shared: int
    "Requests that were answered by an equal one under way."
    refused: int
    "What it would not keep, for the personal details in it."
    entries: int
    size: int
    "Bytes."


@runtime_checkable
class Watched(Protocol):
    """A provider that tells how it, and those behind it, have been doing."""

    def health(self, now: float) -> Sequence[Health | CacheHealth]:
        """How they are at `now`, seconds of the loop, in the order in which they are asked."""
        ...


class Record:
    """What one provider has done so far."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind, self.name = kind, name
        self.requests = self.failures = self.retries = self.fallbacks = self.seams = self.limited = 0
        self.last_error = ""
        self._recent: deque[tuple[float, bool]] = deque(maxlen=RECENT)

    def note(self, took_s: float, error: Exception | None) -> None:
        """An attempt has ended `took_s` seconds after it began: with its first piece, or with an error."""
        self.requests += 1
        self._recent.append((took_s, error is not None))
        if error is not None:
            self.failed(error)

    def failed(self, error: Exception) -> None:
        """It has failed, perhaps after it had begun."""
        self.failures += 1
        self.last_error = without_secrets(str(error) or type(error).__name__)

    def health(self, state: str) -> Health:
        """As it stands."""
        recent = list(self._recent)
        times = sorted(took_s for took_s, is_bad in recent if not is_bad)
        p95 = times[min(len(times) - 1, round(0.95 * (len(times) - 1)))] if times else None
        rate = sum(is_bad for _, is_bad in recent) / len(recent) if recent else 0.0
        return Health(
            self.kind,
            self.name,
            state,
            self.requests,
            self.failures,
            self.retries,
            self.fallbacks,
            self.seams,
            self.limited,
            round(rate, 3),
            None if p95 is None else round(p95, 3),
            self.last_error,
        )


def without_secrets(text: str) -> str:
    """The text, shortened, with whatever looks like a key or a password left out."""
    return _SECRET.sub("[secret]", text)[:LONGEST_ERROR]


def healths(providers: Sequence[object], now: float) -> list[Health | CacheHealth]:
    """What those of them that are watched, or hold a chain that is, tell in order."""
    watched = (one if isinstance(one, Watched) else getattr(one, "chain", None) for one in providers)
    return [told for one in watched if isinstance(one, Watched) for told in one.health(now)]


Told = Callable[["Attempt"], None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to one provider, up to its first piece."""

    provider: str
    took_s: float
    error: Exception | None = None
    "None when it went well."
