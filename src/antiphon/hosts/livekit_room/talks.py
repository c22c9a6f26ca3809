"""A conversation in a room, also where the room's server is gone for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from antiphon.hosts.livekit_room import tokens
from antiphon.hosts.livekit_room.room import RoomCall
from antiphon.hosts.livekit_room.tokens import RoomKeys
from antiphon.hosts.livekit_room.waits import Waits

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
"Seconds between two looks whether the server is back."
ANSWER_WITHIN = 3.0


class Talk:
    """One job's, or several that are the same: after an outage the server may call an agent that is there again."""

    def __init__(
        self, keys: RoomKeys, room: str, identity: str, enter: Callable[[str], RoomCall], waits: Waits
    ) -> None:
        """`enter` makes the stay in the room of an agent of that identity."""
        self.identity = identity
        "Under which the agent comes into the room next."
        self.left = asyncio.Event()
        self._keys = keys
        self._room = room
        self._enter = enter
        self._waits = waits
        self._stay = enter(identity)

    @property
    def is_leaving(self) -> bool:
        """It is about to be over, so that whoever comes now needs another."""
        return self._stay.is_leaving and not self._stay.is_adrift

    async def hold(self) -> None:
        """The conversation is over, or goes on elsewhere. A server that was away too long has ended it."""
        loop, until = asyncio.get_running_loop(), 0.0
        try:
            await self._stay.hold()
            while self._stay.is_adrift:
                if self._stay.has_entered:
                    until = loop.time() + self._waits.outage
                if not await self._is_back(until):
                    log.info("the room's server did not come back", room=self._room)
                    return
                self._stay = self._enter(self.identity)
                await self._stay.hold(until - loop.time(), is_return=True)
        finally:
            self.left.set()

    async def _is_back(self, until: float) -> bool:
        """The server lets us in, at the latest at `until`, seconds of the loop."""
        loop = asyncio.get_running_loop()
        url = "http" + self._keys.url.removeprefix("ws").removeprefix("http") + "/rtc/validate"
        async with ClientSession(timeout=ClientTimeout(total=ANSWER_WITHIN)) as http:
            while loop.time() < until:
                await asyncio.sleep(LOOK_EVERY)
                token = tokens.agent(self._keys, self._room, self.identity)
                try:
                    async with http.get(url, params={"access_token": token}) as answer:
                        if answer.ok:
                            return True
                except (ClientError, TimeoutError):
                    continue
        return False
