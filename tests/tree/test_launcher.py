"""The launcher finds its environment, remembers it, and refuses what is none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The launcher and what it reads, in a folder whose name has spaces."""
    clone = tmp_path / "a clone with spaces"
    (clone / "scripts").mkdir(parents=True)
    for name in ("antiphon", "pyproject.toml", "constraints.txt", "scripts/venv.sh", "scripts/bootstrap.py"):
        shutil.copy(ROOT / name, clone / name)
    return clone


def furnish(clone: Path, venv: Path) -> None:
    """An environment that looks ready, whose antiphon repeats what it is told."""
    (venv / "bin").mkdir(parents=True)
    for name, body in (("antiphon", '#!/bin/sh\nprintf "<%s>" "$@"\n'), ("python", "#!/bin/sh\nexit 1\n")):
        (venv / "bin" / name).write_text(body)
        (venv / "bin" / name).chmod(0o755)
    files = (clone / "pyproject.toml").read_bytes() + (clone / "constraints.txt").read_bytes()
    told = subprocess.run(["cksum"], input=files, capture_output=True, check=True).stdout.decode()
    (venv / "antiphon-run.stamp").write_text(f"{'-'.join(told.split())} {clone} {venv}\n")


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "ANTIPHON_VENV"}
    return subprocess.run(
        command, cwd=cwd, env={**inherited, **environment}, text=True, capture_output=True, timeout=60
    )


def test_a_start_with_everything_in_place_goes_straight_to_it(clone: Path, tmp_path: Path) -> None:
    furnish(clone, clone / ".venv")
    started = run(clone / "antiphon", "talk", "my question.wav", "--json", cwd=tmp_path)
    assert started.stdout == "<talk><my question.wav><--json>"
    assert started.stderr == ""


def test_it_can_be_called_through_a_link_from_anywhere(clone: Path, tmp_path: Path) -> None:
    furnish(clone, clone / ".venv")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "antiphon").symlink_to(Path("..") / clone.name / "antiphon")
    assert run("bin/antiphon", "version", cwd=tmp_path).stdout == "<version>"


def test_the_environment_may_lie_elsewhere(clone: Path, tmp_path: Path) -> None:
    venv = tmp_path / "another place"
    furnish(clone, venv)
    assert run(clone / "antiphon", "version", cwd=tmp_path, ANTIPHON_VENV=str(venv)).stdout == "<version>"
    assert run(clone / "antiphon", "version", cwd=tmp_path, ANTIPHON_VENV=venv.name).stdout == "<version>"


def test_a_folder_that_holds_something_else_is_left_alone(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("meow")
    refused = run(clone / "antiphon", "serve", cwd=tmp_path, ANTIPHON_VENV=str(tmp_path / "photos"))
    assert refused.returncode == 1
    assert "set ANTIPHON_VENV" in refused.stderr
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["cat.jpg"]


def test_without_a_suitable_python_it_says_which_is_needed(clone: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "cat", "cksum", "tr", "dirname", "readlink"):
        found = shutil.which(tool)
        assert found
        (tools / tool).symlink_to(found)
    (tools / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tools / "python3").chmod(0o755)
    refused = run(clone / "antiphon", "serve", cwd=tmp_path, PATH=str(tools))
    assert refused.returncode == 1
    assert "needs Python 3.11" in refused.stderr
