"""Agents from files: loaded, held open, and when something is wrong, told where and what to try."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from antiphon.core.errors import SetupError
from antiphon.hosts.agent_files import load_agent

HEAD = """
from contextlib import asynccontextmanager
from antiphon.agent import Agent, Grounding, PlainGuardrail, Question, Specialist

async def ground(question: Question) -> Grounding:
    return Grounding(("Hello.",))

def made(name="ada", **more):
    return Agent(name, "", (Specialist("only", "", ground),), PlainGuardrail(), **more)
"""


def name_of(where: str) -> str:
    async def story() -> str:
        async with load_agent(where) as agent:
            return agent.name

    return asyncio.run(story())


def written(folder: Path, text: str, name: str = "my_agent.py") -> str:
    path = folder / name
    path.write_text(HEAD + text)
    return str(path)


@pytest.mark.parametrize(
    "text",
    [
        "agent = made()",
        "def agent(): return made()",
        "async def agent(): return made()",
        "@asynccontextmanager\nasync def agent(): yield made()",
        "agent = made",
    ],
)
def test_an_agent_may_be_one_or_make_one(text: str, tmp_path: Path) -> None:
    assert name_of(written(tmp_path, text)) == "ada"


def test_a_name_may_be_given(tmp_path: Path) -> None:
    where = written(tmp_path, 'bob = made("bob")\nagent = made()')
    assert (name_of(f"{where}:bob"), name_of(f"{where}:agent"), name_of(f"{where}:")) == ("bob", "ada", "ada")


def test_what_lies_beside_the_file_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "beside_the_agent.py").write_text("NAME = 'carl'")
    assert name_of(written(tmp_path, "from beside_the_agent import NAME\nagent = made(NAME)")) == "carl"
    sys.path.remove(str(tmp_path))


def test_files_of_the_same_name_are_two_files(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder, f"agent = made({folder!r})")
    assert [name_of(str(tmp_path / folder / "my_agent.py")) for folder in "ab"] == ["a", "b"]


def test_a_module_is_taken_too() -> None:
    with pytest.raises(SetupError, match=r"antiphon\.agents\.tutor\.tutor.*: write `agent = Agent"):
        name_of("antiphon.agents.tutor.tutor")


def test_what_an_agent_needs_is_open_while_it_is_served(tmp_path: Path) -> None:
    text = """
HELD = []
@asynccontextmanager
async def agent():
    HELD.append("open")
    try:
        yield made()
    finally:
        HELD.append("closed")
"""
    where = written(tmp_path, text)

    def held() -> list[str]:
        modules = [
            module for name, module in sys.modules.items() if name.startswith("antiphon_agent_my_agent")
        ]
        return next(list(m.HELD) for m in reversed(modules) if getattr(m, "__file__", "") == where)

    async def story() -> None:
        async with load_agent(where):
            assert held() == ["open"]
        assert held() == ["open", "closed"]
        with pytest.raises(KeyError):
            async with load_agent(where):
                raise KeyError("of the server's")
        assert held() == ["open", "closed"]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("bob = made()", "agent", r"there is no agent in .*my_agent\.py: try .*my_agent\.py:bob"),
        ("", "agent", r"there is no agent in .*: write `agent = Agent"),
        ("agent = 3", "agent", "is of type int, not an Agent: name an Agent"),
        ("agent = Agent", "agent", "is Agent, a class, not an Agent"),
        ("def agent(): return 3", "agent", "is of type int, not an Agent"),
        ("x = 1\nagent = made(nothing=1)", "agent", r"my_agent\.py, line 9: TypeError: .*: mend it"),
        ("x = 1\nagent = 1 / 0", "agent", r"my_agent\.py, line 11: ZeroDivisionError: .*: mend it"),
        ("def agent():\n    return 1 / 0", "agent", r"my_agent\.py, line 11: ZeroDivisionError"),
        ("async def agent():\n    return 1 / 0", "agent", r"my_agent\.py, line 11: ZeroDivisionError"),
        ("def agent(:", "agent", r"my_agent\.py, line 10: invalid syntax: mend it"),
        ("import no_such_thing", "agent", r"line 10: ModuleNotFoundError: .*: install no_such_thing"),
        ("def agent(size): return made()", "agent", r"TypeError: agent\(\) missing 1 required"),
        ("agent = Agent('ada', '', (), PlainGuardrail())", "agent", "has no specialist"),
        (
            "s = Specialist('a', '', ground)\nagent = Agent('ada', '', (s, s), PlainGuardrail())",
            "agent",
            "2 specialists and nobody who chooses: give it a router",
        ),
        ("agent = made()", "my-agent", "'my-agent' cannot be the name of an agent"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_try(text: str, name: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        name_of(f"{written(tmp_path, text)}:{name}")
    assert re.search(told, str(caught.value)), caught.value


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("no/such/file.py:agent", r"there is no file .*no/such/file\.py: check the path"),
        ("no_such_module:agent", "there is no module no_such_module: for a file, write"),
        ("no/such/file", "neither a file that ends in .py nor a module"),
        ("", "neither a file"),
    ],
)
def test_what_is_not_there_is_told(where: str, told: str) -> None:
    with pytest.raises(SetupError) as caught:
        name_of(where)
    assert re.search(told, str(caught.value)), caught.value
