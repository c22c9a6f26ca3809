"""Many callers at once on one process that keeps what they say: real sockets, the real voice detector, a real database.

These callers are cheaper than `Caller`: a hundred of those would measure themselves.
"""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from antiphon.bench.line import CallDropped, WebSocketLine, open_line
from antiphon.bench.machine import usage
from antiphon.bench.nodes import nodes
from antiphon.bench.scripted_server import AGENT
from antiphon.bench.trials.framework import shares
from antiphon.bench.trials.load import CYCLE_S, REPLY, speech, state
from antiphon.bench.trials.resilience_kills import kept
from antiphon.bench.trials.soak import LOOK_S, Reading
from antiphon.bench.voices import RATE, CallerVoice
from antiphon.core.errors import AntiphonError
from antiphon.wire import native

ACK_S = 0.05
DIALLING_S = 10.0
"Seconds over which the callers dial: a crowd, not a stampede."


@dataclass(slots=True)
class Crowd:
    """What came of the callers."""

    callers: int = 0
    said: int = 0
    answered: int = 0
    share_ms: list[float] = field(default_factory=list)
    lag_ms: list[float] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    seconds: float = 0.0
    kept: int = 0
    "Sessions that the store holds whole: ended, with a report, and with every line acknowledged, in order."
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Ear:
    """What one caller hears: enough to acknowledge it."""

    turn: int = 0
    received: int = 0
    since: float = 0.0
    acked: int = 0
    answers: int = 0
    session: str = ""
    told: list[tuple[int, str, str, bool]] = field(default_factory=list)


async def crowd(
    callers: int,
    seconds: float,
    voice: CallerVoice,
    tell: Callable[[int], None] = lambda done: None,
) -> Crowd:
    """`callers` callers talked for `seconds`, each 3.5 s in every 10 s."""
    sound = await speech(voice)
    size = round(native.FRAME_SECONDS * RATE)
    frames = [sound.between(at, at + size).data for at in range(0, len(sound), size)]
    found = Crowd(callers)
    async with nodes(store="embedded", ears="silero", reply=REPLY, char_ms=50) as [node]:
        ears = [_Ear() for _ in range(callers)]
        until = asyncio.get_running_loop().time() + DIALLING_S + seconds
        is_gone = False
        try:
            async with asyncio.TaskGroup() as group:
                for number, ear in enumerate(ears):
                    group.create_task(
                        _call(node.url, number, ear, frames, until, found), name=f"caller {number}"
                    )
                begun = time.monotonic()
                while (at := time.monotonic() - begun) < DIALLING_S + seconds:
                    await asyncio.sleep(min(LOOK_S, seconds))
                    tell(round(at))
                    told, used = await state(node.url), usage(node.pid)
                    if at > DIALLING_S:
                        found.lag_ms += told.lag_ms
                        if used is not None:
                            found.readings.append(
                                Reading(at, used.rss_mb, used.cpu_s, told.sessions, told.tasks)
                            )
        except* OSError:
            found.faults.append("the server of the crowd is gone")
            is_gone = True
        if is_gone:
            return found
        found.seconds = seconds
        held = await kept(node.home, [ear.session for ear in ears])
        for ear in ears:
            session = held.get(ear.session)
            found.kept += bool(
                session and session.status == "ended" and session.has_report and session.lines == ear.told
            )
        for file in (node.home / "journals").glob("*.jsonl"):
            found.share_ms += [share.ms for share in shares(file)]
    return found


async def _call(url: str, number: int, ear: _Ear, frames: list[bytes], until: float, found: Crowd) -> None:
    await asyncio.sleep(DIALLING_S * number / found.callers)
    try:
        line = await open_line(url)
        async with asyncio.TaskGroup() as group:
            await line.send(native.encode(native.Hello(AGENT, greet=False)))
            hearing = group.create_task(_hear(line, ear), name="ear")
            try:
                await _speak(line, ear, frames, until, found)
                await line.send(native.encode(native.Bye()))
                await asyncio.wait([hearing], timeout=5)
            finally:
                hearing.cancel()
                await line.close()
    except* AntiphonError as group_of:
        found.faults += [f"caller {number}: {error}" for error in group_of.exceptions]


async def _speak(line: WebSocketLine, ear: _Ear, frames: list[bytes], until: float, found: Crowd) -> None:
    """Whole cycles of talk, frame by frame at their time, with an acknowledgement when one is due."""
    loop = asyncio.get_running_loop()
    at, acked_at = loop.time(), 0.0
    while at + CYCLE_S <= until:
        found.said += 1
        before = ear.answers
        for frame in frames:
            await asyncio.sleep(max(0.0, at - loop.time()))
            await line.send(frame)
            at += native.FRAME_SECONDS
            if ear.turn and loop.time() - acked_at >= ACK_S:
                played = min(ear.received, round((loop.time() - ear.since) * 24_000))
                if played > ear.acked:
                    acked_at, ear.acked = loop.time(), played
                    await line.send(native.encode(native.PlayedAck(ear.turn, played)))
        found.answered += ear.answers > before


async def _hear(line: WebSocketLine, ear: _Ear) -> None:
    loop = asyncio.get_running_loop()
    try:
        while True:
            data = await line.receive()
            if isinstance(data, bytes):
                turn, offset = struct.unpack_from("<II", data)
                if turn != ear.turn:
                    ear.turn, ear.since, ear.acked = turn, loop.time(), 0
                    ear.answers += 1
                ear.received = offset + (len(data) - 8) // 2
            else:
                match native.decode_server(data):
                    case native.Ready(session):
                        ear.session = session
                    case native.Remembered(turn, role, text, is_cut):
                        ear.told.append((turn, role, text, is_cut))
                    case _:
                        pass
    except CallDropped as dropped:
        if dropped.code != 1000:
            raise
