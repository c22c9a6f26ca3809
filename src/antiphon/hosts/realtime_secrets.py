"""`POST /v1/realtime/client_secrets`: keys that a program gives to a page, each with a session to begin with."""

from __future__ import annotations

import base64
import secrets
import time
import zlib
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from antiphon.core.errors import CallerError, ProviderError
from antiphon.hosts.realtime_door import admitted, refused, session_of
from antiphon.hosts.security.gate import Gate, Mode
from antiphon.hosts.security.people import Act, Person
from antiphon.hosts.stage import Stage
from antiphon.wire import openai_realtime as rt

IN_TOKEN = 4000
"Characters of a session that travel in the secret itself, packed; more would not fit into a browser's handshake."
KEPT = 16 << 20
"Characters of larger ones, of all secrets together, that are kept here until they expire."
_PACKED, _KEPT = "z", "k"


class Seeds:
    """Sessions on their way through a secret and back. A large one is known to this process alone."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """`clock`: seconds since 1970."""
        self._clock = clock
        self._kept: dict[str, tuple[float, str]] = {}

    def pack(self, patch: rt.SessionPatch | None, seconds: int) -> str:
        """What a secret that lasts so long has to carry. Raises CallerError when too many large ones are about."""
        if patch is None:
            return ""
        text = rt.encode_secret_request(rt.SecretRequest(session=patch))
        packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()
        if len(packed) <= IN_TOKEN:
            return _PACKED + packed
        now = self._clock()
        self._kept = {key: one for key, one in self._kept.items() if one[0] > now}
        if sum(len(one) for _, one in self._kept.values()) + len(text) > KEPT:
            raise CallerError("too many large sessions wait for their clients", code="rate_limit_exceeded")
        key = secrets.token_urlsafe(12)
        self._kept[key] = now + seconds, text
        return _KEPT + key

    def unpack(self, seed: str) -> rt.SessionPatch | None:
        """What was packed. Raises CallerError when it was another process that did."""
        kind, rest = seed[:1], seed[1:]
        if kind == _PACKED:
            text = zlib.decompress(base64.urlsafe_b64decode(rest)).decode()
        elif kind == _KEPT and rest in self._kept:
            text = self._kept[rest][1]
        elif kind:
            raise CallerError(
                "the secret's session is not known here any more; ask for another", code="token_expired"
            )
        else:
            return None
        return rt.decode_secret_request(text).session


async def create_secret(request: Request, stage: Stage, gate: Gate, seeds: Seeds) -> Response:
    """The answer to a program that wants one."""
    try:
        person = await _asker(request, gate)
        asked = rt.decode_secret_request(await request.body())
        session = session_of(request.query_params, asked.session)
        await admitted(stage, session, request.query_params)
        seconds = asked.expires_after.seconds
        value, expires_at = gate.grant_secret(person, seeds.pack(asked.session, seconds), seconds)
    except (CallerError, ProviderError) as error:
        return refused(error)
    secret = rt.Secret(value, expires_at, f"sess_{secrets.token_urlsafe(12)}", session)
    return Response(rt.encode_secret(secret), media_type="application/json")


async def _asker(request: Request, gate: Gate) -> Person:
    """A program with its key, or somebody who is signed in with a browser. Raises CallerError."""
    if gate.mode is Mode.OPEN or "authorization" in request.headers:
        return await gate.program(request, takes_secrets=False)
    return await gate.allowed(request, Act.CALL)
