"""https and wss with a certificate that a development machine makes for itself."""

from __future__ import annotations

import asyncio
import json
import ssl
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
import websockets
from house import house

from antiphon.core.errors import SetupError
from antiphon.hosts.application import create_app
from antiphon.hosts.server import server_config
from antiphon.hosts.tls import LASTS, certificate

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_a_certificate_is_made_once_and_renewed_in_time(tmp_path: Path) -> None:
    file, key = certificate(tmp_path / "tls", "127.0.0.1")
    first = file.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert certificate(tmp_path / "tls", "localhost")[0].read_bytes() == first
    assert certificate(tmp_path / "tls", "voice.example")[0].read_bytes() != first
    second = file.read_bytes()
    certificate(tmp_path / "tls", "voice.example", datetime.now(UTC) + LASTS)
    assert file.read_bytes() != second


def test_a_damaged_certificate_is_said_to_be_one(tmp_path: Path) -> None:
    file, _ = certificate(tmp_path, "127.0.0.1")
    file.write_text("nothing")
    with pytest.raises(SetupError, match="remove the folder"):
        certificate(tmp_path, "127.0.0.1")


async def test_a_client_that_trusts_it_talks(tmp_path: Path) -> None:
    files = certificate(tmp_path / "tls", "127.0.0.1")
    async with house(tmp_path) as (_, stage):
        server = uvicorn.Server(server_config(create_app(stage), tls=files))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        trusting = ssl.create_default_context(cafile=str(files[0]))
        for name in ("127.0.0.1", "localhost"):
            address = f"wss://{name}:{port}/v1/realtime?model=parrot"
            async with websockets.connect(address, ssl=trusting, host="127.0.0.1") as socket:
                assert json.loads(await socket.recv())["type"] == "session.created"
        server.should_exit = True
        await serving
