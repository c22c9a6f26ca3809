"""A loudspeaker for two voices: answers, and a stream of sound beside them that makes room while an answer sounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from antiphon.bench.headset import Asides, Loudspeaker
from antiphon.bench.wav import at_rate, to_int16
from antiphon.bench.waveform import Samples, audible
from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.wire.native import AudioFrame, PlayedAck

CROSSFADE_S = 0.050
"Seconds in which one voice gives way to the other: short enough for the first word, long enough to be smooth."
STREAM_JITTER_S = 0.040
"Seconds of the stream that are kept against the network's unrest: two packets, as a browser does."


class TwoVoices(Loudspeaker):
    """Plays answers as any loudspeaker, and mixes in what `hear` is given, but for the time an answer sounds."""

    def __init__(
        self, rate: int, clock: Callable[[], float], *, stream_rate: int, jitter_s: float, ack_s: float
    ) -> None:
        """`clock`: seconds of the call's timeline."""
        super().__init__(rate, jitter_s=jitter_s, ack_s=ack_s)
        self._clock = clock
        self._stream_rate = stream_rate
        self._stream: list[tuple[int, bytes]] = []
        "What came, and at which sample of the timeline, at the stream's rate, it is played."
        self._stream_end = 0
        self._gain = [(0.0, 1.0)]
        "How loud the stream is played, and from when on: between two points it changes evenly."
        self._whole: set[int] = set()
        self._words: list[tuple[float, str]] = []

    # ---- the stream --------------------------------------------------------------------------------------
    def hear(self, data: bytes) -> None:
        """The next of the stream has come: PCM16."""
        now = self._clock()
        at = self._stream_end
        if at < round(now * self._stream_rate):
            at = round((now + STREAM_JITTER_S) * self._stream_rate)
        self._stream.append((at, data))
        self._stream_end = at + len(data) // BYTES_PER_SAMPLE

    def says(self, words: str) -> None:
        """These are words of the stream."""
        self._words.append((self._clock(), words))

    def asides(self, since: float, until: float) -> Asides:
        until = min(until, self._stream_end / self._stream_rate)
        first = round(since * self._stream_rate)
        bounds = audible(to_int16(self._beside(until)[first:]), self._stream_rate)
        words = tuple(words for at, words in self._words if since <= at < until)
        return Asides(None if bounds is None else (first + bounds[0]) / self._stream_rate, words)

    def _beside(self, until: float) -> NDArray[np.float64]:
        """What was heard of the stream from time 0 to `until`, at its rate."""
        track = np.zeros(round(until * self._stream_rate))
        for at, data in self._stream:
            piece = np.frombuffer(data, "<i2", len(data) // BYTES_PER_SAMPLE)[: max(0, len(track) - at)]
            track[at : at + len(piece)] = piece
        times, gains = zip(*self._gain, strict=True)
        track *= np.interp(np.arange(len(track)) / self._stream_rate, times, gains)
        return track

    # ---- the answers -------------------------------------------------------------------------------------
    @property
    def sounding(self) -> int | None:
        """The turn of which something was heard or waits to be, and more may come; None if there is none."""
        for turn, received in self._received.items():
            if turn not in self._cleared and (turn not in self._whole or self.played(turn) < received):
                return turn
        return None

    def all_came(self, turn: int) -> None:
        """No more of the turn will come."""
        self._whole.add(turn)

    def queue(self, frame: AudioFrame, came: float) -> None:
        super().queue(frame, came)
        self._fade(0.0, came)

    def clear(self, turn: int, now: float) -> PlayedAck:
        ack = super().clear(turn, now)
        self.advance_to(now)
        return ack

    def advance_to(self, now: float) -> None:
        super().advance_to(now)
        if self.sounding is None:
            self._fade(1.0, now)

    def _fade(self, gain: float, at: float) -> None:
        """From then on the stream goes to that gain, and stays there."""
        if self._gain[-1][1] == gain:
            return
        times, gains = zip(*self._gain, strict=True)
        here = float(np.interp(at, times, gains))
        self._gain = [point for point in self._gain if point[0] < at]
        self._gain += [(at, here), (at + abs(gain - here) * CROSSFADE_S, gain)]

    def recording(self, until: float) -> Samples:
        answers = super().recording(until)
        beside = Pcm(to_int16(self._beside(until)).tobytes(), self._stream_rate)
        mixed = answers.astype(np.float64)
        other = np.frombuffer(at_rate(beside, self.rate).data, "<i2")[: len(mixed)]
        mixed[: len(other)] += other
        return to_int16(mixed)
