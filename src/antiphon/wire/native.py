"""The single bidirectional WebSocket, version 1: messages as values, and their JSON.

Text frames carry one JSON object with a `type`; binary frames carry sound. Upstream a binary frame is
nothing but PCM16 at the rate said in `hello`; downstream eight bytes go before the PCM16 (see `native_sound`).
The same codec serves both ends. `docs/reference/orchestrate.md` is the protocol as its users read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, get_args

from antiphon.core.errors import CallerError
from antiphon.wire import fields
from antiphon.wire.native_sound import LIVE as LIVE
from antiphon.wire.native_sound import MAX_AUDIO_FRAME as MAX_AUDIO_FRAME
from antiphon.wire.native_sound import AudioFrame as AudioFrame
from antiphon.wire.native_sound import check_audio as check_audio
from antiphon.wire.native_sound import decode_audio as decode_audio
from antiphon.wire.native_sound import encode_audio as encode_audio

VERSION = 1
MAX_TEXT_FRAME = 64 * 1024
"Bytes of one JSON message. The longest honest one, a typed line, is limited to MAX_TYPED characters."
FRAME_SECONDS = 0.032
"Length of a client's frames, as it is best: what the ears judge at once, so that no part of it waits for the next."
MAX_TYPED = 2000
RATES = (8000, 16000, 22050, 24000, 32000, 44100, 48000)
"Sample rates we take and send, Hz."


# ---- client to server ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Hello:
    """The first message: who calls, whom they want, and how their sound is made."""

    type: ClassVar[str] = "hello"
    agent: str = "tutor"
    version: int = VERSION
    rate: int = 16000
    "Hz of the sound the client will send."
    play_rate: int = 24000
    "Hz of the sound the client wants to receive."
    client: str = ""
    greet: bool = True
    "Let the agent speak first."
    session: str = ""
    "The session to go on with, after a lost connection; empty for a new one."
    resume: str = ""
    "The token that `ready` gave for it."
    played_turn: int = 0
    "Of what was heard before the connection broke: the last turn, and how much of it was played."
    played_samples: int = 0
    "In all, at the `play_rate` of then and now."


@dataclass(frozen=True, slots=True)
class PlayedAck:
    """The player has played `samples` samples of the turn in all, at `play_rate`."""

    type: ClassVar[str] = "played"
    turn: int
    samples: int
    cleared: bool = False
    "True in the one sent after `clear`: the count is final."


@dataclass(frozen=True, slots=True)
class TypedText:
    """The user wrote a line."""

    type: ClassVar[str] = "text"
    text: str
    id: int = 0
    "Counts the lines of the session from 1. A line may be sent again after a resume: it is taken once."


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Stop speaking now."""

    type: ClassVar[str] = "interrupt"


@dataclass(frozen=True, slots=True)
class AskPerson:
    """The user wants a human being to come."""

    type: ClassVar[str] = "ask_person"


@dataclass(frozen=True, slots=True)
class Ping:
    """Answered by a Pong with the same `id`, at once."""

    type: ClassVar[str] = "ping"
    id: int = 0


@dataclass(frozen=True, slots=True)
class Bye:
    """The user hangs up."""

    type: ClassVar[str] = "bye"


# ---- server to client ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Ready:
    """The session is open: sound may flow."""

    type: ClassVar[str] = "ready"
    session: str
    agent: str
    version: int = VERSION
    rate: int = 16000
    play_rate: int = 24000
    ack_ms: int = 50
    "How often the player should acknowledge while it plays, milliseconds."
    lead_ms: int = 400
    "The server sends at most this much sound ahead of what was acknowledged."
    suggestions: tuple[str, ...] = ()
    "Questions a newcomer might ask this agent."
    resume: str = ""
    "Say it in `hello`, with the session, to go on after a lost connection; empty: that cannot be had."
    is_resumed: bool = False
    "The session goes on; what was remembered so far follows as `remembered` messages that are `is_past`."


@dataclass(frozen=True, slots=True)
class PhaseIs:
    """The conversation is in another phase: idle, listening, thinking, speaking or interrupted."""

    type: ClassVar[str] = "phase"
    phase: str
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the user is understood to be saying. Replaces earlier ones of the same `utterance`."""

    type: ClassVar[str] = "transcript"
    utterance: int
    text: str
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence the agent is about to say."""

    type: ClassVar[str] = "sentence"
    turn: int
    sentence: int
    text: str
    purpose: str = "answer"
    is_rewritten: bool = False


@dataclass(frozen=True, slots=True)
class HeardText:
    """How much of the agent's line has been heard."""

    type: ClassVar[str] = "heard"
    turn: int
    heard: str
    unheard: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """A line has become part of the conversation: the user's, or what was heard of the agent's."""

    type: ClassVar[str] = "remembered"
    turn: int
    role: str
    text: str
    is_cut: bool = False
    is_past: bool = False
    "It was said before the connection was lost."
    by: str = ""
    "Who said it, of a person who had taken over."


@dataclass(frozen=True, slots=True)
class Supervised:
    """A person stands by the call. `how`: joined, taken_over, handed_back or left."""

    type: ClassVar[str] = "supervised"
    by: str
    how: str


@dataclass(frozen=True, slots=True)
class Escalated:
    """A person has been asked to come."""

    type: ClassVar[str] = "escalated"
    turn: int
    reason: str


@dataclass(frozen=True, slots=True)
class GoAway:
    """The server will close this connection now, and the session can be gone on with: connect again."""

    type: ClassVar[str] = "goaway"
    reason: str
    retry_ms: int = 0
    "Wait so long before connecting again."


@dataclass(frozen=True, slots=True)
class RouteChosen:
    """Who answers this turn, and how sure the router is."""

    type: ClassVar[str] = "route"
    turn: int
    specialist: str
    confidence: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StagePassed:
    """The reply of the turn has passed this step for the first time: `retrieval`, `model` or `guardrail`."""

    type: ClassVar[str] = "stage"
    turn: int
    stage: str


@dataclass(frozen=True, slots=True)
class VerdictGiven:
    """The guardrail did not simply allow a text. `side` is input or output; `action` rewrite or block."""

    type: ClassVar[str] = "verdict"
    turn: int
    side: str
    action: str
    categories: tuple[str, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Hold:
    """Pause at once, keep what is queued."""

    type: ClassVar[str] = "hold"
    turn: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on from where `hold` paused."""

    type: ClassVar[str] = "resume"
    turn: int


@dataclass(frozen=True, slots=True)
class Clear:
    """Stop at once, drop what is queued of the turn, acknowledge once more, play no more of it."""

    type: ClassVar[str] = "clear"
    turn: int


@dataclass(frozen=True, slots=True)
class Latency:
    """How long the turn took: the parts sum to the whole. Milliseconds, in the order they happened."""

    type: ClassVar[str] = "latency"
    turn: int
    response_ms: float
    parts_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pong:
    type: ClassVar[str] = "pong"
    id: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """Something the client sent was not accepted; `field` names it. The connection goes on unless closed."""

    type: ClassVar[str] = "error"
    code: str
    message: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over. Nothing follows."""

    type: ClassVar[str] = "ended"
    reason: str = ""


ClientMessage = Hello | PlayedAck | TypedText | Interrupt | AskPerson | Ping | Bye
ServerMessage = (
    Ready
    | PhaseIs
    | Transcript
    | Sentence
    | HeardText
    | Remembered
    | Supervised
    | Escalated
    | GoAway
    | RouteChosen
    | StagePassed
    | VerdictGiven
    | Hold
    | Resume
    | Clear
    | Latency
    | Pong
    | Refused
    | Ended
)

_CLIENT: dict[str, type[ClientMessage]] = {cls.type: cls for cls in get_args(ClientMessage)}
SERVER_KINDS: dict[str, type[ServerMessage]] = {cls.type: cls for cls in get_args(ServerMessage)}


def encode(message: ClientMessage | ServerMessage) -> str:
    """The message as the text of one frame."""
    return fields.write(message)


def decode_client(text: str) -> ClientMessage:
    """What a client sent. Raises CallerError that names the field at fault."""
    message = fields.read(text, _CLIENT, MAX_TEXT_FRAME)
    if isinstance(message, Hello):
        _check_hello(message)
    if isinstance(message, TypedText) and message.id < 0:
        raise CallerError("a line's number cannot be negative", field="id")
    if isinstance(message, TypedText) and len(message.text) > MAX_TYPED:
        raise CallerError(f"text is longer than {MAX_TYPED} characters", field="text", code="too_long")
    if isinstance(message, PlayedAck) and (message.turn < 0 or message.samples < 0):
        raise CallerError("played counts cannot be negative", field="samples")
    return message


def decode_server(text: str) -> ServerMessage:
    """What a server sent. Raises CallerError that names the field at fault."""
    return fields.read(text, SERVER_KINDS, MAX_TEXT_FRAME)


def _check_hello(hello: Hello) -> None:
    if hello.played_turn < 0 or hello.played_samples < 0:
        raise CallerError("played counts cannot be negative", field="played_samples")
    if hello.version != VERSION:
        raise CallerError(
            f"version {hello.version} is not spoken here; use {VERSION}", field="version", code="bad_version"
        )
    check_rates(rate=hello.rate, play_rate=hello.play_rate)


def check_rates(**rates: int) -> None:
    """Raises CallerError for the first of the fields that is no rate we take and send."""
    for name, rate in rates.items():
        if rate not in RATES:
            raise CallerError(f"{name} must be one of {', '.join(map(str, RATES))}; got {rate}", field=name)
