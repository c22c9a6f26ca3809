"""A call as two people would draw it: when the caller made which sound, and when the agent's voice was heard.

Seconds on one axis. Nothing here knows how the sound travelled, or what the server thought of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

TICK_S = 0.2
"Seconds of silence from which on a voice has stopped: τ-voice looks at calls in ticks of that length."


class Act(StrEnum):
    """What a caller means by a sound."""

    TURN = "turn"
    "Something for the agent: it wants the floor, and an answer."
    BACKCHANNEL = "back-channel"
    "“Mhm”: the agent should go on."
    TIC = "vocal tic"
    "A cough, a throat cleared, an “um” to oneself."
    ASIDE = "side talk"
    "Words for somebody else in the room."
    NOISE = "noise"
    "A knock, a dropped pen: nobody meant anything."


SELECTED = (Act.BACKCHANNEL, Act.TIC, Act.ASIDE, Act.NOISE)
"What an agent should not take for a turn."


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to `end`, seconds."""

    start: float
    end: float

    def holds(self, at: float) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Said:
    """What the caller did, from its first audible sample to its last."""

    act: Act
    start: float
    end: float
    pauses: tuple[Span, ...] = ()
    "Silences within it, after which the caller goes on."
    text: str = ""

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of the agent's voice that the caller heard. `turn` is the same for all that is of one answer."""

    start: float
    end: float
    turn: int = 1


@dataclass(frozen=True, slots=True)
class Timeline:
    """One call, both sides in the order in which they began."""

    said: tuple[Said, ...] = ()
    heard: tuple[Heard, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "said", tuple(sorted(self.said, key=lambda said: said.start)))
        object.__setattr__(self, "heard", joined(self.heard))

    def turns(self) -> list[Said]:
        """What was said to the agent."""
        return [said for said in self.said if said.act is Act.TURN]

    def speaking_at(self, at: float, grace_s: float = 0.0) -> Heard | None:
        """The stretch of voice that sounded then, or had ended no longer ago than `grace_s`."""
        return next(
            (heard for heard in reversed(self.heard) if heard.start <= at < heard.end + grace_s), None
        )

    def last_of(self, turn: int) -> float:
        """When the voice of that turn was heard for the last time."""
        return max((heard.end for heard in self.heard if heard.turn == turn), default=0.0)

    def onsets(self, start: float, stop: float) -> list[Heard]:
        """The stretches that begin in that time."""
        return [heard for heard in self.heard if start <= heard.start < stop]

    def answer_to(self, said: Said) -> Heard | None:
        """The first voice after it that had not been heard before it, and before the caller's next turn; or None."""
        until = min((other.start for other in self.turns() if other.start >= said.end), default=float("inf"))
        known = {heard.turn for heard in self.heard if heard.start < said.start}
        return next((heard for heard in self.onsets(said.end, until) if heard.turn not in known), None)


def joined(stretches: Iterable[Heard], tick_s: float = TICK_S) -> tuple[Heard, ...]:
    """In order, those of one turn that less than a tick of silence parts being one."""
    whole: list[Heard] = []
    for heard in sorted(stretches, key=lambda one: one.start):
        last = whole[-1] if whole else None
        if last is not None and last.turn == heard.turn and heard.start - last.end < tick_s:
            whole[-1] = Heard(last.start, max(last.end, heard.end), heard.turn)
        else:
            whole.append(heard)
    return tuple(whole)
