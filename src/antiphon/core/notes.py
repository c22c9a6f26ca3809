"""What is worth knowing about a turn but changes nothing in it: journalled, shown, measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from antiphon.core.events import TurnId


class Stage(StrEnum):
    """Steps on the way from the end of the user's speech to the agent's first sound."""

    ENDPOINTING = "endpointing"
    "Waiting for silence to be the end of the turn."
    RECOGNITION = "recognition"
    ROUTING = "routing"
    "The input guardrail and the choice of a specialist, side by side."
    RETRIEVAL = "retrieval"
    "Finding what is true: a solver, a tool, a knowledge base."
    MODEL = "model"
    "A language model's first sentence."
    GUARDRAIL = "guardrail"
    SYNTHESIS = "synthesis"
    TRANSPORT = "transport"


@dataclass(frozen=True, slots=True)
class StageDone:
    """The reply of the turn has passed this step for the first time."""

    turn: TurnId
    stage: Stage


@dataclass(frozen=True, slots=True)
class RouteDecided:
    """Who answers the turn."""

    turn: TurnId
    specialist: str
    confidence: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TextJudged:
    """The guardrail's verdict on a text: `side` input or output, `action` allow, rewrite or block."""

    turn: TurnId
    side: str
    action: str
    text: str
    categories: tuple[str, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class NothingKnown:
    """The turn was answered by saying that nothing is known about what was asked."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class CutShort:
    """There was more to say for the turn than its caller's program allows."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class ToolUsed:
    """A tool was used for a turn."""

    turn: TurnId
    tool: str
    outcome: str
    "done, failed or timed_out"
    ms: float


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """The caller pressed the button: they want a human being."""


@dataclass(frozen=True, slots=True)
class PersonNeeded:
    """A human being is asked to come."""

    turn: TurnId
    reason: str


@dataclass(frozen=True, slots=True)
class SoundSent:
    """The first sample of this sentence of the turn has left."""

    turn: TurnId
    sentence: int


@dataclass(frozen=True, slots=True)
class TurnMeasured:
    """How long the caller waited for the answer; the parts, in order, sum to the whole. Milliseconds."""

    turn: TurnId
    response_ms: float
    parts_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """A language model has written for the turn, whether it was heard or not."""

    turn: TurnId
    model: str
    "vendor/model, as in the configuration."
    tokens_in: int
    "Read, not from a cache."
    tokens_out: int
    tokens_cached: int = 0
    "Read from a cache."
    tokens_stored: int = 0
    "Read, and put into a cache."
    is_estimate: bool = False
    "The model did not tell, or not all, as when it was cut short."
    cache_key: str = ""
    "The answer's address in the cache of common answers; empty: it is not in there."
    is_from_cache: bool = False
    "It was given from there, and nothing was used."


@dataclass(frozen=True, slots=True)
class ServiceUsed:
    """A service that is paid for, other than a language model, has worked for the turn."""

    turn: TurnId
    "What was recognized counts towards the turn it was said for; 0: a supervisor's words, which are no turn's."
    kind: str
    "recognizer, voice, moderation or encoder."
    service: str
    "vendor/model, as in the configuration."
    seconds: float = 0.0
    "Of sound, heard or made."
    characters: int = 0
    "That were to be spoken."
    tokens: int = 0
    "Read."
    requests: int = 1
    is_estimate: bool = False
    "It was cut short: what it did until then is not known for sure."


@dataclass(frozen=True, slots=True)
class Learnt:
    """What an answer leaves behind for later questions, as far as it is plain JSON."""

    turn: TurnId
    memory: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Whispered:
    """A supervisor told the agent something that the caller does not see."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Attended:
    """A supervisor stands by the call, or has left it."""

    by: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class StillHere:
    """Nothing happened for a while, and the session is well."""


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The caller's connection is gone, though they did not hang up: they may come back."""

    reason: str


@dataclass(frozen=True, slots=True)
class Suspended:
    """The session stops here at a quiet moment, to be gone on with elsewhere."""

    reason: str
    retry_ms: int = 0
    "Its caller may come back after so long."


@dataclass(frozen=True, slots=True)
class JobChanged:
    """A job of the agent's, as it now is: a question that was put to it over HTTP, or what it says unasked."""

    job: str
    number: int
    "Counts the questions of the session from 1; 0: it was not asked for."
    status: str
    "pending, running, done, failed or cancelled."
    turn: TurnId = 0
    "In which it is answered; 0 while it waits."
    question: str = ""
    text: str = ""
    "What was approved of the answer so far."
    is_ready: bool = False
    "There is something to be heard of it."
    call: str = ""
    "The id of the function call that asked, if it was one."


@dataclass(frozen=True, slots=True)
class PageReported:
    """The caller's page says that something happened there, in a fixed vocabulary: nobody's words are in it."""

    name: str
    ms: float = 0.0
    "How long it took, until now; 0: it just happened."
    details: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Faulted:
    """Something broke that should not have; the conversation goes on if it can."""

    where: str
    error: str


Note = (
    StageDone
    | RouteDecided
    | TextJudged
    | NothingKnown
    | CutShort
    | ToolUsed
    | PersonAsked
    | PersonNeeded
    | SoundSent
    | TurnMeasured
    | ModelUsed
    | ServiceUsed
    | Learnt
    | Whispered
    | Attended
    | StillHere
    | ConnectionLost
    | Suspended
    | JobChanged
    | PageReported
    | Faulted
)
