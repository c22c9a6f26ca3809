"""Tools of MCP servers: programs or addresses that offer tools over the Model Context Protocol.

Facts: https://modelcontextprotocol.io/specification/2025-11-25/server/tools. Needs the extra `mcp`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from antiphon.agent.tools import Person, Run, Tool
from antiphon.core.errors import ProviderError, SetupError, first_cause
from antiphon.providers.hosted import needing

if TYPE_CHECKING:
    from mcp import Client
    from mcp_types import CallToolResult
    from mcp_types import Tool as Offered

CONNECT_S = 15.0
"Longest wait for a server to begin; those that are fetched first (`npx`, `uvx`) take seconds."
READ_S = 300.0
"Longest silence of a server over HTTP in the middle of an answer; each tool has its own, shorter, time."
MOST_PAGES = 50
"Of a server's list of tools."


@asynccontextmanager
async def mcp_tools(
    server: str | Sequence[str],
    *,
    only: Collection[str] = (),
    reads: Collection[str] = (),
    prefix: str = "",
    headers: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 8.0,
    connect_s: float = CONNECT_S,
) -> AsyncIterator[tuple[Tool, ...]]:
    """The tools of `server`: the address of one (streamable HTTP), or a command that runs one (stdio).

    Inside, the connection is kept: a server that dies is an error of the tool that was in use, and is connected
    to again at the next use. A tool writes unless its server says that it only reads, or `reads` names it.
    `only`: these tools and no others. `prefix` goes before every name, for servers whose names clash. `headers`
    are for an address, `env` for a command, which is given no other variables than PATH, HOME and the like.

    Raises SetupError when the server cannot be reached or has no such tools.
    """
    with needing("mcp", "an MCP server", "mcp"):
        import mcp  # noqa: F401
    connection = _Connection(server, dict(headers or {}), dict(env or {}), connect_s)
    keeping = asyncio.create_task(connection.keep(), name=f"mcp: {connection.name}")
    try:
        try:
            offered = await connection.offered()
        except Exception as error:  # whatever it is: without its tools there is no start
            told = str(error) if isinstance(error, _Lost) else f"offers no tools: {_told(error)}"
            hint = "check the command or the address, and run it by itself"
            raise SetupError(f"{connection.name} {told}: {hint}") from error
        if missing := sorted({*only, *reads} - {one.name for one in offered}):
            has = ", ".join(one.name for one in offered) or "none"
            raise SetupError(f"{connection.name} has no tool {missing[0]}; name some of: {has}")
        yield tuple(
            Tool(
                name=re.sub(r"[^A-Za-z0-9_-]", "_", prefix + one.name)[:64],
                description=one.description or one.title or "",
                run=_use(connection, one.name, reads_only=_reads_only(one) or one.name in reads),
                parameters=one.input_schema,
                writes=not (_reads_only(one) or one.name in reads),
                timeout_s=timeout_s,
            )
            for one in offered
            if not only or one.name in only
        )
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


def _reads_only(offered: Offered) -> bool:
    return offered.annotations is not None and offered.annotations.read_only_hint is True


def _use(connection: _Connection, name: str, *, reads_only: bool) -> Run:
    async def run(caller: Person, arguments: Mapping[str, object]) -> object:
        try:
            try:
                return await connection.call(name, arguments)
            except _Lost:
                if not reads_only:
                    raise  # it may have been done
                return await connection.call(name, arguments)
        except _Lost as lost:
            raise ProviderError(f"its server {lost}") from lost

    return run


class _Lost(ProviderError):
    """The connection broke, before the call or in it. The text lacks its subject: addresses are not for callers."""


@dataclass
class _Connection:
    """One server: connected to when it is needed, by a task that also takes leave of it, as the SDK demands."""

    server: str | Sequence[str]
    headers: dict[str, str]
    env: dict[str, str]
    connect_s: float
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _broken: asyncio.Event = field(default_factory=asyncio.Event)
    _client: asyncio.Future[Client] | None = None

    @property
    def name(self) -> str:
        """As it is told; what may be a secret in an address is left out."""
        if isinstance(self.server, str):
            scheme, _, rest = self.server.partition("://")
            return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"
        return " ".join(self.server)

    async def keep(self) -> None:
        """Holds one connection after the other, each from when it is wanted until it is broken."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            client, self._broken = self._client, asyncio.Event()
            broken = self._broken
            assert client is not None
            try:
                async with AsyncExitStack() as stack:
                    async with asyncio.timeout(self.connect_s):
                        opened = await stack.enter_async_context(await self._opening(stack))
                    if not client.done():
                        client.set_result(opened)
                    await broken.wait()
            except Exception as error:  # noqa: BLE001 - whatever a server does, whoever wants it is told
                if not client.done():
                    client.set_exception(_Lost(f"cannot be reached: {_told(error)}"))
                    client.exception()  # whoever waited may have gone
                if self._client is client:
                    self._client = None

    async def _opening(self, stack: AsyncExitStack) -> Client:
        import httpx2
        from mcp import Client, StdioServerParameters
        from mcp.client.streamable_http import streamable_http_client

        if isinstance(self.server, str):
            patience = httpx2.Timeout(self.connect_s, read=READ_S)
            web = await stack.enter_async_context(httpx2.AsyncClient(headers=self.headers, timeout=patience))
            return Client(streamable_http_client(self.server, http_client=web))
        command, *arguments = self.server
        return Client(StdioServerParameters(command=command, args=arguments, env=self.env))

    async def _connected(self) -> Client:
        if self._client is None:
            self._client = asyncio.get_running_loop().create_future()
            self._wanted.set()
        return await asyncio.shield(self._client)

    def _lose(self, client: Client) -> None:
        """The connection is not used again."""
        now = self._client
        if now is not None and now.done() and now.exception() is None and now.result() is client:
            self._client = None
            self._broken.set()

    async def offered(self) -> list[Offered]:
        """The server's tools. Raises `_Lost`, and what the SDK raises."""
        client = await self._connected()
        found: list[Offered] = []
        cursor: str | None = None
        async with asyncio.timeout(self.connect_s):
            for _ in range(MOST_PAGES):
                page = await client.list_tools(cursor=cursor)
                found += page.tools
                if not (cursor := page.next_cursor):
                    break
        return found

    async def call(self, name: str, arguments: Mapping[str, object]) -> object:
        """What the tool answered, as plain JSON. Raises ProviderError, `_Lost` where the connection broke."""
        from mcp import MCPError
        from mcp_types import CONNECTION_CLOSED

        client = await self._connected()
        try:
            result = await client.call_tool(name, dict(arguments))
        except MCPError as error:
            if error.code != CONNECTION_CLOSED:
                raise ProviderError(error.message) from error
            self._lose(client)
            raise _Lost("broke the connection") from error
        except Exception as error:
            self._lose(client)
            raise _Lost(f"broke the connection: {_told(error)}") from error
        if result.is_error:
            raise ProviderError(_text(result) or "it told no reason", retryable=False)
        return _value(result)


def _value(result: CallToolResult) -> object:
    found = result.structured_content
    if found is None:
        return _text(result)
    return found["result"] if isinstance(found, dict) and set(found) == {"result"} else found


def _text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if block.type == "text")


def _told(error: BaseException) -> str:
    error = first_cause(error)
    return "it took too long" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
