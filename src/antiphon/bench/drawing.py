"""Plots as SVG, drawn by hand: nothing is fetched, and colours come from the page's style."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from antiphon.bench.figures import Curve, Figure, Kind, Statistic

WIDTH = 640
BINS = 32
LEFT, RIGHT = 12, 12
CURVE_WIDTH, CURVE_HEIGHT = 310, 190
_SHADES = 8
"Classes s0 … s7 of the page's style."


def distribution(figure: Figure) -> str:
    """How the values are spread: a histogram with the median, the 95th percentile and the goals. Empty for none."""
    if figure.kind is not Kind.SAMPLE or len(figure.values) < 3:
        return ""
    bounds = [goal.bound for goal in figure.goals]
    low = min(0.0, *figure.values)
    high = max(*figure.values, *bounds, 1e-9) * 1.04
    height, floor = 96, 70

    def x(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    counts = [0] * BINS
    for value in figure.values:
        counts[min(BINS - 1, int((value - low) / (high - low) * BINS))] += 1
    tallest = max(counts)
    step = (WIDTH - LEFT - RIGHT) / BINS
    marks = [
        _rect(LEFT + n * step + 0.5, floor - 48 * count / tallest, step - 1, 48 * count / tallest, "bar")
        for n, count in enumerate(counts)
        if count
    ]
    marks.append(_line(LEFT, floor, WIDTH - RIGHT, floor, "axis"))
    for tick in ticks(low, high):
        marks.append(_line(x(tick), floor, x(tick), floor + 4, "axis"))
        marks.append(_text(x(tick), floor + 17, number(tick), "tick"))
    for statistic, anchor in ((Statistic.P50, "end"), (Statistic.P95, "start")):
        if (told := figure.statistic(statistic)) is not None:
            marks.append(_line(x(told), 14, x(told), floor, "mark"))
            offset = -3 if anchor == "end" else 3
            marks.append(_text(x(told) + offset, 12, f"{statistic} {number(told)}", "label", anchor))
    for goal in figure.goals:
        marks.append(_line(x(goal.bound), 20, x(goal.bound), floor, "goal"))
    return _svg(WIDTH, height, f"Distribution of {figure.name}, {figure.unit}", marks)


def strips(rows: Sequence[tuple[str, Figure]]) -> str:
    """One figure by several ways, a row each on one axis: a dot for each value, the median, the 95th percentile."""
    rows = [(name, figure) for name, figure in rows if figure.kind is Kind.SAMPLE and figure.values]
    if not rows:
        return ""
    goals = {goal.bound for _, figure in rows for goal in figure.goals}
    low = min(0.0, *(value for _, figure in rows for value in figure.values))
    high = max(1e-9, *goals, *(value for _, figure in rows for value in figure.values)) * 1.04
    height, names = 34, 96
    floor = 10 + height * len(rows)

    def x(value: float) -> float:
        return names + (value - low) / (high - low) * (WIDTH - names - RIGHT)

    marks = [_line(names, floor, WIDTH - RIGHT, floor, "axis")]
    for tick in ticks(low, high):
        marks += [
            _line(x(tick), 6, x(tick), floor + 4, "grid"),
            _text(x(tick), floor + 17, number(tick), "tick"),
        ]
    marks += [_line(x(bound), 6, x(bound), floor, "goal") for bound in goals]
    for row, (name, figure) in enumerate(rows):
        middle = 10 + height * row + height / 2
        marks.append(_text(names - 8, middle + 4, f"{name} ({figure.n})", "label", "end"))
        for n, value in enumerate(figure.values):
            marks.append(_dot(x(value), middle + (n * 0.618 % 1 - 0.5) * height * 0.5))
        for statistic in (Statistic.P50, Statistic.P95):
            if (told := figure.statistic(statistic)) is not None:
                marks.append(_line(x(told), middle - height * 0.42, x(told), middle + height * 0.42, "mark"))
    return _svg(WIDTH, floor + 26, f"{rows[0][1].name} by way, {rows[0][1].unit}", marks)


def waterfall(parts: Sequence[tuple[str, float]], whole: float = 0.0) -> str:
    """The parts of a turn, each beginning where the one before ended. `whole`: the end of an axis that is shared."""
    if not parts:
        return ""
    whole = whole or sum(ms for _, ms in parts) or 1.0
    row, names = 22, 110
    room = WIDTH - names - 90
    marks, at = [], 0.0
    for n, (name, ms) in enumerate(parts):
        y = 4 + n * row
        left = names + room * at / whole
        width = max(1.0, room * ms / whole)
        marks.append(_text(names - 8, y + 14, name, "tick", "end"))
        marks.append(_rect(left, y + 2, width, row - 6, f"s{n % _SHADES}"))
        marks.append(_text(left + width + 6, y + 14, f"{number(ms)} ms", "label", "start"))
        at += ms
    return _svg(WIDTH, 8 + row * len(parts), f"Median parts of a turn, {number(at)} ms in all", marks)


def curve(data: Curve) -> str:
    """The curve's points, joined, above a zero line."""
    points = [(x, y) for x, y in zip(data.x, data.y, strict=True) if y is not None]
    if not points:
        return ""
    top, floor, left, right = 30, CURVE_HEIGHT - 34, 44, CURVE_WIDTH - 12
    high = max([y for _, y in points] + ([data.bound] if data.bound is not None else []) + [1e-9]) * 1.1
    widest = max(data.x) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        return left + (right - left) * x / widest, floor - (floor - top) * y / high

    marks = [_text(left - 32, 16, f"{data.name}, {data.unit}", "label", "start")]
    for tick in ticks(0.0, high, 4):
        y = place(0, tick)[1]
        marks += [_line(left, y, right, y, "grid"), _text(left - 5, y + 4, number(tick), "tick", "end")]
    for value in data.x if len(data.x) <= 8 else ticks(0.0, widest, 5):
        marks.append(_text(place(value, 0)[0], floor + 16, number(value), "tick"))
    marks.append(_text((left + right) / 2, floor + 30, data.x_name, "tick"))
    if data.bound is not None:
        y = place(0, data.bound)[1]
        marks.append(_line(left, y, right, y, "goal"))
    placed = [place(*point) for point in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    marks.append(f'<polyline class="curve" points="{path}"/>')
    marks += [f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in placed]
    return _svg(CURVE_WIDTH, CURVE_HEIGHT, f"{data.name} by {data.x_name}", marks)


def ticks(low: float, high: float, about: int = 8) -> list[float]:
    """Round numbers between the bounds, about as many as asked for."""
    if high <= low:
        return [low]
    rough = (high - low) / about
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    first = math.ceil(low / step)
    return [round(n * step, 10) for n in range(first, math.floor(high / step) + 1)]


def number(value: float) -> str:
    """As many digits as one reads: 1234, 56.7, 0.089."""
    size = abs(value)
    if size >= 100 or value == round(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 else f"{value:.3f}"


def _svg(width: float, height: float, title: str, marks: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
        f"<title>{escape(title)}</title>{''.join(marks)}</svg>"
    )


def _dot(x: float, y: float) -> str:
    return f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, kind: str, anchor: str = "middle") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
