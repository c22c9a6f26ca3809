"""Measures what docs/benchmarks.md tells, and writes its tables anew.

    python benchmarks/regenerate.py                        # everything: hours
    python benchmarks/regenerate.py turn-by-way load        # these
    python benchmarks/regenerate.py --quick                 # few trials of each kind: minutes
    python benchmarks/regenerate.py --render-only           # the tables, from the results there are

A run leaves `results/<name>.json`: statistics with n, date, machine and load, no raw values. Tables of other programs
(`peers`, `rooms`, and those measured once by hand) are made from the files that these leave there.
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from antiphon.bench.figures import BenchReport
from antiphon.bench.suites import bench
from antiphon.bench.tables import names_in, rendered, summary
from antiphon.bench.trials.trial import Progress

HERE = Path(__file__).parent
RESULTS = HERE / "results"
PAGE = HERE.parent / "docs" / "benchmarks.md"
ALL_WAYS = "orchestrate,realtime,webrtc,direct,livekit"
RUNS: Mapping[str, str] = {
    "turn-by-way": f"--suite turn --via {ALL_WAYS}",
    "yield-by-way": "--suite yield --via orchestrate,webrtc,webrtc-semantic,direct,livekit",
    "flow": "--suite flow --via orchestrate,webrtc",
    "guard-by-way": f"--suite guard --via {ALL_WAYS}",
    "pause": "--suite pause",
    "remember": "--suite remember",
    "framework": "--suite framework",
    "load": "--suite load --sessions 1,25,50,100",
    "agents": "--suite appointments,routing,retrieval,chaos",
    "resilience": "--suite resilience",
}
"""Options of `antiphon bench` that measure each table."""
SINGLE = "missed, "
"Figures of single categories, too many for a page."
QUICK = "--repeats 2 --seconds 10"


def options_of(command: str) -> argparse.Namespace:
    """The options of `antiphon bench` that are used here."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--suite", required=True)
    parser.add_argument("--via", default="orchestrate")
    parser.add_argument("--sessions", default="1,4,8,16")
    parser.add_argument("--repeats", type=int, default=None)
    parser.add_argument("--seconds", type=float, default=60.0)
    return parser.parse_args(shlex.split(command))


async def measure(name: str, command: str) -> None:
    """`results/<name>.json` holds a new run."""
    options = options_of(command)

    def tell(at: Progress) -> None:
        print(f"\r{name}: {at.suite} {at.doing} {at.done}/{at.total}      ", end="", file=sys.stderr)

    def keep(report: BenchReport) -> None:
        # After every suite and way: hours of measuring are not lost with the last of them.
        RESULTS.mkdir(exist_ok=True)
        told = summary(report, f"antiphon bench {command}", leave_out=SINGLE)
        (RESULTS / f"{name}.json").write_text(told, encoding="utf-8")

    report = await bench(
        options.suite.split(","),
        vias=options.via.split(","),
        sessions=[int(count) for count in options.sessions.split(",")],
        repeats=options.repeats,
        seconds=options.seconds,
        on_progress=tell,
        on_outcome=keep,
    )
    print(f"\r{name}: {report.seconds:.0f} s", file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description="Measure what docs/benchmarks.md tells, and write its tables anew."
    )
    parser.add_argument("names", nargs="*", metavar="TABLE", help=f"some of: {', '.join(RUNS)}")
    parser.add_argument("--quick", action="store_true", help="few trials of each kind")
    parser.add_argument("--render-only", action="store_true", help="measure nothing")
    parser.add_argument("--options", default="", help="of `antiphon bench`, put after the table's own")
    given = parser.parse_args(argv)
    if unknown := [name for name in given.names if name not in RUNS]:
        parser.error(f"nothing here measures {unknown[0]}; there are: {', '.join(RUNS)}")
    if not given.render_only:
        for name in given.names or RUNS:
            extra = [QUICK] * given.quick + [given.options] * bool(given.options)
            asyncio.run(measure(name, " ".join([RUNS[name], *extra])))
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(rendered(page, RESULTS), encoding="utf-8")
    print(f"{PAGE.name}: {len(names_in(page))} tables", file=sys.stderr)


if __name__ == "__main__":
    main()
