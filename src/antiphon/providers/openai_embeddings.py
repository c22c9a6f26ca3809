"""OpenAI's sentence vectors, and those of every server that speaks the same protocol.

Facts: https://platform.openai.com/docs/api-reference/embeddings
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from antiphon.core.errors import ProviderError
from antiphon.ports import Used, bill
from antiphon.providers.hosted import Patience, within
from antiphon.providers.openai_wire import OpenAIWire
from antiphon.providers.resilience.sharing import Shared
from antiphon.providers.vectors import Matrix, Progress

BATCH = 128
"Texts asked about at a time: well under the API's 2048 texts and 300,000 tokens."
KNOWN = 20_000
"Vectors told to `know` that are kept: 120 MB at 1536 numbers."


class OpenAIEmbeddings:
    """An `Encoder` behind embeddings, also for whole collections. Sessions share its connections."""

    def __init__(
        self,
        model: str,
        api_key: str = "",
        base_url: str | None = None,
        *,
        dimensions: int = 1536,
        shortens: bool = False,
        name: str = "",
        answer_s: float = 5.0,
    ) -> None:
        """`dimensions`: the length of the model's vectors, or with `shortens` the one it is asked for.

        Raises SetupError without the openai package, or without a key where OpenAI itself is asked.
        """
        self.dimensions = dimensions
        self._service = name or f"openai/{model}"
        self.name = f"{self._service}@{dimensions}"
        self._model = model
        self._answer_s = answer_s
        self._options: Mapping[str, object] = {"dimensions": dimensions} if shortens else {}
        patience = Patience(answer_s, answer_s)
        self._wire = OpenAIWire(base_url, api_key=api_key, provider=self.name, patience=patience)
        self._known: dict[str, tuple[float, ...]] = {}
        # The router, the guardrail and the retriever of one turn ask for the same words at the same time.
        self._calls: Shared[tuple[str, ...], list[tuple[float, ...]]] = Shared()

    async def close(self) -> None:
        """Every connection is closed; what is being encoded fails."""
        await self._wire.close()

    async def encode(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        """One unit-length vector for each text, in order. Raises ProviderError. Cancelling ends the request."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._known))
        found: dict[str, tuple[float, ...]] = {}
        for at in range(0, len(missing), BATCH):
            batch = missing[at : at + BATCH]
            rows = await self._calls.call(tuple(batch), partial(self._ask, batch))
            found.update(zip(batch, rows, strict=True))
        return [self._known[text] if text in self._known else found[text] for text in texts]

    async def encode_many(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        """One unit-length row for each text, in order. `progress` is told `(done, total)`. Raises ProviderError."""
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for at in range(0, len(texts), BATCH):
            batch = texts[at : at + BATCH]
            rows[at : at + len(batch)] = await self.encode(batch)
            if progress is not None:
                progress(at + len(batch), len(texts))
        return rows

    def know(self, texts: Sequence[str], rows: Matrix) -> None:
        """`rows` are the vectors of `texts` from now on: asking for one of them costs nothing."""
        for text, row in zip(texts, rows, strict=True):
            if len(self._known) < KNOWN:
                self._known[text] = tuple(map(float, row))

    async def _ask(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        with self._wire.telling():
            asked = self._wire.client.embeddings.create(
                model=self._model,
                input=[text if text.strip() else "-" for text in texts],  # an empty one is refused
                encoding_format="float",
                extra_body=self._options,
            )
            told = await within(self._answer_s, asked, self.name)
        if (usage := getattr(told, "usage", None)) is not None:
            bill(Used("encoder", self._service, tokens=usage.total_tokens))
        data = sorted(getattr(told, "data", ()), key=lambda item: int(item.index))
        if len(data) != len(texts):
            raise self._wire.garbled(f"with {len(data)} vectors for {len(texts)} texts")
        return [self._unit(item.embedding) for item in data]

    def _unit(self, vector: Sequence[float]) -> tuple[float, ...]:
        if len(vector) != self.dimensions:
            raise ProviderError(
                f"{self.name} gives vectors of {len(vector)} numbers: say so where it is named",
                retryable=False,
                provider=self.name,
            )
        length = math.hypot(*vector)
        if not length:
            raise self._wire.garbled("with a vector of no length")
        return tuple(part / length for part in vector)
