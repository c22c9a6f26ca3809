"""The vocabulary of a conversation: what happened (events, past tense) and what to do about it (commands).

Every event and command is journalled. A turn is one exchange: what the user said and the agent's reply to
it; `turn` counts from 1, and news of a turn that is over is ignored. An utterance is a stretch of the
user's speech that is recognized as one; a turn may answer several.
"""

from __future__ import annotations

from dataclasses import dataclass

from antiphon.core.speech import Approved, WordMark
from antiphon.core.steering import AnswerAsked as AnswerAsked
from antiphon.core.steering import FunctionsAnswered as FunctionsAnswered
from antiphon.core.steering import FunctionsCalled as FunctionsCalled
from antiphon.core.steering import HandedBack as HandedBack
from antiphon.core.steering import LineErased as LineErased
from antiphon.core.steering import LineGiven as LineGiven
from antiphon.core.steering import LineWritten as LineWritten
from antiphon.core.steering import PersonSpoke as PersonSpoke
from antiphon.core.steering import StoppedAt as StoppedAt
from antiphon.core.steering import TakenOver as TakenOver
from antiphon.core.steering import TurnCommitted as TurnCommitted
from antiphon.core.steering import TurnDropped as TurnDropped
from antiphon.core.steering import TurnTakingSet as TurnTakingSet
from antiphon.core.terms import Phase, Purpose, Role, TurnEnd, TurnId, UtteranceId

__all__ = ["Phase", "Purpose", "Role", "TurnEnd", "TurnId", "UtteranceId"]


# ---- events: the user ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Joined:
    """The user is connected and can hear."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The user began to make speech-like sound."""

    at: float
    "When the first such sound reached us, session seconds: earlier than now by the detector's delay."


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The user fell silent, perhaps only for a moment."""

    at: float
    "When the last speech-like sound reached us, session seconds."


@dataclass(frozen=True, slots=True)
class SpeechWeighed:
    """How much speech the current burst over the agent's voice has held so far. Sent every few frames."""

    voiced: float
    "Seconds judged to be speech since SpeechStarted."
    softer: float = 0.0
    "Decibels by which it is softer than what the user said to the agent before; 0 while that is not known."


@dataclass(frozen=True, slots=True)
class PartiallyTranscribed:
    """The recognizer's guess while the user is still speaking. Replaces earlier guesses of `utterance`."""

    utterance: UtteranceId
    text: str


@dataclass(frozen=True, slots=True)
class Transcribed:
    """The words of `utterance` up to the latest silence. Replaces earlier ones: the user may go on."""

    utterance: UtteranceId
    text: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class TurnScored:
    """How complete the user's turn sounds at the latest silence."""

    utterance: UtteranceId
    completeness: float
    "P(the user has finished), 0…1"


@dataclass(frozen=True, slots=True)
class Typed:
    """The user wrote instead of speaking. A typed line is a whole turn."""

    text: str
    id: int = 0
    "Counts the caller's typed lines from 1, so that one sent again after a reconnection is known; 0: not counted."


@dataclass(frozen=True, slots=True)
class InterruptAsked:
    """The user pressed the button (or their page decided): stop speaking now."""


@dataclass(frozen=True, slots=True)
class CallerReturned:
    """The user is back after their connection was lost: what was queued for their ear is gone."""

    turn: TurnId
    samples: int
    "Of `turn`, the last one they heard something of: what their player had played in all."


@dataclass(frozen=True, slots=True)
class HungUp:
    """The user left. Nothing follows."""

    reason: str = ""


# ---- events: the reply -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SentenceReady:
    """A guarded sentence of the reply may be spoken."""

    turn: TurnId
    sentence: Approved


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """No more sentences of the reply will come."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class ReplyFailed:
    """The reply cannot be completed: every provider that could have made it has failed."""

    turn: TurnId
    error: str


@dataclass(frozen=True, slots=True)
class SpeechSynthesized:
    """Sound for sentence `sentence` of the turn now waits to be played, after what was queued before it."""

    turn: TurnId
    sentence: int
    "Counts the turn's Speak commands from 0."
    samples: int
    marks: tuple[WordMark, ...] = ()
    is_last: bool = False
    "No more sound of this sentence will come."


@dataclass(frozen=True, slots=True)
class SynthesisFailed:
    """Sentence `sentence` cannot be voiced. What was queued of it stands."""

    turn: TurnId
    sentence: int
    error: str


@dataclass(frozen=True, slots=True)
class AnswerExpected:
    """The reply has asked for something that people dictate: digits, email, spelling, date, sentence."""

    turn: TurnId
    kind: str


@dataclass(frozen=True, slots=True)
class QuestionUnderstood:
    """What the user said is a whole question and its answer is known: no word of it can be missing."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class PlayoutCleared:
    """The player has stopped and plays no more of the turn; it had played `samples` samples of it in all."""

    turn: TurnId
    samples: int


@dataclass(frozen=True, slots=True)
class Played:
    """The listener's player has played `samples` samples of the turn in all."""

    turn: TurnId
    samples: int


# ---- commands: the mind ----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class StartReply:
    """Begin to think about an answer. Unless `is_confirmed`, nothing with an effect may run yet."""

    turn: TurnId
    text: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class ContinueReply:
    """Go on with a reply that was cut off by a lost connection, not by the user.

    Say `rest`; and unless `is_whole`, then what else there is to say to `question`, of which `said` was said.
    """

    turn: TurnId
    question: str
    said: str
    rest: tuple[str, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class ConfirmReply:
    """The turn that was answered on speculation is over: what has an effect may run now."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class CancelReply:
    """Stop thinking about the turn, and forget what it has not yet spoken."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class CutUtterance:
    """What the user says from here on is a new utterance: the ones up to `utterance` are dealt with."""

    utterance: UtteranceId
    is_answered: bool = True
    "They were meant for the agent: so loud is the user when they talk to it."


@dataclass(frozen=True, slots=True)
class Expect:
    """Listen for an answer of this kind; empty: for anything."""

    kind: str


# ---- commands: the mouth ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Prepare:
    """Voice the sentence now but let nothing of it leave: the turn is not confirmed yet."""

    turn: TurnId
    sentence: int
    text: Approved


@dataclass(frozen=True, slots=True)
class Speak:
    """Voice the sentence after what is already queued."""

    turn: TurnId
    sentence: int
    text: Approved
    purpose: Purpose = Purpose.ANSWER


@dataclass(frozen=True, slots=True)
class HoldPlayout:
    """Pause the voice at once; it may go on."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class ResumePlayout:
    """Go on from the very sample at which the voice was held."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class ClearPlayout:
    """Not one more sample of the turn leaves or is played."""

    turn: TurnId


# ---- commands: screens and memory ------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Remember:
    """The line is part of the conversation from now on. An agent's line is what was heard of it."""

    turn: TurnId
    role: Role
    text: str
    is_cut: bool = False
    "The line was interrupted: the agent had more to say."
    by: str = ""
    "Whose line it is, for what a person said who had taken over."


@dataclass(frozen=True, slots=True)
class Revise:
    """Line number `line` of all that was remembered, from 0, holds this and nothing else; empty: it is forgotten."""

    line: int
    text: str
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class SetAside:
    """What the user said over the agent's voice was no turn: a back-channel. It is not answered."""

    utterance: UtteranceId
    text: str


@dataclass(frozen=True, slots=True)
class ShowHeard:
    """Of the agent's current line the listener has heard `heard`; `unheard` is queued or being made."""

    turn: TurnId
    heard: str
    unheard: str


@dataclass(frozen=True, slots=True)
class ChangePhase:
    """The conversation is in another phase."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class EndConversation:
    """Say no more and close. Nothing follows."""

    reason: str = ""


UserEvent = (
    Joined
    | SpeechStarted
    | SpeechStopped
    | SpeechWeighed
    | PartiallyTranscribed
    | Transcribed
    | TurnScored
    | Typed
    | InterruptAsked
    | CallerReturned
    | HungUp
)
SupervisorEvent = TakenOver | HandedBack | LineGiven | PersonSpoke
ProgramEvent = (
    TurnTakingSet
    | TurnCommitted
    | TurnDropped
    | LineWritten
    | LineErased
    | StoppedAt
    | FunctionsCalled
    | FunctionsAnswered
    | AnswerAsked
)
ReplyEvent = (
    SentenceReady
    | ReplyEnded
    | ReplyFailed
    | AnswerExpected
    | QuestionUnderstood
    | SpeechSynthesized
    | SynthesisFailed
    | Played
    | PlayoutCleared
)
Event = UserEvent | SupervisorEvent | ProgramEvent | ReplyEvent
Command = (
    StartReply
    | ContinueReply
    | ConfirmReply
    | CancelReply
    | CutUtterance
    | Expect
    | Prepare
    | Speak
    | HoldPlayout
    | ResumePlayout
    | ClearPlayout
    | Remember
    | Revise
    | SetAside
    | ShowHeard
    | ChangePhase
    | EndConversation
)
