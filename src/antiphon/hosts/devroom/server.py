"""The dev room's routes: signal sockets, workers' sockets, and what livekit-api asks."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

import structlog
from google.protobuf.message import DecodeError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from antiphon.core.errors import CallerError
from antiphon.hosts.devroom.house import House
from antiphon.hosts.devroom.line import (
    HEADERS,
    SocketLine,
    asked_by_message,
    asked_by_query,
    refusal,
    requests_of,
    token_of,
    turn_away,
    twirp_refusal,
)
from antiphon.hosts.devroom.passes import Passes, Refused
from antiphon.hosts.devroom.twirp import METHODS

log = structlog.get_logger(__name__)

PATH = "/livekit"
"Where the dev room is: LIVEKIT_URL is ws://HOST:PORT/livekit. All of LiveKit's clients add their own paths to it."
MAX_BODY = 256 * 1024
"Bytes of a request by the API."


class DevRoom:
    """A LiveKit room server for development, on this machine: an async context manager.

    `routes` are to be served while it is entered. Tokens are made with `key` and `secret`, by livekit-api as for any
    LiveKit server; they work until they expire. `connect_within`: seconds for a participant's connections to be made.
    """

    def __init__(self, key: str, secret: str, *, path: str = PATH, connect_within: float = 30.0) -> None:
        self._house = House(key, secret, connect_within)
        self._passes = Passes(key, secret)
        inner: list[BaseRoute] = [WebSocketRoute("/agent", self._work)]
        for version in ("/rtc", "/rtc/v1"):
            inner.append(WebSocketRoute(version, self._join))
            inner.append(Route(f"{version}/validate", self._validate))
        inner.append(Route("/twirp/{service}/{method}", self._ask, methods=["POST"]))
        inner.append(Route("/{rest:path}", self._unknown))
        self.routes: list[BaseRoute] = [Mount(path, routes=inner)] if path else inner
        "For a Starlette application."

    async def __aenter__(self) -> Self:
        await self._house.start()
        log.warning("a LiveKit room server of our own is open: for development on this machine only")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def run(self) -> None:
        """The dev room is open until this is cancelled."""
        async with self:
            await asyncio.Event().wait()

    async def close(self) -> None:
        """Every room is closed, everybody was told, and no thread or task is left."""
        await self._house.stop()

    async def _join(self, socket: WebSocket) -> None:
        house, is_single = self._house, socket.url.path.endswith("/v1")
        line = SocketLine(socket)
        try:
            granted = self._passes.to_join(token_of(socket))
            asked = asked_by_message(socket) if is_single else asked_by_query(socket)
            if asked.reconnect:
                await socket.accept()
                house.turn_back(line)
                await line.run(None)
                return
            hears_all = asked.connection_settings.auto_subscribe
            who = await house.call(
                lambda: house.join(granted, line, is_single=is_single, hears_all=hears_all)
            )
        except CallerError as error:
            await turn_away(socket, error)
            return
        try:
            await socket.accept()
            for message in requests_of(asked):
                house.post(who.take, message)
            await line.run(lambda data: house.post(who.take, data))
        finally:
            house.post(house.dropped, who)

    async def _validate(self, request: Request) -> Response:
        """What a client asks when its socket was refused: why."""
        try:
            self._passes.to_join(token_of(request))
        except Refused as error:
            return refusal(error)
        return PlainTextResponse("success", headers=HEADERS)

    async def _work(self, socket: WebSocket) -> None:
        house, line = self._house, SocketLine(socket)
        try:
            self._passes.to_work(token_of(socket))
            worker = await house.call(house.dispatcher.enrol, line)
        except CallerError as error:
            await turn_away(socket, error)
            return
        try:
            await socket.accept()
            await line.run(lambda data: house.post(house.dispatcher.take, worker, data))
        finally:
            house.post(house.dispatcher.dismiss, worker)

    async def _ask(self, request: Request) -> Response:
        try:
            method = METHODS.get(f"{request.path_params['service']}/{request.path_params['method']}")
            if method is None:
                raise CallerError("The dev room does not have this.", code="bad_route")
            body = await request.body()
            if len(body) > MAX_BODY:
                raise CallerError("The request is too long.", code="malformed")
            asked = method.asks()
            try:
                asked.ParseFromString(body)
            except DecodeError as error:
                raise CallerError("The request cannot be read.", code="malformed") from error
            self._passes.to_manage(token_of(request), method.room(asked), method.need)
            answer = await self._house.call(lambda: method.work(self._house, asked).SerializeToString())
        except CallerError as error:
            return twirp_refusal(error)
        return Response(answer, media_type="application/protobuf", headers=HEADERS)

    async def _unknown(self, request: Request) -> Response:
        return PlainTextResponse("The dev room does not have this.", 404, HEADERS)
