"""A server that gives the same answer to whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def server(*answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Its host:port, and what it was asked, heads and bodies. The pieces of the answer are sent one by one."""
    asked: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        asked.append(head + await reader.readexactly(length))
        for piece in answer:
            writer.write(piece)
            await writer.drain()
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with listening:
        yield f"127.0.0.1:{listening.sockets[0].getsockname()[1]}", asked
