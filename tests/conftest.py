"""What holds for every test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """LiveKit's framework writes the address of the server it works for into the environment of its process."""
    before = {name: value for name, value in os.environ.items() if name.startswith("LIVEKIT_")}
    yield
    for name in [name for name in os.environ if name.startswith("LIVEKIT_")]:
        del os.environ[name]
    os.environ.update(before)
