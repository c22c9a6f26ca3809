"""A real server on loopback with scripted providers, for as long as a test needs it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
import websockets

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Verdict
from antiphon.config import Settings
from antiphon.hosts.application import create_app
from antiphon.hosts.rooms import Rooms
from antiphon.hosts.security.security import open_security
from antiphon.hosts.server import server_config
from antiphon.hosts.stage import Stage
from antiphon.session.session import Providers
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer


class Allowing:
    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Allow()


async def echo(question: Question) -> Grounding:
    return Grounding((f"You said: {question.text}", "That is all."), is_certain=True)


def parrot(**more: object) -> Agent:
    return Agent("parrot", "", (Specialist("only", "", echo),), Allowing(), suggestions=("Hello?",), **more)  # type: ignore[arg-type]


@asynccontextmanager
async def house(home: Path, *agents: Agent, **settings: object) -> AsyncIterator[tuple[str, Stage]]:
    """The address (host:port) and the stage of a running server."""
    stage = Stage(
        Settings(home=home, **settings),  # type: ignore[arg-type]
        {agent.name: agent for agent in agents or (parrot(),)},
        Providers(
            ScriptedVad(), ScriptedRecognizer(["Hello."]), ScriptedTurnDetector([0.98]), ScriptedSynthesizer()
        ),
    )
    security = open_security(stage.settings, "127.0.0.1", owner_of=stage.owner_of)
    rooms = Rooms(stage, security.gate)
    server = uvicorn.Server(server_config(create_app(stage, security, rooms), port=0))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    address = f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    rooms.address = f"http://{address}"
    holding = asyncio.create_task(rooms.run())
    try:
        yield address, stage
    finally:
        holding.cancel()
        await asyncio.wait([holding])
        server.should_exit = True
        await serving


class Client:
    """A bare client of the protocol: sends what it is told, keeps what it gets."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.got: list[dict[str, object]] = []
        self.sound: list[bytes] = []

    async def send(self, **message: object) -> None:
        await self.socket.send(json.dumps(message))

    async def hello(self, **more: object) -> dict[str, object]:
        await self.send(type="hello", **{"agent": "parrot", "greet": False, **more})
        return await self.until("ready")

    async def until(self, kind: str, within: float = 5.0, **fields: object) -> dict[str, object]:
        """The next message of that type with those fields."""
        async with asyncio.timeout(within):
            while True:
                data = await self.socket.recv()
                if isinstance(data, bytes):
                    self.sound.append(data)
                    continue
                message = json.loads(data)
                self.got.append(message)
                if message["type"] == kind and all(message.get(k) == v for k, v in fields.items()):
                    return message

    async def closed(self, within: float = 12.0) -> tuple[int, str]:
        """The code and reason with which the server closes."""
        async with asyncio.timeout(within):
            try:
                while True:
                    data = await self.socket.recv()
                    (self.sound if isinstance(data, bytes) else self.got).append(data)  # type: ignore[arg-type]
            except websockets.ConnectionClosed as closed:
                assert closed.rcvd is not None
                return closed.rcvd.code, closed.rcvd.reason


@asynccontextmanager
async def client(address: str) -> AsyncIterator[Client]:
    async with websockets.connect(f"ws://{address}/orchestrate", max_size=None) as socket:
        yield Client(socket)
