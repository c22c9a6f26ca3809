"""Client secrets: keys for pages, and what a session that is opened with one begins with."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request

from antiphon.bench.conformance.checking import Level, Unmet, check, demand
from antiphon.bench.conformance.connection import Server
from antiphon.wire import openai_realtime as rt


@check(Level.P0)
async def client_secret_opens_a_session(server: Server) -> None:
    """POST …/client_secrets gives a value that begins with ek_, when it expires, and the session; the value opens a
    connection as a key does. Pages never see another key."""
    secret = await _secret(server, {"session": {"type": "realtime", "model": server.model}})
    demand(secret.value.startswith("ek_"), "the value does not begin with ek_")
    demand(secret.expires_at > time.time(), "it has expired already")
    demand(secret.session_id, "the session has no id")
    async with server.connect(key=secret.value):
        pass


@check(Level.P1)
async def session_begins_as_its_secret_says(server: Server) -> None:
    """What the session of the secret was set to is what a connection begins with."""
    session = {"type": "realtime", "model": server.model, "instructions": "Speak like a pirate."}
    body = {"expires_after": {"anchor": "created_at", "seconds": 60}, "session": session}
    secret = await _secret(server, body)
    demand(secret.expires_at <= time.time() + 62, "it lasts longer than was asked for")
    async with server.connect(key=secret.value) as caller:
        told = caller.raw(0)["session"].get("instructions")
        demand(told == "Speak like a pirate.", f"the instructions are {told!r}")


async def _secret(server: Server, body: dict[str, object]) -> rt.Secret:
    request = urllib.request.Request(
        f"{server.http}/client_secrets",
        json.dumps(body).encode(),
        {"authorization": f"Bearer {server.key}", "content-type": "application/json"},
    )
    try:
        return rt.decode_secret(await asyncio.to_thread(_answer, request, server.within_s))
    except urllib.error.HTTPError as error:
        raise Unmet(f"the answer is {error.code}: {error.read(200).decode(errors='replace')}") from None
    except rt.EventRefused as refused:
        raise Unmet(f"the answer cannot be read: {refused}") from None


def _answer(request: urllib.request.Request, within_s: float) -> bytes:
    with urllib.request.urlopen(request, timeout=within_s) as answer:
        found: bytes = answer.read()
        return found
