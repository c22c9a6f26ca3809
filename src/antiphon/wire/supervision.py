"""What a supervisor's page and the server say to each other on `/supervise`, version 1.

The page says `watch` first, then gets `watching`, and from there on every message of `wire.native` that the
caller gets, and the ones below. Binary frames down are `native.AudioFrame`s: the agent's turns, `native.LIVE` for
a person's voice, and CALLER for the caller's own. Binary frames up are PCM16 of the supervisor's voice at the
rate said in `watch`; they are heard only while that supervisor has taken over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, get_args

from antiphon.core.errors import CallerError
from antiphon.wire import fields, native

CALLER = 0xFFFF_FFFF
"The turn number that stands for the caller's voice."


# ---- supervisor to server --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Watch:
    """The first message: the session to stand by."""

    type: ClassVar[str] = "watch"
    session: str
    sound: bool = True
    "Send what the caller and the agent say, too."
    rate: int = 16000
    "Hz of the supervisor's microphone, and of the caller's sound sent down."
    play_rate: int = 24000
    "Hz of the agent's sound sent down."


@dataclass(frozen=True, slots=True)
class Whisper:
    """A line that only the agent sees: it minds it from its next answer on."""

    type: ClassVar[str] = "whisper"
    text: str


@dataclass(frozen=True, slots=True)
class Say:
    """A line that the agent says next, when nobody speaks."""

    type: ClassVar[str] = "say"
    text: str


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Speak in the agent's place from now on."""

    type: ClassVar[str] = "take_over"


@dataclass(frozen=True, slots=True)
class HandBack:
    """Let the agent speak for itself again."""

    type: ClassVar[str] = "hand_back"


# ---- server to supervisor --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Watching:
    """The supervisor stands by; the lines said so far follow as `remembered` that are `is_past`."""

    type: ClassVar[str] = "watching"
    session: str
    agent: str
    phase: str
    turn: int
    taken_over_by: str = ""
    version: int = native.VERSION


@dataclass(frozen=True, slots=True)
class Whispered:
    """A supervisor has whispered to the agent."""

    type: ClassVar[str] = "whispered"
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class LineRefused:
    """The guardrail does not let the line be said."""

    type: ClassVar[str] = "line_refused"
    text: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another server has the session: the one that calls itself `node`. This connection will be closed."""

    type: ClassVar[str] = "elsewhere"
    node: str
    url: str = ""
    "Its address, if it has told one."


SupervisorMessage = Watch | Whisper | Say | TakeOver | HandBack | native.Ping
WatchMessage = Watching | Whispered | LineRefused | Elsewhere

_UP: dict[str, type[SupervisorMessage]] = {cls.type: cls for cls in get_args(SupervisorMessage)}


def encode(message: SupervisorMessage | WatchMessage) -> str:
    """The message as the text of one frame."""
    return fields.write(message)


def decode_supervisor(text: str) -> SupervisorMessage:
    """What a supervisor sent. Raises CallerError that names the field at fault."""
    message = fields.read(text, _UP, native.MAX_TEXT_FRAME)
    match message:
        case Whisper(line) | Say(line) if not line.strip() or len(line) > native.MAX_TYPED:
            raise CallerError(
                f"text must have 1 to {native.MAX_TYPED} characters", field="text", code="bad_text"
            )
        case Watch(_, _, rate, play_rate):
            native.check_rates(rate=rate, play_rate=play_rate)
        case _:
            pass
    return message
