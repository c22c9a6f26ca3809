"""Tables of a page, made from files of results and from nothing else.

A page names them: what stands between `<!-- table: name -->` and `<!-- end -->` is the table of that name. Its numbers
come from `<name>.json`: the summary of a run of the bench, with n, date, machine and load, or, where something was
measured by another program, rows as that wrote them, with the command that measures it again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from antiphon.bench.drawing import number
from antiphon.bench.figures import BenchReport, Figure, Statistic, rounded

MISSING = "not measured yet"
OTHERS = {
    "peers": "benchmarks/peers/compare.py --json benchmarks/results/peers.json",
    "rooms": "benchmarks/rooms.py --json benchmarks/results/rooms.json",
}
"What measures the tables whose files do not say it."
_MARKED = re.compile(r"(<!-- table: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of a run, without its values."""

    suite: str
    via: str
    name: str
    unit: str
    n: int
    p50: float | None
    p95: float | None
    value: float | None
    goal: str
    has_passed: bool | None


def summary(report: BenchReport, command: str, leave_out: str = "") -> str:
    """What a file of results keeps of a run, as JSON. `leave_out`: how names begin of figures that no page shows."""
    rows = [
        _row(one.suite, one.via, figure)
        for one in report.outcomes
        for figure in one.figures
        if not (leave_out and figure.name.startswith(leave_out))
    ]
    points = [
        {"suite": one.suite, "via": one.via, **asdict(curve)}
        for one in report.outcomes
        for curve in one.curves
    ]
    parts = [{"via": one.via, "parts_ms": dict(one.parts)} for one in report.outcomes if one.parts]
    told = {
        "format": 1,
        "started_at": report.started_at,
        "seconds": report.seconds,
        "command": command,
        "version": report.version,
        "cores": report.before.cores,
        "processor": report.before.processor,
        "load": [report.before.load_1m, report.after.load_1m],
        "figures": [asdict(row) for row in rows],
        "curves": points,
        "parts": parts,
        "failures": [f"{one.name}: {why}" for one in report.outcomes for why in one.failures],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _row(suite: str, via: str, figure: Figure) -> Row:
    p50, p95, value = (rounded(figure.statistic(which)) for which in Statistic)
    goal = ", ".join(map(str, figure.goals))
    return Row(suite, via, figure.name, figure.unit, figure.n, p50, p95, value, goal, figure.has_passed)


def rendered(page: str, results: Path) -> str:
    """The page with its tables made anew."""

    def table(found: re.Match[str]) -> str:
        file = results / f"{found['name']}.json"
        return f"{found[1]}\n{table_of(file)}\n{found[3]}"

    return _MARKED.sub(table, page)


def names_in(page: str) -> list[str]:
    """The tables that the page asks for."""
    return [found["name"] for found in _MARKED.finditer(page)]


def table_of(file: Path) -> str:
    """The table of one file; a sentence where there is no such file."""
    if not file.exists():
        again = f"; `{OTHERS[file.stem]}` measures it" if file.stem in OTHERS else ""
        return f"{file.stem}: {MISSING}{again}.\n"
    told = json.loads(file.read_text(encoding="utf-8"))
    told.setdefault("command", OTHERS.get(file.stem, file.stem))
    body = _plain(told["rows"], told.get("columns")) if "rows" in told else _of_run(told["figures"])
    return f"{body}\n\n{_caption(told)}\n"


def _plain(rows: Sequence[Sequence[object] | Mapping[str, object]], columns: Sequence[str] | None) -> str:
    """Rows as another program wrote them: lists below `columns`, or objects."""
    names = list(columns or dict.fromkeys(name for row in rows if isinstance(row, Mapping) for name in row))
    cells = ([row.get(name) for name in names] if isinstance(row, Mapping) else row for row in rows)
    return _lines(names, ([_cell(cell) for cell in row] for row in cells))


def _cell(value: object) -> str:
    if value is None:
        return ""
    return number(value) if isinstance(value, float) else str(value)


def _of_run(figures: Sequence[Mapping[str, object]]) -> str:
    """A run: a row for each figure; where several ways were taken, a column for each."""
    rows = [row for row in map(_known, figures) if row.n]
    vias = list(dict.fromkeys(row.via for row in rows))
    if len(vias) > 1:
        return _by_way(rows, vias)
    cells = (
        [
            row.name,
            str(row.n),
            _told(row.p50, row),
            _told(row.p95, row),
            _told(row.value, row),
            row.goal,
            _met(row),
        ]
        for row in rows
    )
    return _lines(["what", "n", "p50", "p95", "value", "goal", "met"], cells)


def _known(figure: Mapping[str, object]) -> Row:
    """The figure as a row, whoever wrote it: what it does not say is empty."""

    def text(name: str) -> str:
        return str(figure.get(name) or "")

    def value(name: str) -> float | None:
        found = figure.get(name)
        return float(found) if isinstance(found, int | float) else None

    passed = figure.get("has_passed")
    return Row(
        text("suite"),
        text("via"),
        text("name"),
        text("unit"),
        int(value("n") or 0),
        value("p50"),
        value("p95"),
        value("value"),
        text("goal"),
        passed if isinstance(passed, bool) else None,
    )


def _by_way(rows: Sequence[Row], vias: Sequence[str]) -> str:
    def cell(name: str, suite: str, via: str) -> str:
        row = next((one for one in rows if (one.name, one.suite, one.via) == (name, suite, via)), None)
        if row is None:
            return "–"
        value = _told(row.value, row) or f"{_told(row.p50, row)} / {_told(row.p95, row)}"
        mark = {True: " ✓", False: " ✗", None: ""}[row.has_passed]
        return f"{value} ({row.n}){mark}"

    names = list(dict.fromkeys((row.name, row.suite) for row in rows))
    goals = {(row.name, row.suite): row.goal for row in reversed(rows)}
    cells = ([name, *(cell(name, suite, via) for via in vias), goals[name, suite]] for name, suite in names)
    return _lines(["what: value or p50 / p95, and n", *(via or "all" for via in vias), "goal"], cells)


def _lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    used = [list(row) for row in rows]
    kept = [at for at, name in enumerate(columns) if at == 0 or any(row[at] for row in used)]
    lines = [[columns[at] for at in kept], ["---"] * len(kept), *([row[at] for at in kept] for row in used)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _told(value: float | None, row: Row) -> str:
    if value is None:
        return ""
    unit = row.unit
    return f"{number(value)} {unit}".strip()


def _met(row: Row) -> str:
    return {True: "yes", False: "**no**", None: ""}[row.has_passed]


def _caption(told: Mapping[str, object]) -> str:
    """When it was measured, by what, and how busy the machine was."""
    said = []
    if began := str(told.get("started_at") or told.get("date") or ""):
        day = datetime.fromisoformat(began)
        said.append(f"{day.day} {day:%B %Y}")
    said.append(f"`{told['command']}`")
    match told.get("load"):
        case [before, after] if before is not None:
            said.append(f"load average {before} before, {after} after")
        case str(text) if text:
            said.append(text)
        case _:
            loads = [_load(told.get(name) or told.get(f"machine_{name}")) for name in ("before", "after")]
            if None not in loads:
                said.append(f"load average {loads[0]} before, {loads[1]} after")
    failures = told.get("failures")
    if isinstance(failures, list) and failures:
        said.append(f"{len(failures)} trial{'s' if len(failures) > 1 else ''} failed")
    return f"*{' · '.join(said)}*"


def _load(machine: object) -> object:
    return machine.get("load_1m") if isinstance(machine, Mapping) else None
