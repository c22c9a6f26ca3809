"""The binary frames of the single WebSocket: sound, both ways."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from antiphon.core.errors import CallerError

MAX_AUDIO_FRAME = 64 * 1024
"Bytes of one binary frame: 0.68 s at 48 kHz. Sound comes in small frames or it is late."
LIVE = 0
"The turn number that stands for a person's live voice."
_HEADER = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """Sound of the agent: turn (uint32), offset in samples from the turn's start (uint32), then PCM16.

    Turn LIVE is no turn: it is the voice of a person who has taken over, to be played as it comes, beside
    whatever else is playing, and not to be acknowledged.
    """

    turn: int
    offset: int
    data: bytes


def encode_audio(frame: AudioFrame) -> bytes:
    """The sound as one binary frame, server to client."""
    return _HEADER.pack(frame.turn, frame.offset) + frame.data


def decode_audio(data: bytes) -> AudioFrame:
    """Reads `encode_audio`'s bytes. Raises CallerError when they are none."""
    if len(data) < _HEADER.size or len(data) % 2:
        raise CallerError(f"an audio frame of {len(data)} bytes is malformed", code="bad_audio")
    turn, offset = _HEADER.unpack_from(data)
    return AudioFrame(turn, offset, data[_HEADER.size :])


def check_audio(data: bytes) -> bytes:
    """`data` if it can be sound of a caller. Raises CallerError otherwise."""
    if len(data) > MAX_AUDIO_FRAME:
        raise CallerError(
            f"an audio frame may hold at most {MAX_AUDIO_FRAME} bytes, got {len(data)}",
            code="too_large",
        )
    if len(data) % 2:
        raise CallerError(f"PCM16 needs an even number of bytes, got {len(data)}", code="bad_audio")
    return data
