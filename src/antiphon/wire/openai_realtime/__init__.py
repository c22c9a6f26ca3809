"""OpenAI's Realtime protocol, as it is generally available: both ends of it, as values, without any I/O.

A server reads with `ServerSide.decode` and writes with `ServerSide.encode`; a client with `ClientSide`. What cannot be
accepted raises `EventRefused`, and `error_event` makes of that what the client is told. `changed` carries out a
`session.update`; `begun` is the response to a `response.create`, and `ResponseWriter` tells of it in the order that
clients rely on.
Facts: https://platform.openai.com/docs/api-reference/realtime
"""

from antiphon.wire.openai_realtime.audio import (
    Audio,
    AudioInput,
    AudioOutput,
    Format,
    NoiseReduction,
    Pcm,
    Pcma,
    Pcmu,
    SemanticVad,
    ServerVad,
    Transcription,
    TurnDetection,
    VoiceId,
)
from antiphon.wire.openai_realtime.client_events import (
    AppendAudio,
    CancelResponse,
    ClearAudio,
    ClearPlayback,
    ClientEvent,
    CommitAudio,
    CreateItem,
    CreateResponse,
    DeleteItem,
    RetrieveItem,
    TruncateItem,
    UpdateSession,
)
from antiphon.wire.openai_realtime.client_secret import (
    ExpiresAfter,
    Secret,
    SecretRequest,
    decode_secret,
    decode_secret_request,
    decode_session,
    encode_secret,
    encode_secret_request,
    refusal_body,
)
from antiphon.wire.openai_realtime.codec import (
    MAX_EVENT,
    ClientSide,
    ServerSide,
)
from antiphon.wire.openai_realtime.conversation_events import (
    AudioCleared,
    AudioCommitted,
    ConversationCreated,
    ConversationId,
    DurationUsage,
    ErrorEvent,
    HeardTokens,
    ItemAdded,
    ItemDeleted,
    ItemDone,
    ItemRetrieved,
    ItemTruncated,
    Problem,
    RateLimit,
    RateLimitsUpdated,
    SessionCreated,
    SessionUpdated,
    SpeechStarted,
    SpeechStopped,
    TimeoutTriggered,
    TokenUsage,
    TranscriptionCompleted,
    TranscriptionDelta,
    TranscriptionFailed,
    TranscriptionProblem,
    TranscriptionSegment,
    UnknownEvent,
)
from antiphon.wire.openai_realtime.items import (
    ROOT,
    AnyItem,
    Content,
    FunctionCall,
    FunctionCallOutput,
    InputAudio,
    InputImage,
    InputText,
    Item,
    ItemReference,
    Message,
    OutputAudio,
    OutputText,
    Role,
    Status,
    UnknownItem,
)
from antiphon.wire.openai_realtime.refusal import (
    EventRefused,
)
from antiphon.wire.openai_realtime.response import (
    CachedTokens,
    Failure,
    InputTokens,
    Metadata,
    OutputTokens,
    Reason,
    Response,
    ResponseAudio,
    ResponseAudioOutput,
    ResponseParams,
    ResponseStatus,
    SpokenAudio,
    SpokenWith,
    StatusDetails,
    Usage,
    begun,
    for_response,
)
from antiphon.wire.openai_realtime.response_events import (
    ArgumentsDelta,
    ArgumentsDone,
    AudioDelta,
    AudioDone,
    AudioPart,
    AudioTranscriptDelta,
    AudioTranscriptDone,
    ContentPartAdded,
    ContentPartDone,
    OutputItemAdded,
    OutputItemDone,
    Part,
    PlaybackCleared,
    PlaybackStarted,
    PlaybackStopped,
    ResponseCreated,
    ResponseDone,
    TextDelta,
    TextDone,
    TextPart,
)
from antiphon.wire.openai_realtime.schema import (
    JsonObject,
    Patch,
)
from antiphon.wire.openai_realtime.server_events import (
    ServerEvent,
    error_event,
)
from antiphon.wire.openai_realtime.session import (
    AnySession,
    ChosenFunction,
    FunctionTool,
    MaxOutputTokens,
    Modality,
    Prompt,
    Reasoning,
    RetentionRatio,
    Session,
    SessionPatch,
    TokenLimits,
    ToolChoice,
    TracingTo,
    TranscriptionAudio,
    TranscriptionSession,
    changed,
)
from antiphon.wire.openai_realtime.writer import (
    ResponseWriter,
)
from antiphon.wire.openai_realtime.writing import (
    between,
    whole,
)

__all__ = [
    "MAX_EVENT", "ROOT", "AnyItem", "AnySession", "AppendAudio", "ArgumentsDelta", "ArgumentsDone", "Audio",
    "AudioCleared", "AudioCommitted", "AudioDelta", "AudioDone", "AudioInput", "AudioOutput", "AudioPart",
    "AudioTranscriptDelta", "AudioTranscriptDone", "CachedTokens", "CancelResponse", "ChosenFunction",
    "ClearAudio", "ClearPlayback", "ClientEvent", "ClientSide", "CommitAudio", "Content",
    "ContentPartAdded", "ContentPartDone", "ConversationCreated", "ConversationId", "CreateItem",
    "CreateResponse", "DeleteItem", "DurationUsage", "ErrorEvent", "EventRefused", "ExpiresAfter",
    "Failure", "Format", "FunctionCall", "FunctionCallOutput", "FunctionTool", "HeardTokens", "InputAudio",
    "InputImage", "InputText", "InputTokens", "Item", "ItemAdded", "ItemDeleted", "ItemDone",
    "ItemReference", "ItemRetrieved", "ItemTruncated", "JsonObject", "MaxOutputTokens", "Message",
    "Metadata", "Modality", "NoiseReduction", "OutputAudio", "OutputItemAdded", "OutputItemDone",
    "OutputText", "OutputTokens", "Part", "Patch", "Pcm", "Pcma", "Pcmu", "PlaybackCleared",
    "PlaybackStarted", "PlaybackStopped", "Problem", "Prompt", "RateLimit", "RateLimitsUpdated", "Reason",
    "Reasoning", "Response", "ResponseAudio", "ResponseAudioOutput", "ResponseCreated", "ResponseDone",
    "ResponseParams", "ResponseStatus", "ResponseWriter", "RetentionRatio", "RetrieveItem", "Role",
    "Secret", "SecretRequest", "SemanticVad", "ServerEvent", "ServerSide", "ServerVad", "Session",
    "SessionCreated", "SessionPatch", "SessionUpdated", "SpeechStarted", "SpeechStopped", "SpokenAudio",
    "SpokenWith", "Status", "StatusDetails", "TextDelta", "TextDone", "TextPart", "TimeoutTriggered",
    "TokenLimits", "TokenUsage", "ToolChoice", "TracingTo", "Transcription", "TranscriptionAudio",
    "TranscriptionCompleted", "TranscriptionDelta", "TranscriptionFailed", "TranscriptionProblem",
    "TranscriptionSegment", "TranscriptionSession", "TruncateItem", "TurnDetection", "UnknownEvent",
    "UnknownItem", "UpdateSession", "Usage", "VoiceId", "begun", "between", "changed", "decode_secret",
    "decode_secret_request", "decode_session", "encode_secret", "encode_secret_request", "error_event",
    "for_response", "refusal_body", "whole",
]  # fmt: skip
