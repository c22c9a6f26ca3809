"""`/v1/realtime`: OpenAI's Realtime API, as a server of our own. Any client of it needs nothing but our address."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from antiphon.core import events as e
from antiphon.core.errors import CallerError, ProviderError
from antiphon.hosts.asides import Asides
from antiphon.hosts.ending import FAULT, performed
from antiphon.hosts.realtime_door import admitted, session_of, turned_away
from antiphon.hosts.realtime_secrets import Seeds
from antiphon.hosts.security.gate import Entry, Gate
from antiphon.hosts.security.meter import Meter
from antiphon.hosts.stage import Caller, Stage
from antiphon.transports.realtime.call import RealtimeCall
from antiphon.transports.realtime.lines import LARGEST_EVENT, Line, SocketLine
from antiphon.transports.realtime.voice import Voice
from antiphon.wire import openai_realtime as rt

log = structlog.get_logger(__name__)

SUBPROTOCOL = "realtime"
"What a browser offers beside its key, and wants to be chosen."


async def realtime(socket: WebSocket, stage: Stage, gate: Gate, seeds: Seeds) -> None:
    """Hold one conversation with a client of OpenAI's protocol; the socket is closed when this returns."""
    await accept(socket)
    try:
        entry = await gate.admit_program(socket)
        session = session_of(socket.query_params, seeds.unpack(entry.seed))
        agent = await admitted(stage, session, socket.query_params)
    except (CallerError, ProviderError) as error:
        with suppress(WebSocketDisconnect, RuntimeError):
            await turned_away(socket, error)
        return
    transport = opened(gate, entry, SocketLine(socket), session)
    await converse(stage, gate, entry, transport, agent)


async def accept(socket: WebSocket) -> None:
    """The handshake is done, in the form that browsers want it."""
    offered = socket.scope.get("subprotocols", [])
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)


def opened(
    gate: Gate, entry: Entry, line: Line, session: rt.AnySession, voice: Voice | None = None
) -> RealtimeCall:
    """The transport of a client that was let in, which knows what it is connected to."""
    now = asyncio.get_running_loop().time()
    bucket = gate.limits.messages(now, entry.is_local, LARGEST_EVENT)
    transport = RealtimeCall(
        line,
        secrets.token_urlsafe(6),
        session,
        lambda kind: f"{kind}_{secrets.token_urlsafe(12)}",
        admits=bucket.take if bucket else None,
        voice=voice,
        session_id=entry.session,
    )
    transport.dialogue.open()
    return transport


async def converse(stage: Stage, gate: Gate, entry: Entry, transport: RealtimeCall, agent: str) -> None:
    """The conversation has been held; its client's line is closed."""
    caller, close = Caller(entry.person.id, entry.person.tenant), FAULT
    try:
        call = stage.open(
            agent,
            transport,
            caller=caller,
            greeting=await stage.welcome(agent, caller),
            host="realtime",
            id=entry.session,
            brief=transport.brief,
            opens_with=e.TurnTakingSet(e.TurnEnd.ANSWERED),  # it greets when it is asked for an answer
        )
        report = call.report
        asides = Asides(call.session.agent, stage.providers, caller.person)
        if not gate.limits.exempts(entry.is_local):
            call.meter = Meter(
                gate.limits,
                entry.person,
                lambda: transport.heard_seconds,
                lambda: report.spent + asides.spent,
            )
        async with asides:
            transport.stand_by(asides)
            close = await performed(
                stage,
                call,
                suspended=(1012, "the server restarts: connect again"),
                elsewhere=(1012, "the session goes on elsewhere"),
            )
    except Exception:
        log.exception("session failed", session=entry.session)
    finally:
        await transport.close(*close)
