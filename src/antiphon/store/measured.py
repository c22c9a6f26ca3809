"""What was measured here of each way: for pages that show it, and nothing that was not measured.

It is read from the reports that `antiphon bench` keeps under `bench` in the data folder, and from the duels. Of each
measure the newest run counts; a way or a measure of which there is none is None.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from antiphon.store.duel import VIAS, Duel, machine_line, p95
from antiphon.store.duels import Duels, MaySee, everything

REPORTS = "bench"
"The folder of the bench's reports."
LARGEST = 32 * 2**20
"Bytes of a report."
MOST_REPORTS = 200
"Of which the newest are read."
MOST_DUELS = 20
"Likewise."
SPOKEN = frozenset({"turn", "yield", "pause", "remember", "load", "soak"})
"Suites whose callers speak: by the single WebSocket, where the report names no way."
FIGURES: Mapping[tuple[str, str], str] = {
    ("turn", "end of speech → first sound of the answer"): "response_ms",
    ("turn", "turns in which a filler came first"): "fillers_percent",
    ("yield", "agent silent at the caller"): "yield_ms",
    ("yield", "interruptions yielded to"): "yielded_percent",
    ("yield", "back-channels survived"): "backchannels_survived_percent",
    ("yield", "back-channel survived"): "backchannels_survived_percent",
    ("pause", "cut off in the middle of the sentence"): "cut_off_percent",
    ("remember", "|remembered − heard|"): "words_apart",
    ("load", "processor time per session-minute"): "processor_s_per_minute",
    ("load", "memory per added session"): "memory_mib_per_session",
}
"Measures by suite and what the name of their figure holds. Of several such figures the first is meant."
MEASURES = (*dict.fromkeys(FIGURES.values()), "join_ms", "duel_ms", "cost_per_turn_usd")
_NEAR = ("127.0.0.1", "localhost", "::1")

Row = dict[str, object]
Ways = dict[str, dict[str, Row | None]]


@dataclass(frozen=True, slots=True)
class _Found:
    """One measure in one report."""

    via: str
    measure: str
    at: str
    row: Row


class Measured:
    """What is kept under `home`. Files are read again when they have changed."""

    def __init__(self, home: Path) -> None:
        self._folder = home / REPORTS
        self._duels = Duels(home)
        self._reports: dict[Path, tuple[int, tuple[_Found, ...]]] = {}
        self._kept: tuple[int, list[Duel]] = (-1, [])

    def ways(self, may_see: MaySee = everything) -> Ways:
        """Each way's measures by name; None for what was never measured here. Of the duels, those that may be seen."""
        found: Ways = {via: dict.fromkeys(MEASURES) for via in VIAS}
        for one in sorted(self._from_reports(), key=lambda one: one.at):
            found[one.via][one.measure] = one.row
        duels = [duel for duel in self._from_duels() if may_see(duel)]
        for via in VIAS:
            ways = found[via]
            ways["duel_ms"] = _pooled(duels, via, "waits_ms")
            ways["join_ms"] = ways["join_ms"] or _pooled(duels, via, "joins_ms")
            ways["response_ms"] = ways["response_ms"] or ways["duel_ms"]
        return found

    def _from_reports(self) -> Iterator[_Found]:
        paths = (
            sorted(self._folder.glob("*.json"), reverse=True)[:MOST_REPORTS] if self._folder.is_dir() else []
        )
        self._reports = {path: known for path, known in self._reports.items() if path in paths}
        for path in paths:
            try:
                about = path.stat()
                known = self._reports.get(path)
                if known is None or known[0] != about.st_mtime_ns:
                    text = path.read_text(encoding="utf-8") if about.st_size <= LARGEST else ""
                    known = self._reports[path] = about.st_mtime_ns, tuple(figures_of(text))
            except OSError:
                continue
            yield from known[1]

    def _from_duels(self) -> list[Duel]:
        newest = self._duels.newest()
        if self._kept[0] != newest:
            self._kept = newest, self._duels.kept()
        return self._kept[1]


def figures_of(text: str) -> Iterator[_Found]:
    """The measures in a bench's report. What is no such report, or of a server elsewhere, has none."""
    try:
        report = json.loads(text)
        if urlsplit(report["url"]).hostname not in (None, *_NEAR):
            return
        at, on = _instant(report["started_at"]), _machine(report["before"])
        outcomes = [_found(outcome, at, on) for outcome in report["outcomes"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    for outcome in outcomes:
        yield from outcome


def _found(outcome: Mapping[str, object], at: str, on: str) -> list[_Found]:
    """Raises KeyError and TypeError where it is no outcome of a suite."""
    suite, figures = str(outcome["suite"]), outcome["figures"]
    if not isinstance(figures, list):
        raise TypeError
    found: dict[tuple[str, str], _Found] = {}
    for figure in figures:
        via = str(figure.get("via") or outcome.get("via") or ("orchestrate" if suite in SPOKEN else ""))
        measure = str(figure.get("measure") or _measure(suite, str(figure["name"])))
        if via in VIAS and measure in MEASURES and figure["n"]:
            middle = figure["p50"] if figure["p50"] is not None else figure["value"]
            row = {"n": figure["n"], "p50": middle, "p95": figure["p95"], "unit": figure["unit"]}
            origin = {"at": at, "from": f"bench {suite}", "machine": on}
            found.setdefault((via, measure), _Found(via, measure, at, row | origin))
    return list(found.values())


def _measure(suite: str, name: str) -> str:
    """What the figure measures; empty for what is not shown."""
    return next((found for (of, part), found in FIGURES.items() if of == suite and part in name), "")


def _pooled(duels: Sequence[Duel], via: str, which: str) -> Row | None:
    """All rounds of the way in the newest duels that it took part in."""
    lanes = [(duel, lane) for duel in duels if (lane := duel.lane(via)) is not None and getattr(lane, which)]
    lanes = lanes[:MOST_DUELS]
    values = [ms for _, lane in lanes for ms in getattr(lane, which)]
    if not values:
        return None
    newest = lanes[0][0]
    return {
        "n": len(values),
        "p50": round(median(values), 3),
        "p95": round(p95(values), 3),
        "unit": "ms",
        "at": _instant(newest.started_at),
        "from": "duel" if len(lanes) == 1 else f"{len(lanes)} duels",
        "machine": newest.machine,
    }


def _machine(told: Mapping[str, object]) -> str:
    """Raises KeyError."""
    memory = told["memory_mb"]
    known = memory if isinstance(memory, int) else None
    return machine_line(int(str(told["cores"])), str(told["processor"]), known, str(told["system"]))


def _instant(text: str) -> str:
    """The instant in the one form in which they are compared and told. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return (at.astimezone(UTC) if at.tzinfo else at).strftime("%Y-%m-%dT%H:%M:%SZ")
