"""Voice activity by Silero VAD v6, one batched model for all callers of the process."""

from __future__ import annotations

import asyncio
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from antiphon.core.audio import Pcm
from antiphon.providers.local_inference import Worker, onnx_session

RATE = 16_000
FRAME = 512
CONTEXT = 64
"Samples of the frame before, which the model wants to see in front of each frame."
STATE = 256
"Floats that the model passes from frame to frame."
MODEL = Path(__file__).parent / "models" / "silero_vad" / "silero_vad_16k_products.onnx"
"The published weights in a form made for batches, by `scripts/ship_silero.py`: half the original's time or less."

Floats = NDArray[np.float32]

QUIET_PEAK = 4
"A frame whose samples stay within ±this (of 32768: -78 dBFS) is silence: speech that soft scores below 0.02."
HEAD = Struct("<8h")
SETTLED = 16
"""Quiet frames in a row (0.5 s) after which the next are not judged, and the model's memory stays as it is.

On 104 clips after 1 and 5 s of digital silence speech was never noticed later for it, and in half of them up
to 4 frames earlier: a model that listens to nothing for long grows slow to wake.
"""
SCALE = np.float32(1 / 32768)
OUTPUTS = ["output", "stateN"]
MOST = 32
GATHER_FROM = 8
"Callers from which on it pays to wait for company."
GATHER_SECONDS = 0.032
"A frame's length: all callers are judged at once, and each is known to be speech 16 ms later on average."


@dataclass(slots=True, eq=False)
class _Memory:
    """What the model remembers of one caller. Touched by the worker's thread only."""

    state: Floats = field(default_factory=lambda: np.zeros(STATE, np.float32))


class _Model:
    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session

    def judge(self, frames: list[tuple[_Memory, bytes]]) -> list[float]:
        """P(speech) of each frame, its context before it. Frames of one caller are judged in order."""
        if len({id(memory) for memory, _ in frames}) == len(frames):
            return self._run(frames)
        answers = [0.0] * len(frames)
        waiting = list(enumerate(frames))
        while waiting:
            seen: set[int] = set()
            chosen: list[tuple[int, tuple[_Memory, bytes]]] = []
            later: list[tuple[int, tuple[_Memory, bytes]]] = []
            for place in waiting:
                key = id(place[1][0])
                (later if key in seen else chosen).append(place)
                seen.add(key)
            for (index, _), answer in zip(chosen, self._run([frame for _, frame in chosen]), strict=True):
                answers[index] = answer
            waiting = later
        return answers

    def _run(self, frames: list[tuple[_Memory, bytes]]) -> list[float]:
        """Each caller has one frame here. Whatever numpy is asked for, it is asked once for all of them."""
        samples = np.frombuffer(b"".join([data for _, data in frames]), np.int16)
        sound = np.multiply(samples, SCALE, dtype=np.float32).reshape(len(frames), CONTEXT + FRAME)
        state = np.concatenate([memory.state for memory, _ in frames]).reshape(len(frames), STATE)
        p, after = self._session.run(OUTPUTS, {"input": sound, "state": state})
        for (memory, _), kept in zip(frames, after, strict=True):
            memory.state = kept
        answers: list[float] = p[:, 0].tolist()
        return answers


class SileroVad:
    """Silero VAD v6 for any number of callers. Make one for the whole process: it owns a thread."""

    rate = RATE
    frame = FRAME

    def __init__(self, model: Path = MODEL) -> None:
        # A cancelled frame is judged all the same: the model must hear the sound without a gap.
        self._worker: Worker[tuple[_Memory, bytes], float] = Worker(
            "antiphon-vad", _Model(onnx_session(model)).judge, most=MOST, skip_cancelled=False
        )
        self._callers = 0

    def open(self) -> SileroActivity:
        """A new listener with no memory, at the cost of a few kilobytes."""
        activity = SileroActivity(self._worker)
        weakref.finalize(activity, self._count, -1).atexit = False
        self._count(+1)
        return activity

    @property
    def batches(self) -> int:
        """Times the model was run so far, for any number of callers each."""
        return self._worker.batches

    def _count(self, change: int) -> None:
        self._callers += change
        self._worker.gather_for(GATHER_SECONDS if self._callers >= GATHER_FROM else 0.0)


class SileroActivity:
    """One caller's voice activity."""

    def __init__(self, worker: Worker[tuple[_Memory, bytes], float]) -> None:
        self._worker = worker
        self._memory = _Memory()
        self._quiet = 0
        self._before = bytes(2 * CONTEXT)

    def probability(self, frame: Pcm) -> asyncio.Future[float]:
        """P(speech) in `frame` (512 samples at 16 kHz). A cancelled frame still counts as heard."""
        data = frame.data
        if len(data) != 2 * FRAME or frame.rate != RATE:
            raise ValueError(f"Silero judges {FRAME} samples at {RATE} Hz, got {len(frame)} at {frame.rate}")
        before, self._before = self._before, data[-2 * CONTEXT :]
        if _is_quiet(data):
            self._quiet += 1
            if self._quiet > SETTLED:
                known: asyncio.Future[float] = asyncio.get_running_loop().create_future()
                known.set_result(0.0)
                return known
        else:
            self._quiet = 0
        return self._worker.ask((self._memory, before + data))


def _is_quiet(data: bytes) -> bool:
    # The first samples decide for nearly every frame of a live microphone, at a tenth of the price.
    head = HEAD.unpack_from(data)
    if max(head) > QUIET_PEAK or min(head) < -QUIET_PEAK:
        return False
    samples = np.frombuffer(data, np.int16)
    return bool(samples.max() <= QUIET_PEAK and samples.min() >= -QUIET_PEAK)
