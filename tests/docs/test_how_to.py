"""How-tos work as they are written: their agents answer, their commands and settings exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from antiphon.agent import Person
from antiphon.cli import command
from antiphon.config import Settings
from antiphon.hosts.agent_files import load_agent
from antiphon.testing import clock
from antiphon.testing.conversing import converse

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs/how-to").glob("*.md"))
FILE = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

TALKS = {
    ("tools.md", "parcels.py", "7"): [
        ("What does a small parcel cost?", "A small parcel costs 5 euros."),
        ("Please send a van.", "A van is on its way to you."),
        ("Who are you?", "I know what parcels cost, and can send a van."),
    ],
    ("tools.md", "parcels.py", ""): [("Send a van.", "Please sign in, then I can send a van.")],
    ("flow.md", "restaurant.py", ""): [
        ("A table, please.", "Sorry, which day would that be?"),
        ("Friday.", "For how many?"),
        ("No, Saturday, and we are four.", "A table for 4 on Saturday. Good."),
    ],
}


@pytest.mark.parametrize(("page", "file", "caller"), TALKS)
def test_the_agent_of_a_page_answers(page: str, file: str, caller: str, tmp_path: Path) -> None:
    for name, body in FILE.findall((ROOT / "docs/how-to" / page).read_text(encoding="utf-8")):
        (tmp_path / name).write_text(body, encoding="utf-8")
    questions, answers = zip(*TALKS[page, file, caller], strict=True)

    async def talked() -> list[str]:
        async with load_agent(f"{tmp_path / file}:agent") as agent:
            return await converse(agent, *questions, caller=Person(caller, name="Ada" if caller else ""))

    assert clock.run(talked()) == list(answers)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_settings_of_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    verbs = set(typer.main.get_command(command()).commands)  # type: ignore[attr-defined]
    assert set(re.findall(r"\./antiphon ([a-z]+)", text)) <= verbs
    aliases = {name: field.validation_alias for name, field in Settings.model_fields.items()}
    known = {
        alias if isinstance(alias, str) else f"ANTIPHON_{name.upper()}" for name, alias in aliases.items()
    }
    assert set(re.findall(r"\b(ANTIPHON_[A-Z_]+)\b", text)) <= known
    for block in SHELL.findall(text):
        set_there = set(re.findall(r"\b([A-Z][A-Z_]+)=", block))
        others = {"PYTHONPATH", "LIVEKIT_KEYS"}
        assert set_there <= known | others, set_there - known - others


def test_every_page_is_in_the_list() -> None:
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (ROOT / "docs/how-to/index.md").read_text(encoding="utf-8"))
    assert sorted([*listed, "index.md"]) == [page.name for page in PAGES]
