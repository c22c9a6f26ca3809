"""Opus (RFC 6716) and 16-bit sound: a voice into packets, and a microphone's packets, as they come, into sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog
from av import AudioFrame, CodecContext, Packet
from av.audio.codeccontext import AudioCodecContext
from av.error import FFmpegError

from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm

log = structlog.get_logger(__name__)

WIRE_RATE = 48_000
"The rate of Opus on the wire (RFC 7587)."
TICK_SECONDS = 0.02
TICK = 480
"Samples of our voice in one packet."
BIT_RATE = 40_000
"Wide-band speech without artefacts; half of what aiortc would take."
SILENT = b"\xf8\xff\xfe"
"20 ms of silence."
FADE = 5
"Packets of silence that are encoded after a voice, so that it dies away instead of breaking off."
WAIT = 3
"Packets that may overtake a missing one before it counts as lost."
MAX_LOST = 10
"Lost packets that silence stands for; a longer gap is one that nobody counted."
GAP = 0.25
"Seconds without sound after which silence stands for it."
CREDIT = 2.0
"Seconds of sound that may come ahead of time: what piles up while a network pauses."


class RtpPacket(Protocol):
    """What a packet tells, as aiortc has it."""

    sequence_number: int
    payload: bytes


class OpusVoice:
    """Makes packets of a voice. What is silent for a while costs nothing."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._codec = _context(CodecContext.create("libopus", "w"), rate)
        self._codec.bit_rate = BIT_RATE
        self._codec.options = {"application": "audio", "frame_duration": "20", "compression_level": "5"}
        self._quiet = FADE

    def packet(self, sound: bytes) -> bytes:
        """The packet of the next 20 ms, which are `sound`, or silence when that is empty."""
        self._quiet = 0 if sound else self._quiet + 1
        if self._quiet > FADE:
            return SILENT
        frame = AudioFrame(format="s16", layout="mono", samples=self._rate // 50)
        frame.planes[0].update(sound or bytes(frame.planes[0].buffer_size))
        frame.sample_rate = self._rate
        made = self._codec.encode(frame)
        return bytes(made[0]) if made else SILENT


class Ear:
    """Hears one microphone. Stands where aiortc has its buffer for packets, and keeps none that is in its turn.

    Sound is handed on at once: who listens here counts samples, and does not mind in which rhythm they come.
    """

    def __init__(self, hear: Callable[[Pcm], None], clock: Callable[[], float]) -> None:
        self._hear = hear
        self._clock = clock
        self._codec = _context(CodecContext.create("libopus", "r"), WIRE_RATE)
        self._next: int | None = None
        self._early: dict[int, bytes] = {}
        self._at: float | None = None
        "Until when all sound, or silence for it, was handed on."
        self._is_away = False
        "Nothing comes, and silence stands for it."
        self._credit = CREDIT
        "Seconds of sound that may come now."
        self._frame = bytes(round(TICK_SECONDS * WIRE_RATE) * BYTES_PER_SAMPLE)
        "Silence as long as one packet."

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        """As aiortc's buffer: whether a picture is wanted anew, and the sound that is due. It is never given back."""
        number = packet.sequence_number
        if self._next is None:
            self._next = number
        ahead = (number - self._next) & 0xFFFF
        if ahead >= 0x8000:
            return False, None  # it was given up
        if ahead > 100:
            self._early.clear()
            self._next, ahead = number, 0
        self._early[number] = packet.payload
        if ahead and len(self._early) >= WAIT:
            nearest = min(self._early, key=lambda one: (one - (self._next or 0)) & 0xFFFF)
            lost = (nearest - self._next) & 0xFFFF
            self._give(self._frame * min(lost, MAX_LOST))
            self._next = nearest
        while (payload := self._early.pop(self._next, None)) is not None:
            self._next = (self._next + 1) & 0xFFFF
            self._give(self._decoded(payload))
        return False, None

    def fill(self, now: float) -> None:
        """Silence stands for sound that has not come for a while. To be called often; `now` is the clock's."""
        if self._at is None:
            self._at = now
        missing = now - self._at
        if missing > (TICK_SECONDS if self._is_away else GAP):
            self._is_away, self._at = True, now
            self._hear(Pcm(bytes(round(missing * WIRE_RATE) * BYTES_PER_SAMPLE), WIRE_RATE))

    def _decoded(self, payload: bytes) -> bytes:
        if not payload:
            return self._frame
        try:
            frames = self._codec.decode(Packet(payload))
        except FFmpegError:
            log.info("a packet of sound cannot be decoded", bytes=len(payload))
            return self._frame
        sound = b"".join(bytes(one.planes[0])[: one.samples * BYTES_PER_SAMPLE] for one in frames)
        self._frame = bytes(len(sound)) or self._frame
        return sound

    def _give(self, sound: bytes) -> None:
        if not sound:
            return
        now, pcm = self._clock(), Pcm(sound, WIRE_RATE)
        passed = 0.0 if self._at is None else now - self._at
        # A microphone's clock may be a little faster than ours.
        self._credit = min(CREDIT, self._credit + 1.01 * passed) - pcm.seconds
        self._at, self._is_away = now, False
        if self._credit < 0:
            self._credit += pcm.seconds  # nobody speaks faster than time passes
            return
        self._hear(pcm)


def _context(codec: AudioCodecContext, rate: int) -> AudioCodecContext:
    codec.format = "s16"
    codec.layout = "mono"
    codec.sample_rate = rate
    codec.thread_count = 1
    return codec
