"""The same measurements on livekit-agents, pipecat and us, in one run that takes turns between them.

    python benchmarks/peers/compare.py [--size full|quick|smoke] [--json FILE] [--measure share,yield,remember,load]

Makes an environment for each framework (in $ANTIPHON_HOME/peers, or .peers beside this file), measures on loopback,
and prints a table. `README.md` says what each measure is, and which settings were chosen and why.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import environments
import trials
from definitions import Row, grid, in_tones, statistics, table
from entrants import ENTRANTS, Entrant, Script, running

from antiphon import __version__
from antiphon.bench.machine import Machine, machine
from antiphon.bench.trials import load
from antiphon.bench.voices import BundledVoice
from antiphon.core.audio import Pcm
from antiphon.core.errors import AntiphonError

KINDS = ("share", "yield", "remember", "load")
UNITS = {"share": "ms", "yield": "ms", "remember": "words", "load": "s"}
COMMAND = "benchmarks/peers/compare.py --json benchmarks/results/peers.json"
Known = dict[str, Any]
"The file of results."
FOREIGN = ("LIVEKIT_", "OPENAI_", "ANTHROPIC_", "ANTIPHON_OTEL", "OTEL_")
"Settings of this shell that are kept from all: nothing here needs a key or tells anybody."


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    rounds: int = 2
    "Times that every framework's turn comes, for all but the load."
    turns: int = 40
    interruptions: int = 10
    cuts: int = 8
    sessions: tuple[int, ...] = (1, 8, 16)
    seconds: float = 30.0


SIZES = {
    "full": Size(),
    "quick": Size(rounds=1, turns=16, interruptions=6, cuts=6, seconds=20.0),
    "smoke": Size(rounds=1, turns=8, interruptions=1, cuts=1, sessions=(1, 2), seconds=1.0),
}
"Names of sizes: 40 minutes, 20, and 5 that only show that everything works."


@dataclass(slots=True)
class Run:
    """What has been found so far of every entrant."""

    size: Size
    found: dict[str, trials.Found] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    "The trials that were made, by the names that rows have for them."
    failures: list[str] = field(default_factory=list)
    "What went wrong, each after the name of its trial."
    began: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)
    "Of each entrant and measure: when its first trial began, and the load average then."
    start: float = field(default_factory=time.monotonic)

    async def trial(self, kind: str, entrant: Entrant, number: int) -> None:
        """One turn of the entrant at that kind of trial. What fails is kept and told."""
        found = self.found.setdefault(entrant.name, trials.Found())
        known, began = len(found.failures), (_now(), os.getloadavg()[0])

        def tell(news: str) -> None:
            passed = time.monotonic() - self.start
            line = f"{passed:5.0f} s  {kind} {number + 1}: {entrant.name}: {news}"
            print(line, file=sys.stderr, flush=True)

        try:
            with TemporaryDirectory(prefix="antiphon-peers-") as folder:
                await self._trial(kind, entrant, Path(folder), found, tell)
        except* (AntiphonError, TimeoutError, OSError) as group:
            found.failures += [str(error) or type(error).__name__ for error in group.exceptions]
        name = f"{kind}, {entrant.name}"
        self.taken.add(name)
        for failure in found.failures[known:]:
            self.failures.append(f"{name}: {failure}")
            tell(f"FAILED: {failure}")
        for measure in found.values:
            self.began.setdefault((entrant.name, measure), began)

    async def _trial(
        self, kind: str, entrant: Entrant, folder: Path, found: trials.Found, tell: trials.Tell
    ) -> None:
        size, voice = self.size, BundledVoice()
        said = await voice.say(trials.SAYS)
        if kind == "share":
            script = Script("Yes.", trials.SAYS, 25.0)
            async with running(entrant, script, folder) as server:
                await trials.take_turns(
                    server.url, said if entrant.is_spoken_to else None, size.turns, found, tell
                )
                for share in server.shares():
                    found.add(f"share.{share.kind}", share.ms)
        elif kind == "yield":
            async with running(entrant, Script(trials.STORY, trials.SAYS, trials.CHAR_MS), folder) as server:
                await trials.talk_over(server.url, voice, size.interruptions, found, tell)
        elif kind == "remember":
            await self._remember(entrant, said, folder, found, tell)
        else:
            async with running(entrant, Script(load.REPLY, load.SAYS, 50.0), folder) as server:
                sound = await load.speech(voice)
                await trials.crowd(server.url, sound, size.sessions, size.seconds, found, tell)

    async def _remember(
        self, entrant: Entrant, said: Pcm, folder: Path, found: trials.Found, tell: trials.Tell
    ) -> None:
        """The others with a voice that tells word times, and with one that does not; ours, whose voices must, once."""
        if not entrant.kind:
            text, char = trials.STORY.replace("|", " "), round(trials.CHAR_MS / 1000 * trials.RATE)
            async with running(entrant, Script(trials.STORY, trials.SAYS, trials.CHAR_MS), folder) as server:
                await trials.interrupt(
                    server.url, said, self.size.cuts, in_tones(text, char), "", found, tell
                )
            return
        recording, words = await trials.recorded(folder)
        for suffix in ("", ".untimed"):
            place = folder / f"remember{suffix}"
            place.mkdir()
            script = Script(trials.STORY, trials.SAYS, trials.CHAR_MS, not suffix, recording)
            async with running(entrant, script, place) as server:
                await trials.interrupt(server.url, said, self.size.cuts, words, suffix, found, tell)

    def rows(self, entrants: Sequence[Entrant]) -> Iterator[Row]:
        """Every figure, in the order of the entrants and of `MEASURES`."""
        for entrant in entrants:
            found = self.found.get(entrant.name, trials.Found())
            for measure, values in found.values.items():
                date, before = self.began[entrant.name, measure]
                is_share = measure.startswith(("yield.yielded", "remember.exact"))
                p50, p95 = (round(sum(values) / len(values), 1), None) if is_share else statistics(values)
                yield Row(
                    *(entrant.framework, version(entrant), entrant.setting, measure, unit(measure)),
                    *(len(values), p50, p95, round(before, 2), date),
                )


def unit(measure: str) -> str:
    """The unit of a measure."""
    if measure.startswith(("yield.yielded", "remember.exact")):
        return "%"
    if measure.startswith("load.memory"):
        return "MiB"
    if measure.startswith("load.response"):
        return "ms"
    return "" if measure.startswith("load.missed") else UNITS[measure.partition(".")[0]]


@cache
def version(entrant: Entrant) -> str:
    """The entrant's version, as its own environment has it."""
    if not entrant.kind:
        return __version__
    asking = f"import importlib.metadata; print(importlib.metadata.version({entrant.package!r}))"
    argv = [str(environments.python(entrant.kind)), "-c", asking]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


async def measured(kinds: Sequence[str], entrants: Sequence[Entrant], size: Size) -> Run:
    """Every kind of trial was made with every entrant, by turns; the load once."""
    run = Run(size)
    for kind in kinds:
        for number in range(1 if kind == "load" else size.rounds):
            for entrant in entrants:
                if entrant.takes(kind):
                    await run.trial(kind, entrant, number)
    return run


def told(run: Run, before: Machine, began: str, known: Known) -> Known:
    """What was found, as it is kept in the file of results: the table, and each figure with its date and load.

    What is `known` of trials that were not made now stays.
    """
    kept = [row for row in (Row(**row) for row in known.get("measured", [])) if row.trial not in run.taken]
    order = [(entrant.framework, entrant.setting) for entrant in ENTRANTS]
    rows = sorted([*kept, *run.rows(ENTRANTS)], key=lambda row: order.index((row.framework, row.setting)))
    columns, lines = grid(rows)
    old = [text for text in known.get("failures", []) if text.partition(":")[0] not in run.taken]
    return {
        "format": 2,
        "date": began,
        "seconds": round(time.monotonic() - run.start, 1),
        "size": asdict(run.size),
        "machine_before": asdict(before),
        "machine_after": asdict(machine()),
        "settings": {entrant.name: entrant.how for entrant in ENTRANTS},
        "columns": columns,
        "rows": lines,
        "measured": [row.asdict() for row in rows],
        "failures": old + run.failures,
    }


def main() -> int:
    """0 when every trial went as it should."""
    names = sorted({entrant.framework for entrant in ENTRANTS})
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--size", choices=SIZES, default="full", help="how much is measured; smoke: only that it works"
    )
    parser.add_argument(
        "--json", type=Path, help="write it to this file; what is there of other trials stays"
    )
    parser.add_argument("--setting", default="default,fastest", help="some of default,fastest")
    parser.add_argument("--rounds", type=int, help="times that every framework's turn comes")
    parser.add_argument("--seconds", type=float, help="how long each step of the load is kept up")
    parser.add_argument("--measure", default=",".join(KINDS), help=f"some of {','.join(KINDS)}")
    parser.add_argument("--framework", default=",".join(names), help=f"some of {','.join(names)}")
    given = parser.parse_args()
    for foreign in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[foreign]
    kinds, frameworks = given.measure.split(","), given.framework.split(",")
    if unknown := (set(kinds) - set(KINDS)) | (set(frameworks) - set(names)):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    settings = given.setting.split(",")
    chosen = [e for e in ENTRANTS if e.framework in frameworks and (e.setting in settings or not e.kind)]
    for kind in sorted({entrant.kind for entrant in chosen if entrant.kind}):
        environments.python(kind)
    before, began = machine(), _now()
    size = SIZES[given.size]
    size = replace(size, rounds=given.rounds or size.rounds, seconds=given.seconds or size.seconds)
    run = asyncio.run(measured(kinds, chosen, size))
    print(table(list(run.rows(chosen))))
    print(*run.failures, sep="\n", file=sys.stderr)
    if given.json is not None:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        known = json.loads(given.json.read_text("utf-8")) if given.json.exists() else {}
        report = {"command": f"{COMMAND} --size {given.size}", **told(run, before, began, known)}
        given.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 1 if run.failures else 0


if __name__ == "__main__":
    sys.exit(main())
