"""WAV files of every kind people have, and those that are broken."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from antiphon.bench.wav import at_rate, read_wav, write_wav
from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError

WAVE = np.array([0.0, 0.5, -0.5, 0.25, -1.0])


def riff(
    kind: int, bits: int, data: bytes, *, channels: int = 1, rate: int = 16_000, tail: bytes = b""
) -> bytes:
    block = channels * bits // 8
    fmt = struct.pack("<HHIIHH", kind, channels, rate, rate * block, block, bits) + tail
    body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def twenty_four(values: np.ndarray) -> bytes:
    return b"".join(struct.pack("<i", int(v))[:3] for v in np.clip(values * 2**23, -(2**23), 2**23 - 1))


KINDS = {
    "8 bits": riff(1, 8, (WAVE * 128 + 128).clip(0, 255).astype(np.uint8).tobytes()),
    "16 bits": riff(1, 16, (WAVE * 32768).clip(-32768, 32767).astype("<i2").tobytes()),
    "24 bits": riff(1, 24, twenty_four(WAVE)),
    "32 bits": riff(1, 32, (WAVE * 2**31).clip(-(2**31), 2**31 - 1).astype("<i4").tobytes()),
    "float": riff(3, 32, WAVE.astype("<f4").tobytes()),
    "double": riff(3, 64, WAVE.astype("<f8").tobytes()),
    "extensible": riff(
        0xFFFE,
        32,
        WAVE.astype("<f4").tobytes(),
        tail=struct.pack("<HHIH", 22, 32, 4, 3) + bytes.fromhex("000000001000800000aa00389b71"),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_sound_in_every_encoding(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(KINDS[kind])
    pcm = read_wav(tmp_path / "a.wav")
    assert pcm.rate == 16_000
    assert np.frombuffer(pcm.data, "<i2").tolist() == [0, 16384, -16384, 8192, -32768]


def test_two_channels_become_their_mean(tmp_path: Path) -> None:
    frames = np.array([[100, 300], [-200, 0]], "<i2")
    (tmp_path / "a.wav").write_bytes(riff(1, 16, frames.tobytes(), channels=2, rate=44_100))
    pcm = read_wav(tmp_path / "a.wav")
    assert (pcm.rate, np.frombuffer(pcm.data, "<i2").tolist()) == (44_100, [200, -100])


def test_too_loud_floats_are_clipped(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(riff(3, 32, np.array([2.0, -2.0], "<f4").tobytes()))
    assert np.frombuffer(read_wav(tmp_path / "a.wav").data, "<i2").tolist() == [32767, -32768]


def test_a_length_that_was_never_filled_in_means_to_the_end(tmp_path: Path) -> None:
    data = KINDS["16 bits"]
    at = data.index(b"data") + 4
    (tmp_path / "a.wav").write_bytes(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :])
    assert len(read_wav(tmp_path / "a.wav")) == 5


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "is not a WAV file"),
        (b"ID3\x04 an mp3 with the wrong name", "is not a WAV file"),
        (KINDS["16 bits"][:-4], "is cut short: 10 bytes of 'data' announced, 6 there"),
        (KINDS["16 bits"][:40], "holds no sound"),
        (riff(1, 16, b""), "is empty"),
        (riff(1, 12, b"\0" * 12), "12 bits"),
        (riff(7, 8, b"\0" * 12), "is compressed \\(µ-law\\); save it as PCM"),
        (riff(0x55, 16, b"\0" * 12), "is compressed \\(MP3\\)"),
        (riff(3, 32, np.array([np.nan], "<f4").tobytes()), "not numbers"),
        (riff(1, 16, b"\0\0", channels=0), "0 channels"),
    ],
)
def test_what_cannot_be_read_is_named(data: bytes, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(data)
    with pytest.raises(CallerError, match=complaint) as refused:
        read_wav(path)
    assert str(path) in str(refused.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CallerError, match="does not exist"):
        read_wav(tmp_path / "none.wav")
    with pytest.raises(CallerError, match="cannot be read"):
        read_wav(tmp_path)


def test_both_sides_of_a_call_are_written_as_two_channels(tmp_path: Path) -> None:
    left, right = Pcm(b"\x01\0\x02\0\x03\0", 8000), Pcm(b"\x05\0", 8000)
    write_wav(tmp_path / "new" / "call.wav", left, right)
    data = (tmp_path / "new" / "call.wav").read_bytes()
    assert data[-12:] == b"\x01\0\x05\0\x02\0\0\0\x03\0\0\0"


def test_another_rate_keeps_the_length_in_time() -> None:
    pcm = Pcm(bytes(44_100 * 2), 44_100)
    assert at_rate(pcm, 16_000).seconds == pytest.approx(1.0, abs=1e-3)
    assert at_rate(pcm, 44_100) is not None
    assert len(at_rate(Pcm(b"", 44_100), 16_000)) == 0
