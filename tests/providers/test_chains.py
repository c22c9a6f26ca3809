"""What the settings make of names, and guardrails that stand in for one another."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Mapping, Sequence

import pytest
from pydantic import SecretStr

from antiphon.agent.definition import Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Block, Verdict
from antiphon.agent.routing import Route
from antiphon.config import Settings
from antiphon.core.audio import Pcm
from antiphon.core.errors import SetupError
from antiphon.core.events import Role
from antiphon.core.transcript import Line
from antiphon.hosts.models import access, guarded, language_model, specialist_models
from antiphon.ports import BILLS, Usage, Used
from antiphon.providers import registry
from antiphon.providers.anthropic import AnthropicChat
from antiphon.providers.chains import Backed
from antiphon.providers.model_routing import SecondOpinion
from antiphon.providers.openai_moderation import OpenAIModeration
from antiphon.providers.openai_speech import OpenAIRecognizer, OpenAIVoice
from antiphon.providers.resilience import (
    Allowance,
    CacheHealth,
    CommonAnswers,
    FirstOf,
    FirstVoice,
    Health,
    RateLimit,
    first_of,
)
from antiphon.testing.clock import run
from antiphon.testing.fake_providers import FakeAnthropic
from antiphon.testing.fake_speech import FakeOpenAISpeech, Trouble
from antiphon.testing.models import Script, ScriptedModel

RATE = 16_000
SPEECH = Pcm(array("h", [8000, -8000] * RATE).tobytes(), RATE)


class Allowing:
    """A guardrail that lets everything pass."""

    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Allow()


# ---- names -----------------------------------------------------------------------------------------------
KEY = registry.Access(openai_key="key", anthropic_key="key")


def test_names_with_commas_are_a_chain() -> None:
    one, several = registry.recognizer("openai/a", KEY), registry.recognizer("openai/a, openai/b", KEY)
    assert isinstance(one, OpenAIRecognizer)
    assert [one.name for one in several.chain.providers] == ["openai/a", "openai/b"]  # type: ignore[attr-defined]
    voices = registry.synthesizer("openai/a,openai/b", access=KEY)
    assert isinstance(voices, FirstVoice)
    assert [voice.name for voice in voices.chain.providers] == ["openai/a", "openai/b"]


def test_the_settings_choose_server_and_voice() -> None:
    access = registry.Access(
        openai_url="http://localhost:1/v1", speech_url="http://localhost:2/v1", voice="coral"
    )
    voice = registry.synthesizer("openai/tts-1", access=access)
    assert isinstance(voice, OpenAIVoice)
    assert voice.voice == "coral"
    assert "localhost:2" in voice.address
    no_speech = registry.synthesizer(
        "openai/tts-1", access=registry.Access(openai_url="http://localhost:1/v1")
    )
    assert isinstance(no_speech, OpenAIVoice)
    assert "localhost:1" in no_speech.address


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: registry.recognizer("nobody/x"), "ANTIPHON_STT"),
        (lambda: registry.recognizer("openai"), "ANTIPHON_STT"),
        (lambda: registry.synthesizer("local/nobody"), "ANTIPHON_TTS"),
        (lambda: registry.synthesizer(" , "), "ANTIPHON_TTS"),
        (lambda: registry.language_model(["nobody/x"], KEY), "ANTIPHON_LLM"),
        (lambda: registry.guardrail("nobody/x", Allowing(), KEY, 1.0), "ANTIPHON_MODERATION"),
        (lambda: registry.synthesizer("openai/tts-1"), "OPENAI_API_KEY"),
    ],
)
def test_a_name_that_means_nothing_says_what_to_set(ask: object, says: str) -> None:
    assert callable(ask)
    with pytest.raises(SetupError, match=says):
        ask()


def test_moderation_is_there_when_openai_is_paid_and_not_otherwise() -> None:
    def moderator(**given: str) -> str:
        return Settings(_env_file=None, **given).moderator  # type: ignore[call-arg, arg-type]

    assert moderator() == "local"
    assert moderator(openai_api_key="key") == "openai/omni-moderation-latest"
    assert moderator(openai_api_key="key", llm_base_url="http://localhost:1") == "local"
    assert moderator(openai_api_key="key", moderation="local") == "local"
    assert moderator(moderation="openai/other", openai_api_key="key") == "openai/other"
    local = Allowing()
    assert guarded(Settings(moderation="local"), local) is local
    assert isinstance(guarded(Settings(openai_api_key="key"), local), Backed)  # type: ignore[arg-type]


def test_limits_and_common_answers_reach_the_models_they_are_for() -> None:
    key = SecretStr("key")
    settings = Settings(
        llm="openai/a,openai/b", openai_api_key=key, provider_limits="openai/b=60", keep_answers=60
    )
    model = language_model(settings)
    assert isinstance(model, CommonAnswers)
    assert model.name == "openai/a,openai/b"
    assert isinstance(model.inner, FirstOf)
    first, second = model.inner.chain.links
    for _ in range(11):
        second.take(0.0)
    assert first.wait_s(0.0) == 0.0 < second.wait_s(0.0)
    again = language_model(settings)
    assert isinstance(again, CommonAnswers) and isinstance(again.inner, FirstOf)
    assert again.inner.chain.links[1].wait_s(0.0) == second.wait_s(0.0), "the vendor counts them together"
    assert isinstance(language_model(Settings(llm="openai/a", openai_api_key=key)), FirstOf)
    limited = access(Settings(openai_api_key=key, provider_limits="openai/a=1"))
    assert isinstance(registry.synthesizer("openai/a", access=limited), FirstVoice), "a chain keeps the limit"


def test_a_specialist_may_have_a_model_of_its_own() -> None:
    settings = Settings(
        llm="openai/general",
        openai_history_model="historian",
        anthropic_math_model="counter",
        specialist_models="english=openai/writer, math=openai/solver",
        openai_api_key="key",  # type: ignore[arg-type]
        anthropic_api_key="key",  # type: ignore[arg-type]
    )
    assert {name: model.name for name, model in specialist_models(settings).items()} == {
        "history": "openai/historian,openai/general",
        "math": "openai/solver,openai/general",
        "english": "openai/writer,openai/general",
    }
    assert specialist_models(Settings(llm="none", openai_history_model="historian")) == {}


# ---- a hosted guardrail beside the local one -------------------------------------------------------------
def rude(text: str) -> Mapping[str, float]:
    return {"harassment": 0.8} if "stupid" in text else {}


def test_callers_who_say_the_same_at_the_same_time_are_judged_once() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech(judge=rude, troubles=(Trouble(first_s=0.2),)) as server:
            moderation = OpenAIModeration("some-model", "key", server.base_url)
            both = Backed(moderation, Allowing(), 1.0)
            checks = [both.check_input("You are stupid") for _ in range(5)]
            assert all(isinstance(verdict, Block) for verdict in await asyncio.gather(*checks))
            assert len(server.asked) == 1
            asked, shared = both.health(0.0)
            assert isinstance(asked, Health) and isinstance(shared, CacheHealth)
            assert (asked.kind, asked.name, asked.requests) == ("moderation", "openai/some-model", 1)
            assert shared.shared == 4
            await both.close()

    asyncio.run(story())


def test_a_moderation_at_its_limit_is_not_asked() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech(judge=rude) as server:
            moderation = OpenAIModeration("some-model", "key", server.base_url)
            both = Backed(moderation, Allowing(), 1.0, Allowance(RateLimit(requests_a_minute=1)))
            assert isinstance(await both.check_input("You are stupid"), Block)
            assert isinstance(await both.check_input("You are stupid"), Allow)
            assert len(server.asked) == 1
            await both.close()

    asyncio.run(story())


# ---- who should answer -----------------------------------------------------------------------------------
class Unsure:
    """A router that gives what it is told to."""

    def __init__(self, confidence: float) -> None:
        self._confidence = confidence

    async def route(self, conversation: Sequence[Line], utterance: str) -> Route:
        return Route("math", self._confidence, "by sound")


async def _nothing(question: Question) -> Grounding:
    return Grounding()


SPECIALISTS = (Specialist("math", "Numbers.", _nothing), Specialist("history", "The past.", _nothing))


@pytest.mark.parametrize(
    ("confidence", "says", "answers"),
    [
        (0.9, Script(("history",)), "math"),
        (0.4, Script(("It is for ", "History.")), "history"),
        (0.4, Script(("Nobody.",)), "math"),
        (0.4, Script(status=500), "math"),
        (0.4, Script(("history",), first_s=60), "math"),
    ],
)
def test_a_model_is_asked_only_where_the_router_is_unsure(
    confidence: float, says: Script, answers: str
) -> None:
    async def story() -> None:
        model = ScriptedModel([says])
        router = SecondOpinion(Unsure(confidence), model, SPECIALISTS)
        route = await router.route([Line(Role.USER, "When was it?")], "And how many years ago?")
        assert route.specialist == answers
        assert len(model.asked) == (confidence < 0.6)
        assert asyncio.get_running_loop().time() < 2.0

    run(story())


def test_a_second_opinion_is_paid_for() -> None:
    async def story() -> list[Used | Usage]:
        told: list[Used | Usage] = []
        BILLS.set(told.append)
        async with FakeAnthropic(["History."]) as server:
            model = AnthropicChat("claude-haiku-5-5", "key", server.base_url)
            router = SecondOpinion(Unsure(0.3), first_of([model]), SPECIALISTS)
            assert (await router.route([], "And then?")).specialist == "history"
            assert [one.requests for one in router.health(0.0) if isinstance(one, Health)] == [1]
            await router.close()
        return told

    told = asyncio.run(story())
    assert sum(one.tokens_out for one in told if isinstance(one, Usage)) > 0
