"""What is said over HTTP before a session: a secret for a browser, and the settings that come with an SDP offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from antiphon.wire.openai_realtime.codec import MAX_EVENT, parsed, written
from antiphon.wire.openai_realtime.reading import read
from antiphon.wire.openai_realtime.refusal import EventRefused
from antiphon.wire.openai_realtime.schema import Bounds, Id
from antiphon.wire.openai_realtime.session import AnySession, Session, SessionPatch, echoed
from antiphon.wire.openai_realtime.writing import plain


@dataclass(frozen=True, slots=True)
class ExpiresAfter:
    """Seconds for which the secret opens sessions; these may last longer."""

    anchor: Literal["created_at"] = "created_at"
    seconds: Annotated[int, Bounds(10, 7200)] = 600


@dataclass(frozen=True, slots=True)
class SecretRequest:
    """The body of `POST /v1/realtime/client_secrets`: what the sessions of the secret begin with."""

    expires_after: ExpiresAfter = ExpiresAfter()
    session: SessionPatch | None = None


@dataclass(frozen=True, slots=True)
class _Named:
    """A session with its id."""

    id: Id


@dataclass(frozen=True, slots=True)
class Secret:
    """The answer to it. `expires_at` is in whole seconds of Unix time."""

    value: str
    expires_at: int
    session_id: str
    session: AnySession


@dataclass(frozen=True, slots=True)
class _Body:
    value: str
    expires_at: int
    session: AnySession


@dataclass(frozen=True, slots=True)
class _Offer:
    session: SessionPatch


def decode_secret_request(text: str | bytes) -> SecretRequest:
    """The body as a request; an empty one asks for nothing in particular. Raises EventRefused."""
    return read(SecretRequest, parsed(text, MAX_EVENT)) if text.strip() else SecretRequest()


def encode_secret_request(request: SecretRequest) -> str:
    return written(request)


def encode_secret(secret: Secret) -> str:
    """The body of the answer."""
    told = echoed(secret.session)
    named = {"id": secret.session_id, "object": _object(told), **plain(told)}
    return written({"value": secret.value, "expires_at": secret.expires_at, "session": named})


def decode_secret(text: str | bytes) -> Secret:
    """The body of a server's answer. Raises EventRefused."""
    data = parsed(text, MAX_EVENT)
    body = read(_Body, data)
    return Secret(body.value, body.expires_at, read(_Named, data["session"], "session").id, body.session)


def decode_session(text: str | bytes) -> SessionPatch:
    """The part `session` of a `POST /v1/realtime/calls`. Raises EventRefused."""
    return read(_Offer, {"session": parsed(text, MAX_EVENT)}).session


def refusal_body(refused: EventRefused) -> str:
    """What goes with a status of 400."""
    error = {
        "message": str(refused),
        "type": "invalid_request_error",
        "param": refused.param,
        "code": refused.code,
    }
    return written({"error": error})


def _object(session: AnySession) -> str:
    return "realtime.session" if isinstance(session, Session) else "realtime.transcription_session"
