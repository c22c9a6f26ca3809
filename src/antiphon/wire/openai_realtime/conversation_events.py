"""What a server says of the session, the conversation, and the user's voice.

`event_id` is filled in when an event is sent. `_ms` are whole milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from antiphon.wire.openai_realtime.items import AnyItem
from antiphon.wire.openai_realtime.schema import NULL
from antiphon.wire.openai_realtime.session import AnySession


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    event_id: str = ""


# ---- session and conversation ----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SessionCreated(Event):
    """The first event of all."""

    type: ClassVar[str] = "session.created"
    session: AnySession


@dataclass(frozen=True, slots=True)
class SessionUpdated(Event):
    """The session as it is set now, whole."""

    type: ClassVar[str] = "session.updated"
    session: AnySession


@dataclass(frozen=True, slots=True)
class ConversationId:
    object: ClassVar[str] = "realtime.conversation"
    id: str


@dataclass(frozen=True, slots=True)
class ConversationCreated(Event):
    type: ClassVar[str] = "conversation.created"
    conversation: ConversationId


@dataclass(frozen=True, slots=True)
class ItemAdded(Event):
    """The item is part of the conversation; there may be more of it to come."""

    type: ClassVar[str] = "conversation.item.added"
    item: AnyItem
    previous_item_id: Annotated[str | None, NULL] = None


@dataclass(frozen=True, slots=True)
class ItemDone(Event):
    """The item is whole."""

    type: ClassVar[str] = "conversation.item.done"
    item: AnyItem
    previous_item_id: Annotated[str | None, NULL] = None


@dataclass(frozen=True, slots=True)
class ItemRetrieved(Event):
    type: ClassVar[str] = "conversation.item.retrieved"
    item: AnyItem


@dataclass(frozen=True, slots=True)
class ItemDeleted(Event):
    type: ClassVar[str] = "conversation.item.deleted"
    item_id: str


@dataclass(frozen=True, slots=True)
class ItemTruncated(Event):
    """Of the item's sound and words, only what lies before `audio_end_ms` is remembered."""

    type: ClassVar[str] = "conversation.item.truncated"
    item_id: str
    content_index: int
    audio_end_ms: int


# ---- what the user says ----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SpeechStarted(Event):
    """`audio_start_ms` counts all sound of the session; the item will have this id once it is committed."""

    type: ClassVar[str] = "input_audio_buffer.speech_started"
    item_id: str
    audio_start_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped(Event):
    type: ClassVar[str] = "input_audio_buffer.speech_stopped"
    item_id: str
    audio_end_ms: int


@dataclass(frozen=True, slots=True)
class AudioCommitted(Event):
    type: ClassVar[str] = "input_audio_buffer.committed"
    item_id: str
    previous_item_id: Annotated[str | None, NULL] = None


@dataclass(frozen=True, slots=True)
class AudioCleared(Event):
    type: ClassVar[str] = "input_audio_buffer.cleared"


@dataclass(frozen=True, slots=True)
class TimeoutTriggered(Event):
    """Nothing was said for `idle_timeout_ms` after an answer."""

    type: ClassVar[str] = "input_audio_buffer.timeout_triggered"
    item_id: str
    audio_start_ms: int
    audio_end_ms: int


@dataclass(frozen=True, slots=True)
class HeardTokens:
    text_tokens: int = 0
    audio_tokens: int = 0


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """What a transcription cost. The details are not optional: clients drop the event without them."""

    type: ClassVar[str] = "tokens"
    total_tokens: int
    input_tokens: int
    output_tokens: int
    input_token_details: HeardTokens = HeardTokens()


@dataclass(frozen=True, slots=True)
class DurationUsage:
    type: ClassVar[str] = "duration"
    seconds: float


@dataclass(frozen=True, slots=True)
class TranscriptionDelta(Event):
    type: ClassVar[str] = "conversation.item.input_audio_transcription.delta"
    item_id: str
    delta: str
    content_index: int = 0


@dataclass(frozen=True, slots=True)
class TranscriptionCompleted(Event):
    """Without `usage` a client throws the words away."""

    type: ClassVar[str] = "conversation.item.input_audio_transcription.completed"
    item_id: str
    transcript: str
    usage: TokenUsage | DurationUsage
    content_index: int = 0


@dataclass(frozen=True, slots=True)
class TranscriptionProblem:
    message: str = ""
    type: str = "server_error"
    code: str | None = None
    param: str | None = None


@dataclass(frozen=True, slots=True)
class TranscriptionFailed(Event):
    type: ClassVar[str] = "conversation.item.input_audio_transcription.failed"
    item_id: str
    error: TranscriptionProblem
    content_index: int = 0


@dataclass(frozen=True, slots=True)
class TranscriptionSegment(Event):
    """A stretch of one speaker, `start` to `end` in seconds."""

    type: ClassVar[str] = "conversation.item.input_audio_transcription.segment"
    item_id: str
    id: str
    text: str
    speaker: str
    start: float
    end: float
    content_index: int = 0


# ---- beside the conversation -----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class RateLimit:
    name: Literal["requests", "tokens"]
    limit: int
    remaining: int
    reset_seconds: float


@dataclass(frozen=True, slots=True)
class RateLimitsUpdated(Event):
    type: ClassVar[str] = "rate_limits.updated"
    rate_limits: tuple[RateLimit, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """`event_id` is the client's id of the event at fault."""

    type: str
    message: str
    code: str | None = None
    param: str | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class ErrorEvent(Event):
    """Something was not accepted. The connection stays open."""

    type: ClassVar[str] = "error"
    error: Problem


@dataclass(frozen=True, slots=True)
class UnknownEvent(Event):
    """An event we do not use, as other servers may send them."""

    type: str
