"""Put around an application: the routes of signing in, refusals in one form, and the shield."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from antiphon.core.errors import CallerError, ProviderError
from antiphon.hosts.security.answers import answer, body_of
from antiphon.hosts.security.middleware import Shield
from antiphon.hosts.security.routes import create_router
from antiphon.hosts.security.security import Security


def protect(app: FastAPI, security: Security) -> None:
    """The application is shielded and has the routes of signing in. To be called before a page is mounted at /."""
    app.include_router(create_router(security.gate))
    app.add_exception_handler(CallerError, answer)
    app.add_exception_handler(ProviderError, answer)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_middleware(Shield, rules=security.rules)


async def answer_invalid(request: Request, error: Exception) -> Response:
    """An exception handler for RequestValidationError. FastAPI's own repeats the input, which may be a secret,
    and fails on bytes that are no text.
    """
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or part.isidentifier())[:80]
    told = body_of(
        "invalid", f"{where}: {first['msg'].lower()}", request.scope.get("antiphon.request_id", "")
    )
    return Response(told, 422, media_type="application/json")
