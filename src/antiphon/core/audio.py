"""Sound as values: 16-bit mono samples with their rate."""

from __future__ import annotations

from dataclasses import dataclass

BYTES_PER_SAMPLE = 2


@dataclass(frozen=True, slots=True)
class Pcm:
    """Sound: 16-bit signed little-endian mono `data` at `rate` Hz. Never holds half a sample."""

    data: bytes
    rate: int

    def __post_init__(self) -> None:
        if len(self.data) % BYTES_PER_SAMPLE:
            raise ValueError(f"PCM16 needs an even number of bytes, got {len(self.data)}")
        if self.rate <= 0:
            raise ValueError(f"the sample rate must be positive, got {self.rate}")

    def __len__(self) -> int:
        """The number of samples."""
        return len(self.data) // BYTES_PER_SAMPLE

    @property
    def seconds(self) -> float:
        return len(self) / self.rate

    def __add__(self, other: Pcm) -> Pcm:
        """This sound followed by `other`, which must have the same rate."""
        if other.rate != self.rate:
            raise ValueError(f"cannot join sound at {self.rate} Hz and {other.rate} Hz")
        return Pcm(self.data + other.data, self.rate)

    def between(self, start: int, stop: int) -> Pcm:
        """The samples from `start` up to but not including `stop`, clamped to what there is."""
        start = max(0, start)
        return Pcm(self.data[start * BYTES_PER_SAMPLE : max(start, stop) * BYTES_PER_SAMPLE], self.rate)


def silence(seconds: float, rate: int) -> Pcm:
    """Digital silence that lasts `seconds`."""
    return Pcm(bytes(round(seconds * rate) * BYTES_PER_SAMPLE), rate)
