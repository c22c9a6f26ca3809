"""Days and hours as people say them."""

from __future__ import annotations

import re
from datetime import date, datetime, time

import pytest
from when_lines import DEVELOPED, HELD_OUT

from antiphon.agents.booking.when import Had, understand

NOW = datetime(2026, 11, 18, 10, 20)
HELD_OUT_RIGHT = 68
"Of the lines held out, as many as are understood: none of them may get lost."


def cases(text: str) -> list[tuple[str, Had, str]]:
    found = []
    for row in text.strip().splitlines():
        said, _, meaning = row.partition(" => ")
        line, had = said, Had()
        if context := re.search(r" \[(\w*)(?: \| (\S+) (\S+))?\]$", said):
            line = said[: context.start()]
            day = date.fromisoformat(f"20{context[2]}") if context[2] else None
            had = Had(day, time.fromisoformat(context[3]) if context[3] else None, context[1])
        found.append((line, had, meaning))
    return found


@pytest.mark.parametrize(("line", "had", "meaning"), cases(DEVELOPED))
def test_a_line_means(line: str, had: Had, meaning: str) -> None:
    assert str(understand(line, NOW, had)) == meaning


def test_lines_that_the_grammar_was_not_made_for() -> None:
    wrong = [line for line, had, meaning in cases(HELD_OUT) if str(understand(line, NOW, had)) != meaning]
    assert len(cases(HELD_OUT)) - len(wrong) >= HELD_OUT_RIGHT, wrong
