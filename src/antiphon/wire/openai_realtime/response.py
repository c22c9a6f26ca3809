"""One response: what a client asks for, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

from antiphon.wire.openai_realtime.audio import Format, VoiceId
from antiphon.wire.openai_realtime.items import AnyItem, Item, ItemReference, check_given
from antiphon.wire.openai_realtime.schema import NULL, Bounds, Checked
from antiphon.wire.openai_realtime.session import (
    MaxOutputTokens,
    Modalities,
    Modality,
    Prompt,
    Reasoning,
    Session,
    ToolChoice,
    Tools,
)

Metadata = Annotated[Mapping[Annotated[str, Bounds(0, 64)], Annotated[str, Bounds(0, 512)]], Bounds(0, 16)]
"What a client hangs on a response: it is given back with it, and some clients wait for it."
ResponseStatus = Literal["completed", "cancelled", "failed", "incomplete", "in_progress"]
Reason = Literal["turn_detected", "client_cancelled", "max_output_tokens", "content_filter"]


# ---- asked for -------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ResponseAudioOutput:
    format: Format | None = None
    voice: str | VoiceId | None = None


@dataclass(frozen=True, slots=True)
class ResponseAudio:
    output: ResponseAudioOutput | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseParams(Checked):
    """How this one response differs from what the session is set to. None: as the session is."""

    conversation: Literal["auto", "none"] | None = None
    "`none`: out of band; its items do not become part of the conversation."
    input: tuple[Item | ItemReference, ...] | None = None
    "What the model sees in place of the conversation; empty is nothing at all."
    instructions: str | None = None
    output_modalities: Modalities | None = None
    audio: ResponseAudio | None = None
    tools: Tools | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    max_output_tokens: MaxOutputTokens | None = None
    metadata: Metadata | None = None
    prompt: Prompt | None = None
    reasoning: Reasoning | None = None

    def check(self, path: str) -> None:
        for index, item in enumerate(self.input or ()):
            if not isinstance(item, ItemReference):
                check_given(item, f"{path}.input[{index}]")

    @property
    def is_out_of_band(self) -> bool:
        return self.conversation == "none"


def for_response(session: Session, params: ResponseParams | None) -> Session:
    """The session as it is for this one response."""
    if params is None:
        return session
    asked = {name: getattr(params, name) for name in _SHARED}
    new = replace(session, **{name: value for name, value in asked.items() if value is not None})
    sound = params.audio.output if params.audio else None
    if sound is None:
        return new
    was = session.audio.output
    output = replace(was, format=sound.format or was.format, voice=sound.voice or was.voice)
    return replace(new, audio=replace(session.audio, output=output))


_SHARED = (
    "instructions", "output_modalities", "tools", "tool_choice", "parallel_tool_calls", "max_output_tokens", "prompt",
    "reasoning",
)  # fmt: skip


# ---- as it stands ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class CachedTokens:
    text_tokens: int = 0
    audio_tokens: int = 0


@dataclass(frozen=True, slots=True)
class InputTokens:
    text_tokens: int = 0
    audio_tokens: int = 0
    cached_tokens: int = 0
    cached_tokens_details: CachedTokens = CachedTokens()


@dataclass(frozen=True, slots=True)
class OutputTokens:
    text_tokens: int = 0
    audio_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one response. The totals are the sums of their details: `Usage.of` makes them so."""

    total_tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    input_token_details: InputTokens = InputTokens()
    output_token_details: OutputTokens = OutputTokens()

    @classmethod
    def of(cls, given: InputTokens, made: OutputTokens) -> Usage:
        taken, put = given.text_tokens + given.audio_tokens, made.text_tokens + made.audio_tokens
        return cls(taken + put, taken, put, given, made)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a response failed."""

    type: str | None = None
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class StatusDetails:
    """Why a response ended as it did. A guardrail's stop is `incomplete` with `content_filter`."""

    type: Literal["completed", "cancelled", "incomplete", "failed"] | None = None
    reason: Reason | None = None
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class SpokenWith:
    format: Format | None = None
    voice: str | None = None
    "Never an object: clients do not read it here."


@dataclass(frozen=True, slots=True)
class SpokenAudio:
    output: SpokenWith | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response as its client sees it."""

    object: ClassVar[str] = "realtime.response"
    id: str
    status: ResponseStatus
    status_details: Annotated[StatusDetails | None, NULL] = None
    output: tuple[AnyItem, ...] = ()
    conversation_id: Annotated[str | None, NULL] = None
    "None of a response out of band."
    output_modalities: tuple[Modality, ...] = ("audio",)
    max_output_tokens: MaxOutputTokens = "inf"
    audio: SpokenAudio | None = None
    usage: Annotated[Usage | None, NULL] = None
    metadata: Annotated[Metadata | None, NULL] = None


def begun(
    response_id: str, conversation_id: str, session: Session, params: ResponseParams | None = None
) -> Response:
    """The response to `params` in a session, as it begins: with the client's metadata, and nothing said yet."""
    mine = for_response(session, params)
    sound = mine.audio.output
    spoken = SpokenWith(sound.format, sound.voice if isinstance(sound.voice, str) else None)
    return Response(
        id=response_id,
        status="in_progress",
        conversation_id=None if params and params.is_out_of_band else conversation_id,
        output_modalities=mine.output_modalities,
        max_output_tokens=mine.max_output_tokens,
        audio=SpokenAudio(spoken),
        metadata=params.metadata if params else None,
    )
