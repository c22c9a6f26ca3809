"""English lessons in a realtime session of their own."""

from __future__ import annotations

from antiphon.hosts.livekit_room.tokens import Dispatched, RoomKeys
from antiphon.hosts.stage import Stage


class EnglishRoom:
    """The English agent's stay in one room."""

    def __init__(self, stage: Stage, keys: RoomKeys, name: str, identity: str, told: Dispatched) -> None:
        self._told = told

    async def hold(self) -> None:
        """The lesson is over, and the orchestrator knows what was said."""
