"""Whether callers end with the appointment they wanted, however they went about it.

Scripted callers change their minds, go back, remember what was never said, mumble, want what is taken, and come two
at a time. Each script is held with the booking agent in a real session in virtual time, typed, over a calendar in
memory; then the calendar is compared with what it should hold. A prompt is double if an answer asks two things or
repeats the one before it to the word. The time to work out an answer is the processor's, real.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from antiphon.agent.definition import Agent, Grounding, Question
from antiphon.agent.guardrail import Allow, Verdict
from antiphon.agent.tools import Person
from antiphon.agents.booking.acts import Act, act_of
from antiphon.agents.booking.booking import booking_agent
from antiphon.bench.figures import Detail, Figure, Kind, Outcome, Statistic, least, most
from antiphon.bench.trials.appointment_scripts import SCRIPTS, Script
from antiphon.bench.trials.trial import Progress, Setup
from antiphon.core import events as e
from antiphon.core.appointments import Appointment
from antiphon.session.session import Providers, Session
from antiphon.testing.calendar import MemoryCalendar
from antiphon.testing.clock import run as run_in_virtual_time
from antiphon.testing.loopback import Loopback
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer

TITLE = "Appointments"
NOW = datetime(2026, 11, 18, 10, 20, tzinfo=UTC)
"A Wednesday."
HALF = timedelta(minutes=30)
ANSWER_WITHIN = 60.0
"Virtual seconds."
HOUSE = "local"


class Trusting:
    """A guardrail for words that an author wrote."""

    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Allow()


@dataclass(slots=True)
class Held:
    """A script as it went."""

    script: Script
    calendar: MemoryCalendar
    answers: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    "By caller: what was said, and the answer."
    took_ms: list[float] = field(default_factory=list)

    @property
    def has(self) -> tuple[tuple[str, str], ...]:
        """Who has booked what, but for those who were there before."""
        return tuple(
            sorted(
                (a.owner, a.starts_at.strftime("%m-%d %H:%M"))
                for a in self.calendar.booked
                if a.owner != "rival"
            )
        )

    @property
    def is_right(self) -> bool:
        wanted = sorted(self.script.expects)
        if self.script.is_race:
            return sorted(slot for _, slot in self.has) == sorted(slot for _, slot in wanted)
        return self.has == tuple(wanted)

    @property
    def double_prompts(self) -> int:
        count = 0
        for answers in self.answers.values():
            before = ""
            for line, answer in answers:
                is_asked_for = act_of(line) is Act.REPEAT
                count += answer.count("?") > 1 or (answer == before and not is_asked_for)
                before = answer
        return count

    @property
    def double_bookings(self) -> int:
        booked = self.calendar.booked
        return sum(
            a.starts_at < b.ends_at and b.starts_at < a.ends_at for a, b in itertools.combinations(booked, 2)
        )

    def detail(self) -> Detail:
        return {
            "script": self.script.name,
            "is_right": self.is_right,
            "turns": sum(len(answers) for answers in self.answers.values()),
            "double_prompts": self.double_prompts,
            "booked": ", ".join(" ".join(one) for one in self.has),
        }


async def run(setup: Setup) -> Outcome:
    """Every script was held once, or `setup.repeats` of them."""
    begun = time.monotonic()
    scripts = SCRIPTS[: setup.repeats] if setup.repeats else SCRIPTS
    held: list[Held] = []
    for script in scripts:
        held.append(await asyncio.to_thread(hold, script))
        setup.tell(Progress("appointments", len(held), len(scripts), script.name))
    return Outcome(
        "appointments",
        TITLE,
        __doc__ or "",
        (
            Figure(
                "calls that end with what was wanted",
                "%",
                _each(h.is_right for h in held),
                (least(100),),
                Kind.SHARE,
            ),
            Figure(
                "double prompts", "", (float(sum(h.double_prompts for h in held)),), (most(0),), Kind.LEVEL
            ),
            Figure(
                "double bookings", "", (float(sum(h.double_bookings for h in held)),), (most(0),), Kind.LEVEL
            ),
            Figure("turns of a call", "", tuple(float(len(a)) for h in held for a in h.answers.values())),
            Figure(
                "working out an answer",
                "ms",
                tuple(took for h in held for took in h.took_ms),
                (most(50, Statistic.P95),),
            ),
        ),
        details=tuple(one.detail() for one in held),
        failures=tuple(_failure(one) for one in held if not one.is_right),
        seconds=round(time.monotonic() - begun, 1),
    )


def hold(script: Script) -> Held:
    """The script has been lived through, in virtual time. Blocks for about a second."""
    held = Held(script, MemoryCalendar())
    run_in_virtual_time(_hold(held))
    return held


async def _hold(held: Held) -> None:
    for slot in held.script.taken:
        await _take(held, slot)
    async with asyncio.TaskGroup() as callers:
        for caller in held.script.callers:
            held.answers[caller.name] = []
            callers.create_task(_call(held, caller.name, caller.lines), name=f"caller {caller.name}")


async def _call(held: Held, name: str, lines: Sequence[str]) -> None:
    ids = itertools.count()
    agent = await booking_agent(
        held.calendar, Trusting(), now=lambda question: NOW, make_id=lambda: f"{name} {next(ids)}"
    )
    line = Loopback(hang_up_at=float("inf"))
    hands = Providers(
        ScriptedVad(), ScriptedRecognizer(), ScriptedTurnDetector(), ScriptedSynthesizer(0.004), None
    )
    session = Session(name, _timed(agent, held), hands, line, greets=False, caller=Person(name, HOUSE))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(session.run(), name=f"session {name}")
        typed = 0
        for text in lines:
            if text.startswith("!"):
                await _happen(held, text)
                continue
            if text.startswith("~"):
                if any(name == owner for owner, _ in held.has):
                    continue
                text = text.removeprefix("~").strip()
            typed += 1
            line.say(e.Typed(text, typed))
            await _answered(line, typed)
            held.answers[name].append((text, _said(line)[-1]))
        line.say(e.HungUp("the script ended"))


def _timed(agent: Agent, held: Held) -> Agent:
    """The agent, whose time to work out each answer is noted."""
    [specialist] = agent.specialists

    async def ground(question: Question) -> Grounding:
        begun = time.perf_counter()
        grounding = await specialist.ground(question)
        held.took_ms.append(1000 * (time.perf_counter() - begun))
        return grounding

    return replace(agent, specialists=(replace(specialist, ground=ground),))


async def _answered(line: Loopback, count: int) -> None:
    """The agent has given so many answers, and was heard out."""
    async with asyncio.timeout(ANSWER_WITHIN):
        while len(_said(line)) < count:  # noqa: ASYNC110 - the line keeps what is shown, and tells nobody
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)


def _said(line: Loopback) -> list[str]:
    return [c.text for _, c in line.shown if isinstance(c, e.Remember) and c.role is e.Role.AGENT]


async def _happen(held: Held, what: str) -> None:
    """Something that the caller has no hand in."""
    word, _, slot = what.removeprefix("!").partition(" ")
    match word:
        case "take":
            await _take(held, slot)
        case "away":
            held.calendar.is_away = True
        case "back":
            held.calendar.is_away = False
        case "cut":
            held.calendar.is_cut = True
        case _:
            raise ValueError(what)


async def _take(held: Held, slot: str) -> None:
    """Somebody else has the time: month, day, hour."""
    starts_at = datetime.strptime(f"2026-{slot}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    id = f"rival {slot}"
    await held.calendar.book(Appointment(id, HOUSE, "rival", starts_at, starts_at + HALF))


def _each(values: Iterable[bool]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _failure(held: Held) -> str:
    wanted = ", ".join(" ".join(one) for one in sorted(held.script.expects)) or "nothing"
    got = ", ".join(" ".join(one) for one in held.has) or "nothing"
    return f"{held.script.name}: {wanted} was wanted, {got} is booked"
