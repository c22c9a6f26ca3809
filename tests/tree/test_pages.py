"""What the pages say about the tree is true of the tree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import typer.main

from antiphon.cli import command
from antiphon.config import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *(f"docs/{p}" for p in ("index.md", "design/architecture.md")),
]
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "src/antiphon").rglob("*.py")))


def variable(name: str) -> str:
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"ANTIPHON_{name.upper()}"


def test_the_readme_names_every_setting_and_no_other() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)
    assert sorted(rows) == sorted(variable(name) for name in Settings.model_fields)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_readme_tells_the_default_of(name: str) -> None:
    default = Settings.model_fields[name].default
    told = "" if default is None or str(default).strip("*") == "" else f"`{default}`"
    told = told.lower() if isinstance(default, bool) else told
    assert re.search(rf"^\| `{variable(name)}` \| {re.escape(told)} ?\|", README, re.MULTILINE), told


def test_the_readme_names_every_command_and_no_other() -> None:
    verbs = set(typer.main.get_command(command()).commands)  # type: ignore[attr-defined]
    assert set(re.findall(r"\./antiphon ([a-z]+)", README)) == verbs


@pytest.mark.parametrize("page", PAGES)
def test_links_and_paths_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = {link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link}
    paths = set(re.findall(r"`((?:src|ui|tests|docs|scripts)/[\w./-]+)`", text))
    missing = {link for link in links if not (ROOT / page).parent.joinpath(link).exists()}
    missing |= {path for path in paths if not (ROOT / path).exists()}
    assert not missing


def test_the_architecture_speaks_of_names_that_exist() -> None:
    text = (ROOT / "docs/design/architecture.md").read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    names = set(re.findall(r"`([A-Z]\w+)(?:\.\w+)?`", prose))
    methods = set(re.findall(r"`[A-Z]\w+\.(\w+)`", prose))
    modules = set(re.findall(r"`((?:core|session|agent|providers|wire|transports|hosts)/\w+\.py)`", prose))
    assert {name for name in names if not re.search(rf"^(class )?{name}\b", SOURCE, re.MULTILINE)} == set()
    assert {name for name in methods if not re.search(rf"\b(def {name}\b|{name}:)", SOURCE)} == set()
    assert {module for module in modules if not (ROOT / "src/antiphon" / module).exists()} == set()


def test_every_direct_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *(line for extra in project["project"]["optional-dependencies"].values() for line in extra),
        *(line for group in project["dependency-groups"].values() for line in group),
    ]
    pins = re.findall(r"^([\w.-]+)==[^ \n]+( ;.*)?$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    loose = [line for line in wanted if "==" not in line]
    assert loose
    assert {re.split(r"[^\w.-]", line)[0] for line in loose} <= {name for name, _ in pins}
