"""Voices, recognizers and guardrails that stand in for one another when one fails.

For language models: `providers.resilience.first_of`.
"""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import soxr

from antiphon.agent.guardrail import SELF_HARM, Allow, Block, Guardrail, Rewrite, Verdict
from antiphon.core.audio import Pcm
from antiphon.core.errors import ProviderError, SetupError
from antiphon.core.speech import Approved, Speech, WordMark
from antiphon.ports import Heard, Recognition, Recognizer, Synthesizer
from antiphon.providers.resilience import Breaker, BreakerPolicy, Fallback, FirstOf, Persistence
from antiphon.providers.voice_shaping import PIECE_SECONDS

Check = Callable[[str], Awaitable[Verdict]]

HEAR_WITHIN = Persistence(total_s=8.0)
"A caller who has stopped speaking waits for this."
SPEAK_WITHIN = Persistence(total_s=8.0)
JUDGED_SLOWLY = BreakerPolicy(slow_s=60.0)
"What is late was given up before: it has failed, and there is no slow success."


@runtime_checkable
class Warmable(Protocol):
    """What runs on this machine and is slow the first time."""

    async def warm_up(self) -> None:
        """It is loaded and has been used once."""
        ...


@dataclass(frozen=True, slots=True)
class Ears:
    """A recognizer and what it is called."""

    name: str
    recognizer: Recognizer


@dataclass(frozen=True, slots=True)
class Voice:
    """A synthesizer and what it is called."""

    name: str
    synthesizer: Synthesizer


async def close_all(*providers: object) -> None:
    """The connections that these keep, and those they are made of, are closed. Not what runs on this machine."""
    for provider in providers:
        if isinstance(provider, FirstOf):
            await close_all(*provider.chain.providers)
        elif inspect.iscoroutinefunction(close := getattr(provider, "close", None)):
            await close()


# ---- ears ------------------------------------------------------------------------------------------------
class FirstEars:
    """A `Recognizer` that is the first of several that works. All take sound at the same rate.

    Only the one that is asked gets the sound; when it fails, the next one is given all of it from the start.
    """

    def __init__(self, chain: Fallback[Ears]) -> None:
        rates = {ears.recognizer.rate for ears in chain.providers}
        if len(rates) > 1:
            names = ", ".join(f"{ears.name} ({ears.recognizer.rate} Hz)" for ears in chain.providers)
            raise SetupError(f"recognizers in a chain have to take the same rate, and these do not: {names}")
        self.rate = rates.pop()
        self.chain = chain

    def open(self) -> FirstRecognition:
        """A new utterance with nothing said in it yet."""
        return FirstRecognition(self.chain, self.rate)

    async def close(self) -> None:
        """Their connections are closed."""
        await close_all(*(ears.recognizer for ears in self.chain.providers))


class FirstRecognition:
    """One utterance, in the ears of the first recognizer that works."""

    def __init__(self, chain: Fallback[Ears], rate: int) -> None:
        self._chain = chain
        self._rate = rate
        self._sound = bytearray()
        self._opened: dict[str, tuple[Recognition, int]] = {}
        "By name: the recognition, and how many bytes of the sound it has."
        self._current = ""

    def push(self, pcm: Pcm) -> None:
        """`pcm` follows what was pushed before."""
        if pcm.rate != self._rate:
            raise ValueError(f"the recognizers are given {self._rate} Hz, got {pcm.rate}")
        self._sound += pcm.data
        self._catch_up(self._ears())

    async def partial(self) -> Heard | None:
        """The guess of the one that would be asked now; None when it fails, for it is only a guess."""
        try:
            return await self._catch_up(self._ears()).partial()
        except ProviderError:
            return None

    async def settle(self) -> Heard:
        """The text of everything so far. Raises ProviderError when none makes it out. Safe to cancel."""

        async def ask(ears: Ears) -> AsyncGenerator[Heard, None]:
            self._current = ears.name
            yield await self._catch_up(ears).settle()

        async with aclosing(self._chain.pieces(ask)) as answers:
            async for heard in answers:
                return heard
        raise AssertionError("a recognizer that settles has something to say")

    async def close(self) -> None:
        """Nothing of the utterance is held any longer."""
        self._sound.clear()
        opened, self._opened = self._opened, {}
        for recognition, _ in opened.values():
            await recognition.close()

    def _ears(self) -> Ears:
        """Those that listen: the ones that worked last in this utterance, or the first that may be asked."""
        for ears in self._chain.providers:
            if ears.name == self._current:
                return ears
        ears = self._chain.next(asyncio.get_running_loop().time())
        self._current = ears.name
        return ears

    def _catch_up(self, ears: Ears) -> Recognition:
        """Its recognition, which has all the sound."""
        recognition, had = self._opened.get(ears.name) or (ears.recognizer.open(), 0)
        if had < len(self._sound):
            recognition.push(Pcm(bytes(self._sound[had:]), self._rate))
        self._opened[ears.name] = (recognition, len(self._sound))
        return recognition


def first_ears(ears: Sequence[Ears], *, persistence: Persistence = HEAR_WITHIN) -> Recognizer:
    """A recognizer that asks `ears` in order of preference, each behind a breaker of its own.

    Raises SetupError when they take sound at different rates.
    """
    return FirstEars(Fallback(ears, persistence=persistence))


# ---- voices ----------------------------------------------------------------------------------------------
class FirstVoice:
    """A `Synthesizer` that is the first of several that works. Each sentence is spoken by one voice.

    Another one takes over before the first sound of a sentence; a voice that breaks off in mid-sentence is
    not repeated by another: ProviderError is passed on, and the next sentence begins with whom works then.
    """

    def __init__(self, chain: Fallback[Voice]) -> None:
        self.rate = chain.providers[0].synthesizer.rate
        self.chain = chain

    async def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        """The sentence as speech at the first voice's rate. Raises ProviderError. Safe to cancel."""

        def ask(one: Voice) -> AsyncIterator[Speech]:
            speech = one.synthesizer.speak(sentence, voice)
            rate = one.synthesizer.rate
            return speech if rate == self.rate else resampled(speech, rate, self.rate)

        async with aclosing(self.chain.pieces(ask)) as pieces:
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        """Their connections are closed."""
        await close_all(*(voice.synthesizer for voice in self.chain.providers))

    async def warm_up(self) -> None:
        """Those voices that run on this machine have spoken once."""
        for voice in self.chain.providers:
            if isinstance(voice.synthesizer, Warmable):
                await voice.synthesizer.warm_up()


def first_voice(voices: Sequence[Voice], *, persistence: Persistence = SPEAK_WITHIN) -> Synthesizer:
    """A voice that asks `voices` in order of preference, each behind a breaker of its own."""
    return FirstVoice(Fallback(voices, persistence=persistence))


async def resampled(speech: AsyncIterator[Speech], source: int, target: int) -> AsyncGenerator[Speech, None]:
    """A sentence at another rate, its marks at the same moments."""
    stream = soxr.ResampleStream(source, target, 1, dtype="int16")
    marks: list[WordMark] = []
    given = 0

    def shaped(sound: bytes, is_last: bool) -> Iterator[Speech]:
        nonlocal given, marks
        samples = len(sound) // 2
        count = max(1, math.ceil(samples / (PIECE_SECONDS * target)))
        for number in range(count):
            start, stop = samples * number // count, samples * (number + 1) // count
            end = given + stop - start
            is_end = is_last and number + 1 == count
            ripe = marks if is_end else [mark for mark in marks if mark.at <= end]
            marks = marks[len(ripe) :]
            inside: list[WordMark] = []
            for left, mark in zip(range(len(ripe) - 1, -1, -1), ripe, strict=True):
                at = max(mark.at, inside[-1].at + 1 if inside else given + 1)
                inside.append(WordMark(mark.chars, min(at, end - left)))
            given = end
            yield Speech(Pcm(sound[2 * start : 2 * stop], target), tuple(inside))

    # One piece late: the last one has to carry what the filter held back, with the last marks.
    waiting = b""
    try:
        async for piece in speech:
            marks += [WordMark(mark.chars, round(mark.at * target / source)) for mark in piece.marks]
            for ready in shaped(waiting, is_last=False) if waiting else ():
                yield ready
            waiting = stream.resample_chunk(np.frombuffer(piece.pcm.data, np.int16)).tobytes()
    finally:
        if isinstance(speech, AsyncGenerator):
            await speech.aclose()
    waiting += stream.resample_chunk(np.zeros(0, np.int16), last=True).tobytes()
    for ready in shaped(waiting, is_last=True) if waiting else ():
        yield ready


# ---- guardrails ------------------------------------------------------------------------------------------
class Backed:
    """A `Guardrail` of two: either may block; the local one alone decides while the hosted one is away.

    Where it decides alone, its failure is a failure of the check, so that nothing unchecked is spoken.
    """

    def __init__(self, hosted: Guardrail, local: Guardrail, wait_s: float) -> None:
        self._hosted = hosted
        self._local = local
        self._wait_s = wait_s
        self.breaker = Breaker(JUDGED_SLOWLY)

    async def close(self) -> None:
        """The hosted one's connections are closed."""
        await close_all(self._hosted)

    async def check_input(self, text: str) -> Verdict:
        """The stricter verdict on what a caller said. Raises what the local guardrail raises."""
        return await self._both(text, self._hosted.check_input, self._local.check_input)

    async def check_output(self, text: str) -> Verdict:
        """The stricter verdict on what the agent is about to say. Raises what the local guardrail raises."""
        return await self._both(text, self._hosted.check_output, self._local.check_output)

    async def _both(self, text: str, hosted: Check, local: Check) -> Verdict:
        # At the same time: the local one costs nothing while the other is being waited for.
        ours, theirs = await asyncio.gather(local(text), self._asked(hosted, text), return_exceptions=True)
        for verdict in (ours, theirs):
            if isinstance(verdict, BaseException):
                raise verdict
        assert not isinstance(ours, BaseException | None)
        assert not isinstance(theirs, BaseException)
        return ours if theirs is None else stricter(ours, theirs)

    async def _asked(self, check: Check, text: str) -> Verdict | None:
        """The hosted verdict; None when there is none in time."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        if not self.breaker.claim(started):
            return None
        try:
            async with asyncio.timeout(self._wait_s):
                verdict = await check(text)
        except (ProviderError, TimeoutError):
            self.breaker.failed(loop.time())
            return None
        except BaseException:  # cancelled, or a bug: it tells nothing about the provider
            self.breaker.abandoned()
            raise
        self.breaker.succeeded(loop.time(), loop.time() - started)
        return verdict


def stricter(one: Verdict, other: Verdict) -> Verdict:
    """The stricter of two verdicts on the same text; `one` where they are equally strict.

    Two blocks make one with the categories of both, self-harm first: it calls for a person.
    """
    match one, other:
        case Block(), Block():
            both = dict.fromkeys(one.categories + other.categories)
            categories = tuple(sorted(both, key=lambda category: category != SELF_HARM))
            confidence = max(one.confidence, other.confidence)
            return Block(categories, confidence, f"{one.reason}; {other.reason}")
        case Block(), _:
            return one
        case _, Block():
            return other
        case Allow(), Rewrite():
            return other
        case _:
            return one
