"""`antiphon replay`."""

from __future__ import annotations

import typer
from rich.text import Text

from antiphon.cli.arguments import Kept
from antiphon.cli.terminal import out
from antiphon.config import read_settings
from antiphon.hosts.archive import conversation
from antiphon.session import journal


def replay(session: Kept) -> None:
    """Hold a conversation again from its journal and check that it comes out the same."""
    header, entries = conversation(read_settings(), session)
    result = journal.replay(header, entries)
    out.print(
        f"{header.session} · {header.agent}: {result.events} events, {result.commands} commands, "
        f"{result.seconds:.1f} s of conversation"
    )
    for difference in result.differences:
        out.print(
            Text(f"at {difference.t:.3f} s", "red").append(
                f" the journal has {difference.recorded}", "default"
            )
        )
        out.print(Text(f"             replay gave {difference.replayed}"))
    if result.differences:
        out.print(f"[red]{len(result.differences)} commands differ[/red]")
        raise typer.Exit(1)
    out.print("[green]the same, command for command[/green]")
