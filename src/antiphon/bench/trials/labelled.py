"""Lines that come with the bench, each with what is right for it, and the sentence model that they are tried with."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.vectors import VectorCache

HELD = "held"
"The half that nothing was tuned on."

Labelled = TypeVar("Labelled")


def labelled(name: str, make: Callable[..., Labelled]) -> list[Labelled]:
    """All lines of that set, each made of its fields by name."""
    text = (files(__package__) / "data" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [make(**json.loads(line)) for line in text.splitlines()]


@asynccontextmanager
async def encoding() -> AsyncIterator[tuple[MiniLM, VectorCache]]:
    """A sentence model that has met no line yet, with a folder for what it makes; both are gone afterwards."""
    encoder = MiniLM()
    try:
        with TemporaryDirectory(prefix="antiphon-bench-") as folder:
            yield encoder, VectorCache(Path(folder))
    finally:
        await encoder.close()
