"""How a session hears and sounds: formats, the ends of turns, transcription, the voice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from antiphon.wire.openai_realtime.refusal import wrong_value
from antiphon.wire.openai_realtime.schema import NULL, Bounds, Checked, Settings

Milliseconds = Annotated[int, Bounds(0, 60_000)]


# ---- how sound is made -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Pcm(Checked):
    """16 bit little-endian mono. There is only one rate, in Hz."""

    type: ClassVar[str] = "audio/pcm"
    rate: int = 24000

    def check(self, path: str) -> None:
        if self.rate != 24000:
            raise wrong_value(f"{path}.rate", self.rate, ["24000"])


@dataclass(frozen=True, slots=True)
class Pcmu:
    """G.711 µ-law, 8000 Hz."""

    type: ClassVar[str] = "audio/pcmu"


@dataclass(frozen=True, slots=True)
class Pcma:
    """G.711 A-law, 8000 Hz."""

    type: ClassVar[str] = "audio/pcma"


Format = Pcm | Pcmu | Pcma


@dataclass(frozen=True, slots=True)
class VoiceId:
    """A voice of one's own."""

    id: str


# ---- what is heard ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ServerVad(Settings):
    """The turn ends after so much silence."""

    type: ClassVar[str] = "server_vad"
    threshold: Annotated[float, Bounds(0, 1)] = 0.5
    prefix_padding_ms: Milliseconds = 300
    silence_duration_ms: Milliseconds = 500
    idle_timeout_ms: Milliseconds | None = None
    "Speak up when nothing is said for so long after an answer."
    create_response: bool = True
    interrupt_response: bool = True


@dataclass(frozen=True, slots=True)
class SemanticVad(Settings):
    """The turn ends when what was said sounds complete."""

    type: ClassVar[str] = "semantic_vad"
    eagerness: Literal["low", "medium", "high", "auto"] = "auto"
    create_response: bool = True
    interrupt_response: bool = True


TurnDetection = ServerVad | SemanticVad


@dataclass(frozen=True, slots=True)
class Transcription(Settings):
    """How the user's words are made out."""

    model: str | None = None
    language: str | None = None
    prompt: str | None = None
    delay: Literal["minimal", "low", "medium", "high", "xhigh"] | None = None
    keywords: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class NoiseReduction(Settings):
    type: Literal["near_field", "far_field"] | None = None


@dataclass(frozen=True, slots=True)
class AudioInput(Settings):
    format: Format = Pcm()
    transcription: Transcription | None = None
    noise_reduction: NoiseReduction | None = None
    turn_detection: Annotated[TurnDetection | None, NULL] = ServerVad()
    "None: the client says itself where a turn ends."


@dataclass(frozen=True, slots=True)
class AudioOutput(Settings):
    format: Format = Pcm()
    voice: str | VoiceId = "alloy"
    speed: Annotated[float, Bounds(0.25, 1.5)] = 1.0


@dataclass(frozen=True, slots=True)
class Audio(Settings):
    input: AudioInput = AudioInput()
    output: AudioOutput = AudioOutput()
