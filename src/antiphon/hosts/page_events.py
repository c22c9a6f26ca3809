"""`POST /events`: what only the caller's page knows, such as when the first sound left its loudspeaker.

A page that reports must never fail for it, so the answer is always 200 and says how many events were taken. What a
page may say is a fixed vocabulary, so that no words of anybody's come in by this door.
"""

from __future__ import annotations

import json
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request

from antiphon.core.notes import PageReported
from antiphon.hosts.security.limits import Bucket
from antiphon.hosts.stage import Stage

NAMES = frozenset(
    {
        "microphone_ready",
        "microphone_denied",
        "connection_open",
        "connection_lost",
        "reconnected",
        "first_sound_received",
        "first_sound_played",
        "playout_held",
        "playout_cleared",
        "playout_underrun",
        "page_hidden",
        "page_shown",
        "error",
    }
)
COUNTS = frozenset({"turn", "code", "count"})
NUMBERS = COUNTS | {"rtt_ms", "jitter_ms", "loss", "rate"}
WORDS: Mapping[str, frozenset[str]] = {
    "transport": frozenset({"websocket", "webrtc", "livekit", "http"}),
    "where": frozenset({"microphone", "player", "connection", "page"}),
}
MOST = 2.0**31
"A number beyond it is nonsense, and would not fit a span."
MOST_BYTES = 16 * 1024
MOST_EVENTS = 32
"In one request."
LONGEST_MS = 120_000.0
RATE = 5.0
"Events a second and session; five seconds of them may come at once."
MOST_SESSIONS = 1000
"Whose rates are remembered."


class Reports:
    """Takes events from pages whose sessions are on air here."""

    def __init__(self, stage: Stage, clock: Callable[[], float] = time.monotonic) -> None:
        self._stage = stage
        self._clock = clock
        self._rates: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, body: bytes) -> int:
        """How many of the events in the body are in their session's stream now. Never raises."""
        if len(body) > MOST_BYTES:
            return 0
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            return 0
        if not isinstance(told, dict):
            return 0
        id, events = told.get("session_id"), told.get("events")
        if not isinstance(id, str) or id not in self._stage.sessions or not isinstance(events, list):
            return 0
        session = self._stage.sessions[id]
        found = filter(None, map(_read, events[:MOST_EVENTS]))
        taken = [report for report in found if self._bucket(id).take(self._clock(), 1)]
        for report in taken:
            session.reported(report)
        return len(taken)

    def _bucket(self, id: str) -> Bucket:
        if (bucket := self._rates.get(id)) is None:
            bucket = self._rates[id] = Bucket(RATE, self._clock(), largest=1)
            if len(self._rates) > MOST_SESSIONS:
                self._rates.popitem(last=False)
        return bucket


def create_events(stage: Stage) -> APIRouter:
    """The route. The session's id, which nobody can guess, is what opens it: a page that leaves sends no header."""
    router = APIRouter(tags=["telemetry"])
    reports = Reports(stage)

    @router.post("/events")
    async def events(request: Request) -> dict[str, int]:
        """Events of the page: `{"session_id": …, "events": [{"name": …, "ms": …, "attributes": {…}}]}`."""
        return {"taken": reports.take(await request.body())}

    return router


def _read(event: object) -> PageReported | None:
    """The event, as far as it is in the vocabulary; None when its name is not."""
    if not isinstance(event, dict) or not isinstance(name := event.get("name"), str) or name not in NAMES:
        return None
    ms = _number(event.get("ms")) or 0.0
    return PageReported(name, min(max(0.0, ms), LONGEST_MS), _details(event.get("attributes")))


def _details(attributes: object) -> dict[str, float | str]:
    if not isinstance(attributes, dict):
        return {}
    found: dict[str, float | str] = {}
    for name, value in attributes.items():
        if name in NUMBERS and (number := _number(value)) is not None and abs(number) < MOST:
            found[name] = int(number) if name in COUNTS else number
        elif name in WORDS and isinstance(value, str) and value in WORDS[name]:
            found[name] = value
    return found


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
