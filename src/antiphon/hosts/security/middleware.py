"""Around the application: what every request and every socket must pass, whatever its route."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from antiphon.core.errors import CallerError
from antiphon.hosts.security.answers import body_of, status_of
from antiphon.hosts.security.audit import Audit, Deed
from antiphon.hosts.security.cors import PROGRAMS, Cors
from antiphon.hosts.security.headers import DOCS, RawHeaders, policy, secured
from antiphon.hosts.security.limits import Bucket, Kind, Limits, TooMany
from antiphon.hosts.security.visitor import Origins, Visitor
from antiphon.transports.intake import SOUND, Hear, Listen

log = structlog.get_logger(__name__)

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"Asked by machines, by address rather than by name, and often."
LARGER = {"/api/duels": 8 * 2**20}
"Bytes of an HTTP body by path, where a route takes more than others: sound."
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
TOO_MANY = 4429
"Close code of a socket that sends too much."


@dataclass(frozen=True, slots=True)
class Rules:
    """What the shield enforces."""

    origins: Origins
    limits: Limits
    audit: Audit
    max_body: int
    "Bytes of an HTTP body."
    within: float
    "Seconds from a request's first byte to its answer's."
    connect: tuple[str, ...] = ()
    "What pages of ours may connect to besides: the sign-in service, and the other nodes."
    shows_docs: bool = False
    "The page of the API may load what it is made of from elsewhere. Not where people sign in."
    clock: Callable[[], float] = time.monotonic


class Shield:
    """Pure ASGI middleware: request ids, hosts, origins and CORS, limits on size, time and number, safe headers.

    It answers what the application fails to, so nothing inside reaches the outside but through it.
    """

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(12)
        scope["antiphon.request_id"] = request_id
        visitor = Visitor.of(scope)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            if scope["type"] == "http":
                await _Exchange(self._app, self._rules, visitor, request_id, scope, receive, send).run()
            else:
                await _Socket(self._app, self._rules, visitor, request_id, scope, receive, send).run()


class _Connection:
    def __init__(
        self,
        app: ASGIApp,
        rules: Rules,
        visitor: Visitor,
        request_id: str,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._app = app
        self._rules = rules
        self._visitor = visitor
        self._request_id = request_id
        self._scope = scope
        self._receive = receive
        self._send = send
        self._path = str(scope.get("path", ""))
        self._cors = Cors(rules.origins, visitor, scope)

    async def _check(self, *, is_unsafe: bool) -> None:
        """Raises CallerError when it may not pass."""
        if self._path in PROBES and not is_unsafe:
            return
        visitor = self._visitor
        # First, so that what is refused below cannot fill the audit.
        await self._rules.limits.count_address(Kind.REQUESTS, visitor.address, visitor.is_local)
        try:
            self._rules.origins.check_host(visitor)
            if is_unsafe:
                self._rules.origins.check_origin(visitor, is_near=self._path.startswith(PROGRAMS))
        except CallerError as error:
            detail = {"code": error.code, "origin": visitor.origin or "", "host": visitor.host}
            self._rules.audit.record(visitor.address, Deed.ORIGIN_REFUSED, self._path, detail)
            raise

    def _secured(self, headers: RawHeaders) -> RawHeaders:
        loads_docs = self._rules.shows_docs and self._path == DOCS
        csp = policy(self._visitor, connect=self._rules.connect, loads_docs=loads_docs)
        is_private = self._path.startswith(("/api/", "/v1/")) or self._path in PROBES
        headers = self._cors.told(headers)
        return secured(headers, self._visitor, csp, self._request_id, is_private=is_private)

    def _refusal(self, error: CallerError, prefix: str = "http") -> tuple[Message, Message]:
        body = body_of(error.code, str(error), self._request_id)
        headers: RawHeaders = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        if isinstance(error, TooMany):
            headers.append((b"retry-after", str(error.retry_after).encode()))
        if error.code in ("too_large", "too_slow"):
            headers.append((b"connection", b"close"))  # what is left of the body is not read
        start = {"type": f"{prefix}.response.start", "status": status_of(error)}
        return (
            {**start, "headers": self._secured(headers)},
            {"type": f"{prefix}.response.body", "body": body},
        )


class _Exchange(_Connection):
    """One HTTP request and its answer."""

    _taken = 0
    "Bytes of the body."
    _is_whole = False
    "All of the body has come."
    _has_begun = False
    "Our answer, or the application's, is on its way."
    _is_too_large = False
    _deadline: asyncio.Timeout | None = None

    async def run(self) -> None:
        try:
            is_preflight = self._cors.is_preflight
            await self._check(is_unsafe=self._scope["method"] not in SAFE or is_preflight)
            if is_preflight and self._cors.may:
                start = self._cors.preflight()
                await self._send({**start, "headers": self._secured(start["headers"])})
                await self._send({"type": "http.response.body", "body": b""})
                return
            self._check_length()
            async with asyncio.timeout(self._rules.within) as self._deadline:
                await self._app(self._scope, self._take, self._give)
        except CallerError as error:
            await self._refuse(error)
        except Exception as error:
            if isinstance(error, TimeoutError) and self._deadline is not None and self._deadline.expired():
                await self._refuse(self._overdue())
            elif not self._is_too_large:
                log.exception("request failed", method=self._scope["method"], path=self._path)
                await self._refuse(CallerError("a fault of ours", code="internal"))

    @property
    def _most(self) -> int:
        """Bytes that the body may have."""
        return max(self._rules.max_body, LARGER.get(self._path, 0))

    def _check_length(self) -> None:
        headers = Headers(scope=self._scope)
        told = headers.get("content-length", "0")
        if not told.isascii() or not told.isdigit() or len(told) > 15 or int(told) > self._most:
            raise self._too_large()
        self._is_whole = int(told) == 0 and "transfer-encoding" not in headers

    def _too_large(self) -> CallerError:
        return CallerError(f"a body has {self._most} bytes at most", code="too_large")

    def _overdue(self) -> CallerError:
        if self._is_whole:
            return CallerError("the answer took too long", code="overdue")
        return CallerError("the body came too slowly", code="too_slow")

    async def _refuse(self, error: CallerError) -> None:
        if not self._has_begun:
            self._has_begun = True
            for message in self._refusal(error):
                await self._send(message)

    async def _take(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)
            if self._taken > self._most:
                # Whatever the application makes of what is raised here, this is the answer.
                await self._refuse(self._too_large())
                self._is_too_large = True
                raise self._too_large()
        return message

    async def _give(self, message: Message) -> None:
        if self._is_too_large:
            return
        if message["type"] == "http.response.start":
            self._has_begun = True
            if self._deadline is not None and not self._deadline.expired():
                self._deadline.reschedule(None)
            message = {**message, "headers": self._secured(list(message.get("headers", ())))}
        await self._send(message)


class _Socket(_Connection):
    """One WebSocket, from its handshake to its end."""

    _is_closed = False

    async def run(self) -> None:
        try:
            await self._check(is_unsafe=True)
        except CallerError as error:
            await self._turn_away(error)
            return
        self._bucket = self._rules.limits.messages(self._rules.clock(), self._visitor.is_local)
        if self._bucket is not None and SOUND in (extensions := self._scope.get("extensions", {})):
            extensions[SOUND] = {"listen": self._counted(extensions[SOUND]["listen"], self._bucket)}
        await self._app(self._scope, self._take if self._bucket else self._receive, self._give)

    async def _turn_away(self, error: CallerError) -> None:
        """The handshake is answered with a refusal, in words where the server can."""
        if "websocket.http.response" in self._scope.get("extensions", {}):
            for message in self._refusal(error, "websocket.http"):
                await self._send(message)
        else:
            await self._send({"type": "websocket.close", "code": 1008, "reason": str(error)[:120]})

    async def _take(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.receive" and self._bucket is not None:
            data = message.get("bytes")
            size = len(data) if data is not None else len(message.get("text") or "")
            if not self._bucket.take(self._rules.clock(), size):
                return await self._cut_off()
        return message

    def _counted(self, listen: Listen, bucket: Bucket) -> Listen:
        """`listen` for sound within the limit. What comes beyond it is queued, and meets `_take` there."""

        def listen_counted(hear: Hear | None) -> None:
            if hear is None:
                listen(None)
                return

            def counted(data: bytes) -> None:
                if not bucket.take(self._rules.clock(), len(data)):
                    listen(None)
                hear(data)

            listen(counted)

        return listen_counted

    async def _cut_off(self) -> Message:
        """The socket is closed; the application learns that it was, and what it still sends goes nowhere."""
        if not self._is_closed:
            self._is_closed = True
            self._rules.audit.record(self._visitor.address, Deed.LIMIT_HIT, "messages", {"path": self._path})
            reason = "too many messages"
            await self._send({"type": "websocket.close", "code": TOO_MANY, "reason": reason})
        return {"type": "websocket.disconnect", "code": TOO_MANY, "reason": "too many messages"}

    async def _give(self, message: Message) -> None:
        if self._is_closed:
            return
        if message["type"] == "websocket.accept":
            headers = [*message.get("headers", ()), (b"x-request-id", self._request_id.encode())]
            message = {**message, "headers": headers}
        await self._send(message)
