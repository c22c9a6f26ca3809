"""The way of sound from the mouth to the transport: none is heard before what it says is on disk."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from antiphon.core.audio import Pcm
from antiphon.core.events import SpeechSynthesized, TurnId
from antiphon.ports import Transport

LEAD = 0.1
"""Seconds of sound the listener has not heard yet, above which nobody need hurry with the commit of what follows: it
comes by itself after 0.03, and each that is asked for costs a millisecond of every caller's processor."""


@dataclass(eq=False, slots=True)
class _Sound:
    """A piece of speech that was made, and waits until it is known to have been."""

    event: SpeechSynthesized
    pcm: Pcm
    is_recorded: bool = False


class Outlet:
    """Gives sound to the transport in its order. `run` is the loop; the other methods never block.

    Sound waits until `recorded` was called with its event and `committed` has returned, which is told whether that
    is urgent: nobody hears what a process that dies has not told the next one of, so no word is heard twice. Speech
    is made faster than it is heard, so that only the first sound of a turn is late by as much. Without `committed`
    nothing waits.
    """

    def __init__(
        self, transport: Transport, committed: Callable[[bool], Awaitable[None]] | None = None
    ) -> None:
        self._transport = transport
        self._committed = committed
        self._made: deque[_Sound] = deque()
        self._is_due = asyncio.Event()
        self._is_held = False
        self._clock = asyncio.get_running_loop().time
        self._turn: TurnId = 0
        self._dry_at = 0.0

    def give(self, event: SpeechSynthesized, pcm: Pcm) -> None:
        """`pcm`, which `event` tells of, will be heard after what was given before."""
        if self._committed is None:
            self._transport.play(event.turn, event.sentence, pcm)
        else:
            self._made.append(_Sound(event, pcm))

    def recorded(self, event: SpeechSynthesized) -> None:
        """The event is in the journal, if not yet on disk."""
        for made in self._made:
            if made.event is event:
                made.is_recorded = True
                self._is_due.set()

    def hold(self) -> None:
        """Nothing leaves until `resume` or `forget`."""
        self._is_held = True

    def resume(self) -> None:
        """What is on disk leaves again."""
        self._is_held = False
        self._is_due.set()

    def forget(self, turn: TurnId) -> None:
        """Nothing of the turn waits. What the conversation knows of goes to the transport, to be cleared there."""
        self._made = deque(made for made in self._made if made.event.turn != turn or made.is_recorded)
        while self._made and self._made[0].event.turn == turn:
            self._play(self._made.popleft())
        self._is_held = False

    async def run(self) -> None:
        """Sound leaves in time, until cancelled."""
        while self._committed is not None:
            await self._is_due.wait()
            self._is_due.clear()
            while not self._is_held and self._made and (first := self._made[0]).is_recorded:
                known = [made for made in self._made if made.is_recorded]
                await self._committed(self._is_urgent(first.event.turn))
                while not self._is_held and self._made and self._made[0] in known:
                    self._play(self._made.popleft())

    def _is_urgent(self, turn: TurnId) -> bool:
        """The listener hears nothing, or soon will."""
        return turn != self._turn or self._clock() > self._dry_at - LEAD

    def _play(self, made: _Sound) -> None:
        turn, now = made.event.turn, self._clock()
        if turn != self._turn:
            self._turn, self._dry_at = turn, now
        self._dry_at = max(now, self._dry_at) + len(made.pcm) / made.pcm.rate
        self._transport.play(turn, made.event.sentence, made.pcm)
