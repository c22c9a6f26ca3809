"""What every hosted provider must do when its server fails, and what every guardrail must keep.

The other ports' checks are in `conformance`, `models` and `voices`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from antiphon.agent.guardrail import Allow, Block, Guardrail, Rewrite
from antiphon.core.errors import ProviderError
from antiphon.testing.fake_speech import FakeOpenAISpeech, Trouble

PATIENCE_S = 1.0
"Seconds of silence after which a provider that is checked has to give up."

_TROUBLES = {
    "too many requests": (Trouble(status=429, after_s=7.0), True),
    "out of order": (Trouble(status=500), True),
    "overloaded": (Trouble(status=503), True),
    "a wrong key": (Trouble(status=401), False),
    "a wrong name": (Trouble(status=404), False),
    "a cut connection": (Trouble(stop="cut"), True),
    "nonsense": (Trouble(stop="garbage"), True),
    "silence in the middle": (Trouble(stop="hang"), True),
    "silence": (Trouble(first_s=3600), True),
}


async def check_failing(server: FakeOpenAISpeech, ask: Callable[[], Awaitable[object]]) -> None:
    """Whatever goes wrong at the server becomes a ProviderError in time, and the next request is well again.

    `ask` makes one request, and gives up after PATIENCE_S. Raises AssertionError.
    """
    await _well(ask, "a request without trouble is answered")
    for what, (trouble, is_retryable) in _TROUBLES.items():
        server.troubles.append(trouble)
        error = await _error(ask, what)
        assert error.retryable is is_retryable, f"{what} is {'' if is_retryable else 'not '}worth repeating"
        assert error.provider, f"an error names its provider ({what})"
        assert error.after_s == trouble.after_s, f"when it may be repeated is passed on ({what})"
        await _quiet(server, f"nothing is left under way after {what}")
        await _well(ask, f"the request after {what} is answered")
    server.troubles.append(Trouble(first_s=3600))
    asked = asyncio.ensure_future(ask())
    await asyncio.sleep(0.05)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    await _quiet(server, "cancelling ends the request")
    await _well(ask, "the request after one that was cancelled is answered")
    connections = server.connections
    await _well(ask, "the next one too")
    assert server.connections == connections, "requests share a connection"


async def _error(ask: Callable[[], Awaitable[object]], what: str) -> ProviderError:
    try:
        async with asyncio.timeout(4 * PATIENCE_S):
            await ask()
    except ProviderError as error:
        return error
    except TimeoutError:
        raise AssertionError(f"{what} is waited for too long") from None
    raise AssertionError(f"{what} is raised as a ProviderError")


async def _well(ask: Callable[[], Awaitable[object]], clause: str) -> None:
    """Tried again on a machine that is too busy to answer itself in time."""
    for _ in range(5):
        try:
            assert await ask() is not None, clause
        except ProviderError:
            continue
        return
    raise AssertionError(clause)


async def _quiet(server: FakeOpenAISpeech, clause: str) -> None:
    for _ in range(100):
        if server.writing == 0:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(clause)


async def check_guardrail(
    make: Callable[[], Guardrail], safe: Sequence[str], unsafe: Sequence[tuple[str, str]]
) -> None:
    """Safe lines pass on both sides, unsafe ones are blocked for the category given with them.

    Verdicts are the same alone and together, confidences lie in 0…1, and blank text is no reason to refuse.
    """
    guardrail = make()
    for text in (*safe, "", "  ", "…"):
        for check in (guardrail.check_input, guardrail.check_output):
            verdict = await check(text)
            assert not isinstance(verdict, Block), f"{text!r} was blocked: {verdict}"
    for text, category in unsafe:
        verdict = await guardrail.check_input(text)
        assert isinstance(verdict, Block), f"{text!r} was let pass: {verdict}"
        assert category in verdict.categories, f"{text!r} was blocked as {verdict.categories}"
    texts = [*safe, *(text for text, _ in unsafe)]
    alone = [await guardrail.check_output(text) for text in texts]
    together = await asyncio.gather(*(guardrail.check_output(text) for text in texts))
    for text, one, other in zip(texts, alone, together, strict=True):
        assert isinstance(one, Allow | Rewrite | Block), f"a verdict is one of three, not {one!r}"
        assert 0.0 <= one.confidence <= 1.0, f"the confidence of {text!r} lies outside 0…1"
        assert type(one) is type(other), f"{text!r} is judged otherwise in company"
