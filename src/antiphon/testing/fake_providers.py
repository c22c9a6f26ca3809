"""Servers on this machine that speak the wires of OpenAI and Anthropic, and say what a script tells them.

As a program (`python -m antiphon.testing.fake_providers`) it is a stand-in for a local model server: it
prints its address, repeats the user's words, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Self

from antiphon.core.errors import ProviderError
from antiphon.ports import Message, ToolCall
from antiphon.testing.models import Cues, Script, choose, script


class FakeProvider(ABC):
    """An async context manager: a server on a free port of the loopback address, reached at `base_url`.

    Replies are streamed by `cues`. What was asked is kept in `requests` (bodies) and `headers`; `connections`
    counts those ever made, `writing` the replies under way. A caller who goes away is noticed at once.
    """

    path: str
    prefix = ""
    "Of every path, and part of the base URL that the vendor's SDK is given."
    base_url = ""

    def __init__(self, cues: Cues = ("Yes.",)) -> None:
        self.requests: list[dict[str, object]] = []
        self.headers: list[Mapping[str, str]] = []
        self.connections = 0
        self.writing = 0
        self.usage: Mapping[str, object] | None = None
        "What replies say at their end that they used, in the vendor's own terms."
        self._cues = cues
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._is_empty = asyncio.Event()

    @abstractmethod
    def opening(self) -> Iterable[object]:
        """Events before the first piece."""

    @abstractmethod
    def piece(self, number: int, piece: str | ToolCall) -> Iterable[object]:
        """The events that carry one piece."""

    @abstractmethod
    def ending(self, told: Script) -> Iterable[object]:
        """Events after the last piece."""

    @abstractmethod
    def failure(self, told: Script) -> object:
        """The error as the body of a refusal, or as an event of the stream."""

    @abstractmethod
    def frame(self, event: object) -> bytes:
        """One server-sent event."""

    @abstractmethod
    def messages(self, body: Mapping[str, object]) -> list[Message]:
        """The user's lines in a request."""

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
        try:
            while request := await _request(reader):
                line, headers, body = request
                if line != f"POST {self.prefix}{self.path}":
                    writer.write(_plain(404, b'{"error": {"message": "no such path"}}'))
                    continue
                asked: dict[str, object] = json.loads(body)
                cue = choose(self._cues, len(self.requests), self.messages(asked))
                if isinstance(cue, ProviderError):
                    raise TypeError("a server cannot raise: give it a Script with a status")
                self.requests.append(asked)
                self.headers.append(headers)
                self.writing += 1
                try:
                    await self._tell(script(cue), reader, writer)
                finally:
                    self.writing -= 1
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()
            self._open.discard(writer)
            if not self._open:
                self._is_empty.set()

    async def _tell(self, told: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if told.status >= 400:
            await _wait(told.first_s, reader)
            writer.write(_plain(told.status, json.dumps(self.failure(told)).encode()))
            return
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        self._write(writer, self.opening())
        for number, piece in enumerate(told.pieces):
            if number == told.stops_after:
                break
            await _wait(told.piece_s if number else told.first_s, reader)
            self._write(writer, self.piece(number, piece))
            await writer.drain()
        if told.stops_after is None:
            self._write(writer, self.ending(told))
        elif told.stop == "error":
            self._write(writer, [self.failure(told)])
        else:
            # Closed, not reset: a reset could overtake what was already sent.
            writer.close()
            raise ConnectionAbortedError("by script")
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    def _write(self, writer: asyncio.StreamWriter, events: Iterable[object]) -> None:
        for event in events:
            data = self.frame(event)
            writer.write(b"%x\r\n%s\r\n" % (len(data), data))


class FakeOpenAI(FakeProvider):
    """Chat completions: text deltas, tool calls in shreds, `[DONE]`."""

    prefix = "/v1"
    path = "/chat/completions"

    def opening(self) -> Iterator[object]:
        yield _chunk({"role": "assistant", "content": ""})

    def piece(self, number: int, piece: str | ToolCall) -> Iterator[object]:
        if isinstance(piece, str):
            yield _chunk({"content": piece})
            return
        start = {
            "index": number,
            "id": piece.id,
            "type": "function",
            "function": {"name": piece.name, "arguments": ""},
        }
        yield _chunk({"tool_calls": [start]})
        for shred in _shreds(piece.arguments):
            yield _chunk({"tool_calls": [{"index": number, "function": {"arguments": shred}}]})

    def ending(self, told: Script) -> Iterator[object]:
        yield _chunk({}, "tool_calls" if _has_call(told) else "stop")
        if self.usage is not None:
            yield {**_chunk({}), "choices": [], "usage": self.usage}
        yield "[DONE]"

    def failure(self, told: Script) -> object:
        return {"error": {"message": "by script", "type": "error", "param": told.param or None, "code": None}}

    def frame(self, event: object) -> bytes:
        data = event if isinstance(event, str) else json.dumps(event)
        return f"data: {data}\n\n".encode()

    def messages(self, body: Mapping[str, object]) -> list[Message]:
        return _said_by_user(body)


class FakeAnthropic(FakeProvider):
    """Messages: typed events, one content block for each run of text and for each tool call."""

    path = "/v1/messages"

    def opening(self) -> Iterator[object]:
        message: dict[str, object] = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "fake",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1, **(self.usage or {})},
        }
        yield {"type": "message_start", "message": message}
        yield {"type": "ping"}

    def piece(self, number: int, piece: str | ToolCall) -> Iterator[object]:
        block: dict[str, object]
        deltas: list[dict[str, object]]
        if isinstance(piece, str):
            block = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": piece}]
        else:
            block = {"type": "tool_use", "id": piece.id, "name": piece.name, "input": {}}
            shreds = ["", *_shreds(piece.arguments)]
            deltas = [{"type": "input_json_delta", "partial_json": shred} for shred in shreds]
        yield {"type": "content_block_start", "index": number, "content_block": block}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": number, "delta": delta}
        yield {"type": "content_block_stop", "index": number}

    def ending(self, told: Script) -> Iterator[object]:
        reason = "tool_use" if _has_call(told) else "end_turn"
        yield {
            "type": "message_delta",
            "delta": {"stop_reason": reason, "stop_sequence": None},
            "usage": {"output_tokens": 2, **(self.usage or {})},
        }
        yield {"type": "message_stop"}

    def failure(self, told: Script) -> object:
        kind = "overloaded_error" if told.status < 400 else "error"
        return {"type": "error", "error": {"type": kind, "message": "by script"}}

    def frame(self, event: object) -> bytes:
        assert isinstance(event, dict)
        return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()

    def messages(self, body: Mapping[str, object]) -> list[Message]:
        return _said_by_user(body)


def _chunk(delta: Mapping[str, object], reason: str | None = None) -> dict[str, object]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "fake",
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
    }


def _shreds(text: str) -> list[str]:
    """`text` cut in three, without regard to what it means."""
    third = max(1, len(text) // 3)
    return [text[:third], text[third : 2 * third], text[2 * third :]]


def _has_call(told: Script) -> bool:
    return any(isinstance(piece, ToolCall) for piece in told.pieces)


def _said_by_user(body: Mapping[str, object]) -> list[Message]:
    lines = body["messages"]
    assert isinstance(lines, list)
    said: list[Message] = []
    for line in lines:
        content = line["content"]
        if isinstance(content, list):
            content = " ".join(block["text"] for block in content if block["type"] == "text")
        if line["role"] == "user" and content:
            said.append(Message("user", content))
    return said


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes] | None:
    """Method and path, headers by lower-case name, and body; None when no more requests come."""
    line = (await reader.readline()).decode()
    if not line.strip():
        return None
    headers: dict[str, str] = {}
    while (header := (await reader.readline()).decode().strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return line.rpartition(" ")[0], headers, body


async def _wait(seconds: float, reader: asyncio.StreamReader) -> None:
    """`seconds` have passed; raises ConnectionResetError as soon as the other side goes away."""
    try:
        async with asyncio.timeout(seconds):
            await reader.read(1)
    except TimeoutError:
        return
    raise ConnectionResetError("the caller went away")


def _plain(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d Scripted\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
        status,
        len(body),
        body,
    )


async def _main() -> None:
    async with FakeOpenAI(lambda said: said) as server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main())
