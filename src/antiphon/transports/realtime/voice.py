"""The agent's voice on its way to a client of the protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from antiphon.core.audio import Pcm
from antiphon.core.events import TurnId
from antiphon.transports.outflow import Frame, Outflow
from antiphon.transports.playing import Playing
from antiphon.transports.realtime.beside import Player

LEAD = 2.0
"""Seconds of sound sent ahead of the ear. These clients expect sound faster than it is played, and say themselves
where they stopped; with less, a network's hiccup would be heard, with all of it, nobody could interrupt."""


class Voice(Protocol):
    """Counts of samples that go out are at the rate of the sound that came in; `rate` is what the client gets."""

    rate: int
    player: Player | None
    "Of responses out of band; None: their sound goes in events."

    @property
    def turn(self) -> TurnId:
        """The one that sounds, or sounded last."""
        ...

    @property
    def given_out(self) -> int:
        """Of what was given of the turn, the samples known to have left; all, when nothing waits."""
        ...

    def play(self, turn: TurnId, sentence: int, pcm: Pcm) -> None: ...
    def hold(self) -> None: ...
    def resume(self) -> None: ...
    def clear(self, turn: TurnId) -> None:
        """Nothing more of the turn leaves."""
        ...

    def next(self) -> Frame | None:
        """The next piece that leaves, or has left; None: none just now."""
        ...

    def advance(self) -> int | None:
        """Samples of the turn that were played, if it is news."""
        ...

    def stop_at(self, turn: TurnId, samples: int) -> int | None:
        """The player stopped there, at our rate: the count at theirs. None for a turn that is not in hand."""
        ...

    def stopped(self, turn: TurnId) -> int:
        """Where it stopped, as far as we know."""
        ...

    def stopped_at(self, turn: TurnId) -> int:
        """The same at `rate`."""
        ...

    @property
    def is_played_out(self) -> bool:
        """There was sound, and all of it has been played."""
        ...


class Flowing:
    """What voices have in common: an `Outflow`, which knows what was given and what has left."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._flow = Outflow(rate, LEAD)

    @property
    def turn(self) -> TurnId:
        return self._flow.turn

    @property
    def given_out(self) -> int:
        return self._flow.given_out

    @property
    def is_played_out(self) -> bool:
        flow = self._flow
        return not flow.has_more and 0 < flow.sent <= flow.played

    def play(self, turn: TurnId, sentence: int, pcm: Pcm) -> None:
        self._flow.play(turn, sentence, pcm)


class SentVoice(Flowing):
    """Sound in events, sent ahead of the ear; the client's player is where the clock says."""

    def __init__(self, rate: int, clock: Callable[[], float], is_text: Callable[[], bool]) -> None:
        """`is_text`: what is said is read, not heard: all of it, at once."""
        super().__init__(rate)
        self.player: Player | None = None
        self._playing = Playing()
        self._clock = clock
        self._is_text = is_text

    def hold(self) -> None:
        """The client plays on what it has, and gets no more."""
        self._flow.hold()

    def resume(self) -> None:
        self._flow.resume()

    def clear(self, turn: TurnId) -> None:
        self._flow.clear(turn)

    def next(self) -> Frame | None:
        return self._flow.next()

    def advance(self) -> int | None:
        flow = self._flow
        before = flow.played
        at = self._playing.played(flow.turn, flow.sent, flow.rate, self._clock())
        count = flow.acknowledge(flow.turn, flow.sent if self._is_text() else at)
        return count if flow.played > before else None

    def stop_at(self, turn: TurnId, samples: int) -> int | None:
        return self._flow.stop_at(turn, samples)

    def stopped(self, turn: TurnId) -> int:
        return self._flow.acknowledge(turn, 0) or 0

    def stopped_at(self, turn: TurnId) -> int:
        return self._flow.played if turn == self._flow.turn else 0
