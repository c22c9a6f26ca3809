"""What every transport must do, as a check for the tests of one. Needs no test framework; uses real time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.notes import ConnectionLost, SoundSent
from antiphon.ports import Transport

RATE = 24_000
SETTLE = 0.05
"Seconds a transport has to carry out what it was told."


class Line(Protocol):
    """A transport and its far end, in the hands of a test. The far end plays nothing by itself."""

    transport: Transport

    def left(self, turn: e.TurnId) -> int:
        """Samples of the turn that have reached the far end."""
        ...

    async def acknowledge(self, turn: e.TurnId, samples: int, cleared: bool = False) -> None:
        """The far end says that it has played so much of the turn, `cleared` that it will play no more."""
        ...

    async def speak(self, pcm: Pcm) -> None:
        """The far end says `pcm`."""
        ...

    async def leave(self) -> None:
        """The far end hangs up."""
        ...


@dataclass
class Told:
    """What a transport's `run` has told."""

    sent: list[SoundSent] = field(default_factory=list)
    heard: list[Pcm] = field(default_factory=list)


async def check_transport(make: Callable[[], Line]) -> None:
    """Every law of `ports.Transport` holds for what `make` gives. Raises AssertionError that names the law."""
    await _with(make, _sound_is_sent_a_bounded_time_ahead)
    await _with(make, _held_sound_stays_and_goes_on)
    await _with(make, _nothing_follows_a_clear)
    await _with(make, _counts_never_exceed_what_was_sent)
    await _with(make, _what_the_caller_says_is_heard)
    await _with(make, _leaving_is_told)


async def _with(make: Callable[[], Line], law: Callable[[Line, Told], Awaitable[None]]) -> None:
    line, told = make(), Told()
    running = asyncio.create_task(
        line.transport.run(told.sent.append, told.heard.append), name="transport under test"
    )
    try:
        async with asyncio.timeout(10):
            await law(line, told)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _tone(seconds: float) -> Pcm:
    return Pcm(b"\x00\x10" * round(seconds * RATE), RATE)


async def _sound_is_sent_a_bounded_time_ahead(line: Line, told: Told) -> None:
    line.transport.play(1, 0, _tone(1.0))
    line.transport.play(1, 1, _tone(1.0))
    await asyncio.sleep(SETTLE)
    first = line.left(1)
    assert 0 < first <= 0.5 * RATE, f"{first} samples left before any was acknowledged; some, but few, should"
    assert told.sent == [SoundSent(1, 0)], f"the first sample of sentence 0 left, but run told {told.sent}"
    await line.acknowledge(1, first)
    got = await line.transport.receive()
    assert got == e.Played(1, first), f"{first} samples were acknowledged, receive gave {got}"
    await asyncio.sleep(SETTLE)
    assert line.left(1) > first, "an acknowledgement should let more sound leave"


async def _held_sound_stays_and_goes_on(line: Line, told: Told) -> None:
    line.transport.play(1, 0, _tone(1.0))
    await asyncio.sleep(SETTLE)
    line.transport.hold(1)
    first = line.left(1)
    await line.acknowledge(1, first)
    await line.transport.receive()
    await asyncio.sleep(SETTLE)
    assert line.left(1) == first, "sound left while it was held"
    line.transport.resume(1)
    await asyncio.sleep(SETTLE)
    assert line.left(1) > first, "after resume, sound should go on"


async def _nothing_follows_a_clear(line: Line, told: Told) -> None:
    line.transport.play(1, 0, _tone(1.0))
    await asyncio.sleep(SETTLE)
    line.transport.clear(1)
    before = line.left(1)
    line.transport.play(1, 0, _tone(1.0))
    await line.acknowledge(1, before // 2, cleared=True)
    await asyncio.sleep(SETTLE)
    assert line.left(1) == before, "sound of a cleared turn left"
    got = await line.transport.receive()
    assert got == e.PlayoutCleared(1, before // 2), f"the player stopped at {before // 2}, receive gave {got}"
    line.transport.play(2, 0, _tone(0.1))
    await asyncio.sleep(SETTLE)
    assert line.left(2) == round(0.1 * RATE), "the next turn should be heard"


async def _counts_never_exceed_what_was_sent(line: Line, told: Told) -> None:
    line.transport.play(1, 0, _tone(1.0))
    await asyncio.sleep(SETTLE)
    await line.acknowledge(1, 10**9)
    got = await line.transport.receive()
    assert isinstance(got, e.Played), f"receive gave {got}"
    assert got.samples <= RATE, f"{got.samples} samples counted as played, only {RATE} were queued"


async def _what_the_caller_says_is_heard(line: Line, told: Told) -> None:
    said = [Pcm(bytes([number, 1]) * 320, 16_000) for number in range(20)]
    receiving = asyncio.create_task(line.transport.receive(), name="receive under test")
    try:
        await asyncio.sleep(SETTLE)
        for pcm in said:
            await line.speak(pcm)
        await asyncio.sleep(SETTLE)
        assert b"".join(pcm.data for pcm in said) in b"".join(pcm.data for pcm in told.heard), (
            f"20 frames were said, {len(told.heard)} were heard, or others, or in another order"
        )
        assert not receiving.done(), "sound is no news"
        await asyncio.sleep(1.0)
        heard = sum(pcm.seconds for pcm in told.heard)
        assert heard >= 0.9, f"the caller's sound stayed away for a second, but only {heard} s were heard"
    finally:
        receiving.cancel()
        await asyncio.gather(receiving, return_exceptions=True)


async def _leaving_is_told(line: Line, told: Told) -> None:
    await line.leave()
    got = await line.transport.receive()
    assert isinstance(got, e.HungUp | ConnectionLost), f"the far end left, receive gave {got}"
