"""What the page about agents shows is true."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from antiphon.agent import Agent, Tool
from antiphon.testing import clock
from antiphon.testing.conversing import converse

PAGE = Path(__file__).parents[2] / "docs/reference/agents.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_the_first_agent_answers() -> None:
    names: dict[str, object] = {}
    exec(BLOCKS[0], names)
    agent = names["agent"]
    assert isinstance(agent, Agent)
    assert clock.run(converse(agent, "When do you open?")) == ["We are open from seven to six."]


def test_the_tools_are_tools() -> None:
    names: dict[str, object] = {}
    exec(BLOCKS[1], names)
    forecast, book = names["forecast"], names["book"]
    assert isinstance(forecast, Tool)
    assert isinstance(book, Tool)
    assert (book.writes, book.timeout_s) == (True, 5.0)
    assert set(book.parameters["properties"]) == {"room", "guests"}  # type: ignore[call-overload]


def test_everything_it_imports_is_there() -> None:
    imports = re.findall(r"^from (antiphon[\w.]*) import (.+)$", "\n".join(BLOCKS), re.MULTILINE)
    assert imports
    for module, names in imports:
        found = importlib.import_module(module)
        assert all(hasattr(found, name.strip()) for name in names.split(",")), (module, names)


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert links
    assert all(PAGE.parent.joinpath(link).exists() for link in links)
