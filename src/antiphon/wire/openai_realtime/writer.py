"""One response, told to its client: events in the one order that all clients understand.

response.created
  output_item.added, conversation.item.added, content_part.added [, output_audio_buffer.started]
    output_audio_transcript.delta and output_audio.delta, or output_text.delta, as they come
  output_audio.done, output_audio_transcript.done, or output_text.done
  content_part.done, output_item.done, conversation.item.done
  output_item.added, conversation.item.added, function_call_arguments.delta and .done, …, for each call
response.done [, output_audio_buffer.stopped]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Literal

from antiphon.wire.openai_realtime.conversation_events import ItemAdded, ItemDone
from antiphon.wire.openai_realtime.items import FunctionCall, Item, Message, OutputAudio, OutputText, Status
from antiphon.wire.openai_realtime.response import (
    Failure,
    Response,
    ResponseStatus,
    StatusDetails,
    Usage,
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
    PlaybackCleared,
    PlaybackStarted,
    PlaybackStopped,
    ResponseCreated,
    ResponseDone,
    TextDelta,
    TextDone,
    TextPart,
)
from antiphon.wire.openai_realtime.server_events import ServerEvent

Events = list[ServerEvent]


class _Playback(Enum):
    SILENT = "nothing has sounded"
    SOUNDING = "sound is leaving"
    OVER = "all sound has left, or was thrown away"


class ResponseWriter:
    """Says what is to be sent as one response grows. Every call gives the events that are due, in their order.

    `response` is as it begins: its id, modality, metadata; a `conversation_id` of None means out of band, and its
    items are not told of as items of the conversation. `new_id("item")` and `new_id("call")` make ids. With
    `is_played_here` the sound goes another way (WebRTC): no audio deltas, but events of the playback.
    `previous_item_id` may be set until an item begins: it is the item behind which the next one comes.
    `begin` may be left out. After the end, nothing but the end of the playback gives events.
    """

    def __init__(
        self,
        response: Response,
        new_id: Callable[[str], str],
        *,
        previous_item_id: str | None = None,
        is_played_here: bool = False,
    ) -> None:
        self.response = replace(response, status="in_progress", status_details=None, output=(), usage=None)
        self.previous_item_id = previous_item_id
        self._new_id = new_id
        self._is_played_here = is_played_here
        self._is_spoken = response.output_modalities != ("text",)
        self._has_begun = False
        self._message: Message | None = None
        self._behind: str | None = None
        self._text = ""
        self._playback = _Playback.SILENT

    @property
    def is_over(self) -> bool:
        return self.response.status != "in_progress"

    @property
    def item_id(self) -> str | None:
        """The message that is being made."""
        return self._message.id if self._message else None

    def begin(self) -> Events:
        """The response is under way."""
        if self._has_begun:
            return []
        self._has_begun = True
        return [ResponseCreated(self.response)]

    def write(self, text: str) -> Events:
        """The agent's line grows by `text`: words that are spoken, or written where the response is in text."""
        if self.is_over or not text:
            return []
        events = self._open()
        self._text += text
        delta = AudioTranscriptDelta if self._is_spoken else TextDelta
        return [*events, delta(*self._place(), delta=text)]

    def sound(self, audio: bytes = b"") -> Events:
        """The agent's voice goes on, in the session's output format. With `is_played_here` the bytes are not used."""
        if self.is_over or not self._is_spoken:
            return []
        events = self._open()
        if not self._is_played_here:
            return [*events, AudioDelta(*self._place(), delta=audio)] if audio else events
        if self._playback is _Playback.SILENT:
            self._playback = _Playback.SOUNDING
            events.append(PlaybackStarted(self.response.id))
        return events

    def call(self, name: str, arguments: str, call_id: str | None = None) -> Events:
        """The client is to call a function; `arguments` is JSON as text. A message under way is whole before."""
        if self.is_over:
            return []
        events = self.begin() + self._close("completed")
        item = FunctionCall(
            id=self._new_id("item"),
            status="in_progress",
            call_id=call_id or self._new_id("call"),
            name=name,
            arguments="",
        )
        events += self._add(item)
        where = (self.response.id, item.id or "", len(self.response.output), item.call_id or "")
        events += [
            ArgumentsDelta(*where, delta=arguments),
            ArgumentsDone(*where, name=name, arguments=arguments),
        ]
        return events + self._finish_item(replace(item, status="completed", arguments=arguments))

    def complete(self, usage: Usage | None = None) -> Events:
        """All has been said."""
        return self._end("completed", StatusDetails("completed"), usage)

    def cancel(
        self, reason: Literal["turn_detected", "client_cancelled"], usage: Usage | None = None
    ) -> Events:
        """The user spoke, or the client said so."""
        return self._end("cancelled", StatusDetails("cancelled", reason), usage)

    def stop(
        self, reason: Literal["content_filter", "max_output_tokens"], usage: Usage | None = None
    ) -> Events:
        """The guardrail lets no more be said, or it is too long."""
        return self._end("incomplete", StatusDetails("incomplete", reason), usage)

    def fail(self, failure: Failure, usage: Usage | None = None) -> Events:
        """It cannot go on."""
        return self._end("failed", StatusDetails("failed", error=failure), usage)

    def drained(self) -> Events:
        """All sound has left. Nothing, before the response is over, or when it never sounded."""
        return self._end_playback(PlaybackStopped(self.response.id)) if self.is_over else []

    def cleared(self) -> Events:
        """The sound that had not left was thrown away. Nothing when none was sounding."""
        return self._end_playback(PlaybackCleared(self.response.id))

    # ---- items -------------------------------------------------------------------------------------------
    def _open(self) -> Events:
        if self._message is not None:
            return []
        events = self.begin()
        self._text = ""
        self._message = Message(id=self._new_id("item"), status="in_progress", role="assistant", content=())
        part = AudioPart("") if self._is_spoken else TextPart("")
        return [*events, *self._add(self._message), ContentPartAdded(*self._place(), part=part)]

    def _close(self, status: Status) -> Events:
        message, text = self._message, self._text
        if message is None:
            return []
        events: Events
        if self._is_spoken:
            events = [
                AudioDone(*self._place()),
                AudioTranscriptDone(*self._place(), transcript=text),
                ContentPartDone(*self._place(), part=AudioPart(text)),
            ]
        else:
            events = [
                TextDone(*self._place(), text=text),
                ContentPartDone(*self._place(), part=TextPart(text)),
            ]
        self._message = None
        content = OutputAudio(transcript=text) if self._is_spoken else OutputText(text)
        return events + self._finish_item(replace(message, status=status, content=(content,)))

    def _add(self, item: Item) -> Events:
        self._behind = self.previous_item_id
        self.previous_item_id = item.id
        events: Events = [OutputItemAdded(self.response.id, len(self.response.output), item)]
        return events + ([ItemAdded(item, self._behind)] if self._is_in_conversation else [])

    def _finish_item(self, item: Item) -> Events:
        events: Events = [OutputItemDone(self.response.id, len(self.response.output), item)]
        self.response = replace(self.response, output=(*self.response.output, item))
        return events + ([ItemDone(item, self._behind)] if self._is_in_conversation else [])

    def _place(self) -> tuple[str, str, int, int]:
        assert self._message is not None
        return self.response.id, self._message.id or "", len(self.response.output), 0

    @property
    def _is_in_conversation(self) -> bool:
        return self.response.conversation_id is not None

    # ---- the end -----------------------------------------------------------------------------------------
    def _end(self, status: ResponseStatus, details: StatusDetails, usage: Usage | None) -> Events:
        if self.is_over:
            return []
        events = self.begin() + self._close("completed" if status == "completed" else "incomplete")
        self.response = replace(self.response, status=status, status_details=details, usage=usage)
        return [*events, ResponseDone(self.response)]

    def _end_playback(self, event: PlaybackStopped | PlaybackCleared) -> Events:
        if self._playback is not _Playback.SOUNDING:
            return []
        self._playback = _Playback.OVER
        return [event]
