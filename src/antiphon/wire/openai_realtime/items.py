"""What a conversation is made of: messages and their content, calls of functions, and what these gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from antiphon.wire.openai_realtime.refusal import missing, wrong_value
from antiphon.wire.openai_realtime.schema import NULL, Checked, Id

Status = Literal["completed", "incomplete", "in_progress"]
Role = Literal["system", "user", "assistant"]
ROOT = "root"
"The `previous_item_id` of an item that is to come first."


# ---- content of a message --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class InputText:
    type: ClassVar[str] = "input_text"
    text: str


@dataclass(frozen=True, slots=True)
class InputAudio:
    """What a user said. A server tells the words; the sound is left out unless the item is retrieved."""

    type: ClassVar[str] = "input_audio"
    audio: bytes | None = None
    transcript: Annotated[str | None, NULL] = None


@dataclass(frozen=True, slots=True)
class InputImage:
    type: ClassVar[str] = "input_image"
    image_url: str
    detail: Literal["auto", "low", "high"] | None = None


@dataclass(frozen=True, slots=True)
class OutputText:
    type: ClassVar[str] = "output_text"
    text: str


@dataclass(frozen=True, slots=True)
class OutputAudio:
    """What the assistant said."""

    type: ClassVar[str] = "output_audio"
    audio: bytes | None = None
    transcript: Annotated[str | None, NULL] = None


Content = InputText | InputAudio | InputImage | OutputText | OutputAudio
_CONTENT_OF: dict[str, tuple[str, ...]] = {
    "system": (InputText.type,),
    "user": (InputText.type, InputAudio.type, InputImage.type),
    "assistant": (OutputText.type, OutputAudio.type),
}


# ---- items -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Checked):
    """What one of the three said. The kinds of content must be those of the role."""

    type: ClassVar[str] = "message"
    object: ClassVar[str] = "realtime.item"
    id: Id | None = None
    status: Status | None = None
    role: Role
    content: tuple[Content, ...]

    def check(self, path: str) -> None:
        for index, part in enumerate(self.content):
            if part.type not in _CONTENT_OF[self.role]:
                raise wrong_value(f"{path}.content[{index}].type", part.type, _CONTENT_OF[self.role])

    @property
    def text(self) -> str:
        """The words of all its parts, spoken and written, as far as they are known."""
        return " ".join(filter(None, map(_words, self.content)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall:
    """The assistant wants `name` to be called; `arguments` is JSON as text."""

    type: ClassVar[str] = "function_call"
    object: ClassVar[str] = "realtime.item"
    id: Id | None = None
    status: Status | None = None
    call_id: Id | None = None
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCallOutput:
    """What the call `call_id` gave."""

    type: ClassVar[str] = "function_call_output"
    object: ClassVar[str] = "realtime.item"
    id: Id | None = None
    status: Status | None = None
    call_id: Id
    output: str


@dataclass(frozen=True, slots=True)
class ItemReference:
    """An item of the conversation, in the `input` of a response."""

    type: ClassVar[str] = "item_reference"
    id: Id


@dataclass(frozen=True, slots=True)
class UnknownItem:
    """An item of a kind we do not use, as other servers may have them."""

    type: str
    id: Id | None = None


Item = Message | FunctionCall | FunctionCallOutput
AnyItem = Item | UnknownItem


def _words(part: Content) -> str | None:
    match part:
        case InputText(text) | OutputText(text):
            return text
        case InputAudio(_, transcript) | OutputAudio(_, transcript):
            return transcript
        case InputImage():
            return None


def check_given(item: Item, path: str) -> None:
    """Raises EventRefused for what a client cannot give us: a picture, or sound without either sound or words."""
    for index, part in enumerate(item.content if isinstance(item, Message) else ()):
        at = f"{path}.content[{index}]"
        if isinstance(part, InputImage):
            raise wrong_value(f"{at}.type", part.type, because="Pictures are not seen here; say it in words.")
        if isinstance(part, InputAudio) and part.audio is None and part.transcript is None:
            raise missing(f"{at}.audio")
