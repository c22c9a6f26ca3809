"""Any STT, TTS or LLM plugin of LiveKit Agents (Deepgram, Google, Cartesia, …) behind our ports.

`livekit/<plugin>/<model>`: the plugin is a package `livekit.plugins.<plugin>`, or a module of yours with dots in its
name, that has classes STT, TTS or LLM; without a model it chooses its own. Plugins read their keys from the
environment.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Literal

import numpy as np

from antiphon.core.errors import ProviderError
from antiphon.core.pronunciation import spoken
from antiphon.core.speech import Approved, Speech
from antiphon.ports import (
    LanguageModel,
    Message,
    Recognizer,
    Synthesizer,
    ToolCall,
    ToolSpec,
    Usage,
    Used,
    bill,
)
from antiphon.providers.hosted import Patience, patiently
from antiphon.providers.livekit_ears import LiveKitRecognizer
from antiphon.providers.livekit_loading import Loaded, once, telling
from antiphon.providers.resilience.speech import at_rate
from antiphon.providers.voice_streaming import Pace, streamed

if TYPE_CHECKING:
    from livekit.agents import llm, tts

ROLES: Mapping[str, Literal["system", "user", "assistant"]] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
}
SPEAKING_RATE = 24_000


def recognizer_of(model: str) -> Recognizer:
    """The recognizer `<plugin>/<model>`. Raises SetupError."""
    return LiveKitRecognizer(Loaded(model, "STT", {}))


def voice_of(model: str, voice: str = "") -> Synthesizer:
    """The voice `<plugin>/<model>`, which speaks as `voice` if one is named. Raises SetupError."""
    return LiveKitVoice(Loaded(model, "TTS", {"voice": voice, "voice_id": voice, "voice_name": voice}))


def language_model_of(model: str) -> LanguageModel:
    """The language model `<plugin>/<model>`. Raises SetupError."""
    return LiveKitModel(Loaded(model, "LLM", {}))


# ---- voice -----------------------------------------------------------------------------------------------
class LiveKitVoice:
    """A `Synthesizer` that is a plugin's TTS. Word marks are estimated: see `voice_streaming`.

    The voice is the one of the settings or the plugin's own; agents cannot choose, as every plugin names its own.
    """

    rate = SPEAKING_RATE

    def __init__(self, loaded: Loaded[tts.TTS[str]], patience: Patience | None = None) -> None:
        self.name = loaded.name
        self._loaded = loaded
        self._patience = patience or Patience(first_s=4.0, between_s=3.0)
        self._pace = Pace()

    async def close(self) -> None:
        """The plugin and its connections are closed."""
        await self._loaded.close()

    async def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        """The sentence as speech, piece by piece as it comes. Raises ProviderError. Closing it ends the request."""
        words = spoken(sentence.text)
        if not words:
            return
        rate = self._loaded.get().sample_rate
        text = " ".join(word.text for word in words)
        sound = patiently(self._sound(text), self._patience, bool, self.name)
        speech = streamed(sound, rate, sentence.text, words, self._pace)
        if rate != self.rate:
            speech = at_rate(speech, self.rate)
        has_sound = False
        async with aclosing(sound), aclosing(speech):
            async for piece in speech:
                has_sound = True
                yield piece
        if not has_sound:
            raise ProviderError(f"{self.name} answered with no sound", provider=self.name)

    async def _sound(self, text: str) -> AsyncGenerator[bytes, None]:
        plugin = self._loaded.get()
        context = await self._loaded.context()
        # No repetition by the plugin: a sentence that broke off would be begun again.
        options = once(self._patience.first_s)
        with telling(self.name):
            stream: tts.SynthesizeStream | tts.ChunkedStream
            if plugin.capabilities.streaming:
                stream = asked = context.run(plugin.stream, conn_options=options)
                context.run(asked.push_text, text)
                context.run(asked.end_input)
            else:
                stream = context.run(plugin.synthesize, text, conn_options=options)
            seconds, is_whole = 0.0, False
            try:
                async for audio in stream:
                    samples = np.frombuffer(audio.frame.data, np.int16)
                    seconds += audio.frame.duration
                    yield samples[:: audio.frame.num_channels].tobytes()
                is_whole = True
            finally:
                if seconds:
                    bill(Used("voice", self.name, seconds, len(text), is_estimate=not is_whole))
                await stream.aclose()


# ---- language models -------------------------------------------------------------------------------------
class LiveKitModel:
    """A `LanguageModel` that is a plugin's LLM. The temperature is the plugin's own."""

    supplies_facts = True

    def __init__(self, loaded: Loaded[llm.LLM[str]], patience: Patience | None = None) -> None:
        self.name = loaded.name
        self._loaded = loaded
        self._patience = patience or Patience()

    async def close(self) -> None:
        """The plugin and its connections are closed."""
        await self._loaded.close()

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        """Text as it is written, and whole tool calls. Raises ProviderError. Closing it ends the request."""
        used: Usage | None = None
        has_begun = False
        chunks = patiently(self._chunks(messages, tools), self._patience, _is_news, self.name)
        async with aclosing(chunks):
            async for chunk in chunks:
                if chunk.usage is not None:
                    used = self._usage(chunk.usage)
                if chunk.delta is None:
                    continue
                if chunk.delta.content:
                    has_begun = True
                    yield chunk.delta.content
                for call in chunk.delta.tool_calls:
                    has_begun = True
                    yield ToolCall(call.call_id, call.name, call.arguments.strip() or "{}")
        if used is not None and (has_begun or used.tokens_out):
            yield used

    def _usage(self, told: llm.CompletionUsage) -> Usage:
        cached = max(told.prompt_cached_tokens, told.cache_read_tokens)
        stored = told.cache_creation_tokens
        return Usage(
            self.name, max(0, told.prompt_tokens - cached - stored), told.completion_tokens, cached, stored
        )

    async def _chunks(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[llm.ChatChunk, None]:
        plugin = self._loaded.get()
        context = await self._loaded.context()
        said, offered = _conversation(messages), [_tool(tool) for tool in tools]
        chat: Callable[..., llm.LLMStream] = plugin.chat
        with telling(self.name):
            stream = context.run(
                chat, chat_ctx=said, tools=offered or None, conn_options=once(self._patience.first_s)
            )
            try:
                async for chunk in stream:
                    yield chunk
            finally:
                await stream.aclose()


def _is_news(chunk: llm.ChatChunk) -> bool:
    return chunk.has_response()


def _conversation(messages: Sequence[Message]) -> llm.ChatContext:
    from livekit.agents import llm

    names = {call.id: call.name for message in messages for call in message.tool_calls}
    items: list[llm.ChatItem] = []
    for message in messages:
        if message.role == "tool":
            name = message.name or names.get(message.tool_call_id, "")
            items.append(
                llm.FunctionCallOutput(
                    call_id=message.tool_call_id, name=name, output=message.content, is_error=False
                )
            )
            continue
        if message.content:
            items.append(llm.ChatMessage(role=ROLES[message.role], content=[message.content]))
        group = message.tool_calls[0].id if message.tool_calls else None
        for call in message.tool_calls:
            items.append(
                llm.FunctionCall(call_id=call.id, name=call.name, arguments=call.arguments, group_id=group)
            )
    return llm.ChatContext(items)


def _tool(spec: ToolSpec) -> llm.Tool:
    from livekit.agents import llm

    async def unused(raw_arguments: dict[str, object]) -> None:
        """The session uses tools, not the plugin: this only carries the schema."""

    schema = {
        "name": spec.name,
        "description": spec.description,
        "parameters": json.loads(spec.parameters),
    }
    return llm.function_tool(unused, raw_schema=schema)
