"""A bench's report as a person reads it at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from antiphon.bench.drawing import number
from antiphon.bench.figures import BenchReport, Figure, Statistic


def show_bench(console: Console, report: BenchReport) -> None:
    """The figures with their goals, what went wrong, and the machine they were measured on."""
    for outcome in report.outcomes:
        table = Table(
            title=f"{outcome.title} · {outcome.name} · {outcome.seconds:.0f} s", title_justify="left"
        )
        table.add_column("metric", overflow="fold")
        for name in ("n", "p50", "p95", "value"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("goal")
        table.add_column("")
        for figure in outcome.figures:
            told = [_told(figure, which) for which in Statistic]
            goals = "\n".join(map(str, figure.goals))
            table.add_row(figure.name, str(figure.n), *told, goals, _verdict(figure.has_passed))
        console.print(table)
        if outcome.parts:
            parts = " · ".join(f"{name} {number(ms)}" for name, ms in outcome.parts)
            console.print(f"median parts, ms: {parts}", style="dim", highlight=False)
        for failure in outcome.failures:
            console.print(Text("! ", "red").append(failure, "default"))
        console.print()
    before, after = report.before, report.after
    console.print(
        f"{before.cores} cores · load average {before.load_1m} before, {after.load_1m} after · "
        f"{report.seconds:.0f} s",
        style="dim",
        highlight=False,
    )


def _told(figure: Figure, which: Statistic) -> str:
    value = figure.statistic(which)
    return "" if value is None else f"{number(value)} {figure.unit}".strip()


def _verdict(has_passed: bool | None) -> Text:
    if has_passed is None:
        return Text("")
    return Text("pass", "green") if has_passed else Text("fail", "bold red")
