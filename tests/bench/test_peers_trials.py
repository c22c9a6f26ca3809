"""Beside other frameworks: every trial once, with our own server in the place of an entrant."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from antiphon.bench.machine import machine
from antiphon.bench.tables import table_of

PEERS = Path(__file__).parents[2] / "benchmarks" / "peers"
sys.path.append(str(PEERS))

import compare  # noqa: E402
from definitions import Row, grid  # noqa: E402
from entrants import ENTRANTS  # noqa: E402
from trials import Found  # noqa: E402

OURS = ENTRANTS[0]
TINY = compare.Size(rounds=1, turns=5, interruptions=1, cuts=1, sessions=(1,), seconds=0.5)
DATE = "2026-11-22T04:10:00+00:00"


async def all_trials() -> compare.Run:
    """Made at once, each with a server of its own: nearly all of it is waiting."""
    run = compare.Run(TINY)
    async with asyncio.TaskGroup() as group:
        for kind in compare.KINDS:
            group.create_task(run.trial(kind, OURS, 0), name=kind)
    return run


@pytest.mark.models
def test_every_trial_goes_well_with_our_own_server() -> None:
    run = asyncio.run(all_trials())
    assert run.failures == []
    rows = {row.measure: row for row in run.rows(ENTRANTS)}
    assert set(rows) == {
        *("share.spoken", "share.typed", "yield.silent", "yield.yielded", "remember.words", "remember.exact"),
        *("load.cpu.1", "load.response.1", "load.missed.1"),
    }
    assert rows["share.spoken"].n + rows["share.typed"].n == TINY.turns
    assert rows["yield.yielded"].p50 == rows["remember.exact"].p50 == 100


def test_what_is_measured_again_replaces_what_was_known_of_it() -> None:
    def run(ms: float, failure: str) -> compare.Run:
        run = compare.Run(TINY)
        run.found[OURS.name] = Found({"share.spoken": [ms]})
        run.began[OURS.name, "share.spoken"] = DATE, 0.5
        run.taken.add(f"share, {OURS.name}")
        run.failures.append(f"share, {OURS.name}: {failure}")
        return run

    first = compare.told(run(1.0, "no answer"), machine(), DATE, {})
    first["measured"].append({**first["measured"][0], "framework": "pipecat", "version": "1.0", "p50": 9.0})
    first["failures"].append("yield, pipecat, default: no server answers")
    again = compare.told(run(2.0, "too late"), machine(), DATE, first)
    assert [(row["framework"], row["p50"]) for row in again["measured"]] == [
        ("antiphon", 2.0),
        ("pipecat", 9.0),
    ]
    assert again["failures"] == [
        "yield, pipecat, default: no server answers",
        "share, antiphon, default: too late",
    ]


def test_the_table_of_the_page_has_a_column_for_each_entrant(tmp_path: Path) -> None:
    rows = [Row(name, "1.0", "default", "share.spoken", "ms", 8, 2.0, 3.5, 0.5, DATE) for name in ("a", "b")]
    columns, lines = grid(rows)
    file = tmp_path / "peers.json"
    loads = {"machine_before": {"load_1m": 0.2}, "machine_after": {"load_1m": 1.1}}
    told = {"date": DATE, "command": compare.COMMAND, "columns": columns, "rows": lines, **loads}
    file.write_text(json.dumps(told), encoding="utf-8")
    head, _, line, _, caption, *_ = table_of(file).splitlines()
    assert head == "| what | unit | a 1.0, default | b 1.0, default |"
    assert line.endswith("| ms | 2 / 3.5 (n 8) | 2 / 3.5 (n 8) |")
    assert caption == f"*22 November 2026 · `{compare.COMMAND}` · load average 0.2 before, 1.1 after*"
