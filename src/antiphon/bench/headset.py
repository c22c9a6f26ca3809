"""What a caller speaks into and listens with: a microphone and a loudspeaker on one timeline.

Neither knows a clock: the time `now`, seconds since both were switched on, is an argument. So what was said
and what was heard lie on the same axis to the sample, whenever the program came round to ask.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from antiphon.bench.wav import at_rate
from antiphon.bench.waveform import Samples, audible, speech_bounds
from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.wire.native import FRAME_SECONDS, AudioFrame, PlayedAck

EDGE = 1e-9
"Seconds forgiven when a time is turned into a count of samples: sums of floats fall short by that much."


@dataclass(slots=True)
class Utterance:
    """Something the caller said. `start` and `end` are on the call's timeline, seconds."""

    start: float
    pcm: Pcm
    text: str = ""
    "What was typed, when nothing was spoken."
    is_sent: bool = False
    _bounds: tuple[float, float] | None = field(init=False)

    def __post_init__(self) -> None:
        self._bounds = speech_bounds(self.pcm)

    @property
    def end(self) -> float:
        return self.start + self.pcm.seconds

    @property
    def speech_start(self) -> float:
        """When the first audible sample left the mouth; `start` for what was typed."""
        return self.start + (self._bounds[0] if self._bounds else 0.0)

    @property
    def speech_end(self) -> float:
        """When the last audible sample had left the mouth; `start` for what was typed."""
        return self.start + (self._bounds[1] if self._bounds else 0.0)


class Microphone:
    """An endless row of frames: what was given to say, and silence around it."""

    def __init__(self, rate: int, frame_s: float = FRAME_SECONDS) -> None:
        self.rate = rate
        self.frame_samples = round(rate * frame_s)
        self.recorded = bytearray()
        "Everything that left the microphone, from time 0 on: PCM16 at `rate`."
        self._waiting: deque[Utterance] = deque()
        self._around: Samples | None = None

    def surround(self, noise: Pcm) -> None:
        """The noise is heard from now on, again and again, under all that is said."""
        self._around = np.frombuffer(at_rate(noise, self.rate).data, "<i2")

    @property
    def captured(self) -> int:
        """Samples that have left the microphone: the next one is spoken at this sample of the timeline."""
        return len(self.recorded) // BYTES_PER_SAMPLE

    @property
    def is_speaking(self) -> bool:
        """Something is being said, or waits to be."""
        return bool(self._waiting)

    def say(self, pcm: Pcm, at: float | None = None) -> Utterance:
        """`pcm`, at this microphone's rate, will be said at `at`, or as soon as all before it is."""
        if pcm.rate != self.rate:
            raise ValueError(f"the microphone runs at {self.rate} Hz, not {pcm.rate}")
        free = self.captured if not self._waiting else _end(self._waiting[-1], self.rate)
        begin = max(free, free if at is None else round(at * self.rate))
        utterance = Utterance(begin / self.rate, pcm)
        self._waiting.append(utterance)
        return utterance

    def due(self, now: float) -> list[bytes]:
        """The frames that are full by `now`, in order. A frame is full when its last sample was spoken."""
        frames = []
        while self.captured + self.frame_samples <= (now + EDGE) * self.rate:
            frames.append(self._frame())
        return frames

    def _frame(self) -> bytes:
        begin, frame = self.captured, bytearray()
        stop = begin + self.frame_samples
        while self._waiting and (at := begin + len(frame) // BYTES_PER_SAMPLE) < stop:
            first = self._waiting[0]
            start = round(first.start * self.rate)
            if start >= stop:
                break
            if start > at:
                frame += bytes((start - at) * BYTES_PER_SAMPLE)
                at = start
            frame += first.pcm.between(at - start, stop - start).data
            if start + len(first.pcm) <= stop:
                first.is_sent = True
                self._waiting.popleft()
        frame += bytes(self.frame_samples * BYTES_PER_SAMPLE - len(frame))
        if self._around is not None:
            noise = self._around.take(range(begin, stop), mode="wrap").astype(np.int32)
            mixed = np.clip(np.frombuffer(bytes(frame), "<i2") + noise, -32768, 32767)
            frame = bytearray(mixed.astype("<i2").tobytes())
        self.recorded += frame
        return bytes(frame)


def _end(utterance: Utterance, rate: int) -> int:
    return round(utterance.start * rate) + len(utterance.pcm)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples of a turn as they left the loudspeaker: `at` on the timeline, `offset` within the turn."""

    at: int
    turn: int
    offset: int
    samples: Samples

    @property
    def stop(self) -> int:
        return self.at + len(self.samples)


@dataclass(frozen=True, slots=True)
class Gap:
    """The loudspeaker ran dry in the middle of a turn: silence that nobody meant, seconds."""

    turn: int
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Asides:
    """What was said beside the turns, by another voice than the agent's."""

    at: float | None = None
    "When the first of it was heard, seconds; None: nothing was."
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class _Queued:
    turn: int
    offset: int
    samples: Samples


class Loudspeaker:
    """Plays frames in the order they came, without a break, and counts what was heard of each turn.

    It begins `jitter_s` after the first frame arrives, and again so after it ran dry. It pauses, goes on
    and drops when told to, from the very sample. `LOUD` is what makes it say that the agent is speaking.
    """

    LOUD = 100.0
    "Level in 16-bit steps (−50 dBFS) of the sound taken for the agent's voice while the call runs."

    def __init__(self, rate: int, *, jitter_s: float = 0.010, ack_s: float = 0.050) -> None:
        self.rate = rate
        self.heard: list[Stretch] = []
        "What was played, in order; the timeline is silent in between."
        self.gaps: list[Gap] = []
        self.faults: list[str] = []
        "Frames that broke the protocol, as sentences."
        self.frames_after_clear = 0
        self.speaking_since: dict[int, float] = {}
        "When each turn's first loud sample was played, seconds."
        self._jitter_s = jitter_s
        self._ack_s = ack_s
        self._queue: deque[_Queued] = deque()
        self._at = 0
        self._starts_at = 0
        self._dry: tuple[int, int] | None = None
        self._held: set[int] = set()
        self._cleared: dict[int, float] = {}
        self._received: dict[int, int] = {}
        self._played: dict[int, int] = {}
        self._unacked: dict[int, None] = {}
        self._next_ack = 0.0

    @property
    def is_drained(self) -> bool:
        """Nothing waits to be played."""
        return not self._queue

    @property
    def is_held(self) -> bool:
        """What waits to be played waits for `resume` or `clear`."""
        return bool(self._queue) and self._queue[0].turn in self._held

    @property
    def sounded_until(self) -> float:
        """When the last sample so far was played, seconds; 0 before the first."""
        return self.heard[-1].stop / self.rate if self.heard else 0.0

    @property
    def cleared(self) -> dict[int, float]:
        """When each turn was cleared that was, seconds."""
        return self._cleared

    def received(self, turn: int) -> int:
        """Samples of the turn that have arrived."""
        return self._received.get(turn, 0)

    def played(self, turn: int) -> int:
        """Samples of the turn that have been played."""
        return self._played.get(turn, 0)

    def take(self, frame: AudioFrame, now: float) -> None:
        """The frame is queued, unless its turn was cleared."""
        self.advance_to(now)
        if frame.turn in self._cleared:
            self.frames_after_clear += 1
            return
        self.queue(frame, now)

    def queue(self, frame: AudioFrame, came: float) -> None:
        """The frame, which came at that time, waits to be played."""
        expected = self._received.get(frame.turn, 0)
        if frame.offset != expected:
            self.faults.append(f"turn {frame.turn}: sample {expected} was due, {frame.offset} came")
        samples = np.frombuffer(frame.data, "<i2")
        self._received[frame.turn] = frame.offset + len(samples)
        if not len(samples):
            return
        if not self._queue:
            self._starts_at = max(self._at, round((came + self._jitter_s) * self.rate))
        self._queue.append(_Queued(frame.turn, frame.offset, samples))

    def hold(self, turn: int, now: float) -> None:
        """Not one more sample of the turn is played until it is resumed."""
        self.advance_to(now)
        self._held.add(turn)

    def resume(self, turn: int, now: float) -> None:
        """The turn goes on from the sample it was held at."""
        self.advance_to(now)
        self._held.discard(turn)

    def clear(self, turn: int, now: float) -> PlayedAck:
        """What was queued of the turn is dropped, and what comes of it will be. The count is final."""
        self.advance_to(now)
        self._queue = deque(queued for queued in self._queue if queued.turn != turn)
        self._cleared.setdefault(turn, now)
        self._held.discard(turn)
        self._unacked.pop(turn, None)
        return PlayedAck(turn, self.played(turn), cleared=True)

    def acks(self, now: float) -> list[PlayedAck]:
        """The acknowledgements due by `now`: every `ack_s` while playing, at once for a turn played out."""
        self.advance_to(now)
        is_due = now + EDGE >= self._next_ack
        waiting = {queued.turn for queued in self._queue}
        due = [turn for turn in self._unacked if is_due or turn not in waiting]
        for turn in due:
            del self._unacked[turn]
        if due and is_due:
            self._next_ack = max(self._next_ack + self._ack_s, now)
        return [PlayedAck(turn, self.played(turn)) for turn in due]

    def advance_to(self, now: float) -> None:
        """All that is due by `now` has been played. Time does not run backwards."""
        target = int((now + EDGE) * self.rate)
        while self._at < target:
            if not self._queue or self.is_held:
                self._at = target
            elif self._at < self._starts_at:
                self._at = min(target, self._starts_at)
            else:
                self._play(target - self._at)

    def _play(self, most: int) -> None:
        first = self._queue[0]
        samples = first.samples[:most]
        if self._dry and self._dry[0] == first.turn:
            self.gaps.append(Gap(first.turn, self._dry[1] / self.rate, (self._at - self._dry[1]) / self.rate))
        self._dry = None
        self.heard.append(Stretch(self._at, first.turn, first.offset, samples))
        if first.turn not in self.speaking_since:
            loud = audible(samples, self.rate, self.LOUD)
            if loud is not None:
                self.speaking_since[first.turn] = (self._at + loud[0]) / self.rate
        if not self._unacked and self._next_ack < self._at / self.rate:
            self._next_ack = self._at / self.rate + self._ack_s
        self._unacked[first.turn] = None
        self._at += len(samples)
        first.offset += len(samples)
        first.samples = first.samples[len(samples) :]
        self._played[first.turn] = first.offset
        if not len(first.samples):
            self._queue.popleft()
            if not self._queue:
                self._dry = first.turn, self._at

    def asides(self, since: float, until: float) -> Asides:
        """What was said in that time that is of no turn."""
        return Asides()

    def recording(self, until: float) -> Samples:
        """Everything that was heard from time 0 to `until`, silence included."""
        track = np.zeros(round(until * self.rate), np.int16)
        for heard in self.heard:
            if heard.at < len(track):
                track[heard.at : heard.stop] = heard.samples[: len(track) - heard.at]
        return track
