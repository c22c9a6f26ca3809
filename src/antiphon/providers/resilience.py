"""Going on when a provider fails: the next one, once more after a pause, and no knocking at a dead door.

`first_of` does it for language models. `Fallback` is the same for anything that is asked for a stream.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Protocol, TypeVar

from antiphon.core.errors import ProviderError
from antiphon.ports import LanguageModel, Message, ToolCall, ToolSpec, Usage


class State(Enum):
    """Whether a provider is asked."""

    CLOSED = "closed"
    "It is asked: current flows."
    OPEN = "open"
    "It is left alone for a while."
    HALF_OPEN = "half open"
    "One request is let through to see whether it is well again."


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a provider is left alone, and for how long."""

    window: int = 10
    "Latest answers that are looked at."
    at_least: int = 4
    "Answers before it is judged: fewer say nothing."
    bad_share: float = 0.5
    "Share of failed or slow answers from which it is left alone."
    slow_s: float = 6.0
    "Seconds to the first piece from which an answer counts as bad: the caller has given up by then."
    rest_s: float = 10.0
    "Seconds it is left alone at first; twice as long after each trial that fails."
    longest_rest_s: float = 120.0
    "Bound of the above."


class Breaker:
    """Decides whether a provider is asked, from how its latest answers went. Knows no clock: `now` is given.

    Every call for which `claim` says yes ends in exactly one of `succeeded`, `failed`, `abandoned`.
    """

    def __init__(self, policy: BreakerPolicy | None = None) -> None:
        self._policy = policy or BreakerPolicy()
        self._bad: deque[bool] = deque(maxlen=self._policy.window)
        self._rest_s = self._policy.rest_s
        self._open_until: float | None = None
        self._is_trying = False

    def state(self, now: float) -> State:
        """What holds at `now`, seconds."""
        if self._open_until is None:
            return State.CLOSED
        return State.OPEN if now < self._open_until else State.HALF_OPEN

    def admits(self, now: float) -> bool:
        """Whether `claim` would say yes."""
        state = self.state(now)
        return state is State.CLOSED or (state is State.HALF_OPEN and not self._is_trying)

    def claim(self, now: float) -> bool:
        """True if a request may be made. While half open only one is under way at a time."""
        if not self.admits(now):
            return False
        self._is_trying = self.state(now) is State.HALF_OPEN
        return True

    def succeeded(self, now: float, took_s: float) -> None:
        """The first piece came `took_s` seconds after the request. A slow success counts as bad."""
        self._ended(now, is_bad=took_s >= self._policy.slow_s)

    def failed(self, now: float) -> None:
        """There was an error before the first piece."""
        self._ended(now, is_bad=True)

    def abandoned(self) -> None:
        """The request was given up by the one who made it, which says nothing about the provider."""
        self._is_trying = False

    def _ended(self, now: float, *, is_bad: bool) -> None:
        if self._open_until is not None:
            # Only the trial counts: what began before the rest and ends in it is old news.
            if not self._is_trying:
                return
            self._is_trying = False
            if is_bad:
                self._rest_s = min(2 * self._rest_s, self._policy.longest_rest_s)
                self._open_until = now + self._rest_s
            else:
                self._bad.clear()
                self._rest_s = self._policy.rest_s
                self._open_until = None
            return
        self._bad.append(is_bad)
        if len(self._bad) >= self._policy.at_least and sum(self._bad) >= self._policy.bad_share * len(
            self._bad
        ):
            self._open_until = now + self._rest_s


class Named(Protocol):
    """What can be told apart from its like."""

    @property
    def name(self) -> str:
        """vendor/model, as in the configuration."""
        ...


Provider = TypeVar("Provider", bound=Named)
Piece = TypeVar("Piece")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to one provider, up to its first piece."""

    provider: str
    took_s: float
    error: ProviderError | None = None
    "None when it went well."


@dataclass(frozen=True, slots=True)
class Persistence:
    """How long to go on trying."""

    total_s: float = 12.0
    "Seconds from the request to the first piece, over all providers and repetitions."
    pause_s: float = 0.25
    "Seconds between two rounds through the providers; twice as long after each, and varied by a quarter."


class Fallback(Generic[Provider]):
    """Asks providers in order of preference until one begins to answer. Shared by all sessions."""

    def __init__(
        self,
        providers: Sequence[Provider],
        *,
        persistence: Persistence | None = None,
        breaker: BreakerPolicy | None = None,
        told: Callable[[Attempt], None] | None = None,
        seed: int | None = None,
    ) -> None:
        """`told` learns of every attempt, for metrics and the journal. `seed` fixes how pauses vary."""
        if not providers:
            raise ValueError("a chain of providers has at least one")
        self.providers = tuple(providers)
        self.breakers = tuple(Breaker(breaker) for _ in providers)
        self._persistence = persistence or Persistence()
        self._told = told
        self._random = random.Random(seed)

    def next(self, now: float) -> Provider:
        """The provider that would be asked first at `now`."""
        for provider, breaker in zip(self.providers, self.breakers, strict=True):
            if breaker.admits(now):
                return provider
        return self.providers[0]

    async def pieces(self, ask: Callable[[Provider], AsyncIterator[Piece]]) -> AsyncGenerator[Piece, None]:
        """The stream of the first provider that begins one. Raises ProviderError when none does in time.

        Errors after the first piece are passed on: what was given out cannot be taken back. An empty stream
        is an answer. Who fails for good is not asked again; the others are, in rounds, as long as time is
        left. Safe to close and cancel: what was being asked is closed.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._persistence.total_s
        pause_s = self._persistence.pause_s
        worth_asking = set(range(len(self.providers)))
        error = ProviderError("every provider is left alone for a while after its failures")
        while True:
            for place in sorted(worth_asking):
                if not self.breakers[place].claim(loop.time()):
                    continue
                stream = ask(self.providers[place])
                try:
                    begun = await self._begin(stream, place, deadline)
                except ProviderError as failure:
                    error = failure
                    if not failure.retryable:
                        worth_asking.discard(place)
                    continue
                try:
                    for piece in begun:
                        yield piece
                        async for later in stream:
                            yield later
                finally:
                    if isinstance(stream, AsyncGenerator):
                        await stream.aclose()
                return
            wait_s = pause_s * self._random.uniform(0.75, 1.25)
            pause_s *= 2
            if not worth_asking or loop.time() + wait_s >= deadline:
                raise error
            await asyncio.sleep(wait_s)

    async def _begin(
        self, stream: AsyncIterator[Piece], place: int, deadline: float
    ) -> tuple[Piece] | tuple[()]:
        """The first piece, or nothing when the stream is empty. Raises ProviderError. The breaker is told."""
        loop = asyncio.get_running_loop()
        name, breaker, started = self.providers[place].name, self.breakers[place], loop.time()
        begun: tuple[Piece] | tuple[()] = ()
        error: ProviderError | None = None
        try:
            async with asyncio.timeout_at(deadline):
                begun = (await anext(stream),)
        except StopAsyncIteration:
            pass
        except TimeoutError:
            error = ProviderError(f"{name} said nothing while there was time", provider=name)
        except ProviderError as failure:
            error = failure
        except BaseException:  # cancelled, or a bug: it tells nothing about the provider
            breaker.abandoned()
            raise
        took_s = loop.time() - started
        if error is None:
            breaker.succeeded(loop.time(), took_s)
        else:
            breaker.failed(loop.time())
        if self._told is not None:
            self._told(Attempt(name, took_s, error))
        if error is not None:
            raise error
        return begun


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

    def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        """The reply of the first model that begins one. Raises ProviderError when none does in time."""
        return self.chain.pieces(lambda model: model.reply(messages, tools, temperature))


def first_of(
    models: Sequence[LanguageModel],
    *,
    persistence: Persistence | None = None,
    breaker: BreakerPolicy | None = None,
    told: Callable[[Attempt], None] | None = None,
    seed: int | None = None,
) -> LanguageModel:
    """A model that asks `models` in order of preference, each behind a breaker of its own.

    A failure before the first piece goes unnoticed as long as another model answers within the time that
    `persistence` gives; after the first piece it is passed on.
    """
    return FirstOf(Fallback(models, persistence=persistence, breaker=breaker, told=told, seed=seed))
