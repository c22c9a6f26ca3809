"""What the package knows comes encoded, so that a first start need not wait."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.models
def test_the_shipped_vectors_are_current():
    done = subprocess.run(
        [sys.executable, "scripts/ship_vectors.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
