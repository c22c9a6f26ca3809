"""Chat completions as OpenAI defined them and Ollama, llama.cpp, vLLM and others speak them, streamed.

Facts: https://platform.openai.com/docs/api-reference/chat/streaming
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from antiphon.core.errors import ProviderError
from antiphon.ports import Message, ToolCall, ToolSpec, Usage
from antiphon.providers.hosted import Patience, patiently
from antiphon.providers.openai_wire import OpenAIWire

if TYPE_CHECKING:
    from openai import AsyncStream
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam
    from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall


class ChatWire:
    """One server and one model, over connections that are kept. The first one made loads the SDK: 1 to 2 s.

    Never repeats a request on its own. Belongs to the event loop it is first used in.
    """

    def __init__(
        self,
        model: str,
        base_url: str | None,
        *,
        api_key: str = "",
        provider: str,
        extra: str,
        patience: Patience,
        options: Mapping[str, object],
    ) -> None:
        """`provider` names it in errors, `extra` is what to install; `options` go into every request."""
        self._wire = OpenAIWire(base_url, api_key=api_key, provider=provider, extra=extra, patience=patience)
        self._model = model
        self._provider = provider
        self._patience = patience
        self._options = dict(options)
        self._takes_temperature = self._tells_usage = True

    async def close(self) -> None:
        """No connection is held any longer."""
        await self._wire.close()

    async def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        temperature: float,
        options: Mapping[str, object] | None = None,
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        """Pieces of text as they come, then the tool calls, whole and in order. Raises ProviderError.

        Closing it ends the HTTP request, upon which servers stop writing. `options` are for this reply only.
        """
        body: dict[str, object] = {**self._options, **(options or {})}
        if tools:
            body["tools"] = [_tool(tool) for tool in tools]
        if self._takes_temperature:
            body.setdefault("temperature", temperature)
        if self._tells_usage:
            body.setdefault("stream_options", {"include_usage": True})
        calls = _Calls()
        usage: CompletionUsage | None = None
        reason: str | None = None
        chunks = patiently(self._chunks(messages, body), self._patience, _is_news, self._provider)
        async with aclosing(chunks):
            async for chunk in chunks:
                if chunk.usage is not None:
                    usage = chunk.usage
                if not chunk.choices:  # usage, or the notes some servers send first
                    continue
                choice = chunk.choices[0]
                reason = choice.finish_reason or reason
                for part in choice.delta.tool_calls or ():
                    calls.add(part)
                if text := choice.delta.content or choice.delta.refusal:
                    yield text
        if reason is None:
            raise ProviderError(f"{self._provider} ended in the middle of its reply", provider=self._provider)
        if reason == "content_filter":
            raise ProviderError(
                f"{self._provider} stopped at its own content filter",
                retryable=False,
                provider=self._provider,
            )
        for call in calls.whole():
            yield call
        if usage is not None:
            yield _usage(self._provider, usage)

    async def _chunks(
        self, messages: Sequence[Message], body: Mapping[str, object]
    ) -> AsyncGenerator[ChatCompletionChunk, None]:
        """The raw stream, with every failure told as a ProviderError."""
        with self._wire.telling():
            stream = await self._open(messages, body)
            try:
                async for chunk in stream:
                    yield chunk
            finally:
                await stream.close()

    async def _open(
        self, messages: Sequence[Message], body: Mapping[str, object]
    ) -> AsyncStream[ChatCompletionChunk]:
        said = cast("list[ChatCompletionMessageParam]", [_message(message) for message in messages])
        create = self._wire.client.chat.completions.create
        try:
            return await create(model=self._model, messages=said, stream=True, extra_body=body)
        except self._wire.sdk.BadRequestError as error:
            # Reasoning models take no temperature, old servers count nothing, and only the refusal tells which.
            named = error.param or ("stream_options" if "stream_options" in error.message else "")
            if named not in ("temperature", "stream_options") or named in self._options or named not in body:
                raise
            self._takes_temperature = self._takes_temperature and named != "temperature"
            self._tells_usage = self._tells_usage and named != "stream_options"
            return await self._open(messages, {key: value for key, value in body.items() if key != named})


def _usage(provider: str, told: CompletionUsage) -> Usage:
    details = told.prompt_tokens_details
    cached = (details.cached_tokens or 0) if details is not None else 0
    return Usage(provider, max(0, told.prompt_tokens - cached), told.completion_tokens, cached)


class _Calls:
    """Tool calls on their way in: the name comes first, the arguments in shreds."""

    def __init__(self) -> None:
        self._calls: list[ToolCall] = []
        self._place: dict[int, int] = {}

    def add(self, part: ChoiceDeltaToolCall) -> None:
        """`part` belongs to the call of its index, unless it brings the name of another one."""
        name = (part.function and part.function.name) or ""
        arguments = (part.function and part.function.arguments) or ""
        place = self._place.get(part.index)
        # Servers other than OpenAI's may give every call the index 0.
        if place is None or (part.id and self._calls[place].id not in ("", part.id)):
            self._place[part.index] = len(self._calls)
            self._calls.append(ToolCall(part.id or "", name, arguments))
            return
        known = self._calls[place]
        self._calls[place] = ToolCall(
            known.id or part.id or "", known.name or name, known.arguments + arguments
        )

    def whole(self) -> list[ToolCall]:
        """The calls in the order they were begun, each with an id and with arguments."""
        return [
            ToolCall(call.id or f"call_{number}", call.name, call.arguments.strip() or "{}")
            for number, call in enumerate(self._calls)
        ]


def _is_news(chunk: ChatCompletionChunk) -> bool:
    return any(
        choice.delta.content or choice.delta.refusal or choice.delta.tool_calls for choice in chunk.choices
    )


def _message(message: Message) -> dict[str, object]:
    said: dict[str, object] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        said["content"] = message.content or None
        said["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id:
        said["tool_call_id"] = message.tool_call_id
    return said


def _tool(tool: ToolSpec) -> dict[str, object]:
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": json.loads(tool.parameters),
        },
    }
