"""What a server serves from its first moment: calls at once, all else once it is in memory.

The application with its pages takes half as long to import as the rest of the server together, and whoever was
cut off in the middle of a call is not after a page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from antiphon.hosts.orchestrate import orchestrate
from antiphon.hosts.security.middleware import Shield
from antiphon.hosts.security.security import Security
from antiphon.hosts.stage import Stage


class Front:
    """An ASGI application: `make`'s, and until that is there only `/orchestrate` of it."""

    def __init__(self, stage: Stage, security: Security, make: Callable[[], ASGIApp]) -> None:
        """`make` is called once, in a thread."""
        self._stage = stage
        self._security = security
        self._make = make
        self._whole: ASGIApp | None = None
        self._making = asyncio.Lock()
        self._calls = Shield(self._call, security.rules)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._whole is not None:
            await self._whole(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == "/orchestrate":
            await self._calls(scope, receive, send)
        else:
            await (await self.whole())(scope, receive, send)

    async def whole(self) -> ASGIApp:
        """The application, made if it was not. To be called in the event loop that serves."""
        async with self._making:
            if self._whole is None:
                self._whole = await asyncio.to_thread(self._make)
        return self._whole

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        await orchestrate(WebSocket(scope, receive, send), self._stage, self._security.gate)
