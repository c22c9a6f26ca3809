"""Days and times that are wished for, proposed, offered, and gone back to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from antiphon.agent.flow import Brought, Value
from antiphon.agents.booking import wording as say
from antiphon.agents.booking.acts import Act, place_of, takes_any
from antiphon.agents.booking.choosing import Ask, Chooser, joined
from antiphon.agents.booking.turn import Answer, Turn
from antiphon.agents.booking.when import Understood


class Wishes(Turn):
    """A turn that brings an appointment nearer."""

    __slots__ = ()

    async def _wish(self) -> Answer:
        """The line names a day or a time: it is joined with what was said, and settled as far as can be."""
        draft, when = self.draft, self.when
        day, at = draft.date or (draft.base or (None,))[0], draft.time or (draft.base or (None, None))[1]
        before = draft.wish
        if day is not None and not before.dates:
            before = replace(before, dates=(day,))
        if at is not None and not (before.times or before.after or before.before):
            before = replace(before, times=(at,))
        if len(when.dates) > 1 and draft.base and draft.base[0] in when.dates and draft.doing == "move":
            when = replace(when, dates=tuple(d for d in when.dates if d != draft.base[0]))
        if (when.after or when.before) and not when.times and at is not None and at not in when.not_times:
            when = replace(when, not_times=(*when.not_times, at))
        wish = joined(before, when)
        return await self._settle(wish)

    async def _settle(self, wish: Understood) -> Answer:
        draft = self.draft
        chooser = await self._chooser(wish)
        if wish.is_any and not wish.dates:
            first = chooser.first(wish)
            if first is not None:
                wish = replace(
                    wish, dates=(first.date(),), times=(first.time(),), after=(), before=(), zone=""
                )
        if len(wish.dates) > 1 and takes_any(self.question.text):
            wish = replace(
                wish, dates=tuple(d for d in wish.dates if chooser.free(d, wish))[:1] or wish.dates
            )
        day = chooser.settle_day(wish)
        if not isinstance(day, date):
            return self._no_day(wish, day, chooser)
        at = chooser.settle_time(day, wish, draft.offers)
        if at is None and self.act is Act.FREE:
            at = chooser.offers(day, wish)
        if isinstance(at, time):
            return self._propose(day, at, wish, chooser)
        if isinstance(at, Ask) and at.asked != "times":
            return self._open(wish, {"date": None, "time": None}, at)
        return self._open(replace(wish, dates=(day,)), {"date": day.isoformat(), "time": None}, at)

    def _no_day(self, wish: Understood, ask: Ask | None, chooser: Chooser) -> Answer:
        """No day is certain. What was said of the time is kept."""
        if ask is None and wish.span is not None:
            first, last = wish.span
            named = "that week" if (last - first).days <= 7 else "then"
            ask = Ask((f"Which day {named} works for you?",), "date")
            if (wish.times or wish.after or wish.before) and (soonest := chooser.first(wish)) is not None:
                on = say.day(soonest.date(), self.now.date())
                told = f"The first that fits is {on}, at {say.hour(soonest.time())}."
                ask = Ask((told, "Does that work for you?"), "times", (soonest,))
        kept = wish if ask is None or ask.asked == "days" else replace(wish, dates=())
        return self._open(kept, {"date": None, "time": None}, ask)

    def _open(self, wish: Understood, slots: dict[str, Value | None], ask: Ask | None) -> Answer:
        """Something is still to be asked: by `ask`, or else by the step that is reached."""
        draft = self.draft
        prompt = self._step(Brought(slots, is_progress=True))
        draft.wish, draft.key = wish, ""
        if ask is not None:
            draft.asked, draft.offers = ask.asked, ask.offers
            return Answer(ask.sentences)
        draft.asked, draft.offers = ("time" if draft.state.step == "time" else "date"), ()
        told = f"{say.capital(say.day(draft.date, self.now.date()))}." if draft.date else ""
        return Answer(tuple(part for part in (told, prompt) if part))

    def _propose(self, day: date, at: time, wish: Understood, chooser: Chooser) -> Answer:
        """Day and time are settled: they are read back."""
        draft = self.draft
        is_known = draft.asked == "confirm" and draft.settled == (day, at)
        prompt = self._step(
            Brought({"date": day.isoformat(), "time": at.isoformat("minutes")}, is_progress=True)
        )
        if is_known:
            noted = f"{say.short_day(day)} at {say.hour(at, whole=True)}"
            return Answer((f"Yes, {noted}.", self._worded(prompt)))
        is_both = bool(self.when.dates and (self.when.times or self.when.is_any))
        draft.wish = Understood(span=wish.span, not_dates=wish.not_dates)
        draft.asked, draft.offers, draft.key = "confirm", (), self.new_id()
        if draft.trail[-1:] != ((day, at),):
            draft.trail = (*draft.trail, (day, at))[-6:]
        there = self._there(day, at, wish.zone)
        return Answer((f"{self._proposal(day, at)}{there}.", self._worded(prompt)), is_whole=is_both)

    async def _free(self) -> Answer:
        """What there is, on the day that is settled or first of all."""
        draft = self.draft
        chooser = await self._chooser(draft.wish)
        if draft.date is not None:
            ask = chooser.offers(draft.date, draft.wish)
            return self._open(replace(draft.wish, dates=(draft.date,)), {"time": None}, ask)
        first = chooser.first(draft.wish)
        if first is None:
            return self._progress(("I have nothing free in the next weeks.",))
        on = say.day(first.date(), self.now.date())
        told = f"The first free time is {on}, at {say.hour(first.time(), whole=True)}."
        draft.asked, draft.offers = "times", (first,)
        return self._progress((told, "Does that work for you?"))

    async def _offered(self) -> Answer | None:
        """One of those that were offered was taken."""
        draft = self.draft
        place = place_of(self.question.text)
        if place is None and takes_any(self.question.text):
            place = 0
        if place is None and self.act is Act.YES and len(draft.offers) == 1:
            place = 0
        if self.when.times or self.when.dates:
            return None
        if place is None or not draft.offers or place >= len(draft.offers):
            if self.act is Act.YES:
                return self._again("Which of them?" if len(draft.offers) > 1 else "")
            if self.act is Act.NO:
                is_day = draft.asked == "days"
                draft.wish = replace(draft.wish, times=(), after=(), before=()) if not is_day else draft.wish
                draft.asked, draft.offers = ("date" if is_day else "time"), ()
                ask = "Which other day works for you?" if is_day else "What time would be better?"
                return self._progress((ask,))
            return None
        at = draft.offers[place]
        if draft.asked == "days":
            self.when = Understood(dates=(at.date(),))
        else:
            self.when = Understood(dates=(at.date(),), times=(at.time(),))
        return await self._wish()

    def _reopen(self, slot: str, ask: str) -> Answer:
        draft = self.draft
        day, at = draft.settled or (None, None)
        kept = (
            Understood(times=(at,))
            if slot == "date" and at
            else Understood(dates=(day,))
            if day
            else Understood()
        )
        self._step(Brought({slot: None}, is_progress=True))
        draft.wish, draft.asked, draft.offers, draft.key = kept, slot, (), ""
        return Answer((ask,))

    def _revert(self) -> Answer:
        """Back to an earlier proposal."""
        draft = self.draft
        earlier = [pair for pair in draft.trail if pair != draft.settled]
        if not earlier:
            return self._again("That is the first I proposed.")
        is_first = any(word in self.question.text.lower() for word in ("first", "original"))
        day, at = earlier[0] if is_first else earlier[-1]
        self.when = Understood()
        prompt = self._step(
            Brought({"date": day.isoformat(), "time": at.isoformat("minutes")}, is_progress=True)
        )
        draft.asked, draft.key, draft.wish = "confirm", self.new_id(), Understood()
        draft.trail = (*draft.trail, (day, at))[-6:]
        told = (
            self._proposal(day, at) if draft.doing == "move" else f"Back to {say.day(day, self.now.date())}"
        )
        told += "" if draft.doing == "move" else f", at {say.hour(at, whole=True)}"
        return Answer((f"{told}.", self._worded(prompt)))

    def _claim(self) -> Answer:
        """The caller remembers something: it is true, or what is noted is told and nothing is changed."""
        draft, when = self.draft, self.when
        settled = draft.settled
        if settled is None:
            return self._not_understood()
        noted = f"{say.short_day(settled[0])} at {say.hour(settled[1], whole=True)}"
        is_day = not when.dates or settled[0] in when.dates
        is_time = not when.times or settled[1] in when.times
        if is_day and is_time:
            draft.asked = "confirm"
            return self._again(f"Yes, I have {noted}.")
        draft.asked, draft.claimed = "claim", when
        other = when.dates[0] if when.dates and not is_day else None
        hour = when.times[-1] if when.times and not is_time else None
        change = " at ".join(
            part for part in (say.short_day(other) if other else "", say.hour(hour) if hour else "") if part
        )
        return self._progress((f"What I have is {noted}.", f"Shall I change it to {change}?"))

    def _recall(self) -> Answer:
        draft = self.draft
        if draft.is_over and draft.mine:
            return Answer(draft.said)
        today = self.now.date()
        if draft.settled:
            told = f"I have {say.day(draft.settled[0], today)}, at {say.hour(draft.settled[1], whole=True)}."
        elif draft.date:
            told = f"So far I have {say.day(draft.date, today)}, and no time yet."
        elif draft.wish.times:
            told = f"So far I have {say.hour(draft.wish.times[0])}, and no day yet."
        else:
            told = "So far I have neither a day nor a time."
        return self._again(told)

    def _hours(self) -> str:
        day = self.when.dates[0] if len(self.when.dates) == 1 else None
        chooser = Chooser(self.opening, self.now, ())
        if day is not None:
            return chooser.hours_said(day)
        groups: list[tuple[list[int], object]] = []
        for weekday in range(7):
            hours = self.opening.week.get(weekday, ())
            if groups and groups[-1][1] == hours:
                groups[-1][0].append(weekday)
            else:
                groups.append(([weekday], hours))
        told = []
        for days, _ in groups:
            spans = self.opening.week.get(days[0], ())
            if spans:
                names = say.WEEKDAYS[days[0]] + (f" to {say.WEEKDAYS[days[-1]]}" if len(days) > 1 else "")
                told.append(
                    f"{names} {say.every([f'from {say.hour(a)} to {say.hour(b)}' for a, b in spans])}"
                )
        return f"We're open {say.every(told)}."
