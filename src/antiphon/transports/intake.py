"""The WebSocket protocol of the server: uvicorn's, with a straight way for sound.

A caller's microphone is fifty messages a second. Each of them took the library's parser of frames, a queue, a
future and every layer of the application's stack before it was heard; the ears need none of these.
"""

from __future__ import annotations

from collections.abc import Callable

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

AHEAD = 8
"Messages that may wait for the application before reading stops: 160 ms of a microphone's frames."
SMALL = 8 * 1024
"Bytes. A message above this stops reading at once, so that what waits stays below AHEAD · SMALL and one message."
SOUND = "antiphon.sound"
"The extension of a connection's ASGI scope that has `listen`: see `Intake.listen`."

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

    def listen(self, hear: Hear | None) -> None:
        """Binary messages are given to `hear` the moment they have come, past the application's queue.

        Those that were queued before come first, by way of the queue. None: all wait in the queue again.
        """
        self._hear = hear

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
