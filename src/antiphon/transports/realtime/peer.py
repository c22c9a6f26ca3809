"""A client by WebRTC, as the rest of a call sees it: a line for events, a voice, and sound that is heard.

The sound itself is in a thread of its own (`peer_media`); what both threads touch is `PlayoutBuffer`, and nothing else.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.core.events import TurnId
from antiphon.transports.outflow import Frame
from antiphon.transports.realtime.aside_sound import AsideSound
from antiphon.transports.realtime.beside import Player
from antiphon.transports.realtime.lines import LineGone
from antiphon.transports.realtime.voice import Flowing

RATE = 24_000
"Samples a second of the voice: all that OpenAI's own has."
MAX_UNREAD = 2000
"Events of a client that may wait to be read."


class PlayoutBuffer:
    """Sound that is about to leave, at the pace at which it is heard. Any thread may call any method."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: seconds, the same in all threads."""
        self._clock = clock
        self._lock = threading.Lock()
        self._turn: TurnId = 0
        self._sound = bytearray()
        self._is_held = False
        self._left = 0
        self._asides = AsideSound()
        self._leaving: deque[tuple[float, int]] = deque(maxlen=500)
        "When the sound of how many samples of the turn was through, in the last moments."

    def put(self, turn: TurnId, sound: bytes) -> None:
        """`sound` follows what is there of the turn; what is there of another is dropped."""
        with self._lock:
            if turn != self._turn:
                self._turn, self._left, self._is_held = turn, 0, False
                self._sound.clear()
                self._leaving.clear()
            self._sound += sound

    def take(self, samples: int) -> bytes:
        """The next samples, which leave now; fewer at the end, none while it is held or empty."""
        with self._lock:
            if self._is_held:
                self._asides.spoken()
                return b""
            if self._asides.is_sounding or not self._sound:
                return self._asides.take(samples)
            self._asides.spoken()
            taken = bytes(self._sound[: samples * BYTES_PER_SAMPLE])
            del self._sound[: len(taken)]
            count = len(taken) // BYTES_PER_SAMPLE
            self._left += count
            self._leaving.append((self._clock() + count / RATE, self._left))
            return taken

    def hold(self) -> None:
        """Nothing leaves from here on."""
        with self._lock:
            self._is_held = True

    def resume(self) -> None:
        """What was there leaves, from the very sample at which it was held."""
        with self._lock:
            self._is_held = False

    def clear(self, turn: TurnId) -> None:
        """Not one more sample of the turn leaves."""
        with self._lock:
            if turn >= self._turn:
                self._sound.clear()
            self._is_held = False

    # ---- responses out of band: `beside.Player` ----------------------------------------------------------
    def put_aside(self, id: str, sound: bytes) -> None:
        """`sound` of that response follows what is there of it, once the voice of the conversation is silent."""
        with self._lock:
            self._asides.put(id, sound)

    def end_aside(self, id: str) -> None:
        """No more of it comes."""
        with self._lock:
            self._asides.end(id)

    def clear_aside(self, id: str) -> None:
        """Not one more sample of it leaves."""
        with self._lock:
            self._asides.clear(id)

    def aside_news(self) -> list[tuple[str, bool]]:
        """Which of them began to sound (True), or were heard to their end (False), since this was asked last."""
        with self._lock:
            return self._asides.news()

    def left(self, turn: TurnId) -> int:
        """Samples of the turn that have left; 0 for one that is not in hand."""
        with self._lock:
            return self._left if turn == self._turn else 0

    def heard(self, turn: TurnId, delay: float) -> int:
        """Samples of the turn that are through where it takes `delay` seconds to get."""
        with self._lock:
            if turn != self._turn:
                return 0
            by, count = self._clock() - delay, 0
            while self._leaving and self._leaving[0][0] <= by:
                count = self._leaving.popleft()[1]
            if count:
                self._leaving.appendleft((by, count))
            return count


class Peer(Protocol):
    """One client, from the answer to its offer on. To be used in the loop in which it was asked for."""

    answer: str
    "SDP."
    playout: PlayoutBuffer
    line: PeerLine

    @property
    def delay(self) -> float:
        """Seconds from a sample's leaving to its being heard, as far as we can tell."""
        ...

    def listen(self, hear: Callable[[Pcm], None]) -> None:
        """`hear` is given the client's sound as it comes, and silence where none comes."""
        ...

    async def connected(self, within: float) -> bool:
        """Whether sound can flow, at the latest after that many seconds."""
        ...

    async def close(self) -> None:
        """The client is told, and nothing is held for it any more."""
        ...


class PeerVoice(Flowing):
    """`voice.Voice` for sound that a `PlayoutBuffer` owns: what was heard is known by our own clock."""

    def __init__(self, buffer: PlayoutBuffer, delay: Callable[[], float]) -> None:
        """`delay`: seconds from leaving to being heard."""
        super().__init__(
            RATE
        )  # the buffer can still be taken back: it may hold as much as others are sent at once
        self.is_text: Callable[[], bool] = lambda: False
        "What is said is read, not heard."
        self._buffer = buffer
        self.player: Player | None = buffer
        self._delay = delay

    def hold(self) -> None:
        """Silence, from the next 20 ms on."""
        self._buffer.hold()

    def resume(self) -> None:
        self._buffer.resume()

    def clear(self, turn: TurnId) -> None:
        self._flow.clear(turn)
        self._buffer.clear(turn)

    def next(self) -> Frame | None:
        frame = self._flow.next()
        if frame is not None and not self.is_text():
            self._buffer.put(frame.turn, frame.data)
        return frame

    def advance(self) -> int | None:
        flow, before = self._flow, self._flow.played
        at = flow.sent if self.is_text() else self._buffer.heard(flow.turn, self._delay())
        count = flow.acknowledge(flow.turn, at)
        return count if flow.played > before else None

    def stop_at(self, turn: TurnId, samples: int) -> int | None:
        """None: the client does not know better than we do."""
        return None

    def stopped(self, turn: TurnId) -> int:
        """What had left is heard to its end."""
        return self._flow.stop_at(turn, self._flow.sent if self.is_text() else self._buffer.left(turn)) or 0

    def stopped_at(self, turn: TurnId) -> int:
        return self._buffer.left(turn)


class PeerLine:
    """The data channel of a client as a `lines.Line`. Events for a client that never makes one go nowhere."""

    def __init__(self, post: Callable[[str], None], close: Callable[[], None]) -> None:
        """`post` hands an event to the thread of the channel; `close` has that closed."""
        self._post = post
        self._close = close
        self._came: asyncio.Queue[str | None] = asyncio.Queue()
        self._why = ""

    def came(self, text: str | None) -> None:
        """The client sent that; None for what is no text."""
        if self._came.qsize() >= MAX_UNREAD:
            self.gone("the client sends more than can be read")
        elif not self._why:
            self._came.put_nowait(text)

    def gone(self, why: str) -> None:
        """The client is no more; what came before is still read."""
        if not self._why:
            self._why = why
            self._came.put_nowait(None)

    async def read(self) -> str | None:
        if self._why and self._came.empty():
            raise LineGone(self._why)
        text = await self._came.get()
        if text is None and self._why and self._came.empty():
            raise LineGone(self._why)
        return text

    async def send(self, text: str) -> None:
        if self._why:
            raise LineGone(self._why)
        self._post(text)

    async def close(self, code: int, reason: str) -> None:
        self._close()
