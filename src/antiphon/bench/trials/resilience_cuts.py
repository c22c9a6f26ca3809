"""Interruptions in virtual time: what is remembered of each line against the samples that its listener's player played."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from antiphon.agent.definition import Agent
from antiphon.bench.scripted_server import InstantRecognizer, InstantTurnDetector, scripted_agent
from antiphon.core import events as e
from antiphon.session.session import Providers, Session
from antiphon.testing import clock
from antiphon.testing.loopback import Loopback, Saying
from antiphon.testing.scripted import ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer

CALL_CUTS = 25
"Interruptions in one call."
CYCLE_S = 6.0
CHAR_S = 0.03
REPLY = (
    "Seven boats left this quiet harbour before anyone woke.",
    "Their lanterns drew long yellow lines over black water.",
    "When morning came, only gulls knew where they had gone.",
)


@dataclass(slots=True)
class Cuts:
    """What came of the interruptions."""

    differences: list[int] = field(default_factory=list)
    "Of each line of the agent's: words remembered and not heard, or heard and not remembered."
    interrupted: int = 0
    heard: list[int] = field(default_factory=list)


def interrupt(times: int, seed: int = 5) -> Cuts:
    """At least `times` interruptions, by voice, by a typed line and by the button, at random instants."""
    chance, found = random.Random(seed), Cuts()
    while found.interrupted < times:
        _call(chance, found)
    return found


def _call(chance: random.Random, found: Cuts) -> None:
    acts: list[tuple[float, e.UserEvent]] = []
    sayings: list[Saying] = []
    for n in range(CALL_CUTS):
        begin = 1.0 + n * CYCLE_S
        acts.append((begin, e.Typed(f"Question {n}?", len(acts) + 1)))
        at = begin + chance.uniform(0.05, CYCLE_S - 2.0)
        match chance.randrange(3):
            case 0:
                sayings.append(Saying(at, 0.6))
            case 1:
                acts.append((at, e.Typed("Wait.", len(acts) + 1)))
            case _:
                acts.append((at, e.InterruptAsked()))
    caller = Loopback(
        sayings=sayings,
        acts=acts,
        hang_up_at=2.0 + CALL_CUTS * CYCLE_S,
        play_rate=24_000,
        ack=chance.choice((0.02, 0.05, 0.2)),
        delay=chance.choice((0.002, 0.01, 0.08)),
    )
    agent: Agent = scripted_agent(REPLY)

    async def story() -> None:
        providers = Providers(
            ScriptedVad(),
            InstantRecognizer("Wait, please."),
            InstantTurnDetector(0.98),
            ScriptedSynthesizer(CHAR_S),
        )
        await Session("s", agent, providers, caller, greets=False).run()

    clock.run(story())
    _compare(caller, found)


def _compare(caller: Loopback, found: Cuts) -> None:
    char = round(CHAR_S * caller.play_rate)
    told: dict[int, list[str]] = {}
    lines: dict[int, list[str]] = {}
    for _, news in caller.shown:
        match news:
            case e.Speak(turn, _, text):
                told.setdefault(turn, []).extend(text.text.split())
            case e.Remember(turn, e.Role.AGENT, text):
                lines.setdefault(turn, []).extend(text.split())
            case e.ClearPlayout():
                found.interrupted += 1
            case _:
                pass
    for turn, words in told.items():
        heard, at = 0, 0
        for word in words:
            if at + len(word) * char > caller.played.get(turn, 0):
                break
            heard += 1
            at += (len(word) + 1) * char
        kept = lines.get(turn, [])
        same = kept == words[:heard]
        found.differences.append(0 if same else max(1, abs(len(kept) - heard)))
        found.heard.append(heard)
