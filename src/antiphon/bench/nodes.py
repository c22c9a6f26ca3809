"""Scripted servers that are killed, frozen, stopped and started anew at the same address."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from antiphon.bench.scripted_server import command
from antiphon.core.errors import SetupError

START_WITHIN_S = 60.0
"Seconds a server may take to come up; the first start also makes a database."
STOP_WITHIN_S = 40.0
"Seconds a server may take to end once asked: as long as it lets its callers finish, and a little more."


class Node:
    """One server with a port of its own, of which one process at a time runs. Times are those of `time.monotonic`."""

    def __init__(self, home: Path, name: str = "one", **options: str | float) -> None:
        self.home = home
        self.port = _free_port()
        self.log = home / f"{name}.log"
        self.killed_at = 0.0
        "When the last process was killed, or told to end."
        self.starts_s: list[float] = []
        "How long each start took until the address was printed."
        self._argv = command(home, port=self.port, node=name, **options)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of the process that runs. Raises SetupError when none does."""
        if self._process is None:
            raise SetupError("the server does not run")
        return self._process.pid

    async def start(self) -> None:
        """A process of the server takes calls. Raises SetupError with the end of its log when it does not."""
        begun = time.monotonic()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_WITHIN_S):
                line = await self._process.stdout.readline()
        except TimeoutError:
            line = b""
        if not line:
            await self.kill()
            told = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]
            raise SetupError("\n".join(["a scripted server did not start", *told]))
        self.starts_s.append(time.monotonic() - begun)

    async def kill(self) -> None:
        """The process is gone from one instruction to the next: SIGKILL. Nothing if none runs."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> float:
        """The process was asked to end and has; returns the seconds it took. Killed when it does not."""
        begun = time.monotonic()
        await self._end(signal.SIGTERM)
        return time.monotonic() - begun

    async def wait(self) -> float:
        """The process that was asked to stop has; returns the seconds it took since."""
        process, self._process = self._process, None
        if process is not None:
            async with asyncio.timeout(STOP_WITHIN_S):
                await process.wait()
        return time.monotonic() - self.killed_at

    def ask_to_stop(self) -> None:
        """SIGTERM is on its way."""
        self.killed_at = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        self.killed_at = time.monotonic()
        process.send_signal(number)
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


@asynccontextmanager
async def nodes(names: Sequence[str] = ("one",), **options: str | float) -> AsyncIterator[list[Node]]:
    """Running servers that share one home, and so one embedded database unless `options` say otherwise."""
    with TemporaryDirectory(prefix="antiphon-bench-", ignore_cleanup_errors=True) as folder:
        home = reachable(folder)
        found = [Node(home, name, **options) for name in names]
        try:
            for node in found:
                await node.start()
            yield found
        finally:
            for node in found:
                await node.stop()


def reachable(folder: str) -> Path:
    """The folder, where the database's own user now finds its way to its files."""
    home = Path(folder)
    home.chmod(0o711)
    return home


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
