"""Both transports obey one set of laws."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest
from starlette.websockets import WebSocket

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.testing.lines import check_transport
from antiphon.testing.loopback import Loopback
from antiphon.transports.intake import SOUND
from antiphon.transports.websocket import WebSocketTransport
from antiphon.wire import native


class SocketLine:
    """A WebSocket transport on a connection that is two queues."""

    def __init__(self) -> None:
        self._in: asyncio.Queue[dict] = asyncio.Queue()
        self._frames: list[native.AudioFrame] = []
        socket = WebSocket({"type": "websocket", "extensions": self._offer()}, self._in.get, self._send)
        socket.client_state = socket.application_state = socket.client_state.CONNECTED
        self.transport = WebSocketTransport(socket, native.Hello())

    def _offer(self) -> dict[str, dict]:
        return {}

    async def _send(self, message: dict) -> None:
        if message.get("bytes"):
            self._frames.append(native.decode_audio(message["bytes"]))

    def left(self, turn: int) -> int:
        return sum(len(frame.data) // 2 for frame in self._frames if frame.turn == turn)

    async def acknowledge(self, turn: int, samples: int, cleared: bool = False) -> None:
        text = native.encode(native.PlayedAck(turn, samples, cleared))
        await self._in.put({"type": "websocket.receive", "text": text})

    async def speak(self, pcm: Pcm) -> None:
        await self._in.put({"type": "websocket.receive", "bytes": pcm.data})

    async def leave(self) -> None:
        await self._in.put({"type": "websocket.receive", "text": json.dumps({"type": "bye"})})


class StraightLine(SocketLine):
    """The same on a server that gives sound straight to who listens."""

    def _offer(self) -> dict[str, dict]:
        return {SOUND: {"listen": self._listen}}

    def _listen(self, hear: Callable[[bytes], None] | None) -> None:
        self._hear = hear

    async def speak(self, pcm: Pcm) -> None:
        assert self._hear is not None
        self._hear(pcm.data)


class LoopbackLine:
    """The scripted caller, silent, with a player that stands still."""

    def __init__(self) -> None:
        self.transport = Loopback(hang_up_at=100, ack=1000, delay=0.0)

    def left(self, turn: int) -> int:
        return self.transport.sent(turn)

    async def acknowledge(self, turn: int, samples: int, cleared: bool = False) -> None:
        self.transport.acknowledge(turn, samples, cleared)

    async def speak(self, pcm: Pcm) -> None:
        self.transport.speak(pcm)

    async def leave(self) -> None:
        self.transport.say(e.HungUp("left"))


@pytest.mark.parametrize("line", [SocketLine, StraightLine, LoopbackLine])
def test_a_transport_keeps_every_law(line):
    asyncio.run(check_transport(line))
