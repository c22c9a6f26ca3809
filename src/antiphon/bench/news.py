"""The news of a session, as its server streams them: what a caller by any protocol can learn of the call besides."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote, urlsplit

from antiphon.core.errors import CallerError
from antiphon.wire import native

ANSWER_WITHIN_S = 3.0
"Seconds a server has to say whether it has news."
MAX_HEAD = 64 * 1024
"Bytes of an answer's head, or of one line of its body."
STREAM = "text/event-stream"


class NewsReader:
    """Server-sent events whose data are messages of `wire.native`."""

    def __init__(self, reader: asyncio.StreamReader, *, is_chunked: bool) -> None:
        self._reader = reader
        self._is_chunked = is_chunked
        self._body = b""

    async def next(self) -> native.ServerMessage | None:
        """The next message; None when the stream has ended. Messages of other kinds are passed over."""
        while True:
            line, found, rest = self._body.partition(b"\n")
            if not found:
                try:
                    self._body += await self._more()
                except (OSError, ValueError, asyncio.IncompleteReadError):
                    return None
                continue
            self._body = rest
            if line.startswith(b"data:"):
                try:
                    return native.decode_server(line.removeprefix(b"data:").decode(errors="replace").strip())
                except CallerError:
                    continue

    async def _more(self) -> bytes:
        """Some bytes of the body. Raises IncompleteReadError at its end."""
        if not self._is_chunked:
            if data := await self._reader.read(MAX_HEAD):
                return data
            raise asyncio.IncompleteReadError(b"", None)
        size = int((await self._reader.readuntil(b"\n")).partition(b";")[0], 16)
        if size == 0:
            raise asyncio.IncompleteReadError(b"", None)
        return (await self._reader.readexactly(size + 2))[:-2]


@asynccontextmanager
async def news_of(url: str, session: str, key: str = "") -> AsyncIterator[NewsReader | None]:
    """The news of that session at the server with the address `url`, or None where there are none to be had."""
    parts = urlsplit(url)
    secure = ssl.create_default_context() if parts.scheme in ("https", "wss") else None
    writer: asyncio.StreamWriter | None = None
    found: NewsReader | None = None
    try:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                port = parts.port or (443 if secure else 80)
                reader, writer = await asyncio.open_connection(
                    parts.hostname, port, ssl=secure, limit=MAX_HEAD
                )
                writer.write(_request(parts.netloc, session, key))
                found = await _answered(reader)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            found = None
        yield found
    finally:
        if writer is not None:
            writer.close()


def _request(host: str, session: str, key: str) -> bytes:
    lines = [
        f"GET /api/sessions/{quote(session, safe='')}/news HTTP/1.1",
        f"host: {host}",
        f"accept: {STREAM}",
        "connection: close",
    ]
    if key:
        lines.append(f"authorization: Bearer {key}")
    return "\r\n".join([*lines, "", ""]).encode()


async def _answered(reader: asyncio.StreamReader) -> NewsReader | None:
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip().lower() for name, _, value in pairs}
    if status.split()[1:2] != ["200"] or not headers.get("content-type", "").startswith(STREAM):
        return None
    return NewsReader(reader, is_chunked="chunked" in headers.get("transfer-encoding", ""))
