"""Answers that are the same for everybody, given again instead of asked for again."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict

from antiphon.ports import PUBLIC, LanguageModel, Message, ToolCall, ToolSpec, Usage
from antiphon.providers.resilience.caches import Kept, is_personal
from antiphon.providers.resilience.health import CacheHealth, Health, healths


class CommonAnswers:
    """A `LanguageModel` that gives answers again which are the same for everybody. To be asked for, never the default.

    An answer is kept only if its system message is named PUBLIC, if the caller has said nothing before the
    question, if no tools are offered, and if neither the messages nor the answer hold personal details. It is
    forgotten after `keep_s`. The usage that is told has the address of what was kept or was given again.
    """

    def __init__(self, model: LanguageModel, *, keep_s: float, capacity: int = 1024 * 1024) -> None:
        """`capacity`: bytes of answers."""
        self.name = model.name
        self.inner = model
        self._keep_s = keep_s
        self._kept: Kept[tuple[float, str, str]] = Kept(capacity)
        self._hits = self._misses = self._refused = 0

    @property
    def supplies_facts(self) -> bool:
        """As the model."""
        return self.inner.supplies_facts

    def health(self, now: float) -> Sequence[Health | CacheHealth]:
        """How the model has been doing, and what the cache has brought."""
        kept = self._kept
        own = CacheHealth("answers", self._hits, self._misses, 0, self._refused, len(kept), kept.size)
        return [*healths([self.inner], now), own]

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        """As `LanguageModel.reply`."""
        now = asyncio.get_running_loop().time
        may_keep = _is_common(messages, tools)
        self._refused += not may_keep
        key = _answer_key(self.name, messages, temperature) if may_keep else ""
        if may_keep and (found := self._kept.get(key)) is not None:
            kept_at, answer, by = found
            if now() - kept_at < self._keep_s:
                self._hits += 1
                yield answer
                yield Usage(by, cache_key=key, is_from_cache=True)
                return
            self._kept.drop(key)
        self._misses += may_keep
        said: list[str] = []
        by = self.name.partition(",")[0]
        async with aclosing(self.inner.reply(messages, tools, temperature)) as pieces:
            async for piece in pieces:
                may_keep = may_keep and not isinstance(piece, ToolCall)
                if isinstance(piece, str):
                    said.append(piece)
                elif isinstance(piece, Usage):
                    by = piece.model
                yield piece
        answer = "".join(said)
        if may_keep and answer.strip() and not is_personal(answer):
            self._kept.put(key, (now(), answer, by), len(answer.encode()))
            yield Usage(by, cache_key=key)


def _is_common(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> bool:
    system, *before, question = messages if len(messages) > 1 else (*messages, Message("", ""))
    return (
        not tools
        and (system.role, system.name) == ("system", PUBLIC)
        and all(message.role == "assistant" and not message.tool_calls for message in before)
        and question.role == "user"
        and not any(is_personal(message.content) for message in messages)
    )


def _answer_key(name: str, messages: Sequence[Message], temperature: float) -> str:
    told = [name, temperature, *(asdict(message) for message in messages)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
