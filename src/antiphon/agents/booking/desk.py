"""The desk: what the caller's line means for the appointment in the making, and who answers it."""

from __future__ import annotations

import re
from dataclasses import replace

from antiphon.agent.flow import Brought
from antiphon.agents.booking import wording as say
from antiphon.agents.booking.acts import Act, act_of, place_of
from antiphon.agents.booking.draft import opened
from antiphon.agents.booking.heard import on_the_grid, put_right
from antiphon.agents.booking.standing import Standing
from antiphon.agents.booking.steps import ABANDON, RESTART
from antiphon.agents.booking.turn import Answer, CalendarAway
from antiphon.agents.booking.when import Understood, understand

AWAY = "I can't reach the calendar just now, so I can't take a booking at the moment."
UNSURE = "I can't reach the calendar just now, so nothing is certain yet. Say yes, and I'll try once more."
STILL = "I still can't reach it. You can try once more, or call again later."
OFFER = "I can book an appointment for you, move one or cancel one."


class Desk(Standing):
    """A turn of any kind."""

    __slots__ = ()

    async def answer(self) -> Answer:
        """The answer; the draft is what it then is."""
        try:
            await self._catch_up()
            is_sure = self._hear()
            answer = await self._answer() if is_sure else self._ask_back()
            if answer.sentences == self.draft.said and self.act is not Act.REPEAT:
                answer = replace(answer, sentences=("All right.", *answer.sentences))
        except CalendarAway:
            answer = Answer((self._away(),))
        if self.act is not Act.REPEAT:
            self.draft.said = answer.sentences
        asks = next((s for s in reversed(answer.sentences) if s.endswith("?")), "")
        self.draft.question = asks or (self.draft.question if self.draft.asked else "")
        return answer

    def _hear(self) -> bool:
        """What the line means is known; whether surely enough to go on with it."""
        had, now, said = self.draft.had, self.now.replace(tzinfo=None), self.question.text
        repaired = put_right(said, had, now)
        self.question = replace(self.question, text=repaired.text)
        self.when = on_the_grid(understand(repaired.text, now, had), self.opening)
        self.act = act_of(repaired.text)
        is_half = bool(self.when.dates) != bool(self.when.times)
        return (
            repaired.is_sure or not is_half or self.draft.settled is not None or self.draft.asked == "cancel"
        )

    def _ask_back(self) -> Answer:
        """A day or an hour sounded somewhat like one: it counts once the caller says that it was said."""
        draft, when = self.draft, self.when
        draft.claimed, draft.asked, draft.offers = when, "heard", ()
        days = [say.day(day, self.now.date()) for day in when.dates]
        hours = list(dict.fromkeys(say.hour(at) for at in when.times))
        return self._progress((f"Did you say {say.either(days or hours)}?",))

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
                if draft.is_over and draft.mine and draft.asked != "cancel":
                    return await self._existing(Act.CANCEL)
                return await self._pending() or self._abandon()
            case Act.HOURS:
                return self._again(self._hours())
            case Act.HELP if not self.when:
                return self._again(f"I'm a computer program that books appointments. {OFFER}")
            case Act.RECALL if not self.when:
                return self._recall()
            case Act.CLAIM if self.when and draft.settled and not draft.is_over:
                return self._claim()
            case Act.ANOTHER:
                draft.renew()
                if not self.when:
                    return self._start("Of course.")
        if (answer := await self._pending()) is not None:
            return answer
        if draft.is_over:
            return await self._after_the_end()
        if self.act is Act.REVERT and not self.when.times and not self.when.dates:
            return self._revert()
        if draft.asked == "confirm" and self.act is Act.YES and self._names_the_same():
            return await self._confirmed()
        if self.when:
            if self.act is Act.RESTART:
                draft.renew()
            return await self._wish()
        return await self._bare()

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
            case "heard" if self.act is Act.YES and not self.when:
                self.when, draft.claimed = draft.claimed, Understood()
                return await self._wish()
            case "heard":
                draft.claimed, draft.question = Understood(), ""
                draft.asked = "time" if draft.date else "date"
                return self._not_understood() if self.act is Act.NO and not self.when else None
            case "claim":
                draft.claimed, draft.asked, draft.question = Understood(), "confirm", ""
                return None if self.when else self._again("All right, it stays as it is.")
            case "days" | "times" if not self.when or place_of(self.question.text) is not None:
                return await self._offered()
        return None

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
            draft.asked in ("", "date")
            and not draft.date
            and re.search(r"\bbook|appointment", self.question.text, re.I)
        ):
            return self._start("Of course.")
        return self._not_understood()

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

    def _names_the_same(self) -> bool:
        """The line names a day or a time, and it is what was proposed."""
        day, at = self.draft.settled or (None, None)
        more = replace(self.when, dates=(), times=(), is_weekday=False)
        is_same = day in (self.when.dates or (day,)) and at in (self.when.times or (at,))
        return bool(self.when) and not more and is_same

    def _away(self) -> str:
        """That the calendar cannot be reached; never twice in the same words."""
        told = UNSURE if self.draft.asked in ("confirm", "cancel") else AWAY
        return STILL if told in self.draft.said else told

    def _restart(self) -> Answer:
        draft = self.draft
        prompt = self._step(Brought(signal=RESTART))
        state = opened() if draft.is_over else draft.state
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
