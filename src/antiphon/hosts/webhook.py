"""Telling another system that a person is wanted: one signed POST for each escalation.

    POST <ANTIPHON_WEBHOOK_URL>
    Antiphon-Delivery: <the escalation's id: the same in every attempt>
    Antiphon-Timestamp: <seconds since 1970>
    Antiphon-Signature: v1=<hex HMAC-SHA256 of "timestamp.body", keyed with ANTIPHON_WEBHOOK_SECRET>
    {"type": "escalation", "id", "session", "tenant", "turn", "reason", "opened_at"}

For a caller in a LiveKit room it holds "livekit_url", "livekit_room" and "livekit_token" besides: with them one joins.

The store picks the node that tells, and remembers what was told; a restart loses nothing. Only a 2xx counts.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from urllib.parse import urlsplit

import structlog

from antiphon.config import Settings
from antiphon.core.errors import ProviderError, SetupError
from antiphon.core.records import SERVICE, Escalation
from antiphon.hosts.security.visitor import is_loopback
from antiphon.ports import Records

log = structlog.get_logger(__name__)

SHORTEST_SECRET = 16
"Characters."
TIMEOUT = 5.0
"Seconds the other side may be silent."
ATTEMPTS = (0.0, 1.0, 4.0)
"Seconds before each attempt. With TIMEOUT they end before the store lets another node try, after half a minute."
POLL = 30.0
"Seconds between two looks at the store where no change is told: what another node could not tell is due then."
REST = (5.0, 300.0)
"Seconds of rest after all attempts have failed, and the most, doubled each time."


async def _no_way(escalation: Escalation) -> Mapping[str, str]:
    return {}


class Webhook:
    """Tells of escalations. `run` is the loop; it waits for the other side in a thread of its own."""

    def __init__(
        self,
        url: str,
        secret: str,
        records: Records,
        *,
        told: Callable[[bool], None] = lambda has_arrived: None,
        way: Callable[[Escalation], Awaitable[Mapping[str, str]]] = _no_way,
        wall: Callable[[], float] = time.time,
        attempts: tuple[float, ...] = ATTEMPTS,
        rest: tuple[float, float] = REST,
    ) -> None:
        """`told` learns how each delivery went; `way`: how to come to the caller, told besides.

        Raises SetupError for a URL or a secret that will not do.
        """
        parts = urlsplit(url)
        if not parts.hostname or not (
            parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
        ):
            raise SetupError("ANTIPHON_WEBHOOK_URL must be https://…, or http:// on this machine")
        if len(secret) < SHORTEST_SECRET:
            raise SetupError(f"ANTIPHON_WEBHOOK_SECRET must have {SHORTEST_SECRET} characters or more")
        self._parts = parts
        self._secret = secret.encode()
        self._records = records
        self._told = told
        self._way = way
        self._wall = wall
        self._attempts = attempts
        self._rest = rest
        self._due = asyncio.Event()

    async def run(self) -> None:
        """Tell of what is not told yet, as long as it takes, until cancelled. Raises nothing."""
        with ThreadPoolExecutor(1, "webhook") as self._thread:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch(), name="webhook: watch")
                pause, most = self._rest
                while True:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(POLL):
                            await self._due.wait()
                    self._due.clear()
                    try:
                        while await self._records.tell_next(self._send):
                            pause = self._rest[0]
                    except ProviderError as error:  # the other side, or the store, is away
                        log.warning("a call for a person could not be told", error=str(error), again_s=pause)
                        await asyncio.sleep(pause)
                        pause = min(2 * pause, most)
                        self._due.set()

    async def _watch(self) -> None:
        async with aclosing(self._records.watch(SERVICE)) as changes:
            async for change in changes:
                if change.table in ("", "escalation_events"):
                    self._due.set()

    async def _send(self, escalation: Escalation) -> None:
        """The other side has it, or need not: somebody has seen to it. Raises ProviderError."""
        if escalation.status != "open":
            return
        why = ""
        for wait in self._attempts:
            await asyncio.sleep(wait)
            body = json.dumps(
                {
                    "type": "escalation",
                    "id": escalation.id,
                    "session": escalation.session,
                    "tenant": escalation.tenant,
                    "turn": escalation.turn,
                    "reason": escalation.reason,
                    "opened_at": escalation.opened_at.isoformat(),
                    **await self._way(
                        escalation
                    ),  # with a token that is not good for long: made for each attempt
                }
            ).encode()
            headers = signed(self._secret, body, int(self._wall()))
            headers |= {"Content-Type": "application/json", "Antiphon-Delivery": escalation.id}
            try:
                status = await asyncio.get_running_loop().run_in_executor(
                    self._thread, self._post, body, headers
                )
            except (OSError, http.client.HTTPException, ValueError) as error:
                why = repr(error)
                continue
            if 200 <= status < 300:
                self._told(True)
                return
            why = f"it answered {status}"
        self._told(False)
        raise ProviderError(f"the webhook was not taken: {why}", provider="webhook")

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer, whose body is not read. Redirects are not followed. Runs in the thread."""
        parts = self._parts
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()


def signed(secret: bytes, body: bytes, timestamp: int) -> dict[str, str]:
    """The headers by which the other side knows that the body is ours, and from when."""
    mac = hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Antiphon-Timestamp": str(timestamp), "Antiphon-Signature": f"v1={mac}"}


def open_webhook(
    settings: Settings,
    records: Records | None,
    told: Callable[[bool], None] = lambda has_arrived: None,
    way: Callable[[Escalation], Awaitable[Mapping[str, str]]] = _no_way,
) -> Webhook | None:
    """The webhook of the settings; None without one. Raises SetupError."""
    if not settings.webhook_url:
        return None
    if records is None:
        raise SetupError("ANTIPHON_WEBHOOK_URL needs a store; unset it, or set ANTIPHON_STORE to postgres")
    return Webhook(
        settings.webhook_url, settings.webhook_secret.get_secret_value(), records, told=told, way=way
    )
