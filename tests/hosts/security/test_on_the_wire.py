"""The same through a real server: what a browser, a program and a flood meet at the socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import uvicorn
import websockets
from door import House

from antiphon.hosts.security.people import Person, Role
from antiphon.hosts.security.tokens import Purpose

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def served(house: House) -> AsyncIterator[str]:
    config = uvicorn.Config(
        house.app, port=0, ws="websockets-sansio", log_config=None, server_header=False, log_level="error"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def test_a_foreign_page_is_told_why_it_may_not(tmp_path: Path):
    async with served(House(tmp_path)) as address:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(f"ws://{address}/call", origin=websockets.Origin("https://evil.example"))
        assert refused.value.response.status_code == 403
        assert json.loads(refused.value.response.body or b"")["code"] == "wrong_origin"
        async with websockets.connect(
            f"ws://{address}/call", origin=websockets.Origin(f"http://{address}")
        ) as socket:
            assert json.loads(await socket.recv())[:2] == ["local", "local"]
            assert socket.response is not None and "x-request-id" in socket.response.headers


async def test_a_token_in_a_subprotocol_opens_a_call_in_its_own_name(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    anna = Person("anna", "local", Role.CALLER)
    token = house.security.gate.tokens.issue(anna, Purpose.CALL, "s_brandnew", house.clock.now)
    offered = [websockets.Subprotocol("antiphon"), websockets.Subprotocol(f"antiphon.token.{token}")]
    async with (
        served(house) as address,
        websockets.connect(f"ws://{address}/call", subprotocols=offered) as socket,
    ):
        assert socket.subprotocol == "antiphon"
        assert json.loads(await socket.recv()) == ["local", "anna", "caller", "s_brandnew"]


async def flood(socket: websockets.ClientConnection) -> None:
    """Sends and reads until it is stopped."""
    async with asyncio.timeout(5):
        for _ in range(5000):
            await socket.send("x")
        while True:
            await socket.recv()


async def test_a_flood_is_cut_off(tmp_path: Path):
    house = House(tmp_path, limit_messages=10, limit_loopback=True)
    async with served(house) as address, websockets.connect(f"ws://{address}/call") as socket:
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await flood(socket)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4429


async def test_a_large_body_is_refused_and_nothing_tells_what_runs_here(tmp_path: Path):
    async with served(House(tmp_path, max_body_kb=1)) as address, httpx2.AsyncClient() as http:
        answer = await http.post(f"http://{address}/count", content=b"x" * 100_000)
        assert answer.status_code == 413
        assert "server" not in (await http.get(f"http://{address}/")).headers
        assert (await http.get(f"http://{address}/broken")).json()["code"] == "internal"
