"""Our own tokens: short-lived, signed, each for one purpose, and most of them for one session."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

import jwt

from antiphon.core.errors import CallerError
from antiphon.hosts.security.people import Act, Person, Role

ISSUER = AUDIENCE = "antiphon"
SKEW = 30.0
"Seconds by which the clocks of two nodes may differ."
MAX_TOKEN = 7000
"Characters of a token worth looking at. A line of a WebSocket's handshake has 8192 at most, with other things in it."
SESSION = re.compile(r"s_[A-Za-z0-9_-]{6,64}")
"What the id of a session looks like."


class Purpose(StrEnum):
    """What a token opens."""

    SIGN_IN = "signin"
    CALL = "call"
    RESUME = "resume"
    WATCH = "watch"
    SECRET = "secret"
    "Any number of calls by OpenAI's protocol, each of which begins as the token says."
    DIRECT = "direct"
    "All that the page of a direct call asks for, until the call is over."


LIFETIME = {
    Purpose.SIGN_IN: 8 * 3600,  # a working day
    Purpose.CALL: 300,  # from asking for it to opening the call, microphone permission included
    Purpose.RESUME: 1800,  # an outage one would still come back from
    Purpose.WATCH: 300,  # to open the view; a view that is open stays open
    Purpose.SECRET: 600,  # unless it is asked for otherwise
    Purpose.DIRECT: 4 * 3600,  # longer than anybody talks; taking the call up again gives another
}
"Seconds."
UNBOUND = frozenset({Purpose.SIGN_IN, Purpose.SECRET})
"Those for no session in particular."
GOT_ELSEWHERE = UNBOUND | {Purpose.DIRECT}
"Those that come with what they are for, and cannot be asked for."
ACT = {Purpose.CALL: Act.CALL, Purpose.RESUME: Act.RESUME, Purpose.WATCH: Act.WATCH}


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says, after it was found to be true."""

    person: Person
    purpose: Purpose
    session: str | None
    id: str
    issued_at: int
    "Seconds since 1970, as `expires_at`."
    expires_at: int
    seed: str = ""
    "What the calls of a SECRET begin with; what a DIRECT call is taken up again with."


def session_id() -> str:
    """An id that no session has, and that cannot be guessed."""
    return "s_" + secrets.token_urlsafe(12)


def check_session_id(session: str) -> str:
    """The id as it is. Raises CallerError when it cannot be one: it may be used in a path or a log."""
    if not SESSION.fullmatch(session):
        raise CallerError("that is no session id", field="session", code="bad_session_id")
    return session


class Tokens:
    """Issues and checks tokens with one key. Shared by all connections of a process; holds no connection.

    A token that was revoked or spent is remembered until it expires, in this process; by all: see `spent`.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("a key for HS256 has 32 bytes at least")
        self._key = key
        self._gone: dict[str, int] = {}

    def issue(
        self,
        person: Person,
        purpose: Purpose,
        session: str | None,
        now: float,
        *,
        seconds: int | None = None,
        seed: str = "",
    ) -> str:
        """A token for `person`. Those in UNBOUND have no session. `seconds`: how long it lasts, if not as usual."""
        if (session is None) != (purpose in UNBOUND):
            raise ValueError(f"a token to {purpose} has {'no' if session else 'a'} session")
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": person.id,
            "tenant": person.tenant,
            "role": person.role.value,
            "purpose": purpose.value,
            "iat": int(now),
            "exp": int(now) + (LIFETIME[purpose] if seconds is None else seconds),
            "jti": secrets.token_urlsafe(12),
        }
        if session is not None:
            claims["session"] = check_session_id(session)
        if seed:
            claims["seed"] = seed
        return jwt.encode(claims, self._key, "HS256")

    def verify(self, text: str, purpose: Purpose, now: float, session: str | None = None) -> Token:
        """What the token says. Raises CallerError, whose code says what is wrong with it.

        With `session`, a token for any other is refused.
        """
        token = self._read(text)
        if token.issued_at > now + SKEW:
            raise CallerError("the token is not valid yet", field="token", code="token_not_yet_valid")
        if now >= token.expires_at:
            raise CallerError("the token has expired; ask for another", field="token", code="token_expired")
        if token.id in self._gone:
            raise CallerError("the token is no longer valid", field="token", code="token_revoked")
        if token.purpose is not purpose:
            message = f"the token is to {token.purpose}, not to {purpose}"
            raise CallerError(message, field="token", code="token_wrong_purpose")
        if session is not None and token.session != session:
            raise CallerError("the token is for another session", field="token", code="token_other_session")
        return token

    def purpose(self, text: str) -> Purpose:
        """What a token of ours is for, expired or not. Raises CallerError for any other."""
        return self._read(text).purpose

    def revoke(self, token: Token, now: float) -> None:
        """The token is refused from here on."""
        for id in [id for id, expires_at in self._gone.items() if expires_at <= now]:
            del self._gone[id]
        self._gone[token.id] = token.expires_at

    def _read(self, text: str) -> Token:
        if not text:
            raise CallerError("a token is needed", field="token", code="token_missing")
        try:
            if len(text) > MAX_TOKEN:
                raise jwt.DecodeError("too long")
            claims = jwt.decode(
                text,
                self._key,
                algorithms=["HS256"],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={
                    "require": ["iss", "aud", "sub", "iat", "exp", "jti"],
                    # Time is judged by the caller's clock, in `verify`.
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError):
            raise CallerError("the token was not made here", field="token", code="token_forged") from None
        except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
            message = "the token is meant for somebody else"
            raise CallerError(message, field="token", code="token_wrong_audience") from None
        except (jwt.PyJWTError, ValueError):
            raise CallerError("that is not a token", field="token", code="token_malformed") from None
        try:
            return _token(claims)
        except (KeyError, TypeError, ValueError):
            raise CallerError("that is not a token of ours", field="token", code="token_malformed") from None


def _token(claims: dict[str, object]) -> Token:
    """Raises KeyError, TypeError or ValueError."""
    person = Person(_text(claims["sub"]), _text(claims["tenant"]), Role(_text(claims["role"])))
    purpose = Purpose(_text(claims["purpose"]))
    session = claims.get("session")
    if (session is None) != (purpose in UNBOUND):
        raise ValueError("a session where none belongs, or none where one does")
    checked = None if session is None else _text(session)
    if checked is not None and not SESSION.fullmatch(checked):
        raise ValueError("no session id")
    return Token(
        person,
        purpose,
        checked,
        _text(claims["jti"]),
        _seconds(claims["iat"]),
        _seconds(claims["exp"]),
        _text(claims["seed"]) if "seed" in claims else "",
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("not text")
    return value


def _seconds(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("not a time")
    return value
