"""Pages that are drawn from the code are what would be drawn now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_states_is_the_machine() -> None:
    drawn = subprocess.run(
        [sys.executable, ROOT / "scripts" / "draw_conversation.py", "--check"], capture_output=True, text=True
    )
    assert drawn.returncode == 0, drawn.stderr
