"""What is left behind by many calls over a long time.

The callers of the suite `load` (the largest number that was asked for) talk without end, but each hangs up after
`CALL_S` seconds and calls again. The server's memory and processor time are read every `LOOK_S` seconds.
Memory growth is the slope of a straight line through the second half of the readings: the first half is what every
process takes to warm up. When all have hung up the server must hold no session and no more tasks than before.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from antiphon.bench.figures import Curve, Detail, Figure, Kind, Outcome, most
from antiphon.bench.machine import usage
from antiphon.bench.trials.load import CYCLE_S, REPLY, Life, live, speech, state
from antiphon.bench.trials.trial import Progress, Setup, scripted
from antiphon.core.audio import Pcm

TITLE = "Soak"
CALL_S = 60.0
LOOK_S = 5.0
GROWTH_GOAL = 20.0
"MiB in an hour: what a restart once a week would forgive."


@dataclass(frozen=True, slots=True)
class Reading:
    """The server at one instant, seconds after the callers began."""

    at_s: float
    rss_mb: float
    cpu_s: float
    sessions: int
    tasks: int

    def detail(self) -> Detail:
        return {
            "at_s": round(self.at_s, 1),
            "rss_mb": round(self.rss_mb, 2),
            "cpu_s": round(self.cpu_s, 2),
            "sessions": self.sessions,
            "tasks": self.tasks,
        }


async def run(setup: Setup) -> Outcome:
    """As many callers as the largest of `setup.sessions` kept calling for `setup.seconds`."""
    begun = time.monotonic()
    callers, sound = max(setup.sessions), await speech(setup.speakers()[0])
    lives: list[Life] = []
    readings: list[Reading] = []
    async with scripted(ears="silero", reply=REPLY, char_ms=50) as url:
        before = await state(url)
        until = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for number in range(callers):
                offset = CYCLE_S * number / callers
                group.create_task(_calls(url, sound, offset, lives, until), name=f"caller {number}")
            started = time.monotonic()
            while (at := time.monotonic() - started) < setup.seconds:
                setup.tell(Progress("soak", round(at), round(setup.seconds), f"{callers} callers"))
                await asyncio.sleep(min(LOOK_S, setup.seconds))
                readings += await _read(url, time.monotonic() - started)
            until.set()
        await asyncio.sleep(1.0)
        after = await state(url)
    responses = tuple(value for life in lives for value in life.responses)
    said = sum(len(life.utterances) for life in lives)
    return Outcome(
        "soak",
        TITLE,
        __doc__ or "",
        (
            Figure("memory growth", "MiB/h", growth(readings), (most(GROWTH_GOAL),), Kind.LEVEL),
            Figure("sessions left open", "", (float(after.sessions),), (most(0),), Kind.LEVEL),
            Figure("tasks left behind", "", (float(after.tasks - before.tasks),), (most(0),), Kind.LEVEL),
            Figure("end of speech → first sound", "ms", responses),
            Figure("utterances not answered", "", (float(said - len(responses)),), (most(0),), Kind.LEVEL),
            Figure("calls made", "", (float(len(lives)),), kind=Kind.LEVEL),
        ),
        curves=(_curve("resident memory", "MiB", readings, lambda reading: reading.rss_mb),),
        details=tuple(reading.detail() for reading in readings),
        failures=tuple(failure for life in lives for failure in life.failures),
        seconds=round(time.monotonic() - begun, 1),
    )


async def _calls(url: str, sound: Pcm, offset: float, lives: list[Life], until: asyncio.Event) -> None:
    """One caller calls again and again until told to end."""
    while not until.is_set():
        life, is_over = Life(), asyncio.Event()
        lives.append(life)
        async with asyncio.TaskGroup() as group:
            group.create_task(live(url, life, sound, 0.5 + offset, is_over), name="call")
            group.create_task(_end_call(is_over, until), name="end of the call")


async def _end_call(is_over: asyncio.Event, until: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(CALL_S):
            await until.wait()
    except TimeoutError:
        pass
    finally:
        is_over.set()


async def _read(url: str, at: float) -> list[Reading]:
    told = await state(url)
    used = usage(told.pid)
    return [] if used is None else [Reading(at, used.rss_mb, used.cpu_s, told.sessions, told.tasks)]


def growth(readings: list[Reading]) -> tuple[float, ...]:
    """MiB an hour by which the memory grows; nothing with too few readings to say."""
    later = readings[len(readings) // 2 :]
    if len(later) < 3:
        return ()
    slope = np.polyfit([r.at_s for r in later], [r.rss_mb for r in later], 1)[0]
    return (float(slope) * 3600,)


def _curve(name: str, unit: str, readings: list[Reading], y: Callable[[Reading], float]) -> Curve:
    return Curve(name, unit, "seconds", tuple(r.at_s for r in readings), tuple(y(r) for r in readings))
