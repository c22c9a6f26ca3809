"""A bench's report as one HTML page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from antiphon.bench.drawing import curve, distribution, number, strips, waterfall
from antiphon.bench.figures import BenchReport, Detail, Figure, Outcome, Statistic
from antiphon.bench.machine import Machine

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #667; --paper: #fdfcfa; --line: #d8d5cf; --good: #1c7c4a;
  --bad: #b3372b; --bar: #7a9cc6; --mark: #1b1f24; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e1; --soft: #9a9aa6; --paper: #16181c; --line: #34373d;
  --good: #58c48a; --bad: #f08072; --bar: #5f86b8; --mark: #e8e6e1; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } .soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
.n { text-align: right; } .good { color: var(--good); } .bad { color: var(--bad); }
.scroll { overflow-x: auto; max-height: 28rem; font-size: .8rem; } .definition { max-width: 48rem; }
svg { max-width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
svg .label { fill: var(--ink); } .bar { fill: var(--bar); } .axis, .grid { stroke: var(--line); }
.mark { stroke: var(--mark); stroke-width: 1.5; } .goal { stroke: var(--good); stroke-dasharray: 4 3; }
.curve { fill: none; stroke: var(--bar); stroke-width: 2; } .point { fill: var(--bar); }
.dot { fill: var(--bar); fill-opacity: .65; }
.s0 { fill: #c9a227; } .s1 { fill: #4f7cac; } .s2 { fill: #9b5094; } .s3 { fill: #3a9188; } .s4 { fill: #5b8c3e; }
.s5 { fill: #b3563b; } .s6 { fill: #6b70c4; } .s7 { fill: #8a8a8a; }
""".strip()


def html(report: BenchReport) -> str:
    """The report as a whole page."""
    verdict = _verdict(report.has_passed, "every goal met", "not every goal met")
    by_suite = {one.suite: [o for o in report.outcomes if o.suite == one.suite] for one in report.outcomes}
    sections = "\n".join(_section(outcomes) for outcomes in by_suite.values())
    where = f"the server at {escape(report.url)}" if report.url else "servers of its own"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Antiphon bench, {escape(report.started_at)}</title><style>{STYLE}</style></head><body>
<h1>Antiphon bench <span class="soft">{escape(report.version)}</span></h1>
<p>{verdict} · {escape(report.started_at)} · {report.seconds:.0f} s · against {where}</p>
{_machine(report.before, report.after)}
<h2>Summary</h2>
{_table([(outcome, figure) for outcome in report.outcomes for figure in outcome.figures])}
{sections}
</body></html>
"""


def _section(outcomes: Sequence[Outcome]) -> str:
    """One suite, by all the ways that it took."""
    first = outcomes[0]
    plots = _plots(outcomes)
    whole = max(sum(ms for _, ms in outcome.parts) for outcome in outcomes)
    if drawn := "".join(_captioned(o.via, waterfall(o.parts, whole)) for o in outcomes if o.parts):
        plots.append(f"<h3>Where the time goes: the median of each part of a turn</h3>{drawn}")
    if curves := "".join(curve(data) for outcome in outcomes for data in outcome.curves):
        plots.append(f"<h3>As the load grows</h3>{curves}")
    failures = "".join(
        f"<li>{escape(f'{outcome.via}: ' if outcome.via else '')}{escape(failure)}</li>"
        for outcome in outcomes
        for failure in outcome.failures
    )
    told = f'<h3 class="bad">What went wrong</h3><ul>{failures}</ul>' if failures else ""
    definition = "".join(f"<p>{escape(part)}</p>" for part in first.definition.strip().split("\n\n"))
    verdict = _verdict(all(outcome.has_passed for outcome in outcomes), "passed", "missed")
    seconds = sum(outcome.seconds for outcome in outcomes)
    return f"""<section id="{escape(first.suite)}"><h2>{escape(first.title)} {verdict}
<span class="soft">{escape(first.suite)} · {seconds:.0f} s</span></h2>
<div class="definition soft">{definition}</div>
{_measured(outcomes)}{told}
{"".join(plots)}{"".join(_details(outcome) for outcome in outcomes)}</section>"""


def _measured(outcomes: Sequence[Outcome]) -> str:
    """The figures of a suite; of several ways side by side, as value or as median and 95th percentile."""
    if len(outcomes) == 1:
        return _table([(outcomes[0], figure) for figure in outcomes[0].figures])
    names = dict.fromkeys(figure.name for outcome in outcomes for figure in outcome.figures)
    goals = {figure.name: figure.goals for outcome in outcomes for figure in outcome.figures}
    rows = "".join(
        f"<tr><td>{escape(name)}</td>{''.join(_cell_of(one, name) for one in outcomes)}"
        f"<td>{escape(', '.join(map(str, goals[name])))}</td></tr>"
        for name in names
    )
    head = "".join(f"<th class=n>{escape(outcome.via)}</th>" for outcome in outcomes)
    return f"<table><tr><th>metric</th>{head}<th>goal</th></tr>{rows}</table>"


def _cell_of(outcome: Outcome, name: str) -> str:
    figure = next((one for one in outcome.figures if one.name == name), None)
    if figure is None or not figure.n:
        return '<td class="n soft">–</td>'
    value = figure.statistic(Statistic.VALUE)
    middle, high = figure.statistic(Statistic.P50), figure.statistic(Statistic.P95)
    both = f"{number(middle or 0)} / {_told(high, figure.unit)}"
    kind = {True: "n good", False: "n bad", None: "n"}[figure.has_passed]
    told = both if value is None else _told(value, figure.unit)
    return f'<td class="{kind}">{escape(told)} <span class="soft">({figure.n})</span></td>'


def _plots(outcomes: Sequence[Outcome]) -> list[str]:
    """How the values are spread: of each figure, one plot for all ways."""
    names = dict.fromkeys(figure.name for outcome in outcomes for figure in outcome.figures)
    plots = []
    for name in names:
        same = [(one.via, figure) for one in outcomes for figure in one.figures if figure.name == name]
        drawn = distribution(same[0][1]) if len(outcomes) == 1 else strips(same)
        if drawn:
            plots.append(f"<h3>{escape(name)}, {escape(same[0][1].unit)}</h3>{drawn}")
    return plots


def _captioned(via: str, drawn: str) -> str:
    return f"<figure><figcaption>{escape(via)}</figcaption>{drawn}</figure>" if via else drawn


def _table(rows: Sequence[tuple[Outcome, Figure]]) -> str:
    cells = []
    for outcome, figure in rows:
        numbers = "".join(
            f'<td class="n">{escape(_told(figure.statistic(which), figure.unit))}</td>' for which in Statistic
        )
        passed = figure.has_passed
        verdict = "" if passed is None else _verdict(passed, "pass", "fail")
        goals = escape(", ".join(map(str, figure.goals)))
        cells.append(
            f"<tr><td>{escape(outcome.suite)}</td><td>{escape(outcome.via)}</td><td>{escape(figure.name)}</td>"
            f'<td class="n">{figure.n}</td>{numbers}<td>{goals}</td><td>{verdict}</td></tr>'
        )
    head = (
        "<th>suite</th><th>way</th><th>metric</th><th class=n>n</th><th class=n>p50</th><th class=n>p95</th>"
    )
    return f"<table><tr>{head}<th class=n>value</th><th>goal</th><th></th></tr>{''.join(cells)}</table>"


def _details(outcome: Outcome) -> str:
    details: Sequence[Detail] = outcome.details
    if not details:
        return ""
    names = list(dict.fromkeys(name for detail in details for name in detail))
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(detail.get(name)))}</td>" for name in names) + "</tr>"
        for detail in details
    )
    by = f" via {escape(outcome.via)}" if outcome.via else ""
    return (
        f"<details><summary>Every trial{by} ({len(details)})</summary>"
        f'<div class="scroll"><table><tr>{head}</tr>{rows}</table></div></details>'
    )


def _machine(before: Machine, after: Machine) -> str:
    memory = f", {before.memory_mb} MiB" if before.memory_mb else ""
    loads = (
        f"load average {before.load_1m} before, {after.load_1m} after" if before.load_1m is not None else ""
    )
    return (
        f'<p class="soft">{before.cores} cores {escape(before.processor)}{memory} · {escape(before.system)} · '
        f"Python {escape(before.python)} · {loads}. Figures of a busy machine are worse than Antiphon is.</p>"
    )


def _verdict(is_good: bool, good: str, bad: str) -> str:
    return f'<strong class="{"good" if is_good else "bad"}">{good if is_good else bad}</strong>'


def _told(value: float | None, unit: str) -> str:
    return "" if value is None else f"{number(value)} {unit}".strip()


def _cell(value: str | float | bool | None) -> str:
    if value is None:
        return ""
    return number(value) if isinstance(value, float) else str(value)
