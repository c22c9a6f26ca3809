"""All events a server sends, and the names they have on the wire."""

from __future__ import annotations

from typing import get_args

from antiphon.wire.openai_realtime.conversation_events import (
    AudioCleared,
    AudioCommitted,
    ConversationCreated,
    ErrorEvent,
    ItemAdded,
    ItemDeleted,
    ItemDone,
    ItemRetrieved,
    ItemTruncated,
    Problem,
    RateLimitsUpdated,
    SessionCreated,
    SessionUpdated,
    SpeechStarted,
    SpeechStopped,
    TimeoutTriggered,
    TranscriptionCompleted,
    TranscriptionDelta,
    TranscriptionFailed,
    TranscriptionSegment,
)
from antiphon.wire.openai_realtime.refusal import EventRefused
from antiphon.wire.openai_realtime.response_events import (
    ArgumentsDelta,
    ArgumentsDone,
    AudioDelta,
    AudioDone,
    AudioTranscriptDelta,
    AudioTranscriptDone,
    ContentPartAdded,
    ContentPartDone,
    OutputItemAdded,
    OutputItemDone,
    PlaybackCleared,
    PlaybackStarted,
    PlaybackStopped,
    ResponseCreated,
    ResponseDone,
    TextDelta,
    TextDone,
)

ServerEvent = (
    SessionCreated
    | SessionUpdated
    | ConversationCreated
    | ItemAdded
    | ItemDone
    | ItemRetrieved
    | ItemDeleted
    | ItemTruncated
    | SpeechStarted
    | SpeechStopped
    | AudioCommitted
    | AudioCleared
    | TimeoutTriggered
    | TranscriptionDelta
    | TranscriptionCompleted
    | TranscriptionFailed
    | TranscriptionSegment
    | ResponseCreated
    | ResponseDone
    | OutputItemAdded
    | OutputItemDone
    | ContentPartAdded
    | ContentPartDone
    | AudioDelta
    | AudioDone
    | AudioTranscriptDelta
    | AudioTranscriptDone
    | TextDelta
    | TextDone
    | ArgumentsDelta
    | ArgumentsDone
    | PlaybackStarted
    | PlaybackStopped
    | PlaybackCleared
    | RateLimitsUpdated
    | ErrorEvent
)
SERVER_KINDS: dict[str, type[ServerEvent]] = {kind.type: kind for kind in get_args(ServerEvent)}


def error_event(refused: EventRefused) -> ErrorEvent:
    """What the client is told of an event that was refused."""
    problem = Problem("invalid_request_error", str(refused), refused.code, refused.param, refused.event_id)
    return ErrorEvent(problem)
