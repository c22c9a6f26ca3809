"""Servers on this machine that speak the wires of OpenAI and Anthropic, and say what a script tells them.

As a program (`python -m antiphon.testing.fake_providers`) it is a stand-in for a local model server: it
prints its address, repeats the user's words, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping

from antiphon.core.errors import ProviderError
from antiphon.ports import Message, ToolCall
from antiphon.testing.fake_http import Answering, FakeServer, Request
from antiphon.testing.models import Cues, Script, choose, script


class FakeProvider(FakeServer):
    """A server that streams replies by `cues`. What was asked is kept in `requests` (bodies) and `headers`;
    `writing` counts the replies under way. A caller who goes away is noticed at once.
    """

    path: str

    def __init__(self, cues: Cues = ("Yes.",)) -> None:
        super().__init__()
        self.requests: list[dict[str, object]] = []
        self.headers: list[Mapping[str, str]] = []
        self.usage: Mapping[str, object] | None = None
        "What replies say at their end that they used, in the vendor's own terms."
        self._cues = cues

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

    async def answer(self, request: Request, answering: Answering) -> None:
        """The next cue is told."""
        if request.path != self.path:
            answering.whole(404, b'{"error": {"message": "no such path"}}')
            return
        asked = request.json
        cue = choose(self._cues, len(self.requests), self.messages(asked))
        if isinstance(cue, ProviderError):
            raise TypeError("a server cannot raise: give it a Script with a status")
        self.requests.append(asked)
        self.headers.append(request.headers)
        await self._tell(script(cue), answering)

    async def _tell(self, told: Script, answering: Answering) -> None:
        if told.status >= 400:
            await answering.wait(told.first_s)
            headers = {"retry-after": f"{told.after_s:g}"} if told.after_s else {}
            answering.whole(told.status, json.dumps(self.failure(told)).encode(), headers=headers)
            return
        answering.begin("text/event-stream")
        await self._write(answering, self.opening())
        for number, piece in enumerate(told.pieces):
            if number == told.stops_after:
                break
            await answering.wait(told.piece_s if number else told.first_s)
            await self._write(answering, self.piece(number, piece))
        if told.stops_after is None:
            await self._write(answering, self.ending(told))
        elif told.stop == "error":
            await self._write(answering, [self.failure(told)])
        elif told.stop == "garbage":
            await answering.chunks([b'data: {"this is": no JSON\n\n'])
        elif told.stop == "hang":
            await answering.wait(3600)
        else:
            answering.break_off()
        await answering.end()

    async def _write(self, answering: Answering, events: Iterable[object]) -> None:
        await answering.chunks(self.frame(event) for event in events)


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


async def _main() -> None:
    async with FakeOpenAI(lambda said: said) as server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main())
