"""`antiphon bench`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from antiphon.bench.figures import BenchReport
from antiphon.bench.page import html
from antiphon.bench.saved import save
from antiphon.bench.showing import show_bench
from antiphon.bench.suites import DEFAULT, SUITES
from antiphon.bench.suites import bench as run_suites
from antiphon.bench.ways import WAYS
from antiphon.cli.progress import progress
from antiphon.cli.terminal import err, out
from antiphon.config import read_settings


def bench(
    suite: Annotated[
        list[str] | None, typer.Option(help=f"Which: {', '.join(SUITES)}; comma-separated or repeated.")
    ] = None,
    via: Annotated[
        list[str] | None, typer.Option(help=f"How callers speak: {', '.join(WAYS)}; the first by default.")
    ] = None,
    url: Annotated[str, typer.Option(help="A running server to measure; empty: servers of our own.")] = "",
    key: Annotated[str, typer.Option(help="A token to call, for a running server that wants one.")] = "",
    agent: Annotated[str, typer.Option(help="Whom to call.")] = "tutor",
    sessions: Annotated[str, typer.Option(help="Callers at once, for the load.")] = "1,4,8,16",
    repeats: Annotated[int, typer.Option(help="Trials of each kind; 0: as many as the suite needs.")] = 0,
    seconds: Annotated[float, typer.Option(help="How long each step of a load lasts.")] = 60.0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the measures there.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write a page with plots there.")] = None,
) -> None:
    """Measure what callers notice: waits, interruptions, pauses, memory of what was heard, load."""
    names, vias = _named(suite) or list(DEFAULT), _named(via) or ["orchestrate"]
    counts = [int(number) for number in sessions.split(",") if number.strip().isdigit()]
    if via and (deaf := [name for name in names if name in SUITES and not SUITES[name].speaks]):
        err.print(f"Nobody speaks in {', '.join(deaf)}: --via changes nothing there.", highlight=False)
    report = asyncio.run(_bench(names, vias, url, key, agent, counts, repeats or None, seconds))
    show_bench(out, report)
    kept = save(report.json(), report.started_at, read_settings().data)
    err.print(f"Kept as {kept}", style="dim", highlight=False)
    if json_file is not None:
        json_file.write_text(report.json(), encoding="utf-8")
    if html_file is not None:
        html_file.write_text(html(report), encoding="utf-8")
    raise typer.Exit(report.exit_code)


def _named(given: Sequence[str] | None) -> list[str]:
    return [name.strip() for names in given or [] for name in names.split(",") if name.strip()]


async def _bench(
    names: Sequence[str],
    vias: Sequence[str],
    url: str,
    key: str,
    agent: str,
    sessions: Sequence[int],
    repeats: int | None,
    seconds: float,
) -> BenchReport:
    with progress() as say:
        return await run_suites(
            names,
            vias=vias,
            url=url,
            key=key,
            agent=agent,
            sessions=sessions,
            repeats=repeats,
            seconds=seconds,
            on_progress=lambda at: say(f"{at.suite} {at.doing}", at.done, at.total),
        )
