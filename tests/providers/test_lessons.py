"""What a guardrail learns about words is the same whether it was kept or made anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from antiphon.core.errors import SetupError
from antiphon.providers.lessons import lessons

LABELS = ("safe", "violence")


def written(path: Path, *examples: tuple[str, str]) -> Path:
    path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in examples))
    return path


def test_kept_lessons_are_those_that_were_made(tmp_path: Path) -> None:
    file = written(tmp_path / "a.jsonl", ("I could murder a pizza.", "safe"), ("I will hit you.", "violence"))
    kept = tmp_path / "cache"
    made = lessons([file, tmp_path / "none.jsonl"], LABELS, kept)
    assert made.examples == [("I could enjoy a pizza.", "safe"), ("I will hit you.", "violence")]
    assert (made.words["violence"].texts, made.words["violence"].features["hit you"]) == (1, 1)
    assert lessons([file], LABELS, kept) == made
    [path] = kept.iterdir()
    for damaged in ("", "{", "[]", '{"examples": [1], "words": {}}', '{"examples": []}'):
        path.write_text(damaged)
        assert lessons([file], LABELS, kept) == made


def test_other_examples_are_other_lessons(tmp_path: Path) -> None:
    file = written(tmp_path / "a.jsonl", ("Good day.", "safe"))
    before = lessons([file], LABELS, tmp_path / "cache")
    written(file, ("Good night.", "safe"))
    assert lessons([file], LABELS, tmp_path / "cache") != before


def test_a_label_that_there_is_not_is_named_with_its_file(tmp_path: Path) -> None:
    file = written(tmp_path / "a.jsonl", ("Good day.", "nice"))
    with pytest.raises(SetupError, match=r"a\.jsonl.*nice"):
        lessons([file], LABELS, tmp_path / "cache")


def test_a_folder_that_takes_no_file_is_no_error(tmp_path: Path) -> None:
    file = written(tmp_path / "a.jsonl", ("Good day.", "safe"))
    assert lessons([file], LABELS, file / "below").examples == [("Good day.", "safe")]
