"""Tools of a real MCP server, run beside the tests: offered, used, and lived without when it dies."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from antiphon.agent.tools import ANYBODY, Tool, ToolResult
from antiphon.core.errors import SetupError
from antiphon.core.notes import ToolUsed
from antiphon.providers.mcp_tools import mcp_tools
from antiphon.session.toolbox import Toolbox

SERVER = str(Path(__file__).with_name("mcp_server.py"))
STDIO = (sys.executable, SERVER, "stdio")


class Hands:
    """The tools in use, as in a reply whose turn is confirmed."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self.notes: list[ToolUsed] = []
        confirmed = asyncio.Event()
        confirmed.set()
        self.box = Toolbox(tools, ANYBODY, 1, confirmed.wait, self.notes.append)

    async def use(self, name: str, **arguments: object) -> ToolResult:
        return await self.box.use(name, arguments)

    async def value(self, name: str, **arguments: object) -> object:
        result = await self.use(name, **arguments)
        assert result.is_ok, result.error
        return result.value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """The server over HTTP, ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        SERVER,
        "http",
        str(port),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(30):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    break
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def test_a_program_offers_tools_and_is_started_again_when_it_dies() -> None:
    async def story() -> None:
        async with mcp_tools(STDIO, env={"GREETING": "hello"}, timeout_s=0.5, prefix="shop-") as tools:
            by_name: Mapping[str, Tool] = {tool.name: tool for tool in tools}
            assert {name for name, tool in by_name.items() if tool.writes} == {"shop-order"}
            assert "shop-shop_die" in by_name, "names are such as every vendor takes"
            stock = by_name["shop-stock"]
            assert stock.description == "Tells how many there are."
            assert stock.parameters["required"] == ["item"]
            assert stock.timeout_s == 0.5

            hands = Hands(tools)
            assert await hands.value("shop-stock", item="tea") == 3
            assert await hands.value("shop-order", item="tea") == {"item": "tea", "count": 1, "number": 1}
            assert await hands.value("shop-greeting") == "hello"
            assert "gold is not sold here" in (await hands.use("shop-stock", item="gold")).error
            assert "thing" in (await hands.use("shop-order", thing=1)).error
            assert "longer than 0.5 seconds" in (await hands.use("shop-wait", seconds=5)).error
            assert await hands.value("shop-stock", item="still there") == 11

            pid = await hands.value("shop-pid")
            assert isinstance(pid, int)
            os.kill(pid, signal.SIGKILL)
            while "broke" not in (lost := await hands.use("shop-order", item="tea")).error:
                assert lost.is_ok, lost.error  # it was still dying
            patient = Hands([*(Tool(t.name, "", t.run, writes=t.writes, timeout_s=30) for t in tools)])
            assert await patient.value("shop-order", item="tea") == {"item": "tea", "count": 1, "number": 1}
            assert await patient.value("shop-pid") != pid
            assert "broke" in (await patient.use("shop-shop_die")).error, "it died of it twice"
            assert await patient.value("shop-stock", item="tea") == 3
            last = await patient.value("shop-pid")
        with pytest.raises(ProcessLookupError):
            os.kill(int(str(last)), 0)

    asyncio.run(story())


def test_an_address_offers_tools_and_is_dialled_again_when_it_is_back() -> None:
    async def story() -> None:
        port = free_port()
        url = f"http://127.0.0.1:{port}/mcp"
        async with serving(port) as first:
            keeping = mcp_tools(
                url, headers={"X-Greeting": "hello"}, only=("stock", "order", "greeting"), reads=("order",)
            )
            async with keeping as tools:
                assert [(tool.name, tool.writes) for tool in tools] == [
                    ("stock", False),
                    ("order", False),
                    ("greeting", False),
                ]
                hands = Hands(tools)
                assert await hands.value("stock", item="tea") == 3
                assert await hands.value("greeting") == "hello"
                first.kill()
                await first.wait()
                assert "cannot be reached" in (await hands.use("stock", item="tea")).error
                async with serving(port):
                    assert await hands.value("stock", item="tea") == 3

    asyncio.run(story())


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ("http://ada:secret@127.0.0.1:9/mcp?key=secret", "^http://127.0.0.1:9/mcp cannot be reached"),
        (("/no/such/program",), "/no/such/program cannot be reached: .*No such file"),
        ((sys.executable, "-c", "pass"), "cannot be reached: Connection closed"),
        ((sys.executable, "-c", "input()\ninput()"), "cannot be reached: it took too long"),
    ],
)
def test_a_server_that_is_none_is_told_in_one_sentence(server: str | Sequence[str], told: str) -> None:
    async def story() -> None:
        async with mcp_tools(server, connect_s=2.0):
            raise AssertionError("there are no tools")

    with pytest.raises(SetupError, match=f"{told}.*: check the command or the address"):
        asyncio.run(story())


def test_tools_that_are_wanted_but_not_there_are_told() -> None:
    async def story() -> None:
        async with mcp_tools(STDIO, only=("stock", "sell")):
            raise AssertionError("there is no such tool")

    with pytest.raises(SetupError, match=r"has no tool sell; name some of: .*stock"):
        asyncio.run(story())
