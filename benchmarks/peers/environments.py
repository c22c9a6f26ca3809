"""A virtual environment for each framework, made once from the pins in `requirements/`."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent


def place(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the environments lie: in $ANTIPHON_HOME when that is set, beside this file otherwise."""
    home = environment.get("ANTIPHON_HOME")
    return Path(home) / "peers" if home else HERE / ".peers"


def python(kind: str) -> Path:
    """The Python of an environment that holds what requirements/`kind`.txt names, and nothing else ever did.

    Raises CalledProcessError when it cannot be made.
    """
    file = HERE / "requirements" / f"{kind}.txt"
    made_from = file.read_bytes() + sys.version.encode()
    venv = place() / f"{kind}-{hashlib.sha256(made_from).hexdigest()[:12]}"
    program = venv / "bin" / "python"
    if (venv / "complete").exists():
        return program
    print(f"installing {kind} into {venv} …", file=sys.stderr, flush=True)
    for old in place().glob(f"{kind}-*"):
        shutil.rmtree(old)
    uv = shutil.which("uv")
    _run(sys.executable, "-m", "venv", *(["--without-pip"] if uv else []), str(venv))
    if uv:
        _run(uv, "pip", "install", "--quiet", "--python", str(program), "-r", str(file))
    else:
        _run(str(program), "-m", "pip", "install", "-qq", "--no-input", "-r", str(file))
    (venv / "complete").touch()
    return program


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
