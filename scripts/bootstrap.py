"""Makes or refreshes the virtual environment of a clone. Needs nothing but the standard library.

    bootstrap.py ROOT VENV run|dev STAMP

Several may run at once: one works, the others wait and then find the work done. All output goes to standard
error, so that `./antiphon talk --json` prints JSON and nothing else.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "antiphon.lock"
"The file that is locked while somebody works. Its presence also marks an environment as ours to rebuild."
OLDEST_PIP = (25, 1)
"The first pip that installs dependency groups."
HEALTHY = "import sys, pip; assert sys.version_info >= (3, 11); print(*pip.__version__.split('.')[:2])"
MEGABYTE = 1e6


class SetupFailed(Exception):
    """The environment cannot be made; the message ends with what to do."""


def main(root: Path, venv: Path, group: str, stamp: str) -> None:
    """`venv` holds what `group` names, installed from `root`, and says so in its stamp."""
    mark = venv / f"antiphon-{group}.stamp"
    with locked(venv):
        if mark.exists() and mark.read_text() == stamp + "\n" and pip_version(venv):
            return
        if not is_usable(venv, place=stamp.partition(" ")[2]):
            rebuild(venv)
        install(root, venv, group)
        for name in {group, "run"}:
            (venv / f"antiphon-{name}.stamp").write_text(stamp + "\n")


@contextmanager
def locked(venv: Path) -> Iterator[None]:
    """Nobody else works on `venv` inside. Refuses a folder that holds something else."""
    is_foreign = venv.exists() and any(venv.iterdir()) and not (venv / LOCK).exists()
    if is_foreign and not pip_version(venv):
        raise SetupFailed(
            f"{venv} is no virtual environment with Python 3.11 and pip; set ANTIPHON_VENV to an empty or new folder"
        )
    venv.mkdir(parents=True, exist_ok=True)
    path = venv / ("antiphon-shared.lock" if is_foreign else LOCK)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(f"waiting for another start that is installing into {venv} …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_usable(venv: Path, place: str) -> bool:
    """It works; one of ours was made for this very place: scripts inside name their folder and the clone's."""
    if not (venv / LOCK).exists():
        return bool(pip_version(venv))
    stamps = [mark.read_text().strip() for mark in venv.glob("antiphon-*.stamp")]
    return bool(pip_version(venv)) and all(mark.partition(" ")[2] == place for mark in stamps)


def pip_version(venv: Path) -> tuple[int, ...]:
    """The version of its pip; empty when the environment does not work."""
    try:
        told = subprocess.run([venv / "bin/python", "-c", HEALTHY], capture_output=True, text=True)
    except OSError:
        return ()
    return tuple(map(int, told.stdout.split())) if told.returncode == 0 else ()


def rebuild(venv: Path) -> None:
    """An environment with nothing but pip."""
    need_ensurepip()
    tell(f"making {venv} with Python {sys.version.split()[0]} …")
    for thing in venv.iterdir():
        if thing.is_dir() and not thing.is_symlink():
            shutil.rmtree(thing)
        elif thing.name != LOCK:
            thing.unlink()
    made = subprocess.run([sys.executable, "-m", "venv", venv], capture_output=True, text=True)
    if made.returncode:
        raise SetupFailed(f"{sys.executable} -m venv failed:\n{made.stdout}{made.stderr}")


def need_ensurepip() -> None:
    """This Python can make environments. On Debian, root has the missing package installed."""
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    apt = shutil.which("apt-get")
    if apt is None:
        raise SetupFailed(
            f"{sys.executable} lacks venv or ensurepip; install {package} or a complete Python 3.11"
        )
    if os.geteuid() != 0:
        raise SetupFailed(f"this Python cannot make environments yet; run: sudo apt-get install {package}")
    tell(f"installing {package} …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ([apt, "update", "-qq"], [apt, "install", "-y", "-qq", package]):
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    if done.returncode:
        raise SetupFailed(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    importlib.invalidate_caches()


def install(root: Path, venv: Path, group: str) -> None:
    """The project, editable, with all its ways to carry a voice, in the exact versions of constraints.txt."""
    if pip_version(venv) < OLDEST_PIP:
        pip(root, venv, "--upgrade", "pip>=" + ".".join(map(str, OLDEST_PIP)))
    groups = ["--group", group] if group != "run" else []
    pip(root, venv, "--constraint", "constraints.txt", "--editable", ".[livekit]", *groups)
    tell("installed" if group == "run" else f"installed, with what {group} needs")


def pip(root: Path, venv: Path, *what: str) -> None:
    """`pip install` of `what` has run in `root`. Shows what is being fetched, and pip's own words on failure."""
    command = [str(venv / "bin/python"), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    if pip_version(venv) >= OLDEST_PIP:
        command.append("--progress-bar=raw")
    last: deque[str] = deque(maxlen=30)
    with subprocess.Popen(
        [*command, *what], cwd=root, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        fetching = ""
        for line in process.stdout:
            if counted := re.match(r"Progress (\d+) of (\d+)", line):
                done, total = (int(number) / MEGABYTE for number in counted.groups())
                show(f"{fetching} {done:.1f} of {total:.1f} MB")
                continue
            last.append(line)
            if fetched := re.match(r"\s*(?:Downloading|Using cached) (\S+\.(?:whl|tar\.gz)) ", line):
                fetching = "fetching " + fetched[1].rpartition("/")[2].partition("-")[0]
                show(fetching)
            elif line.startswith("Installing collected packages") and (others := line.count(",")):
                show(f"installing {others + 1} packages")
    show("")
    if process.returncode:
        raise SetupFailed(
            f"pip failed:\n{''.join(last)}Check the network and the package index, then run it again."
        )


def show(what: str) -> None:
    """One line, rewritten in place on a terminal; elsewhere only the packages are named."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{what[: shutil.get_terminal_size().columns - 1]}")
        sys.stderr.flush()
    elif what and " of " not in what:
        tell(what)


def tell(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
    except SetupFailed as failure:
        tell(f"error: {failure}")
        sys.exit(1)
    except KeyboardInterrupt:
        tell("stopped; the next start goes on from here")
        sys.exit(130)
