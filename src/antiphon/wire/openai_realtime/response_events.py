"""What a server says of a response. `ResponseWriter` puts these in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from antiphon.wire.openai_realtime.conversation_events import Event
from antiphon.wire.openai_realtime.items import AnyItem
from antiphon.wire.openai_realtime.response import Response


@dataclass(frozen=True, slots=True)
class ResponseCreated(Event):
    type: ClassVar[str] = "response.created"
    response: Response


@dataclass(frozen=True, slots=True)
class ResponseDone(Event):
    """The end of a response, however it ended."""

    type: ClassVar[str] = "response.done"
    response: Response


@dataclass(frozen=True, slots=True)
class OutputItemAdded(Event):
    type: ClassVar[str] = "response.output_item.added"
    response_id: str
    output_index: int
    item: AnyItem


@dataclass(frozen=True, slots=True)
class OutputItemDone(Event):
    type: ClassVar[str] = "response.output_item.done"
    response_id: str
    output_index: int
    item: AnyItem


@dataclass(frozen=True, slots=True)
class AudioPart:
    """Its name is not that of the item's content, `output_audio`."""

    type: ClassVar[str] = "audio"
    transcript: str | None = None


@dataclass(frozen=True, slots=True)
class TextPart:
    type: ClassVar[str] = "text"
    text: str | None = None


Part = AudioPart | TextPart


@dataclass(frozen=True, slots=True)
class _Place(Event):
    """Where in a response an event belongs."""

    response_id: str
    item_id: str
    output_index: int
    content_index: int


@dataclass(frozen=True, slots=True)
class ContentPartAdded(_Place):
    type: ClassVar[str] = "response.content_part.added"
    part: Part


@dataclass(frozen=True, slots=True)
class ContentPartDone(_Place):
    type: ClassVar[str] = "response.content_part.done"
    part: Part


@dataclass(frozen=True, slots=True)
class AudioDelta(_Place):
    """Sound of the agent, in the session's output format."""

    type: ClassVar[str] = "response.output_audio.delta"
    delta: bytes


@dataclass(frozen=True, slots=True)
class AudioDone(_Place):
    type: ClassVar[str] = "response.output_audio.done"


@dataclass(frozen=True, slots=True)
class AudioTranscriptDelta(_Place):
    type: ClassVar[str] = "response.output_audio_transcript.delta"
    delta: str


@dataclass(frozen=True, slots=True)
class AudioTranscriptDone(_Place):
    type: ClassVar[str] = "response.output_audio_transcript.done"
    transcript: str


@dataclass(frozen=True, slots=True)
class TextDelta(_Place):
    type: ClassVar[str] = "response.output_text.delta"
    delta: str


@dataclass(frozen=True, slots=True)
class TextDone(_Place):
    type: ClassVar[str] = "response.output_text.done"
    text: str


@dataclass(frozen=True, slots=True)
class ArgumentsDelta(Event):
    type: ClassVar[str] = "response.function_call_arguments.delta"
    response_id: str
    item_id: str
    output_index: int
    call_id: str
    delta: str


@dataclass(frozen=True, slots=True)
class ArgumentsDone(Event):
    type: ClassVar[str] = "response.function_call_arguments.done"
    response_id: str
    item_id: str
    output_index: int
    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class PlaybackStarted(Event):
    """Over WebRTC: sound of the response begins to leave."""

    type: ClassVar[str] = "output_audio_buffer.started"
    response_id: str


@dataclass(frozen=True, slots=True)
class PlaybackStopped(Event):
    """Over WebRTC: all sound of the response has left."""

    type: ClassVar[str] = "output_audio_buffer.stopped"
    response_id: str


@dataclass(frozen=True, slots=True)
class PlaybackCleared(Event):
    """Over WebRTC: what had not left was thrown away."""

    type: ClassVar[str] = "output_audio_buffer.cleared"
    response_id: str
