"""Utterances that are recognized whole, for recognizers whose guesses on the way would cost as much as the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from antiphon.core.audio import Pcm
from antiphon.ports import Heard

Transcribe = Callable[[Pcm], Awaitable[Heard]]


class WholeUtterance:
    """A `Recognition` that keeps its sound and has it transcribed at once. What was settled is not asked again."""

    def __init__(self, name: str, rate: int, transcribe: Transcribe) -> None:
        self._name = name
        self._rate = rate
        self._transcribe = transcribe
        self._sound = bytearray()
        self._settled: tuple[int, Heard] | None = None

    def push(self, pcm: Pcm) -> None:
        """`pcm`, at the recognizer's rate, follows what was pushed before."""
        if pcm.rate != self._rate:
            raise ValueError(f"{self._name} hears {self._rate} Hz, got {pcm.rate}")
        self._sound += pcm.data

    async def partial(self) -> Heard | None:
        """None: see the module."""
        return None

    async def settle(self) -> Heard:
        """The text of everything pushed so far. Raises ProviderError. Safe to cancel and call again."""
        length = len(self._sound)
        if self._settled is None or self._settled[0] != length:
            self._settled = (length, await self._transcribe(Pcm(bytes(self._sound), self._rate)))
        return self._settled[1]

    async def close(self) -> None:
        """The sound is forgotten."""
        self._sound.clear()
        self._settled = None
