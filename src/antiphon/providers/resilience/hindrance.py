"""Providers that fail or dawdle because somebody wants to see what happens then."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(slots=True)
class Hindrance:
    """What keeps the providers of a chain from answering, while it is so. Changed by whoever holds it."""

    fails: bool = False
    "Each of them fails at once, whenever it is asked."
    delay_s: float = 0.0
    "Seconds for which each of them does nothing before it begins."

    async def pass_by(self) -> bool:
        """Whether the provider may answer, once the delay is over."""
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        return not self.fails
