"""What the command line shows of what is kept."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from antiphon.core.records import SessionRecord
from antiphon.hosts.forking import Answer, Asked, Fork


def show_sessions(out: Console, found: Sequence[SessionRecord]) -> None:
    """A line for each session."""
    if not found:
        out.print("no sessions are kept yet")
        return
    table = Table("session", "started", "status", "agent", "tenant", "owner", "summary")
    for record in found:
        told = (record.report or {}).get("summary", "")
        started = f"{record.started_at.astimezone():%Y-%m-%d %H:%M}"
        cells = (record.id, started, record.status, record.agent, record.tenant, record.owner, str(told))
        table.add_row(*map(escape, cells))
    out.print(table)


def show_fork(out: Console, found: Fork) -> None:
    """The two tellings, side by side."""
    title = f"{found.session} from turn {found.turn} on · {found.agent}"
    table = Table(
        "turn", "asked", "then", f"now, with {escape(found.model)}", "", title=title, show_lines=True
    )
    for asked in found.asked:
        now = f"[red]{escape(asked.error)}[/red]" if asked.error else _told(asked, asked.forked)
        mark = "[yellow]differs[/yellow]" if asked.differs else "[green]same[/green]"
        table.add_row(str(asked.turn), escape(asked.text), _told(asked, asked.recorded), now, mark)
    out.print(table)
    usd = "at a price that is not known" if found.usd is None else f"for {found.usd:.4f} US dollars"
    out.print(f"{found.differences} of {len(found.asked)} answers differ; asked again {usd}")


def _told(asked: Asked, answer: Answer) -> str:
    by = f"[dim]{escape(answer.specialist)}[/dim] " if answer.specialist else ""
    return by + (escape(answer.text) or "[dim]nothing[/dim]") + (" —" if answer.is_cut else "")
