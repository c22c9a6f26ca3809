"""What happens to a conversation from outside of what is said: facts, as in `events`, which passes them on."""

from __future__ import annotations

from dataclasses import dataclass

from antiphon.core.speech import Approved


# ---- the supervisor --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class TakenOver:
    """A person speaks in the agent's place from now on; the agent listens and is silent."""

    by: str


@dataclass(frozen=True, slots=True)
class HandedBack:
    """The agent speaks for itself again."""

    by: str


@dataclass(frozen=True, slots=True)
class LineGiven:
    """A person wants this said in the agent's voice, once nobody speaks."""

    by: str
    line: Approved


@dataclass(frozen=True, slots=True)
class PersonSpoke:
    """A person said this to the user with their own voice."""

    by: str
    text: str
