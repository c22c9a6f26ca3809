"""The WebSocket protocol of the server: uvicorn's, reading a few small messages ahead of the application."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

AHEAD = 8
"Messages that may wait for the application before reading stops: 160 ms of a microphone's frames."
SMALL = 8 * 1024
"Bytes. A message above this stops reading at once, so that what waits stays below AHEAD · SMALL and one message."


class Intake(WebSocketsSansIOProtocol):
    """Stops reading when a client sends faster than it is understood, not at each message.

    uvicorn's own stops at each and starts again when the application has taken it: two changes to the set of
    sockets that are waited for, for every 20 ms of sound. It still starts again when nothing waits any longer.
    """

    def send_receive_event_to_app(self) -> None:
        """The message waits for the application; reading goes on unless too much waits already."""
        is_small = sum(map(len, self.frames)) <= SMALL
        if is_small and not self.read_paused and self.queue.qsize() < AHEAD:
            self.read_paused = True
            super().send_receive_event_to_app()
            self.read_paused = False
        else:
            super().send_receive_event_to_app()
