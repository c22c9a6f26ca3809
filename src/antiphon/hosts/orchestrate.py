"""`/orchestrate`: the single bidirectional WebSocket. One connection, one session."""

from __future__ import annotations

import asyncio

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from antiphon.core.errors import CallerError
from antiphon.hosts.stage import Stage
from antiphon.transports.websocket import WebSocketTransport
from antiphon.wire import native

log = structlog.get_logger(__name__)

HELLO_WITHIN = 10.0
"Seconds a client has for its first message."


async def orchestrate(socket: WebSocket, stage: Stage) -> None:
    """Hold one conversation on `socket`; it is closed when this returns."""
    await socket.accept()
    try:
        hello = await _hello(socket)
    except TimeoutError:
        await socket.close(4408, "no hello in time")
        return
    except WebSocketDisconnect:
        return
    transport = WebSocketTransport(socket, hello)
    if hello.agent not in stage.agents:
        known = ", ".join(sorted(stage.agents))
        await _turn_away(transport, socket, 4404, f"no agent is called {hello.agent!r}; there are: {known}")
        return
    if stage.is_full:
        await _turn_away(transport, socket, 4429, "too many callers at once; try again in a minute")
        return
    session = stage.open(hello.agent, transport, greets=hello.greet)
    transport.send(
        native.Ready(
            session.id,
            session.agent.name,
            rate=hello.rate,
            play_rate=hello.play_rate,
            suggestions=session.agent.suggestions,
        )
    )
    code, reason = 1011, "a fault of ours"
    try:
        with stage.on_air(session):
            await session.run()
        code, reason = 1000, ""
    except Exception:
        log.exception("session failed", session=session.id)
    finally:
        await transport.close(code, reason)


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


async def _turn_away(transport: WebSocketTransport, socket: WebSocket, code: int, why: str) -> None:
    refused = native.Refused("turned_away", why, "agent" if code == 4404 else "")
    await socket.send_text(native.encode(refused))
    await transport.close(code, why)
