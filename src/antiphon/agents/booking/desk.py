"""One turn at the desk: what the caller's line means for the appointment in the making, and what to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from antiphon.agent.definition import Question
from antiphon.agent.flow import Brought, FlowState, Value, advance, begin
from antiphon.agents.booking import wording as say
from antiphon.agents.booking.acts import Act, act_of, agrees, place_of, takes_any
from antiphon.agents.booking.choosing import Ask, Chooser, joined
from antiphon.agents.booking.draft import Draft
from antiphon.agents.booking.opening import OpeningHours
from antiphon.agents.booking.steps import ABANDON, BOOKING, CONFIRMED, GONE, RESTART
from antiphon.agents.booking.tools import BOOK, CANCEL, FIND, MINE, MOVE, TAKEN, Booked, NewId
from antiphon.agents.booking.tools import GONE as REFUSED_AS_TAKEN
from antiphon.agents.booking.when import Understood, understand

AWAY = "I can't reach the calendar just now, so I can't take a booking at the moment."
UNSURE = "I can't reach the calendar just now, so nothing is certain yet. Say yes, and I'll try once more."
OFFER = "I can book an appointment for you, move one or cancel one."


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

    async def answer(self) -> Answer:
        """The answer; the draft is what it then is."""
        try:
            await self._catch_up()
            self.when = understand(self.question.text, self.now.replace(tzinfo=None), self.draft.had)
            self.act = act_of(self.question.text)
            answer = await self._answer()
        except CalendarAway:
            answer = Answer((UNSURE if self.draft.asked in ("confirm", "cancel") else AWAY,))
        if self.act is not Act.REPEAT:
            self.draft.said = answer.sentences
        asks = next((s for s in reversed(answer.sentences) if s.endswith("?")), "")
        self.draft.question = asks or (self.draft.question if self.draft.asked else "")
        return answer

    async def _answer(self) -> Answer:
        draft = self.draft
        match self.act:
            case Act.REPEAT if not self.when:
                return Answer(draft.said or (OFFER, "Which day would you like?"))
            case Act.CANCEL | Act.MOVE | Act.LIST | Act.REFERENCE:
                if (
                    self.act is Act.CANCEL
                    and draft.settled
                    and not draft.is_over
                    and not draft.mine
                    and draft.doing == "book"
                ):
                    theirs = await self._mine()
                    if not theirs:
                        return self._abandon()
                return await self._existing(self.act)
            case Act.RESTART if not self.when:
                return self._restart()
            case Act.ABANDON if not self.when:
                return self._abandon()
            case Act.HOURS:
                return self._aside(self._hours())
            case Act.HELP if not self.when:
                return self._aside(f"I'm a computer program that books appointments. {OFFER}")
            case Act.RECALL if not self.when:
                return self._recall()
            case Act.CLAIM if self.when and draft.settled and not draft.is_over:
                return self._claim()
            case Act.ANOTHER:
                draft.renew()
        if draft.is_over:
            return await self._after_the_end()
        if (answer := await self._pending()) is not None:
            return answer
        if self.act is Act.REVERT and not self.when.times and not self.when.dates:
            return self._revert()
        if self.when:
            if self.act is Act.RESTART:
                draft.renew()
            return await self._wish()
        return await self._bare()

    # ---- what was asked --------------------------------------------------------------------------------
    async def _pending(self) -> Answer | None:
        """The answer to what was offered or asked; None when the line is about something else."""
        draft = self.draft
        match draft.asked:
            case "cancel":
                return await self._cancelling()
            case "which":
                return await self._which()
            case "claim" if self.act is Act.YES and not self.when:
                self.when, draft.claimed = draft.claimed, Understood()
                return await self._wish()
            case "claim":
                draft.claimed, draft.asked = Understood(), "confirm"
                return None if self.when else self._again("All right, it stays as it is.")
            case "days" | "times" if not self.when or place_of(self.question.text) is not None:
                return await self._offered()
        return None

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
                ask = "Which other day would suit you?" if is_day else "What other time would suit you?"
                return self._progress((ask,))
            return None
        at = draft.offers[place]
        if draft.asked == "days":
            self.when = Understood(dates=(at.date(),))
        else:
            self.when = Understood(dates=(at.date(),), times=(at.time(),))
        return await self._wish()

    async def _bare(self) -> Answer:
        """A line that names neither day nor time."""
        draft = self.draft
        is_proposed = draft.asked == "confirm"
        match self.act:
            case Act.YES if is_proposed:
                return await self._confirmed()
            case Act.NO if is_proposed:
                draft.asked = "confirm"
                return self._progress(("What shall I change, the day or the time?",))
            case Act.CHANGE_DAY if draft.settled:
                return self._reopen("date", "To which day?")
            case Act.CHANGE_TIME if draft.settled:
                return self._reopen("time", "To what time?")
            case Act.FREE:
                return await self._free()
            case Act.WAIT:
                return self._progress(("Take your time.",))
            case Act.HELLO:
                return self._again("Hello!") if draft.said or draft.date else self._start("Hello!")
            case Act.THANKS:
                return self._again("You're welcome.")
            case Act.BYE:
                return self._abandon()
            case Act.YES if not draft.date and draft.asked in ("", "date"):
                return self._start("Good.")
        if (
            not draft.said
            and not draft.date
            and ("book" in self.question.text.lower() or "appointment" in self.question.text.lower())
        ):
            return self._start("Of course.")
        return self._not_understood()

    # ---- days and times --------------------------------------------------------------------------------
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
        day = chooser.settle_day(wish)
        if not isinstance(day, date):
            return self._no_day(wish, day)
        at = chooser.settle_time(day, wish, draft.offers)
        if isinstance(at, time):
            return self._propose(day, at, wish, chooser)
        if isinstance(at, Ask) and at.asked != "times":
            return self._open(wish, {"date": None, "time": None}, at)
        return self._open(replace(wish, dates=(day,)), {"date": day.isoformat(), "time": None}, at)

    def _no_day(self, wish: Understood, ask: Ask | None) -> Answer:
        """No day is certain. What was said of the time is kept."""
        if ask is None and wish.span is not None:
            first, last = wish.span
            named = "that week" if (last - first).days <= 7 else "then"
            ask = Ask((f"Which day {named} would suit you?",), "date")
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
        prompt = self._step(
            Brought({"date": day.isoformat(), "time": at.isoformat("minutes")}, is_progress=True)
        )
        is_both = bool(self.when.dates and (self.when.times or self.when.is_any))
        draft.wish = Understood(not_dates=wish.not_dates, not_times=())
        draft.asked, draft.offers, draft.key = "confirm", (), self.new_id()
        if draft.trail[-1:] != ((day, at),):
            draft.trail = (*draft.trail, (day, at))[-6:]
        there = f", which is {_there(day, wish.times, wish.zone)} there" if wish.zone and wish.times else ""
        return Answer((f"{self._proposal(day, at)}{there}.", self._worded(prompt)), is_whole=is_both)

    def _proposal(self, day: date, at: time) -> str:
        told = f"{say.day(day, self.now.date())}, at {say.hour(at, whole=True)}"
        if self.draft.doing == "move" and self.draft.base:
            from_day, from_time = self.draft.base
            return f"From {say.short_day(from_day)} at {say.hour(from_time)} to {told}"
        return say.capital(told)

    def _worded(self, prompt: str) -> str:
        return prompt.replace("book it", "move it") if self.draft.doing == "move" else prompt

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
        told = f"The first free time is {say.day(first.date(), self.now.date())}, at {say.hour(first.time(), whole=True)}."
        draft.asked, draft.offers = "times", (first,)
        return self._progress((told, "Would that suit you?"))

    # ---- what was said before --------------------------------------------------------------------------
    def _revert(self) -> Answer:
        """Back to an earlier proposal."""
        draft = self.draft
        earlier = [pair for pair in draft.trail if pair != draft.settled]
        if not earlier:
            return self._again("There is nothing to go back to.")
        is_first = any(word in self.question.text.lower() for word in ("first", "original"))
        day, at = earlier[0] if is_first else earlier[-1]
        self.when = Understood()
        prompt = self._step(
            Brought({"date": day.isoformat(), "time": at.isoformat("minutes")}, is_progress=True)
        )
        draft.asked, draft.key, draft.wish = "confirm", self.new_id(), Understood()
        draft.trail = (*draft.trail, (day, at))[-6:]
        return Answer((f"Back to {self._proposal(day, at)[:1].lower() + self._proposal(day, at)[1:]}."
                       if self.draft.doing == "move" else f"Back to {say.day(day, self.now.date())}, at {say.hour(at, whole=True)}.",
                       self._worded(prompt)))  # fmt: skip

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

    # ---- the end ---------------------------------------------------------------------------------------
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
        if (booked := Booked.read(told)) is not None:
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
        verb = "moved to" if draft.doing == "move" else "booked for"
        self._step(Brought(signal=CONFIRMED))
        mine = tuple(dict.fromkeys((*draft.mine, booked.id)))
        state = draft.state
        draft.renew(mine=mine, state=state, target=booked.id)
        told = f"You're {verb} {say.day(at.date(), self.now.date())}, at {say.hour(at.time(), whole=True)}."
        return Answer((told, f"Your reference is {booked.reference}."))

    async def _after_the_end(self) -> Answer:
        """Something was booked or given up, and the caller goes on talking."""
        draft = self.draft
        is_booked = draft.state.step == "booked" and bool(draft.mine)
        if self.when and is_booked:
            return await self._existing(Act.MOVE)
        if self.when or self.act in (Act.FREE, Act.RESTART):
            draft.renew()
            return await self._wish() if self.when else await self._bare()
        match self.act:
            case Act.ABANDON if is_booked:
                return await self._existing(Act.CANCEL)
            case Act.THANKS | Act.BYE | Act.NO:
                return Answer(("You're welcome. Goodbye." if self.act is Act.THANKS else "Goodbye.",))
            case Act.YES | Act.HELLO | Act.WAIT | Act.NONE if (
                is_booked and "book" not in self.question.text.lower()
            ):
                return Answer(("Your appointment stands. " + OFFER,))
        draft.renew()
        return await self._bare()

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

    # ---- appointments that exist -----------------------------------------------------------------------
    async def _existing(self, act: Act) -> Answer:
        """One of the caller's appointments is to be told of, moved or cancelled."""
        draft = self.draft
        theirs = await self._mine()
        if not theirs:
            self._leave()
            return self._aside("I don't find an appointment of yours.")
        if act in (Act.LIST, Act.REFERENCE):
            named = say.every([self._named(one) for one in theirs])
            if act is Act.REFERENCE:
                return self._aside(
                    say.every([f"Your reference for {self._named(one)} is {one.reference}" for one in theirs])
                    + "."
                )
            return self._aside(f"You have {named}.")
        if len(theirs) > 1:
            theirs = self._meant(theirs)
        doing = "move" if act is Act.MOVE else "cancel"
        if len(theirs) > 1:
            draft.renew(
                doing=doing,
                asked="which",
                choices=tuple(one.id for one in theirs),
                wish=self.when,
                state=begin(BOOKING),
            )
            return Answer(
                (f"You have {say.every([self._named(one) for one in theirs])}.", "Which one do you mean?")
            )
        return await self._take_up(theirs[0], doing)

    def _meant(self, theirs: list[Booked]) -> list[Booked]:
        """Those among several that the line speaks of; without a word of that, the one just booked."""
        named = [*self.when.dates, *self.when.not_dates]
        found = [one for one in theirs if one.starts_at.astimezone(self.opening.tz).date() in named]
        if not found and self.act is not Act.MOVE and self.act is not Act.CANCEL:
            found = [one for one in theirs if one.id == self.draft.target]
        return found or theirs

    async def _take_up(self, one: Booked, doing: str) -> Answer:
        draft = self.draft
        at = one.starts_at.astimezone(self.opening.tz)
        if doing == "cancel":
            draft.renew(
                target=one.id,
                asked="cancel",
                doing="cancel",
                state=draft.state if draft.is_over else begin(BOOKING),
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
        named = [one for one in theirs if one.starts_at.astimezone(self.opening.tz).date() in self.when.dates]
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
        if not agrees(self.question.text) and self.act is not Act.CANCEL:
            if self.when:
                return await self._existing(Act.MOVE)
            return Answer(("Shall I cancel it, yes or no?",))
        booked = Booked.read(await self._use(CANCEL, {"id": draft.target}))
        id = draft.target
        draft.renew(mine=tuple(m for m in draft.mine if m != id))
        if booked is None:
            return Answer(("I don't find that appointment any more.",))
        return Answer((f"{say.capital(self._named(booked))} is cancelled.",))

    async def _mine(self) -> list[Booked]:
        told = await self._use(MINE, {"after": self.now.isoformat(), "ids": list(self.draft.mine)})
        found = [Booked.read(one) for one in told] if isinstance(told, list) else []
        return [one for one in found if one is not None]

    def _named(self, one: Booked) -> str:
        at = one.starts_at.astimezone(self.opening.tz)
        return (
            f"{say.short_day(at.date())} of {say.MONTHS[at.month - 1]} at {say.hour(at.time(), whole=True)}"
        )

    # ---- small things ----------------------------------------------------------------------------------
    def _step(self, brought: Brought) -> str:
        advanced = advance(BOOKING, self.draft.state, brought)
        self.draft.state = advanced.state
        return advanced.prompt

    def _start(self, word: str) -> Answer:
        prompt = self._step(Brought(is_progress=True))
        self.draft.asked = "date"
        return Answer((f"{word} {prompt}",))

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

    def _aside(self, told: str) -> Answer:
        return self._again(told)

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

    def _restart(self) -> Answer:
        draft = self.draft
        prompt = self._step(Brought(signal=RESTART))
        state = begin(BOOKING) if draft.is_over else draft.state
        draft.renew(asked="date", state=state)
        return Answer(
            ("All right, from the beginning.", prompt if not draft.is_over else "Which day would you like?")
        )

    def _abandon(self) -> Answer:
        """It is given up; nothing was changed."""
        draft = self.draft
        was_moving = draft.doing == "move"
        if draft.is_over and draft.state.step == "booked":
            return Answer(("Goodbye.",))
        prompt = self._step(Brought(signal=ABANDON))
        draft.renew(state=draft.state)
        return Answer(("All right, it stays as it was.",) if was_moving else (prompt,))

    def _leave(self) -> None:
        """No longer about an appointment that exists."""
        draft = self.draft
        if draft.asked in ("which", "cancel"):
            draft.renew(state=FlowState(draft.state.step, draft.state.slots))

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

    async def _chooser(self, wish: Understood) -> Chooser:
        """What is taken on the days that the wish may concern, the caller's own appointment not counted."""
        today = self.now.date()
        days = wish.dates or (self.draft.date,) if not wish.is_any else ()
        known: Sequence[date] = [day for day in days if day is not None and day >= today]
        first = min(known, default=today) - timedelta(days=8)
        last = max(known, default=today) + timedelta(days=40 if not known else 9)
        low = datetime.combine(max(first, today), time(0), self.opening.tz)
        high = datetime.combine(last, time(0), self.opening.tz)
        told = await self._use(TAKEN, {"first": low.isoformat(), "last": high.isoformat()})
        spans = (
            [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in told]
            if isinstance(told, list)
            else []
        )
        if self.draft.doing == "move" and self.draft.base:
            own = datetime.combine(*self.draft.base, self.opening.tz)
            spans = [span for span in spans if span[0] != own]
        return Chooser(self.opening, self.now, spans)

    async def _use(self, tool: str, arguments: dict[str, object]) -> object:
        result = await self.question.use(tool, arguments)
        if not result.is_ok:
            raise CalendarAway(result.error)
        return result.value


def _there(day: date, times: Sequence[time], zone: str) -> str:
    """The hour that was said, in the zone in which it was."""
    return say.hour(times[0] if len(times) == 1 else max(times, key=lambda t: (9 <= t.hour < 21, -t.hour)))
