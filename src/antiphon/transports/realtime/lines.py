"""The ways on which events come and go: a WebSocket, or the data channel of a call by WebRTC."""

from __future__ import annotations

import asyncio
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState


class LineGone(Exception):
    """The other end is no more."""


class Line(Protocol):
    """One client's end."""

    async def read(self) -> str | None:
        """The next event; None for what is none. Raises LineGone. Safe to cancel."""
        ...

    async def send(self, text: str) -> None:
        """The event is on its way. Raises LineGone."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Nothing more is read or sent."""
        ...


class SocketLine:
    """A WebSocket that was accepted."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def read(self) -> str | None:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise LineGone(f"the connection closed ({message.get('code', 1006)})")
        text: str | None = message.get("text")
        return text

    async def send(self, text: str) -> None:
        try:
            await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError, OSError) as error:
            raise LineGone("the connection closed under a write") from error

    async def close(self, code: int, reason: str) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            try:
                async with asyncio.timeout(1.0):
                    await self._socket.close(code, reason[:120])
            except (WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
                return
