"""The reader of the tutorial: what it takes for done, and what it takes for told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from script_modules import ROOT, loaded

tutorial = loaded("tutorial.py", "tutorial_reader")


def page(folder: Path, text: str) -> Path:
    file = folder / "1-page.md"
    file.write_text(text.replace("'''", "```"), encoding="utf-8")
    return file


def test_a_command_is_told_apart_from_a_server_and_a_file(tmp_path: Path) -> None:
    text = """Words.
'''sh
echo hello
'''
'''text
hello
'''
'''sh title="server"
serve
'''
'''python title="a.py"
x = 1
'''
"""
    found = [(step.kind, step.title, step.body, step.prints) for step in tutorial.steps(page(tmp_path, text))]
    assert found == [
        ("sh", "", "echo hello\n", "hello\n"),
        ("sh", "server", "serve\n", ""),
        ("python", "a.py", "x = 1\n", ""),
    ]


@pytest.mark.parametrize("block", ["'''text\nhello\n'''", "'''python\nx = 1\n'''", "'''yaml\na: b\n'''"])
def test_a_block_that_nobody_could_carry_out_is_wrong(tmp_path: Path, block: str) -> None:
    with pytest.raises(tutorial.Wrong):
        list(tutorial.steps(page(tmp_path, f"{block}\n")))


def test_dots_stand_for_anything_in_a_line_and_alone_for_any_lines() -> None:
    printed = "ready: http://here:1\none\ntwo\nheard  622 ms  in all\n"
    assert tutorial.is_told(printed, "ready: …\none\ntwo\nheard …ms  in all\n")
    assert tutorial.is_told(printed, "ready: …\n…\nheard …ms  in all\n")
    assert tutorial.is_told(printed, "…\nready: http://here:1\n…\n")
    assert not tutorial.is_told(printed, "ready: …\nheard …ms  in all\n")
    assert not tutorial.is_told(printed, "ready: …\none\ntwo\n")
    assert not tutorial.is_told(printed, "ready: http://here.1\n…\n")


def test_the_pages_can_be_carried_out_and_tell_what_they_print() -> None:
    pages = sorted((ROOT / "docs/tutorial").glob("[0-9]*.md"))
    assert len(pages) == 5
    done = [step for file in pages for step in tutorial.steps(file)]
    assert [step.title for step in done if step.kind == "python"] == ["hello.py", "test_hello.py"]
    assert sum(step.title == "server" for step in done) == 2
    assert all(step.prints for step in done if step.title == "server")
    told = [step for step in done if step.kind == "sh" and not step.prints]
    assert all(step.body.startswith("mkdir") for step in told)


def test_a_command_that_prints_something_else_is_wrong(tmp_path: Path) -> None:
    reader = tutorial.Reader.fresh(tmp_path)
    reader.do(tutorial.Step("p", "sh", "", "mkdir ../mine\ncd ../mine\n"))
    reader.do(tutorial.Step("p", "python", "one.py", "print(1 + 1)\n"))
    reader.do(tutorial.Step("p", "sh", "", f"{sys.executable} one.py\n", "2\n"))
    with pytest.raises(tutorial.Wrong, match="the page says"):
        reader.do(tutorial.Step("p", "sh", "", f"{sys.executable} one.py\n", "3\n"))
    with pytest.raises(tutorial.Wrong, match="exit code 7"):
        reader.do(tutorial.Step("p", "sh", "", "exit 7\n"))
