"""Beside other frameworks: what is counted there, and the table it comes to. The frameworks themselves are not run."""

from __future__ import annotations

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

PEERS = Path(__file__).parents[2] / "benchmarks" / "peers"
sys.path.append(str(PEERS))

import definitions  # noqa: E402
import environments  # noqa: E402
from definitions import Row, difference, heard, in_tones, shares, statistics, table, titled  # noqa: E402

CHAR = 10


def loaded(name: str, file: Path) -> ModuleType:
    """The program, under a name that no other one has."""
    spec = spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def note(event: str, at: float, session: str = "call-1", kind: str = "spoken") -> str:
    return json.dumps({"event": event, "at": at, "session": session, "kind": kind})


def row(framework: str, measure: str, p50: float, p95: float | None = None) -> Row:
    return Row(framework, "1.0", "default", measure, "ms", 8, p50, p95, 0.5, "2026-11-22T04:10:00+00:00")


def test_a_share_runs_from_the_decision_to_the_first_sound() -> None:
    told = [
        note("confirmed", 1.0),
        note("sounded", 1.012),
        note("confirmed", 4.0, kind="typed"),
        note("sounded", 4.02),
    ]
    assert [(share.kind, round(share.ms, 3)) for share in shares(told)] == [("spoken", 12.0), ("typed", 20.0)]


def test_a_decision_after_which_the_caller_went_on_counts_for_nothing() -> None:
    told = [note("confirmed", 1.0), note("confirmed", 1.5), note("sounded", 1.51)]
    assert [round(share.ms) for share in shares(told)] == [10]


def test_the_callers_of_one_framework_do_not_share_their_shares() -> None:
    told = [note("confirmed", 1.0), note("confirmed", 1.004, "call-2"), note("sounded", 1.006, "call-2")]
    assert [(share.session, round(share.ms)) for share in shares(told)] == [("call-2", 2)]


def test_a_word_is_heard_from_its_first_sample_and_whole_with_its_last() -> None:
    words = in_tones("wait for me", CHAR)
    assert words == [("wait", 0, 40), ("for", 50, 80), ("me", 90, 110)]
    assert heard(words, 120) == (("wait", "for", "me"), ("wait", "for", "me"))
    assert heard(words, 79) == (("wait",), ("wait", "for"))


def test_words_count_on_either_side_but_the_one_that_was_cut() -> None:
    words = in_tones("this is a story", CHAR)
    whole = 90  # the last sample of "a"
    assert difference(words, whole, ["this", "is", "a"]) == 0
    assert difference(words, whole, ["this", "is", "a", "story"]) == 1
    assert difference(words, whole, []) == 3
    assert difference(words, whole, ["that", "is", "a"]) == 6
    assert difference(words, whole - 1, ["this", "is"]) == 0
    assert difference(words, whole - 1, ["this", "is", "a"]) == 0


def test_a_single_value_has_no_tail() -> None:
    assert statistics([]) == (None, None)
    assert statistics([3.0]) == (3.0, None)
    assert statistics([1.0, 2.0, 3.0]) == (2.0, 2.9)


def test_the_table_has_a_line_for_each_measure_and_says_what_was_not_measured() -> None:
    rows = [
        row("ours", "load.cpu.16", 0.52),
        row("ours", "share.spoken", 1.04, 2.0),
        row("theirs", "load.cpu.16", 1.0),
    ]
    head, _, first, second = table(rows).splitlines()
    assert head == "| what | unit | ours 1.0, default | theirs 1.0, default |"
    assert first.endswith("| ms | 1.04 / 2 (n 8) | not measured |")
    assert second == "| processor time per session-minute, 16 callers | ms | 0.52 | 1 |"


def test_the_program_and_its_trials_name_only_measures_that_are_explained() -> None:
    program = loaded("peers_compare", PEERS / "compare.py")
    assert {measure.partition(".")[0] for measure in definitions.MEASURES} == set(program.KINDS)
    assert titled("load.cpu.8") == "processor time per session-minute, 8 callers"
    assert program.unit("remember.exact.untimed") == "%"
    assert program.ENTRANTS[0].framework == "antiphon"
    for entrant in program.ENTRANTS[1:]:
        assert (PEERS / "drivers" / entrant.driver).exists()
        assert f"{entrant.package}" in (PEERS / "requirements" / f"{entrant.kind}.txt").read_text()


def test_the_environments_lie_at_home() -> None:
    assert environments.place({"ANTIPHON_HOME": "/somewhere"}) == Path("/somewhere/peers")
    assert environments.place({}) == PEERS / ".peers"
