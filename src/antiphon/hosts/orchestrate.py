"""`/orchestrate`: the single bidirectional WebSocket. One connection, one session."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from antiphon.core import events as e
from antiphon.core.errors import CallerError, ProviderError
from antiphon.core.records import Fenced, StoreUnavailable
from antiphon.hosts.ending import FAULT, performed
from antiphon.hosts.security.answers import close_code_of
from antiphon.hosts.security.gate import SUBPROTOCOL, Entry, Gate
from antiphon.hosts.security.meter import USED_UP, Meter
from antiphon.hosts.security.tokens import Purpose
from antiphon.hosts.stage import Call, Caller, Stage
from antiphon.transports.websocket import WebSocketTransport
from antiphon.wire import native
from antiphon.wire.news import past

CLOSE_CODES = {"unknown_agent": 4404, "cannot_resume": 4404, "full": 4429, "try_again": 1013}
"By the code of the error, where `close_code_of` does not know it."
HELLO_WITHIN = 10.0
"Seconds a client has for its first message."


async def orchestrate(socket: WebSocket, stage: Stage, gate: Gate) -> None:
    """Hold one conversation on `socket`, for whom `gate` lets in; it is closed when this returns."""
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in socket.scope.get("subprotocols", []) else None)
    try:
        hello = await _hello(socket)
    except TimeoutError:
        await socket.close(4408, "no hello in time")
        return
    except WebSocketDisconnect:
        return
    try:
        purpose = Purpose.RESUME if hello.session else Purpose.CALL
        entry = await gate.admit(socket, purpose, hello.session or None)
        bucket = gate.limits.messages(asyncio.get_running_loop().time(), entry.is_local)
        transport = WebSocketTransport(socket, hello, admits=bucket.take if bucket else None)
        call = await _call(stage, hello, transport, entry)
    except CallerError as error:
        await turn_away(socket, error)
        return
    except ProviderError as error:
        await turn_away(socket, CallerError(str(error), code="try_again"))
        return
    session = call.session
    if not hello.session:
        # `ready` gives a token to go on with: by then there must be something to go on with, if there can be.
        try:
            with suppress(StoreUnavailable):
                await session.journal.durable()
        except Fenced:
            await transport.close(4409, "the session goes on elsewhere")
            return
    transport.send(
        native.Ready(
            session.id,
            session.agent.name,
            rate=hello.rate,
            play_rate=hello.play_rate,
            suggestions=session.agent.suggestions,
            resume=call.resume_token,
            is_resumed=bool(hello.session),
        )
    )
    for line in call.past:
        transport.send(past(line))
    spent_before, report = call.report.spent, call.report
    if not gate.limits.exempts(entry.is_local):
        call.meter = Meter(
            gate.limits, entry.person, lambda: transport.heard_seconds, lambda: report.spent - spent_before
        )
    close = FAULT
    try:
        close = await performed(
            stage,
            call,
            suspended=(1012, "the session can be gone on with: connect again"),
            # If it is open after all, its caller has come by another one.
            elsewhere=(4409, "the session goes on elsewhere"),
        )
        if close[0] == USED_UP:
            transport.send(native.Ended(close[1]))
    finally:
        await transport.close(*close)


async def _call(stage: Stage, hello: native.Hello, transport: WebSocketTransport, entry: Entry) -> Call:
    """The session that is asked for, new or gone on with. Raises CallerError, StoreUnavailable."""
    if stage.is_full:
        raise CallerError("too many callers at once; try again in a minute", code="full")
    if not hello.session:
        caller = Caller(entry.person.id, entry.person.tenant)
        await stage.there(hello.agent)
        greeting = await stage.welcome(hello.agent, caller) if hello.greet else None
        return stage.open(
            hello.agent, transport, greets=hello.greet, caller=caller, id=entry.session, greeting=greeting
        )
    rate = stage.providers.synthesizer.rate
    heard = e.CallerReturned(hello.played_turn, hello.played_samples * rate // hello.play_rate)
    return await stage.resume(hello.session, hello.resume, transport, heard)


async def _hello(socket: WebSocket) -> native.Hello:
    """The client's hello. What comes before it is refused. Raises TimeoutError, WebSocketDisconnect."""
    async with asyncio.timeout(HELLO_WITHIN):
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1006))
            try:
                if message.get("text") is None:
                    raise CallerError("say hello before sending sound", code="not_ready")
                got = native.decode_client(message["text"])
                if isinstance(got, native.Hello):
                    return got
                raise CallerError(f"say hello before {got.type}", field="type", code="not_ready")
            except CallerError as error:
                refused = native.Refused(error.code, str(error), error.field or "")
                await socket.send_text(native.encode(refused))


async def turn_away(socket: WebSocket, why: CallerError) -> None:
    """The socket is closed, after the reason as a message and with it as a code."""
    code = CLOSE_CODES.get(why.code) or close_code_of(why)
    try:
        await socket.send_text(native.encode(native.Refused(why.code, str(why), why.field or "")))
        await socket.close(code, str(why)[:120])
    except (WebSocketDisconnect, RuntimeError, OSError):
        return
