"""WAV files as sound, and sound as WAV files."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError

Floats = NDArray[np.float64]

MAX_BYTES = 256 * 1024 * 1024
"A larger file is a mistake: it would be more than twenty minutes of stereo at 48 kHz and 32 bits."
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_UNKNOWN_SIZES = (0, 0xFFFFFFFF, 0x7FFFFFFF)
"What programs that write to a pipe put where the length of the sound should be."
_NAMES = {2: "ADPCM", 6: "A-law", 7: "µ-law", 0x55: "MP3"}


def read_wav(path: str | Path) -> Pcm:
    """The sound in the file, its channels averaged to one, at its own rate.

    Takes 8, 16, 24 and 32-bit integers and 32 and 64-bit floats. Raises CallerError that names the file.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _refusal(path, f"is larger than {MAX_BYTES // 2**20} MiB; cut it into turns", "too_large")
        data = path.read_bytes()
    except FileNotFoundError:
        raise _refusal(path, "does not exist", "missing_file") from None
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror or error}", "missing_file") from None
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise _refusal(path, "is not a WAV file")
    chunks = _chunks(path, data)
    if "fmt " not in chunks or len(chunks["fmt "]) < 16:
        raise _refusal(path, "does not say how its sound is written (no fmt chunk)")
    if "data" not in chunks:
        raise _refusal(path, "holds no sound (no data chunk)")
    kind, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", chunks["fmt "])
    if kind == _EXTENSIBLE and len(chunks["fmt "]) >= 26:
        kind = struct.unpack_from("<H", chunks["fmt "], 24)[0]
    if kind not in (_PCM, _FLOAT):
        raise _refusal(
            path, f"is compressed ({_NAMES.get(kind, f'format {kind}')}); save it as PCM", "compressed"
        )
    if not 1 <= channels <= 32 or not 4000 <= rate <= 384_000 or block != channels * (bits // 8):
        raise _refusal(path, f"says {channels} channels at {rate} Hz and {bits} bits, which cannot be")
    sound = chunks["data"]
    samples = _decoded(path, sound[: len(sound) // block * block], kind, bits)
    if not samples.size:
        raise _refusal(path, "is empty: it holds no samples", "empty")
    mono = samples.reshape(-1, channels).mean(axis=1)
    return Pcm(to_int16(mono * 32768.0).tobytes(), rate)


def write_wav(path: str | Path, left: Pcm, right: Pcm | None = None) -> None:
    """The file holds `left`, or both as its two channels, the shorter one filled up. Rates must agree."""
    channels = [np.frombuffer(left.data, "<i2")]
    if right is not None:
        if right.rate != left.rate:
            raise ValueError(f"two channels cannot be at {left.rate} Hz and {right.rate} Hz")
        channels.append(np.frombuffer(right.data, "<i2"))
    frames = np.zeros((max(map(len, channels)), len(channels)), "<i2")
    for column, samples in enumerate(channels):
        frames[: len(samples), column] = samples
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(left.rate)
        file.writeframes(frames.tobytes())


def at_rate(pcm: Pcm, rate: int) -> Pcm:
    """The same sound at `rate` Hz, unchanged if it has that rate already."""
    if pcm.rate == rate or not pcm.data:
        return Pcm(pcm.data, rate)
    samples = np.frombuffer(pcm.data, "<i2").astype(np.float64)
    return Pcm(to_int16(soxr.resample(samples, pcm.rate, rate, quality="HQ")).tobytes(), rate)


def to_int16(samples: Floats) -> NDArray[np.int16]:
    """Samples in units of one 16-bit step, rounded, and clipped where they are too loud."""
    return np.clip(np.rint(samples), -32768, 32767).astype("<i2")


def _chunks(path: Path, data: bytes) -> dict[str, bytes]:
    """The file's chunks by name, the first of each. A length that was never filled in means: to the end."""
    found: dict[str, bytes] = {}
    at = 12
    while at + 8 <= len(data):
        name = data[at : at + 4].decode("latin-1")
        size = struct.unpack_from("<I", data, at + 4)[0]
        left = len(data) - at - 8
        if name == "data" and size in _UNKNOWN_SIZES:
            size = left
        if size > left:
            raise _refusal(path, f"is cut short: {size} bytes of {name.strip()!r} announced, {left} there")
        found.setdefault(name, data[at + 8 : at + 8 + size])
        at += 8 + size + size % 2
    return found


def _decoded(path: Path, data: bytes, kind: int, bits: int) -> Floats:
    """The samples, full scale at 1."""
    match kind, bits:
        case 1, 8:
            return (np.frombuffer(data, np.uint8).astype(np.float64) - 128) / 128
        case 1, 16:
            return np.frombuffer(data, "<i2").astype(np.float64) / 2**15
        case 1, 24:
            padded = np.zeros((len(data) // 3, 4), np.uint8)
            padded[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            return padded.view("<i4").ravel().astype(np.float64) / 2**31
        case 1, 32:
            return np.frombuffer(data, "<i4").astype(np.float64) / 2**31
        case 3, 32 | 64:
            samples = np.frombuffer(data, f"<f{bits // 8}").astype(np.float64)
            if not np.isfinite(samples).all():
                raise _refusal(path, "holds samples that are not numbers")
            return samples
    raise _refusal(path, f"has samples of {bits} bits; 8, 16, 24 and 32 are read")


def _refusal(path: Path, what: str, code: str = "bad_wav") -> CallerError:
    return CallerError(f"{path} {what}", field="wav", code=code)
