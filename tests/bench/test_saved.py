"""Every run of the bench is kept, and the newest is found."""

from __future__ import annotations

from pathlib import Path

from antiphon.bench.saved import newest, save


def test_the_newest_of_several_runs_is_found(tmp_path: Path) -> None:
    assert newest(tmp_path) is None
    later = save('{"n": 2}', "2026-11-22T03:10:00+00:00", tmp_path)
    save('{"n": 1}', "2026-11-21T23:10:00+00:00", tmp_path)
    assert newest(tmp_path) == later
    assert later.read_text(encoding="utf-8") == '{"n": 2}'
    assert ":" not in later.name
