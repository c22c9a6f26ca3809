"""What the booking agent makes of spoken days, hours and answers, and how many calls end with the appointment.

    python benchmarks/spoken.py [VOICE…]

`data/spoken.jsonl` holds what callers of booking and support say, what of it Moonshine tiny wrote down when synthetic
voices spoke it into the ears of a session, and what was asked or settled before. A line is understood if what was heard
means what was said. In a call the caller gives a day and an hour, says either again in other words when asked for it,
says yes or no to what is read back, and gives up after ten lines. Voices with a star were not looked at when the
thresholds were chosen.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from antiphon.agent.definition import Question
from antiphon.agent.tools import Person, ToolResult
from antiphon.agents.booking.acts import Act, act_of, place_of
from antiphon.agents.booking.booking import MEMORY, booking_agent
from antiphon.agents.booking.draft import Draft
from antiphon.agents.booking.heard import put_right
from antiphon.agents.booking.when import Had, understand
from antiphon.bench.trials.appointments import Trusting
from antiphon.testing.calendar import MemoryCalendar

DATA = Path(__file__).parent / "data" / "spoken.jsonl"
TUNED_ON = ("flite-kal", "flite-slt", "flite-awb", "espeak-en-us", "hibari-fast")
NOW = datetime(2026, 11, 18, 10, 20, tzinfo=UTC)
MOST_LINES = 10
DAYS = {
    "11-24": ("Tuesday", "Next Tuesday would be good"),
    "11-26": ("On Thursday", "Thursday please", "How about next Thursday?"),
    "11-20": ("Can I come on Friday?", "This Friday if possible", "Friday"),
    "11-23": ("I'd like an appointment on Monday", "The twenty third"),
    "11-25": ("A week on Wednesday", "Actually, make it Wednesday"),
    "11-19": ("Tomorrow", "Thursday please"),
    "12-02": ("The second of December", "In two weeks"),
    "11-27": ("Friday the twenty seventh", "Friday"),
}
HOURS = {
    "09:30": ("Half past nine",), "14:30": ("Two thirty",), "10:00": ("At ten",), "09:00": ("Nine o'clock",),
    "15:00": ("Three in the afternoon",), "15:45": ("Quarter to four",), "11:30": ("At eleven thirty please",),
    "14:15": ("A quarter past two",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """A line as it was said and as it was heard."""

    agent: str
    said: str
    context: str
    voice: str
    heard: str

    @property
    def had(self) -> Had:
        """What was asked and settled before it."""
        asked, _, settled = self.context.partition(" | ")
        if not settled:
            return Had(asked=asked)
        day, at = settled.split()
        hour = time.fromisoformat(at) if at != "-" else None
        return Had(date.fromisoformat(f"20{day}"), hour, "date" if asked == "date" else "time")


def rows() -> list[Heard]:
    """All lines of all voices."""
    return [Heard(**json.loads(line)) for line in DATA.read_text(encoding="utf-8").splitlines()]


def meaning(line: str, had: Had) -> str:
    """What the line says, as far as an answer depends on it."""
    when, act = understand(line, NOW.replace(tzinfo=None), had), act_of(line)
    if when and act not in (Act.CANCEL, Act.MOVE, Act.LIST, Act.RESTART, Act.HOURS, Act.FREE):
        return str(when)
    return f"{when} {act}" if when else f"{act} {place_of(line)}"


async def call(heard: Mapping[str, str], day: str, hour: str) -> bool:
    """Whether the caller has that appointment and no other at the end."""
    calendar, ids = MemoryCalendar(), itertools.count()
    agent = await booking_agent(
        calendar, Trusting(), now=lambda question: NOW, make_id=lambda: f"id {next(ids)}"
    )
    [specialist] = agent.specialists
    memory: dict[str, object] = {}
    tools = {tool.name: tool for tool in specialist.tools}

    async def use(name: str, arguments: Mapping[str, object]) -> ToolResult:
        return ToolResult(await tools[name].run(Person("ann", "local"), arguments))

    said = {"date": itertools.cycle(DAYS[day]), "time": itertools.cycle(HOURS[hour])}
    wanted = (date.fromisoformat(f"2026-{day}"), time.fromisoformat(hour))
    for _ in range(MOST_LINES):
        draft = Draft.recalled(memory.get(MEMORY))
        if draft.is_over:
            break
        line = _next_line(draft, wanted, said)
        grounding = await specialist.ground(Question(heard[line], memory=memory, use=use))
        memory |= json.loads(json.dumps(grounding.memory))
    return [f"{a.starts_at:%m-%d %H:%M}" for a in calendar.booked] == [f"{day} {hour}"]


def _next_line(draft: Draft, wanted: tuple[date, time], said: Mapping[str, itertools.cycle[str]]) -> str:
    match draft.asked:
        case "confirm" if draft.settled == wanted:
            return "Yes please"
        case "confirm" if draft.date != wanted[0]:
            return next(said["date"])
        case "confirm" | "time" | "times":
            return next(said["time"])
        case "heard":
            is_right = draft.claimed.dates[:1] == wanted[:1] or wanted[1] in draft.claimed.times
            return "Yes please" if is_right else "No"
        case _:
            return next(said["date"])


async def main() -> None:
    """Prints the table."""
    by_voice: dict[str, list[Heard]] = defaultdict(list)
    for row in rows():
        if not sys.argv[1:] or row.voice in sys.argv[1:]:
            by_voice[row.voice].append(row)
    print(f"{'':16}{'lines':>7}{'before':>8}{'after':>8}{'wrongly':>9}{'now':>6}{'calls':>7}{'whole':>7}")
    for voice, lines in by_voice.items():
        booking = [row for row in lines if row.agent == "booking"]
        told = [meaning(row.said, row.had) for row in booking]
        before = [meaning(row.heard, row.had) for row in booking]
        after = [
            meaning(put_right(row.heard, row.had, NOW.replace(tzinfo=None)).text, row.had) for row in booking
        ]
        nothing = f"{Act.NONE} None"
        heard = {row.said: row.heard for row in booking}
        calls = [await call(heard, day, hour) for day in DAYS for hour in HOURS]
        figures = (
            len(booking),
            sum(map(str.__eq__, told, before)),
            sum(map(str.__eq__, told, after)),
            sum(m not in (t, nothing) for t, m in zip(told, before, strict=True)),
            sum(m not in (t, nothing) for t, m in zip(told, after, strict=True)),
            len(calls),
            sum(calls),
        )
        name = f"{voice}{'' if voice in TUNED_ON else ' *'}"
        print(
            f"{name:16}" + "".join(f"{f:>{w}}" for f, w in zip(figures, (7, 8, 8, 9, 6, 7, 7), strict=True))
        )


if __name__ == "__main__":
    asyncio.run(main())
