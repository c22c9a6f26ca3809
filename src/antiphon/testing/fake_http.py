"""A small HTTP server for tests: on this machine, on a free port, and awake to callers who go away."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked. `headers` by lower-case name."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        """The body, which is a JSON object."""
        said = json.loads(self.body)
        assert isinstance(said, dict)
        return said


class Answering:
    """How a request is answered: headers once, then the body, whole or in chunks."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def wait(self, seconds: float) -> None:
        """`seconds` have passed; raises ConnectionResetError as soon as the caller goes away."""
        try:
            async with asyncio.timeout(seconds):
                await self._reader.read(1)
        except TimeoutError:
            return
        raise ConnectionResetError("the caller went away")

    def whole(
        self,
        status: int,
        body: bytes,
        kind: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """All of it has been said."""
        lines = {"content-type": kind, "content-length": str(len(body)), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._writer.write(f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode() + body)

    def begin(self, kind: str) -> None:
        """A body in chunks follows."""
        self._writer.write(
            f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n".encode()
        )

    async def chunks(self, pieces: Iterable[bytes]) -> None:
        """They have left, each in a chunk of its own."""
        for piece in pieces:
            self._writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        await self._writer.drain()

    async def end(self) -> None:
        """The body is whole."""
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def break_off(self) -> None:
        """Raises ConnectionAbortedError; the caller gets what was sent, and then the end of the connection."""
        # Closed, not reset: a reset could overtake what was already sent.
        self._writer.close()
        raise ConnectionAbortedError("by script")


class FakeServer(ABC):
    """An async context manager: a server on a free port of the loopback address, reached at `base_url`.

    `connections` counts those ever made, `writing` the answers under way.
    """

    prefix = ""
    "Of every path, and part of the base URL that the vendor's SDK is given."
    base_url = ""

    def __init__(self) -> None:
        self.connections = 0
        self.writing = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._is_empty = asyncio.Event()

    @abstractmethod
    async def answer(self, request: Request, answering: Answering) -> None:
        """The request has been answered. `request.path` has lost the prefix."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.base_url = f"http://127.0.0.1:{port}{self.prefix}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        if self._open:
            await self._is_empty.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        self._is_empty.clear()
        answering = Answering(reader, writer)
        try:
            while (request := await _request(reader, self.prefix)) is not None:
                self.writing += 1
                try:
                    await self.answer(request, answering)
                finally:
                    self.writing -= 1
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()
            self._open.discard(writer)
            if not self._open:
                self._is_empty.set()


async def _request(reader: asyncio.StreamReader, prefix: str) -> Request | None:
    """The next request; None when no more come."""
    line = (await reader.readline()).decode()
    if not line.strip():
        return None
    headers: dict[str, str] = {}
    while (header := (await reader.readline()).decode().strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(line.split(" ")[1].removeprefix(prefix), headers, body)
