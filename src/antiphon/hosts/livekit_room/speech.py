"""What the agent says in one turn, on its way from the session's mouth into the room."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from antiphon.core.audio import Pcm
from antiphon.core.events import TurnId
from antiphon.core.notes import RouteDecided


@dataclass(eq=False, slots=True)
class Sentence:
    """One sentence that may be heard, and the sound there is of it."""

    number: int
    text: str
    pieces: deque[Pcm] = field(default_factory=deque)
    announced: int = 0
    "Samples that were made."
    given: int = 0
    "Samples that came, and may be heard."
    is_made: bool = False
    "No more sound of it will be made."
    is_voiced: bool = False
    "Somebody gives its sound to the room."
    is_heard: bool = False
    "Its first sample has left."

    @property
    def is_whole(self) -> bool:
        return self.is_made and self.given >= self.announced


class Speech:
    """One turn of the agent's. It grows while it is spoken."""

    def __init__(self, turn: TurnId) -> None:
        self.turn = turn
        self.sentences: list[Sentence] = []
        self.route: RouteDecided | None = None
        self.is_claimed = False
        "Somebody says it already."
        self.is_stopped = False
        "No more of it is to be heard."
        self.is_remembered = False
        "It is over, and what was heard of it is known."
        self.handovers = 0
        "How often it went from one agent of the room to another."
        self.base = 0
        "Samples played before the stretch of sound that plays now."
        self.played = 0
        "Samples played in all."
        self.stopped_at: int | None = None
        "Samples played when it was stopped, as the session was told."
        self.said = 0
        "Sentences that were given out as text."
        self._has_ended = False
        self._news = asyncio.Event()

    @property
    def samples(self) -> int:
        """Made in all."""
        return sum(sentence.announced for sentence in self.sentences)

    @property
    def is_complete(self) -> bool:
        """Nothing will be added to it."""
        return self.is_stopped or (self._has_ended and all(one.is_made for one in self.sentences))

    def add(self, number: int, text: str) -> None:
        """The sentence is to be heard after the ones before."""
        self.sentences.append(Sentence(number, text))
        self.tell()

    def end(self) -> None:
        """No further sentence comes, unless one of these fails."""
        self._has_ended = True
        self.tell()

    def stop(self) -> None:
        """Not one more word of it is to be heard."""
        self.is_stopped = True
        self.tell()

    def find(self, number: int) -> Sentence | None:
        return next((one for one in self.sentences if one.number == number), None)

    def tell(self) -> None:
        """Something changed: whoever waits looks again."""
        self._news.set()

    async def changed(self) -> None:
        """Something has changed since this was called."""
        self._news.clear()
        await self._news.wait()

    async def texts(self) -> AsyncGenerator[str, None]:
        """The sentences that nobody has given out yet, as they come, each with the space after it."""
        while True:
            while self.said < len(self.sentences) and not self.is_stopped:
                self.said += 1
                yield self.sentences[self.said - 1].text + " "
            if self.is_complete:
                return
            await self.changed()

    async def sound(self, sentence: Sentence) -> AsyncGenerator[Pcm, None]:
        """The sentence's sound as it comes, until it is whole or the speech is stopped."""
        sentence.is_voiced = True
        while not self.is_stopped:
            while sentence.pieces:
                yield sentence.pieces.popleft()
                if self.is_stopped:
                    return
            if sentence.is_whole:
                return
            await self.changed()
