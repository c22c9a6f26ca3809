"""Postgres without a server to set up: one for each folder, shared by any number of processes.

The first process that opens it starts a detached supervisor (`postmaster`), which stops the server when the
last has gone, even by SIGKILL. There is no port: who may enter the folder may connect.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from antiphon.core.errors import SetupError
from antiphon.store.places import is_ready, marks, programs, socket_folder, take
from antiphon.store.postmaster import Say

START_WITHIN = 120.0
"Seconds: a server that was killed reads its log again before it answers."
LONGEST_LOG = 4 << 20


class Embedded:
    """The server on `home`/postgres, wanted from the beginning of `async with` to its end.

    `options` are settings of Postgres for the server, if this process is the one that starts it. `say` is told
    what a first start is busy with; it is called from a worker thread. Raises SetupError.
    """

    def __init__(self, home: Path, *, say: Say = lambda text: None, options: Mapping[str, str] | None = None):
        self.folder = home.expanduser().resolve() / "postgres"
        self._say = say
        self._options = dict(options or {})
        self._lock = -1
        self._mark = marks(self.folder) / f"{os.getpid()}-{secrets.token_hex(4)}"
        self._is_given_up = False
        self._reviving: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Embedded:
        opening = asyncio.get_running_loop().run_in_executor(None, self._open)
        try:
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._is_given_up = True
            opening.add_done_callback(self._end_of_opening)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @property
    def url(self) -> str:
        """Where to connect, for as long as this is open."""
        return f"postgresql://postgres@/postgres?host={quote(str(self.socket_folder))}"

    @property
    def socket_folder(self) -> Path:
        """The folder that holds the server's socket."""
        return socket_folder((self.folder / "server").resolve())

    @property
    def log(self) -> Path:
        """What the server and its supervisor had to say."""
        return self.folder / "server.log"

    async def revive(self) -> None:
        """The server runs, also if its supervisor was killed. Cheap when it runs. Raises SetupError.

        Whoever asks while somebody has it started waits for the same start: it may take long, and in a thread.
        """
        if self._reviving is None or self._reviving.done():
            self._reviving = asyncio.get_running_loop().run_in_executor(None, self._start)
            self._reviving.add_done_callback(lambda started: started.cancelled() or started.exception())
        await asyncio.shield(self._reviving)

    def _open(self) -> None:
        if sys.platform == "win32":
            raise SetupError("there is no embedded Postgres on Windows; set DATABASE_URL to a server")
        programs()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / "clients.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise SetupError(
                f"{self.folder} cannot be written ({error.strerror}); set ANTIPHON_HOME to a folder of yours"
            ) from None
        self._lock = lock
        deadline = time.monotonic() + START_WITHIN
        try:
            while not take(lock, exclusive=False):  # an old server is on its way out
                self._wait(deadline)
            with suppress(OSError):  # a full disk: should we be killed, the server ends at once
                self._mark.parent.mkdir(exist_ok=True)
                self._mark.touch()
            self._start()
        except BaseException:
            self._close()
            raise

    def _end_of_opening(self, opening: asyncio.Future[None]) -> None:
        if not opening.cancelled():
            opening.exception()
        self._close()

    def _start(self) -> None:
        deadline = time.monotonic() + START_WITHIN
        turn = os.open(self.folder / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not take(turn, exclusive=True):
                self._wait(deadline)
            if not self._is_supervised() or not is_ready(self.folder / "server"):
                self._supervise(deadline)
        finally:
            os.close(turn)

    def _is_supervised(self) -> bool:
        lock = os.open(self.folder / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            return not take(lock, exclusive=True)
        finally:
            os.close(lock)

    def _supervise(self, deadline: float) -> None:
        """The server is ready: a supervisor that is there brings it back itself; else one is started."""
        while self._is_supervised() or not self._spawn(deadline):
            if self._is_supervised() and is_ready(self.folder / "server"):
                return
            self._wait(deadline)

    def _spawn(self, deadline: float) -> bool:
        """The server is ready under a supervisor of ours; False: another one came first."""
        if self.log.exists() and self.log.stat().st_size > LONGEST_LOG:
            self.log.rename(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "antiphon.store.postmaster", self.folder, json.dumps(self._options)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=Path(__file__).parents[2],  # where `-m` looks first
                start_new_session=True,
            )
        assert process.stdout is not None
        with process.stdout as told:
            is_ours = self._listen(told.fileno(), deadline)
        process.wait()
        return is_ours

    def _listen(self, told: int, deadline: float) -> bool:
        """Whether the supervisor has the server ready; False: it left that to another."""
        text = b""
        while True:
            if not select.select([told], [], [], 0.1)[0]:
                self._wait(deadline)
                continue
            piece = os.read(told, 65536)
            text += piece
            *lines, text = text.split(b"\n")
            for line in lines:
                what, words = json.loads(line)
                if what in ("ready", "other"):
                    return bool(what == "ready")
                if what == "failed":
                    raise SetupError(words)
                if what == "died":
                    raise SetupError(f"{words}. {self._log_tail()}")
                self._say(words)
            if not piece:
                raise SetupError(f"the embedded database did not start. {self._log_tail()}")

    def _log_tail(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().split("\n")
        except OSError:
            lines = []
        return f"The end of {self.log}:\n" + "\n".join(f"  {line[:300]}" for line in lines[-8:])

    def _wait(self, deadline: float) -> None:
        if self._is_given_up:
            raise SetupError("the start of the embedded database was given up")
        if time.monotonic() > deadline:
            raise SetupError(
                f"the embedded database did not start within {START_WITHIN:.0f} s. {self._log_tail()}"
            )
        time.sleep(0.02)

    def _close(self) -> None:
        if self._lock >= 0:
            self._mark.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = -1
