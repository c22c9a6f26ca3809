"""How callers get into rooms: tokens, and the dev room that opens when somebody first wants one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2 as httpx
import jwt
import pytest
import websockets
from house import house, parrot
from livekit import rtc
from pydantic import SecretStr

from antiphon.hosts.stage import Stage

pytestmark = pytest.mark.anyio
WITHIN = 90.0
"Seconds for whatever must happen: the first room loads LiveKit's framework, on a machine that may be busy."


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def serving(
    home: Path, greeting: str = "Good morning to everybody.", **settings: object
) -> AsyncIterator[tuple[httpx.AsyncClient, Stage]]:
    """A client of a server with rooms, and its stage."""
    async with (
        house(home, parrot(greeting=greeting), **settings) as (address, stage),
        httpx.AsyncClient(base_url=f"http://{address}", timeout=WITHIN) as client,
    ):
        yield client, stage


async def test_a_room_is_had_with_one_request_and_the_agent_greets_in_it(tmp_path: Path) -> None:
    async with serving(tmp_path) as (client, stage):
        assert (await client.get("/livekit/rtc/validate")).status_code == 404  # nobody asked for a room yet
        given = (await client.post("/api/livekit/token", json={"agent": "parrot"})).json()
        assert given["is_dev_room"] is True
        assert given["url"] == str(client.base_url).replace("http", "ws").rstrip("/") + "/livekit"
        room, heard = rtc.Room(), asyncio.Event()
        room.on("track_subscribed", lambda *_: heard.set())
        await room.connect(given["url"], given["token"])
        try:
            async with asyncio.timeout(WITHIN):
                await heard.wait()
                while given["session"] not in stage.sessions:
                    await asyncio.sleep(0.02)
            beside = await client.post("/api/livekit/supervise", json={"session": given["session"]})
            assert beside.json()["room"] == given["room"]
            watched = jwt.decode(beside.json()["token"], options={"verify_signature": False})
            assert watched["sub"] == "teacher-local"
        finally:
            await room.disconnect()


async def test_a_page_that_will_want_a_room_has_the_dev_room_opened_ahead(tmp_path: Path) -> None:
    async with serving(tmp_path) as (client, _):
        said = await client.post("/api/livekit/prepare")
        assert (said.status_code, said.json()) == (202, {"is_open": False})
        async with asyncio.timeout(WITHIN):
            while not (await client.post("/api/livekit/prepare")).json()["is_open"]:
                await asyncio.sleep(0.1)
        assert (
            await client.get("/livekit/rtc/validate")
        ).status_code == 401  # it is there, and wants a token


async def test_who_watches_a_room_is_told_of_its_end(tmp_path: Path) -> None:
    async with serving(tmp_path) as (client, stage):
        given = (await client.post("/api/livekit/token", json={"agent": "parrot"})).json()
        room = rtc.Room()
        await room.connect(given["url"], given["token"])
        async with asyncio.timeout(WITHIN):
            while given["session"] not in stage.sessions:
                await asyncio.sleep(0.02)
            url = str(client.base_url).replace("http", "ws")
            async with websockets.connect(f"{url}supervise", max_size=None) as page:
                await page.send(json.dumps({"type": "watch", "session": given["session"], "sound": True}))
                news = [json.loads(await page.recv())]
                assert news[0]["type"] == "watching"
                await room.disconnect()
                with suppress(websockets.ConnectionClosed):
                    async for told in page:
                        news += [] if isinstance(told, bytes) else [json.loads(told)]
        assert (news[-1]["type"], news[-1]["reason"]) == ("ended", "the call is over")


async def test_an_agent_that_there_is_not_gets_no_room(tmp_path: Path) -> None:
    async with serving(tmp_path) as (client, _):
        refused = await client.post("/api/livekit/token", json={"agent": "nobody"})
        assert refused.status_code == 404, refused.text
        assert refused.json()["code"] == "unknown_agent"
        unknown = await client.post("/api/livekit/supervise", json={"session": "s_of_nobody_at_all"})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_session")


async def test_with_a_livekit_server_tokens_are_for_it_and_no_room_of_ours_opens(tmp_path: Path) -> None:
    secret = "a secret of at least so many letters"
    settings = {
        "livekit_url": "wss://rooms.example",
        "livekit_api_key": SecretStr("key"),
        "livekit_api_secret": SecretStr(secret),
    }
    async with serving(tmp_path, **settings) as (client, _):
        given = (await client.post("/api/livekit/token", json={"agent": "tutor"})).json()
        assert (given["url"], given["is_dev_room"]) == ("wss://rooms.example", False)
        claims = jwt.decode(given["token"], secret, algorithms=["HS256"])
        assert claims["video"]["room"] == given["room"]
        assert claims["iss"] == "key"
        assert (await client.get("/livekit/rtc/validate")).status_code == 404


async def test_what_a_students_page_asks_to_stop_stops(tmp_path: Path) -> None:
    greeting = "Good morning to everybody who has come here today to listen to what a parrot has to say."
    async with serving(tmp_path, greeting) as (client, stage):
        given = (await client.post("/api/livekit/token", json={"agent": "parrot"})).json()
        room, tracks = rtc.Room(), asyncio.Queue[rtc.Track]()
        room.on("track_subscribed", lambda track, *_: tracks.put_nowait(track))
        await room.connect(given["url"], given["token"])
        try:
            async with asyncio.timeout(WITHIN):
                sound = rtc.AudioStream(await tracks.get(), sample_rate=24_000, num_channels=1)
                heard = 0.0
                async for event in sound:
                    heard += event.frame.duration if max(event.frame.data) > 500 else 0
                    if heard > 1.0:
                        break
                for asked in ("{", '{"type": "bye"}', '{"type": "interrupt"}'):
                    await room.local_participant.publish_data(asked, topic="antiphon.caller")
                session = stage.sessions[given["session"]]
                while not session.transcript.lines:
                    await asyncio.sleep(0.02)
            (line,) = session.transcript.lines
            assert line.is_cut
            assert greeting.startswith(line.text)
            await sound.aclose()
        finally:
            await room.disconnect()
