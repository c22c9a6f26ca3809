"""The command line on what is kept: lists it, holds it again, erases it; and says what to try when it cannot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from antiphon.cli import command
from antiphon.config import Settings
from antiphon.core import events as e
from antiphon.core.conversation import Conversation
from antiphon.core.records import NewSession
from antiphon.core.turns import Lines, TurnPolicy
from antiphon.hosts.archive import archive
from antiphon.session.journal import Header, Journal


@pytest.fixture
def home(url: str, tmp_path: Path) -> Path:
    """A home whose store holds one conversation, of anna."""
    asyncio.run(_keep(tmp_path, url))
    return tmp_path


async def _keep(home: Path, url: str) -> None:
    async with archive(Settings(home=home, database_url=url)) as records:  # type: ignore[arg-type]
        new = NewSession("s_annascall", "school", "anna", "tutor", "orchestrate", "token")
        header = Header("s_annascall", "tutor", TurnPolicy(), Lines())
        journal = Journal(header, home / "journals" / "s_annascall.jsonl", records.open(new))
        conversation = Conversation(header.policy, header.lines)
        for t, event in ((0.0, e.Joined()), (1.0, e.Typed("What is two and two?")), (2.0, e.HungUp("bye"))):
            for item in (event, *conversation.handle(event, t)):
                journal.write(t, item)
        await journal.durable()
        journal.close({"summary": "1 line [of] anna"})


Says = Callable[..., tuple[int, str, str]]


@pytest.fixture
def says(url: str, tmp_path: Path) -> Says:
    """Runs the command. Gives its exit code, what it printed, and the error it ended with."""

    def run(*arguments: str) -> tuple[int, str, str]:
        environment = {"DATABASE_URL": url, "ANTIPHON_HOME": str(tmp_path)}
        result = CliRunner().invoke(command(arguments[0]), arguments, env=environment)
        return result.exit_code, result.output, str(result.exception or "")

    return run


def test_sessions_are_listed(home: Path, says: Says) -> None:
    code, out, _ = says("sessions", "--json")
    [found] = json.loads(out)
    assert (code, found["id"], found["owner"], found["status"]) == (0, "s_annascall", "anna", "ended")
    assert "s_annas" in says("sessions")[1]


def test_a_session_is_held_again_by_its_id_and_by_its_file(home: Path, says: Says) -> None:
    for name in ("s_annascall", str(home / "journals" / "s_annascall.jsonl")):
        code, out, _ = says("replay", name)
        assert code == 0 and "the same, command for command" in out


def test_what_there_is_not_is_said_with_what_to_try(home: Path, says: Says) -> None:
    for arguments, told in (
        (("replay", "s_nobodyknows"), "antiphon sessions"),
        (("replay", "nothing.jsonl"), "neither a file nor the id"),
        (("fork", "s_annascall", "--set", "nonsense"), "NAME=VALUE"),
        (("fork", "s_annascall", "--set", "stt=local/whisper-tiny"), "no sound is kept"),
    ):
        code, _, err = says(*arguments)
        assert code == 1 and told in err, (arguments, err)


def test_a_person_is_erased_with_their_files_and_only_after_a_yes(home: Path, says: Says) -> None:
    file = home / "journals" / "s_annascall.jsonl"
    assert file.exists()
    code, out, _ = says("erase", "anna", "--tenant", "elsewhere", "--yes")
    assert code == 0 and out.startswith("0 sessions") and file.exists()
    code, out, _ = says("erase", "anna", "--tenant", "school", "--yes")
    assert code == 0 and out.startswith("1 sessions") and not file.exists()
    code, _, err = says("replay", "s_annascall")
    assert code == 1 and "erased" in err
