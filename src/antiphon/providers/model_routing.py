"""A second opinion on who should answer, from a language model, where the classifier on this machine is unsure."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing

from antiphon.agent.definition import Specialist
from antiphon.agent.routing import Route, Router
from antiphon.core.errors import ProviderError
from antiphon.core.events import Role
from antiphon.core.transcript import Line
from antiphon.ports import LanguageModel, Message, Usage, bill
from antiphon.providers.chains import close_all
from antiphon.providers.resilience.health import CacheHealth, Health, healths

UNSURE_BELOW = 0.6
"Confidence of a route below which the model is asked."
WITHIN_S = 1.2
"Seconds it has: the caller waits meanwhile, and the first opinion is at hand."
CONFIDENCE = 0.8
"How sure a model's choice counts: it does not say."
LINES = 6
"Of the conversation that it sees."
LETTERS = 300
"Of a specialist's instructions that it sees."


class SecondOpinion:
    """A `Router` that asks `model` about what `first` is unsure of. When it fails or is late, `first` stands."""

    def __init__(
        self,
        first: Router,
        model: LanguageModel,
        specialists: Sequence[Specialist],
        *,
        unsure_below: float = UNSURE_BELOW,
        within_s: float = WITHIN_S,
    ) -> None:
        self._first = first
        self._model = model
        self._names = {specialist.name.lower(): specialist.name for specialist in specialists}
        self._unsure_below = unsure_below
        self._within_s = within_s
        fields = "\n".join(f"{s.name}: {s.instructions[:LETTERS]}" for s in specialists)
        self._task = (
            "Several specialists share a telephone line. Say which of them should answer what the caller says "
            f"last. Reply with the name alone.\n\n{fields}"
        )

    def health(self, now: float) -> Sequence[Health | CacheHealth]:
        """How the model has been doing."""
        return healths([self._model], now)

    async def close(self) -> None:
        """The model's connections are closed."""
        await close_all(self._model)

    async def route(self, conversation: Sequence[Line], utterance: str) -> Route:
        """The route for `utterance`. Raises what `first` raises. Safe to cancel."""
        route = await self._first.route(conversation, utterance)
        if route.confidence >= self._unsure_below:
            return route
        try:
            async with asyncio.timeout(self._within_s):
                said = await self._ask(conversation, utterance)
        except (ProviderError, TimeoutError):
            return route
        found = next(
            (name for word in re.findall(r"[\w-]+", said.lower()) if (name := self._names.get(word))), ""
        )
        if not found:
            return route
        return Route(found, CONFIDENCE, f"{self._model.name} chose; before: {route.reason}")

    async def _ask(self, conversation: Sequence[Line], utterance: str) -> str:
        messages = [Message("system", self._task)]
        for line in conversation[-LINES:]:
            messages.append(Message("user" if line.role is Role.USER else "assistant", line.text))
        messages.append(Message("user", utterance))
        async with aclosing(self._model.reply(messages, temperature=0.0)) as pieces:
            said = ""
            async for piece in pieces:
                if isinstance(piece, str):
                    said += piece
                elif isinstance(piece, Usage):
                    bill(piece)
            return said
