"""The WebSocket protocol of the server: uvicorn's, with a straight way for sound.

A caller's microphone is fifty messages a second. Each of them took the library's parser of frames, a queue, a
future and every layer of the application's stack before it was heard; the ears need none of these.
"""

from __future__ import annotations

from asyncio.transports import BaseTransport
from collections.abc import Callable

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

try:
    from websockets.speedups import apply_mask
except ImportError:  # where no wheel has the C helper
    from websockets.utils import apply_mask

AHEAD = 8
"Messages that may wait for the application before reading stops: 160 ms of a microphone's frames."
SMALL = 8 * 1024
"Bytes. A message above this stops reading at once, so that what waits stays below AHEAD · SMALL and one message."
SOUND = "antiphon.sound"
"The extension of a connection's ASGI scope that has `listen`: see `Intake.listen`."

_BINARY = 0x82
_LONGEST = {0x81: 0xFFFF, _BINARY: 0xFFFF, 0x89: 125, 0x8A: 125}
"Bytes that a frame may hold, by its first byte, to count as ordinary: text, binary, ping, pong, in one frame each."

Hear = Callable[[bytes], None]
Listen = Callable[[Hear | None], None]


class Intake(WebSocketsSansIOProtocol):
    """Gives binary messages to who listens, and stops reading when a client sends faster than it is understood.

    uvicorn's own stops at each message and starts again when the application has taken it: two changes to the
    set of sockets that are waited for, for every 20 ms of sound. It still starts again when nothing waits any
    longer.
    """

    _hear: Hear | None = None
    _queued = 0
    "Binary messages that wait for the application."
    _cuts = False
    "The library's parser stands between two frames, and is given whole ones."
    _wanted = 0
    "Bytes of the frame that `_rest` begins, as far as can be told."

    def connection_made(self, transport: BaseTransport) -> None:
        self._rest = bytearray()
        self._longest = {kind: min(size, self.config.ws_max_size) for kind, size in _LONGEST.items()}
        super().connection_made(transport)

    def listen(self, hear: Hear | None) -> None:
        """Binary messages are given to `hear` the moment they have come, past the application's queue.

        Those that were queued before come first, by way of the queue. None: all wait in the queue again.
        """
        self._hear = hear

    def data_received(self, data: bytes) -> None:
        if self._cuts:
            self._cut(data)
            return
        is_handshake = not self.handshake_initiated
        super().data_received(data)
        # Nobody may send before the handshake is answered. Who does is left to the library alone.
        if is_handshake and self.handshake_initiated and data.find(b"\r\n\r\n") == len(data) - 4:
            self._cuts = not self.conn.extensions

    def _cut(self, data: bytes) -> None:
        """Binary messages are heard, if somebody listens; the library is given the other frames, each whole.

        A frame takes the library ten times as long. From the first one on that is in any way out of the
        ordinary, be it fragmented, large, closing or wrong, the library is given everything.
        """
        if self._rest:
            self._rest += data
            if len(self._rest) < self._wanted:
                return
            data = bytes(self._rest)
            self._rest.clear()
        start = 0
        while (left := len(data) - start) and not self.transport.is_closing():
            # RFC 6455, section 5.2: kind, length (in two more bytes if it is 126), mask, payload.
            wanted, size, body = 2, -1, start + 6
            if left >= wanted:
                size = data[start + 1] - 128
                if size == 126:
                    wanted, body = 4, start + 8
                    size = data[start + 2] << 8 | data[start + 3] if left >= wanted else 0
                elif size == 127:
                    size = -1
                if not 0 <= size <= self._longest.get(data[start], -1):
                    self._cuts = False
                    super().data_received(data[start:])
                    return
                wanted = max(wanted, body + size - start)
            if left < wanted:
                self._rest += data[start:]
                self._wanted = wanted
                return
            end = start + wanted
            if data[start] != _BINARY or self._hear is None or self._queued or self.close_sent:
                super().data_received(data[start:end])
            else:
                self._hear(apply_mask(data[body:end], data[body - 4 : body]))
            start = end

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][SOUND] = {"listen": self.listen}

    def send_receive_event_to_app(self) -> None:
        """The message is heard, or waits for the application; reading goes on unless too much waits already."""
        is_sound = self.curr_msg_data_type == "bytes" and not self.close_sent
        if is_sound and self._hear is not None and not self._queued:
            frames, self.frames = self.frames, []
            self._hear(b"".join(frames))
            return
        self._queued += is_sound
        is_small = sum(map(len, self.frames)) <= SMALL
        if is_small and not self.read_paused and self.queue.qsize() < AHEAD:
            self.read_paused = True
            super().send_receive_event_to_app()
            self.read_paused = False
        else:
            super().send_receive_event_to_app()

    async def receive(self) -> ASGIReceiveEvent:
        message = await super().receive()
        if message.get("bytes") is not None:
            self._queued -= 1
        return message
