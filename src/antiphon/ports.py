"""The plug-in contract: what a provider or a transport must offer. Conformance suites: `antiphon.testing`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from antiphon.core.audio import Pcm
from antiphon.core.events import Command, Event, Played, PlayoutCleared, TurnId, UserEvent
from antiphon.core.notes import Note, SoundSent
from antiphon.core.speech import Approved, Speech


class VoiceActivityDetector(Protocol):
    """Tells speech from everything else, for any number of callers at once."""

    rate: int
    "Hz of the sound it takes."
    frame: int
    "Samples it judges at a time."

    def open(self) -> VoiceActivity:
        """A new listener with no memory. Cheap: sessions share the model."""
        ...


class VoiceActivity(Protocol):
    """One caller's voice activity. Frames are judged in the order they are given."""

    async def probability(self, frame: Pcm) -> float:
        """P(speech) in `frame`, which has exactly the detector's frame length. Safe to cancel."""
        ...


class TurnDetector(Protocol):
    """Tells from the sound of an utterance whether its speaker has finished."""

    rate: int

    async def completeness(self, utterance: Pcm) -> float:
        """P(the speaker has finished), 0…1, judged at the end of `utterance`. Safe to cancel."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recognizer makes of an utterance."""

    text: str
    "Empty when there were no words in it."
    confidence: float = 1.0


class Recognizer(Protocol):
    """Turns speech into text."""

    rate: int

    def open(self) -> Recognition:
        """A new utterance with nothing said in it yet."""
        ...


class Recognition(Protocol):
    """One utterance on its way to text. More sound may be pushed after `settle`: the caller went on."""

    def push(self, pcm: Pcm) -> None:
        """`pcm`, at the recognizer's rate, follows what was pushed before. Never blocks."""
        ...

    async def partial(self) -> Heard | None:
        """The best guess so far, or None when there is nothing to say or no time to say it (load)."""
        ...

    async def settle(self) -> Heard:
        """The text of everything pushed so far. Raises ProviderError. Safe to cancel and call again."""
        ...

    async def close(self) -> None:
        """Nothing of the utterance is held any longer. May be called more than once."""
        ...


class Synthesizer(Protocol):
    """Turns approved text into speech."""

    rate: int
    "Hz of the sound it makes."

    def speak(self, sentence: Approved, voice: str = "") -> AsyncIterator[Speech]:
        """The sentence as speech, piece by piece, the first as early as can be. Raises ProviderError.

        Unspeakable text (blank, only symbols) yields nothing. Safe to cancel between and inside pieces.
        """
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One line of a conversation as a language model sees it."""

    role: str
    "system, user, assistant or tool"
    content: str
    name: str = ""
    tool_call_id: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model asks for a tool. `arguments` is a JSON object as text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as offered to a model. `parameters` is a JSON Schema as text."""

    name: str
    description: str
    parameters: str


class LanguageModel(Protocol):
    """Writes the next line of a conversation."""

    name: str
    "vendor/model, as in the configuration."

    @property
    def supplies_facts(self) -> bool:
        """It may be asked what the grounding does not say. A small local model only phrases."""
        ...

    def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall, None]:
        """The reply as it is written: pieces of text in order, and whole tool calls. Raises ProviderError.

        Closing the iterator stops the model and frees what it held.
        """
        ...


class Encoder(Protocol):
    """Places texts in a space where near means alike in meaning."""

    dimensions: int

    async def encode(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        """One unit-length vector for each text, in order."""
        ...


class Transport(Protocol):
    """One caller's connection: sound and news both ways. Called from the session's event loop only."""

    async def run(self, emit: Callable[[SoundSent], None]) -> None:
        """Sends what is due until cancelled, and tells when the first sample of a sentence has left."""
        ...

    async def receive(self) -> Pcm | UserEvent | Played | PlayoutCleared:
        """The next thing that came from the caller; HungUp when nothing more will.

        Counts of played samples are at the rate of what was given to `play`, and never exceed it. Where the
        caller's sound stops coming in mid-call, silence stands for it. Safe to cancel.
        """
        ...

    def play(self, turn: TurnId, sentence: int, pcm: Pcm) -> None:
        """`pcm` will be heard after what was queued for the turn. Never blocks; paced to the listener."""
        ...

    def hold(self, turn: TurnId) -> None:
        """No sound is played until `resume` or `clear`; none is lost."""
        ...

    def resume(self, turn: TurnId) -> None:
        """Playing goes on from the very sample at which it was held."""
        ...

    def clear(self, turn: TurnId) -> None:
        """Not one more sample of the turn leaves or is played. PlayoutCleared follows from `receive`."""
        ...

    def show(self, news: Event | Command | Note) -> None:
        """The caller's screen learns of it, if it is anything a screen shows. Never blocks."""
        ...
