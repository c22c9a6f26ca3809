"""The tutor's patterns are compiled when they are needed, and all of them once the tutor is warm."""

from __future__ import annotations

import re
import subprocess
import sys

from antiphon.agents.tutor.patterns import Pattern

COUNTED = """
from antiphon.agents.tutor import patterns, request
from antiphon.agents.tutor.mathematics import solver
for _ in range(2):
    print(sum("compiled" in vars(pattern) for pattern in patterns._made), len(patterns._made))
    patterns.compile_all()
"""


def test_a_pattern_is_what_it_says() -> None:
    pattern = Pattern(r"(?P<n>\d+) apples?", re.IGNORECASE)
    assert (found := pattern.fullmatch("3 APPLES")) and found["n"] == "3"
    assert pattern.match("3 apples and more") and not pattern.match("some 3 apples")
    assert pattern.search("some 3 apples") and not pattern.search("pears")
    assert pattern.sub("pears", "1 apple, 2 apples", 1) == "pears, 2 apples"
    assert [found[0] for found in pattern.finditer("1 apple, 2 apples")] == ["1 apple", "2 apples"]
    assert Pattern(r"\d").findall("1, 2") == ["1", "2"]


def test_importing_the_tutor_compiles_none_and_warming_up_all() -> None:
    told = subprocess.run([sys.executable, "-c", COUNTED], capture_output=True, text=True, check=True).stdout
    before, after = (tuple(map(int, line.split())) for line in told.splitlines())
    assert before[0] == 0 and before[1] > 100
    assert after == (before[1], before[1])
