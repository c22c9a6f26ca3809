"""What a booking has come to so far, as plain JSON between the turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from antiphon.agent.flow import Brought, FlowState, advance, begin
from antiphon.agents.booking.steps import BOOKING
from antiphon.agents.booking.when import Had, Understood

Settled = tuple[date, time]


def opened() -> FlowState:
    """The flow after its greeting, which the agent says by itself."""
    return advance(BOOKING, begin(BOOKING), Brought()).state


@dataclass(slots=True)
class Draft:
    """An appointment in the making, and what was last asked about it."""

    state: FlowState = field(default_factory=opened)
    wish: Understood = field(default_factory=Understood)
    "What was said and is not settled yet."
    asked: str = ""
    "date, time, confirm, days or times (offered), cancel, which (appointment), claim, heard; empty: nothing."
    offers: tuple[datetime, ...] = ()
    "What was offered, in the house's time."
    choices: tuple[str, ...] = ()
    "Ids of the appointments to choose from."
    claimed: Understood = field(default_factory=Understood)
    "What the caller remembers differently, or seems to have said."
    doing: str = "book"
    "book or move; when choosing, also cancel."
    target: str = ""
    "Id of the appointment that is to be moved or cancelled."
    base: Settled | None = None
    "When that one is."
    key: str = ""
    "Id that the appointment will have. A new one for each proposal, so that each is booked at most once."
    trail: tuple[Settled, ...] = ()
    "What was proposed, oldest first."
    mine: tuple[str, ...] = ()
    "Ids of what was booked in this conversation."
    said: tuple[str, ...] = ()
    "The answer before."
    question: str = ""
    "What is still to be answered."

    @property
    def date(self) -> date | None:
        told = self.state.slots.get("date")
        return date.fromisoformat(str(told)) if told else None

    @property
    def time(self) -> time | None:
        told = self.state.slots.get("time")
        return time.fromisoformat(str(told)) if told else None

    @property
    def settled(self) -> Settled | None:
        return (self.date, self.time) if self.date is not None and self.time is not None else None

    @property
    def had(self) -> Had:
        """What "the day after" counts from."""
        base_day, base_time = self.base or (None, None)
        asked = {"date": "date", "days": "date", "time": "time", "times": "time", "confirm": "time"}
        asked["heard"] = "time" if self.date else "date"
        meant = sorted(self.wish.times, key=lambda t: not 8 <= t.hour < 20)
        at = self.time or base_time or (meant[0] if meant else None)
        return Had(self.date or base_day, at, asked.get(self.asked, ""))

    @property
    def is_over(self) -> bool:
        return BOOKING.step(self.state.step).is_terminal

    def renew(self, **kept: object) -> None:
        """A new booking is begun; what was booked before is remembered."""
        fresh = Draft(mine=self.mine, said=self.said)
        for name in self.__slots__:
            setattr(self, name, kept.get(name, getattr(fresh, name)))

    def json(self) -> dict[str, object]:
        return {
            "flow": self.state.json(),
            "wish": _told(self.wish),
            "asked": self.asked,
            "offers": [at.isoformat() for at in self.offers],
            "choices": list(self.choices),
            "claimed": _told(self.claimed),
            "doing": self.doing,
            "target": self.target,
            "base": _pair(self.base) if self.base else None,
            "key": self.key,
            "trail": [_pair(settled) for settled in self.trail],
            "mine": list(self.mine),
            "said": list(self.said),
            "question": self.question,
        }

    @classmethod
    def recalled(cls, told: object) -> Draft:
        """What `json` gave; a new one for anything that it cannot have given."""
        if not isinstance(told, Mapping):
            return cls()
        try:
            return cls(
                state=FlowState.recalled(BOOKING, told["flow"]),
                wish=_understood(told["wish"]),
                asked=str(told["asked"]),
                offers=tuple(datetime.fromisoformat(at) for at in told["offers"]),
                choices=tuple(map(str, told["choices"])),
                claimed=_understood(told["claimed"]),
                doing=str(told["doing"]),
                target=str(told["target"]),
                base=_settled(told["base"]) if told["base"] else None,
                key=str(told["key"]),
                trail=tuple(_settled(pair) for pair in told["trail"]),
                mine=tuple(map(str, told["mine"])),
                said=tuple(map(str, told["said"])),
                question=str(told["question"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return cls()


def _pair(settled: Settled) -> list[str]:
    return [settled[0].isoformat(), settled[1].isoformat()]


def _settled(told: list[str]) -> Settled:
    day, at = told
    return date.fromisoformat(day), time.fromisoformat(at)


def _told(understood: Understood) -> dict[str, object]:
    return {
        "dates": [d.isoformat() for d in understood.dates],
        "span": [d.isoformat() for d in understood.span] if understood.span else None,
        "times": [t.isoformat() for t in understood.times],
        "after": [t.isoformat() for t in understood.after],
        "before": [t.isoformat() for t in understood.before],
        "not_dates": [d.isoformat() for d in understood.not_dates],
        "not_times": [t.isoformat() for t in understood.not_times],
        "zone": understood.zone,
        "is_about": understood.is_about,
        "is_weekday": understood.is_weekday,
        "is_any": understood.is_any,
    }


def _understood(told: Mapping[str, object]) -> Understood:
    def texts(name: str) -> list[str]:
        found = told[name]
        if not isinstance(found, list):
            raise TypeError(name)
        return [str(one) for one in found]

    span = [date.fromisoformat(d) for d in texts("span")] if told["span"] else None
    return Understood(
        dates=tuple(map(date.fromisoformat, texts("dates"))),
        span=(span[0], span[1]) if span else None,
        times=tuple(map(time.fromisoformat, texts("times"))),
        after=tuple(map(time.fromisoformat, texts("after"))),
        before=tuple(map(time.fromisoformat, texts("before"))),
        not_dates=tuple(map(date.fromisoformat, texts("not_dates"))),
        not_times=tuple(map(time.fromisoformat, texts("not_times"))),
        zone=str(told["zone"]),
        is_about=bool(told["is_about"]),
        is_weekday=bool(told["is_weekday"]),
        is_any=bool(told["is_any"]),
    )
