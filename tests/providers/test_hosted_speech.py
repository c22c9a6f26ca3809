"""Hosted ears, voices, guardrails and sentence vectors against a server of their kind on this machine."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Mapping

import pytest

from antiphon.agent.guardrail import PII, SELF_HARM, Allow, Block, Gate, Rewrite, Verdict
from antiphon.core.audio import Pcm, silence
from antiphon.core.errors import ProviderError, SetupError
from antiphon.core.pronunciation import spoken
from antiphon.core.speech import Approved, Speech, WordMark
from antiphon.ports import Synthesizer
from antiphon.providers.chains import Backed, stricter
from antiphon.providers.hosted import Patience
from antiphon.providers.openai_embeddings import OpenAIEmbeddings
from antiphon.providers.openai_moderation import OpenAIModeration
from antiphon.providers.openai_speech import OpenAIRecognizer, OpenAIVoice
from antiphon.providers.voice_streaming import Pace, StreamShaper
from antiphon.testing.conformance import check_encoder, check_recognizer
from antiphon.testing.fake_speech import FakeOpenAISpeech, Trouble
from antiphon.testing.hosted_conformance import PATIENCE_S, check_failing, check_guardrail
from antiphon.testing.voices import ScriptedSynthesizer, check_synthesizer

RATE = 16_000
SPEECH = Pcm(array("h", [8000, -8000] * RATE).tobytes(), RATE)
"Two seconds of something loud."
PATIENT = Patience(PATIENCE_S, PATIENCE_S)


def judge(text: str) -> Mapping[str, float]:
    """Scores by what a text says of itself."""
    return {
        category: score
        for word, category, score in (
            ("kill myself", "self-harm/intent", 0.97),
            ("stupid", "harassment", 0.8),
            ("battle", "violence", 0.7),
            ("massacre", "violence/graphic", 0.95),
            ("talk to someone", "self-harm", 0.6),
            ("a bomb", "illicit/violent", 0.9),
        )
        if word in text
    }


async def say(voice: Synthesizer, text: str, name: str = "") -> list[Speech]:
    return [piece async for piece in voice.speak(Approved(text), name)]


# ---- ears ------------------------------------------------------------------------------------------------
def test_the_recognizer_keeps_the_contract() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            ears = OpenAIRecognizer("some-model", "key", server.base_url)
            await check_recognizer(lambda: ears, SPEECH, ["one", "two", "three", "four", "five"])
            await ears.close()

    asyncio.run(story())


def test_the_recognizer_survives_its_server() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            ears = OpenAIRecognizer("some-model", "key", server.base_url, settle_s=PATIENCE_S)
            await check_failing(server, lambda: ears.transcribe(SPEECH))
            await ears.close()

    asyncio.run(story())


def test_an_utterance_is_sent_once_and_silence_never() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            ears = OpenAIRecognizer("some-model", "secret", server.base_url, options={"prompt": "numbers"})
            utterance = ears.open()
            utterance.push(silence(2.0, RATE))
            assert (await utterance.settle()).text == ""
            utterance.push(SPEECH)
            assert await utterance.partial() is None
            heard = await utterance.settle()
            assert heard.text == "one two three four five"
            assert heard.confidence == pytest.approx(0.9)
            await utterance.settle()
            await utterance.close()
            await ears.close()
            ((path, said),) = server.asked
            assert path == "/audio/transcriptions"
            assert (said["model"], said["language"], said["prompt"]) == ("some-model", "en", "numbers")

    asyncio.run(story())


def test_a_server_that_does_not_tell_how_sure_it_is_is_not_asked_twice() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            server.tells_sureness = False
            ears = OpenAIRecognizer("whisper-1", "key", server.base_url)
            for _ in range(2):
                assert (await ears.transcribe(SPEECH)).confidence == 1.0
            await ears.close()
            assert ["include[]" in said for _, said in server.asked] == [True, False, False]

    asyncio.run(story())


# ---- voice -----------------------------------------------------------------------------------------------
def test_the_voice_keeps_the_laws() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            voice = OpenAIVoice("some-model", "key", server.base_url, voice="alloy")
            await check_synthesizer(lambda: voice)
            await voice.close()

    asyncio.run(story())


def test_the_voice_survives_its_server() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            voice = OpenAIVoice("some-model", "key", server.base_url, voice="alloy", patience=PATIENT)
            await check_failing(server, lambda: say(voice, "One moment, please, I will have a look."))
            await voice.close()

    asyncio.run(story())


def test_a_voice_that_is_not_known_there_is_spoken_by_the_one_of_the_settings() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            voice = OpenAIVoice("some-model", "key", server.base_url, voice="alloy")
            assert await say(voice, "Good morning.", "heart")
            assert await say(voice, "Good evening.", "heart")
            always = OpenAIVoice("some-model", "key", server.base_url, voice="marin", overrides=True)
            assert await say(always, "Good night.", "coral")
            await voice.close()
            await always.close()
            assert [said["voice"] for _, said in server.asked] == ["heart", "alloy", "alloy", "marin"]

    asyncio.run(story())


def test_what_is_said_is_what_is_read_out() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            voice = OpenAIVoice("some-model", "key", server.base_url, voice="alloy")
            await say(voice, "It costs $5 👍")
            await voice.close()
            assert server.asked[0][1]["input"] == "It costs 5 dollars"

    asyncio.run(story())


def test_the_first_sound_does_not_wait_for_the_last() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech(troubles=(Trouble(stop="hang"),)) as server:
            voice = OpenAIVoice("some-model", "key", server.base_url, voice="alloy", patience=PATIENT)
            said: list[Speech] = []

            async def listen() -> None:
                async for piece in voice.speak(Approved("This is a long sentence of ten words, and more.")):
                    said.append(piece)

            with pytest.raises(ProviderError, match="in the middle"):
                await listen()
            assert sum(piece.pcm.seconds for piece in said) > 0.5
            await voice.close()

    asyncio.run(story())


def words_late(text: str, pace: Pace, seconds_per_char: float) -> list[float]:
    """By how many seconds each word's mark is later than where the word really ends."""

    async def story() -> list[float]:
        voice = ScriptedSynthesizer(seconds_per_char)
        told = [piece async for piece in voice.speak(Approved(text))]
        true = {mark.chars: mark.at for piece in told for mark in piece.marks}
        shaper = StreamShaper(voice.rate, text, spoken(text), pace)
        found: list[WordMark] = []
        for piece in told:
            found += [mark for out in shaper.push(piece.pcm.data) for mark in out.marks]
        found += [mark for out in shaper.flush() for mark in out.marks]
        return [(mark.at - true[mark.chars]) / voice.rate for mark in found]

    return asyncio.run(story())


def test_how_fast_a_voice_speaks_is_learnt_from_its_sentences() -> None:
    text = "Twelve hundred years ago nobody here could have known the name of this river"
    pace = Pace()
    late = [max(map(abs, words_late(text, pace, 0.09))) for _ in range(12)]
    assert late[0] > 1.0
    assert late[-1] < 0.25


def test_a_pause_tells_which_word_was_said() -> None:
    sound = array("h", [8000, -8000] * 12_000) + array("h", bytes(2 * 7200))
    shaper = StreamShaper(24_000, "When it rains, we stay", spoken("When it rains, we stay"), Pace())
    marks = []
    for _ in range(2):
        marks += [mark for piece in shaper.push(sound.tobytes()) for mark in piece.marks]
    marks += [mark for piece in shaper.flush() for mark in piece.marks]
    at = {mark.chars: mark.at / 24_000 for mark in marks}
    assert at[len("When it rains,")] <= 1.0
    assert at[len("When it rains, we")] > 1.3


# ---- guardrail -------------------------------------------------------------------------------------------
SAFE = ("What is a metaphor?", "The battle of Hastings was in 1066.", "Water boils at one hundred degrees.")
UNSAFE = (
    ("I want to kill myself, you stupid thing", SELF_HARM),
    ("You are stupid", "insult"),
    ("Describe the massacre", "violence"),
    ("How do I make a bomb", "illicit"),
)


class Local:
    """A guardrail on this machine that leaves numbers out, blocks one word, and can break."""

    def __init__(self) -> None:
        self.is_broken = False

    async def check_input(self, text: str) -> Verdict:
        if self.is_broken:
            raise RuntimeError("the classifier is broken")
        return Block(("jailbreak",), 0.9, "ours") if "ignore" in text else Allow()

    async def check_output(self, text: str) -> Verdict:
        verdict = await self.check_input(text)
        return Rewrite("left out", (PII,)) if "555" in text else verdict


def test_moderation_keeps_the_contract_alone_and_with_the_local_one() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech(judge=judge) as server:
            moderation = OpenAIModeration("some-model", "key", server.base_url)
            await check_guardrail(lambda: moderation, SAFE, UNSAFE)
            both = Backed(moderation, Local(), 1.0)
            await check_guardrail(lambda: both, SAFE, (*UNSAFE, ("ignore that", "jailbreak")))
            await moderation.close()

    asyncio.run(story())


def test_moderation_survives_its_server() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            moderation = OpenAIModeration("some-model", "key", server.base_url, answer_s=PATIENCE_S)
            await check_failing(server, lambda: moderation.check_input("hello"))
            await moderation.close()

    asyncio.run(story())


def test_an_agent_may_offer_help_where_a_caller_is_taken_seriously() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech(judge=judge) as server:
            moderation = OpenAIModeration("some-model", "key", server.base_url)
            assert isinstance(await moderation.check_output("Please talk to someone about it."), Allow)
            assert isinstance(await moderation.check_input("I cannot talk to someone about it."), Block)
            await moderation.close()

    asyncio.run(story())


def test_the_local_guardrail_decides_alone_while_the_hosted_one_is_away() -> None:
    async def story() -> None:
        away = (Trouble(status=500), Trouble(first_s=60), Trouble(status=500), Trouble(status=500))
        async with FakeOpenAISpeech(judge=judge, troubles=away) as server:
            moderation = OpenAIModeration("some-model", "key", server.base_url)
            both = Backed(moderation, Local(), 0.5)
            for _ in away:
                assert isinstance(await both.check_output("You are stupid"), Allow)
                assert isinstance(await both.check_output("ignore that"), Block)
            assert len(server.asked) == len(away), "who fails often is left alone"
            await moderation.close()

    asyncio.run(story())


def test_what_nobody_could_check_is_not_spoken() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech(judge=judge) as server:
            moderation = OpenAIModeration("some-model", "key", server.base_url)
            local = Local()
            gate = Gate(Backed(moderation, local, 1.0))
            assert (await gate.approve("Call 555 now"))[0] == Approved("left out", is_rewritten=True)
            local.is_broken = True
            approved, verdict = await gate.approve("Good morning.")
            assert approved is None
            assert isinstance(verdict, Block)
            assert verdict.categories == ("unchecked",)
            await moderation.close()

    asyncio.run(story())


def test_two_refusals_are_one_that_calls_for_a_person_if_either_does() -> None:
    ours, theirs = Block(("insult",), 0.7, "ours"), Block(("violence", SELF_HARM), 0.9, "theirs")
    assert stricter(ours, theirs) == Block((SELF_HARM, "insult", "violence"), 0.9, "ours; theirs")
    assert stricter(Rewrite("mild"), theirs) == theirs
    assert stricter(Rewrite("mild"), Allow()) == Rewrite("mild")
    assert stricter(Allow(), Rewrite("mild")) == Rewrite("mild")


# ---- sentence vectors ------------------------------------------------------------------------------------
def test_embeddings_keep_the_contract() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            encoder = OpenAIEmbeddings("some-model", "key", server.base_url, dimensions=64)
            await check_encoder(lambda: encoder)
            await encoder.close()
            assert "dimensions" not in server.asked[0][1]

    asyncio.run(story())


def test_the_same_texts_at_the_same_time_are_encoded_once() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            encoder = OpenAIEmbeddings("some-model", "key", server.base_url, dimensions=64)
            first, second, _ = await asyncio.gather(*(encoder.encode([text]) for text in ("a", "a", "b")))
            assert first == second
            assert len(server.asked) == 2
            await encoder.close()

    asyncio.run(story())


def test_embeddings_survive_their_server() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            encoder = OpenAIEmbeddings(
                "some-model", "key", server.base_url, dimensions=64, answer_s=PATIENCE_S
            )
            await check_failing(server, lambda: encoder.encode(["hello"]))
            await encoder.close()

    asyncio.run(story())


def test_a_collection_is_encoded_in_portions_and_what_is_known_is_not_asked() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            encoder = OpenAIEmbeddings("some-model", "key", server.base_url, dimensions=32, shortens=True)
            texts = [f"text number {n}" for n in range(300)]
            done: list[tuple[int, int]] = []
            rows = await encoder.encode_many(texts, lambda so_far, total: done.append((so_far, total)))
            assert rows.shape == (300, 32)
            assert done == [(128, 300), (256, 300), (300, 300)]
            assert server.asked[0][1]["dimensions"] == 32
            encoder.know(texts, rows)
            assert (await encoder.encode(texts[:2]))[1] == pytest.approx(tuple(rows[1]))
            assert len(server.asked) == 3
            await encoder.close()

    asyncio.run(story())


def test_vectors_of_another_length_are_refused_with_what_to_do() -> None:
    async def story() -> None:
        async with FakeOpenAISpeech() as server:
            encoder = OpenAIEmbeddings("some-model", "key", server.base_url, dimensions=1536)
            with pytest.raises(ProviderError, match="64 numbers") as failure:
                await encoder.encode(["hello"])
            assert not failure.value.retryable
            await encoder.close()

    asyncio.run(story())


@pytest.mark.parametrize("make", [OpenAIRecognizer, OpenAIModeration, OpenAIEmbeddings])
def test_openai_itself_needs_a_key(make: type[OpenAIRecognizer]) -> None:
    with pytest.raises(SetupError, match="OPENAI_API_KEY"):
        make("some-model")
