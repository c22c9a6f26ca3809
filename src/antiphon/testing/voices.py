"""Voices for tests: one whose words are tones, and the laws every voice must keep."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress

from antiphon.agent.guardrail import Gate
from antiphon.core.audio import Pcm
from antiphon.core.errors import ProviderError
from antiphon.core.speech import Approved, Speech, WordMark
from antiphon.ports import Synthesizer

LOUDNESS = 8000
"Peak of a spoken word; silence between words is digital."
LONGEST_PIECE = 0.5
"Seconds: a voice hands its sound on in pieces no longer than this."


class ScriptedSynthesizer:
    """`antiphon.ports.Synthesizer` without a model or a thread: every word is a tone as long as its letters.

    A word of n characters takes (n + 1) × `seconds_per_char`, the last of them silence, so that words can be
    counted in the sound (`words_in`). The first piece comes `delay` seconds of the loop's time after the
    request. The first `failures` requests raise ProviderError. `asked` holds the texts in order.
    """

    def __init__(
        self, seconds_per_char: float = 0.05, rate: int = 24_000, delay: float = 0, failures: int = 0
    ) -> None:
        self.rate = rate
        self.asked: list[str] = []
        self._char = round(seconds_per_char * rate)
        self._delay = delay
        self._failures = failures

    async def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        """One piece for each word; the next one is made when it is asked for."""
        self.asked.append(sentence.text)
        await asyncio.sleep(self._delay)
        if self._failures:
            self._failures -= 1
            raise ProviderError("the script says to fail", provider="scripted")
        words = _words(sentence.text)
        at = 0
        for index, (word, end) in enumerate(words):
            chars = len(sentence.text) if index + 1 == len(words) else end
            tone = _tone(word, len(word) * self._char, self.rate)
            size = round(LONGEST_PIECE * self.rate)
            samples = tone + array("h", bytes(2 * self._char))
            spoken_at = at + len(tone)
            for start in range(0, len(samples), size):
                piece = samples[start : start + size]
                holds = at < spoken_at <= at + len(piece)
                at += len(piece)
                marks = (WordMark(chars, spoken_at),) if holds else ()
                yield Speech(Pcm(piece.tobytes(), self.rate), marks)
                await asyncio.sleep(0)


def words_in(pcm: Pcm) -> int:
    """How many words of a ScriptedSynthesizer sound in `pcm`, whole or begun."""
    samples = array("h", pcm.data)
    return sum(bool(sample) and not before for before, sample in zip([0, *samples], samples, strict=False))


async def check_synthesizer(make: Callable[[], Synthesizer]) -> None:
    """The voice that `make` returns keeps the laws of `antiphon.ports.Synthesizer`.

    Raises AssertionError that says which law is broken. Takes a few seconds of a real voice.
    """
    voice = make()
    assert voice.rate >= 8000, f"a rate of {voice.rate} Hz cannot carry speech"
    for text in (
        "Yes.",
        "Sure, one moment.",
        "The quick brown fox jumps over the lazy dog near the river.",
        "Solve 3x - 5 = 10; it costs $49.99, or 20% less on 2026-11-21 at 10:30 a.m.",
        "Mail sam.jones@example.com — it's “free” (really)!  Thank you 👍 ",
        "Hello there. How are you? I am fine.",
        "No stop at the end",
    ):
        _check_speech(await _spoken(voice, text), text, voice.rate)
    for text in ("", "   ", "\n", "👍", "…", "—", "🎉 ✅", "***"):
        assert not await _spoken(voice, text), f"{text!r} has no words, yet something was said"
    await _check_long(voice)
    await _check_giving_up(voice)
    await _check_many(voice)


async def _check_long(voice: Synthesizer) -> None:
    text = "and then we went on along the river, past the mill and over the bridge " * 20
    _check_speech(await _spoken(voice, text), text, voice.rate)


async def _check_giving_up(voice: Synthesizer) -> None:
    """Whoever stops listening, before or after the first piece, leaves the voice as it was."""
    sentence = Gate.vouch("This sentence will not be heard to its end, for nobody is listening any more.")
    speech = voice.speak(sentence)
    await anext(speech)
    if isinstance(speech, AsyncGenerator):
        await speech.aclose()
    listening = asyncio.ensure_future(_spoken(voice, sentence.text + " At all."))
    await asyncio.sleep(0)
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
    _check_speech(await _spoken(voice, sentence.text), sentence.text, voice.rate)


async def _check_many(voice: Synthesizer) -> None:
    """Callers who speak at once each get their own sentence."""
    texts = [f"Caller {name} wants to speak now, please." for name in ("one", "two", "three", "four")]
    async with asyncio.TaskGroup() as callers:
        tasks = [callers.create_task(_spoken(voice, text), name=f"caller-{text}") for text in texts]
    for text, task in zip(texts, tasks, strict=True):
        _check_speech(task.result(), text, voice.rate)


def _check_speech(pieces: list[Speech], text: str, rate: int) -> None:
    assert pieces, f"nothing was said for {text!r}"
    at, last = 0, WordMark(0, 0)
    for piece in pieces:
        assert piece.pcm.rate == rate, f"a piece has {piece.pcm.rate} Hz, the voice {rate} Hz: {text!r}"
        assert 0 < piece.pcm.seconds <= LONGEST_PIECE, f"a piece of {piece.pcm.seconds:.2f} s: {text!r}"
        end = at + len(piece.pcm)
        for mark in piece.marks:
            assert at < mark.at <= end, f"{mark} lies outside its piece ({at}…{end}): {text!r}"
            assert mark.at > last.at, f"{mark} does not follow {last}: {text!r}"
            assert last.chars < mark.chars <= len(text), f"{mark} does not follow {last}: {text!r}"
            last = mark
        at = end
    assert last.chars == len(text), f"the last mark covers {last.chars} of {len(text)} characters: {text!r}"
    loudest = max(max(map(abs, array("h", piece.pcm.data))) for piece in pieces)
    assert 500 < loudest < 32_500, f"the loudest sample is {loudest} of 32767: {text!r}"


async def _spoken(voice: Synthesizer, text: str) -> list[Speech]:
    return [piece async for piece in voice.speak(Gate.vouch(text))]


def _words(text: str) -> list[tuple[str, int]]:
    """The words that can be said, with their ends in `text`."""
    words, at = [], 0
    for word in text.split():
        at = text.index(word, at) + len(word)
        if any(char.isalnum() for char in word):
            words.append((word, at))
    return words


def _tone(word: str, samples: int, rate: int) -> array[int]:
    """A square wave, nowhere zero, whose pitch depends on the word."""
    half = rate // (400 + sum(map(ord, word)) % 1200)
    wave = array("h", [LOUDNESS] * half + [-LOUDNESS] * half)
    return (wave * (samples // len(wave) + 1))[:samples]
