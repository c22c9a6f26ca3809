"""Draws the states of a machine, from the text in which Mermaid's `stateDiagram-v2` has them, as SVG.

States stand in a row, in the order in which the text names them. Moves to the right arch above it, moves to the left
below, each as high as it is wide, so that no two can be mistaken for each other. What a move is called is shown
where the pointer rests on it; the tables beside each picture have it in full.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

MOVE = re.compile(r"^\s*(\S+) --> (\S+?)(?:: (.*))?$", re.MULTILINE)
BEGINNING = "[*]"
STEP = 150
"Pixels from one state to the next."
RISE = 34
"Pixels that an arch rises for each state it passes."
HALF_WIDTH, HALF_HEIGHT = 52, 17


@dataclass(frozen=True, slots=True)
class Arch:
    start: str
    end: str
    says: str


def arches(source: str) -> list[Arch]:
    """The moves, each pair of states once, with all reasons for it."""
    said: dict[tuple[str, str], list[str]] = {}
    for start, end, reason in MOVE.findall(source):
        said.setdefault((start, end), []).append(reason)
    return [Arch(start, end, "; ".join(filter(None, reasons))) for (start, end), reasons in said.items()]


def picture(source: str) -> str:
    """The machine as an SVG element that takes the colours of the page."""
    moves = arches(source)
    states = list(
        dict.fromkeys(name for move in moves for name in (move.start, move.end) if name != BEGINNING)
    )
    at = {name: STEP * number + HALF_WIDTH + 10 for number, name in enumerate(states)}
    widest = max((abs(at[m.end] - at[m.start]) // STEP for m in moves if m.start != BEGINNING), default=1)
    middle = RISE * widest + HALF_HEIGHT + 24
    first = next((move.end for move in moves if move.start == BEGINNING), "")
    drawn = [arc(move, at, middle) for move in moves if move.start != BEGINNING]
    drawn += [box(name, at[name], middle, is_first=name == first) for name in states]
    width, height = STEP * len(states) - STEP + 2 * HALF_WIDTH + 20, 2 * middle
    return (
        f'<svg class="states" viewBox="0 0 {width} {height}" role="img" aria-label="states: {", ".join(states)}" '
        f'style="max-width:{width}px;width:100%;height:auto;color:inherit">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="currentColor"/></marker></defs>'
        f"{''.join(drawn)}</svg>"
    )


def arc(move: Arch, at: dict[str, int], middle: int) -> str:
    """One move, from the edge of its state to the edge of the other."""
    is_forward = at[move.end] > at[move.start]
    side = -1 if is_forward else 1
    steps = abs(at[move.end] - at[move.start]) // STEP
    lean = 10 * (1 if is_forward else -1)
    start, end, edge = at[move.start] + lean, at[move.end] - lean, middle + side * HALF_HEIGHT
    # A cubic whose two handles are at one height reaches three quarters of it.
    peak = edge + side * (RISE * steps * 4 / 3)
    title = html.escape(
        f"{move.start} → {move.end}: {move.says}" if move.says else f"{move.start} → {move.end}"
    )
    return (
        f'<path d="M{start} {edge}C{start} {peak:.0f} {end} {peak:.0f} {end} {edge}" fill="none" '
        f'stroke="currentColor" stroke-width="1.4" opacity=".75" marker-end="url(#tip)"><title>{title}</title></path>'
    )


def box(name: str, x: int, middle: int, *, is_first: bool) -> str:
    """One state; the one in which the machine begins has a thicker rim."""
    return (
        f'<rect x="{x - HALF_WIDTH}" y="{middle - HALF_HEIGHT}" width="{2 * HALF_WIDTH}" height="{2 * HALF_HEIGHT}" '
        f'rx="{HALF_HEIGHT}" fill="none" stroke="currentColor" stroke-width="{3 if is_first else 1.4}"/>'
        f'<text x="{x}" y="{middle + 5}" text-anchor="middle" font-size="15" fill="currentColor">'
        f"{html.escape(name)}</text>"
    )
