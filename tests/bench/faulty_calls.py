"""A server of calls by WebRTC that is faulty on purpose: ours, with something in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from antiphon.core.events import TurnId
from antiphon.hosts.realtime_calls import Calls
from antiphon.hosts.realtime_secrets import Seeds
from antiphon.hosts.security.around import protect
from antiphon.hosts.security.security import open_security
from antiphon.hosts.server import server_config
from antiphon.transports.realtime.peer import Peer, PeerLine, PlayoutBuffer
from antiphon.transports.realtime.peer_media import Media, RtcPeer
from bench.faulty_realtime import Event, Fault
from hosts.house import house, parrot


def passed_on(event: Event) -> Iterable[Event]:
    return [event]


def answered(answer: Response) -> Response:
    return answer


@dataclass(frozen=True)
class Faults:
    """What is wrong: `event` with what is told, `answer` with what requests are answered by, `sound` with the voice."""

    name: str
    event: Fault = passed_on
    answer: Callable[[Response], Response] = answered
    is_mute: bool = False
    is_deaf_to_clear: bool = False
    has_sideband: bool = True

    def __str__(self) -> str:
        return self.name


class Stubborn(PlayoutBuffer):
    """Plays on, whatever it is told."""

    def clear(self, turn: TurnId) -> None:
        self.resume()


class Mute(PlayoutBuffer):
    def take(self, samples: int) -> bytes:
        return bytes(len(super().take(samples)))


class FaultyLine(PeerLine):
    def __init__(self, good: PeerLine, fault: Fault) -> None:
        self._good, self._fault = good, fault

    def came(self, text: str | None) -> None:
        self._good.came(text)

    def gone(self, why: str) -> None:
        self._good.gone(why)

    async def read(self) -> str | None:
        return await self._good.read()

    async def send(self, text: str) -> None:
        for event in self._fault(json.loads(text)):
            await self._good.send(json.dumps(event))

    async def close(self, code: int, reason: str) -> None:
        await self._good.close(code, reason)


@dataclass
class FaultyMedia:
    faults: Faults
    media: Media = field(default_factory=Media)

    async def answer(self, offer: str) -> Peer:
        peer: RtcPeer = await self.media.answer(offer)
        peer.line = FaultyLine(peer.line, self.faults.event)
        if self.faults.is_mute or self.faults.is_deaf_to_clear:
            peer.playout.__class__ = Mute if self.faults.is_mute else Stubborn
        return peer


@asynccontextmanager
async def faulty_calls(home: Path, faults: Faults) -> AsyncIterator[str]:
    """The address (host:port) of a server of calls with these faults."""
    async with house(home, parrot()) as (_, stage):
        security = open_security(stage.settings, "127.0.0.1")
        calls = Calls(stage, security.gate, Seeds(), answer=FaultyMedia(faults).answer)

        async def create(request: Request) -> Response:
            return faults.answer(await calls.create(request))

        async def hang_up(request: Request) -> Response:
            return faults.answer(await calls.hang_up(request, request.path_params["id"]))

        async def beside(socket: WebSocket) -> None:
            if faults.has_sideband:
                await calls.sideband(socket, socket.query_params["call_id"])

        routes = [
            Route("/v1/realtime/calls", create, methods=["POST"]),
            Route("/v1/realtime/calls/{id}/hangup", hang_up, methods=["POST"]),
            WebSocketRoute("/v1/realtime", beside),
        ]
        app = FastAPI()
        protect(app, security)
        app.routes.extend(routes)
        server = uvicorn.Server(server_config(app, port=0))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
