"""The example of an environment tells of every setting, and of what the settings say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from antiphon.config import Settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / ".env.example"


def test_the_committed_example_is_the_generated_one() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "scripts/env_example.py", "--check"], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_setting_has_a_line_and_explains_itself() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    settings = [number for number, line in enumerate(lines) if re.match(r"#[A-Z_]+=", line)]
    assert len(settings) == len(Settings.model_fields)
    assert [lines[number] for number in settings if not lines[number - 1].startswith("# ")] == []


def test_a_shell_that_reads_the_example_sets_nothing() -> None:
    asked = 'before=$(env | sort); set -a; . "$1"; set +a; [ "$before" = "$(env | sort)" ]'
    assert subprocess.run(["sh", "-c", asked, "sh", EXAMPLE]).returncode == 0
