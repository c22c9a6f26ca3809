"""What an agent answers from, for the people who look after it: they read it, try it, and add to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from antiphon.agent.retrieval import Note, Passage

OWN = "own."
"What the ids of notes begin with that people added. All others ship with the agent, and are changed with it."


class KnowledgeBase(Protocol):
    """The notes of one agent. Raises StoreUnavailable while they cannot be reached."""

    @property
    def is_editable(self) -> bool:
        """People may add notes, which are answered from at once and are there after a start."""
        ...

    async def all(self) -> Sequence[Note]:
        """All notes, in the order of their ids."""
        ...

    async def search(self, text: str, limit: int = 3) -> Sequence[Passage]:
        """The notes nearest to a question, the best first, as the agent itself finds them."""
        ...

    async def put(self, note: Note) -> None:
        """The note is there, in place of one of the same id. Raises CallerError where it may not be."""

    async def delete(self, id: str) -> bool:
        """The note is gone; False when there was none. Raises CallerError where it may not be."""
        ...
