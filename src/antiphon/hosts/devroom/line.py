"""A socket of the server's loop, as the rooms' loop has it; and what the addresses and heads of requests say."""

from __future__ import annotations

import asyncio
import base64
import binascii
import zlib
from collections.abc import Callable

from google.protobuf.message import DecodeError
from livekit.protocol.rtc import ConnectionSettings, JoinRequest, SignalRequest, WrappedJoinRequest
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from antiphon.core.errors import CallerError
from antiphon.hosts.devroom.passes import Refused

MAX_MESSAGE = 256 * 1024
"Bytes of a message by a socket. The largest hold a connection's description."
MAX_JOIN = 512 * 1024
"Bytes of a request to join, unpacked."
MAX_UNSENT = 4096
"Messages that may wait for a client that does not read."
_URL_SAFE = str.maketrans("-_", "+/")
GZIP = 16 + zlib.MAX_WBITS
HEADERS = {"access-control-allow-origin": "*", "server": "Antiphon dev room (development only)"}
"A page of another origin may read why it was refused: without that, a browser's client tells nothing."
STATUS = {
    "unauthorized": 401,
    "permission_denied": 403,
    "not_found": 404,
    "bad_route": 404,
    "resource_exhausted": 429,
    "unavailable": 503,
}
"The HTTP status of an error's code; 400 is any other's."


class SocketLine:
    """`member.Line`. Made and run in the server's loop; `send` and `close` may be called in any."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._is_closed = False

    def send(self, message: bytes) -> None:
        self._post(message)

    def close(self) -> None:
        self._post(None)

    def _post(self, message: bytes | None) -> None:
        if not self._is_closed:
            try:
                self._loop.call_soon_threadsafe(self._put, message)
            except RuntimeError:
                self._is_closed = True  # the server is no more

    def _put(self, message: bytes | None) -> None:
        if self._waiting.qsize() > MAX_UNSENT:
            message, self._waiting = None, asyncio.Queue()
        self._waiting.put_nowait(message)

    async def run(self, take: Callable[[bytes], None] | None) -> None:
        """What comes is given to `take`, and what is sent goes out, until the socket is closed by either side."""
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(self._read(take), name="devroom: read")
            await self._write()
            reading.cancel()
        self._is_closed = True

    async def _read(self, take: Callable[[bytes], None] | None) -> None:
        try:
            while True:
                message = await self._socket.receive()
                data = message.get("bytes")
                if message["type"] == "websocket.disconnect" or (
                    data is not None and len(data) > MAX_MESSAGE
                ):
                    return
                if data is not None and take is not None:
                    take(data)
        finally:
            self._is_closed = True
            self._waiting.put_nowait(None)

    async def _write(self) -> None:
        try:
            while (message := await self._waiting.get()) is not None:
                await self._socket.send_bytes(message)
            await self._socket.close()
        except (WebSocketDisconnect, RuntimeError):
            return  # it was closed by the client


def token_of(connection: HTTPConnection) -> str:
    """The token that came along, or nothing."""
    bearer = connection.headers.get("authorization", "")
    return connection.query_params.get("access_token") or bearer.removeprefix("Bearer ").strip()


def asked_by_query(connection: HTTPConnection) -> JoinRequest:
    """What the older clients say in their address."""
    query = connection.query_params
    return JoinRequest(
        connection_settings=ConnectionSettings(auto_subscribe=query.get("auto_subscribe", "1") != "0"),
        reconnect=query.get("reconnect", "0") == "1",
        participant_sid=query.get("sid", "")[:64],
    )


def asked_by_message(connection: HTTPConnection) -> JoinRequest:
    """What the newer ones say there, packed. Raises CallerError."""
    packed = connection.query_params.get("join_request", "").translate(_URL_SAFE)
    wrapped, asked = WrappedJoinRequest(), JoinRequest()
    try:
        wrapped.ParseFromString(base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True))
        message = wrapped.join_request
        if wrapped.compression == WrappedJoinRequest.GZIP:
            message = zlib.decompressobj(GZIP).decompress(message, MAX_JOIN)
        asked.ParseFromString(message)
    except (binascii.Error, ValueError, zlib.error, DecodeError) as error:
        raise CallerError("The request to join cannot be read.", code="malformed") from error
    return asked


def requests_of(asked: JoinRequest) -> list[bytes]:
    """What a client asks for at once when it joins, as if it came by its socket."""
    found = [SignalRequest(add_track=one) for one in asked.add_track_requests]
    if asked.HasField("publisher_offer"):
        found.append(SignalRequest(offer=asked.publisher_offer))
    return [one.SerializeToString() for one in found]


def refusal(error: CallerError) -> Response:
    """In words, for who joins."""
    return PlainTextResponse(str(error), STATUS.get(error.code, 400), HEADERS)


def twirp_refusal(error: CallerError) -> Response:
    """As Twirp has it."""
    code = "unauthenticated" if isinstance(error, Refused) else error.code
    return JSONResponse({"code": code, "msg": str(error)}, STATUS.get(error.code, 400), HEADERS)


async def turn_away(socket: WebSocket, error: CallerError) -> None:
    """The handshake is answered with a refusal, in words where the server can."""
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        await socket.send_denial_response(refusal(error))
    else:
        await socket.close(1008, str(error)[:120])
