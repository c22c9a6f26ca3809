"""The scripted ports do what their scripts say, and keep the ports' contracts where a script can."""

from __future__ import annotations

import array
import asyncio
import math

import pytest

from antiphon.core.audio import Pcm, silence
from antiphon.core.errors import ProviderError
from antiphon.ports import Heard
from antiphon.testing.clock import run
from antiphon.testing.conformance import check_turn_detector, check_voice_activity_detector
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad

TONE = Pcm(array.array("h", [round(8000 * math.sin(k / 9)) for k in range(32_000)]).tobytes(), 16_000)


def test_the_scripted_ports_keep_their_contracts() -> None:
    run(check_voice_activity_detector(ScriptedVad, TONE))
    run(check_turn_detector(lambda: ScriptedTurnDetector([0.3]), TONE))


def test_a_script_says_when_there_is_speech() -> None:
    async def story() -> list[float]:
        caller = ScriptedVad([(0.5, 1.0)]).open()
        return [await caller.probability(silence(512 / 16_000, 16_000)) for _ in range(40)]

    p = run(story())
    assert sum(p) == pytest.approx(0.5 * 16_000 / 512, abs=1)
    assert p[:14] == [0.0] * 14


def test_a_recognizer_follows_its_script_line_by_line() -> None:
    async def story() -> None:
        recognizer = ScriptedRecognizer(
            [["one", "one two"], Heard("three", 0.4), ProviderError("gone")], delay=0.2
        )
        first, second, third = recognizer.open(), recognizer.open(), recognizer.open()
        assert (await first.settle()).text == ""
        for recognition in (first, second, third):
            recognition.push(silence(1.0, 16_000))
        assert (await first.settle()).text == "one"
        assert (await first.settle()).text == "one"
        first.push(silence(1.0, 16_000))
        guess = await first.partial()
        assert guess is not None
        assert guess.text == "one two"
        assert (await first.settle()).text == "one two"
        assert await second.settle() == Heard("three", 0.4)
        with pytest.raises(ProviderError, match="gone"):
            await third.settle()
        assert asyncio.get_running_loop().time() == pytest.approx(1.2)

    run(story())


def test_a_turn_detector_gives_its_last_score_for_ever() -> None:
    async def story() -> list[float]:
        detector = ScriptedTurnDetector([0.1, 0.9])
        return [await detector.completeness(TONE) for _ in range(3)]

    assert run(story()) == [0.1, 0.9, 0.9]
