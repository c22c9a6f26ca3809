"""What came of the checks, at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from antiphon.bench.conformance.checking import Level
from antiphon.bench.conformance.running import Conformance


def show_conformance(console: Console, found: Conformance) -> None:
    """Every check with its level and what came of it, and the sums."""
    table = Table(title=f"{found.url} · {found.model}", title_justify="left")
    table.add_column("check", no_wrap=True)
    table.add_column("")
    table.add_column("")
    table.add_column("why", overflow="fold")
    for result in found.results:
        verdict = Text("passed", "green") if result.has_passed else Text("failed", "bold red")
        if not result.was_run:
            verdict = Text("not run", "yellow")
        table.add_row(result.name, result.level.value, verdict, Text(result.reason))
    console.print(table)
    for level in Level:
        all_of, failed = found.of(level), found.failed(level)
        passed, not_run = sum(one.has_passed for one in all_of), sum(not one.was_run for one in all_of)
        told = f"{level}: {passed} of {len(all_of)} passed" + (f", {not_run} not run" if not_run else "")
        console.print(Text(told, "red" if failed else "green"))
