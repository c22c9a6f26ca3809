"""Whether spoken calls end with the appointment that the caller wanted, in the database.

The booking agent on a real server with a real embedded Postgres. Callers with habits (`bench/personas.py`: pauses
and fillers, "mhm", interruptions, coughs, side talk, noise, lost and late frames, broken connections) speak in
real time, each wanting one day and one hour. They answer what they are asked, in other words when they are asked
again, say yes only to what they wanted, and give up after `MOST_LINES` lines. A call has succeeded when the
database then holds exactly that appointment for it. The words of the agent are read from what it announces; its
voice is only timed. Turn-taking is measured over all calls, as in the suite `yield`.
"""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour_of_day
from pathlib import Path
from tempfile import TemporaryDirectory

from antiphon.agents.booking import wording
from antiphon.agents.booking.opening import OpeningHours
from antiphon.bench.acting import Actor
from antiphon.bench.caller import Caller
from antiphon.bench.figures import Detail, Figure, Outcome
from antiphon.bench.line import CallDropped
from antiphon.bench.metrics import panel
from antiphon.bench.personas import PERSONAS, Persona, step
from antiphon.bench.returning import returned
from antiphon.bench.serving import serving, share_cache
from antiphon.bench.timeline import Timeline
from antiphon.bench.trials.panels import share, turn_taking
from antiphon.bench.trials.trial import Progress, Setup
from antiphon.core.errors import AntiphonError
from antiphon.store.opening import open_records
from antiphon.store.records import PostgresRecords
from antiphon.wire import native

TITLE = "Spoken bookings"
MOST_LINES = 10
HOURS = tuple(
    hour_of_day(int(hour), int(minute))
    for hour, _, minute in (
        at.partition(":") for at in "9:30 14:00 11:00 15:30 10:00 13:00 16:00 11:30".split()
    )
)
DAYS = 3
"Open days that one can call by the name of the day alone."
DAYS_SAID = ("I would like to come on | {day}, please.", "{day}, if that is possible.", "On {day}.")
HOURS_SAID = ("At {hour}, | please.", "{hour}.", "I said {hour}.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller wants."""

    day: date
    hour: hour_of_day

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.day, self.hour, OpeningHours().tz)

    def is_read_back(self, told: str) -> bool:
        """The agent names this day and this hour, and no other of our hours."""
        return _names(told, self.day) and _tells(told, self.hour)

    def next_line(self, told: str, days: Iterator[str], hours: Iterator[str]) -> str:
        """What the caller says to what the agent has just said; empty: there is nothing left to say."""
        asked = told.lower()
        if "shall i book" in asked:
            if self.is_read_back(told):
                return "Yes, please."
            return next(hours) if _names(told, self.day) else next(days)
        if "did you say" in asked or "do you mean" in asked:
            return "Yes." if _names(told, self.day) or _tells(told, self.hour) else "No."
        if "time" in asked or "which would you like" in asked or "work for you" in asked:
            return next(hours)
        if "?" not in asked and ("booked" in asked or "reference" in asked or "see you" in asked):
            return ""
        return next(days)


@dataclass(slots=True)
class Held:
    """One call as it went."""

    persona: Persona
    wish: Wish
    lines: list[str] = field(default_factory=list)
    timelines: list[Timeline] = field(default_factory=list)
    last: str = ""
    "What the agent said last."
    booked: tuple[datetime, ...] = ()
    failure: str = ""
    returns: int = 0
    lost: int = 0
    "Frames of the microphone that never arrived."

    @property
    def is_right(self) -> bool:
        return self.booked == (self.wish.starts_at,)

    def detail(self) -> Detail:
        return {
            "persona": self.persona.name,
            "wanted": f"{self.wish.starts_at:%a %d %b %H:%M}",
            "booked": ", ".join(f"{at:%a %d %b %H:%M}" for at in self.booked),
            "is_right": self.is_right,
            "lines": " / ".join(self.lines),
            "told_last": self.last,
            "returns": self.returns,
            "frames_lost": self.lost,
        }


async def run(setup: Setup) -> Outcome:
    """Each persona called `setup.repeats` times, by default once."""
    begun = time.monotonic()
    today = datetime.now(UTC).date()
    held = [
        Held(persona, Wish(day_after(today, number), HOURS[number % len(HOURS)]))
        for number, persona in enumerate(list(PERSONAS.values()) * (setup.repeats or 1))
    ]
    with TemporaryDirectory(prefix="antiphon-bench-") as folder:
        home = Path(folder)
        share_cache(home)
        async with booking_server(home) as url, open_records(home / "postgres") as records:
            known: set[str] = set()
            for number, one in enumerate(held):
                setup.tell(Progress("flow", number, len(held), one.persona.name))
                try:
                    await _call(setup, url, one, number)
                except (CallDropped, TimeoutError, AntiphonError) as error:
                    one.failure = f"{one.persona.name}: {error or 'no answer in time'}"
                one.booked = await _booked_since(records, known)
    return Outcome(
        "flow",
        TITLE,
        __doc__ or "",
        (
            share("calls that end with what was wanted", [one.is_right for one in held], 100.0),
            Figure("lines of a call", "", tuple(float(len(one.lines)) for one in held)),
            *turn_taking(panel([drawn for one in held for drawn in one.timelines])),
        ),
        details=tuple(one.detail() for one in held),
        failures=tuple(one.failure for one in held if one.failure),
        seconds=round(time.monotonic() - begun, 1),
    )


@asynccontextmanager
async def booking_server(home: Path) -> AsyncIterator[str]:
    """The address of a server with the booking agent alone, which keeps what it is told below `home`."""
    argv = ("env", f"ANTIPHON_HOME={home}", sys.executable, "-u", "-m", "antiphon", "serve", "booking")
    async with serving(command=(*argv, "--host", "127.0.0.1", "--port", "0")) as url:
        yield url


async def _call(setup: Setup, url: str, held: Held, seed: int) -> None:
    """One call, with all its connections. Raises TimeoutError, CallDropped, AntiphonError."""
    chance = random.Random(seed)
    actor = Actor.of(held.persona, setup.speakers())
    days = _cycled(DAYS_SAID, day=wording.WEEKDAYS[held.wish.day.weekday()])
    hours = _cycled(HOURS_SAID, hour=wording.hour(held.wish.hour, whole=True))
    line = next(days)
    before: Caller | None = None
    while line and len(held.lines) < MOST_LINES:
        dialled = setup.call(url, "booking") if before is None else returned(url, before)
        async with dialled as caller:
            held.returns += before is not None
            actor.did.clear()
            actor.enter(caller, seed)
            is_cut = False
            while line and len(held.lines) < MOST_LINES and not is_cut:
                done = step(held.persona, line, chance)
                await actor.prepare(done)
                held.lines.append(done.text)
                await actor.perform(caller, done)
                held.last = _told(caller)
                line = held.wish.next_line(held.last, days, hours)
                is_cut = done.drops and bool(caller.ready.resume) and bool(line)
            held.timelines.append(actor.timeline(caller))
            held.lost += caller.network.lost
            if is_cut:
                await caller.drop()
            before = caller


def _told(caller: Caller) -> str:
    """The sentences of the agent's latest turn that has any."""
    told = [a.message for a in caller.messages if isinstance(a.message, native.Sentence)]
    answers = [one for one in told if one.purpose != "filler"]
    return " ".join(one.text for one in answers if one.turn == answers[-1].turn) if answers else ""


async def _booked_since(records: PostgresRecords, known: set[str]) -> tuple[datetime, ...]:
    """When those appointments are that the database holds besides the known ones; they are known then."""
    async with records.database.transaction() as connection:
        rows = await connection.fetch(
            "select id, starts_at from app.appointments where status = 'booked' order by starts_at"
        )
    fresh = [row for row in rows if row["id"] not in known]
    known.update(row["id"] for row in fresh)
    return tuple(row["starts_at"].astimezone(OpeningHours().tz) for row in fresh)


def day_after(today: date, number: int) -> date:
    """An open day at least two days ahead: the `number`-th of `DAYS`, so that its name alone says which."""
    opening = OpeningHours()
    ahead = (today + timedelta(days) for days in itertools.count(2))
    is_open = (day for day in ahead if opening.hours(day))
    return next(itertools.islice(is_open, number % DAYS, None))


def _names(told: str, day: date) -> bool:
    return wording.short_day(day).lower() in told.lower()


def _tells(told: str, hour: hour_of_day) -> bool:
    return wording.hour(hour).lower() in told.lower()


def _cycled(texts: Sequence[str], **words: str) -> Iterator[str]:
    """One text after the other, the last of them for ever."""
    filled = [text.format(**words) for text in texts]
    return itertools.chain((text[0].upper() + text[1:] for text in filled), itertools.repeat(filled[-1]))
