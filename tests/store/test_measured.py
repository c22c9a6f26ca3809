"""What pages are told was measured: the newest of what there is, and nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from antiphon.bench.figures import BenchReport, Figure, Kind, Outcome
from antiphon.bench.machine import Machine
from antiphon.core.audio import silence
from antiphon.store.duel import Duel, Lane, Utterance, parts_of
from antiphon.store.duels import Duels
from antiphon.store.measured import MEASURES, Measured

HERE = Machine(2, "AMD EPYC", "Linux 6.1", "3.11.7", 24_105, 0.2, 0.3)


def keep(
    home: Path, name: str, *outcomes: Outcome, at: str = "2026-11-22T03:00:00+00:00", url: str = ""
) -> Path:
    folder = home / "bench"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(BenchReport(at, "0.1", HERE, HERE, outcomes, url).json(), encoding="utf-8")
    return path


def turn(*waits: float) -> Outcome:
    name = "end of speech → first sound of the answer"
    robot = Figure(f"{name}, flite", "ms", (9000.0,))
    return Outcome("turn", "Turn", "", (Figure(f"{name}, hibari", "ms", waits), robot))


def keep_duel(home: Path, *waits: float, tenant: str = "") -> None:
    parts = parts_of(waits[0], {})
    lane = Lane(via="livekit", response_ms=waits[0], parts=parts, waits_ms=waits, joins_ms=(900.0,))
    said = Utterance(seconds=1, speech_start_ms=0, speech_end_ms=900)
    at = "2026-11-22T04:00:00.123+00:00"
    duel = Duel(agent="tutor", started_at=at, machine="here", utterance=said, lanes=(lane,), tenant=tenant)
    Duels(home).save(duel, silence(1, 16_000), {})


def seen_by(tenant: str) -> Callable[[Duel], bool]:
    return lambda duel: duel.tenant in ("", tenant)


def test_where_nothing_was_measured_nothing_is_told(tmp_path: Path) -> None:
    ways = Measured(tmp_path).ways()
    assert set(ways) == {"orchestrate", "realtime", "webrtc", "direct", "livekit"}
    assert all(set(way) == set(MEASURES) and not any(way.values()) for way in ways.values())


def test_the_newest_run_counts_with_its_n_its_date_and_its_machine(tmp_path: Path) -> None:
    keep(tmp_path, "b", turn(400, 500, 600))
    keep(tmp_path, "a", turn(440, 450), at="2026-11-22T04:59:59+02:00")
    keep(tmp_path, "c", turn(1, 2), at="2026-11-21T23:00:00+00:00")
    row = Measured(tmp_path).ways()["orchestrate"]["response_ms"]
    assert row is not None
    assert (row["n"], row["p50"]) == (3, 500.0)
    assert (row["at"], row["from"]) == ("2026-11-22T03:00:00Z", "bench turn")
    assert row["machine"] == "2 cores AMD EPYC, 24105 MiB, Linux 6.1"


def test_a_way_that_a_report_names_is_that_way(tmp_path: Path) -> None:
    path = keep(tmp_path, "a", turn(400), Outcome("turn", "", "", (Figure("nothing known", "ms", (1.0,)),)))
    told = json.loads(path.read_text(encoding="utf-8"))
    told["outcomes"][0]["via"] = "webrtc"
    told["outcomes"][1]["figures"][0] |= {"via": "direct", "measure": "cost_per_turn_usd"}
    path.write_text(json.dumps(told), encoding="utf-8")
    ways = Measured(tmp_path).ways()
    assert ways["webrtc"]["response_ms"] is not None
    assert ways["orchestrate"]["response_ms"] is None
    assert ways["direct"]["cost_per_turn_usd"] is not None


def test_shares_are_told_in_percent(tmp_path: Path) -> None:
    yielded = Figure("interruptions yielded to", "%", (1, 1, 1, 0), kind=Kind.SHARE)
    keep(tmp_path, "a", Outcome("yield", "", "", (yielded, Figure("back-channels survived", "%", ()))))
    way = Measured(tmp_path).ways()["orchestrate"]
    assert way["yielded_percent"] is not None
    assert (way["yielded_percent"]["p50"], way["yielded_percent"]["unit"]) == (75.0, "%")
    assert way["backchannels_survived_percent"] is None


def test_what_is_no_report_or_of_elsewhere_is_passed_over(tmp_path: Path) -> None:
    keep(tmp_path, "a", turn(400), url="https://voices.example")
    for name, text in (("b", ""), ("c", "[]"), ("d", '{"url": ""}'), ("e", '{"url": 3, "outcomes": 1}')):
        (tmp_path / "bench" / f"{name}.json").write_text(text)
    (tmp_path / "bench" / "f.json").mkdir()
    assert not any(Measured(tmp_path).ways()["orchestrate"].values())


def test_duels_stand_in_where_no_bench_was_run(tmp_path: Path) -> None:
    keep_duel(tmp_path, 600, 700)
    keep_duel(tmp_path, 650)
    measured = Measured(tmp_path)
    way = measured.ways()["livekit"]
    assert way["response_ms"] == way["duel_ms"]
    assert way["duel_ms"] is not None
    assert (way["duel_ms"]["n"], way["duel_ms"]["p50"], way["duel_ms"]["from"]) == (3, 650.0, "2 duels")
    assert way["join_ms"] is not None
    assert (way["join_ms"]["n"], way["join_ms"]["p50"]) == (2, 900.0)


def test_a_tenant_is_not_told_of_anothers_duels(tmp_path: Path) -> None:
    keep_duel(tmp_path, 600, tenant="school")
    measured = Measured(tmp_path)
    assert measured.ways(seen_by("college"))["livekit"]["duel_ms"] is None
    assert measured.ways(seen_by("school"))["livekit"]["duel_ms"] is not None


def test_what_is_written_later_is_told(tmp_path: Path) -> None:
    path = keep(tmp_path, "a", turn(400))
    measured = Measured(tmp_path)
    assert measured.ways()["livekit"]["duel_ms"] is None
    keep(tmp_path, "a", turn(300))
    os.utime(path, ns=(1, 1))
    keep_duel(tmp_path, 600)
    ways = measured.ways()
    assert ways["orchestrate"]["response_ms"] is not None
    assert ways["orchestrate"]["response_ms"]["p50"] == 300.0
    assert ways["livekit"]["duel_ms"] is not None
    path.unlink()
    assert measured.ways()["orchestrate"]["response_ms"] is None
