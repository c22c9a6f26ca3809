"""Networks that are kept as they run: made once, made again when they are damaged, and never in the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from antiphon.providers.graphs import built

MODEL = Path(__file__).parent / "data" / "silero_vad_16k_op15.onnx"


def session(graph: str | bytes) -> ort.InferenceSession:
    return ort.InferenceSession(graph, providers=["CPUExecutionProvider"])


def answer(of: ort.InferenceSession) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    rng = np.random.default_rng(7)
    feed = {
        given.name: np.asarray(16_000, np.int64)
        if given.type == "tensor(int64)"
        else rng.standard_normal(
            [size if isinstance(size, int) else 1 for size in SHAPES[given.name]]
        ).astype(np.float32)
        for given in of.get_inputs()
    }
    return np.asarray(of.run(None, feed)[0])


SHAPES = {"input": (1, 576), "state": (2, 1, 128)}


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("model", [str(MODEL), MODEL.read_bytes()])
def test_what_was_kept_answers_as_the_model_does(model: str | bytes, tmp_path: Path) -> None:
    expected = answer(session(model))
    given: list[str | bytes] = []

    def make(graph: str | bytes) -> ort.InferenceSession:
        given.append(graph)
        return session(graph)

    for _ in range(2):
        assert np.array_equal(answer(built(make, model, "vad", "1", tmp_path)), expected)
    assert given == [str(tmp_path / files(tmp_path)[0])] * 2


def test_a_model_that_changed_takes_the_place_of_the_older(tmp_path: Path) -> None:
    (tmp_path / "voice-of-another.onnx").touch()
    built(session, str(MODEL), "vad", "1", tmp_path)
    before = files(tmp_path)
    built(session, str(MODEL), "vad", "2", tmp_path)
    assert len(files(tmp_path)) == len(before) == 2
    assert files(tmp_path) != before


def test_many_may_begin_at_once(tmp_path: Path) -> None:
    for round in range(5):
        with ThreadPoolExecutor(6) as threads:
            begun = [
                threads.submit(built, session, str(MODEL), "vad", f"{round} {number % 2}", tmp_path)
                for number in range(6)
            ]
        assert all(answer(one.result()).shape for one in begun)
        assert not [name for name in files(tmp_path) if name.startswith(".")]


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    built(session, str(MODEL), "vad", "1", tmp_path)
    [name] = files(tmp_path)
    whole = (tmp_path / name).read_bytes()
    for damaged in (b"", b"not a graph", whole[: len(whole) // 2]):
        (tmp_path / name).write_bytes(damaged)
        assert answer(built(session, str(MODEL), "vad", "1", tmp_path)).shape
        assert files(tmp_path) == []
        built(session, str(MODEL), "vad", "1", tmp_path)
        assert (tmp_path / name).read_bytes() == whole


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert answer(built(session, str(MODEL), "vad", "1", tmp_path / "file" / "below")).shape
