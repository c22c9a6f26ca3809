"""Several language models as one: the first that works answers, and another goes on where one breaks off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

from antiphon.core.errors import ProviderError
from antiphon.ports import LanguageModel, Message, ToolCall, ToolSpec, Usage
from antiphon.providers.resilience.breaker import BreakerPolicy
from antiphon.providers.resilience.chain import Fallback
from antiphon.providers.resilience.health import Health, Told
from antiphon.providers.resilience.limits import Allowance
from antiphon.providers.resilience.retry import Persistence
from antiphon.providers.resilience.seam import seamless

Piece = str | ToolCall | Usage

GO_ON = (
    "You were cut off while you spoke, and what you said so far was heard. Go on with exactly the word that comes "
    "next. Repeat nothing, greet nobody, and do not mention this."
)
LONGEST_REPLY = 6000
"Letters of one reply, six minutes of speech; a model that writes more is stopped."
LETTERS_PER_TOKEN = 4
"Of English, about: what a request weighs against a rate limit."
ANSWER_TOKENS = 150
"Likewise, what its answer will."


class FirstOf:
    """A `LanguageModel` that is the first of several that works. Made by `first_of`."""

    def __init__(self, chain: Fallback[LanguageModel]) -> None:
        self.name = ",".join(model.name for model in chain.providers)
        self.chain = chain

    @property
    def supplies_facts(self) -> bool:
        """Whether the model that would be asked now does.

        When that one then fails, another answers in its place: chain models of one kind where it matters.
        """
        return self.chain.next(asyncio.get_running_loop().time()).supplies_facts

    def health(self, now: float) -> Sequence[Health]:
        """How each of the models has been doing."""
        return self.chain.health(now)

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[Piece, None]:
        """The reply of the first model that begins one. Raises ProviderError when none does in time.

        Where a model breaks off another is told what was said and goes on; what it repeats is left out. A tool
        call cannot be gone on with. No reply is longer than LONGEST_REPLY.
        """

        def ask(model: LanguageModel) -> AsyncIterator[Piece]:
            return _texts(model.reply(messages, tools, temperature), model.name)

        def go_on(model: LanguageModel, given: Sequence[Piece]) -> AsyncIterator[Piece] | None:
            if any(isinstance(piece, ToolCall) for piece in given):
                return None
            said = "".join(piece for piece in given if isinstance(piece, str))
            if not said.strip():
                return ask(model)
            asked = (*messages, Message("assistant", said), Message("user", GO_ON))
            return seamless(said, _texts(model.reply(asked, tools, temperature), model.name))

        letters = 0
        weight = sum(len(message.content) for message in messages) // LETTERS_PER_TOKEN + ANSWER_TOKENS
        async with aclosing(self.chain.pieces(ask, go_on=go_on, tokens=weight)) as pieces:
            async for piece in pieces:
                if isinstance(piece, str):
                    piece, letters = piece[: LONGEST_REPLY - letters], letters + len(piece)
                yield piece
                if letters >= LONGEST_REPLY:
                    return


async def _texts(pieces: AsyncGenerator[Piece, None], name: str) -> AsyncGenerator[Piece, None]:
    """The pieces. Raises ProviderError at one that is none."""
    async with aclosing(pieces):
        async for piece in pieces:
            if not isinstance(piece, str | ToolCall | Usage):
                raise ProviderError(f"{name} answered with a {type(piece).__name__}", provider=name)
            yield piece


def first_of(
    models: Sequence[LanguageModel],
    *,
    persistence: Persistence | None = None,
    breaker: BreakerPolicy | None = None,
    limits: Sequence[Allowance | None] = (),
    told: Told | None = None,
    seed: int | None = None,
) -> LanguageModel:
    """A model that asks `models` in order of preference, each behind a breaker and a rate limit of its own.

    A failure goes unnoticed as long as another model answers within the time that `persistence` gives.
    """
    chain = Fallback(
        models, kind="model", persistence=persistence, breaker=breaker, limits=limits, told=told, seed=seed
    )
    return FirstOf(chain)
