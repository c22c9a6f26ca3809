"""LiveKit rooms for callers and supervisors: those of a server that is named, or of a dev room of this process.

The dev room, and our agents as its workers, are loaded when somebody first asks for a room: with LiveKit's framework
they take a few seconds, and memory, that a server without rooms need not spend.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from antiphon.core.errors import CallerError, SetupError
from antiphon.core.records import Escalation
from antiphon.hosts.security.gate import Gate, Mode
from antiphon.hosts.stage import Stage

if TYPE_CHECKING:
    from antiphon.hosts.livekit_room.tokens import RoomKeys

log = structlog.get_logger(__name__)

PATH = "/livekit"
"Where the dev room is."
OPEN_WITHIN = 25.0
"Seconds from the first wish for a room until agents wait in the dev room."
MISSING = "rooms need LiveKit's packages: pip install 'antiphon[livekit]'"
NOT_HERE = "the dev room is for one's own machine: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET"


class Rooms:
    """The rooms of this process. `run` is to run beside the server; `address` to be set before it takes requests."""

    def __init__(self, stage: Stage, gate: Gate) -> None:
        self._stage = stage
        self._gate = gate
        self.address = ""
        "http://host:port of this very process."
        self._wanted = asyncio.Event()
        self._opened = asyncio.Event()
        self._keys: RoomKeys | None = None
        self._inner: ASGIApp | None = None
        self._failure = ""
        if not self.is_own:
            stage.way = self._way

    @property
    def is_own(self) -> bool:
        """There is no LiveKit server: the rooms are the dev room's."""
        return not self._stage.settings.livekit_url

    async def run(self) -> None:
        """A dev room is open, and our agents wait in it, from the first wish on and until this is cancelled."""
        await self._wanted.wait()
        try:
            # Seconds of imports, which the calls of others need not wait for.
            await asyncio.to_thread(_load)
            await self._hold()
        except (SetupError, ImportError) as error:
            self._failure = str(error)
            self._opened.set()
            log.error("no rooms", error=self._failure)
            await asyncio.Event().wait()

    async def _hold(self) -> None:
        from starlette.applications import Starlette

        from antiphon.hosts.devroom import DevRoom
        from antiphon.hosts.livekit_room.tokens import RoomKeys
        from antiphon.hosts.livekit_room.worker import NAMES, run_workers

        url = "ws" + self.address.removeprefix("http") + PATH
        keys = RoomKeys(url, "devkey", secrets.token_urlsafe(32))
        async with DevRoom(keys.key, keys.secret, path="") as devroom:
            self._inner, self._keys = Starlette(routes=devroom.routes), keys
            waiting = set(NAMES)

            def ready(name: str) -> None:
                waiting.discard(name)
                if not waiting:
                    self._opened.set()

            await run_workers(self._stage, keys, ready=ready, address=self.address)

    # ---- what callers ask for ----------------------------------------------------------------------------
    @property
    def obstacle(self) -> str:
        """Why no room can be had here, with what to do about it; empty: there are rooms, or will be once wanted."""
        if find_spec("livekit") is None:
            return MISSING
        if self.is_own and (self._gate.mode is not Mode.OPEN or not self.address):
            return NOT_HERE
        return self._failure

    @property
    def is_open(self) -> bool:
        """Rooms can be entered at once: a LiveKit server is named, or the dev room has been opened."""
        return not self.is_own or (self._opened.is_set() and not self._failure)

    def prepare(self) -> bool:
        """Somebody is about to want a room: the dev room is being opened. True when tokens are to be had at once."""
        if self.is_own and not self.obstacle:
            self._wanted.set()
        return self.is_open

    async def keys(self) -> RoomKeys:
        """What tokens are signed with, once there are rooms to enter. Raises CallerError, SetupError."""
        if self.obstacle:
            raise CallerError(self.obstacle, code="no_rooms")
        if not self.is_own:
            from antiphon.hosts.livekit_room.tokens import RoomKeys

            keys = RoomKeys.of(self._stage.settings)
            assert keys is not None
            return keys
        self._wanted.set()
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                await self._opened.wait()
        except TimeoutError:
            raise CallerError("the dev room is not open yet; try again in a moment", code="overdue") from None
        if self._keys is None or self._failure:
            raise CallerError(self._failure or MISSING, code="no_rooms")
        return self._keys

    async def check(self, agent: str) -> None:
        """There is an agent of that name, or others know: where the workers run elsewhere. Raises CallerError."""
        if self.is_own and not await self._stage.there(agent):
            known = ", ".join(sorted(self._stage.agents))
            told = f"no agent is called {agent!r}; there are: {known}"
            raise CallerError(told, field="agent", code="unknown_agent")

    async def _way(self, call: Escalation, name: str) -> Mapping[str, str]:
        """Into the rooms of the server that is named. Those who join a dev room are let in by its workers."""
        if call.host != "livekit" or find_spec("livekit") is None:
            return {}
        from antiphon.hosts.livekit_room.finding import way_to
        from antiphon.hosts.livekit_room.tokens import RoomKeys

        keys = RoomKeys.of(self._stage.settings)
        return await way_to(keys, call, name) if keys is not None else {}

    def url(self, keys: RoomKeys, request: Request) -> str:
        """Where the page that asks reaches the rooms."""
        if not self.is_own:
            return keys.url
        scheme = "wss" if request.url.scheme == "https" else "ws"
        return f"{scheme}://{request.url.netloc}{PATH}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The dev room as an application, below `PATH`."""
        if self._inner is None and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4404, "reason": "the dev room is not open"})
        elif self._inner is None:
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b"the dev room is not open"})
        else:
            await self._inner(scope, receive, send)


def _load() -> None:
    """What the rooms need is in memory. Raises ImportError, SetupError."""
    import antiphon.hosts.devroom
    import antiphon.hosts.livekit_room.worker  # noqa: F401
