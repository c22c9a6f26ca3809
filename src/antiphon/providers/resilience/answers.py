"""Answers that are the same for everybody, given again instead of asked for again."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass

from antiphon.ports import LanguageModel, Message, ToolCall, ToolSpec, Usage
from antiphon.providers.resilience.caches import Kept, is_personal
from antiphon.providers.resilience.health import CacheHealth, Health, healths

PUBLIC = "public"
"The name of a system message that holds nothing of any one caller: see CommonAnswers."


@dataclass(frozen=True, slots=True)
class AnswerKept:
    """For the audit: an answer was kept, or given again. Tells no words."""

    model: str
    key: str
    is_hit: bool


class CommonAnswers:
    """A `LanguageModel` that gives answers again which are the same for everybody. To be asked for, never the default.

    An answer is kept only if its system message is named PUBLIC (whoever makes the request vouches that no tool was
    used and that nothing in it belongs to one caller), if the question is the first of its conversation, offers no
    tools, and if neither the messages nor the answer hold personal details. It is forgotten after `keep_s`.
    """

    def __init__(
        self,
        model: LanguageModel,
        audit: Callable[[AnswerKept], None],
        *,
        capacity: int = 1024 * 1024,
        keep_s: float = 3600.0,
    ) -> None:
        self.name = model.name
        self._model = model
        self._audit = audit
        self._keep_s = keep_s
        self._kept: Kept[tuple[float, str]] = Kept(capacity)
        self._hits = self._misses = self._refused = 0

    @property
    def supplies_facts(self) -> bool:
        """As the model."""
        return self._model.supplies_facts

    def health(self, now: float) -> Sequence[Health | CacheHealth]:
        """How the model has been doing, and what the cache has brought."""
        kept = self._kept
        own = CacheHealth("answers", self._hits, self._misses, 0, self._refused, len(kept), kept.size)
        return [*healths([self._model], now), own]

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        """As `LanguageModel.reply`."""
        now = asyncio.get_running_loop().time
        may_keep = _is_common(messages, tools)
        self._refused += not may_keep
        key = _answer_key(self.name, messages, temperature) if may_keep else ""
        if may_keep and (found := self._kept.get(key)) is not None:
            if now() - found[0] < self._keep_s:
                self._hits += 1
                self._audit(AnswerKept(self.name, key, is_hit=True))
                yield found[1]
                return
            self._kept.drop(key)
        self._misses += may_keep
        said: list[str] = []
        async with aclosing(self._model.reply(messages, tools, temperature)) as pieces:
            async for piece in pieces:
                may_keep = may_keep and not isinstance(piece, ToolCall)
                if isinstance(piece, str):
                    said.append(piece)
                yield piece
        answer = "".join(said)
        if may_keep and answer.strip() and not is_personal(answer):
            self._kept.put(key, (now(), answer), len(answer.encode()))
            self._audit(AnswerKept(self.name, key, is_hit=False))


def _is_common(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> bool:
    roles = [message.role for message in messages]
    return (
        not tools
        and roles == ["system", "user"]
        and messages[0].name == PUBLIC
        and not any(is_personal(message.content) for message in messages)
    )


def _answer_key(name: str, messages: Sequence[Message], temperature: float) -> str:
    told = [name, temperature, *(asdict(message) for message in messages)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
