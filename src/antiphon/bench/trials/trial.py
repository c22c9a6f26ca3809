"""What every suite is given, and what it can say while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from antiphon.bench.caller import Caller
from antiphon.bench.headset import Utterance
from antiphon.bench.scripted_server import command
from antiphon.bench.serving import serving
from antiphon.bench.voices import CallerVoice, found_voices
from antiphon.bench.ways import way
from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError
from antiphon.wire import native


@dataclass(frozen=True, slots=True)
class Progress:
    """News of a bench that goes on: `done` of `total` trials of the suite, and what it is at."""

    suite: str
    done: int
    total: int
    doing: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """How large a bench should be, and what it runs against."""

    url: str = ""
    "A running server, for the suites that measure one as it is; empty: one of our own."
    agent: str = "tutor"
    repeats: int | None = None
    "Trials of each kind; None: as many as the suite thinks it needs."
    sessions: tuple[int, ...] = (1, 4, 8, 16)
    "Callers at once, for the suites about load."
    seconds: float = 60.0
    "How long a load is kept up, and a soak in all."
    voices: Sequence[CallerVoice] = ()
    "Who speaks, the most natural first; none: the voices found on the machine."
    tell: Callable[[Progress], None] = lambda progress: None
    via: str = "orchestrate"
    "The way the callers' sound takes, for the suites that speak."
    is_first_way: bool = True
    "Of several by which the suite is run: what nobody speaks in is done but once."
    key: str = ""
    "A token to call, for a running server that wants one."

    def call(self, url: str, agent: str = "") -> AbstractAsyncContextManager[Caller]:
        """A call to the server by the way that is measured; to `agent`, by default the one that was asked for."""
        return way(self.via)(url, agent=agent or self.agent, greet=False, key=self.key)

    def speakers(self) -> Sequence[CallerVoice]:
        """The voices to speak with."""
        return self.voices or found_voices()


@asynccontextmanager
async def scripted(home: Path | None = None, **options: str | float) -> AsyncIterator[str]:
    """The address of a scripted server of our own; `options` are those of its command line."""
    if home is not None:
        async with serving(command=command(home, **options)) as url:
            yield url
        return
    with TemporaryDirectory(prefix="antiphon-bench-") as folder:
        async with serving(command=command(Path(folder), **options)) as url:
            yield url


@asynccontextmanager
async def served(setup: Setup) -> AsyncIterator[str]:
    """The address of the server to measure as it is: the one that was named, or one of our own."""
    if setup.url:
        yield setup.url
        return
    async with serving() as url:
        yield url


def tone(seconds: float, rate: int = 16_000, peak: float = 8000.0, hertz: float = 440.0) -> Pcm:
    """A cosine that is loud from its first sample on: a caller whose beginning and end are exact."""
    at = np.arange(round(seconds * rate)) / rate
    return Pcm(np.rint(peak * np.cos(2 * np.pi * hertz * at)).astype("<i2").tobytes(), rate)


def remembered(caller: Caller) -> list[native.Remembered]:
    """What the server has told so far that it remembers of the agent's lines."""
    told = (arrived.message for arrived in caller.messages)
    return [message for message in told if isinstance(message, native.Remembered) and message.role == "agent"]


async def heard_out(caller: Caller, lines: int, timeout_s: float = 15.0) -> None:
    """The server remembers `lines` lines of its own in all. Raises TimeoutError and CallDropped."""
    await caller.wait_for(lambda: len(remembered(caller)) >= lines, timeout_s)


HEARD_OUT_S = 90.0
"Seconds for which an answer is heard out where it cannot be stopped without a word."


async def hush(caller: Caller, timeout_s: float = 15.0) -> None:
    """The agent is idle: whenever it spoke, it was told to stop, or heard out where there is no word for that.

    Raises TimeoutError and CallDropped.
    """
    async with asyncio.timeout(timeout_s) as limit:
        while True:
            # A turn of the caller may still be on its way: its answer is waited for, then stopped as well.
            await caller.wait_for(lambda: caller.phase in ("idle", "speaking") or caller.is_idle)
            if caller.phase == "speaking":
                try:
                    await caller.interrupt()
                except CallerError:
                    limit.reschedule(asyncio.get_running_loop().time() + HEARD_OUT_S)
                await caller.wait_for(lambda: caller.phase != "speaking")
                continue
            with suppress(TimeoutError):
                await caller.wait_idle(0.8)
                return


async def some_answer(caller: Caller, utterance: Utterance, timeout_s: float, enough_s: float = 0.8) -> bool:
    """At least `enough_s` of an answer to the utterance was heard, or its end. False when none came in time.

    Raises CallDropped.
    """

    def is_answered() -> bool:
        turns = {
            arrived.message.turn
            for arrived in reversed(caller.messages)
            if arrived.at >= utterance.end and isinstance(arrived.message, native.Latency)
        }
        rate = caller.loudspeaker.rate
        return any(caller.loudspeaker.played(turn) >= enough_s * rate for turn in turns) or (
            bool(turns) and caller.is_idle
        )

    try:
        await caller.wait_for(is_answered, timeout_s)
    except TimeoutError:
        return False
    await asyncio.sleep(0.3)
    return True
