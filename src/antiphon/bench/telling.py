"""A call told to a person at a terminal: while it goes on, and when it is over."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from antiphon.bench.talk import Progress, Report
from antiphon.wire import native

COLOURS = {
    "endpointing": "yellow",
    "recognition": "blue",
    "routing": "magenta",
    "retrieval": "cyan",
    "model": "green",
    "guardrail": "red",
    "synthesis": "bright_blue",
    "transport": "white",
}
BAR = 48
"Characters of the longest bar."


class Follower:
    """Prints what is said as it is said."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def follow(self, progress: Progress) -> None:
        """One piece of news of the call."""
        if progress.arrived is None:
            return
        match progress.arrived.message:
            case native.Transcript(_, text, True) if text:
                self._console.print(f"[yellow]you[/yellow]    {text}", highlight=False)
            case native.RouteChosen(_, specialist, confidence):
                self._console.print(f"[dim]       → {specialist} {confidence:.2f}[/dim]", highlight=False)
            case native.Sentence(_, _, text):
                self._console.print(f"[cyan]agent[/cyan]  {text}", highlight=False)
            case native.Refused(_, message):
                self._console.print(f"[red]refused[/red] {message}", highlight=False)
            case _:
                pass


def show_report(console: Console, report: Report) -> None:
    """The turns with their waterfalls, and what went wrong."""
    for number, turn in enumerate(report.turns, 1):
        table = Table(box=None, show_header=False, pad_edge=False)
        for part, ms in turn.parts_ms.items():
            width = max(1, round(BAR * ms / max(turn.server_response_ms or 1, 1)))
            table.add_row(part, f"{ms:.0f} ms", Text("▇" * width, COLOURS.get(part, "white")))
        heard = "no answer" if turn.response_ms is None else f"{turn.response_ms:.0f} ms"
        console.print(f"\n[bold]turn {number}[/bold]  end of speech to first sound: [bold]{heard}[/bold]")
        console.print(table)
    for error in report.errors:
        console.print(f"[red]{error}[/red]", highlight=False)
    if report.recording:
        console.print(f"saved {report.recording}")
