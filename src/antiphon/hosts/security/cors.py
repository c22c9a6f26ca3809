"""What pages of the origins in ANTIPHON_ORIGINS may ask of the HTTP API, and read of its answers.

A browser asks first where a page of another origin wants more than a form could send. That is answered before
anything else is looked at, and the answers to what follows say that the page may read them: refusals as well, or the
page would only learn that something failed. Nobody else is told anything: the browser keeps the answer from them.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import Message, Scope

from antiphon.hosts.security.headers import RawHeaders
from antiphon.hosts.security.visitor import Origins, Visitor

PATHS = ("/api/", "/v1/")
"What pages of other origins may use. Not the page itself, nor what machines ask."
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
PROGRAMS = "/v1/"
"Where one shows a key: a page of this machine's may come here unnamed, see `Origins.admits`."
HEADERS = "authorization, content-type, x-csrf-token, x-openai-agents-sdk, x-request-id"
"What a page may send, besides what any may."
EXPOSED = "location, retry-after, x-antiphon-session, x-request-id"
"What it may read, besides the body."
MAX_AGE = 600
"Seconds a browser need not ask again."


class Cors:
    """What is said of one request."""

    def __init__(self, origins: Origins, visitor: Visitor, scope: Scope) -> None:
        self._scope = scope
        self._is_api = scope["type"] == "http" and str(scope["path"]).startswith(PATHS)
        is_near = str(scope["path"]).startswith(PROGRAMS)
        may = self._is_api and origins.admits(visitor, is_near=is_near)
        self._origin = (visitor.origin or "") if may else ""
        self._depends = self._is_api and (may or origins.has_any)
        "Another origin would get another answer: caches must know."

    @property
    def is_preflight(self) -> bool:
        """A browser asks whether a page of another origin may."""
        is_asked = "access-control-request-method" in Headers(scope=self._scope)
        return self._is_api and self._scope["method"] == "OPTIONS" and is_asked

    @property
    def may(self) -> bool:
        """It is a page of an origin that was named."""
        return bool(self._origin)

    def preflight(self) -> Message:
        """The answer's head for a page that may; it has no body."""
        headers = [
            (b"access-control-allow-methods", METHODS.encode()),
            (b"access-control-allow-headers", HEADERS.encode()),
            (b"access-control-max-age", str(MAX_AGE).encode()),
        ]
        return {"type": "http.response.start", "status": 204, "headers": headers}

    def told(self, headers: RawHeaders) -> RawHeaders:
        """The answer's headers, and who may read it."""
        told = list(headers)
        if self._origin:
            told += [
                (b"access-control-allow-origin", self._origin.encode()),
                (b"access-control-allow-credentials", b"true"),
                (b"access-control-expose-headers", EXPOSED.encode()),
            ]
        if self._depends:
            told.append((b"vary", b"Origin"))
        return told
