"""What it costs to serve many callers, and what they notice of each other.

A real server with the real voice activity detector, one model for all, and a real embedded Postgres, on whose disk
each turn is before it is heard; recognizer, turn detector, agent and voice follow a script and cost next to
nothing, so that what is counted is Antiphon. The callers live in this process, not in the server's. Each speaks
for 3.5 s in every 10 s, hears an answer of about 2 s, and otherwise sends the murmur of a quiet room (-66 dBFS:
digital silence would spare the detector its work), in frames of 32 ms. They begin spread over the cycle. Processor
time is the server's, user and kernel, its children included, while all callers are connected, less what it uses
with none; a session-minute is one caller's minute. Memory is the server's resident set: its growth from the first
step of the load to the last, for each caller that was added. The response is measured at the caller, from its last
audible sample to the first of the answer. The loop's lag is how late a timer of the server's fires, asked ten
times a second.
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from antiphon.bench.caller import Caller, call
from antiphon.bench.figures import Curve, Detail, Figure, Kind, Outcome, median, most, p50_p95, percentile
from antiphon.bench.headset import Utterance
from antiphon.bench.line import CallDropped
from antiphon.bench.machine import usage
from antiphon.bench.scripted_server import AGENT
from antiphon.bench.trials.trial import Progress, Setup, scripted
from antiphon.bench.turns import measure
from antiphon.bench.voices import RATE, CallerVoice
from antiphon.bench.waveform import samples_of
from antiphon.core.audio import Pcm
from antiphon.core.errors import AntiphonError

TITLE = "Load"
CYCLE_S, SPEECH_S = 10.0, 3.5
ROOM = 16.0
"Level of the room's noise, in 16-bit steps: too soft to be audible, too loud to be nothing."
BASELINE_S = 5.0
SAYS = "I would like to book an appointment for next Tuesday, at about half past three in the afternoon."
REPLY = "I have noted it for Tuesday afternoon."
CPU_GOAL, RSS_GOAL = 0.6, 1.0
RESPONSE_GOALS = p50_p95(500, 800)


@dataclass(slots=True)
class Life:
    """What one caller of a load has said, and how it fared."""

    utterances: list[Utterance] = field(default_factory=list)
    responses: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    is_settled: asyncio.Event = field(default_factory=asyncio.Event)
    "Connected, or known not to be."


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the load. None where the system does not tell."""

    callers: int
    seconds: float
    cpu_s: float | None
    "Of the server, its idling taken off."
    rss_mb: float | None
    responses: tuple[float, ...]
    missed: int
    "Utterances that were not answered."
    lag_ms: tuple[float, ...]
    failures: tuple[str, ...]

    @property
    def cpu_per_session_minute(self) -> float | None:
        return None if self.cpu_s is None else self.cpu_s / (self.callers * self.seconds / 60)

    def detail(self) -> Detail:
        lag = self.lag_ms or (0.0,)
        told = self.responses
        return {
            "callers": self.callers,
            "seconds": round(self.seconds, 1),
            "cpu_s_per_session_minute": _rounded(self.cpu_per_session_minute),
            "cores": _rounded(None if self.cpu_s is None else self.cpu_s / self.seconds),
            "rss_mb": _rounded(self.rss_mb),
            "response_p50_ms": _rounded(median(told) if told else None),
            "response_p95_ms": _rounded(percentile(told, 95) if told else None),
            "answers": len(told),
            "missed": self.missed,
            "lag_p50_ms": _rounded(median(lag)),
            "lag_p95_ms": _rounded(percentile(lag, 95)),
            "lag_most_ms": _rounded(max(lag)),
        }


async def run(setup: Setup) -> Outcome:
    """Each step of `setup.sessions` was kept up for `setup.seconds`, one after the other on one server."""
    begun = time.monotonic()
    sound = await speech(setup.speakers()[0])
    steps: list[Step] = []
    async with scripted(ears="silero", reply=REPLY, char_ms=50, store="embedded") as url:

        def tell(doing: str) -> None:
            setup.tell(Progress("load", len(steps), len(setup.sessions), doing))

        async for step in climb(url, setup.sessions, setup.seconds, sound, tell):
            steps.append(step)
    return Outcome(
        "load",
        TITLE,
        __doc__ or "",
        tuple(figures(steps)),
        curves=tuple(_curves(steps)),
        details=tuple(step.detail() for step in steps),
        failures=tuple(f"{step.callers} callers: {text}" for step in steps for text in step.failures),
        seconds=round(time.monotonic() - begun, 1),
    )


async def speech(voice: CallerVoice) -> Pcm:
    """One cycle of a caller: `SPEECH_S` seconds of talk, then a quiet room."""
    said = samples_of(await voice.say(SAYS))[: round(SPEECH_S * RATE)]
    cycle = np.random.default_rng(1).normal(0, ROOM, round(CYCLE_S * RATE))
    cycle[: len(said)] += said
    return Pcm(np.rint(np.clip(cycle, -32768, 32767)).astype("<i2").tobytes(), RATE)


async def climb(
    url: str, sessions: Sequence[int], seconds: float, sound: Pcm, tell: Callable[[str], None]
) -> AsyncIterator[Step]:
    """Each number of `sessions` talked to the server for `seconds`, one after the other, each saying `sound` in cycles.

    The server has to be one that tells its state. Raises OSError when it does not.
    """
    pid = (await state(url)).pid
    idle = await _idle_rate(pid)
    for callers in sessions:
        yield await _step(url, pid, callers, seconds, sound, idle, tell)


async def _step(
    url: str, pid: int, callers: int, seconds: float, sound: Pcm, idle: float, tell: Callable[[str], None]
) -> Step:
    tell(f"{callers} callers dial")
    lives = [Life() for _ in range(callers)]
    until = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number, life in enumerate(lives):
            begin_s = 0.5 + CYCLE_S * number / callers
            group.create_task(live(url, life, sound, begin_s, until), name=f"caller {number}")
        # A first cycle before counting: whatever is made once for a session has been made.
        async with asyncio.timeout(30 + CYCLE_S):
            await asyncio.gather(*(life.is_settled.wait() for life in lives))
            await asyncio.sleep(min(CYCLE_S, seconds))
        await state(url)
        tell(f"{callers} callers talk")
        before, begun = usage(pid), time.monotonic()
        await asyncio.sleep(seconds)
        after, lasted = usage(pid), time.monotonic() - begun
        told = await state(url)
        until.set()
        tell(f"{callers} callers hang up")
    cpu = None if before is None or after is None else after.cpu_s - before.cpu_s - idle * lasted
    said = sum(len(life.utterances) for life in lives)
    responses = tuple(value for life in lives for value in life.responses)
    return Step(
        callers,
        lasted,
        cpu,
        None if after is None else after.rss_mb,
        responses,
        said - len(responses),
        told.lag_ms,
        tuple(failure for life in lives for failure in life.failures),
    )


async def live(url: str, life: Life, sound: Pcm, begin_s: float, until: asyncio.Event) -> None:
    """One caller talks in cycles from `begin_s` seconds after it is connected until told to end."""
    try:
        async with call(url, agent=AGENT) as caller:
            life.is_settled.set()
            at = begin_s
            while not until.is_set():
                utterance = caller.start_saying(sound, at)
                at += CYCLE_S
                await caller.wait_for(lambda due=at: until.is_set() or caller.now >= due - 0.2)  # type: ignore[misc]
                if caller.now >= at - 0.5:
                    life.utterances.append(utterance)
            # Measured at the end: it takes processor time that the other callers need for their sound.
            for utterance in life.utterances:
                _note(caller, utterance, life)
    except (CallDropped, TimeoutError) as error:
        life.failures.append(str(error) or "timed out")
    except AntiphonError as error:
        life.failures.append(str(error))
    finally:
        life.is_settled.set()


def _note(caller: Caller, utterance: Utterance, life: Life) -> None:
    response = measure(caller, utterance).response_ms
    if response is not None:
        life.responses.append(response)


@dataclass(frozen=True, slots=True)
class State:
    """What the scripted server tells of itself."""

    pid: int
    sessions: int
    tasks: int
    lag_ms: tuple[float, ...]
    "Since it was asked last."


async def state(url: str) -> State:
    """The server's state now. Raises OSError when it does not answer."""

    def ask() -> State:
        # No proxy of the environment between us and our own machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{url}/bench/state", timeout=10) as answer:
            told = json.load(answer)
        return State(told["pid"], told["sessions"], told["tasks"], tuple(told["lag_ms"]))

    return await asyncio.to_thread(ask)


async def _idle_rate(pid: int) -> float:
    """Seconds of processor time the server uses in a second with nobody connected."""
    before = usage(pid)
    await asyncio.sleep(BASELINE_S)
    after = usage(pid)
    return 0.0 if before is None or after is None else (after.cpu_s - before.cpu_s) / BASELINE_S


def figures(steps: Sequence[Step]) -> list[Figure]:
    """What the steps come to: the costs at the largest one."""
    last = steps[-1]
    cpu = last.cpu_per_session_minute
    rows = [
        Figure(
            f"processor time per session-minute, {last.callers} callers",
            "s",
            () if cpu is None else (cpu,),
            (most(CPU_GOAL),),
            Kind.LEVEL,
        )
    ]
    if len(steps) > 1 and last.rss_mb is not None and steps[0].rss_mb is not None:
        added = (last.rss_mb - steps[0].rss_mb) / (last.callers - steps[0].callers)
        rows.append(
            Figure("memory per added session", "MiB", (added,), (most(RSS_GOAL),), Kind.LEVEL),
        )
    for step in steps:
        goals = RESPONSE_GOALS if step is last else ()
        rows.append(
            Figure(f"end of speech → first sound, {step.callers} callers", "ms", step.responses, goals)
        )
    rows.append(Figure(f"lag of the server's loop, {last.callers} callers", "ms", last.lag_ms))
    missed = sum(step.missed for step in steps)
    rows.append(Figure("utterances not answered", "", (float(missed),), (most(0),), Kind.LEVEL))
    return rows


def _curves(steps: Sequence[Step]) -> list[Curve]:
    x = tuple(float(step.callers) for step in steps)

    def curve(name: str, unit: str, y: Callable[[Step], float | None], bound: float | None = None) -> Curve:
        return Curve(name, unit, "callers", x, tuple(_rounded(y(step)) for step in steps), bound)

    def of(step: Step, percent: float) -> float | None:
        return percentile(step.responses, percent) if step.responses else None

    return [
        curve("processor time per session-minute", "s", lambda step: step.cpu_per_session_minute, CPU_GOAL),
        curve("resident memory", "MiB", lambda step: step.rss_mb),
        curve("response, median", "ms", lambda step: of(step, 50)),
        curve("response, 95th percentile", "ms", lambda step: of(step, 95)),
        curve("loop lag, 95th percentile", "ms", lambda s: percentile(s.lag_ms, 95) if s.lag_ms else None),
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
