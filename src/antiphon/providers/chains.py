"""A hosted guardrail with the local one beside it, and the end of providers' connections."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, runtime_checkable

from antiphon.agent.guardrail import SELF_HARM, Allow, Block, Guardrail, Rewrite, Verdict
from antiphon.core.errors import ProviderError
from antiphon.ports import Used, bill
from antiphon.providers.resilience import (
    Allowance,
    BreakerPolicy,
    CachedVoice,
    CacheHealth,
    CommonAnswers,
    FirstOf,
    FirstRecognizer,
    FirstVoice,
    Health,
    Link,
    Shared,
)

Check = Callable[[str], Awaitable[Verdict]]

JUDGED_SLOWLY = BreakerPolicy(slow_s=60.0)
"What is late was given up before: it has failed, and there is no slow success."


@runtime_checkable
class Warmable(Protocol):
    """What runs on this machine and is slow the first time."""

    async def warm_up(self) -> None:
        """It is loaded and has been used once."""
        ...


async def close_all(*providers: object) -> None:
    """The connections that these keep, and those they are made of, are closed. Not what runs on this machine."""
    for provider in providers:
        if isinstance(provider, FirstOf | FirstVoice | FirstRecognizer):
            await close_all(*provider.chain.providers)
        elif isinstance(provider, CachedVoice | CommonAnswers):
            await close_all(provider.inner)
        elif inspect.iscoroutinefunction(close := getattr(provider, "close", None)):
            await close()


# ---- guardrails ------------------------------------------------------------------------------------------
class Backed:
    """A `Guardrail` of two: either may block; the local one alone decides while the hosted one is away.

    Where it decides alone, its failure is a failure of the check, so that nothing unchecked is spoken.
    """

    def __init__(
        self, hosted: Guardrail, local: Guardrail, wait_s: float, allowance: Allowance | None = None
    ) -> None:
        """The hosted one has `wait_s`; what `allowance` does not admit, it is not asked."""
        self._hosted = hosted
        self._local = local
        self._wait_s = wait_s
        self._link = Link(hosted, "moderation", JUDGED_SLOWLY, allowance)
        self._calls: Shared[tuple[str, str], Verdict | None] = Shared()

    def health(self, now: float) -> Sequence[Health | CacheHealth]:
        """How the hosted one has been doing, and how many requests were shared."""
        asked = self._link.health(now)
        return [asked, CacheHealth("moderation", 0, asked.requests, self._calls.shared, 0, 0, 0)]

    async def close(self) -> None:
        """The hosted one's connections are closed."""
        await close_all(self._hosted)

    async def check_input(self, text: str) -> Verdict:
        """The stricter verdict on what a caller said. Raises what the local guardrail raises."""
        return await self._both("input", text, self._hosted.check_input, self._local.check_input)

    async def check_output(self, text: str) -> Verdict:
        """The stricter verdict on what the agent is about to say. Raises what the local guardrail raises."""
        return await self._both("output", text, self._hosted.check_output, self._local.check_output)

    async def _both(self, side: str, text: str, hosted: Check, local: Check) -> Verdict:
        # Callers who say the same at the same time share one request.
        asked = self._calls.call((side, text), lambda: self._asked(hosted, text))
        # At the same time: the local one costs nothing while the other is being waited for.
        ours, theirs = await asyncio.gather(local(text), asked, return_exceptions=True)
        for verdict in (ours, theirs):
            if isinstance(verdict, BaseException):
                raise verdict
        assert not isinstance(ours, BaseException | None)
        assert not isinstance(theirs, BaseException)
        return ours if theirs is None else stricter(ours, theirs)

    async def _asked(self, check: Check, text: str) -> Verdict | None:
        """The hosted verdict; None when there is none in time."""
        loop, link = asyncio.get_running_loop(), self._link
        started = loop.time()
        if link.wait_s(started):
            link.record.limited += 1
            return None
        if not link.breaker.claim(started):
            return None
        link.take(started)
        try:
            async with asyncio.timeout(self._wait_s):
                verdict = await check(text)
        except (ProviderError, TimeoutError) as error:
            late = ProviderError(f"{link.name} did not answer in {self._wait_s:g} s", provider=link.name)
            told = error if isinstance(error, ProviderError) else late
            link.refused(loop.time(), loop.time() - started, told)
            return None
        except BaseException:  # cancelled, or a bug: it tells nothing about the provider
            link.breaker.abandoned()
            raise
        link.began(loop.time(), loop.time() - started)
        bill(Used("moderation", link.name))
        return verdict


def stricter(one: Verdict, other: Verdict) -> Verdict:
    """The stricter of two verdicts on the same text; `one` where they are equally strict.

    Two blocks make one with the categories of both, self-harm first: it calls for a person.
    """
    match one, other:
        case Block(), Block():
            both = dict.fromkeys(one.categories + other.categories)
            categories = tuple(sorted(both, key=lambda category: category != SELF_HARM))
            confidence = max(one.confidence, other.confidence)
            return Block(categories, confidence, f"{one.reason}; {other.reason}")
        case Block(), _:
            return one
        case _, Block():
            return other
        case Allow(), Rewrite():
            return other
        case _:
            return one
