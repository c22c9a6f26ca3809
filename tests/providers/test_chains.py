"""Ears and voices that stand in for one another, and what the settings make of names."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Sequence

import pytest

from antiphon.agent.definition import Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Verdict
from antiphon.agent.routing import Route
from antiphon.config import Settings
from antiphon.core.audio import Pcm
from antiphon.core.errors import ProviderError, SetupError
from antiphon.core.events import Role
from antiphon.core.speech import Approved, Speech
from antiphon.core.transcript import Line
from antiphon.hosts.models import guarded, specialist_models
from antiphon.ports import Heard
from antiphon.providers import registry
from antiphon.providers.chains import Backed, Ears, FirstVoice, Voice, first_ears, first_voice, resampled
from antiphon.providers.model_routing import SecondOpinion
from antiphon.providers.openai_speech import OpenAIRecognizer, OpenAIVoice
from antiphon.providers.resilience import Persistence
from antiphon.testing.clock import run
from antiphon.testing.conformance import check_recognizer
from antiphon.testing.fake_speech import FakeOpenAISpeech, Trouble
from antiphon.testing.models import Script, ScriptedModel
from antiphon.testing.scripted import ScriptedRecognizer
from antiphon.testing.voices import ScriptedSynthesizer, check_synthesizer, words_in

RATE = 16_000
SPEECH = Pcm(array("h", [8000, -8000] * RATE).tobytes(), RATE)


class Allowing:
    """A guardrail that lets everything pass."""

    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Allow()


GONE = ProviderError("it is gone", provider="scripted")
HASTY = Persistence(total_s=0.2)


async def say(voice: object, text: str) -> list[Speech]:
    assert isinstance(voice, FirstVoice)
    return [piece async for piece in voice.speak(Approved(text))]


def whole(pieces: Sequence[Speech]) -> Pcm:
    sound = pieces[0].pcm
    for piece in pieces[1:]:
        sound += piece.pcm
    return sound


class Breaking(ScriptedSynthesizer):
    """Breaks off after so many words of every sentence."""

    def __init__(self, after: int, rate: int = 24_000) -> None:
        super().__init__(rate=rate)
        self._after = after

    async def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        words = 0
        async for piece in super().speak(sentence, voice):
            if words == self._after:
                raise GONE
            words += 1
            yield piece


# ---- ears ------------------------------------------------------------------------------------------------
def test_the_next_recognizer_hears_the_utterance_from_its_beginning() -> None:
    async def story() -> None:
        first, second = ScriptedRecognizer([GONE]), ScriptedRecognizer(["Good morning."])
        utterance = first_ears([Ears("a", first), Ears("b", second)]).open()
        utterance.push(SPEECH.between(0, RATE))
        utterance.push(SPEECH.between(RATE, 2 * RATE))
        assert await utterance.settle() == Heard("Good morning.")
        assert bytes(second.opened[0].sound) == SPEECH.data
        await utterance.close()
        assert first.opened[0].is_closed
        assert second.opened[0].is_closed

    run(story())


def test_only_the_recognizer_that_is_asked_gets_the_sound() -> None:
    async def story() -> None:
        first, second = ScriptedRecognizer(["Hello."]), ScriptedRecognizer(["Good morning."])
        utterance = first_ears([Ears("a", first), Ears("b", second)]).open()
        utterance.push(SPEECH)
        assert (await utterance.settle()).text == "Hello."
        assert not second.opened

    run(story())


def test_a_recognizer_that_fails_often_is_left_alone() -> None:
    async def story() -> None:
        first, second = ScriptedRecognizer([GONE]), ScriptedRecognizer(["Good morning."])
        ears = first_ears([Ears("a", first), Ears("b", second)])
        for _ in range(6):
            utterance = ears.open()
            utterance.push(SPEECH)
            assert (await utterance.settle()).text == "Good morning."
            assert await utterance.partial() == Heard("Good morning.")
            await utterance.close()
        assert len(first.opened) == 4

    run(story())


def test_when_no_recognizer_makes_it_out_that_is_told_in_time() -> None:
    async def story() -> None:
        ears = first_ears([Ears("a", ScriptedRecognizer([GONE]))] * 2, persistence=HASTY)
        utterance = ears.open()
        utterance.push(SPEECH)
        assert await utterance.partial() is None
        with pytest.raises(ProviderError):
            await utterance.settle()
        assert asyncio.get_running_loop().time() < 1.0

    run(story())


def test_a_chain_of_recognizers_keeps_the_contract() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech(troubles=(Trouble(status=500),)) as server, FakeOpenAISpeech() as spare:
            one = OpenAIRecognizer("some-model", "key", server.base_url)
            other = OpenAIRecognizer("some-model", "key", spare.base_url)
            ears = first_ears([Ears("one", one), Ears("other", other)])
            await check_recognizer(lambda: ears, SPEECH, ["one", "two", "three", "four", "five"])
            assert len(spare.asked) == 1
            await one.close()
            await other.close()

    asyncio.run(story())


def test_recognizers_that_take_other_rates_do_not_stand_in_for_one_another() -> None:
    with pytest.raises(SetupError, match="8000 Hz"):
        first_ears([Ears("a", ScriptedRecognizer()), Ears("b", ScriptedRecognizer(rate=8000))])


# ---- voices ----------------------------------------------------------------------------------------------
def test_another_voice_takes_over_before_the_first_sound() -> None:
    async def story() -> None:
        silent, second = ScriptedSynthesizer(failures=1), ScriptedSynthesizer()
        voice = first_voice([Voice("a", silent), Voice("b", second)])
        assert words_in(whole(await say(voice, "Good morning everyone."))) == 3
        assert second.asked == ["Good morning everyone."]
        assert words_in(whole(await say(voice, "Hello."))) == 1
        assert silent.asked == ["Good morning everyone.", "Hello."]
        assert second.asked == ["Good morning everyone."]

    run(story())


def test_no_sentence_is_spoken_twice() -> None:
    async def story() -> None:
        second = ScriptedSynthesizer()
        voice = first_voice([Voice("a", Breaking(after=2)), Voice("b", second)])
        heard: list[Speech] = []

        async def listen() -> None:
            async for piece in voice.speak(Approved("Good morning to everyone.")):
                heard.append(piece)

        with pytest.raises(ProviderError):
            await listen()
        assert words_in(whole(heard)) == 2
        assert not second.asked
        assert await say(voice, "Hello there.")

    run(story())


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 44_100, 48_000])
def test_a_voice_of_another_rate_is_brought_to_that_of_the_first(rate: int) -> None:
    async def story() -> None:
        voice = first_voice(
            [Voice("a", ScriptedSynthesizer(failures=10_000)), Voice("b", ScriptedSynthesizer(rate=rate))]
        )
        assert voice.rate == 24_000
        text = "Good morning, everyone who listens."
        found = await say(voice, text)
        there = [piece async for piece in ScriptedSynthesizer().speak(Approved(text))]
        marks, expected = ([mark for piece in said for mark in piece.marks] for said in (found, there))
        assert [mark.chars for mark in marks] == [mark.chars for mark in expected]
        assert all(abs(a.at - b.at) < 24 for a, b in zip(marks, expected, strict=True))
        assert abs(len(whole(found)) - len(whole(there))) < 48

    run(story())


class Converted(ScriptedSynthesizer):
    """A voice of 22,050 Hz, heard at 16,000."""

    def __init__(self) -> None:
        super().__init__(rate=22_050)
        self.rate = 16_000
        self._voice = ScriptedSynthesizer(rate=22_050)

    def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        return resampled(self._voice.speak(sentence, voice), 22_050, 16_000)


def test_resampled_speech_keeps_the_laws() -> None:
    asyncio.run(check_synthesizer(Converted))


def test_a_chain_of_voices_keeps_the_laws() -> None:
    voices = [Voice("a", ScriptedSynthesizer(failures=3)), Voice("b", ScriptedSynthesizer(rate=16_000))]
    asyncio.run(check_synthesizer(lambda: first_voice(voices)))


# ---- names -----------------------------------------------------------------------------------------------
KEY = registry.Access(openai_key="key", anthropic_key="key")


def test_names_with_commas_are_a_chain() -> None:
    one, several = registry.recognizer("openai/a", KEY), registry.recognizer("openai/a, openai/b", KEY)
    assert isinstance(one, OpenAIRecognizer)
    assert [ears.name for ears in several.chain.providers] == ["openai/a", "openai/b"]  # type: ignore[attr-defined]
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
        (lambda: registry.encoder("nobody/x", KEY, dimensions=3), "embedding"),
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
