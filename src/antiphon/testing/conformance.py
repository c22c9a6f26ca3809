"""What every provider of a port must do, as checks for the tests of a provider.

Each check is an async function that takes a way to make the provider, and raises AssertionError with what
is wrong. They need no test framework, use real time, and leave nothing open.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Sequence

from antiphon.core.audio import Pcm, silence
from antiphon.ports import Encoder, Heard, Recognition, Recognizer, TurnDetector, VoiceActivityDetector
from antiphon.testing.promises import claim

NEAR = 0.02
"Probabilities of the same sound judged alone and in a batch may differ by so much."


def _frames(detector: VoiceActivityDetector, sound: Pcm) -> list[Pcm]:
    size = detector.frame
    return [sound.between(at, at + size) for at in range(0, len(sound) - size + 1, size)]


def _are_near(one: Sequence[float], other: Sequence[float]) -> bool:
    return len(one) == len(other) and all(abs(a - b) <= NEAR for a, b in zip(one, other, strict=True))


async def check_voice_activity_detector(make: Callable[[], VoiceActivityDetector], speech: Pcm) -> None:
    """Speech is told from silence, frames are judged in order, and callers do not disturb each other.

    `speech` has the detector's rate and at least a second of voice, not much of it silent.
    """
    detector = make()
    claim(speech.rate == detector.rate, f"the check needs speech at {detector.rate} Hz")
    frames = _frames(detector, speech)

    async def listen(sound: Sequence[Pcm]) -> list[float]:
        activity = detector.open()
        return [await activity.probability(frame) for frame in sound]

    alone = await listen(frames)
    claim(all(0.0 <= p <= 1.0 for p in alone), "a probability lies outside 0…1")
    voiced = sum(p >= 0.5 for p in alone) / len(alone)
    claim(voiced >= 0.3, f"only {voiced:.0%} of the speech was taken for speech")
    still = await listen(_frames(detector, silence(1.0, detector.rate)))
    claim(max(still) < 0.5, "digital silence was taken for speech")

    claim(_are_near(await listen(frames), alone), "a new listener remembers what another one heard")
    shifted = [frames[k:] for k in range(6)]
    expected = [await listen(sound) for sound in shifted]
    together = await asyncio.gather(*(listen(sound) for sound in shifted))
    for mine, theirs in zip(expected, together, strict=True):
        claim(_are_near(mine, theirs), "callers who are heard at the same time disturb each other")

    activity = detector.open()
    at_once = await asyncio.gather(*(activity.probability(frame) for frame in frames))
    claim(_are_near(at_once, alone), "frames given without waiting are not judged in their order")

    activity = detector.open()
    asked = asyncio.ensure_future(activity.probability(frames[0]))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    claim(0.0 <= await activity.probability(frames[1]) <= 1.0, "cancelling a frame breaks its listener")
    claim(_are_near(await listen(frames), alone), "cancelling a frame disturbs other listeners")


async def check_turn_detector(make: Callable[[], TurnDetector], speech: Pcm) -> None:
    """A score comes for any utterance, were it empty or a minute long; alone, together, after cancelling."""
    detector = make()
    claim(speech.rate == detector.rate, f"the check needs speech at {detector.rate} Hz")
    score = await detector.completeness(speech)
    long = Pcm(speech.data * (1 + int(60 / speech.seconds)), speech.rate)
    for name, sound in {
        "speech": speech,
        "no sound at all": Pcm(b"", speech.rate),
        "one sample": speech.between(0, 1),
        "digital silence": silence(1.0, speech.rate),
        "a minute": long,
    }.items():
        p = await detector.completeness(sound)
        claim(0.0 <= p <= 1.0, f"the score of {name} lies outside 0…1: {p}")
    before = speech.data
    together = await asyncio.gather(*(detector.completeness(speech) for _ in range(4)))
    claim(_are_near(together, [score] * 4), "the same utterance scores differently when asked about at once")
    claim(speech.data == before, "the utterance was changed")
    asked = [asyncio.ensure_future(detector.completeness(speech)) for _ in range(3)]
    await asyncio.sleep(0)
    for question in asked:
        question.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    claim(_are_near([await detector.completeness(speech)], [score]), "a cancelled question disturbs the next")


async def check_recognizer(
    make: Callable[[], Recognizer], speech: Pcm, expected_words: Sequence[str]
) -> None:
    """Speech becomes its words, in order; whatever is settled, cancelled or closed twice does no harm.

    `speech` has the recognizer's rate; `expected_words` are lower case, in the order they are said.
    """
    recognizer = make()
    claim(speech.rate == recognizer.rate, f"the check needs speech at {recognizer.rate} Hz")
    half = len(speech) // 2

    async def hear(*pieces: Pcm) -> tuple[Recognition, Heard]:
        recognition = recognizer.open()
        for piece in pieces:
            recognition.push(piece)
        return recognition, await recognition.settle()

    recognition, whole = await hear(speech)
    _expect_words(whole.text, expected_words)
    claim(0.0 <= whole.confidence <= 1.0, f"the confidence lies outside 0…1: {whole.confidence}")
    claim((await recognition.settle()).text == whole.text, "settling twice gives another text")
    await recognition.close()
    await recognition.close()

    step = recognizer.rate // 50
    small = [speech.between(at, at + step) for at in range(0, len(speech), step)]
    recognition, pieced = await hear(*small)
    claim(pieced.text == whole.text, f"sound pushed in small pieces becomes another text: {pieced.text!r}")
    await recognition.close()

    recognition, _ = await hear(speech.between(0, half))
    recognition.push(speech.between(half, len(speech)))
    _expect_words((await recognition.settle()).text, expected_words)
    guess = await recognition.partial()
    claim(guess is None or bool(guess.text), "a guess without words must be None")
    asked = asyncio.ensure_future(recognition.settle())
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    _expect_words((await recognition.settle()).text, expected_words)
    await recognition.close()

    for name, sound in {"no sound": [], "digital silence": [silence(1.0, recognizer.rate)]}.items():
        recognition, nothing = await hear(*sound)
        claim(nothing.text == "", f"{name} became {nothing.text!r}")
        claim(await recognition.partial() is None, f"a guess was made about {name}")
        await recognition.close()

    several = await asyncio.gather(*(hear(speech) for _ in range(3)))
    for recognition, heard in several:
        claim(heard.text == whole.text, "utterances recognized at the same time disturb each other")
        await recognition.close()

    recognition = recognizer.open()
    recognition.push(speech)
    _, heard = await asyncio.gather(recognition.partial(), recognition.settle())
    _expect_words(heard.text, expected_words)
    await recognition.close()


def _expect_words(text: str, expected: Sequence[str]) -> None:
    words = iter(re.findall(r"[\w']+", text.lower()))
    for word in expected:
        claim(word in words, f"{word!r} is missing, or out of order, in {text!r}")


async def check_encoder(make: Callable[[], Encoder]) -> None:
    """Every law of `ports.Encoder` holds for what `make` gives. Raises AssertionError that names the law."""
    encoder = make()
    texts = ["What is a metaphor?", "Explain metaphors to me.", "How far away is the moon?"]
    vectors = await encoder.encode(texts)
    claim(len(vectors) == len(texts), "there should be one vector for each text")
    claim(await encoder.encode([]) == [], "no texts, no vectors")
    for vector in vectors:
        claim(len(vector) == encoder.dimensions, f"{len(vector)} numbers, {encoder.dimensions} announced")
        claim(abs(math.hypot(*vector) - 1) < 1e-3, "vectors should have unit length")
    one, two, three = vectors
    claim(_likeness(one, two) > _likeness(one, three), "texts alike in meaning should be near")
    [alone] = await encoder.encode(texts[:1])
    claim(_likeness(one, alone) > 0.999, "a text's vector should not depend on its company")
    many = await asyncio.gather(*(encoder.encode([text]) for text in texts * 3))
    for n, [vector] in enumerate(many):
        claim(_likeness(vector, vectors[n % 3]) > 0.999, "concurrent requests were mixed up")


def _likeness(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
