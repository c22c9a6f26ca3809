"""A small MCP server of tests: `mcp_server.py stdio`, or `mcp_server.py http PORT`."""

from __future__ import annotations

import asyncio
import os
import sys

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

server = MCPServer("shop")
READS = ToolAnnotations(read_only_hint=True)
orders: list[str] = []


@server.tool(annotations=READS)
def stock(item: str) -> int:
    """Tells how many there are."""
    if item == "gold":
        raise ToolError("gold is not sold here")
    return len(item)


@server.tool(annotations=READS)
async def wait(seconds: float) -> str:
    """Takes its time."""
    await asyncio.sleep(seconds)
    return "at last"


@server.tool()
def order(item: str, count: int = 1) -> dict[str, object]:
    """Orders."""
    orders.append(item)
    return {"item": item, "count": count, "number": len(orders)}


@server.tool(name="shop.die", annotations=READS)
def die() -> str:
    """Dies."""
    os._exit(1)


@server.tool(annotations=READS)
def pid() -> int:
    """Which process this is."""
    return os.getpid()


@server.tool(annotations=READS)
def greeting(context: Context) -> str:  # type: ignore[type-arg]
    """What it was greeted with."""
    request = context.request_context.request
    return (
        str(request.headers.get("x-greeting", "")) if request is not None else os.environ.get("GREETING", "")
    )


if __name__ == "__main__":
    if sys.argv[1] == "http":
        server.run("streamable-http", port=int(sys.argv[2]))
    else:
        server.run("stdio")
