"""What a call runs over: the single WebSocket, or anything that carries texts and bytes."""

from __future__ import annotations

import asyncio
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import websockets
from websockets.asyncio.client import ClientConnection, connect

from antiphon.core.errors import AntiphonError, CallerError, SetupError


class CallDropped(AntiphonError):
    """The connection ended before the caller hung up."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"the server ended the call ({code}{f': {reason}' if reason else ''})")
        self.code = code
        self.reason = reason


class Line(Protocol):
    """What a call runs over."""

    async def send(self, message: str | bytes) -> None:
        """The message is on its way. Raises CallDropped."""

    async def receive(self) -> str | bytes:
        """The next message. Raises CallDropped."""
        ...

    async def close(self) -> None:
        """Nothing more will be sent or received. Never fails."""

    def abort(self) -> None:
        """The connection is gone without a word, as when a network is."""


class Inbox:
    """What has come on a line made of something else, and is still to be received."""

    def __init__(self) -> None:
        self._came: asyncio.Queue[str | bytes | CallDropped] = asyncio.Queue()

    def put(self, message: str | bytes) -> None:
        self._came.put_nowait(message)

    def gone(self, why: CallDropped) -> None:
        """The line has ended; what came before is still received."""
        self._came.put_nowait(why)

    async def next(self) -> str | bytes:
        """The next message. Raises CallDropped, however often it is asked for after the end."""
        message = await self._came.get()
        if isinstance(message, CallDropped):
            self._came.put_nowait(message)
            raise message
        return message


class WebSocketLine:
    """A `Line` over a WebSocket of the `websockets` library."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, message: str | bytes) -> None:
        try:
            await self._socket.send(message)
        except websockets.ConnectionClosed as closed:
            raise _dropped(closed) from None

    async def receive(self) -> str | bytes:
        try:
            return await self._socket.recv()
        except websockets.ConnectionClosed as closed:
            raise _dropped(closed) from None

    async def close(self) -> None:
        await self._socket.close()

    def abort(self) -> None:
        """The connection is gone without a word, as when a network is."""
        self._socket.transport.abort()


async def open_line(url: str, key: str = "") -> WebSocketLine:
    """A line to the server at `url` (http, https, ws or wss; the path is found). Raises SetupError."""
    return await connected(orchestrate_url(url), key)


async def connected(address: str, key: str = "", max_size: int = 2**20) -> WebSocketLine:
    """A line to that very address; `key` is shown where it is not empty. Raises SetupError."""
    try:
        # No proxy: it would be measured along. No compression: sound does not shrink, and it takes time.
        socket = await connect(
            address,
            additional_headers={"authorization": f"Bearer {key}"} if key else None,
            compression=None,
            proxy=None,
            max_size=max_size,
            open_timeout=10,
            close_timeout=1,
        )
    except (OSError, TimeoutError, websockets.WebSocketException) as error:
        raise SetupError(
            f"no server answers at {address} ({error or type(error).__name__}): start one with"
            " `antiphon serve`, or give its address with --url"
        ) from error
    return WebSocketLine(socket)


def orchestrate_url(url: str) -> str:
    """`url` as the address of the WebSocket: http becomes ws, and a missing path /orchestrate."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    if parts.scheme not in schemes or not parts.netloc:
        raise CallerError(f"{url!r} is no address of a server; say http://host:port", field="url")
    path = parts.path if parts.path.strip("/") else "/orchestrate"
    return urlunsplit((schemes[parts.scheme], parts.netloc, path, parts.query, ""))


def _dropped(closed: websockets.ConnectionClosed) -> CallDropped:
    frame = closed.rcvd
    if frame is None:
        return CallDropped(1006, "the connection broke")
    return CallDropped(frame.code, frame.reason)
