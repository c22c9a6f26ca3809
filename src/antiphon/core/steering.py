"""What happens to a conversation from outside of what is said: facts, as in `events`, which passes them on."""

from __future__ import annotations

from dataclasses import dataclass

from antiphon.core.speech import Approved
from antiphon.core.terms import Role, TurnEnd, TurnId


# ---- the supervisor --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class TakenOver:
    """A person speaks in the agent's place from now on; the agent listens and is silent."""

    by: str


@dataclass(frozen=True, slots=True)
class HandedBack:
    """The agent speaks for itself again."""

    by: str


@dataclass(frozen=True, slots=True)
class LineGiven:
    """A person, or the house when `by` is empty, wants this said in the agent's voice, once nobody speaks."""

    by: str
    line: Approved
    ends: str = ""
    "Why it is the last thing said; empty: it is not."


@dataclass(frozen=True, slots=True)
class PersonSpoke:
    """A person said this to the user with their own voice."""

    by: str
    text: str


# ---- the caller's program --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class TurnTakingSet:
    """The program takes a part of the turn-taking upon itself, or gives it back."""

    ends: TurnEnd
    gives_way: bool = True
    "The agent stops for the user's voice. If not, what is said meanwhile waits until it has finished."
    patience: float = 1.0
    "Times the silence that is waited for otherwise is waited for."
    silence: float | None = None
    "Seconds of silence that end a turn, whatever was said; None: the policy says how many."
    prompts_after: float | None = None
    "Seconds of silence of both, after an answer, in which the agent speaks up; None: it does not."
    judges: bool = True
    "It only pauses until it is known what the voice over its own means. If not, it stops for any voice at once."


@dataclass(frozen=True, slots=True)
class TurnCommitted:
    """The program says that this is all of the user's turn: no silence is waited for."""


@dataclass(frozen=True, slots=True)
class TurnDropped:
    """The program says that what the user said and nobody has answered or kept is to be forgotten."""


@dataclass(frozen=True, slots=True)
class LineWritten:
    """The program wrote a line into the conversation. One of the user's is answered when an answer is asked for."""

    role: Role
    text: str
    is_cut: bool = False
    "It was interrupted: there was more to say."
    by: str = ""
    "Which other agent said it, which has so answered what waited; empty: the one whose conversation this is."


@dataclass(frozen=True, slots=True)
class LineErased:
    """The program wants line number `line` of the transcript forgotten; it counts from 0. `text` is what it holds."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class StoppedAt:
    """The program says where the user's player stopped: it has played `samples` samples of the turn in all, no more.

    The turn may be over by then: what is remembered of it is what was heard.
    """

    turn: TurnId
    samples: int


@dataclass(frozen=True, slots=True)
class FunctionsCalled:
    """The program has to call functions for the answer of the turn. Until then the agent fills no pause."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class FunctionsAnswered:
    """What they gave is known, or will never be: the answer of the turn goes on."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class AnswerAsked:
    """The program wants an answer: to what waits for one, or else to the last question once more."""
