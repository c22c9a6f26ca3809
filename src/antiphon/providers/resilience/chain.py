"""Going on when a provider fails: the next one, once more after a pause, and on from where it broke off."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from antiphon.core.errors import ProviderError, SetupError
from antiphon.providers.resilience.breaker import Breaker, BreakerPolicy
from antiphon.providers.resilience.health import Attempt, Health, Record, Told
from antiphon.providers.resilience.hindrance import Hindrance
from antiphon.providers.resilience.limits import Allowance
from antiphon.providers.resilience.retry import Persistence

LAST_REST_S = 3.0
"Seconds the last provider of a chain is left alone: while it rests there is nothing but apologies."

Provider = TypeVar("Provider")
Piece = TypeVar("Piece")
Answer = TypeVar("Answer")
GoOn = Callable[[Provider, Sequence[Piece]], AsyncIterator[Piece] | None]
"Asks for what follows the pieces that were given out; None when that cannot be asked for."


class Named(Protocol):
    """What can be told apart from its like."""

    @property
    def name(self) -> str:
        """vendor/model, as in the configuration."""
        ...


class Link(Generic[Provider]):
    """One provider of a chain, with all that is kept about it."""

    def __init__(
        self, provider: Provider, kind: str, policy: BreakerPolicy | None, allowance: Allowance | None
    ) -> None:
        self.provider = provider
        self.name = name_of(provider)
        self.breaker = Breaker(policy)
        self.record = Record(kind, self.name)
        self._allowance = allowance
        self._not_before = 0.0
        "It asked to be left in peace until then, seconds of the loop."

    def health(self, now: float) -> Health:
        """How it has been doing."""
        return self.record.health(self.breaker.state(now).value)

    def wait_s(self, now: float, tokens: int = 0) -> float:
        """Seconds until it may be asked, by its own word and by its rate limit."""
        limited = self._allowance.wait_s(now, tokens) if self._allowance is not None else 0.0
        return max(limited, self._not_before - now, 0.0)

    def take(self, now: float, tokens: int = 0) -> None:
        """It is asked now."""
        if self._allowance is not None:
            self._allowance.take(now, tokens)

    def began(self, now: float, took_s: float) -> None:
        """Its first piece has come, or its answer was empty."""
        self.breaker.succeeded(now, took_s)
        self.record.note(took_s, None)

    def refused(self, now: float, took_s: float, error: ProviderError) -> None:
        """It failed before its first piece."""
        self.breaker.failed(now)
        self.record.note(took_s, error)
        self._not_before = max(self._not_before, now + error.after_s)


class Fallback(Generic[Provider]):
    """Asks providers in order of preference until one begins to answer. Shared by all sessions."""

    def __init__(
        self,
        providers: Sequence[Provider],
        *,
        kind: str = "model",
        persistence: Persistence | None = None,
        breaker: BreakerPolicy | None = None,
        limits: Sequence[Allowance | None] = (),
        told: Told | None = None,
        seed: int | None = None,
    ) -> None:
        """`told` learns of every attempt. `limits` go by place, and may be shared with other chains.

        `seed` fixes how pauses vary.
        """
        if not providers:
            raise ValueError("a chain of providers has at least one")
        policy = breaker or BreakerPolicy()
        policies = [*(policy for _ in providers[1:]), _of_last(policy)]
        padded = (*limits, *(None for _ in providers))
        self.links = tuple(
            Link(one, kind, policy, allowance)
            for one, policy, allowance in zip(providers, policies, padded, strict=False)
        )
        self._persistence = persistence or Persistence()
        self._told = told
        self._random = random.Random(seed)
        self.hindrance = Hindrance()
        "What somebody put in their way."

    @property
    def providers(self) -> tuple[Provider, ...]:
        return tuple(link.provider for link in self.links)

    def health(self, now: float) -> list[Health]:
        """How each of them has been doing."""
        return [link.health(now) for link in self.links]

    def next(self, now: float) -> Provider:
        """The provider that would be asked first at `now`."""
        for link in self.links:
            if link.breaker.admits(now) and not link.wait_s(now, 0):
                return link.provider
        return self.links[0].provider

    async def answer(self, ask: Callable[[Provider], Awaitable[Answer]], tokens: int = 0) -> Answer:
        """What the first provider that answers says. Raises ProviderError when none does in time."""

        async def alone(provider: Provider) -> AsyncGenerator[Answer, None]:
            yield await ask(provider)

        answers = self.pieces(alone, tokens=tokens)
        try:
            return await anext(answers)
        finally:
            await answers.aclose()

    async def pieces(
        self,
        ask: Callable[[Provider], AsyncIterator[Piece]],
        *,
        go_on: GoOn[Provider, Piece] | None = None,
        tokens: int = 0,
    ) -> AsyncGenerator[Piece, None]:
        """The stream of the first provider that begins one. Raises ProviderError when none does in time.

        A stream that breaks off after its first piece is gone on with by the next provider where `go_on` can
        ask for the rest; else the error is passed on. An empty stream is an answer if nobody is left to ask in
        the round. Who fails for good is not asked again; the others are, in rounds, as long as time is left.
        Safe to close and cancel: what was being asked is closed.
        """
        clock, persistence = asyncio.get_running_loop().time, self._persistence
        begun = clock()
        deadline = begun + persistence.total_s
        worth_asking = dict.fromkeys(range(len(self.links)))
        given: list[Piece] = []
        seams = rounds = 0
        failed: set[int] = set()
        error = ProviderError("every provider rests after its failures, or is at its limit")
        while True:
            places = list(worth_asking)
            for place in places:
                link, is_last = self.links[place], place == places[-1]
                if not await self._is_free(link, tokens, deadline) or not link.breaker.claim(clock()):
                    continue
                link.take(clock(), tokens)
                link.record.retries += place in failed
                link.record.seams += bool(given)
                stream = _opened(link, ask, go_on, given)
                if stream is None:
                    link.breaker.abandoned()
                    raise error
                before = len(given)
                by = deadline if is_last else min(deadline, clock() + persistence.attempt_s)
                try:
                    async with aclosing(self._tried(link, stream, by)) as tried:
                        async for piece in tried:
                            given.append(piece)
                            yield piece
                except ProviderError as failure:
                    error = failure
                    failed.add(place)
                    link.record.fallbacks += not is_last
                    if not failure.retryable:
                        worth_asking.pop(place, None)
                    if len(given) > before:
                        seams += 1
                        if go_on is None or seams > persistence.most_seams:
                            raise
                        begun = clock()
                        deadline = begun + persistence.total_s
                    continue
                if given or is_last:
                    return
                error = ProviderError(f"{link.name} answered with nothing", provider=link.name)
            now = clock()
            waits = [self.links[place].wait_s(now, tokens) for place in worth_asking]
            pause_s = max(persistence.pause(rounds, self._random), min(waits, default=0.0))
            rounds += 1
            if not waits or now + pause_s >= min(deadline, begun + persistence.retry_s):
                raise error
            await asyncio.sleep(pause_s)

    async def _is_free(self, link: Link[Provider], tokens: int, deadline: float) -> bool:
        """The provider may be asked, perhaps after a wait so short that nobody minds it."""
        clock = asyncio.get_running_loop().time
        if not link.breaker.admits(clock()):
            return False
        wait_s = link.wait_s(clock(), tokens)
        if wait_s > self._persistence.queue_s or clock() + wait_s >= deadline:
            link.record.limited += 1
            return False
        if wait_s:
            await asyncio.sleep(wait_s)
        return True

    async def _tried(
        self, link: Link[Provider], stream: AsyncIterator[Piece], begin_by: float
    ) -> AsyncGenerator[Piece, None]:
        """The stream, each piece in time. Raises ProviderError whatever the provider raised. It is closed then."""
        clock = asyncio.get_running_loop().time
        started, by, has_begun = clock(), begin_by, False
        try:
            while True:
                try:
                    async with asyncio.timeout_at(by):
                        if not has_begun and not await self.hindrance.pass_by():
                            raise ProviderError(f"{link.name} was made to fail", provider=link.name)
                        piece = await anext(stream)
                except StopAsyncIteration:
                    if not has_begun:
                        self._began(link, started)
                    return
                except Exception as raised:  # a provider is foreign code: the next one is asked
                    error = _as_provider_error(raised, link.name, has_begun)
                    if has_begun:
                        link.record.failed(error)
                    else:
                        link.refused(clock(), clock() - started, error)
                        self._tell(link, started, error)
                    raise error from raised
                except BaseException:  # cancelled: it tells nothing about the provider
                    if not has_begun:
                        link.breaker.abandoned()
                    raise
                if not has_begun:
                    has_begun = True
                    self._began(link, started)
                yield piece
                by = clock() + self._persistence.between_s
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()

    def _began(self, link: Link[Provider], started: float) -> None:
        now = asyncio.get_running_loop().time()
        link.began(now, now - started)
        self._tell(link, started, None)

    def _tell(self, link: Link[Provider], started: float, error: ProviderError | None) -> None:
        if self._told is not None:
            self._told(Attempt(link.name, asyncio.get_running_loop().time() - started, error))


def _opened(
    link: Link[Provider],
    ask: Callable[[Provider], AsyncIterator[Piece]],
    go_on: GoOn[Provider, Piece] | None,
    given: Sequence[Piece],
) -> AsyncIterator[Piece] | None:
    """The stream that is to follow what was given; one that raises where the provider does not even begin."""
    try:
        return go_on(link.provider, given) if given and go_on is not None else ask(link.provider)
    except Exception as error:  # noqa: BLE001 - a provider is foreign code: the next one is asked
        return _raising(error)


async def _raising(error: Exception) -> AsyncGenerator[Piece, None]:
    nothing: tuple[Piece, ...] = ()
    for piece in nothing:
        yield piece
    raise error


def _of_last(policy: BreakerPolicy) -> BreakerPolicy:
    """Nobody stands behind the last one: slow it is still better than none, and it is soon asked again."""
    return replace(
        policy,
        slow_s=math.inf,
        rest_s=min(policy.rest_s, LAST_REST_S),
        longest_rest_s=min(policy.longest_rest_s, LAST_REST_S),
    )


def chain_of(provider: object) -> Fallback[object] | None:
    """The chain that a provider is made of, whatever caches lie around it; None for a single one."""
    while (inner := getattr(provider, "inner", None)) is not None:
        provider = inner
    found = getattr(provider, "chain", None)
    return found if isinstance(found, Fallback) else None


def name_of(provider: object) -> str:
    """Its name, or its kind where it has none."""
    name = getattr(provider, "name", "")
    return str(name) or type(provider).__name__.lower()


def _as_provider_error(raised: Exception, name: str, has_begun: bool) -> ProviderError:
    if isinstance(raised, ProviderError):
        return raised
    if isinstance(raised, TimeoutError):
        told = "fell silent in the middle" if has_begun else "said nothing while there was time"
        return ProviderError(f"{name} {told}", provider=name)
    is_for_good = isinstance(raised, SetupError)
    return ProviderError(
        f"{name} failed: {type(raised).__name__}: {raised}", retryable=not is_for_good, provider=name
    )
