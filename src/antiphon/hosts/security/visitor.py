"""What a connection says of where it comes from, read once and believed only as far as it can be."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from antiphon.core.errors import CallerError, SetupError

_PORTS = {"http": 80, "https": 443}
_AUTHORITY = re.compile(r"(?P<host>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

Origin = tuple[str, str, int]
"Scheme, host and port (RFC 6454)."


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is at the other end."""

    address: str
    "Of the peer, or what a proxy that the server trusts says of it; `unknown` when there is none."
    scheme: str
    "http or https."
    host: str
    "The Host header as it came; empty when there is not exactly one, or it is none."
    origin: str | None
    "The page that asks; None when it is no page. Several Origin headers count as `null`."
    is_local: bool
    "The peer is on this machine and no proxy passes it on."
    is_browser: bool
    "It sends what only browsers send."

    @classmethod
    def of(cls, scope: Scope) -> Visitor:
        headers = Headers(scope=scope)
        client = scope.get("client")
        address = str(client[0]) if client else "unknown"
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        is_forwarded = any(name in headers for name in _FORWARDED)
        return cls(
            address,
            "https" if scope.get("scheme") in ("https", "wss") else "http",
            hosts[0] if len(hosts) == 1 and _AUTHORITY.fullmatch(hosts[0]) else "",
            None if not origins else origins[0] if len(origins) == 1 else "null",
            is_loopback(address) and not is_forwarded,
            bool(origins) or "sec-fetch-site" in headers or "cookie" in headers,
        )

    @property
    def host_name(self) -> str:
        """Of `host`, without the port, in small letters."""
        found = _AUTHORITY.fullmatch(self.host)
        return found["host"].lower().rstrip(".") if found else ""

    @property
    def asks_for_loopback(self) -> bool:
        """The name it uses for us is this machine's own. A page elsewhere whose name was made to lead here uses
        that name (DNS rebinding)."""
        return self.host_name in _LOOPBACK_NAMES


def is_loopback(address: str) -> bool:
    """Whether it is one of this machine's own addresses."""
    if address == "localhost":
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool(found.is_loopback or (mapped is not None and mapped.is_loopback))


class Origins:
    """The pages that may act here: our own, and those of ANTIPHON_ORIGINS. Also the names we answer to."""

    def __init__(self, origins: str = "", hosts: str = "", *, is_loopback_only: bool = False) -> None:
        """Both separated by commas; no hosts: any, or this machine's own names with `is_loopback_only`.

        Raises SetupError for an origin that is none.
        """
        self._allowed = frozenset(_allowed(text.strip()) for text in origins.split(",") if text.strip())
        self._is_loopback_only = is_loopback_only
        names = {name.strip().lower() for name in hosts.split(",") if name.strip()}
        if is_loopback_only:
            names |= _LOOPBACK_NAMES | {host for _, host, _ in self._allowed}
        self._hosts = frozenset(names)

    def sockets(self) -> list[str]:
        """The allowed origins as sources that a Content-Security-Policy may name, for WebSockets."""
        return [
            f"{'wss' if scheme == 'https' else 'ws'}://{host}:{port}"
            for scheme, host, port in sorted(self._allowed)
        ]

    def names(self, host_name: str) -> bool:
        """Whether an allowed origin lies at that name."""
        return any(host == host_name for _, host, _ in self._allowed)

    @property
    def has_any(self) -> bool:
        """Whether any origin but our own may act here."""
        return bool(self._allowed)

    def admits(self, visitor: Visitor, *, is_near: bool = False) -> bool:
        """Whether a page asks whose origin was named; our own need not be.

        With `is_near`, on a server that this machine alone can reach, pages of this machine need not be either.
        """
        asking = parse_origin(visitor.origin) if visitor.origin is not None else None
        if asking is None:
            return False
        return asking in self._allowed or (
            is_near and self._is_loopback_only and asking[1] in _LOOPBACK_NAMES
        )

    def check_host(self, visitor: Visitor) -> None:
        """Returns when the name is one of ours. Raises CallerError."""
        if not visitor.host or (self._hosts and visitor.host_name not in self._hosts):
            message = "this server is not known by that name; see ANTIPHON_HOSTS"
            raise CallerError(message, field="host", code="wrong_host")

    def check_origin(self, visitor: Visitor, *, is_near: bool = False) -> None:
        """Returns when no page asks, or one that may. `is_near`: as for `admits`. Raises CallerError."""
        if visitor.origin is None:
            return
        asking = parse_origin(visitor.origin)
        ours = parse_origin(f"{visitor.scheme}://{visitor.host}") if visitor.host else None
        if asking is None or (asking != ours and not self.admits(visitor, is_near=is_near)):
            message = "a page of another origin may not do this; see ANTIPHON_ORIGINS"
            raise CallerError(message, field="origin", code="wrong_origin")


def parse_origin(text: str) -> Origin | None:
    """The parts of an origin, or None for anything else, `null` included."""
    scheme, separator, authority = text.partition("://")
    found = _AUTHORITY.fullmatch(authority)
    scheme = scheme.lower()
    if not separator or scheme not in _PORTS or found is None:
        return None
    port = int(found["port"]) if found["port"] else _PORTS[scheme]
    return scheme, found["host"].lower().rstrip("."), port


def _allowed(text: str) -> Origin:
    found = parse_origin(text)
    if found is None:
        raise SetupError(f"ANTIPHON_ORIGINS: {text!r} is no origin; write it as https://example.com")
    return found


def origin_of_url(url: str) -> str:
    """`scheme://host[:port]` of a URL, as a Content-Security-Policy wants it; empty for anything else."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin if parse_origin(origin) else ""
