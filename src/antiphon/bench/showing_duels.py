"""Duels as a person reads them at a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from antiphon.bench.drawing import number
from antiphon.store.duel import Duel, Lane

INKS = {
    "provider": "bright_black",
    "endpointing": "white",
    "recognition": "yellow",
    "routing": "magenta",
    "retrieval": "bright_yellow",
    "model": "blue",
    "guardrail": "red",
    "synthesis": "cyan",
    "transport": "bright_blue",
    "playout": "green",
}
"Of the parts in a bar; of others grey."
WIDTH = 32
"Characters of the longest bar."


def show_duel(console: Console, duel: Duel) -> None:
    """Its lanes on one scale, and what each made of the utterance."""
    said = f"“{duel.utterance.text}”" if duel.utterance.text else f"{duel.utterance.seconds:.1f} s of speech"
    console.print(f"{said} to {duel.agent}, {_rounds(duel)}", highlight=False)
    longest = max((lane.response_ms or 0.0 for lane in duel.lanes), default=0.0) or 1.0
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("way", "ms", "n", "p50", "p95"):
        table.add_column(name, justify="left" if name == "way" else "right", no_wrap=True)
    table.add_column("end of speech → first sound of the answer")
    for lane in duel.lanes:
        table.add_row(
            lane.via,
            _ms(lane.response_ms),
            str(lane.n),
            _ms(lane.p50_ms),
            _ms(lane.p95_ms),
            Text(lane.error, "red") if lane.error else _bar(lane, longest),
        )
    console.print(table)
    for lane in duel.lanes:
        if lane.parts:
            console.print(_sum(lane))
        if lane.answer:
            console.print(f"“{lane.answer}”", style="dim", highlight=False)
    console.print(f"kept as {duel.id} · {duel.machine}", style="dim", highlight=False)


def show_duels(console: Console, duels: Sequence[Duel]) -> None:
    """A line for each."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("duel", "agent", "said", "rounds", "ms by way (median)"):
        table.add_column(name, no_wrap=name == "duel", min_width=24 if name == "duel" else None)
    for duel in duels:
        waits = ", ".join(f"{lane.via} {_ms(lane.p50_ms)}" for lane in duel.lanes)
        said = duel.utterance.text or f"{duel.utterance.seconds:.1f} s"
        table.add_row(duel.id, duel.agent, said, str(duel.rounds), waits)
    console.print(table if duels else "no duel is kept yet: antiphon duel question.wav", highlight=False)


def show_comparison(console: Console, one: Duel, other: Duel) -> None:
    """How the ways did in both, and what differs between the two but for the ways."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("way")
    for name in (one.id, other.id, "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    for via in dict.fromkeys(lane.via for lane in (*one.lanes, *other.lanes)):
        before, after = _median(one, via), _median(other, via)
        apart = "" if before is None or after is None else f"{after - before:+.0f} ms"
        table.add_row(via, _ms(before), _ms(after), apart)
    console.print(table)
    for what, mine, theirs in (
        ("said", one.utterance.text, other.utterance.text),
        ("agent", one.agent, other.agent),
        ("rounds", str(one.rounds), str(other.rounds)),
        ("machine", one.machine, other.machine),
    ):
        if mine != theirs:
            console.print(f"{what}: {mine or '?'} · {theirs or '?'}", style="dim", highlight=False)


def _bar(lane: Lane, longest: float) -> Text:
    """The parts in their colours, each as long as its share of the longest wait."""
    bar, at, drawn = Text(), 0.0, 0
    for part in lane.parts:
        at += part.ms
        upto = round(WIDTH * at / longest)
        bar.append("█" * (upto - drawn), INKS.get(part.name, "bright_black"))
        drawn = upto
    return bar


def _sum(lane: Lane) -> Text:
    """The parts, each in its colour, and that they make the whole."""
    told = Text(f"{lane.via}: ")
    for place, part in enumerate(lane.parts):
        told.append(" + " if place else "")
        told.append(f"{part.name} {number(part.ms)}", INKS.get(part.name, "bright_black"))
    return told.append(f" = {_ms(lane.response_ms)} ms")


def _median(duel: Duel, via: str) -> float | None:
    lane = duel.lane(via)
    return lane.p50_ms if lane is not None else None


def _rounds(duel: Duel) -> str:
    if duel.rounds == 1:
        return "once"
    return f"{duel.rounds} times; of the lanes the round nearest to the medians is shown"


def _ms(value: float | None) -> str:
    return "" if value is None else number(value)
