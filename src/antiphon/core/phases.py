"""The states of user and agent, what moves them, and the phase people see. The tables are the machine."""

from __future__ import annotations

from enum import StrEnum

from antiphon.core.events import Phase

__all__ = ["AGENT_MOVES", "BUSY", "PHASE", "Agent", "Move", "Phase", "User"]


class User(StrEnum):
    SILENT = "silent"
    WAITING = "waiting"
    "Silent, with words that nobody has answered or that are still being made out."
    SPEAKING = "speaking"


class Agent(StrEnum):
    IDLE = "idle"
    SPECULATING = "speculating"
    THINKING = "thinking"
    SPEAKING = "speaking"
    HELD = "held"
    LEAVING = "leaving"


BUSY = (Agent.THINKING, Agent.SPEAKING, Agent.HELD)
"The agent has a confirmed turn in hand: speech now is speech over it."


class Move(StrEnum):
    """Why the agent's state changes."""

    SPECULATE = "the user may have finished"
    BEGIN = "the turn is over"
    SPEAK = "a sentence may be heard"
    PAUSE = "the user makes a sound"
    GO_ON = "it asked for nothing"
    GIVE_WAY = "the user takes the floor"
    RUN_DRY = "all sound was played, more will come"
    FINISH = "all was said and played"
    DROP = "the reply is not wanted"
    SETTLED = "the player has stopped"
    LOST = "the user's player is gone"


AGENT_MOVES: dict[tuple[Agent, Move], Agent] = {
    (Agent.IDLE, Move.SPECULATE): Agent.SPECULATING,
    (Agent.IDLE, Move.BEGIN): Agent.THINKING,
    (Agent.IDLE, Move.SPEAK): Agent.SPEAKING,
    (Agent.SPECULATING, Move.BEGIN): Agent.THINKING,
    (Agent.SPECULATING, Move.DROP): Agent.IDLE,
    (Agent.THINKING, Move.SPEAK): Agent.SPEAKING,
    (Agent.THINKING, Move.DROP): Agent.IDLE,
    (Agent.THINKING, Move.FINISH): Agent.IDLE,
    (Agent.SPEAKING, Move.PAUSE): Agent.HELD,
    (Agent.SPEAKING, Move.RUN_DRY): Agent.THINKING,
    (Agent.SPEAKING, Move.FINISH): Agent.IDLE,
    (Agent.SPEAKING, Move.GIVE_WAY): Agent.LEAVING,
    (Agent.HELD, Move.GO_ON): Agent.SPEAKING,
    (Agent.HELD, Move.GIVE_WAY): Agent.LEAVING,
    (Agent.LEAVING, Move.SETTLED): Agent.IDLE,
    (Agent.SPECULATING, Move.LOST): Agent.IDLE,
    (Agent.THINKING, Move.LOST): Agent.IDLE,
    (Agent.SPEAKING, Move.LOST): Agent.IDLE,
    (Agent.HELD, Move.LOST): Agent.IDLE,
    (Agent.LEAVING, Move.LOST): Agent.IDLE,
}

PHASE: dict[tuple[User, Agent], Phase] = {
    (User.SILENT, Agent.IDLE): Phase.IDLE,
    (User.WAITING, Agent.IDLE): Phase.LISTENING,
    (User.SPEAKING, Agent.IDLE): Phase.LISTENING,
    (User.SILENT, Agent.SPECULATING): Phase.LISTENING,
    (User.WAITING, Agent.SPECULATING): Phase.LISTENING,
    (User.SPEAKING, Agent.SPECULATING): Phase.LISTENING,
    (User.SILENT, Agent.THINKING): Phase.THINKING,
    (User.WAITING, Agent.THINKING): Phase.THINKING,
    (User.SPEAKING, Agent.THINKING): Phase.LISTENING,
    (User.SILENT, Agent.SPEAKING): Phase.SPEAKING,
    (User.WAITING, Agent.SPEAKING): Phase.SPEAKING,
    (User.SPEAKING, Agent.SPEAKING): Phase.SPEAKING,
    (User.SILENT, Agent.HELD): Phase.INTERRUPTED,
    (User.WAITING, Agent.HELD): Phase.INTERRUPTED,
    (User.SPEAKING, Agent.HELD): Phase.INTERRUPTED,
    (User.SILENT, Agent.LEAVING): Phase.INTERRUPTED,
    (User.WAITING, Agent.LEAVING): Phase.INTERRUPTED,
    (User.SPEAKING, Agent.LEAVING): Phase.INTERRUPTED,
}
