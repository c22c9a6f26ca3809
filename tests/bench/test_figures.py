"""Figures, goals and plots."""

from __future__ import annotations

import os

import pytest

from antiphon.bench.drawing import curve, distribution, number, strips, ticks, waterfall
from antiphon.bench.figures import (
    BenchReport,
    Curve,
    Figure,
    Kind,
    Outcome,
    Statistic,
    least,
    most,
    p50_p95,
    percentile,
)
from antiphon.bench.machine import machine, usage
from antiphon.bench.page import html


def test_percentiles_lie_between_neighbours() -> None:
    assert percentile([3.0], 95) == 3.0
    assert percentile([4.0, 1.0, 2.0, 3.0], 50) == 2.5
    assert percentile(list(map(float, range(101))), 95) == 95


def test_a_goal_is_met_by_its_own_statistic() -> None:
    figure = Figure("wait", "ms", (100.0, 200.0, 900.0), p50_p95(300, 800))
    assert figure.meets(figure.goals[0])
    assert not figure.meets(figure.goals[1])
    assert figure.has_passed is False
    assert str(figure.goals[0]) == "p50 ≤ 300"


def test_shares_are_told_in_percent_and_levels_as_they_are() -> None:
    share = Figure("kept", "%", (1.0, 0.0, 1.0, 1.0), (least(70),), Kind.SHARE)
    assert share.statistic(Statistic.VALUE) == 75
    assert share.has_passed
    assert share.statistic(Statistic.P50) is None
    assert Figure("cpu", "s", (0.5,), (most(0.6),), Kind.LEVEL).has_passed


def test_what_was_not_measured_has_not_passed() -> None:
    assert Figure("wait", "ms", (), p50_p95(1, 1)).has_passed is False
    assert Figure("wait", "ms").has_passed is None
    assert not Outcome("turn", "", "", failures=("it broke",)).has_passed


@pytest.mark.parametrize("values", [(5.0, 5.0, 5.0), (-20.0, 0.0, 40.0), (0.0, 0.0, 0.0)])
def test_a_distribution_is_drawn_whatever_the_values(values: tuple[float, ...]) -> None:
    drawn = distribution(Figure("a < b", "ms", values, p50_p95(10, 20)))
    assert drawn.startswith("<svg")
    assert "a &lt; b" in drawn
    assert "nan" not in drawn


def test_plots_of_nothing_are_nothing() -> None:
    assert distribution(Figure("wait", "ms", (1.0,))) == ""
    assert waterfall(()) == ""
    assert curve(Curve("cpu", "s", "callers", (1.0,), (None,))) == ""


def test_a_waterfall_s_parts_follow_each_other() -> None:
    drawn = waterfall((("endpointing", 300.0), ("recognition", 100.0)))
    assert drawn.count("<rect") == 2
    assert "300 ms" in drawn


def test_a_curve_leaves_out_what_is_missing() -> None:
    drawn = curve(Curve("cpu", "s", "callers", (1.0, 4.0, 8.0), (0.5, None, 0.7), bound=0.6))
    assert drawn.count("<circle") == 2
    assert 'class="goal"' in drawn


def test_ticks_and_numbers_are_round() -> None:
    assert ticks(0, 100, 5) == [0, 20, 40, 60, 80, 100]
    assert [number(v) for v in (1234.6, 56.78, 0.0891, 3.0)] == ["1235", "56.8", "0.089", "3"]


def test_the_machine_and_a_process_of_it_are_described() -> None:
    assert machine().cores >= 1
    used = usage(os.getpid())
    assert used is None or (used.cpu_s > 0 and used.rss_mb > 1)
    assert usage(2**22 + 1) is None


def test_ways_are_drawn_on_one_axis_each_with_its_values() -> None:
    one, other = Figure("wait", "ms", (400.0, 500.0), p50_p95(600, 900)), Figure("wait", "ms", (700.0,))
    drawn = strips([("webrtc", one), ("livekit", other)])
    assert drawn.count('class="dot"') == 3
    assert "webrtc (2)" in drawn
    assert "livekit (1)" in drawn
    assert drawn.count('class="goal"') == 2
    assert strips([("webrtc", Figure("wait", "ms"))]) == ""


def test_an_outcome_is_named_by_its_suite_and_its_way() -> None:
    assert Outcome("turn", "", "", via="webrtc").name == "turn via webrtc"
    assert Outcome("chaos", "", "").name == "chaos"


def test_the_page_sets_ways_side_by_side() -> None:
    outcomes = tuple(
        Outcome("turn", "Response", "How long.", (Figure("wait", "ms", values),), via=via)
        for via, values in (("webrtc", (400.0, 600.0)), ("livekit", ()))
    )
    page = html(BenchReport("2026-11-22T03:00:00+00:00", "0.1.0", machine(), machine(), outcomes))
    assert "<th class=n>webrtc</th><th class=n>livekit</th>" in page
    assert '<td class="n">500 / 590 ms <span class="soft">(2)</span></td><td class="n soft">–</td>' in page
