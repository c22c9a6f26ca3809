"""G.711 (ITU-T, 1988): the two ways in which telephones put 16 bits of sound into 8. Both at 8000 Hz."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 8000
_LINEAR = NDArray[np.int16]


def _ulaw_table() -> _LINEAR:
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (code >> 4) & 7, (code & 15).astype(np.int32)
    size = (((mantissa << 3) + 132) << exponent) - 132
    return np.where(code & 0x80, -size, size).astype(np.int16)


def _alaw_table() -> _LINEAR:
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = ((code >> 4) & 7).astype(np.int32), (code & 15).astype(np.int32)
    size = np.where(
        exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 264) << np.maximum(exponent - 1, 0)
    )
    return np.where(code & 0x80, size, -size).astype(np.int16)


_ULAW, _ALAW = _ulaw_table(), _alaw_table()


def _coder(table: _LINEAR) -> NDArray[np.uint8]:
    """For each of the 65536 samples, from -32768 on, the code whose sound is nearest to it."""
    order = np.argsort(table, kind="stable")
    levels = table[order].astype(np.int32)
    middles = (levels[1:] + levels[:-1] + 1) // 2
    found = np.searchsorted(middles, np.arange(-32768, 32768), side="right")
    return order[found].astype(np.uint8)


_TO_ULAW, _TO_ALAW = _coder(_ULAW), _coder(_ALAW)


def from_ulaw(data: bytes) -> bytes:
    """16-bit little-endian sound of µ-law codes."""
    return _ULAW[np.frombuffer(data, np.uint8)].astype("<i2").tobytes()


def from_alaw(data: bytes) -> bytes:
    """16-bit little-endian sound of A-law codes."""
    return _ALAW[np.frombuffer(data, np.uint8)].astype("<i2").tobytes()


def to_ulaw(data: bytes) -> bytes:
    """µ-law codes of 16-bit little-endian sound."""
    return _TO_ULAW[np.frombuffer(data, "<i2").astype(np.int32) + 32768].tobytes()


def to_alaw(data: bytes) -> bytes:
    """A-law codes of 16-bit little-endian sound."""
    return _TO_ALAW[np.frombuffer(data, "<i2").astype(np.int32) + 32768].tobytes()
