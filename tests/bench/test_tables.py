"""The tables of docs/benchmarks.md hold what the files of results say, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from antiphon.bench.figures import BenchReport, Figure, Kind, Outcome, least, p50_p95
from antiphon.bench.machine import machine
from antiphon.bench.tables import MISSING, names_in, rendered, summary, table_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "benchmarks" / "results"


def report(*vias: str) -> BenchReport:
    outcomes = tuple(
        Outcome(
            "turn",
            "Response",
            "How long.",
            (
                Figure("wait", "ms", (400.0, 500.0, 600.0), p50_p95(600, 900)),
                Figure("answered", "%", (1.0, 0.0), (least(90),), Kind.SHARE),
            ),
            via=via,
            failures=("one was lost",),
        )
        for via in vias
    )
    return BenchReport("2026-11-22T03:00:00+00:00", "0.1.0", machine(), machine(), outcomes)


def test_the_page_holds_what_the_results_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert names_in(page)
    assert rendered(page, RESULTS) == page, "run benchmarks/regenerate.py --render-only"


def test_every_file_of_results_has_its_place_on_the_page() -> None:
    names = names_in(PAGE.read_text(encoding="utf-8"))
    assert {file.stem for file in RESULTS.glob("*.json")} <= set(names)


def test_a_run_becomes_a_table_with_its_date(tmp_path: Path) -> None:
    file = tmp_path / "turn.json"
    file.write_text(summary(report("webrtc"), "antiphon bench --suite turn"), encoding="utf-8")
    table = table_of(file)
    assert "| wait | 3 | 500 ms | 590 ms |  | p50 ≤ 600, p95 ≤ 900 | yes |" in table
    assert "| answered | 2 |  |  | 50 % | ≥ 90 | **no** |" in table
    assert "*22 November 2026 · `antiphon bench --suite turn`" in table
    assert "1 trial failed" in table
    assert "values" not in json.loads(file.read_text(encoding="utf-8"))["figures"][0]


def test_several_ways_stand_side_by_side(tmp_path: Path) -> None:
    file = tmp_path / "turn.json"
    file.write_text(summary(report("webrtc", "direct"), "antiphon bench"), encoding="utf-8")
    table = table_of(file)
    assert "| webrtc | direct | goal |" in table
    assert "| wait | 500 ms / 590 ms (3) ✓ | 500 ms / 590 ms (3) ✓ | p50 ≤ 600, p95 ≤ 900 |" in table


def test_what_another_program_measured_is_shown_as_it_wrote_it(tmp_path: Path) -> None:
    told = {
        "started_at": "2026-11-21",
        "command": "benchmarks/webrtc.py",
        "load": "load 1.0",
        "columns": ["what", "n", "note"],
        "rows": [["a call", 4, ""], ["two", 5, ""]],
    }
    (tmp_path / "once.json").write_text(json.dumps(told), encoding="utf-8")
    page = "Before.\n<!-- table: once -->\nold\n<!-- end -->\nAfter <!-- table: never -->\n<!-- end -->"
    made = rendered(page, tmp_path)
    assert "| what | n |\n| --- | --- |\n| a call | 4 |\n| two | 5 |" in made
    assert "old" not in made
    assert MISSING in made
    assert made.startswith("Before.\n")
    assert rendered(made, tmp_path) == made
