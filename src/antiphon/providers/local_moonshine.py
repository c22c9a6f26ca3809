"""Speech to text by Moonshine tiny (English), run with plain onnxruntime: 27 million weights, one thread.

The weights come inside the wheel `moonshine-voice==0.1.0`; the package itself is never imported, since it
brings its own runtime and audio devices.
"""

from __future__ import annotations

import hashlib
import importlib.util
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.core.audio import Pcm
from antiphon.core.errors import SetupError
from antiphon.ports import Heard
from antiphon.providers.local_inference import Worker, onnx_session
from antiphon.providers.local_text import loud_seconds, without_invention

RATE = 16_000
LAYERS, HEADS, HEAD_SIZE = 6, 8, 36
START, END = 1, 2
TOKENS_PER_SECOND = 6.5
"Nobody speaks faster for long; a decoder that writes more has run into a loop."
PARTIAL_EVERY = 0.5
"Seconds of new sound that make another guess worth its price (about 80 ms of processor)."
SLOW = 0.4
"Seconds a decoding may take before guesses are thinned out: the machine is busy."
SHORTEST = 0.1
"Seconds of sound below which there is no word to find; the model invents one."
SHA256 = {
    "encoder_model.ort": "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
    "decoder_model_merged.ort": "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
}

Floats = NDArray[np.float32]


def weights() -> Path:
    """The folder with Moonshine's files, checked by their hashes. Raises SetupError."""
    spec = importlib.util.find_spec("moonshine_voice")
    places = list(spec.submodule_search_locations or ()) if spec else []
    folder = Path(places[0]) / "assets" / "tiny-en" if places else None
    if folder is None or not folder.is_dir():
        raise SetupError(
            "Moonshine's weights are not installed: pip install moonshine-voice==0.1.0"
            " (other versions lack them), or set ANTIPHON_STT=local/whisper-tiny"
        )
    for name, expected in SHA256.items():
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                raise SetupError(
                    f"{folder / name} is not the file this program was tested with:"
                    " pip install --force-reinstall moonshine-voice==0.1.0"
                )
    return folder


def read_vocabulary(file: Path) -> list[bytes]:
    """The pieces of words in tokenizer.bin, by token. Each is a length and as many bytes.

    A length from 128 on is written in two bytes: low seven bits, then the rest.
    """
    data, pieces, at = file.read_bytes(), [], 0
    while at < len(data):
        length = data[at]
        at += 1
        if length >= 128:
            length += (data[at] - 1) * 128
            at += 1
        pieces.append(data[at : at + length])
        at += length
    return pieces


@dataclass(slots=True)
class _Job:
    """A recording to transcribe, PCM16 at 16 kHz."""

    sound: bytes
    is_given_up: bool = False
    "Nobody waits for it any longer: the decoder may stop at its next word, and the thread is free."


class _Model:
    def __init__(self, folder: Path) -> None:
        self._encoder = onnx_session(folder / "encoder_model.ort")
        self._decoder = onnx_session(folder / "decoder_model_merged.ort")
        self._vocabulary = read_vocabulary(folder / "tokenizer.bin")
        nothing = np.zeros((0, HEADS, 1, HEAD_SIZE), np.float32)
        self._no_past = {
            f"past_key_values.{layer}.{side}.{part}": nothing
            for layer in range(LAYERS)
            for side in ("decoder", "encoder")
            for part in ("key", "value")
        }

    def transcribe(self, jobs: list[_Job]) -> list[Heard]:
        """What was heard in each recording."""
        return [self._transcribe(job) for job in jobs]

    def _transcribe(self, job: _Job) -> Heard:
        samples = np.frombuffer(job.sound, np.int16)
        seconds = len(samples) / RATE
        if seconds < SHORTEST or not samples.any():
            return Heard("")
        sound: Floats = (samples.astype(np.float32) / np.float32(32768))[None]
        tokens, confidence = self._decode(job, sound, int(seconds * TOKENS_PER_SECOND) + 8)
        pieces = b"".join(self._vocabulary[token] for token in tokens)
        text = pieces.decode("utf-8", "ignore").replace("\u2581", " ").strip()
        return Heard(without_invention(text, loud_seconds(samples, RATE)), confidence)

    def _decode(self, job: _Job, sound: Floats, most: int) -> tuple[list[int], float]:
        """The likeliest tokens, one by one, and their mean probability."""
        everything = np.ones(sound.shape, np.int64)
        hidden = self._encoder.run(None, {"input_values": sound, "attention_mask": everything})[0]
        past = dict(self._no_past)
        steady = {"encoder_hidden_states": hidden, "encoder_attention_mask": everything}
        tokens: list[int] = []
        surprise = 0.0
        last = START
        for step in range(most):
            scores, *present = self._decoder.run(
                None,
                {
                    "input_ids": np.array([[last]], np.int64),
                    "use_cache_branch": np.array([step > 0]),
                    **steady,
                    **past,
                },
            )
            row = scores[0, -1]
            last = int(row.argmax())
            surprise += float(np.log(np.exp(row - row[last]).sum()))
            if last == END or job.is_given_up:
                break
            tokens.append(last)
            if extra := repeated(tokens):
                del tokens[-extra:]
                break
            for name, value in zip(past, present, strict=True):
                # The encoder's part is made in the first step and stays; later steps return it empty.
                if step == 0 or ".decoder." in name:
                    past[name] = value
        return tokens, float(np.exp(-surprise / (len(tokens) + 1)))


def repeated(tokens: Sequence[int]) -> int:
    """How many of the last tokens only say again what stands before them, or 0 if that may be meant.

    A single token may come seven times in a row ("no no no"), a long phrase three times.
    """
    for period in range(1, 13):
        span = period * max(3, 7 - period)
        if len(tokens) >= span + period and tokens[-span:] == tokens[-span - period : -period]:
            return span
    return 0


class Moonshine:
    """Moonshine tiny for any number of utterances at once. Make one for the whole process: it owns a thread.

    Raises SetupError when its weights are missing or are not the ones this was tested with.
    """

    rate = RATE

    def __init__(self, folder: Path | None = None) -> None:
        """Its networks are built with the first utterance, on its thread: most of a second."""
        folder = folder or weights()
        model = cache(lambda: _Model(folder))
        self._worker: Worker[_Job, Heard] = Worker(
            "antiphon-moonshine", lambda jobs: model().transcribe(jobs)
        )

    def open(self) -> MoonshineRecognition:
        """A new utterance. Keep it below 15-20 s: the price grows faster than the length."""
        return MoonshineRecognition(self._worker)


class MoonshineRecognition:
    """One utterance. The whole of it is decoded again for every guess."""

    def __init__(self, worker: Worker[_Job, Heard]) -> None:
        self._worker = worker
        self._sound = bytearray()
        self._settled: tuple[int, Heard] | None = None
        self._guessed_at = 0
        self._rest_until = 0.0

    def push(self, pcm: Pcm) -> None:
        """`pcm`, 16 kHz, follows what was pushed before."""
        if pcm.rate != RATE:
            raise ValueError(f"Moonshine hears {RATE} Hz, got {pcm.rate}")
        self._sound += pcm.data

    async def partial(self) -> Heard | None:
        """The best guess so far; None when little was added since the last one, or the machine is busy."""
        length = len(self._sound)
        is_due = length - self._guessed_at >= PARTIAL_EVERY * RATE * 2
        if not is_due or self._worker.waiting or time.monotonic() < self._rest_until:
            return None
        self._guessed_at = length
        begun = time.monotonic()
        heard = await self._ask(is_urgent=False)
        took = time.monotonic() - begun
        if took > SLOW:
            self._rest_until = time.monotonic() + 4 * took
        return heard if heard.text else None

    async def settle(self) -> Heard:
        """The text of everything pushed so far. Raises ProviderError. Safe to cancel and call again."""
        length = len(self._sound)
        if self._settled is None or self._settled[0] != length:
            self._settled = (length, await self._ask(is_urgent=True))
        return self._settled[1]

    async def _ask(self, *, is_urgent: bool) -> Heard:
        job = _Job(bytes(self._sound))
        try:
            return await self._worker.ask(job, is_urgent=is_urgent)
        finally:
            job.is_given_up = True

    async def close(self) -> None:
        """The sound is forgotten."""
        self._sound.clear()
        self._settled = None
