"""What every answer says to browsers about itself."""

from __future__ import annotations

from collections.abc import Iterable

from antiphon.hosts.security.visitor import Visitor

RawHeaders = list[tuple[bytes, bytes]]

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    # A sign-in window of the provider must be able to answer the page that opened it.
    "cross-origin-opener-policy": "same-origin-allow-popups",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=(), display-capture=()",
}
_TELLING = frozenset({b"server", b"x-powered-by", b"x-aspnet-version"})
"Headers that say what runs here."
DOCS = "/api/docs"


def policy(visitor: Visitor, *, connect: Iterable[str] = (), loads_docs: bool = False) -> str:
    """The Content-Security-Policy of a page: its own files and sockets, and nothing inline.

    Worklets and styles are files of ours; a style that a script sets needs no permission. Browsers differ in
    whether 'self' covers ws: and wss:, so both are named. `connect`: what else it may connect to.
    `loads_docs`: what FastAPI's page of the API loads from elsewhere.
    """
    elsewhere = " https://cdn.jsdelivr.net" if loads_docs else ""
    inline = " 'unsafe-inline'" if loads_docs else ""
    sockets = f" ws://{visitor.host} wss://{visitor.host}" if visitor.host else ""
    others = "".join(f" {origin}" for origin in connect if origin)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self'{inline}{elsewhere}",
            f"style-src 'self'{inline}{elsewhere}",
            "font-src 'self'",
            "img-src 'self' data:" + (" https://fastapi.tiangolo.com" if loads_docs else ""),
            "media-src 'self' blob:",
            "worker-src 'self'",
            "manifest-src 'self'",
            f"connect-src 'self'{sockets}{others}",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "object-src 'none'",
        ]
    )


def secured(
    headers: RawHeaders, visitor: Visitor, csp: str, request_id: str, *, is_private: bool
) -> RawHeaders:
    """The answer's headers with ours, which win; `is_private` answers are kept by no cache unless they say so."""
    ours = {**_ALWAYS, "content-security-policy": csp, "x-request-id": request_id}
    if visitor.scheme == "https":
        ours["strict-transport-security"] = "max-age=31536000"
    names = {name.lower() for name, _ in headers}
    if is_private and b"cache-control" not in names:
        ours["cache-control"] = "no-store"
    replaced = {name.encode() for name in ours} | _TELLING
    kept = [(name, value) for name, value in headers if name.lower() not in replaced]
    return kept + [(name.encode(), value.encode("latin-1")) for name, value in ours.items()]
