"""What a call uses of its caller's day, counted while it runs, and what the caller is told of it."""

from __future__ import annotations

import math
from collections.abc import Callable

from antiphon.hosts.security.limits import Budget, Left, Limits
from antiphon.hosts.security.people import Person
from antiphon.session.session import Session

USED_UP = 4402
"Close code of a call that has used up its caller's day: 4000 and the HTTP status, as others of ours."
LOOK_EVERY = 5.0
"Seconds between two looks at a budget that lasts: it may lie in Redis. Near its end it is looked at every time."
NEAR = 15.0
"Seconds of sound, below which it is near."
TOLD_AT = 60.0
"Seconds of sound left, below which a caller is told: time for a question and its answer."
TOLD_AT_SHARE = 0.1
"Share of the day's money, likewise."

WARNINGS = {
    Budget.AUDIO: "I should tell you that less than a minute is left of the time you have for today.",
    Budget.SPEND: "I should tell you that what you may use here in a day is nearly used up.",
}
FAREWELLS = {
    Budget.AUDIO: "I'm sorry, the time you have for today is used up, so I have to stop here.",
    Budget.SPEND: "I'm sorry, what you may use here in a day is used up, so I have to stop here.",
}
REASONS = {
    Budget.AUDIO: "the minutes of the day are used up",
    Budget.SPEND: "the money of the day is used up",
}
_NUMBERS = (
    "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()


class Meter:
    """The meter of one connection of one call. Whoever is not counted has none."""

    def __init__(
        self, limits: Limits, person: Person, heard: Callable[[], float], spent: Callable[[], float]
    ) -> None:
        """`heard` and `spent`: seconds of the caller's sound, and US dollars, since the connection was made."""
        self._limits = limits
        self._person = person
        self._used = {Budget.AUDIO: heard, Budget.SPEND: spent}
        self._charged = dict.fromkeys(Budget, 0.0)
        self._told: set[Budget] = set()
        self._is_parting = False
        self._look_at = -math.inf

    async def charge(self, *, is_over: bool = False) -> None:
        """What was used since the last time is charged; of sound whole seconds, the last one when it is over."""
        for budget, used in self._used.items():
            now = used()
            if budget is Budget.AUDIO:
                now = float(math.ceil(now) if is_over else math.floor(now))
            more, self._charged[budget] = now - self._charged[budget], now
            await self._limits.charge(budget, self._person, more)

    async def look(self, session: Session, now: float) -> None:
        """What was used is charged; who has little left is told, and who has nothing left is taken leave of.

        `now`: any seconds. To be called about once a second.
        """
        if now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY
        await self.charge()
        for budget in Budget:
            left = await self._limits.left(budget, self._person)
            if left.amount <= 0:
                self._part(session, budget, left)
            elif budget not in self._told and is_little(budget, left):
                self._told.add(budget)
                session.supervision.announce(WARNINGS[budget])
            if budget is Budget.AUDIO and left.amount < NEAR:
                self._look_at = now

    def _part(self, session: Session, budget: Budget, left: Left) -> None:
        if not self._is_parting:
            self._is_parting = True
            self._limits.record_used_up(budget, self._person)
            line = f"{FAREWELLS[budget]} You can call again {when(left.back_in)}. Goodbye."
            session.supervision.announce(line, REASONS[budget])


def is_little(budget: Budget, left: Left) -> bool:
    """Whether the caller should be told."""
    if budget is Budget.AUDIO:
        return left.amount < TOLD_AT
    return left.amount < TOLD_AT_SHARE * left.of


def when(seconds: float) -> str:
    """So many seconds from now, as a person says it; never sooner than that."""
    hours = math.ceil(seconds / 3600)
    if hours <= 1:
        return "in an hour"
    return f"in {_NUMBERS[hours]} hours" if hours < len(_NUMBERS) else "this time tomorrow"
