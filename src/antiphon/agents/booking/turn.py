"""One line of a caller at the desk, and what every answer needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from antiphon.agent.definition import Question
from antiphon.agent.flow import Brought, advance
from antiphon.agents.booking import wording as say
from antiphon.agents.booking.acts import Act
from antiphon.agents.booking.choosing import Chooser
from antiphon.agents.booking.draft import Draft
from antiphon.agents.booking.opening import OpeningHours
from antiphon.agents.booking.steps import BOOKING
from antiphon.agents.booking.tools import MINE, TAKEN, Booked, NewId, spans_of
from antiphon.agents.booking.when import Understood

AROUND = timedelta(days=9)
"How far around the days that are asked about is looked for others."
FAR = timedelta(days=35)
"How far ahead is looked when no day was named."


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, and what for."""

    sentences: tuple[str, ...]
    is_whole: bool = False
    escalate: str = ""


class CalendarAway(Exception):
    """The calendar did not answer."""


@dataclass(slots=True)
class Turn:
    """One line of a caller, with everything that is needed to answer it. `draft` changes as it is answered."""

    question: Question
    draft: Draft
    opening: OpeningHours
    now: datetime
    "By the house's clock."
    new_id: NewId
    when: Understood = field(default_factory=Understood)
    act: Act = Act.NONE

    def _step(self, brought: Brought) -> str:
        advanced = advance(BOOKING, self.draft.state, brought)
        self.draft.state = advanced.state
        return advanced.prompt

    def _start(self, word: str) -> Answer:
        prompt = self._step(Brought(is_progress=True))
        self.draft.asked = "date"
        return Answer((word, prompt))

    def _progress(self, sentences: tuple[str, ...]) -> Answer:
        """The turn brought something, though no slot."""
        self._step(Brought(is_progress=True))
        return Answer(sentences)

    def _again(self, told: str) -> Answer:
        """Something was told; what is still to be answered is asked once more."""
        if self.draft.is_over:
            return Answer((told,))
        prompt = self._worded(self._step(Brought(is_progress=True)))
        asks = self.draft.question or prompt
        if told.endswith("?"):
            return Answer((told,))
        return Answer(tuple(part for part in (told, asks) if part))

    def _proposal(self, day: date, at: time) -> str:
        told = f"{say.day(day, self.now.date())}, at {say.hour(at, whole=True)}"
        if self.draft.doing == "move" and self.draft.base:
            from_day, from_time = self.draft.base
            return f"From {say.short_day(from_day)} at {say.hour(from_time)} to {told}"
        return say.capital(told)

    def _worded(self, prompt: str) -> str:
        return prompt.replace("book it", "move it") if self.draft.doing == "move" else prompt

    def _there(self, day: date, at: time, zone: str) -> str:
        """The same hour by the clock that the caller named, if that shows another."""
        if not zone:
            return ""
        there = datetime.combine(day, at, self.opening.tz).astimezone(ZoneInfo(zone)).time()
        return "" if there == at else f" here, which is {say.hour(there, whole=True)} there"

    async def _chooser(self, wish: Understood) -> Chooser:
        """What is taken on the days that the wish may concern, the caller's own appointment not counted."""
        today = self.now.date()
        named = wish.dates or (
            (self.draft.date,) if self.draft.date and not wish.is_any and not wish.span else ()
        )
        known = [day for day in named if day >= today]
        begin = min(known) - AROUND if known else wish.span[0] if wish.span else today
        end = max(known) + AROUND if known else begin + FAR
        low = datetime.combine(max(begin, today), time(0), self.opening.tz)
        high = datetime.combine(end, time(0), self.opening.tz)
        told = await self._use(TAKEN, {"first": low.isoformat(), "last": high.isoformat()})
        spans = spans_of(low, told)
        if self.draft.doing == "move" and self.draft.base:
            own = datetime.combine(*self.draft.base, self.opening.tz)
            spans = [span for span in spans if span[0] != own]
        return Chooser(self.opening, self.now, spans, end)

    async def _mine(self) -> list[Booked]:
        told = await self._use(MINE, {"after": self.now.isoformat(), "ids": list(self.draft.mine)})
        found = [Booked.read(one) for one in told] if isinstance(told, list) else []
        return [one for one in found if one is not None]

    def _named(self, one: Booked) -> str:
        at = one.starts_at.astimezone(self.opening.tz)
        return (
            f"{say.short_day(at.date())} of {say.MONTHS[at.month - 1]} at {say.hour(at.time(), whole=True)}"
        )

    async def _use(self, tool: str, arguments: dict[str, object]) -> object:
        result = await self.question.use(tool, arguments)
        if not result.is_ok:
            raise CalendarAway(result.error)
        return result.value

    def _not_understood(self) -> Answer:
        """Asked again in other words; at last a person is called."""
        draft = self.draft
        prompt = self._worded(self._step(Brought()))
        if draft.state.step == "handed over":
            draft.renew(state=draft.state)
            return Answer((prompt,), escalate="the caller was not understood")
        if not draft.asked:
            draft.asked = "date"
        return Answer((prompt,))
