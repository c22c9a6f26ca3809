"""Whether the agent remembers what the caller heard, and nothing else.

The agent recites, and is interrupted at random instants: by speech over its voice, or by the button. Its voice is
a tone for every letter and silence between words, so the caller counts in the samples that its loudspeaker really
played which words came out whole, without asking anyone; on the single WebSocket several callers have loudspeakers
with longer and shorter buffers. By ways with a codec a word counts from half a letter before its end. That count
is compared with the words of the line the server then remembers: |remembered − heard|.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

import numpy as np

from antiphon.bench.caller import Caller, call
from antiphon.bench.figures import Detail, Figure, Kind, Outcome, least, most
from antiphon.bench.line import CallDropped
from antiphon.bench.scripted_server import AGENT
from antiphon.bench.trials.trial import Progress, Setup, remembered, scripted, tone
from antiphon.bench.turns import sound_of
from antiphon.bench.waveform import Samples
from antiphon.bench.words import words_apart
from antiphon.core.errors import AntiphonError
from antiphon.wire import native

TITLE = "Remembered = heard"
TRIALS = 60
BUFFERS_S = (0.010, 0.040, 0.120)
"The loudspeakers' jitter buffers, one caller each."
CHAR_MS = 25
EXACT = ("orchestrate", "realtime", "direct")
"Ways on which the samples of an answer come as they were made."
LOUD = 1500
"Level in 16-bit steps of the tones, whatever a codec made of them; they were made at 8000."
REPLY = (
    "It was a bright cold day in spring and all the clocks of the town struck thirteen at once.|"
    "Nobody in the market looked up from what he was doing.|"
    "Only a boy with a kite began to count aloud and did not stop before he had come to the very end."
)


@dataclass(frozen=True, slots=True)
class Cut:
    """One interruption: the words that were heard of the line, and those that are remembered of it."""

    by: str
    buffer_ms: float
    at_s: float
    heard: tuple[str, ...]
    remembered: tuple[str, ...]

    @property
    def difference(self) -> int:
        """Words remembered that were not heard, and words heard that are not remembered."""
        return words_apart(self.heard, self.remembered)

    def detail(self) -> Detail:
        return {
            "by": self.by,
            "buffer_ms": self.buffer_ms,
            "at_s": round(self.at_s, 3),
            "heard": " ".join(self.heard),
            "remembered": " ".join(self.remembered),
            "difference": self.difference,
        }


@dataclass(slots=True)
class _Lane:
    buffer_s: float
    trials: int
    cuts: list[Cut] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


async def run(setup: Setup) -> Outcome:
    """The agent was interrupted `setup.repeats` times, by default `TRIALS`."""
    begun = time.monotonic()
    total = setup.repeats or TRIALS
    lanes = [
        _Lane(buffer_s, total // len(BUFFERS_S) + (n < total % len(BUFFERS_S)))
        for n, buffer_s in enumerate(BUFFERS_S)
    ]

    def tell() -> None:
        setup.tell(Progress("remember", sum(len(lane.cuts) for lane in lanes), total))

    async with (
        scripted(reply=REPLY, char_ms=CHAR_MS, hears="Wait, please.") as url,
        asyncio.TaskGroup() as group,
    ):
        for number, lane in enumerate(lanes):
            group.create_task(
                _interrupt(setup, url, lane, random.Random(number), tell), name=f"lane {number}"
            )
    cuts = [cut for lane in lanes for cut in lane.cuts]
    differences = tuple(float(cut.difference) for cut in cuts)
    return Outcome(
        "remember",
        TITLE,
        __doc__ or "",
        (
            Figure("|remembered − heard| at an interruption", "words", differences, (most(0),), Kind.LEVEL),
            Figure(
                "lines remembered to the word",
                "%",
                tuple(float(value == 0) for value in differences),
                (least(100),),
                Kind.SHARE,
            ),
            Figure("words heard before the interruption", "words", tuple(float(len(c.heard)) for c in cuts)),
        ),
        details=tuple(cut.detail() for cut in cuts),
        failures=tuple(failure for lane in lanes for failure in lane.failures),
        seconds=round(time.monotonic() - begun, 1),
    )


async def _interrupt(
    setup: Setup, url: str, lane: _Lane, chance: random.Random, tell: Callable[[], None]
) -> None:
    """One caller's interruptions. After one by speech the agent answers, and is interrupted again."""
    try:
        is_ours = setup.via == "orchestrate"
        dialled = call(url, agent=AGENT, jitter_s=lane.buffer_s) if is_ours else setup.call(url, AGENT)
        async with dialled as caller:
            turn, ways = 0, ("speech",) if setup.via == "livekit" else ("speech", "button")
            for _ in range(lane.trials):
                if caller.phase == "idle":
                    await caller.type("Go on.")
                turn = await _next_voice(caller, turn)
                await asyncio.sleep(chance.uniform(0.05, 4.0))
                at, by, lines = caller.now, chance.choice(ways), len(remembered(caller))
                if by == "speech":
                    await caller.say(tone(0.4))
                else:
                    await caller.interrupt()
                await caller.wait_for(lambda known=lines: len(remembered(caller)) > known, 10)  # type: ignore[misc]
                line = remembered(caller)[-1]
                words, sound = told_words(caller, line.turn), sound_of(caller.loudspeaker, line.turn)
                count = whole_words if setup.via in EXACT else long_words
                heard = count(words, sound, caller.loudspeaker.rate)
                since = at - caller.loudspeaker.speaking_since[line.turn]
                lane.cuts.append(Cut(by, 1000 * lane.buffer_s, since, heard, tuple(line.text.split())))
                await caller.wait_for(lambda: caller.phase in ("idle", "speaking"), 10)
                tell()
    except (CallDropped, TimeoutError, ValueError) as error:
        lane.failures.append(f"after {len(lane.cuts)} interruptions: {error or 'nothing came of one'}")
    except AntiphonError as error:
        lane.failures.append(str(error))


async def _next_voice(caller: Caller, turn: int) -> int:
    """The number of a later turn whose voice has been heard. Raises TimeoutError and CallDropped."""
    voices = caller.loudspeaker.speaking_since
    await caller.wait_for(lambda: max(voices, default=0) > turn, 10)
    return max(voices)


def told_words(caller: Caller, turn: int) -> list[str]:
    """The words the agent announced in the turn, in order."""
    told = (arrived.message for arrived in caller.messages)
    return [
        word
        for message in told
        if isinstance(message, native.Sentence) and message.turn == turn
        for word in message.text.split()
    ]


def whole_words(words: Sequence[str], sound: Samples, rate: int = 24_000) -> tuple[str, ...]:
    """Those of the `words` whose tones are in the `sound` to the last sample.

    Raises ValueError when the sound is not what the scripted voice makes of the words.
    """
    char = round(CHAR_MS / 1000 * rate)
    at = 0
    heard: list[str] = []
    for word in words:
        stop = at + len(word) * char
        if not sound[at:stop].all() or sound[stop : stop + char].any():
            raise ValueError(f"the sound at sample {at} is not the word {word!r}")
        if stop > len(sound):
            break
        heard.append(word)
        at = stop + char
    return tuple(heard)


def long_words(words: Sequence[str], sound: Samples, rate: int) -> tuple[str, ...]:
    """Those of the `words` that sound as long as they are written, half a letter forgiven for a codec's sake."""
    heard = tones(sound, rate)
    return tuple(
        word
        for word, _ in takewhile(
            lambda pair: pair[1] >= (len(pair[0]) - 0.5) * CHAR_MS, zip(words, heard, strict=False)
        )
    )


def tones(sound: Samples, rate: int) -> Iterator[float]:
    """How long each word of the scripted voice sounds, milliseconds."""
    size = max(1, round(rate * 0.002))
    peaks = (
        np.abs(sound[: len(sound) // size * size].astype(np.int32)).reshape(-1, size).max(axis=1, initial=0)
    )
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (peaks > LOUD).astype(np.int8), [0]))))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        yield float(stop - start) * size / rate * 1000
