"""What hosted ears, voices, guardrails and encoders tell to whoever pays for them."""

from __future__ import annotations

import asyncio
from array import array

import pytest

from antiphon.agent.plain import PlainGuardrail
from antiphon.core.audio import Pcm, silence
from antiphon.core.errors import ProviderError
from antiphon.core.speech import Approved, Speech
from antiphon.ports import BILLS, Synthesizer, Usage, Used
from antiphon.providers.chains import Backed
from antiphon.providers.openai_embeddings import OpenAIEmbeddings
from antiphon.providers.openai_moderation import OpenAIModeration
from antiphon.providers.openai_speech import OpenAIRecognizer, OpenAIVoice
from antiphon.testing.fake_speech import FakeOpenAISpeech, Trouble

RATE = 16_000
SPEECH = Pcm(array("h", [8000, -8000] * RATE).tobytes(), RATE)
"Two seconds of something loud."


async def say(voice: Synthesizer, text: str) -> list[Speech]:
    return [piece async for piece in voice.speak(Approved(text))]


def test_what_services_did_is_told_to_who_pays() -> None:
    async def story() -> list[Used | Usage]:
        told: list[Used | Usage] = []
        BILLS.set(told.append)
        async with FakeOpenAISpeech() as server:
            ears = OpenAIRecognizer("gpt-4o-mini-transcribe", "key", server.base_url)
            voice = OpenAIVoice("tts-1", "key", server.base_url, voice="alloy")
            guard = Backed(OpenAIModeration("omni", "key", server.base_url), PlainGuardrail(), 1.0)
            encoder = OpenAIEmbeddings("small", "key", server.base_url, dimensions=64)
            await ears.transcribe(SPEECH)
            await ears.transcribe(silence(1.0, RATE))  # not sent, and so not paid for
            await say(voice, "Good day.")
            await guard.check_output("Good day.")
            await encoder.encode(["one", "two"])
            for provider in (ears, voice, guard, encoder):
                await provider.close()
        return told

    heard, spoken_, judged, encoded = asyncio.run(story())
    assert heard == Used("recognizer", "openai/gpt-4o-mini-transcribe", 2.0)
    assert isinstance(spoken_, Used)
    assert (spoken_.kind, spoken_.service, spoken_.characters) == ("voice", "openai/tts-1", len("Good day."))
    assert 0.5 < spoken_.seconds < 3.0 and not spoken_.is_estimate
    assert judged == Used("moderation", "openai/omni")
    assert encoded == Used("encoder", "openai/small", tokens=2)


def test_what_is_cut_short_is_paid_for_and_what_fails_is_not() -> None:
    async def story() -> list[Used | Usage]:
        told: list[Used | Usage] = []
        BILLS.set(told.append)
        troubles = (Trouble(first_s=60), Trouble(status=500), Trouble(stop="hang"), Trouble(status=500))
        async with FakeOpenAISpeech(troubles=troubles) as server:
            ears = OpenAIRecognizer("ears", "key", server.base_url)
            voice = OpenAIVoice("voice", "key", server.base_url, voice="alloy")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(ears.transcribe(SPEECH), 0.5)
            with pytest.raises(ProviderError):
                await ears.transcribe(SPEECH)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(say(voice, "Good day to you all."), 0.5)
            with pytest.raises(ProviderError):
                await say(voice, "Good day.")
            await ears.close()
            await voice.close()
        return told

    heard, spoken_ = asyncio.run(story())
    assert heard == Used("recognizer", "openai/ears", 2.0, is_estimate=True)
    assert isinstance(spoken_, Used) and spoken_.is_estimate and spoken_.seconds > 0
