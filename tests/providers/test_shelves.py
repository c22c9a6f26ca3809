"""Dictionaries on shelves answer as the dictionaries they were made of, and damaged ones are made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.providers import shelves
from antiphon.providers.local_hibari import Hibari

ENTRIES: dict[str, object] = {f"word {n}": {"NOUN": f"w{n}", "VERB": None} for n in range(1000)}
ENTRIES |= {"ɹ’s": "one", "": 1.25, "\ud800": ["half", "a", "letter"]}


def test_every_entry_is_found_and_no_other(tmp_path: Path) -> None:
    shelves.write(tmp_path / "some.shelves", {"some": ENTRIES})
    found = shelves.read(tmp_path / "some.shelves")
    assert found is not None
    assert {key: found["some"].get(key) for key in ENTRIES} == ENTRIES
    assert all(key in found["some"] for key in ENTRIES)
    assert found["some"].get("word 1000") is None and "word 1000" not in found["some"]


def test_what_is_missing_or_damaged_is_no_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "some.shelves"
    assert shelves.read(path) is None
    shelves.write(path, {"some": ENTRIES})
    whole = path.read_bytes()
    for data in (b"", whole[:3], whole[:-1], whole[:99] + b"x" + whole[100:]):
        path.write_bytes(data)
        assert shelves.read(path) is None


def test_a_folder_that_takes_no_file_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    written = shelves.write(tmp_path / "file" / "some.shelves", {"some": ENTRIES})
    assert written["some"].get("word 7") == ENTRIES["word 7"]


def test_other_sources_lie_in_another_place(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("one")
    before = shelves.place(tmp_path, "some", [source])
    source.write_text("another")
    assert shelves.place(tmp_path, "some", [source]) != before


@pytest.mark.models
def test_a_voice_reads_the_same_from_its_shelves(tmp_path: Path) -> None:
    words = "The tear in my dress made me tear up: 3 Sarajevos, 12.50 and X² read by Dr. Archduke-Ferdinand.".split()
    plain, first, again = Hibari(), Hibari(folder=tmp_path), Hibari(folder=tmp_path)
    clips = []
    for voice in (plain, first, again):
        voice.load()
        clips.append(voice.read(words))
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".onnx", ".shelves"]
    for clip in clips[1:]:
        assert clip.ends == clips[0].ends
        assert (clip.samples == clips[0].samples).all()
