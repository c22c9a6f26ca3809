"""What telemetry costs: processor time of a server with it and without it, in turn, in one run with the same callers.

    python benchmarks/telemetry.py --sessions 100 --seconds 20 --pairs 6 --json

Telemetry is all of it: spans folded and sent to a collector (of this process, which takes them all), metrics, and log
lines as JSON. Without it the server keeps its sessions' reports and nothing else. The callers are those of the load
trial: each speaks for 3.5 s in every 10 s into the real detector of voices, and hears an answer; recognizer, turn
detector, agent and voice follow a script. Seconds of a window are whole cycles, so that as much is said in each.
Windows follow each other as off, on, on, off, …: what drifts on the machine meanwhile is in both alike. What is
compared is each window with its neighbour of the other kind. A busy machine makes that difference uncertain, so in
windows with telemetry it is also accounted for: the processor time of its own thread and of its watchers, by the clock
of their threads, as a share of all the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "hosts"))

from collector import collector

from antiphon.bench.machine import machine, usage
from antiphon.bench.scripted_server import AGENT, ears, end_with_parent, scripted_agent
from antiphon.bench.trials.load import CYCLE_S, REPLY, Life, live, speech
from antiphon.bench.voices import BundledVoice
from antiphon.config import Settings
from antiphon.core import events as e
from antiphon.core.notes import Note
from antiphon.hosts.application import create_app
from antiphon.hosts.server import Server, event_loop, server_config, settle_memory
from antiphon.hosts.stage import Stage
from antiphon.hosts.tracing.opening import traced
from antiphon.logs import set_up_logging
from antiphon.session.session import Providers, Watcher
from antiphon.testing.voices import ScriptedSynthesizer


# ---- the server ------------------------------------------------------------------------------------------
class Switch:
    """Telemetry of the sessions on air, on or off, and what its watchers have used."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._watchers: dict[str, list[Watcher]] = {}
        self.used_ns = 0

    def _timed(self, watcher: Watcher) -> Watcher:
        def note(t: float, item: e.Event | e.Command | Note) -> None:
            began = time.thread_time_ns()
            watcher(t, item)
            self.used_ns += time.thread_time_ns() - began

        return note

    def turn(self, is_on: bool) -> int:
        """How many sessions there are."""
        for id, session in self._stage.sessions.items():
            report = self._stage._on[id].report.note
            if id not in self._watchers:
                self._watchers[id] = [self._timed(one) for one in session.watchers if one != report]
            session.watchers[:] = [*self._watchers[id], report] if is_on else [report]
        return len(self._stage.sessions)


async def serve(collector_url: str, kind: str) -> None:
    """Serves until its parent ends."""
    home = Path(tempfile.mkdtemp(prefix="antiphon-telemetry-"))
    settings = Settings(home=home, otel_endpoint=collector_url, max_sessions=1000, log_json=True)
    set_up_logging(settings, (home / "log.json").open("w"))
    vad, recognizer, turns = await ears(kind, "Hello.", 0.98)
    providers = Providers(vad, recognizer, turns, ScriptedSynthesizer(seconds_per_char=0.05))
    async with traced(settings) as tracing:
        stage = Stage(settings, {AGENT: scripted_agent([REPLY])}, providers, tracing=tracing)
        switch = Switch(stage)
        server = Server(server_config(switched(stage, switch), port=0), stage)
        settle_memory()
        end_with_parent(server)
        serving = asyncio.ensure_future(server.serve())
        while not server.started:  # noqa: ASYNC110  uvicorn tells nobody
            await asyncio.sleep(0.01)
        print(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", flush=True)
        await serving


def switched(stage: Stage, switch: Switch) -> FastAPI:
    app = create_app(stage)

    async def turn(request: Request) -> JSONResponse:
        told = stage.tracing.health() if stage.tracing is not None else {}
        threads = (one.native_id for one in threading.enumerate() if one.name.startswith("tracing"))
        thread_s = sum(filter(None, (thread_cpu_s(one) for one in threads if one)))
        own_s = switch.used_ns / 1e9 + thread_s
        sessions = switch.turn(request.query_params["is"] == "on")
        return JSONResponse({"pid": os.getpid(), "sessions": sessions, "own_s": own_s, **told})

    app.router.routes.insert(0, Route("/bench/telemetry", turn))
    return app


def thread_cpu_s(id: int) -> float:
    """Seconds of processor time of a thread of this process, user and kernel."""
    told = Path(f"/proc/self/task/{id}/stat").read_text().rpartition(") ")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


# ---- the callers, and the clock --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Window:
    """So many seconds of processor time were used in it."""

    is_on: bool
    cpu_s: float
    own_s: float
    "Of them telemetry's, as it was accounted for."
    seconds: float
    load_1m: float


@asynccontextmanager
async def served(collector_url: str, kind: str) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, "--serve", collector_url, "--ears", kind), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def told(url: str, kind: str) -> dict[str, object]:
    def ask() -> dict[str, object]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{url}/bench/telemetry?is={kind}", timeout=60) as answer:
            return dict(json.load(answer))

    return await asyncio.to_thread(ask)


async def measured(
    url: str, sessions: int, seconds: float, pairs: int
) -> tuple[list[Window], dict[str, object]]:
    sound = await speech(BundledVoice())
    lives = [Life() for _ in range(sessions)]
    until = asyncio.Event()
    windows: list[Window] = []
    async with asyncio.TaskGroup() as group:
        for number, life in enumerate(lives):
            group.create_task(live(url, life, sound, 0.5 + CYCLE_S * number / sessions, until))
        await asyncio.gather(*(life.is_settled.wait() for life in lives))
        await asyncio.sleep(CYCLE_S)
        for number in range(2 * pairs):
            is_on = number % 4 in (1, 2)
            start = await told(url, "on" if is_on else "off")
            pid = int(str(start["pid"]))
            loop = asyncio.get_running_loop()
            before, began = usage(pid), loop.time()
            await asyncio.sleep(seconds)
            after, lasted = usage(pid), loop.time() - began
            assert before is not None
            assert after is not None
            end = await told(url, "on" if is_on else "off")
            own_s = float(str(end["own_s"])) - float(str(start["own_s"]))
            windows.append(Window(is_on, after.cpu_s - before.cpu_s, own_s, lasted, os.getloadavg()[0]))
            print(f"  {'on ' if is_on else 'off'}  {windows[-1].cpu_s / lasted:.3f} cores", file=sys.stderr)
        until.set()
    end["failures"] = [failure for life in lives for failure in life.failures]
    return windows, end


def summed(windows: Sequence[Window], sessions: int) -> dict[str, object]:
    """The figures: cores in windows of each kind, and how much more the one of each pair takes than the other."""

    def cores(is_on: bool) -> list[float]:
        return [one.cpu_s / one.seconds for one in windows if one.is_on is is_on]

    more: list[float] = []
    for one, other in zip(windows[::2], windows[1::2], strict=True):
        on, off = (one, other) if one.is_on else (other, one)
        more.append(100 * ((on.cpu_s / on.seconds) / (off.cpu_s / off.seconds) - 1))
    own = [100 * one.own_s / (one.cpu_s - one.own_s) for one in windows if one.is_on]
    return {
        "accounted_percent": round(statistics.median(own), 2),
        "accounted_percent_each": [round(one, 2) for one in own],
        "sessions": sessions,
        "n": len(more),
        "cores_off": round(statistics.median(cores(False)), 4),
        "cores_on": round(statistics.median(cores(True)), 4),
        "more_percent": round(statistics.median(more), 2),
        "more_percent_each": [round(one, 2) for one in more],
        "mean_percent": round(statistics.fmean(more), 2),
        "standard_error": round(statistics.stdev(more) / len(more) ** 0.5, 2) if len(more) > 1 else None,
        "load_1m": [round(one.load_1m, 1) for one in windows],
        "machine": asdict(machine()),
    }


async def run(options: argparse.Namespace) -> None:
    with collector() as received:
        async with served(received.address, options.ears) as url:
            windows, end = await measured(url, options.sessions, options.seconds, options.pairs)
    found = summed(windows, options.sessions) | {
        "ears": options.ears,
        "spans_acknowledged": end["acknowledged"],
        "spans_failed": end["failed"],
        "calls_failed": len(list(end["failures"])),  # type: ignore[call-overload]
    }
    if options.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{found['sessions']} sessions, n = {found['n']} pairs of windows of {options.seconds:.0f} s")
    print(f"without telemetry  {found['cores_off']} cores (median)")
    print(f"with telemetry     {found['cores_on']} cores (median)")
    print(f"more               {found['more_percent']} % (median), {found['more_percent_each']}")
    print(f"                   {found['mean_percent']} ± {found['standard_error']} % (mean, standard error)")
    print(f"accounted for      {found['accounted_percent']} % (median), {found['accounted_percent_each']}")
    print(f"spans              {found['spans_acknowledged']} acknowledged, {found['spans_failed']} failed")
    print(f"load of the machine {found['load_1m']}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument(
        "--seconds", type=float, default=2 * CYCLE_S, help="of a window: whole cycles of 10 s"
    )
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--ears", default="silero", help="silero, or instant: what costs next to nothing")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=event_loop()) as runner:
        runner.run(serve(options.serve, options.ears) if options.serve else run(options))


if __name__ == "__main__":
    main()
