"""The ways on which events come and go: a WebSocket, or the data channel of a call by WebRTC."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from antiphon.transports.intake import TOO_LONG

LARGEST_EVENT = 16 << 20
"Bytes of the longest event that is taken: OpenAI's server takes 15 MiB of sound in one."


@dataclass(frozen=True, slots=True)
class TooLong:
    """Stands for an event that was not read: it has that many bytes, or more."""

    size: int


Came = str | TooLong | None
"What came of a client: an event; what was not read; what is none."


class LineGone(Exception):
    """The other end is no more."""


class Line(Protocol):
    """One client's end."""

    async def read(self) -> Came:
        """The next event. Raises LineGone. Safe to cancel."""
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

    async def read(self) -> Came:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise LineGone(f"the connection closed ({message.get('code', 1006)})")
        if size := message.get(TOO_LONG):
            return TooLong(size)
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
