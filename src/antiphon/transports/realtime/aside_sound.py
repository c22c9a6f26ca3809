"""The sound of responses out of band where the voice is played here: one after the other, beside nobody else's."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from antiphon.core.audio import BYTES_PER_SAMPLE

QUIET_TICKS = 10
"Pieces of 20 ms without the agent's voice after which it counts as silent: between two sentences it may wait for one."


@dataclass(slots=True)
class _Aside:
    id: str
    sound: bytearray = field(default_factory=bytearray)
    has_begun: bool = False
    is_whole: bool = False
    "No more of it comes."


class AsideSound:
    """What waits, by the ids of the responses, in the order in which they began to come. Not for several threads.

    It goes on while there is sound of the response in hand, so that nothing breaks into a sentence.
    """

    def __init__(self) -> None:
        self._asides: deque[_Aside] = deque()
        self._quiet = QUIET_TICKS
        self._is_sounding = False
        self._news: list[tuple[str, bool]] = []

    def put(self, id: str, sound: bytes) -> None:
        """`sound` follows what is there of the response."""
        aside = next((one for one in self._asides if one.id == id), None)
        if aside is None:
            self._asides.append(aside := _Aside(id))
        aside.sound += sound

    def end(self, id: str) -> None:
        """No more of the response comes."""
        for aside in self._asides:
            aside.is_whole = aside.is_whole or aside.id == id
        self._finish()

    def clear(self, id: str) -> None:
        """Not one more sample of the response leaves."""
        self._is_sounding = self._is_sounding and self._asides[0].id != id
        self._asides = deque(one for one in self._asides if one.id != id)

    def news(self) -> list[tuple[str, bool]]:
        """Which responses began to sound (True), or were heard to their end (False), since this was asked last."""
        news, self._news = self._news, []
        return news

    def spoken(self) -> None:
        """The agent's own voice, or a pause in it, has the next 20 ms."""
        self._quiet = 0

    @property
    def is_sounding(self) -> bool:
        """A sentence is in the middle: nothing else may be heard."""
        return self._is_sounding

    def take(self, samples: int) -> bytes:
        """The next samples, where the agent's own voice is silent: fewer at the end, none while nobody is to speak."""
        self._quiet += 1
        if not self._asides or not (self._is_sounding or self._quiet > QUIET_TICKS):
            return b""
        aside = self._asides[0]
        taken = bytes(aside.sound[: samples * BYTES_PER_SAMPLE])
        del aside.sound[: len(taken)]
        if taken and not aside.has_begun:
            aside.has_begun = True
            self._news.append((aside.id, True))
        self._is_sounding = bool(aside.sound)
        self._finish()
        return taken

    def _finish(self) -> None:
        """Those of which nothing is left are over."""
        while self._asides and self._asides[0].is_whole and not self._asides[0].sound:
            aside = self._asides.popleft()
            if aside.has_begun:
                self._news.append((aside.id, False))
