"""End of turn by Smart Turn v3.2: hears in the last 8 s of speech whether its speaker has finished.

The sound is shown to the model as Whisper's features: the log-mel spectrogram of Radford et al. 2022, "Robust
Speech Recognition via Large-Scale Weak Supervision", section 2.2, over windows of 25 ms every 10 ms.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from antiphon.core.audio import Pcm
from antiphon.providers.local_inference import Worker, onnx_session

RATE = 16_000
WINDOW, HOP, BANDS = 400, 160, 80
SPAN = 8 * RATE
"Samples the model hears."
MODEL = Path(__file__).parent / "models" / "smart_turn" / "smart-turn-v3.2-cpu.onnx"

Floats = NDArray[np.float32]


def mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's mel scale: linear up to 1 kHz (15 mel), then 27 mel for each factor of 6.4."""
    above = 15 + 27 * np.log(np.maximum(hertz, 1000) / 1000) / np.log(6.4)
    return np.where(hertz < 1000, hertz * 0.015, above)


def hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of `mel`."""
    above = 1000 * 6.4 ** ((np.maximum(mels, 15) - 15) / 27)
    return np.where(mels < 15, mels / 0.015, above)


@cache
def mel_bank() -> Floats:
    """Triangles of equal area over the frequencies of a window, one row for each of the 80 bands."""
    corners = hertz(np.linspace(0, mel(np.array(RATE / 2)), BANDS + 2))
    frequencies = np.linspace(0, RATE / 2, WINDOW // 2 + 1)
    rows = [
        np.interp(frequencies, corners[i : i + 3], [0, 1, 0]) * 2 / (corners[i + 2] - corners[i])
        for i in range(BANDS)
    ]
    return np.array(rows, np.float32)


@cache
def _hann() -> Floats:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def log_mel(samples: Floats) -> Floats:
    """Whisper's features of exactly 8 s of sound: 80 bands x 800 moments, about -1…1."""
    sound = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
    edged = np.pad(sound, WINDOW // 2, mode="reflect")
    windows = sliding_window_view(edged, WINDOW)[: SPAN // HOP * HOP : HOP]
    spectrum = np.fft.rfft(windows * _hann())
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    level = np.log10(np.maximum(mel_bank() @ power.T, 1e-10))
    features: Floats = (np.maximum(level, level.max() - 8) + 4) / 4
    return features


class _Model:
    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session

    def judge(self, utterances: list[bytes]) -> list[float]:
        """P(finished) of each utterance, PCM16 at 16 kHz."""
        features = np.stack([log_mel(_last_span(data)) for data in utterances])
        p = self._session.run(None, {"input_features": features})[0]
        return [float(value) for value in p[:, 0]]


def _last_span(data: bytes) -> Floats:
    """The last 8 s, silent before their beginning if the utterance is shorter."""
    tail = np.frombuffer(data[-SPAN * 2 :], np.int16)
    sound = np.zeros(SPAN, np.float32)
    if len(tail):
        sound[-len(tail) :] = tail.astype(np.float32) / 32768
    return sound


class SmartTurn:
    """Smart Turn v3.2 for any number of callers. Make one for the whole process: it owns a thread."""

    rate = RATE

    def __init__(self, model: Path = MODEL) -> None:
        # One at a time: a batch costs as much per utterance, and its first would wait for its last.
        self._worker: Worker[bytes, float] = Worker("antiphon-turn", _Model(onnx_session(model)).judge)

    async def completeness(self, utterance: Pcm) -> float:
        """P(the speaker has finished) at the end of `utterance`, 16 kHz. Silence is complete by half."""
        if utterance.rate != RATE:
            raise ValueError(f"Smart Turn hears {RATE} Hz, got {utterance.rate}")
        data = utterance.data[-SPAN * 2 :]
        if not any(data):
            return 0.5
        return await self._worker.ask(data)
