"""What a session is set to: both of its types, with our defaults, and what an update does to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Literal, TypeVar, cast

from antiphon.wire.openai_realtime.audio import Audio, AudioInput, Transcription
from antiphon.wire.openai_realtime.refusal import EventRefused, wrong_value
from antiphon.wire.openai_realtime.schema import Bounds, Checked, JsonObject, Patch, Settings

Modality = Literal["audio", "text"]
Modalities = Annotated[tuple[Modality, ...], Bounds(1, 1)]
"A response is spoken or written, never both."
MaxOutputTokens = Annotated[int, Bounds(1, 2**31)] | Literal["inf"]
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


# ---- what is thought -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FunctionTool(Checked):
    """A function the client can call; `parameters` is the JSON Schema of its arguments."""

    type: ClassVar[str] = "function"
    name: str
    description: str | None = None
    parameters: JsonObject | None = None

    def check(self, path: str) -> None:
        if not _NAME.fullmatch(self.name):
            raise wrong_value(f"{path}.name", self.name, because=f"It must match '^{_NAME.pattern}$'.")


@dataclass(frozen=True, slots=True)
class ChosenFunction:
    """This function must be called."""

    type: ClassVar[str] = "function"
    name: str


Tools = Annotated[tuple[FunctionTool, ...], Bounds(0, 128)]
ToolChoice = Literal["auto", "none", "required"] | ChosenFunction


@dataclass(frozen=True, slots=True)
class TracingTo:
    workflow_name: str | None = None
    group_id: str | None = None
    metadata: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class TokenLimits:
    post_instructions: Annotated[int, Bounds(0, 2**31)] | None = None


@dataclass(frozen=True, slots=True)
class RetentionRatio:
    type: ClassVar[str] = "retention_ratio"
    retention_ratio: Annotated[float, Bounds(0, 1)]
    token_limits: TokenLimits | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt kept at the provider."""

    id: str
    version: str | None = None
    variables: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Reasoning:
    effort: Literal["minimal", "low", "medium", "high", "xhigh"] | None = None


Include = Literal["item.input_audio_transcription.logprobs"]


# ---- the session -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Session(Settings):
    """A conversation in speech or text."""

    type: ClassVar[str] = "realtime"
    model: str | None = None
    output_modalities: Modalities = ("audio",)
    instructions: str = ""
    audio: Audio = field(default_factory=Audio)
    tools: Tools = ()
    tool_choice: ToolChoice = "auto"
    parallel_tool_calls: bool | None = None
    max_output_tokens: MaxOutputTokens = "inf"
    tracing: Literal["auto"] | TracingTo | None = None
    truncation: Literal["auto", "disabled"] | RetentionRatio = "auto"
    prompt: Prompt | None = None
    reasoning: Reasoning | None = None
    include: tuple[Include, ...] | None = None


@dataclass(frozen=True, slots=True)
class TranscriptionAudio(Settings):
    input: AudioInput = field(default_factory=lambda: AudioInput(transcription=Transcription()))


@dataclass(frozen=True, slots=True)
class TranscriptionSession(Settings):
    """Nothing but the words of what is heard."""

    type: ClassVar[str] = "transcription"
    audio: TranscriptionAudio = field(default_factory=TranscriptionAudio)
    include: tuple[Include, ...] | None = None


AnySession = Session | TranscriptionSession
SessionPatch = Patch[Session] | Patch[TranscriptionSession]
_S = TypeVar("_S", bound=AnySession)


def changed(session: _S, patch: SessionPatch, *, has_spoken: bool = False, event_id: str | None = None) -> _S:
    """The session after an update: what the patch names is changed, all else stays, the model always.

    Raises EventRefused when the patch is for the other type, or changes the voice of an agent that `has_spoken`;
    `event_id` is the client's id of the update, to be named in it.
    """
    if patch.kind is not type(session):
        given = patch.kind.type
        because = f"A {given} update cannot be made to a {session.type} session."
        refused = wrong_value("session.type", given, because=because)
        refused.event_id = event_id
        raise refused
    new = cast(Patch[_S], patch).onto(session)
    if isinstance(new, Session) and isinstance(session, Session):
        if has_spoken and new.audio.output.voice != session.audio.output.voice:
            raise EventRefused(
                "Cannot update a conversation's voice if assistant audio is present.",
                code="cannot_update_voice",
                param="session.audio.output.voice",
                event_id=event_id,
            )
        return cast(_S, replace(new, model=session.model or new.model))
    return new


def echoed(session: AnySession) -> AnySession:
    """The session as its client may be told of it.

    Clients read the answer with strict types of their own, older than the settings they sent: of a transcription
    they know the model, the language and the prompt.
    """
    heard = session.audio.input
    if heard.transcription is None:
        return session
    known = replace(heard.transcription, delay=None, keywords=None, languages=None)
    heard = replace(heard, transcription=known)
    if isinstance(session, Session):
        return replace(session, audio=replace(session.audio, input=heard))
    return replace(session, audio=replace(session.audio, input=heard))
