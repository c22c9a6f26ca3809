"""A dev room by itself, in a process that can be killed: `python room_server.py PORT KEY SECRET`."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from antiphon.hosts.devroom import DevRoom


def main(port: int, key: str, secret: str) -> None:
    """Rooms are at ws://127.0.0.1:`port` until the process ends."""
    room = DevRoom(key, secret, path="")

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with room:
            yield

    app = Starlette(routes=room.routes, lifespan=life)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
