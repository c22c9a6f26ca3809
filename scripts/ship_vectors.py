"""Encodes what Antiphon knows and puts the vectors where the package ships them.

    python scripts/ship_vectors.py           encode what changed, remove what is stale
    python scripts/ship_vectors.py --check   only say whether they are current

Run it after editing notes, routing examples or moderation examples. Without it all still works: the first
start encodes what is missing, which takes seconds a thousand lines.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import numpy as np

from antiphon.agents.support.support import support_agent
from antiphon.agents.tutor.tutor import tutor
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.local_moderation import LocalGuardrail
from antiphon.providers.vectors import SHIPPED, VectorCache, write_small
from antiphon.testing.desk import MemoryAccounts, MemoryKnowledge


async def main(is_check: bool) -> int:
    encoder = MiniLM()
    with tempfile.TemporaryDirectory() as folder:
        cache = VectorCache(Path(folder), shipped=Path(folder) / "none")
        if is_check:
            cache = VectorCache(Path(folder))
        guardrail = LocalGuardrail(encoder, cache)
        await guardrail.warm_up()
        await tutor(encoder, guardrail, cache)
        await support_agent(encoder, guardrail, cache, MemoryAccounts(), MemoryKnowledge())
        made = {path.name: path for path in Path(folder).glob("vectors-*.npz")}
        if is_check:
            print(
                "current"
                if not made
                else f"{len(made)} collections are not shipped: run scripts/ship_vectors.py"
            )
            return 1 if made else 0
        for path in SHIPPED.glob("*.npz"):
            if path.name not in made:
                path.unlink()
        for name, path in made.items():
            with np.load(path) as file:
                write_small(SHIPPED / name, file["rows"])
            print(f"{name}: {(SHIPPED / name).stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main("--check" in sys.argv)))
