"""How refusals are told: one form over HTTP, one table of codes for both HTTP and WebSockets."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from antiphon.core.errors import AntiphonError, CallerError, ProviderError
from antiphon.hosts.security.limits import TooMany

_STATUS = {
    "not_allowed": 403,
    "wrong_origin": 403,
    "wrong_host": 421,
    "elsewhere": 421,
    "forbidden": 403,
    "unknown_session": 404,
    "unknown_escalation": 404,
    "no_store": 404,
    "no_rooms": 404,
    "no_turn": 404,
    "unknown_agent": 404,
    "already_attended": 409,
    "cannot_resume": 409,
    "not_on_air": 409,
    "unknown_job": 404,
    "unknown_note": 404,
    "no_knowledge": 404,
    "no_flow": 404,
    "no_chaos": 404,
    "unknown_switch": 404,
    "not_yours": 409,
    "unknown_duel": 404,
    "bad_duel": 422,
    "too_many_duels": 409,
    "bad_session_id": 400,
    "too_large": 413,
    "too_slow": 408,
    "too_many": 429,
    "internal": 500,
    "overdue": 503,
    "bad_key": 401,
    "invalid_api_key": 401,
    "rate_limit_exceeded": 429,
}


def status_of(error: AntiphonError) -> int:
    """The HTTP status that says the same."""
    if isinstance(error, ProviderError):
        return 503
    code = error.code if isinstance(error, CallerError) else ""
    if code.startswith("csrf_"):
        return 403
    if code.startswith(("token_", "oidc_")):
        return 401
    return _STATUS.get(code, 400)


def close_code_of(error: AntiphonError) -> int:
    """The WebSocket close code that says the same: 4000 and the HTTP status, as 4401."""
    return 4000 + status_of(error)


def body_of(code: str, message: str, request_id: str = "") -> bytes:
    """The JSON object every refusal is. `code` is for programs, `detail` for people."""
    told = {"code": code, "detail": message}
    return json.dumps({**told, "request_id": request_id} if request_id else told).encode()


async def answer(request: Request, error: Exception) -> Response:
    """An exception handler for CallerError and ProviderError."""
    assert isinstance(error, CallerError | ProviderError)
    code = error.code if isinstance(error, CallerError) else "unavailable"
    headers = {"retry-after": str(error.retry_after)} if isinstance(error, TooMany) else None
    told = json.loads(body_of(code, str(error), request.scope.get("antiphon.request_id", "")))
    return JSONResponse(told, status_of(error), headers)
