"""How long a guardrail is waited for: a caller hears nothing but fillers before the first sentence is allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from antiphon.core.errors import ProviderError

CHECKED_WITHIN = 2.0
"Seconds for the verdict on one text. A check takes some 10 ms here and 0.4 s at most at a vendor's."
FIRST_CHECKED_WITHIN = 3.0
"""Seconds that all checks of a reply may take together until its first sentence may be said: the last filler
is due by then. After that each sentence is checked while the one before it is heard."""

Found = TypeVar("Found")


class Checking:
    """The waiting of one reply for its guardrail. What has no verdict in time is not said."""

    def __init__(self) -> None:
        self._left = FIRST_CHECKED_WITHIN
        self._has_allowed = False

    async def wait_for(self, check: Awaitable[Found]) -> Found:
        """What `check` finds. Raises ProviderError when it takes too long; it is cancelled then."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        within = CHECKED_WITHIN if self._has_allowed else min(CHECKED_WITHIN, self._left)
        try:
            async with asyncio.timeout(within):
                return await check
        except TimeoutError as error:
            raise ProviderError(f"the guardrail gave no verdict within {within:g} s") from error
        finally:
            self._left = max(0.0, self._left - (loop.time() - begun))

    def allow(self) -> None:
        """A sentence may be said: what comes after it is checked while it is heard."""
        self._has_allowed = True
