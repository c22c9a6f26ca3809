"""Lines whose sound is kept in memory, so that they can be heard when every provider is down."""

from __future__ import annotations

from antiphon.core.speech import Approved, Speech
from antiphon.ports import Synthesizer


class Phrases:
    """What agents say of themselves, voiced beforehand. Shared by all sessions of a process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[Speech, ...]] = {}

    async def learn(self, synthesizer: Synthesizer, line: Approved, voice: str = "") -> None:
        """The line's sound is kept for that voice. Raises what the synthesizer does. Only for lines of authors."""
        if made := tuple([piece async for piece in synthesizer.speak(line, voice)]):
            self._kept[voice, line.text] = made

    def get(self, line: Approved, voice: str = "") -> tuple[Speech, ...]:
        """The line's sound; nothing when it is not known."""
        return self._kept.get((voice, line.text), ())
