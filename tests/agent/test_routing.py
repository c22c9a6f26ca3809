"""The small classifier under the router, and how it is trained."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from antiphon.agent.routing import LinearHead
from antiphon.core.errors import SetupError
from antiphon.providers.heads import accuracy, learn, read_examples, train
from antiphon.providers.vectors import Matrix, Progress, VectorCache

HEAD = LinearHead(("history", "math"), ((1.0, 0.0), (0.0, 2.0)), (0.0, -0.5))


def clouds(labels: Sequence[str], spread: float = 0.3) -> tuple[Matrix, list[str]]:
    """Twenty unit vectors around a direction of its own for each label."""
    noise = np.random.default_rng(3)
    rows = np.concatenate([np.eye(8)[i] + spread * noise.normal(size=(20, 8)) for i in range(len(labels))])
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), [label for label in labels for _ in range(20)]


def test_probabilities_sum_to_one_and_follow_the_vector() -> None:
    near_history, near_math = HEAD.probabilities((1.0, 0.0)), HEAD.probabilities((0.0, 1.0))
    assert math.isclose(sum(near_history.values()), 1.0)
    assert near_history["history"] > 0.8 > near_history["math"]
    assert near_math["math"] > near_math["history"]


def test_large_scores_do_not_overflow() -> None:
    head = LinearHead(("a", "b"), ((1e6,), (-1e6,)), (0.0, 0.0))
    assert head.probabilities((1.0,)) == {"a": 1.0, "b": 0.0}


def test_a_head_survives_json() -> None:
    assert LinearHead.from_json(HEAD.to_json()) == HEAD


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"labels": ["a"], "weights": [[1], [2]], "bias": [0]}', "3", '{"labels": 1}']
)
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        LinearHead.from_json(text)


def test_a_vector_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 numbers, not 3"):
        HEAD.probabilities((1.0, 2.0, 3.0))


def test_training_is_deterministic_and_separates_what_is_separate() -> None:
    rows, labels = clouds(["math", "history", "english"])
    head = train(rows, labels)
    assert head == train(rows, labels)
    assert head.labels == ("english", "history", "math")
    for row, label in zip(rows.tolist(), labels, strict=True):
        shares = head.probabilities(row)
        assert max(shares, key=shares.__getitem__) == label


def test_training_finds_the_least_loss() -> None:
    rows, labels = clouds(["a", "b"], spread=0.8)
    few, many = train(rows, labels, steps=300), train(rows, labels, steps=3000)
    assert np.allclose(few.weights, many.weights, atol=0.02)


def test_a_rare_label_weighs_as_much_as_a_common_one() -> None:
    rows, labels = clouds(["common", "rare"])
    kept = [*range(20), 20, 21]
    head = train(rows[kept], [labels[index] for index in kept])
    between = (rows[:20].mean(0) + rows[20:22].mean(0)).tolist()
    assert 0.2 < head.probabilities(between)["rare"] < 0.8


def test_accuracy_is_that_of_heads_which_have_not_seen_the_example() -> None:
    rows, labels = clouds(["a", "b", "c"], spread=0.2)
    assert accuracy(rows, labels) > 0.9
    shuffled = [labels[i] for i in np.random.default_rng(1).permutation(len(labels))]
    assert accuracy(rows, shuffled) < 0.6


def test_one_label_is_nothing_to_learn() -> None:
    with pytest.raises(ValueError, match="two labels"):
        train([[1.0], [2.0]], ["a", "a"])


class Clouds:
    """An encoder of one-letter texts, each letter a direction of its own."""

    name = "clouds"
    dimensions = 8
    asked = 0

    async def encode(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        return [tuple(row) for row in (await self.encode_many(texts)).tolist()]

    async def encode_many(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        self.asked += 1
        return np.eye(8, dtype=np.float32)[[ord(text[0]) - ord("a") for text in texts]]


def test_what_was_learnt_once_is_read_from_disk(tmp_path: Path) -> None:
    encoder, cache = Clouds(), VectorCache(tmp_path)
    examples = [("a1", "math"), ("a2", "math"), ("b1", "history")]
    head = asyncio.run(learn(encoder, cache, examples))
    for path in tmp_path.glob("vectors-*"):
        path.unlink()
    assert asyncio.run(learn(encoder, cache, examples)) == head
    assert encoder.asked == 1
    asyncio.run(learn(encoder, cache, [*examples, ("c1", "english")]))
    assert encoder.asked == 2


def test_a_damaged_head_is_learnt_again(tmp_path: Path) -> None:
    encoder, cache = Clouds(), VectorCache(tmp_path)
    examples = [("a1", "math"), ("b1", "history")]
    head = asyncio.run(learn(encoder, cache, examples))
    [file] = tmp_path.glob("head-*")
    file.write_text('{"labels": ["ma')
    assert asyncio.run(learn(encoder, cache, examples)) == head


def test_the_line_of_a_bad_example_is_named(tmp_path: Path) -> None:
    path = tmp_path / "examples.jsonl"
    path.write_text('{"text": "two plus two", "label": "math"}\n\n', encoding="utf-8")
    assert read_examples(path) == [("two plus two", "math")]
    path.write_text('{"text": "two plus two", "label": "math"}\nmath: three\n', encoding="utf-8")
    with pytest.raises(SetupError, match="line 2"):
        read_examples(path)
