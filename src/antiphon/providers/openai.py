"""OpenAI's chat models, and every server that speaks the same protocol."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from antiphon.ports import Message, ToolCall, ToolSpec, Usage
from antiphon.providers.chat_wire import ChatWire
from antiphon.providers.hosted import Patience


class OpenAIChat:
    """A `LanguageModel` behind chat completions. One for the whole process: sessions share its connections.

    With `base_url` it speaks to any compatible server, for instance Ollama at http://localhost:11434/v1.
    """

    def __init__(
        self,
        model: str,
        api_key: str = "",
        base_url: str | None = None,
        *,
        name: str = "",
        supplies_facts: bool = True,
        patience: Patience | None = None,
        options: Mapping[str, object] | None = None,
    ) -> None:
        """`options` go into every request as they are, such as `max_completion_tokens` or `reasoning_effort`.

        Raises SetupError without the openai package, or without a key where OpenAI itself is asked.
        """
        self.name = name or f"openai/{model}"
        self.supplies_facts = supplies_facts
        self._wire = ChatWire(
            model,
            base_url,
            api_key=api_key,
            provider=self.name,
            extra="openai",
            patience=patience or Patience(),
            options=options or {},
        )

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        """Text as it is written, then whole tool calls. Raises ProviderError. Closing it ends the request.

        A model that takes no temperature is found out by its first refusal and not given one again.
        """
        pieces = self._wire.reply(messages, tools, temperature)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        """Every connection is closed; replies under way fail."""
        await self._wire.close()
