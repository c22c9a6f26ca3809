"""`antiphon bench`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from antiphon.bench.figures import BenchReport
from antiphon.bench.page import html
from antiphon.bench.showing import show_bench
from antiphon.bench.suites import DEFAULT, SUITES
from antiphon.bench.suites import bench as run_suites
from antiphon.cli.progress import progress
from antiphon.cli.terminal import out


def bench(
    suite: Annotated[
        list[str] | None, typer.Option(help=f"Which: {', '.join(SUITES)}; comma-separated or repeated.")
    ] = None,
    url: Annotated[str, typer.Option(help="A running server to measure; empty: servers of our own.")] = "",
    agent: Annotated[str, typer.Option(help="Whom to call.")] = "tutor",
    sessions: Annotated[str, typer.Option(help="Callers at once, for the load.")] = "1,4,8,16",
    repeats: Annotated[int, typer.Option(help="Trials of each kind; 0: as many as the suite needs.")] = 0,
    seconds: Annotated[float, typer.Option(help="How long each step of a load lasts.")] = 60.0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the measures there.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write a page with plots there.")] = None,
) -> None:
    """Measure what callers notice: waits, interruptions, pauses, memory of what was heard, load."""
    names = [name for given in suite or [] for name in given.split(",") if name]
    counts = [int(number) for number in sessions.split(",") if number.strip().isdigit()]
    report = asyncio.run(_bench(names or DEFAULT, url, agent, counts, repeats or None, seconds))
    show_bench(out, report)
    if json_file is not None:
        json_file.write_text(report.json(), encoding="utf-8")
    if html_file is not None:
        html_file.write_text(html(report), encoding="utf-8")
    raise typer.Exit(report.exit_code)


async def _bench(
    names: Sequence[str],
    url: str,
    agent: str,
    sessions: Sequence[int],
    repeats: int | None,
    seconds: float,
) -> BenchReport:
    with progress() as say:
        return await run_suites(
            names,
            url=url,
            agent=agent,
            sessions=sessions,
            repeats=repeats,
            seconds=seconds,
            on_progress=lambda at: say(f"{at.suite} {at.doing}", at.done, at.total),
        )
