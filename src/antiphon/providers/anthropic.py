"""Anthropic's chat models over the Messages API, streamed.

Facts: https://platform.claude.com/docs/en/build-with-claude/streaming. The API has given up `temperature`:
models from Opus 4.7 on answer 400 to it, so it is not sent.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from antiphon.core.errors import ProviderError, SetupError
from antiphon.ports import Message, ToolCall, ToolSpec, Usage
from antiphon.providers.hosted import Patience, Wiring, needing, patiently, refused, wait_asked

if TYPE_CHECKING:
    import httpx2
    from anthropic.types import MessageParam, RawMessageStreamEvent

BASE_URL = "https://api.anthropic.com"
BEGIN = "(The call begins.)"
"Said for the user where the agent spoke first: a conversation has to begin with the user."
GO_ON = "(Go on.)"
"Said for the user where the agent spoke last: a reply has to answer the user."


class AnthropicChat:
    """A `LanguageModel` behind Messages. One for the whole process: sessions share its connections."""

    def __init__(
        self,
        model: str,
        api_key: str = "",
        base_url: str | None = None,
        *,
        name: str = "",
        max_tokens: int = 1024,
        patience: Patience | None = None,
        options: Mapping[str, object] | None = None,
    ) -> None:
        """`max_tokens` bounds a reply, with its thinking. `options` go into every request as they are; for
        models that think by default, `{"thinking": {"type": "disabled"}}` brings the first word forward.

        Raises SetupError without the anthropic package, or without a key where Anthropic itself is asked.
        """
        if not api_key and base_url is None:
            raise SetupError(f"anthropic/{model} needs a key: set ANTHROPIC_API_KEY")
        with needing("anthropic", f"anthropic/{model}", "anthropic"):
            import anthropic
        self.name = name or f"anthropic/{model}"
        self.supplies_facts = True
        self._sdk = anthropic
        self._wiring = Wiring("anthropic")
        self._patience = patience or Patience()
        base_url = base_url or BASE_URL
        self._client = anthropic.AsyncAnthropic(
            api_key=api_key or "none",
            base_url=base_url,
            max_retries=0,
            http_client=cast("httpx2.AsyncClient", self._wiring.client(base_url, self._patience)),
        )
        self._model = model
        self._max_tokens = max_tokens
        self._options = dict(options or {})

    async def close(self) -> None:
        """Every connection is closed; replies under way fail."""
        await self._client.close()

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        """Text and whole tool calls in the order they are written. Raises ProviderError.

        Closing it ends the request. `temperature` has no effect: see the module's first lines.
        """
        call = ToolCall("", "", "")
        owed: Usage | None = None
        written: Usage | None = None
        reason: str | None = None
        events = patiently(self._events(messages, tools), self._patience, _is_news, self.name)
        async with aclosing(events):
            async for event in events:
                if event.type == "content_block_start" and event.content_block.type == "tool_use":
                    call = ToolCall(event.content_block.id, event.content_block.name, "")
                elif event.type == "content_block_delta" and event.delta.type == "text_delta":
                    if event.delta.text:
                        yield event.delta.text
                        if owed is not None:  # never first: until a word has come, another model may be asked
                            yield owed
                            owed = None
                elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                    call = ToolCall(call.id, call.name, call.arguments + event.delta.partial_json)
                elif event.type == "content_block_stop" and call.name:
                    yield ToolCall(call.id, call.name, call.arguments.strip() or "{}")
                    call = ToolCall("", "", "")
                elif event.type == "message_start":
                    read = event.message.usage
                    owed = Usage(
                        self.name,
                        read.input_tokens,
                        tokens_cached=read.cache_read_input_tokens or 0,
                        tokens_stored=read.cache_creation_input_tokens or 0,
                    )
                elif event.type == "message_delta":
                    reason = event.delta.stop_reason or reason
                    written = Usage(self.name, tokens_out=event.usage.output_tokens)
        for told in (owed, written):
            if told is not None:
                yield told
        if reason is None:
            raise ProviderError(f"{self.name} ended in the middle of its reply", provider=self.name)
        if reason == "refusal":
            raise ProviderError(
                f"{self.name} stopped at its own content filter", retryable=False, provider=self.name
            )

    async def _events(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[RawMessageStreamEvent, None]:
        """The raw stream, with every failure told as a ProviderError."""
        sdk = self._sdk
        body = dict(self._options)
        if system := _system(messages):
            body["system"] = system
        if tools:
            body["tools"] = [_tool(tool) for tool in tools]
        try:
            stream = await self._client.messages.create(
                model=self._model,
                max_tokens=self._max_tokens,
                messages=cast("list[MessageParam]", _turns(messages)),
                stream=True,
                extra_body=body,
            )
            try:
                async for event in stream:
                    yield event
            finally:
                await stream.close()
        except sdk.APIStatusError as error:
            if error.status_code < 400:  # told in the middle of a stream that had begun well
                raise ProviderError(f"{self.name} failed: {error.message}", provider=self.name) from error
            after_s = wait_asked(error.response.headers)
            raise refused(self.name, error.status_code, error.message, after_s) from error
        except sdk.APITimeoutError as error:
            raise ProviderError(f"{self.name} did not answer in time", provider=self.name) from error
        except sdk.APIConnectionError as error:
            raise self._unreachable(error.__cause__ or error) from error
        except sdk.AnthropicError as error:
            raise ProviderError(f"{self.name} failed: {error}", provider=self.name) from error
        except self._wiring.failures as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: BaseException) -> ProviderError:
        return ProviderError(
            f"the connection to {self.name} at {self._client.base_url} failed: "
            f"{error or type(error).__name__}",
            provider=self.name,
        )


def _is_news(event: RawMessageStreamEvent) -> bool:
    match event.type:
        case "content_block_start":
            return event.content_block.type == "tool_use"
        case "content_block_delta":
            return event.delta.type == "text_delta" and event.delta.text != ""
        case _:
            return False


def _system(messages: Sequence[Message]) -> list[dict[str, object]]:
    """What the system says, wherever it says it. The first of it recurs in every turn, so it is cached."""
    blocks: list[dict[str, object]] = [
        {"type": "text", "text": message.content}
        for message in messages
        if message.role == "system" and message.content.strip()
    ]
    if blocks:
        blocks[0]["cache_control"] = {"type": "ephemeral"}
    return blocks


def _turns(messages: Sequence[Message]) -> list[dict[str, object]]:
    """User and assistant in turns, beginning and ending with the user; results of tools are the user's."""
    turns: list[tuple[str, list[dict[str, object]]]] = []
    for message in messages:
        if message.role == "system":
            continue
        role = "assistant" if message.role == "assistant" else "user"
        if blocks := _blocks(message):
            if turns and turns[-1][0] == role:
                turns[-1][1].extend(blocks)
            else:
                turns.append((role, blocks))
    if not turns or turns[0][0] == "assistant":
        turns.insert(0, ("user", [{"type": "text", "text": BEGIN}]))
    if turns[-1][0] == "assistant":
        turns.append(("user", [{"type": "text", "text": GO_ON}]))
    return [{"role": role, "content": blocks} for role, blocks in turns]


def _blocks(message: Message) -> list[dict[str, object]]:
    if message.role == "tool":
        return [
            {"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.content or "-"}
        ]
    blocks: list[dict[str, object]] = []
    if text := message.content.strip():
        blocks.append({"type": "text", "text": text})
    for call in message.tool_calls:
        arguments = json.loads(call.arguments or "{}")
        blocks.append({"type": "tool_use", "id": call.id, "name": call.name, "input": arguments})
    return blocks


def _tool(tool: ToolSpec) -> dict[str, object]:
    return {
        "name": tool.name,
        "description": tool.description,
        "input_schema": json.loads(tool.parameters),
    }
