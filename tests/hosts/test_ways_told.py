"""What a page that offers a choice of ways is told of each."""

from __future__ import annotations

from pathlib import Path

import httpx2 as httpx
import pytest
from house import house
from pydantic import SecretStr

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def told(home: Path, **settings: object) -> dict[str, dict[str, object]]:
    """The ways as a server with these settings tells them."""
    async with house(home, **settings) as (address, _), httpx.AsyncClient() as client:
        answer = await client.get(f"http://{address}/api/ways")
        assert answer.status_code == 200
        ways: dict[str, dict[str, object]] = answer.json()
        return ways


async def test_without_settings_every_way_is_this_servers_own(tmp_path: Path) -> None:
    assert await told(tmp_path) == {
        "orchestrate": {"obstacle": ""},
        "realtime": {"obstacle": ""},
        "direct": {"obstacle": "", "provider": ""},
        "livekit": {"obstacle": "", "server": "", "is_open": False},
    }


async def test_others_are_named_by_their_host_and_nothing_else(tmp_path: Path) -> None:
    ways = await told(
        tmp_path,
        realtime_base_url="https://user:pass@voices.example/v1?key=abc",
        livekit_url="wss://rooms.example:7880",
        livekit_api_key=SecretStr("key"),
        livekit_api_secret=SecretStr("a secret of at least so many letters"),
    )
    assert ways["direct"] == {"obstacle": "", "provider": "voices.example"}
    assert ways["livekit"] == {"obstacle": "", "server": "rooms.example", "is_open": True}


async def test_where_strangers_come_there_is_no_dev_room_and_it_says_what_to_set(tmp_path: Path) -> None:
    issuer = {"oidc_issuer": "https://id.example", "oidc_audience": "antiphon"}
    livekit = (await told(tmp_path, **issuer))["livekit"]
    assert "LIVEKIT_URL" in str(livekit["obstacle"])
    assert livekit["is_open"] is False
