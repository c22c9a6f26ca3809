"""Words that events, commands and screens share."""

from __future__ import annotations

from enum import StrEnum

TurnId = int
UtteranceId = int


class Phase(StrEnum):
    """What a person would call the state of the conversation."""

    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    INTERRUPTED = "interrupted"


class Role(StrEnum):
    """Who a remembered line belongs to."""

    USER = "user"
    AGENT = "agent"
    SUPERVISOR = "supervisor"


class Purpose(StrEnum):
    """Why a sentence is spoken."""

    ANSWER = "answer"
    FILLER = "filler"
    GREETING = "greeting"
    PROMPT = "prompt"
    APOLOGY = "apology"
    PERSON = "person"
    "A supervisor's words, in the agent's voice."


class TurnEnd(StrEnum):
    """What becomes of the user's words when their turn is over."""

    ANSWERED = "answered"
    KEPT = "kept"
    "They are remembered, and answered when an answer is asked for."
    OPEN = "open"
    "Silence ends no turn: it goes on until it is committed, and is kept then."
