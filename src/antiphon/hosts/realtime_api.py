"""`/v1/realtime`: OpenAI's Realtime API, as a server of our own. Any client of it needs nothing but our address."""

from __future__ import annotations

import asyncio
import secrets

import structlog
from starlette.websockets import WebSocket

from antiphon.core import events as e
from antiphon.core.errors import CallerError, ProviderError
from antiphon.core.records import Fenced
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.security.limits import Budget
from antiphon.hosts.stage import Caller, Stage
from antiphon.session.session import Ending
from antiphon.transports.realtime.call import RealtimeCall
from antiphon.transports.realtime.lines import SocketLine
from antiphon.wire import openai_realtime as rt

log = structlog.get_logger(__name__)

SUBPROTOCOL = "realtime"
"What a browser offers beside its key, and wants to be chosen."


async def realtime(socket: WebSocket, stage: Stage, gate: Gate) -> None:
    """Hold one conversation with a client of OpenAI's protocol; the socket is closed when this returns."""
    offered = socket.scope.get("subprotocols", [])
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
    agent = socket.query_params.get("model") or "tutor"
    try:
        entry = await gate.admit_program(socket)
        if stage.is_full:
            raise CallerError("too many callers at once; try again in a minute", code="rate_limit_exceeded")
        await stage.there(agent)
        bucket = gate.limits.messages(asyncio.get_running_loop().time(), entry.is_local)
        transport = RealtimeCall(
            SocketLine(socket),
            secrets.token_urlsafe(6),
            rt.Session(model=agent),
            lambda kind: f"{kind}_{secrets.token_urlsafe(12)}",
            admits=bucket.take if bucket else None,
        )
        caller = Caller(entry.person.id, entry.person.tenant)
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
    except (CallerError, ProviderError) as error:
        await _turn_away(socket, error)
        return
    transport.dialogue.open()
    code, reason = 1011, "a fault of ours"
    try:
        is_over = await stage.perform(call) is Ending.HUNG_UP
        code, reason = (1000, "") if is_over else (1012, "the server restarts: connect again")
    except Fenced:
        code, reason = 1012, "the session goes on elsewhere"
    except Exception:
        log.exception("session failed", session=call.session.id)
    finally:
        await gate.limits.charge(Budget.AUDIO, entry.person, transport.heard_seconds, entry.is_local)
        await gate.limits.charge(Budget.SPEND, entry.person, call.report.spent, entry.is_local)
        await transport.close(code, reason)


async def _turn_away(socket: WebSocket, why: CallerError | ProviderError) -> None:
    """The client is told why, as OpenAI's server would, and the socket is closed."""
    code = why.code if isinstance(why, CallerError) else "server_error"
    event = rt.ErrorEvent(rt.Problem("invalid_request_error", str(why), code))
    await socket.send_text(rt.ServerSide("refused").encode(event))
    await socket.close(3000, str(why)[:120])
