"""A server as a client over HTTP sees it: requests, and answers whose bodies are read as they come.

Every request has a connection of its own. Nothing is kept open, cached, repeated or passed through a proxy: all that
would be measured along.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

from antiphon.core.errors import CallerError

ANSWER_WITHIN_S = 20.0
"Seconds a server has to begin its answer: the first one may load what it needs."
MAX_HEAD = 64 * 1024
"Bytes of an answer's head."
MAX_WHOLE = 1 << 20
"Bytes of a body that is read at once."
PIECE = 16 * 1024
"Bytes of a body that are read together, where the server does not say how many belong together."


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, while its body comes. The names of its headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    _reader: asyncio.StreamReader

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body, as it comes. Raises OSError when it breaks off."""
        try:
            if "chunked" in self.headers.get("transfer-encoding", "").lower():
                while size := int((await self._reader.readuntil(b"\n")).partition(b";")[0], 16):
                    yield (await self._reader.readexactly(size + 2))[:-2]
            elif (length := self.headers.get("content-length")) is not None:
                if left := int(length):
                    yield await self._reader.readexactly(left)
            else:
                while data := await self._reader.read(PIECE):
                    yield data
        except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise ConnectionError(f"the answer breaks off: {error}") from None

    async def data(self) -> AsyncGenerator[str, None]:
        """The data of server-sent events, one line each. Raises OSError when the body breaks off."""
        rest = b""
        async for piece in self.pieces():
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                if line.startswith(b"data:"):
                    yield line.removeprefix(b"data:").decode(errors="replace").strip()

    async def whole(self) -> bytes:
        """All of the body. Raises OSError when it breaks off, or is too long."""
        body = b""
        async for piece in self.pieces():
            body += piece
            if len(body) > MAX_WHOLE:
                raise ConnectionError("the answer is too long")
        return body


class Site:
    """The server at an address. `token`, where there is one, is shown with every request."""

    def __init__(self, url: str, token: str = "") -> None:
        """`url`: http, https, ws or wss, or host:port alone. Raises CallerError."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https", "ws", "wss") or not parts.netloc:
            raise CallerError(f"{url!r} is no address of a server; say http://host:port", field="url")
        self._is_secure = parts.scheme in ("https", "wss")
        self.url = urlunsplit(("https" if self._is_secure else "http", parts.netloc, "", "", ""))
        self.token = token
        self._open: set[asyncio.StreamWriter] = set()

    def address(self, path: str) -> str:
        """The whole address of what lies at that path; of an address, itself."""
        return urljoin(self.url, path)

    @asynccontextmanager
    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        within_s: float = ANSWER_WITHIN_S,
    ) -> AsyncIterator[Answer]:
        """The server's answer, of any status; what is left of it goes with the block.

        Raises OSError when there is none that can be read.
        """
        parts = urlsplit(self.url)
        port = parts.port or (443 if self._is_secure else 80)
        secure = ssl.create_default_context() if self._is_secure else None
        async with asyncio.timeout(within_s):
            reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure, limit=MAX_HEAD)
        self._open.add(writer)
        try:
            async with asyncio.timeout(within_s):
                writer.write(self._request(method, path, parts.netloc, body))
                answer = await _begun(reader)
            yield answer
        finally:
            self._open.discard(writer)
            writer.close()

    async def post(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, object]:
        """What the server answers, an object. Raises CallerError when it refuses, OSError when it does not answer."""
        async with self.ask("POST", path, body or {}) as answer:
            return told(answer.status, await answer.whole())

    def abort(self) -> None:
        """All connections are gone without a word, as when a network is."""
        for writer in self._open:
            writer.transport.abort()

    def _request(self, method: str, path: str, host: str, body: Mapping[str, object] | None) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"host: {host}", "connection: close"]
        if self.token:
            lines.append(f"authorization: Bearer {self.token}")
        data = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            lines += ["content-type: application/json", f"content-length: {len(data)}"]
        return "\r\n".join([*lines, "", ""]).encode() + data


def told(status: int, body: bytes) -> dict[str, object]:
    """The object that the body is; empty where there is none. Raises CallerError when the status is a refusal."""
    try:
        found = json.loads(body) if body else {}
    except ValueError:
        found = {}
    answer: dict[str, object] = found if isinstance(found, dict) else {}
    if status >= 400:
        why = str(answer.get("detail") or f"status {status}")
        raise CallerError(why, code=str(answer.get("code") or "refused"))
    return answer


async def _begun(reader: asyncio.StreamReader) -> Answer:
    """The answer, of which the head has come. Raises OSError."""
    try:
        status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        return Answer(int(status.split()[1]), headers, reader)
    except (ValueError, IndexError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise ConnectionError(f"what the server answers is no HTTP: {error}") from None
