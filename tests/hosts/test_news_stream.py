"""What can be read of a call while it goes on, by whom, and however the call is held."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import websockets
from house import house
from manor import ANNA, BEN, OTHER, STRANGER, TEACHER, Manor, manor
from rtc import dial

from antiphon.hosts.news_stream import MAX_WAITING, NewsStream

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Reader:
    """Reads a stream of news, line by line."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self.lines = lines
        self.got: list[dict[str, object]] = []

    async def until(self, kind: str, within: float = 8.0, **fields: object) -> dict[str, object]:
        """The next message of that type with those fields."""
        async with asyncio.timeout(within):
            async for line in self.lines:
                if line.startswith("data: "):
                    message = json.loads(line.removeprefix("data: "))
                    self.got.append(message)
                    if message["type"] == kind and all(message.get(k) == v for k, v in fields.items()):
                        return message
        raise AssertionError(f"no {kind} before the end: {[m['type'] for m in self.got]}")

    async def rest(self, within: float = 8.0) -> list[object]:
        """The types of all that comes until the stream ends."""
        async with asyncio.timeout(within):
            return [json.loads(line[6:])["type"] async for line in self.lines if line.startswith("data: ")]


@asynccontextmanager
async def reading(address: str, session: str, key: str = "") -> AsyncIterator[Reader]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with (
        httpx2.AsyncClient(base_url=f"http://{address}", headers=headers) as http,
        http.stream("GET", f"/api/sessions/{session}/news") as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Reader(answer.aiter_lines())


async def test_the_lines_so_far_come_first_and_then_all_that_the_screen_is_told(tmp_path: Path) -> None:
    async with manor(tmp_path) as place, place.call(ANNA) as (caller, session):
        await caller.send(type="text", text="Good day.")
        await caller.until("remembered", role="agent", within=10)
        await asyncio.sleep(0.2)
        before = len(caller.got)
        async with reading(place.address, session, place.token(ANNA)) as reader:
            lines = [await reader.until("remembered") for _ in range(2)]
            assert [(line["text"], line["is_past"]) for line in lines] == [
                ("Good day.", True),
                ("You said: Good day. That is all.", True),
            ]
            assert (await reader.until("phase"))["phase"] == "idle"
            known = len(reader.got)
            await caller.send(type="text", text="And again.")
            await caller.until("remembered", role="agent", within=10)
            await reader.until("remembered", role="agent")
            told = [message for _, message in caller.got[before:]]
            assert reader.got[known:] == told[: len(reader.got) - known]
            assert len(told) > 5
            assert {"route", "sentence", "heard", "latency"} <= {str(one["type"]) for one in told}


async def test_the_stream_ends_with_the_call(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as (address, stage),
        websockets.connect(f"ws://{address}/orchestrate") as socket,
    ):
        await socket.send(json.dumps({"type": "hello", "agent": "parrot", "greet": False}))
        session = json.loads(await socket.recv())["session"]
        async with reading(address, session) as reader:
            await reader.until("phase")
            await socket.send(json.dumps({"type": "bye"}))
            assert (await reader.rest())[-1] == "ended"
        assert stage.sessions == {}


async def test_who_stops_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    async with manor(tmp_path) as place, place.call(ANNA) as (_, session):
        onlookers = place.stage.sessions[session].transport.onlookers
        async with reading(place.address, session, place.token(TEACHER)) as reader:
            await reader.until("phase")
            assert len(onlookers) == 1
        async with asyncio.timeout(5):
            while onlookers:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("person", [BEN, STRANGER, OTHER, None])
async def test_nobody_else_may_read(tmp_path: Path, person: object) -> None:
    async with manor(tmp_path) as place, place.call(ANNA) as (_, session), place.http(person) as http:  # type: ignore[arg-type]
        answer = await http.get(f"/api/sessions/{session}/news")
        assert answer.status_code in (401, 403, 404)
        assert answer.json()["code"] in ("token_missing", "not_allowed", "unknown_session")


async def test_of_a_session_that_is_not_on_air_there_is_no_news(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), httpx2.AsyncClient() as http:
        answer = await http.get(f"http://{address}/api/sessions/s_nobody/news")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_session")


async def asked(place: Manor, key: str) -> None:
    """A program that calls by OpenAI's protocol reads the news of its call with the key that opened it."""
    url, headers = f"ws://{place.address}/v1/realtime?model=parrot", {"authorization": f"Bearer {key}"}
    async with websockets.connect(url, additional_headers=headers) as socket:
        session = json.loads(await socket.recv())["session"]["id"]
        async with reading(place.address, session, key) as reader:
            content = [{"type": "input_text", "text": "Good day."}]
            item = {"type": "message", "role": "user", "content": content}
            await socket.send(json.dumps({"type": "conversation.item.create", "item": item}))
            await socket.send(json.dumps({"type": "response.create"}))
            assert (await reader.until("sentence"))["text"] == "You said: Good day."
            await reader.until("remembered", role="agent")


async def test_the_key_that_opened_a_call_opens_its_news(tmp_path: Path) -> None:
    async with manor(tmp_path) as place:
        await asked(place, place.security.gate.key)
        await asked(place, place.token(ANNA))


async def test_a_key_opens_no_news_of_others(tmp_path: Path) -> None:
    async with manor(tmp_path) as place, place.call(ANNA) as (_, session), place.http(None) as http:
        for key in (place.security.gate.key, "sk-anything"):
            answer = await http.get(
                f"/api/sessions/{session}/news", headers={"authorization": f"Bearer {key}"}
            )
            assert answer.status_code in (401, 404), answer.text


async def test_of_a_call_by_webrtc_there_is_the_same_news(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), dial(address) as client:
        told = await client.until("session.created")
        session = told["session"]["id"]  # type: ignore[index]
        assert client.session == session
        async with reading(address, str(session), "sk-anything") as reader:
            client.ask("Good day.")
            assert (await reader.until("sentence"))["text"] == "You said: Good day."
            assert (await reader.until("latency"))["parts_ms"]


async def test_who_does_not_read_is_dropped_and_more_can_be_told(tmp_path: Path) -> None:
    """The route of another host: its own messages among the news, to a reader who takes nothing."""
    async with manor(tmp_path) as place, place.call(ANNA) as (_, session):
        posts, sent = [], []
        stuck = asyncio.Event()

        def more(post):  # type: ignore[no-untyped-def]
            posts.append(post)
            return posts.clear

        async def send(message):  # type: ignore[no-untyped-def]
            sent.append(message)
            if len(sent) > 1:
                await stuck.wait()

        async def receive() -> dict[str, object]:
            await stuck.wait()
            return {"type": "http.disconnect"}

        stream = NewsStream(place.stage.sessions[session], more)
        reading_on = asyncio.create_task(stream({"type": "http"}, receive, send))
        async with asyncio.timeout(5):
            while len(sent) < 2:
                await asyncio.sleep(0.01)
            for number in range(MAX_WAITING + 10):
                posts[0](f'{{"type":"job","number":{number}}}')
            await reading_on
        assert posts == []
        assert place.stage.sessions[session].transport.onlookers == []


async def test_a_quiet_stream_says_that_it_is_still_there(tmp_path: Path) -> None:
    async with manor(tmp_path) as place, place.call(ANNA) as (_, session):
        sent: list[bytes] = []
        beaten = asyncio.Event()

        async def send(message):  # type: ignore[no-untyped-def]
            sent.append(message.get("body", b""))
            if sent[-1].startswith(b":"):
                beaten.set()

        async def receive() -> dict[str, object]:
            await beaten.wait()
            return {"type": "http.disconnect"}

        stream = NewsStream(place.stage.sessions[session], beat_seconds=0.05)
        async with asyncio.timeout(5):
            await stream({"type": "http"}, receive, send)
        assert b": still here\n\n" in sent
