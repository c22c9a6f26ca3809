"""Plugins of LiveKit Agents behind our ports: scripted ones, run by the framework's own base classes."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
from livekit.agents import APIConnectionError, APIStatusError, APITimeoutError

from antiphon.core.audio import Pcm, silence
from antiphon.core.errors import ProviderError, SetupError
from antiphon.core.speech import Approved, Speech
from antiphon.ports import Message, ToolCall, ToolSpec, Usage
from antiphon.providers import registry
from antiphon.providers.hosted import Patience
from antiphon.providers.livekit_ears import LiveKitRecognizer
from antiphon.providers.livekit_loading import Loaded
from antiphon.providers.livekit_plugins import LiveKitModel, LiveKitVoice
from antiphon.testing import fake_livekit
from antiphon.testing.conformance import check_recognizer
from antiphon.testing.models import PATIENCE_S, Script, Subject, check_language_model
from antiphon.testing.voices import check_synthesizer

pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")

NAME = "antiphon.testing.fake_livekit"
RATE = 16_000
SPEECH = Pcm(array("h", ([8000] * 16 + [-8000] * 16) * 1000).tobytes(), RATE)
PATIENT = Patience(PATIENCE_S, PATIENCE_S)
Found = TypeVar("Found")
both = pytest.mark.parametrize("kind", ["streaming", "whole"])


def lived(story: Coroutine[None, None, Found]) -> Found:
    """What the story comes to; no connection, task or exception of it is left behind."""

    async def watched() -> Found:
        forgotten: list[dict[str, object]] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, what: forgotten.append(what))
        found = await story
        await asyncio.sleep(0.05)
        assert asyncio.all_tasks() == {asyncio.current_task()}, "a task was left running"
        gc.collect()
        assert not forgotten, forgotten
        return found

    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        found = asyncio.run(watched())
        gc.collect()
    return found


def ears(kind: str) -> tuple[LiveKitRecognizer, fake_livekit.STT]:
    loaded: Loaded[fake_livekit.STT] = Loaded(f"{NAME}/{kind}", "STT", {})
    plugin = loaded.get()
    assert isinstance(plugin, fake_livekit.STT)
    return LiveKitRecognizer(loaded, settle_s=PATIENCE_S), plugin


def voice(kind: str) -> tuple[LiveKitVoice, fake_livekit.TTS]:
    loaded: Loaded[fake_livekit.TTS] = Loaded(f"{NAME}/{kind}", "TTS", {})
    plugin = loaded.get()
    assert isinstance(plugin, fake_livekit.TTS)
    return LiveKitVoice(loaded, PATIENT), plugin


def model() -> tuple[LiveKitModel, fake_livekit.LLM]:
    loaded: Loaded[fake_livekit.LLM] = Loaded(f"{NAME}/some-model", "LLM", {})
    plugin = loaded.get()
    assert isinstance(plugin, fake_livekit.LLM)
    return LiveKitModel(loaded, PATIENT), plugin


async def say(one: LiveKitVoice, text: str) -> list[Speech]:
    return [piece async for piece in one.speak(Approved(text))]


async def failure(ask: Callable[[], Awaitable[object]]) -> ProviderError:
    with pytest.raises(ProviderError) as found:
        await ask()
    return found.value


# ---- ears ------------------------------------------------------------------------------------------------
@both
def test_a_recognizer_keeps_the_contract(kind: str) -> None:
    async def story() -> None:
        recognizer, plugin = ears(kind)
        await check_recognizer(lambda: recognizer, SPEECH, ["one", "two", "three", "four", "five"])
        assert len(plugin.sessions) == 1, "utterances share one HTTP session"
        assert plugin.open == 0
        await recognizer.close()

    lived(story())


def test_a_streaming_recognizer_guesses_while_the_caller_speaks() -> None:
    async def story() -> None:
        recognizer, plugin = ears("streaming")
        utterance = recognizer.open()
        utterance.push(silence(0.3, RATE))
        assert await utterance.partial() is None
        for upto, words in ((RATE, "one two"), (2 * RATE, "one two three four")):
            utterance.push(SPEECH.between(upto - RATE, upto))
            async with asyncio.timeout(5):
                while (guess := await utterance.partial()) is None or not guess.text.startswith(words):
                    await asyncio.sleep(0.005)
        heard = await utterance.settle()
        assert (heard.text, heard.confidence) == ("one two three four five", pytest.approx(0.9))
        assert plugin.asked == 1
        await utterance.close()
        await recognizer.close()

    lived(story())


@both
def test_what_a_recognizer_raises_is_an_error_of_ours(kind: str) -> None:
    async def story() -> None:
        recognizer, plugin = ears(kind)
        for trouble, is_retryable in (
            (APIStatusError("no", status_code=429), True),
            (APIStatusError("no", status_code=503), True),
            (APIStatusError("no", status_code=401), False),
            (APIConnectionError(), True),
            (APITimeoutError(), True),
            (RuntimeError("a plugin's own fault"), True),
            (60.0, True),
        ):
            plugin.troubles.append(trouble)
            utterance = recognizer.open()
            utterance.push(SPEECH)
            error = await failure(utterance.settle)
            assert error.retryable is is_retryable, trouble
            assert error.provider == recognizer.name
            assert (await utterance.settle()).text == "one two three four five"
            await utterance.close()
        assert plugin.open == 0
        await recognizer.close()

    lived(story())


@both
def test_an_utterance_that_is_given_up_leaves_nothing_under_way(kind: str) -> None:
    async def story() -> None:
        recognizer, plugin = ears(kind)
        plugin.troubles.append(60.0)
        utterance = recognizer.open()
        utterance.push(SPEECH)
        asked = asyncio.ensure_future(utterance.settle())
        await asyncio.sleep(0.1)
        assert plugin.open == 1
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        await utterance.close()
        assert plugin.open == 0
        await recognizer.close()

    lived(story())


# ---- voice -----------------------------------------------------------------------------------------------
@both
def test_a_voice_keeps_the_laws(kind: str) -> None:
    async def story() -> None:
        one, plugin = voice(kind)
        await check_synthesizer(lambda: one)
        assert len(plugin.sessions) == 1
        assert plugin.open == 0
        await one.close()

    lived(story())


@both
def test_a_sentence_that_breaks_off_is_not_begun_again(kind: str) -> None:
    async def story() -> None:
        one, plugin = voice(kind)
        plugin.breaks_late = True
        plugin.troubles.append(APIConnectionError())
        said: list[Speech] = []

        async def listen() -> None:
            async for piece in one.speak(Approved("This is a sentence that is not told to its end.")):
                said.append(piece)

        assert (await failure(listen)).retryable
        assert said
        assert len(plugin.said) == 1
        assert await say(one, "The next one is.")
        await one.close()

    lived(story())


@both
def test_what_a_voice_raises_is_an_error_of_ours(kind: str) -> None:
    async def story() -> None:
        one, plugin = voice(kind)
        for trouble, is_retryable in (
            (APIStatusError("no", status_code=500), True),
            (APIStatusError("no", status_code=402), False),
            (OSError("no route"), True),
            (60.0, True),
        ):
            plugin.troubles.append(trouble)
            error = await failure(lambda: say(one, "Good morning."))
            assert error.retryable is is_retryable, trouble
        assert plugin.open == 0
        await one.close()

    lived(story())


# ---- language models -------------------------------------------------------------------------------------
@asynccontextmanager
async def subject(cues: Callable[[str], Script]) -> AsyncIterator[Subject]:
    one, plugin = model()
    # A plugin's errors have no headers: how long to wait is not known.
    plugin.cues = cues
    yield Subject(one, lambda: plugin.writing, counts=True, tells_wait=False)
    assert len(plugin.sessions) == 1
    await one.close()


def test_a_language_model_keeps_the_contract() -> None:
    lived(check_language_model(subject))


def test_a_conversation_with_tools_arrives_as_it_was() -> None:
    talk = [
        Message("system", "Be brief."),
        Message("user", "Add one and two."),
        Message("assistant", "", tool_calls=(ToolCall("a", "add", '{"x": 1}'),)),
        Message("tool", "3", tool_call_id="a"),
        Message("user", "And now?"),
    ]
    add = ToolSpec("add", "Adds.", '{"type": "object", "properties": {}}')

    async def story() -> None:
        one, plugin = model()
        said = [piece async for piece in one.reply(talk, (add,))]
        assert said == ["Yes.", Usage(one.name, 8, 5, 4)]
        ((conversation, (tool,)),) = plugin.asked
        items = conversation.to_dict(exclude_timestamp=True)["items"]
        assert [item["type"] for item in items] == [
            *("message", "message", "function_call", "function_call_output", "message"),
        ]
        assert (items[3]["call_id"], items[3]["name"], items[3]["output"]) == ("a", "add", "3")
        assert tool.info.raw_schema["name"] == "add"
        await one.close()

    lived(story())


# ---- by name ---------------------------------------------------------------------------------------------
def test_plugins_are_found_by_name() -> None:
    assert registry.recognizer(f"livekit/{NAME}/streaming").rate == RATE
    assert registry.synthesizer(f"livekit/{NAME}/whole").rate == 24_000
    found = registry.language_model([f"livekit/{NAME}/some-model"], registry.Access())
    assert found is not None
    assert found.name == f"livekit/{NAME}/some-model"


def test_a_plugin_that_is_not_there_says_how_to_get_it() -> None:
    with pytest.raises(SetupError, match="pip install livekit-plugins-nobody"):
        registry.recognizer("livekit/nobody/some-model")
    with pytest.raises(SetupError, match="has no STT"):
        registry.recognizer("livekit/antiphon.testing.models")


def test_a_plugin_that_is_named_on_another_thread_is_made_on_the_main_one() -> None:
    made: list[LiveKitVoice] = []

    def make() -> None:
        one = registry.synthesizer(f"livekit/{NAME}/streaming")
        assert isinstance(one, LiveKitVoice)
        made.append(one)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()

    async def story() -> None:
        assert await say(made[0], "Good morning.")
        await made[0].close()

    lived(story())
