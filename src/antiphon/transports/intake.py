"""The WebSocket protocol of the server: uvicorn's, with a straight way for sound.

A caller's microphone is thirty messages a second. Each of them took the library's parser of frames, a queue, a
future and every layer of the application's stack before it was heard; the ears need none of these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, cast

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from antiphon.transports.sieve import Sieve

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

AHEAD = 8
"Messages that may wait for the application before reading stops: 160 ms of a microphone's frames."
SMALL = 8 * 1024
"Bytes. A message above this stops reading at once, so that what waits stays below AHEAD · SMALL and one message."
TOO_LONG = "antiphon.too_long"
"The key of a received ASGI message that stands for one of so many bytes, which was not read: see `Intake.largest`."
SOUND = "antiphon.sound"
"The extension of a connection's ASGI scope that has `listen`: see `Intake.listen`."

Hear = Callable[[bytes], None]
Listen = Callable[[Hear | None], None]


WHOLE_SOUND = 0x82
"First byte of a frame that is a whole binary message: RFC 6455, section 5.2."
MASKED, LONG = 0x80, 0xFE
"Second byte of a client's frame: masked, with its length in the lower bits or, for 126, in the next two bytes."
CONTROL_ROOM = 125
"Bytes of a ping, which the parser counts as if it were the next part of the message that it interrupts."
LOST = -1


def frame_size(data: bytes, start: int) -> int:
    """Bytes of the client's frame that begins at `start`, not all of which need be there; 0: it is none of ours."""
    if len(data) < start + 4 or not data[start + 1] & MASKED:
        return 0
    size = data[start + 1] & 0x7F
    if size < 126:
        return 6 + size
    return 8 + int.from_bytes(data[start + 2 : start + 4]) if size == 126 else 0


class Intake(WebSocketsSansIOProtocol):
    """Gives binary messages to who listens, and stops reading when a client sends faster than it is understood.

    uvicorn's own stops at each message and starts again when the application has taken it: two changes to the
    set of sockets that are waited for, for every 20 ms of sound. It still starts again when nothing waits any
    longer.
    """

    largest: ClassVar[Mapping[str, int]] = {}
    """Bytes of the largest message, for paths where it is not the server's. There a larger one is left out, and a
    message with `TOO_LONG` comes in its place; elsewhere it closes the connection."""
    _sieve: Sieve | None = None
    _hear: Hear | None = None
    _queued = 0
    "Binary messages that wait for the application."
    _missing = LOST
    "Bytes that the last frame still lacks; LOST: nobody but the parser knows where it ends."

    def listen(self, hear: Hear | None) -> None:
        """Binary messages are given to `hear` the moment they have come, past the application's queue.

        Those that were queued before come first, by way of the queue. None: all wait in the queue again.
        """
        self._hear = hear

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][SOUND] = {"listen": self.listen}
            self._missing = LOST if self.conn.reader.buffer else 0
            most = self.largest.get(self.scope["path"])
            if most is not None and not self.conn.reader.buffer:
                self._sieve, self._missing = Sieve(most), LOST
                self.conn.max_message_size = most + CONTROL_ROOM

    def data_received(self, data: bytes) -> None:
        """What came is dealt with. A frame of sound that came by itself goes straight to who listens."""
        if self._sieve is not None:
            data = self._sieve.sift(data)
        elif self._missing != LOST:
            at, size = self._missing, 0
            while 0 <= at < len(data):
                size = frame_size(data, at)
                at = at + size if size else LOST
            is_alone = not self._missing and at == size == len(data)
            self._missing = max(at - len(data), LOST)
            is_sound = is_alone and data[0] == WHOLE_SOUND and not self.frames
            if is_sound and (hear := self._hear) and not self._queued and self.conn.state is State.OPEN:
                start = 8 if data[1] == LONG else 6
                hear(apply_mask(data[start:], data[start - 4 : start]))
                return
        super().data_received(data)

    def send_receive_event_to_app(self) -> None:
        """The message is heard, or waits for the application; reading goes on unless too much waits already."""
        if self._sieve is not None and (size := self._sieve.stands_for()):
            self.frames = []
            if not self.close_sent:
                left_out = {"type": "websocket.receive", "text": None, "bytes": None, TOO_LONG: size}
                self.queue.put_nowait(cast(ASGIReceiveEvent, left_out))
            return
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
