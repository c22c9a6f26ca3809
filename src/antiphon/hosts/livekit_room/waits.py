"""How long an agent in a room has patience, and with whom."""

from __future__ import annotations

from dataclasses import dataclass

from antiphon.hosts.sweeping import GIVEN_UP_AFTER, LOST_AFTER

OUTAGE = LOST_AFTER + GIVEN_UP_AFTER
"Seconds a conversation is kept whose room is lost: as long as a killed process's."
SPEAK_UP_AFTER = 25.0
"Seconds of silence of both after which the agent asks whether anybody is there."


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds an agent waits in a room."""

    student: float = 60.0
    "For somebody to talk to."
    back: float = 20.0
    "For a student whose connection broke; who leaves by themselves has hung up."
    quiet: float = 180.0
    "For a sound from the student, then it takes leave: it has asked twice by then."
    prompt: float = SPEAK_UP_AFTER
    "For either to speak, then it asks whether anybody is there."
    server: float = 5.0
    "For the room's server, then nobody hears it any more: less is bridged by LiveKit's client."
    outage: float = OUTAGE
    "For a server that is gone, and then for its student."
    part: float = 3.0
    "For the room to be left: a server that is gone does not answer."


USUAL = Waits()
