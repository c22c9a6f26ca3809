"""Trains small classifiers over sentence vectors: a few hundred examples, under a second, always the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.agent.routing import LinearHead
from antiphon.core.errors import SetupError
from antiphon.providers.vectors import (
    BulkEncoder,
    Progress,
    VectorCache,
    digest,
    write_atomically,
)

Example = tuple[str, str]
"A text and its label."

Rows = Sequence[Sequence[float]] | NDArray[np.float32] | NDArray[np.float64]

VERSION = "1"
"Changes when the same examples would give another head."


def train(vectors: Rows, labels: Sequence[str], C: float = 30.0, steps: int = 300) -> LinearHead:
    """The softmax regression with least loss: weighted sum of log losses + ‖weights‖²/2C. Deterministic.

    Every label weighs the same, however many examples it has. `C` weighs the examples against the size of
    the weights; 30 suits a few hundred unit vectors.
    """
    rows = np.asarray(vectors, np.float64)
    names = tuple(sorted(set(labels)))
    if len(names) < 2 or len(rows) != len(labels):
        raise ValueError("training needs a label for each vector, and two labels at least")
    rows = np.hstack([rows, np.ones((len(rows), 1))])
    wanted = np.array([names.index(label) for label in labels])
    counts = np.bincount(wanted)
    shares = (len(rows) / len(names) / counts)[wanted]
    weights = _minimise(rows, np.eye(len(names))[wanted], shares[:, None], C, steps)
    return LinearHead(
        labels=names,
        weights=tuple(tuple(map(float, row)) for row in weights[:-1].T.round(6)),
        bias=tuple(map(float, weights[-1].round(6))),
    )


def _minimise(
    rows: NDArray[np.float64], onehot: NDArray[np.float64], shares: NDArray[np.float64], C: float, steps: int
) -> NDArray[np.float64]:
    """Nesterov's accelerated gradient, restarted whenever it overshoots: no step size to choose."""
    penalty = np.full((rows.shape[1], 1), 1.0 / C)
    penalty[-1] = 1e-6  # the bias is free
    # The softmax loss curves at most half as much as least squares would.
    curvature = 0.5 * float(np.linalg.norm(rows.T @ (rows * shares), 2)) + 1.0 / C
    weights = np.zeros((rows.shape[1], onehot.shape[1]))
    ahead, momentum = weights, 1.0
    for _ in range(steps):
        scores = rows @ ahead
        scores -= scores.max(1, keepdims=True)
        guesses = np.exp(scores)
        guesses /= guesses.sum(1, keepdims=True)
        gradient = rows.T @ ((guesses - onehot) * shares) + penalty * ahead
        following = ahead - gradient / curvature
        step = following - weights
        if float((gradient * step).sum()) > 0:
            momentum = 1.0
        quicker = (1 + (1 + 4 * momentum * momentum) ** 0.5) / 2
        ahead = following + (momentum - 1) / quicker * step
        weights, momentum = following, quicker
        if float(np.abs(gradient).max()) < 1e-4:
            break
    return weights


def cross_validate(
    vectors: Rows, labels: Sequence[str], folds: int = 5, C: float = 30.0
) -> list[dict[str, float]]:
    """For each example the probabilities given by a head that has not seen it."""
    rows = np.asarray(vectors, np.float64)
    order = np.random.default_rng(7).permutation(len(labels))
    found: list[dict[str, float]] = [{} for _ in labels]
    for fold in range(folds):
        held = set(order[fold::folds].tolist())
        kept = [index for index in range(len(labels)) if index not in held]
        head = train(rows[kept], [labels[index] for index in kept], C)
        for index in held:
            found[index] = head.probabilities(rows[index].tolist())
    return found


def accuracy(vectors: Rows, labels: Sequence[str], folds: int = 5, C: float = 30.0) -> float:
    """The share of examples that a head trained without them labels right."""
    found = cross_validate(vectors, labels, folds, C)
    right = sum(max(p, key=p.__getitem__) == label for p, label in zip(found, labels, strict=True))
    return right / len(labels)


class Nearness:
    """How much nearer a vector is to examples of one kind than to the others: what a line between them blurs.

    A classifier draws one line through all examples; a rare way of saying something is lost on it, and is
    yet next to the example that says the same.
    """

    def __init__(self, rows: Rows, is_of_kind: Sequence[bool], nearest: int = 5) -> None:
        """`nearest`: examples of either side that count. Three to ten do as well; one alone may be an odd one."""
        all_rows = np.asarray(rows, np.float32)
        kind = np.asarray(is_of_kind, bool)
        self._kind, self._others = all_rows[kind], all_rows[~kind]
        self._nearest = nearest

    def lean(self, vector: Sequence[float]) -> float:
        """Mean cosine to the nearest of the kind, less that to the nearest others. Positive: more of the kind."""
        asked = np.asarray(vector, np.float32)
        return self._mean(self._kind @ asked) - self._mean(self._others @ asked)

    def _mean(self, cosines: NDArray[np.float32]) -> float:
        kept = min(self._nearest, len(cosines))
        return float(np.partition(cosines, -kept)[-kept:].mean()) if kept else 0.0


async def learn(
    encoder: BulkEncoder,
    cache: VectorCache,
    examples: Sequence[Example],
    C: float = 30.0,
    progress: Progress | None = None,
) -> LinearHead:
    """The head for `examples`, from the cache's folder when these very examples were learnt before."""
    texts = [text for text, _ in examples]
    labels = [label for _, label in examples]
    path = cache.folder / f"head-{digest(VERSION, encoder.name, str(C), *texts, *labels)[:32]}.json"
    known = await asyncio.to_thread(_read, path)
    if known is not None and known.dimensions == encoder.dimensions:
        return known
    rows = await cache.encode_all(encoder, texts, progress)
    head = await asyncio.to_thread(train, rows, labels, C)
    await asyncio.to_thread(_write, path, head)
    return head


async def taught(
    encoder: BulkEncoder,
    cache: VectorCache,
    read: Callable[[], Sequence[Example]],
    progress: Progress | None = None,
) -> LinearHead:
    """The head for the examples that `read` finds, in a thread of its own. Raises what it raises."""
    return await learn(encoder, cache, await asyncio.to_thread(read), progress=progress)


def read_examples(path: Path) -> list[Example]:
    """The examples in a file of `{"text": …, "label": …}` lines. Raises SetupError naming a bad line."""
    examples: list[Example] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            text, label = found["text"], found["label"]
        except (ValueError, KeyError, TypeError) as error:
            raise SetupError(
                f'{path}, line {number}: write it as {{"text": "…", "label": "…"}} ({error})'
            ) from error
        if not (isinstance(text, str) and isinstance(label, str) and text.strip() and label):
            raise SetupError(f"{path}, line {number}: `text` and `label` must be words")
        examples.append((text, label))
    return examples


def _read(path: Path) -> LinearHead | None:
    try:
        return LinearHead.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write(path: Path, head: LinearHead) -> None:
    try:
        write_atomically(path, head.to_json().encode())
    except OSError:
        return  # the head is right, only the next start will be slower
