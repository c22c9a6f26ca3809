"""Whether the tutor sends each line to the right specialist, and asks when it cannot tell.

The tutor's own orchestrator is given single questions and whole conversations that were written for this and
teach it nothing. In a conversation every line follows the answers of the right specialists, whoever was
chosen before. The lines are halved: what is tuned is tuned on one half, and the goals are set on the other. No
model but the sentence encoder takes part.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from antiphon.agent.definition import Agent, Question
from antiphon.agent.routing import Route
from antiphon.agents.tutor.clarifying import CLARIFY
from antiphon.agents.tutor.tutor import tutor
from antiphon.bench.figures import Detail, Figure, Goal, Kind, Outcome, Statistic, least, most
from antiphon.bench.trials.labelled import HELD, encoding, labelled
from antiphon.bench.trials.trial import Progress, Setup
from antiphon.core.events import Role
from antiphon.core.transcript import Line
from antiphon.providers.local_moderation import LocalGuardrail

TITLE = "The right specialist answers"


@dataclass(frozen=True, slots=True)
class Talk:
    """What a caller says, line by line, and who should answer each."""

    half: str
    kind: str
    "single, turns or unclear"
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """One line, and where it went."""

    talk: Talk
    said: str
    right: str
    route: Route
    ms: float

    @property
    def is_right(self) -> bool:
        return self.route.specialist == self.right

    def detail(self) -> Detail:
        return {
            "half": self.talk.half,
            "kind": self.talk.kind,
            "said": self.said,
            "right": self.right,
            "chosen": self.route.specialist,
            "confidence": round(self.route.confidence, 3),
            "reason": self.route.reason,
            "ms": round(self.ms, 2),
        }


def talks() -> list[Talk]:
    """All conversations that routing is measured on."""
    return labelled("routing", _talk)


def _talk(half: str, kind: str, lines: list[tuple[str, str]]) -> Talk:
    return Talk(half, kind, tuple((said, right) for said, right in lines))


async def run(setup: Setup) -> Outcome:
    """Every line of every conversation was routed once."""
    begun = time.monotonic()
    async with encoding() as (encoder, cache):
        agent = await tutor(encoder, LocalGuardrail(encoder, cache), cache)
        chosen = talks()
        sent: list[Sent] = []
        for number, talk in enumerate(chosen, 1):
            sent += await _hold(agent, talk)
            setup.tell(Progress("routing", number, len(chosen)))
    return Outcome(
        "routing",
        TITLE,
        __doc__ or "",
        tuple(_figures(sent)),
        details=(*(one.detail() for one in sent), *_confusions(sent)),
        seconds=round(time.monotonic() - begun, 1),
    )


async def _hold(agent: Agent, talk: Talk) -> list[Sent]:
    """The conversation, with the answers that the right specialists give."""
    if agent.router is None:
        raise ValueError("an agent without a router sends nothing anywhere")
    history: list[Line] = []
    memory: dict[str, object] = {}
    sent: list[Sent] = []
    for turn, (said, right) in enumerate(talk.lines, 1):
        begun = time.perf_counter()
        route = await agent.router.route(tuple(history), said)
        sent.append(Sent(talk, said, right, route, 1000 * (time.perf_counter() - begun)))
        if route.specialist != right:
            route = Route(right, 1.0, "as it should have been")
        grounding = await agent.specialist(right).ground(Question(said, tuple(history), route, memory))
        memory |= grounding.memory
        answer = " ".join(grounding.sentences) or agent.unknown
        history += [Line(Role.USER, said, turn), Line(Role.AGENT, answer, turn, speaker=right)]
        await asyncio.sleep(0)
    return sent


def _figures(sent: Sequence[Sent]) -> Iterator[Figure]:
    held = [one for one in sent if one.talk.half == HELD]
    dev = [one for one in sent if one.talk.half != HELD]
    for half, name, goals in ((held, "held out", (least(95),)), (dev, "tuned on", ())):
        yield _share(f"lines sent right, {name}", [*_of(half, "single"), *_of(half, "turns")], goals)
        yield _share(f"single questions sent right, {name}", _of(half, "single"))
        yield _share(f"lines of conversations sent right, {name}", _of(half, "turns"))
        unclear = _of(half, "unclear")
        yield _share(
            f"unclear questions asked back about, {name}", [s for s in unclear if s.right == CLARIFY]
        )
        yield _share(f"answers to that sent right, {name}", [s for s in unclear if s.right != CLARIFY])
        clear = [one for one in half if one.right != CLARIFY]
        needless = tuple(float(one.route.specialist == CLARIFY) for one in clear)
        goal = (most(2),) if half is held else ()
        yield Figure(f"clear lines asked back about, {name}", "%", needless, goal, Kind.SHARE)
    for name, is_right in (("right", True), ("wrong", False)):
        some = [one.route.confidence for one in held if one.is_right is is_right and one.right != CLARIFY]
        yield Figure(f"confidence when {name}, held out", "", tuple(some), kind=Kind.LEVEL)
    yield Figure("routing of a line", "ms", tuple(s.ms for s in sent), (Goal(Statistic.P95, 40.0),))


def _of(sent: Sequence[Sent], kind: str) -> list[Sent]:
    return [one for one in sent if one.talk.kind == kind]


def _share(name: str, sent: Sequence[Sent], goals: tuple[Goal, ...] = ()) -> Figure:
    return Figure(name, "%", tuple(float(one.is_right) for one in sent), goals, Kind.SHARE)


def _confusions(sent: Sequence[Sent]) -> Iterator[Detail]:
    """Which specialist was taken for which, most often first."""
    wrong = Counter((one.talk.half, one.right, one.route.specialist) for one in sent if not one.is_right)
    for (half, right, chosen), times in wrong.most_common():
        yield {"half": half, "confused": f"{right} taken for {chosen}", "times": float(times)}
