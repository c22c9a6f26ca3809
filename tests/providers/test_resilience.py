"""What callers notice of a failing provider: nothing, as long as another one works. In virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.errors import ProviderError
from antiphon.ports import LanguageModel, Message, ToolCall, Usage
from antiphon.providers.resilience import (
    Attempt,
    Breaker,
    BreakerPolicy,
    FirstOf,
    Persistence,
    State,
    first_of,
)
from antiphon.testing.clock import run
from antiphon.testing.models import Script, ScriptedModel, Subject, check_language_model

DOWN = ProviderError("down", provider="a")
REFUSED = ProviderError("wrong key", retryable=False, provider="a")
HELLO = [Message("user", "hello")]


async def said(model: LanguageModel) -> str:
    return "".join([str(piece) async for piece in model.reply(HELLO) if not isinstance(piece, Usage)])


def now() -> float:
    return asyncio.get_running_loop().time()


def models(
    *replies: str | Script | ProviderError | Sequence[str | Script | ProviderError],
) -> list[ScriptedModel]:
    return [
        ScriptedModel([cue] if isinstance(cue, str | Script | ProviderError) else cue, name=name)
        for name, cue in zip("abc", replies, strict=False)
    ]


def test_the_first_model_answers_while_it_is_well() -> None:
    first, second = models("From a.", "From b.")
    assert run(said(first_of([first, second]))) == "From a."
    assert not second.asked


@pytest.mark.parametrize("failure", [DOWN, REFUSED])
def test_the_next_model_answers_at_once_when_the_first_fails(failure: ProviderError) -> None:
    async def story() -> tuple[str, float]:
        return await said(first_of(models(failure, "From b."))), now()

    assert run(story()) == ("From b.", 0.0)


def test_another_model_goes_on_where_one_breaks_off() -> None:
    first, second = models(Script(("Half of forty ", "is twen"), stops_after=1), "is twenty.")
    assert run(said(first_of([first, second]))) == "Half of forty is twenty."
    told = second.asked[0].messages
    assert told[-2] == Message("assistant", "Half of forty ")
    assert told[: len(HELLO)] == tuple(HELLO)


def test_a_model_that_has_called_a_tool_cannot_be_gone_on_with() -> None:
    first, second = models(Script((ToolCall("1", "book", "{}"), "Done."), stops_after=1), "From b.")
    with pytest.raises(ProviderError):
        run(said(first_of([first, second])))
    assert not second.asked


def test_a_model_that_falls_silent_in_mid_reply_is_gone_on_with() -> None:
    async def story() -> tuple[str, float]:
        first = ScriptedModel([Script(("One two. ", "Three."), piece_s=60)], name="a")
        return await said(first_of([first, ScriptedModel(["Three four."], name="b")])), now()

    assert run(story()) == ("One two. Three four.", 5.0)


def test_a_lone_model_is_asked_again_after_a_pause() -> None:
    async def story() -> tuple[str, float]:
        (model,) = models([DOWN, DOWN, "Here again."])
        return await said(first_of([model], seed=1)), now()

    text, took_s = run(story())
    assert text == "Here again."
    assert 0.5 < took_s < 1.0


def test_a_wrong_key_is_not_tried_twice() -> None:
    (model,) = models(REFUSED)
    with pytest.raises(ProviderError, match="wrong key"):
        run(said(first_of([model])))
    assert len(model.asked) == 1


def test_trying_ends_in_bounded_time() -> None:
    async def story() -> float:
        chain = first_of(models(DOWN, DOWN), persistence=Persistence(total_s=3), seed=1)
        with pytest.raises(ProviderError, match="down"):
            await said(chain)
        return now()

    assert run(story()) <= 3


def test_a_model_that_hangs_does_not_outlast_the_bound() -> None:
    async def story() -> float:
        chain = first_of([ScriptedModel(delay_first=60)], persistence=Persistence(total_s=3))
        with pytest.raises(ProviderError, match="while there was time"):
            await said(chain)
        return now()

    assert run(story()) == 3


def test_a_model_that_keeps_failing_is_left_alone_and_then_tried_once() -> None:
    first, second = models(DOWN, "From b.")
    chain = first_of([first, second], breaker=BreakerPolicy(at_least=4, rest_s=10))

    async def story() -> None:
        for _ in range(6):
            await said(chain)
        assert len(first.asked) == 4
        await asyncio.sleep(10)
        first.fail, before = None, len(first.asked)
        await asyncio.gather(*(said(chain) for _ in range(5)))
        assert len(first.asked) == before + 1
        await asyncio.sleep(19)
        await said(chain)
        assert len(first.asked) == before + 1, "the trial failed, so the rest is twice as long"

    run(story())


def test_a_model_that_is_well_again_is_asked_again() -> None:
    first, second = models([DOWN] * 4 + ["From a."], "From b.")
    chain = first_of([first, second], breaker=BreakerPolicy(at_least=4, rest_s=10))

    async def story() -> list[str]:
        heard = [await said(chain) for _ in range(5)]
        await asyncio.sleep(10)
        return heard + [await said(chain) for _ in range(2)]

    assert run(story()) == ["From b."] * 5 + ["From a."] * 2


def test_a_slow_model_is_left_alone_too() -> None:
    first, second = ScriptedModel(["From a."], delay_first=7, name="a"), ScriptedModel(["From b."], name="b")
    chain = first_of(
        [first, second],
        persistence=Persistence(total_s=10, attempt_s=10),
        breaker=BreakerPolicy(at_least=3, slow_s=6),
    )

    async def story() -> list[str]:
        return [await said(chain) for _ in range(4)]

    assert run(story()) == ["From a."] * 3 + ["From b."]


def test_a_caller_who_hangs_up_does_not_speak_against_the_model() -> None:
    model = ScriptedModel(delay_first=5)
    chain = cast(FirstOf, first_of([model], breaker=BreakerPolicy(at_least=1)))

    async def story() -> State:
        for _ in range(5):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(said(chain), 1)
        assert model.writing == 0
        return chain.chain.links[0].breaker.state(now())

    assert run(story()) is State.CLOSED


def test_closing_the_chain_closes_the_model() -> None:
    model = ScriptedModel(["One two three."], delay_piece=1)

    async def story() -> None:
        reply = first_of([model]).reply(HELLO)
        async with aclosing(cast("AsyncGenerator[object, None]", reply)):
            assert await anext(reply) == "One "
        assert model.writing == 0

    run(story())


def test_every_attempt_is_told() -> None:
    told: list[Attempt] = []
    run(said(first_of(models(DOWN, "From b."), told=told.append)))
    assert told == [Attempt("a", 0.0, DOWN), Attempt("b", 0.0)]


def test_the_chain_claims_facts_while_a_model_that_has_them_is_next() -> None:
    first = ScriptedModel([DOWN], name="a")
    second = ScriptedModel(name="b", supplies_facts=False)
    chain = first_of([first, second], breaker=BreakerPolicy(at_least=1))

    async def story() -> tuple[bool, bool]:
        before = chain.supplies_facts
        await said(chain)
        return before, chain.supplies_facts

    assert run(story()) == (True, False)


@given(st.lists(st.tuples(st.floats(0, 20), st.booleans()), max_size=60))
def test_a_breaker_never_closes_the_door_for_ever(story: list[tuple[float, bool]]) -> None:
    policy = BreakerPolicy(at_least=2, rest_s=5, longest_rest_s=40)
    breaker, at = Breaker(policy), 0.0
    for wait_s, is_well in story:
        at += wait_s
        if breaker.claim(at):
            assert not (breaker.state(at) is State.HALF_OPEN and breaker.admits(at)), "one trial at a time"
            if is_well:
                breaker.succeeded(at, 0.1)
                assert breaker.state(at) is not State.HALF_OPEN
            else:
                breaker.failed(at)
        else:
            assert breaker.state(at) is State.OPEN
    assert breaker.claim(at + policy.longest_rest_s)


def test_one_chain_over_one_model_keeps_the_contract() -> None:
    run(check_language_model(chained))


@asynccontextmanager
async def chained(cues: Callable[[str], Script]) -> AsyncIterator[Subject]:
    model = ScriptedModel(cues, name="scripted/chain")
    chain = first_of([model], persistence=Persistence(total_s=2), breaker=BreakerPolicy(at_least=1000))
    yield Subject(chain, lambda: model.writing, holds_back=True)
