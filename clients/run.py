"""Every stock client of OpenAI's Realtime API holds a spoken conversation with a server of this clone.

    scripts/clients [NAME]…          all of them, or those named
    scripts/clients --list
    scripts/clients --prepare        only makes what they need

Makes what each needs (kept in ${XDG_CACHE_HOME:-~/.cache}/antiphon-clients), speaks the recordings once, starts
`antiphon serve` with a home of its own, and prints what came of it. Exits with 1 when a client missed something.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from antiphon.bench.serving import serving
from antiphon.bench.voices import BundledVoice
from antiphon.bench.wav import at_rate, write_wav
from antiphon.core.audio import silence

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "antiphon-clients"
RATE = 24_000
AT_ONCE = 2
"Clients that run at the same time: they mostly wait for somebody to finish speaking."
PATIENCE_S = 240.0
"Seconds a client may take: a conversation lasts thirty, and on a busy machine some take as long to load."
SAID = {
    "question": "What is twenty five percent of eighty?",
    "long": "What was the Roman Empire?",
    "interruption": "Hold on. What is seven times eight?",
    "weather": "What is the weather in Paris?",
}
OURS = ("ANTIPHON_", "OPENAI_", "ANTHROPIC_", "DATABASE_", "REDIS_")
"Settings of this shell that are kept from the server and the clients: nothing here needs a key."


@dataclass(frozen=True)
class Client:
    """`kind` is the environment it runs in: a file of requirements/, or node."""

    name: str
    script: str
    kind: str
    needs_tls: bool = False
    "It speaks wss and nothing else."


CLIENTS = (
    Client("openai-python", "python/openai_python.py", "openai"),
    Client("agents-python", "python/openai_agents.py", "openai"),
    Client("agents-node", "node/agents_websocket.mjs", "node"),
    Client("agents-browser", "node/browser_websocket.mjs", "node"),
    Client("agents-webrtc", "node/browser_webrtc.mjs", "node"),
    Client("livekit", "python/livekit_agents.py", "livekit"),
    Client("pipecat", "python/pipecat_service.py", "pipecat"),
    Client("openai-node", "node/openai_websocket.mjs", "node", needs_tls=True),
)
Report = dict[str, Any]


async def main(clients: Sequence[Client], at_once: int) -> int:
    """How many clients missed something."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    began = time.monotonic()
    programs = prepare({client.kind for client in clients})
    print(f"environments ready after {time.monotonic() - began:.0f} s", flush=True)
    for name in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[name]
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="antiphon-clients-")))
        await speak(folder)
        kinds = sorted({client.needs_tls for client in clients})
        servers = [stack.enter_async_context(serving(command=server(folder, tls))) for tls in kinds]
        addresses = dict(zip(kinds, await asyncio.gather(*servers), strict=True))
        print(f"servers ready after {time.monotonic() - began:.0f} s", flush=True)
        turn = asyncio.Semaphore(at_once)

        def holding(client: Client) -> Coroutine[Any, Any, Report]:
            return held(turn, client, programs[client.kind], addresses[client.needs_tls], folder)

        reports = await asyncio.gather(*map(holding, clients))
        for number, client in enumerate(clients):
            if reports[number]["missing"]:
                print(
                    f"{client.name} once more, alone: a machine may be too busy for several at a time",
                    flush=True,
                )
                reports[number] = await holding(client)
    show(clients, reports)
    failed = sum(bool(report["missing"]) for report in reports)
    print(f"{len(reports) - failed} passed, {failed} failed, {time.monotonic() - began:.0f} s")
    return failed


def server(folder: Path, tls: bool) -> list[str]:
    """The command that serves the tutor, with a home of its own in the folder."""
    home = f"ANTIPHON_HOME={folder / ('tls' if tls else 'plain')}"
    serve = ["-u", "-m", "antiphon", "serve", "tutor", "--host", "127.0.0.1", "--port", "0"]
    return ["env", home, sys.executable, *serve, *(["--tls"] if tls else [])]


# ---- what they need --------------------------------------------------------------------------------------
def prepare(kinds: set[str]) -> dict[str, list[str]]:
    """The programs that run the scripts of each kind. Raises CalledProcessError."""
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda kind: node() if kind == "node" else python(kind), sorted(kinds))
        return dict(zip(sorted(kinds), made, strict=True))


def python(kind: str) -> list[str]:
    """A virtual environment that holds what requirements/`kind`.txt names, and nothing else ever did."""
    file = HERE / "requirements" / f"{kind}.txt"
    made_from = file.read_bytes() + sys.version.encode()
    venv = CACHE / f"{kind}-{hashlib.sha256(made_from).hexdigest()[:12]}"
    if not (venv / "complete").exists():
        print(f"installing {kind} into {venv} …", flush=True)
        for old in CACHE.glob(f"{kind}-*"):
            shutil.rmtree(old)
        run(sys.executable, "-m", "venv", *(["--without-pip"] if shutil.which("uv") else []), str(venv))
        if shutil.which("uv"):
            run("uv", "pip", "install", "--quiet", "--python", str(venv / "bin/python"), "-r", str(file))
        else:
            run(str(venv / "bin/python"), "-m", "pip", "install", "-qq", "--no-input", "-r", str(file))
        (venv / "complete").touch()
    return [str(venv / "bin/python")]


def node() -> list[str]:
    """Node, with the packages of node/package-lock.json beside the scripts."""
    folder = HERE / "node"
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / "antiphon.stamp"
    if not stamp.exists() or stamp.read_text() != wanted:
        print("installing the packages of node …", flush=True)
        run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)
        stamp.write_text(wanted)
    return ["node"]


def run(*command: str, cwd: Path | None = None) -> None:
    subprocess.run(command, cwd=cwd, check=True, stdin=subprocess.DEVNULL)


async def speak(folder: Path) -> None:
    """What the user says lies in the folder, in the bundled voice."""
    voice = BundledVoice()
    for name, text in SAID.items():
        said = at_rate(await voice.say(text), RATE)
        write_wav(folder / f"{name}.wav", silence(0.1, RATE) + said)


# ---- the conversations -----------------------------------------------------------------------------------
async def held(
    turn: asyncio.Semaphore, client: Client, program: list[str], address: str, sounds: Path
) -> Report:
    """What the client saw. One that said nothing usable missed everything."""
    command = [*program, str(HERE / client.script), f"{address}/v1", str(sounds)]
    async with turn:
        began = time.monotonic()
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                out, err = await child.communicate()
        except TimeoutError:
            out, err = b"", f"did not end within {PATIENCE_S:g} s".encode()
        finally:
            await end(child)
        seconds = time.monotonic() - began
    try:
        report: Report = json.loads(out.splitlines()[-1])
    except (IndexError, ValueError):
        report = {"missing": ["everything"]}
    if report["missing"]:
        print(f"---- {client.name}", json.dumps(report, indent=1, ensure_ascii=False), sep="\n")
        print(*err.decode(errors="replace").splitlines()[-20:], sep="\n", flush=True)
    return {**report, "seconds": seconds}


async def end(child: asyncio.subprocess.Process) -> None:
    """The client is gone: asked to go, so that it closes its browser, and made to if it does not."""
    if child.returncode is not None:
        return
    child.terminate()
    try:
        async with asyncio.timeout(5):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()


def show(clients: Sequence[Client], reports: Sequence[Report]) -> None:
    """A line for each client; of the interruption the seconds until the agent gave way."""
    print(f"\n{'client':45} {'version':8} greeting  turn  function  barge-in  seconds")
    for client, report in zip(clients, reports, strict=True):
        missed = set(report["missing"])
        greeting, answer, function, barge_in = (
            "no" if missed & {aspect, "everything"} else "yes"
            for aspect in ("greeting", "turn", "function", "barge-in")
        )
        if barge_in == "yes":
            barge_in = f"{report['barge_in']['gave_way_s']:.2f} s"
        name, version = report.get("client", client.name), report.get("version", "")
        told = f"{greeting:8}  {answer:4}  {function:8}  {barge_in:8}  {report['seconds']:7.1f}"
        print(f"{name:45} {version:8} {told}")


if __name__ == "__main__":
    names = {client.name: client for client in CLIENTS}
    parser = argparse.ArgumentParser(prog="scripts/clients", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("name", nargs="*", choices=[*names, []], help="which; all when none is named")
    parser.add_argument("--list", action="store_true", help="names them")
    parser.add_argument("--prepare", action="store_true", help="only makes what they need")
    parser.add_argument("--jobs", type=int, default=AT_ONCE, help="clients that run at the same time")
    given = parser.parse_args()
    if given.list:
        print(*names, sep="\n")
        sys.exit()
    chosen = [names[name] for name in given.name] or list(CLIENTS)
    if given.prepare:
        prepare({client.kind for client in chosen})
        sys.exit()
    sys.exit(min(1, asyncio.run(main(chosen, given.jobs))))
