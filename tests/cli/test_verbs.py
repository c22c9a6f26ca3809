"""The command's verbs: each is told and imported by itself."""

from __future__ import annotations

import inspect
import os
import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from antiphon.cli import VERBS, command
from antiphon.core import events as e
from antiphon.core.conversation import Conversation
from antiphon.core.turns import Lines, TurnPolicy
from antiphon.session.journal import Header, Journal


def imported(code: str) -> set[str]:
    """The modules that are in memory once a fresh interpreter has run the code."""
    program = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "antiphon", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("verb", VERBS)
def test_the_list_says_of_a_verb_what_it_says_of_itself(verb: str) -> None:
    found = getattr(import_module(f"antiphon.cli.{verb}"), verb)
    said = found.info.help if isinstance(found, typer.Typer) else inspect.getdoc(found)
    assert said is not None and said.split("\n\n")[0] == VERBS[verb]
    shown = " ".join(CliRunner().invoke(command(verb), [verb, "--help"]).output.split())
    assert VERBS[verb].split()[-1] in shown


def test_the_list_of_verbs_imports_none_of_them() -> None:
    found = imported(
        "from typer.testing import CliRunner; import antiphon.cli as c; CliRunner().invoke(c.command())"
    )
    assert not [name for name in found if name.startswith(("antiphon.hosts", "antiphon.bench", "numpy"))]
    assert not found & {f"antiphon.cli.{verb}" for verb in VERBS}


def test_serving_needs_neither_the_bench_nor_the_pages_to_begin() -> None:
    found = imported("import antiphon.cli.serve")
    assert not [name for name in found if name.startswith(("antiphon.bench", "fastapi", "sympy", "harper"))]
    assert not [
        name for name in found if name.startswith("antiphon.cli.") and name.endswith(("fork", "doctor"))
    ]


def test_the_command_ends_with_its_verbs_code(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    header = Header("s_somecall", "tutor", TurnPolicy(), Lines())
    journal = Journal(header, file, None)
    conversation = Conversation(header.policy, header.lines)
    for t, event in ((0.0, e.Joined()), (1.0, e.Typed("What is two and two?")), (2.0, e.HungUp("bye"))):
        for item in (event, *conversation.handle(event, t)):
            journal.write(t, item)
    journal.close({})
    assert run("replay", file).returncode == 0
    file.write_text("".join(line for line in file.read_text().splitlines(True) if "StartReply" not in line))
    changed = run("replay", file)
    assert changed.returncode == 1 and "commands differ" in changed.stdout


def test_what_is_no_verb_is_told_with_the_one_that_was_meant() -> None:
    done = run("srve")
    assert done.returncode == 2
    assert "Did you mean 'serve'?" in " ".join(done.stderr.split())


def test_an_error_is_told_letter_by_letter() -> None:
    done = run("replay", "[bold]of anna[/bold].jsonl")
    assert done.returncode == 1
    assert "[bold]of anna[/bold].jsonl" in " ".join(done.stderr.split())


def test_a_start_that_fails_ends_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        environment = {**os.environ, "ANTIPHON_HOME": str(tmp_path)}
        command = [sys.executable, "-m", "antiphon", "serve", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=40, env=environment)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_a_process_with_livekits_library_ends_with_the_code_of_its_command(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import livekit.rtc\n")
    for arguments, code, told in (
        (["version"], 0, "0.1"),
        (["replay", "nothing.jsonl"], 1, "error"),
        (["x"], 2, "No such"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "antiphon", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            env={
                **os.environ,
                "ANTIPHON_STORE": "off",
                "PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}",
            },
        )
        assert done.returncode == code and told in done.stdout + done.stderr
