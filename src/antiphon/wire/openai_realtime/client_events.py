"""The eleven events a client may send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, get_args

from antiphon.wire.openai_realtime.items import Item, check_given
from antiphon.wire.openai_realtime.response import ResponseParams
from antiphon.wire.openai_realtime.schema import Bounds, Checked, Id
from antiphon.wire.openai_realtime.session import SessionPatch

Index = Annotated[int, Bounds(0, 2**31)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`event_id` is the client's own, given back in the error, should there be one."""

    event_id: Id | None = None


@dataclass(frozen=True, slots=True)
class UpdateSession(Event):
    type: ClassVar[str] = "session.update"
    session: SessionPatch


@dataclass(frozen=True, slots=True)
class AppendAudio(Event):
    """Sound of the user, in the session's input format."""

    type: ClassVar[str] = "input_audio_buffer.append"
    audio: bytes


@dataclass(frozen=True, slots=True)
class CommitAudio(Event):
    """The turn ends here, where the client detects turns itself."""

    type: ClassVar[str] = "input_audio_buffer.commit"


@dataclass(frozen=True, slots=True)
class ClearAudio(Event):
    """What was appended and not committed is forgotten."""

    type: ClassVar[str] = "input_audio_buffer.clear"


@dataclass(frozen=True, slots=True)
class ClearPlayback(Event):
    """Over WebRTC: stop what is being played."""

    type: ClassVar[str] = "output_audio_buffer.clear"


@dataclass(frozen=True, slots=True)
class CreateItem(Event, Checked):
    """Put the item behind `previous_item_id`: at the end without one, first of all with `ROOT`."""

    type: ClassVar[str] = "conversation.item.create"
    item: Item
    previous_item_id: Id | None = None

    def check(self, path: str) -> None:
        check_given(self.item, "item")


@dataclass(frozen=True, slots=True)
class DeleteItem(Event):
    type: ClassVar[str] = "conversation.item.delete"
    item_id: Id


@dataclass(frozen=True, slots=True)
class RetrieveItem(Event):
    type: ClassVar[str] = "conversation.item.retrieve"
    item_id: Id


@dataclass(frozen=True, slots=True)
class TruncateItem(Event):
    """The listener heard only the first `audio_end_ms` of the assistant's item."""

    type: ClassVar[str] = "conversation.item.truncate"
    item_id: Id
    content_index: Index
    audio_end_ms: Index


@dataclass(frozen=True, slots=True)
class CreateResponse(Event):
    type: ClassVar[str] = "response.create"
    response: ResponseParams | None = None


@dataclass(frozen=True, slots=True)
class CancelResponse(Event):
    """Cancel this response, or whichever of the conversation is under way."""

    type: ClassVar[str] = "response.cancel"
    response_id: Id | None = None


ClientEvent = (
    UpdateSession
    | AppendAudio
    | CommitAudio
    | ClearAudio
    | ClearPlayback
    | CreateItem
    | DeleteItem
    | RetrieveItem
    | TruncateItem
    | CreateResponse
    | CancelResponse
)
CLIENT_KINDS: dict[str, type[ClientEvent]] = {kind.type: kind for kind in get_args(ClientEvent)}
