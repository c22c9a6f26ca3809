"""Sound from one microphone to many listeners, packet by packet: Opus is passed on as it came, never decoded.

aiortc would keep a microphone's packets for 80 ms, decode each in a thread, and encode it anew for each listener in
another. Here a packet is with its listeners' connections in the turn of the loop in which it came.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from fractions import Fraction

from aiortc import MediaStreamTrack, RTCRtpReceiver
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket
from av import Packet
from av.stream import Stream

from antiphon.core.errors import SetupError

RATE = 48_000
"The clock of Opus on the wire (RFC 7587)."
MOST_AHEAD = 25
"Packets that may wait for a listener's connection: half a second. Beyond, the oldest is dropped."
LEAP = 10 * RATE
"A microphone's clock that leaps further than this began anew."
TICK = RATE // 50
"A packet is 20 ms of sound, as a rule."
_WHEN = Fraction(1, RATE)
_BUFFER = "_RTCRtpReceiver__jitter_buffer"
"Where aiortc keeps the packets it has not decoded yet."


class Tap:
    """Stands where aiortc has its buffer of packets, and gives each to `heard` the moment it comes."""

    def __init__(self, heard: Callable[[RtpPacket], None]) -> None:
        self._heard = heard

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        """As aiortc's: no picture is wanted anew, and nothing is to be decoded."""
        self._heard(packet)
        return False, None


def tap(receiver: RTCRtpReceiver, heard: Callable[[RtpPacket], None]) -> None:
    """What the receiver gets is heard from now on, and not decoded."""
    if not hasattr(receiver, _BUFFER):
        raise SetupError("this release of aiortc is not known here: pip install 'aiortc<1.17'")
    setattr(receiver, _BUFFER, Tap(heard))


class Outlet(MediaStreamTrack):
    """What one listener's connection sends, of one microphone at a time: packets with a clock that never leaps."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._packets: deque[Packet[Stream]] = deque(maxlen=MOST_AHEAD)
        self._wanted: asyncio.Future[None] | None = None
        self._clock = asyncio.get_running_loop().time
        self._source: int | None = None
        self._theirs = 0
        "The last packet's time by the microphone's clock."
        self._ours = 0
        "The same by the clock of what is sent."
        self._at = 0.0
        "When it came."

    def put(self, packet: RtpPacket) -> None:
        """The packet is sent next."""
        now = self._clock()
        step = ((packet.timestamp - self._theirs + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
        if packet.ssrc != self._source or abs(step) > LEAP:
            step = max(TICK, round((now - self._at) * RATE)) if self._source is not None else 0
        self._source, self._theirs, self._at = packet.ssrc, packet.timestamp, now
        self._ours += step
        made: Packet[Stream] = Packet(packet.payload)
        made.pts, made.time_base = max(self._ours, 0), _WHEN
        self._packets.append(made)
        if self._wanted is not None and not self._wanted.done():
            self._wanted.set_result(None)

    async def recv(self) -> Packet[Stream]:
        """The next packet, when there is one. For aiortc's sender alone."""
        while not self._packets:
            if self.readyState != "live":
                raise MediaStreamError
            self._wanted = asyncio.get_running_loop().create_future()
            await self._wanted
        return self._packets.popleft()


class Loudness:
    """How loud a microphone is, and how much of it is lost on the way, by what its packets tell of themselves."""

    QUIET = 60
    "Below this many dB under full scale nobody speaks."
    FADE = 0.5
    "Of the loudness a moment ago, what still counts."

    def __init__(self) -> None:
        self.level = 0.0
        "0 to 1."
        self.has_spoken = False
        "Since `lapse` was last called."
        self._first: int | None = None
        self._last = 0
        self._came = 0

    def heard(self, packet: RtpPacket) -> None:
        """A packet came. RFC 6464 tells its level: dB under full scale."""
        told = packet.extensions.audio_level
        if told is not None and told[1] < self.QUIET:
            self.has_spoken = True
            self.level = max(self.level, 1.0 - told[1] / 127)
        number = packet.sequence_number
        if self._first is None:
            self._first = self._last = number
        if 0 < (number - self._last) & 0xFFFF < 0x8000:
            self._last = number
        self._came += 1

    def lapse(self) -> None:
        """A moment has passed."""
        if not self.has_spoken:
            self.level = self.level * self.FADE if self.level > 0.05 else 0.0
        self.has_spoken = False

    def lost(self) -> float | None:
        """The part of the packets that never came since this was last asked, or None when hardly any were sent."""
        if self._first is None:
            return None
        sent = ((self._last - self._first) & 0xFFFF) + 1
        came, self._came, self._first = self._came, 0, None
        return max(0.0, 1.0 - came / sent) if sent >= 10 else None
