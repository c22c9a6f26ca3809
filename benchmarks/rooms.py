"""What LiveKit rooms cost: how soon one is greeted and answered, what a lesson of its own adds, what a worker takes.

    python benchmarks/rooms.py --rooms 8 --lessons 8 --starts 5 [--json FILE]

Rooms are the dev room's, in a server of its own process with scripted ears, mind and voice, so that what is measured is
the way through the room; the student is a program with LiveKit's client, in this process. Workers are started for real,
`antiphon livekit worker` with all that an agent needs, one after the other. All times are the student's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import httpx2 as httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "hosts"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "hosts" / "livekit_room"))

from room_people import Guest, Worker, server, student, until
from room_scene import stage
from test_room_english import CAT, SUM, school, serving

from antiphon.bench.figures import Figure, Statistic
from antiphon.bench.machine import machine, usage
from antiphon.hosts.livekit_room.tokens import RoomKeys
from antiphon.hosts.security.tokens import session_id
from antiphon.hosts.server import event_loop

QUIET_FOR = 0.4
"Seconds without sound after which a voice has come to its end."


async def serve(place: str) -> None:
    """Serves until its input ends."""
    at = stage(Path(tempfile.mkdtemp()), school(), [SUM], livekit_english=place)
    async with serving(at) as address:
        print(address, flush=True)
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
        await ended.wait()


@asynccontextmanager
async def served(place: str) -> AsyncIterator[str]:
    """The address of such a server."""
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, "--serve", place),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    try:
        yield (await program.stdout.readline()).decode().strip()
    finally:
        program.stdin.close()
        await program.wait()


async def heard_after(guest: Guest, since: float) -> tuple[float, str]:
    """When the first sound after `since` came, and on which track."""
    await until(lambda: guest.heard and guest.heard[-1][0] > since)
    return next(one for one in guest.heard if one[0] > since)


async def quiet(guest: Guest) -> float:
    """Nothing sounds any more. When that was, seconds of the loop."""
    loop = asyncio.get_running_loop()
    await until(lambda: guest.heard and loop.time() - guest.heard[-1][0] > QUIET_FOR)
    return loop.time()


async def room(client: httpx.AsyncClient, found: dict[str, list[float]], ask: str) -> None:
    """One student's visit: greeted, and a question asked in writing. Spoken ones are the suite `turn`'s."""
    loop = asyncio.get_running_loop()
    given: dict[str, str] = {}
    asked_at = loop.time()
    while "token" not in given:
        given = (await client.post("/api/livekit/token", json={"agent": "school"})).json()
    found.setdefault("token", []).append(1000 * (loop.time() - asked_at))
    began = loop.time()
    async with Guest(RoomKeys(given["url"], "", ""), given["token"]) as ann:
        found.setdefault("joined", []).append(1000 * (loop.time() - began))
        await ann.open_microphone()
        first, _ = await heard_after(ann, began)
        found.setdefault("greeted", []).append(1000 * (first - began))
        since = await quiet(ann)
        await ann.write(ask)
        first, track = await heard_after(ann, since)
        what = "written" if ask == SUM else "lesson"
        found.setdefault(what, []).append(1000 * (first - since))
        assert track == ("english" if what == "lesson" and "is_own" in found else "agent"), track
        await quiet(ann)


async def rooms(place: str, asks: Sequence[str]) -> dict[str, list[float]]:
    """A room for each question, in milliseconds, one after the other. The first of a server is told apart."""
    found: dict[str, list[float]] = {"is_own": []} if place == "own" else {}
    async with served(place) as address, httpx.AsyncClient(base_url=address, timeout=60) as client:
        opening: dict[str, list[float]] = {}
        await room(client, opening, SUM)
        for ask in asks:
            await room(client, found, ask)
    return found | {f"first {name}": values for name, values in opening.items()}


async def workers(starts: int) -> dict[str, list[float]]:
    """Real workers, one after the other: until they wait for jobs, and what they take then, and with a room."""
    found: dict[str, list[float]] = {"start": [], "idle": [], "talking": []}
    home = _home()
    for number in range(starts):
        async with server() as keys:
            began = time.monotonic()
            worker = Worker(keys, home, f"w{number}")
            try:
                await until(lambda one=worker: one.is_ready, 300)
                found["start"].append(1000 * (time.monotonic() - began))
                found["idle"].append(_rss(worker))
                async with student(keys, session_id(), agent="tutor") as ann:
                    await until(lambda who=ann: who.loud.get("agent", 0) > 10)
                    found["talking"].append(_rss(worker))
            finally:
                await asyncio.to_thread(worker.stop)
    return found


def _home() -> Path:
    """A folder that the store's server can reach, whoever it runs as."""
    home = Path(tempfile.mkdtemp(dir="/tmp"))
    home.chmod(0o755)
    return home


def _rss(worker: Worker) -> float:
    used = usage(worker.process.pid)
    assert used is not None
    return used.rss_mb


async def measured(options: argparse.Namespace) -> list[Figure]:
    figures: list[Figure] = []

    def note(name: str, unit: str, values: Sequence[float], definition: str) -> None:
        figures.append(Figure(name, unit, tuple(values), definition=definition))

    usual = await rooms("off", [SUM] * options.rooms)
    note("join", "ms", usual["joined"], "begin of connecting → in the room")
    note("join → greeting", "ms", usual["greeted"], "begin of connecting → first sound heard")
    note("written question → answer", "ms", usual["written"], "text given → first sound heard")
    taught = {place: await rooms(place, [CAT] * options.lessons) for place in ("own", "same")}
    for place, found in taught.items():
        note(
            f"written question → lesson, `{place}`",
            "ms",
            found["lesson"],
            "text given → first sound of the lesson",
        )
    first = [usual, *taught.values()]
    note(
        "first token of a server",
        "ms",
        [one["first token"][0] for one in first],
        "asked → given, workers wait",
    )
    note("first join → greeting of a server", "ms", [one["first greeted"][0] for one in first], "as above")
    took = await workers(options.starts)
    note(
        "worker's start",
        "ms",
        took["start"],
        "process begun → waits for jobs, tutor, support and booking loaded",
    )
    note("worker's memory, idle", "MB", took["idle"], "resident, with what it started")
    note("worker's memory, one room", "MB", took["talking"], "likewise, while it greets")
    return figures


def told(figures: Sequence[Figure], before: dict[str, object], after: dict[str, object]) -> dict[str, object]:
    """The JSON, of which docs/benchmarks.md shows the rows."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "before": before,
        "after": after,
        "columns": ["what", "n", "p50", "p95", "from → to"],
        "rows": [[one.name, one.n, *_middle_and_worst(one), one.definition] for one in figures],
        "values": {one.name: one.values for one in figures},
    }


def _middle_and_worst(one: Figure) -> list[str]:
    """Median and 95th percentile, with their unit."""
    return [f"{one.statistic(s) or 0:,.0f} {one.unit}" for s in (Statistic.P50, Statistic.P95)]


def table(figures: Sequence[Figure], before: dict[str, object], after: dict[str, object]) -> str:
    lines = [
        f"load {before['load_1m']} before, {after['load_1m']} after; {before['cores']} cores",
        "| | n | p50 | p95 | |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in figures:
        p50, p95 = _middle_and_worst(one)
        lines.append(f"| {one.name} | {one.n} | {p50} | {p95} | {one.definition} |")
    return "\n".join(lines)


async def main(options: argparse.Namespace) -> None:
    before = asdict(machine())
    figures = [one for one in await measured(options) if one.n]
    after = asdict(machine())
    print(table(figures, before, after), flush=True)
    if options.json:
        await asyncio.to_thread(options.json.write_text, json.dumps(told(figures, before, after), indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rooms", type=int, default=8, help="rooms with a question to the orchestrator")
    parser.add_argument("--lessons", type=int, default=8, help="lessons of each kind")
    parser.add_argument("--starts", type=int, default=5, help="starts of a real worker")
    parser.add_argument("--json", type=Path, help="a file for the figures, with every value")
    parser.add_argument("--serve", choices=["own", "same", "off"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    work: Callable[[], object] = (lambda: serve(given.serve)) if given.serve else (lambda: main(given))
    with asyncio.Runner(loop_factory=event_loop()) as runner:
        runner.run(work())  # type: ignore[arg-type]
