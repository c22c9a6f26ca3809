"""Which ways of conversing this server has, and what stands in the way of the others: for pages that offer a choice."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter

from antiphon.config import Settings
from antiphon.hosts.rooms import Rooms


def create_ways(settings: Settings, rooms: Rooms) -> APIRouter:
    """The route that tells of them."""
    router = APIRouter(prefix="/api", tags=["ways"])

    @router.get("/ways")
    async def ways() -> dict[str, dict[str, object]]:
        """The ways to converse with this server. `obstacle` is empty where nothing keeps a caller from one.

        `provider` is the host of the Realtime API that hears direct calls, `server` that of the LiveKit server with the
        rooms; empty: this server itself. `is_open`: rooms need not be opened first.
        """
        return {
            "orchestrate": {"obstacle": ""},
            "realtime": {"obstacle": ""},
            "direct": {"obstacle": "", "provider": _host(settings.realtime_api)},
            "livekit": {
                "obstacle": rooms.obstacle,
                "server": _host(settings.livekit_url),
                "is_open": rooms.is_open,
            },
        }

    return router


def _host(url: str) -> str:
    """The name in an address, without the rest, which may hold a secret."""
    return urlsplit(url).hostname or ""
