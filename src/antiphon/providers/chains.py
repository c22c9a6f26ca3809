"""A hosted guardrail with the local one beside it, and the end of providers' connections."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Protocol, runtime_checkable

from antiphon.agent.guardrail import SELF_HARM, Allow, Block, Guardrail, Rewrite, Verdict
from antiphon.core.errors import ProviderError
from antiphon.providers.resilience import Breaker, BreakerPolicy, FirstOf, FirstRecognizer, FirstVoice

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
        elif inspect.iscoroutinefunction(close := getattr(provider, "close", None)):
            await close()


# ---- guardrails ------------------------------------------------------------------------------------------
class Backed:
    """A `Guardrail` of two: either may block; the local one alone decides while the hosted one is away.

    Where it decides alone, its failure is a failure of the check, so that nothing unchecked is spoken.
    """

    def __init__(self, hosted: Guardrail, local: Guardrail, wait_s: float) -> None:
        self._hosted = hosted
        self._local = local
        self._wait_s = wait_s
        self.breaker = Breaker(JUDGED_SLOWLY)

    async def close(self) -> None:
        """The hosted one's connections are closed."""
        await close_all(self._hosted)

    async def check_input(self, text: str) -> Verdict:
        """The stricter verdict on what a caller said. Raises what the local guardrail raises."""
        return await self._both(text, self._hosted.check_input, self._local.check_input)

    async def check_output(self, text: str) -> Verdict:
        """The stricter verdict on what the agent is about to say. Raises what the local guardrail raises."""
        return await self._both(text, self._hosted.check_output, self._local.check_output)

    async def _both(self, text: str, hosted: Check, local: Check) -> Verdict:
        # At the same time: the local one costs nothing while the other is being waited for.
        ours, theirs = await asyncio.gather(local(text), self._asked(hosted, text), return_exceptions=True)
        for verdict in (ours, theirs):
            if isinstance(verdict, BaseException):
                raise verdict
        assert not isinstance(ours, BaseException | None)
        assert not isinstance(theirs, BaseException)
        return ours if theirs is None else stricter(ours, theirs)

    async def _asked(self, check: Check, text: str) -> Verdict | None:
        """The hosted verdict; None when there is none in time."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        if not self.breaker.claim(started):
            return None
        try:
            async with asyncio.timeout(self._wait_s):
                verdict = await check(text)
        except (ProviderError, TimeoutError):
            self.breaker.failed(loop.time())
            return None
        except BaseException:  # cancelled, or a bug: it tells nothing about the provider
            self.breaker.abandoned()
            raise
        self.breaker.succeeded(loop.time(), loop.time() - started)
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
