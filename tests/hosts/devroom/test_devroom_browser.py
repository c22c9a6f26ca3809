"""A real browser with livekit-client as npm has it, and a fake microphone: sound goes both ways."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc
from parlour import parlour, token, until
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

HERE = Path(__file__).parent
CLIENT = HERE.parents[2] / "ui" / "node_modules" / "livekit-client" / "dist"
SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def chromium(url: str, home: Path) -> AsyncIterator[None]:
    """Chromium shows the page."""
    program = os.environ.get("CHROMIUM", "chromium")
    nowhere = asyncio.subprocess.DEVNULL
    browser = await asyncio.create_subprocess_exec(
        *(program, *SWITCHES, f"--user-data-dir={home}", url), stdout=nowhere, stderr=nowhere
    )
    try:
        yield
    finally:
        browser.terminate()
        await browser.wait()


async def test_a_page_speaks_and_hears(tmp_path: Path) -> None:
    told: dict[str, object] = {}

    async def report(request: Request) -> Response:
        told.update(json.loads(await request.body()))
        return Response()

    async def page(request: Request) -> Response:
        return Response((HERE / "page.html").read_bytes(), media_type="text/html")

    routes = [
        Route("/report", report, methods=["POST"]),
        Mount("/js", StaticFiles(directory=CLIENT)),
        Route("/", page),
    ]
    async with parlour(list(routes)) as place:
        guest = await place.guest("guest")
        chats: list[str] = []
        tasks: list[asyncio.Future[None]] = []

        async def reading(reader: rtc.TextStreamReader) -> None:
            chats.append(await reader.read_all())

        guest.room.register_text_stream_handler(
            "lk.chat", lambda reader, _: tasks.append(asyncio.ensure_future(reading(reader)))
        )
        await guest.speak(440)
        asked = f"url={place.url}&token={token('page')}"
        async with chromium(f"http://127.0.0.1:{place.port}/?{asked}", tmp_path):
            await until(lambda: told.get("microphone"))
            await until(lambda: told.get("again") and chats == ["from the page"])
            await until(lambda: abs(float(str(told.get("heard", 0))) - 440) < 15)
            await until(lambda: any(np.abs(one).max() > 2000 for one in guest.sound.get("page", [])))
            await guest.room.local_participant.publish_data(b"to the page")
            await guest.room.local_participant.send_text("a line", topic="lk.transcription")
            await until(lambda: told.get("data") == ["to the page"] and told.get("texts") == ["a line"])
            assert told["noise"] == []
