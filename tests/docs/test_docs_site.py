"""What the site draws is what the pages say."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from script_modules import ROOT, loaded

PAGE = (ROOT / "docs/design/conversation.md").read_text(encoding="utf-8")
DIAGRAMS = re.findall(r"^```mermaid\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

state_picture = loaded("state_picture.py", "state_picture")


@pytest.mark.parametrize("source", DIAGRAMS)
def test_a_picture_has_every_state_and_every_move_once(source: str) -> None:
    drawn = ElementTree.fromstring(state_picture.picture(source))
    moves = re.findall(r"^\s*(\w+) --> (\w+)", source, re.MULTILINE)
    titles = [title.text.partition(":")[0] for title in drawn.iter("title") if title.text]
    assert sorted(titles) == sorted({f"{start} → {end}" for start, end in moves})
    assert sorted(text.text or "" for text in drawn.iter("text")) == sorted(
        {name for move in moves for name in move}
    )


def test_all_reasons_for_a_move_are_told() -> None:
    told = state_picture.picture("stateDiagram-v2\n  [*] --> a\n  a --> b: it rains\n  a --> b: it <snows>\n")
    assert "a → b: it rains; it &lt;snows&gt;" in told


def test_there_are_pictures_to_draw() -> None:
    assert len(DIAGRAMS) == 2
