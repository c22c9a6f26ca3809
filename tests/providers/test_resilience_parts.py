"""The parts that keep a call going: seams, limits, pauses, shared calls, caches. In virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.agent.guardrail import Gate
from antiphon.core.audio import Pcm
from antiphon.core.errors import ProviderError, SetupError
from antiphon.core.speech import Approved, Speech
from antiphon.ports import Message
from antiphon.providers.resilience import (
    Allowance,
    BreakerPolicy,
    CachedVoice,
    Fallback,
    Kept,
    Persistence,
    RateLimit,
    Seam,
    Shared,
    Shelf,
    allowances,
    first_of,
    first_recognizer,
    first_voice,
    healths,
    retry_after,
)
from antiphon.providers.resilience.health import Health, without_secrets
from antiphon.testing.clock import run
from antiphon.testing.models import ScriptedModel
from antiphon.testing.scripted import ScriptedRecognizer
from antiphon.testing.voices import ScriptedSynthesizer, check_synthesizer, words_in

HELLO = [Message("user", "hello")]
vouch = Gate.vouch


async def said(model: object, messages: list[Message] = HELLO) -> str:
    return "".join([str(piece) async for piece in model.reply(messages)])  # type: ignore[attr-defined]


# ---- seams -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("Twenty. It is half ", "of forty.", "Twenty. It is half of forty."),
        ("Twenty. It is half", " of forty.", "Twenty. It is half of forty."),
        ("Twenty. It is half", "of forty.", "Twenty. It is half of forty."),
        ("Twenty. It is half", "Twenty. It is half of forty.", "Twenty. It is half of forty."),
        ("Twenty. It is half", "It is half of forty.", "Twenty. It is half of forty."),
        ("It is twen", "twenty, of course.", "It is twenty, of course."),
        ("It is twen", "It is twenty.", "It is twenty."),
        ("Twenty. It is half", "Twenty. The half of forty.", "Twenty. It is half — The half of forty."),
        ("Twenty. It is", "The half of forty is twenty.", "Twenty. It is — The half of forty is twenty."),
        ("Twenty.", "Twenty. It is half of forty.", "Twenty. It is half of forty."),
        ("Twenty. ", "Half of forty.", "Twenty. Half of forty."),
        ("Twenty. Half of forty.", "Half of forty. Ask me more.", "Twenty. Half of forty. Ask me more."),
        ("Twenty. Half of forty.", "Twenty. Half of forty.", "Twenty. Half of forty."),
    ],
)
def test_two_halves_are_joined_and_nothing_is_said_twice(before: str, after: str, whole: str) -> None:
    for size in (1, 3, 100):
        seam = Seam(before)
        new = [seam.push(after[at : at + size]) for at in range(0, len(after), size)]
        joined = before + "".join(new) + seam.flush()
        assert " ".join(joined.split()) == whole, size


@given(st.lists(st.sampled_from(["One two.", "Three.", "Four five six.", "Seven!"]), unique=True, min_size=1))
def test_a_model_that_begins_again_repeats_no_sentence(sentences: list[str]) -> None:
    whole = " ".join(sentences)
    for cut in range(1, len(whole)):
        seam = Seam(whole[:cut])
        joined = whole[:cut] + seam.push(whole) + seam.flush()
        assert "".join(joined.split()) == "".join(whole.split()), cut


# ---- limits and pauses -----------------------------------------------------------------------------------
def test_a_minute_s_requests_are_spread_over_the_minute() -> None:
    allowance = Allowance(RateLimit(requests_a_minute=60, burst_s=2))
    assert [allowance.wait_s(0.0), allowance.take(0.0), allowance.take(0.0)][0] == 0.0
    assert allowance.wait_s(0.0) == 1.0
    assert allowance.wait_s(1.0) == 0.0


def test_tokens_count_too() -> None:
    allowance = Allowance(RateLimit(tokens_a_minute=6000, burst_s=10))
    allowance.take(0.0, 900)
    assert allowance.wait_s(0.0, 100) == 0.0
    assert allowance.wait_s(0.0, 300) == pytest.approx(2.0)


def test_limits_are_read_from_a_setting() -> None:
    found = allowances("openai/gpt-4.1-mini=60/6000, openai/tts-1=6,")
    assert list(found) == ["openai/gpt-4.1-mini", "openai/tts-1"]
    mini, voice = found.values()
    mini.take(0.0, 900)
    assert mini.wait_s(0.0, 1000) == pytest.approx(9.0)
    voice.take(0.0, 10**6)
    assert voice.wait_s(0.0) == pytest.approx(10.0)
    assert voice.wait_s(-5.0) == pytest.approx(10.0), "a clock that stands further back fills nothing"
    for wrong in ("openai/tts-1", "=5", "a=-1", "a=5/x", "a=inf", "a=nan"):
        with pytest.raises(SetupError, match="ANTIPHON_PROVIDER_LIMITS"):
            allowances(wrong)


def test_a_provider_at_its_limit_is_waited_for_briefly_and_else_passed_over() -> None:
    async def story() -> tuple[list[str], int]:
        one, two = ScriptedModel(["From a."], name="a"), ScriptedModel(["From b."], name="b")
        model = first_of([one, two], limits=[Allowance(RateLimit(requests_a_minute=30, burst_s=2))])
        heard = [await said(model) for _ in range(2)]
        await asyncio.sleep(1.8)  # 0.2 s before the next one is allowed
        heard.append(await said(model))
        told = healths([model], 0.0)[0]
        assert isinstance(told, Health)
        return heard, told.limited

    assert run(story()) == (["From a.", "From b.", "From a."], 1)


def test_who_asks_to_be_left_alone_is_left_alone() -> None:
    async def story() -> tuple[str, float, int]:
        busy = ProviderError("429", after_s=3.0)
        one = ScriptedModel([busy, "From a."], name="a")
        text = await said(first_of([one]))
        return text, asyncio.get_running_loop().time(), len(one.asked)

    text, at, asked = run(story())
    assert (text, asked) == ("From a.", 2)
    assert 3.0 <= at < 3.5


def test_a_wait_longer_than_speech_is_of_use_is_not_begun() -> None:
    async def story() -> float:
        with pytest.raises(ProviderError, match="429"):
            await said(first_of([ScriptedModel([ProviderError("429", after_s=60.0)])]))
        return asyncio.get_running_loop().time()

    assert run(story()) == 0.0


def test_what_a_server_asks_for_is_read_as_seconds_or_as_a_date() -> None:
    assert retry_after("2.5", 0) == 2.5
    assert retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 20) == 40
    assert retry_after("Thu, 01 Jan 1970 00:00:00 GMT", 20) == 0
    assert retry_after("soon", 0) is None
    assert retry_after("nan", 0) is None


def test_a_model_that_answers_with_nothing_is_passed_over() -> None:
    assert (
        run(said(first_of([ScriptedModel([""], name="a"), ScriptedModel(["From b."], name="b")])))
        == "From b."
    )


def test_what_a_provider_raises_unexpectedly_is_a_failure_like_any_other() -> None:
    class Odd(ScriptedModel):
        def reply(self, *_: object) -> AsyncIterator[str]:  # type: ignore[override]
            raise KeyError("choices")

    assert run(said(first_of([Odd(name="a"), ScriptedModel(["From b."], name="b")]))) == "From b."


# ---- equal requests --------------------------------------------------------------------------------------
class Making:
    """Something that takes a second, and tells how often it was begun."""

    times = 0

    async def __call__(self) -> int:
        self.times += 1
        await asyncio.sleep(1)
        return self.times


def test_equal_requests_under_way_are_made_once() -> None:
    async def story() -> tuple[list[int], int]:
        calls: Shared[str, int] = Shared()
        making = Making()
        return await asyncio.gather(*(calls.call("a", making) for _ in range(3))), making.times

    assert run(story()) == ([1, 1, 1], 1)


def test_who_waits_takes_over_from_who_gives_up() -> None:
    async def story() -> tuple[int, int]:
        calls: Shared[str, int] = Shared()
        making = Making()
        first = asyncio.ensure_future(calls.call("a", making))
        await asyncio.sleep(0.5)
        second = asyncio.ensure_future(calls.call("a", making))
        await asyncio.sleep(0)
        first.cancel()
        return await second, making.times

    assert run(story()) == (2, 2)


def test_a_failure_is_everybody_s() -> None:
    async def story() -> list[object]:
        calls: Shared[str, int] = Shared()

        async def make() -> int:
            await asyncio.sleep(1)
            raise ProviderError("down")

        return await asyncio.gather(*(calls.call("a", make) for _ in range(2)), return_exceptions=True)

    assert [str(error) for error in run(story())] == ["down", "down"]


# ---- speech ----------------------------------------------------------------------------------------------
async def sound(voice: object, text: str) -> Pcm:
    pieces = [piece async for piece in voice.speak(vouch(text))]  # type: ignore[attr-defined]
    return Pcm(b"".join(piece.pcm.data for piece in pieces), pieces[0].pcm.rate)


def test_a_sentence_is_made_once(tmp_path: Path) -> None:
    async def story() -> int:
        inner = ScriptedSynthesizer()
        voice = CachedVoice(inner)
        first, second = await asyncio.gather(sound(voice, "Good day."), sound(voice, "Good day."))
        assert first == second == await sound(voice, "Good day.")
        return len(inner.asked)

    assert run(story()) == 1


def test_a_listener_goes_on_making_what_another_gave_up() -> None:
    async def story() -> tuple[int, list[str]]:
        inner = ScriptedSynthesizer(delay=1)
        voice = CachedVoice(inner)

        async def leave() -> None:
            async with aclosing(voice.speak(vouch("One two three."))) as pieces:
                await anext(pieces)

        leaving = asyncio.ensure_future(leave())
        await asyncio.sleep(0.5)
        heard = await sound(voice, "One two three.")
        await leaving
        return words_in(heard), inner.asked

    assert run(story()) == (3, ["One two three."] * 2)


def test_personal_details_are_never_kept() -> None:
    async def story() -> tuple[int, object]:
        inner = ScriptedSynthesizer()
        voice = CachedVoice(inner)
        for _ in range(2):
            await sound(voice, "Your number is 0171 5550 123, call sam@example.com.")
        return len(inner.asked), voice.health(0.0)[-1]

    asked, told = run(story())
    assert asked == 2
    assert (told.entries, told.refused) == (0, 2)  # type: ignore[attr-defined]


def test_speech_outlives_the_process_on_its_shelf(tmp_path: Path) -> None:
    speech = tuple(run(_pieces("Good day to you.")))
    shelf = Shelf(tmp_path / "voice")
    assert shelf.get("k") is None
    shelf.put("k", speech)
    assert Shelf(tmp_path / "voice").get("k") == speech
    file = tmp_path / "voice" / "k.speech"
    file.write_bytes(file.read_bytes()[:-3])
    assert shelf.get("k") is None


def test_the_shelf_holds_only_so_much(tmp_path: Path) -> None:
    speech = tuple(run(_pieces("Good day.")))
    shelf = Shelf(tmp_path, capacity=3 * sum(len(p.pcm.data) for p in speech))
    for name in "abcdef":
        shelf.put(name, speech)
    assert len(list(tmp_path.glob("*.speech"))) == 2


async def _pieces(text: str) -> list[Speech]:
    return [piece async for piece in ScriptedSynthesizer().speak(vouch(text))]


def test_what_was_longest_unused_is_forgotten() -> None:
    kept: Kept[str] = Kept(40)
    for text in "abcd":
        kept.put(text, text, 10)
    assert kept.get("a")
    kept.put("e", "e", 10)
    assert (kept.get("a"), kept.get("b"), kept.size) == ("a", None, 40)
    kept.put("huge", "huge", 11)
    assert kept.get("huge") is None


class Breaking(ScriptedSynthesizer):
    """Breaks off after two words."""

    async def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        pieces = 0
        async for piece in super().speak(sentence, voice):
            if pieces == 2:
                raise ProviderError("the line is cut")
            pieces += 1
            yield piece


@pytest.mark.parametrize("rate", [24_000, 16_000])
def test_another_voice_speaks_on_from_the_last_whole_word(rate: int) -> None:
    async def story() -> list[Speech]:
        voice = first_voice([Breaking(), ScriptedSynthesizer(rate=rate)])
        return [piece async for piece in voice.speak(vouch("One two three four."))]

    pieces = run(story())
    marks = [mark for piece in pieces for mark in piece.marks]
    assert [mark.chars for mark in marks] == [3, 7, 13, 19]
    assert [mark.at for mark in marks] == sorted({mark.at for mark in marks})
    heard = Pcm(b"".join(piece.pcm.data for piece in pieces), 24_000)
    assert heard.seconds == pytest.approx(0.05 * (4 + 4 + 6 + 6), abs=0.06)


def test_a_chain_of_voices_keeps_the_laws_of_a_voice() -> None:
    asyncio.run(
        check_synthesizer(lambda: CachedVoice(first_voice([ScriptedSynthesizer(seconds_per_char=0.02)])))
    )


def test_another_recognizer_is_given_the_whole_utterance() -> None:
    async def story() -> tuple[str, float]:
        broken = ScriptedRecognizer([ProviderError("down")])
        well = ScriptedRecognizer(["Good day."])
        recognition = first_recognizer([broken, well]).open()
        for _ in range(3):
            recognition.push(Pcm(bytes(3200), 16_000))
        heard = await recognition.settle()
        await recognition.close()
        assert well.opened[0].is_closed
        return heard.text, well.opened[0].seconds

    assert run(story()) == ("Good day.", pytest.approx(0.3))


# ---- what is told ----------------------------------------------------------------------------------------
def test_health_tells_state_rates_and_the_last_error_without_its_secrets() -> None:
    async def story() -> list[object]:
        key = ProviderError("401 for key sk-proj-abcdef1234567890 at https://me:pw@host/v1")
        chain = Fallback(
            [ScriptedModel([key], name="a"), ScriptedModel(["Hi."], name="b", delay_first=0.5)],
            breaker=BreakerPolicy(at_least=2),
            persistence=Persistence(),
        )
        for _ in range(3):
            async for _ in chain.pieces(lambda model: model.reply(HELLO)):
                pass
        return list(chain.health(asyncio.get_running_loop().time()))

    first, second = run(story())
    assert isinstance(first, Health)
    assert isinstance(second, Health)
    assert (first.state, first.requests, first.failures, first.fallbacks) == ("open", 2, 2, 2)
    assert first.error_rate == 1.0
    assert "sk-proj" not in first.last_error
    assert "pw" not in first.last_error
    assert (second.state, second.error_rate, second.p95_s) == ("closed", 0.0, 0.5)


def test_secrets_are_recognized_by_their_looks() -> None:
    told = without_secrets("Bearer eyJhbGciOiJIUzI1NiJ9.x failed; api_key=abc123; model gpt-4.1-mini is busy")
    assert "eyJ" not in told
    assert "abc123" not in told
    assert "gpt-4.1-mini is busy" in told
