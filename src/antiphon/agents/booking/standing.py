"""Appointments that stand: booked on a yes, told of, moved, cancelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from antiphon.agent.flow import Brought, FlowState
from antiphon.agents.booking import wording as say
from antiphon.agents.booking.acts import Act, act_of, place_of
from antiphon.agents.booking.choosing import Ask
from antiphon.agents.booking.draft import opened
from antiphon.agents.booking.steps import CONFIRMED, GONE
from antiphon.agents.booking.tools import BOOK, CANCEL, FIND, MOVE, Booked
from antiphon.agents.booking.tools import GONE as REFUSED_AS_TAKEN
from antiphon.agents.booking.turn import Answer
from antiphon.agents.booking.when import Understood, understand
from antiphon.agents.booking.wishes import Wishes


class Standing(Wishes):
    """A turn that is about an appointment in the calendar."""

    __slots__ = ()

    async def _existing(self, act: Act) -> Answer:
        """One of the caller's appointments is to be told of, moved or cancelled."""
        draft = self.draft
        theirs = await self._mine()
        if not theirs:
            self._leave()
            told = "I don't find an appointment of yours."
            if draft.date or draft.wish:
                return self._again(told)
            draft.asked = "date"
            return self._progress((told, "Would you like to book one?"))
        if act in (Act.LIST, Act.REFERENCE):
            named = say.every([self._named(one) for one in theirs])
            if act is Act.REFERENCE:
                return self._again(
                    say.every([f"Your reference for {self._named(one)} is {one.reference}" for one in theirs])
                    + "."
                )
            return self._again(f"You have {named}.")
        if len(theirs) > 1:
            theirs = self._meant(theirs)
        doing = "move" if act is Act.MOVE else "cancel"
        if len(theirs) > 1:
            draft.renew(
                doing=doing,
                asked="which",
                choices=tuple(one.id for one in theirs),
                wish=self.when,
                state=opened(),
            )
            return Answer(
                (f"You have {say.every([self._named(one) for one in theirs])}.", "Which one do you mean?")
            )
        return await self._take_up(theirs[0], doing)

    def _meant(self, theirs: list[Booked]) -> list[Booked]:
        """Those among several that the line speaks of; without a word of that, the one just booked."""
        found = [one for one in theirs if self._is_named(one)]
        if not found and self.act is not Act.MOVE and self.act is not Act.CANCEL:
            found = [one for one in theirs if one.id == self.draft.target]
        return found or theirs

    def _is_named(self, one: Booked) -> bool:
        """The line names its day; a weekday is any such day."""
        day = one.starts_at.astimezone(self.opening.tz).date()
        weekdays = {named.weekday() for named in self.when.dates} if self.when.is_weekday else set[int]()
        return day in (*self.when.dates, *self.when.not_dates) or day.weekday() in weekdays

    async def _take_up(self, one: Booked, doing: str) -> Answer:
        draft = self.draft
        at = one.starts_at.astimezone(self.opening.tz)
        if doing == "cancel":
            draft.renew(
                target=one.id,
                asked="cancel",
                doing="cancel",
                state=draft.state if draft.is_over else opened(),
            )
            return Answer((f"Shall I cancel {self._named(one)}?",))
        wished = self.when or draft.wish
        draft.renew(doing="move", target=one.id, base=(at.date(), at.time()))
        dates = (
            wished.dates
            if len(wished.dates) == 1 and draft.base is None
            else tuple(d for d in wished.dates if d != at.date())
            if len(wished.dates) > 1 or not wished.times
            else wished.dates
        )
        self.when = replace(wished, dates=dates)
        if (
            self.when.dates
            or self.when.times
            or self.when.after
            or self.when.before
            or self.when.span
            or self.when.is_any
        ):
            return await self._wish()
        draft.asked = "date"
        self._step(Brought(is_progress=True))
        return Answer((f"You have {self._named(one)}.", "To when shall I move it?"))

    async def _which(self) -> Answer | None:
        """Which of several appointments is meant."""
        draft = self.draft
        theirs = [one for one in await self._mine() if one.id in draft.choices]
        place = place_of(self.question.text)
        named = [one for one in theirs if self._is_named(one)]
        timed = [one for one in theirs if one.starts_at.astimezone(self.opening.tz).time() in self.when.times]
        doing, wish = draft.doing, draft.wish
        for found in (named, timed, theirs[place : place + 1 or None] if place is not None else []):
            if len(found) == 1:
                self.when = Understood()
                draft.wish = wish
                return await self._take_up(found[0], doing)
        if self.act in (Act.NO, Act.ABANDON):
            self._leave()
            return Answer(("All right, I'll leave them as they are.",))
        return self._not_understood()

    async def _cancelling(self) -> Answer | None:
        draft = self.draft
        if self.act is Act.NO or (self.act is Act.ABANDON):
            self._leave()
            return Answer(("All right, it stays.",))
        if self.act is not Act.YES and self.act is not Act.CANCEL:
            if self.when:
                return await self._existing(Act.MOVE)
            return Answer(("Shall I cancel it, yes or no?",))
        booked = Booked.read(await self._use(CANCEL, {"id": draft.target}))
        id = draft.target
        draft.renew(mine=tuple(m for m in draft.mine if m != id))
        if booked is None:
            return Answer(("I don't find that appointment any more.",))
        return Answer((f"{say.capital(self._named(booked))} is cancelled.",))

    def _leave(self) -> None:
        """No longer about an appointment that exists."""
        draft = self.draft
        if draft.asked in ("which", "cancel"):
            draft.renew(state=FlowState(draft.state.step, draft.state.slots))

    async def _confirmed(self) -> Answer:
        """Yes was said to what was read back: it is done, and durable, before it is acknowledged."""
        draft = self.draft
        if draft.settled is None:
            return self._not_understood()
        day, at = draft.settled
        starts_at = datetime.combine(day, at, self.opening.tz)
        if draft.doing == "move":
            told = await self._use(
                MOVE, {"id": draft.target, "starts_at": starts_at.isoformat(), "at": self.now.isoformat()}
            )
        else:
            ends_at = starts_at + self.opening.length
            told = await self._use(
                BOOK,
                {
                    "id": draft.key,
                    "starts_at": starts_at.isoformat(),
                    "ends_at": ends_at.isoformat(),
                    "at": self.now.isoformat(),
                },
            )
        if (booked := Booked.read(told)) is not None and booked.is_booked:
            return self._done(booked)
        refused = told.get("refused") if isinstance(told, dict) else ""
        if refused != REFUSED_AS_TAKEN:
            draft.renew()
            return Answer(("I don't find that appointment any more.",))
        wish = replace(draft.wish, dates=(day,), times=(at,))
        self._step(Brought(signal=GONE))
        chooser = await self._chooser(wish)
        ask = chooser.settle_time(day, wish)
        if not isinstance(ask, Ask):
            ask = chooser.offers(day, replace(wish, times=()))
        sentences = ask.sentences[1:] if len(ask.sentences) > 1 else ask.sentences
        answer = self._open(replace(wish, times=()), {"time": None}, replace(ask, sentences=sentences))
        return replace(answer, sentences=("I'm sorry, somebody has just taken that time.", *answer.sentences))

    def _done(self, booked: Booked) -> Answer:
        draft = self.draft
        at = booked.starts_at.astimezone(self.opening.tz)
        told = "It's moved to" if draft.doing == "move" else "You're booked for"
        self._step(Brought(signal=CONFIRMED))
        mine = tuple(dict.fromkeys((*draft.mine, booked.id)))
        state = draft.state
        draft.renew(mine=mine, state=state, target=booked.id)
        told = f"{told} {say.day(at.date(), self.now.date())}, at {say.hour(at.time(), whole=True)}."
        return Answer((told, f"Your reference is {booked.reference}."))

    async def _catch_up(self) -> None:
        """What was booked while the caller spoke over the answer is known."""
        draft = self.draft
        if draft.asked != "confirm" or not draft.key or draft.settled is None:
            return
        if act_of(self.question.text) is Act.YES and not understand(
            self.question.text, self.now.replace(tzinfo=None)
        ):
            return
        id = draft.target if draft.doing == "move" else draft.key
        result = await self.question.use(FIND, {"id": id})
        booked = Booked.read(result.value)
        is_made = (
            booked is not None
            and booked.is_booked
            and booked.starts_at == datetime.combine(*draft.settled, self.opening.tz)
        )
        if is_made and booked is not None:
            self._done(booked)
