"""Callers with habits, and what they make of a script: data, and one pure function.

A persona says how somebody talks and what comes between; `plan` decides by chance, the same for the same seed, what
that means for each line of a script. `acting` performs the plan in a real call, `rehearsing` in virtual time.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from antiphon.bench.timeline import Act


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody's habits. Shares are chances from 0 to 1; of a line, or of an answer."""

    name: str
    voice: str = "hibari"
    "Of the voices of the machine; the first that there is, when it has no such one."
    pause_s: float = 0.0
    "How long the caller thinks where a line has “|”; 0: not at all."
    ums: float = 0.0
    "Lines that begin with a filler, and a pause after it."
    backchannels: float = 0.0
    "Answers that are hummed along with."
    interrupts: float = 0.0
    "Answers that are cut short."
    coughs: float = 0.0
    asides: float = 0.0
    "Answers during which the caller talks to somebody else, 12 dB softer."
    noise_dbfs: float | None = None
    "Level of the noise around the caller; None: digital silence."
    loss: float = 0.0
    "Frames of the microphone that never arrive."
    jitter_s: float = 0.0
    "By how much frames come late, at most; they keep their order."
    drops: float = 0.0
    "Lines after which the connection breaks, and is made again."


CALM = Persona("calm")
PERSONAS: Mapping[str, Persona] = {
    one.name: one
    for one in (
        CALM,
        Persona("hesitant", pause_s=0.5, ums=0.5),
        Persona("listener", backchannels=1.0),
        Persona("impatient", interrupts=0.5),
        Persona("cold", coughs=1.0, pause_s=0.3),
        Persona("household", asides=0.6, noise_dbfs=-45.0),
        Persona("train", noise_dbfs=-50.0, loss=0.02, jitter_s=0.08, drops=0.3),
        Persona("stranger", voice="flite"),
    )
}
BACKCHANNELS = ("Mhm.", "Uh-huh.", "Okay.", "I see.", "Right.")
INTERRUPTIONS = ("Wait a moment.", "Sorry, one thing.", "Hold on.")
ASIDES = ("I am on the phone.", "Just leave it there, thanks.", "In five minutes, darling.")
UMS = ("Um", "Well", "Er")


@dataclass(frozen=True, slots=True)
class Over:
    """Something done over an answer, once it has sounded for `after_s`."""

    act: Act
    text: str
    after_s: float
    noise: str = ""
    "What is made instead of words: a name in `noises.NOISES`."
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A line as it is said, what is done while it is answered, and whether the connection breaks then."""

    text: str
    pause_s: float = 0.0
    "At the “|” of the text, where there is one."
    over: tuple[Over, ...] = ()
    drops: bool = False


def step(persona: Persona, text: str, chance: random.Random) -> Step:
    """What the persona makes of a line."""
    over: list[Over] = []
    if chance.random() < persona.backchannels:
        over.append(Over(Act.BACKCHANNEL, chance.choice(BACKCHANNELS), chance.uniform(0.8, 1.6)))
    if chance.random() < persona.coughs:
        noise, seed = chance.choice(("cough", "throat")), chance.randrange(20, 40)
        over.append(Over(Act.TIC, f"({noise})", chance.uniform(0.5, 2.0), noise, seed))
    if chance.random() < persona.asides:
        over.append(Over(Act.ASIDE, chance.choice(ASIDES), chance.uniform(0.6, 1.5)))
    if chance.random() < persona.interrupts:
        over.append(Over(Act.TURN, chance.choice(INTERRUPTIONS), chance.uniform(0.7, 1.5)))
    is_slow = "|" in text and persona.pause_s > 0
    if not is_slow:
        text = " ".join(text.replace("|", " ").split())
    if chance.random() < persona.ums:
        text = f"{chance.choice(UMS)}, | {' '.join(text.replace('|', ' ').split())}"
        is_slow = True
    in_order = tuple(sorted(over, key=lambda one: one.after_s))
    return Step(text, persona.pause_s if is_slow else 0.0, in_order, chance.random() < persona.drops)


def plan(persona: Persona, lines: Iterable[str], seed: int = 0) -> tuple[Step, ...]:
    """The script in the persona's manner."""
    chance = random.Random(f"{persona.name} {seed}")
    return tuple(step(persona, line, chance) for line in lines)
