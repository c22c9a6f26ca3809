"""Double submit: a page proves that it read what only a page of ours can read.

A token is `expire:hmac`. The browser holds it in a cookie and its page repeats it in a header; the hash covers the
id of the browser's session, so a token that was seen elsewhere is of no use.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from antiphon.core.errors import CallerError

LIFETIME = 300
"Seconds."
REFRESHED_AT = 0.8
"Share of the lifetime after which the next answer brings another token."
_FORM = re.compile(r"([0-9]{1,12}):([0-9a-f]{64})")


class Csrf:
    """Makes and checks tokens with one key. Pure: `now` is seconds since 1970."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, browser: str, now: float) -> str:
        """A token for the browser with that session id."""
        expire = int(now) + LIFETIME
        return f"{expire}:{self._hash(expire, browser)}"

    def refreshed(self, token: str | None, browser: str, now: float) -> str:
        """The token itself while it is good and young, else another."""
        if token is None or self._fault(token, browser, now) or self.refresh_in(token, now) <= 0:
            return self.issue(browser, now)
        return token

    def refresh_in(self, token: str, now: float) -> float:
        """Seconds until a page should ask for another; 0 when it is high time."""
        expire = int(token.partition(":")[0])
        return max(0.0, expire - LIFETIME * (1 - REFRESHED_AT) - now)

    def check(self, cookie: str | None, header: str | None, browser: str | None, now: float) -> None:
        """Returns when both carry the same good token. Raises CallerError, whose code says what is wrong."""
        if not cookie or not header or not browser:
            raise CallerError("a CSRF token is needed: GET /api/csrf", field="csrf", code="csrf_missing")
        if not hmac.compare_digest(cookie.encode(), header.encode()):
            raise CallerError("the CSRF tokens differ", field="csrf", code="csrf_mismatch")
        if fault := self._fault(header, browser, now):
            raise CallerError(f"the CSRF token is {fault}", field="csrf", code=f"csrf_{fault}")

    def _fault(self, token: str, browser: str, now: float) -> str | None:
        parts = _FORM.fullmatch(token)
        if parts is None:
            return "malformed"
        expire = int(parts[1])
        if str(expire) != parts[1] or not hmac.compare_digest(parts[2], self._hash(expire, browser)):
            return "forged"
        # One that lasts longer than we ever give was made by a clock that ran ahead.
        return "expired" if now >= expire or expire > now + LIFETIME + 60 else None

    def _hash(self, expire: int, browser: str) -> str:
        return hmac.new(self._key, f"{expire}:{browser}".encode(), hashlib.sha256).hexdigest()
