"""The three cookies of a browser: who it is signed in as, its session, and its CSRF token."""

from __future__ import annotations

import re
import secrets
from enum import StrEnum

from starlette.requests import HTTPConnection
from starlette.responses import Response

from antiphon.hosts.security.csrf import LIFETIME as CSRF_LIFETIME
from antiphon.hosts.security.tokens import LIFETIME, Purpose
from antiphon.hosts.security.visitor import Visitor

_BROWSER = re.compile(r"[A-Za-z0-9_-]{22,64}")
_DAY = 24 * 3600


class Cookie(StrEnum):
    SIGN_IN = "antiphon_signin"
    BROWSER = "antiphon_browser"
    CSRF = "antiphon_csrf"


_SECONDS = {Cookie.SIGN_IN: LIFETIME[Purpose.SIGN_IN], Cookie.BROWSER: _DAY, Cookie.CSRF: CSRF_LIFETIME}


def read(connection: HTTPConnection, cookie: Cookie) -> str | None:
    """What the browser holds, if anything."""
    return connection.cookies.get(_name(connection, cookie)) or None


def put(connection: HTTPConnection, response: Response, cookie: Cookie, value: str) -> None:
    """The browser will hold the value, send it to no other site, and show scripts only its CSRF token."""
    response.set_cookie(
        _name(connection, cookie),
        value,
        max_age=_SECONDS[cookie],
        path="/",
        secure=_is_secure(connection),
        httponly=cookie is not Cookie.CSRF,
        samesite="strict",
    )


def remove(connection: HTTPConnection, response: Response, cookie: Cookie) -> None:
    """The browser will hold it no longer."""
    response.delete_cookie(
        _name(connection, cookie),
        path="/",
        secure=_is_secure(connection),
        httponly=cookie is not Cookie.CSRF,
        samesite="strict",
    )


def browser(connection: HTTPConnection) -> str | None:
    """The id of the browser's session, if it has one that we could have made."""
    found = read(connection, Cookie.BROWSER)
    return found if found and _BROWSER.fullmatch(found) else None


def new_browser() -> str:
    return secrets.token_urlsafe(18)


def _name(connection: HTTPConnection, cookie: Cookie) -> str:
    """Over TLS, with the prefix that keeps sibling domains from planting one (RFC 6265bis, section 4.1.3)."""
    return f"__Host-{cookie.value}" if _is_secure(connection) else cookie.value


def _is_secure(connection: HTTPConnection) -> bool:
    return Visitor.of(connection.scope).scheme == "https"
