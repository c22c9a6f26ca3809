"""From what was wished to what can be had: one day, one time, or what there is to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from antiphon.agents.booking import wording as say
from antiphon.agents.booking.opening import OpeningHours
from antiphon.agents.booking.when import Understood

Spans = Sequence[tuple[datetime, datetime]]
MOST_OFFERS = 3


@dataclass(frozen=True, slots=True)
class Ask:
    """Nothing is settled: what to say, and what is offered."""

    sentences: tuple[str, ...]
    asked: str
    offers: tuple[datetime, ...] = ()


def joined(before: Understood, now: Understood) -> Understood:
    """The wish after another line: what it says anew takes the place of what was said before."""
    is_time = bool(now.times or now.after or now.before)
    is_day = bool(now.dates or now.span)
    not_dates = tuple(d for d in dict.fromkeys((*before.not_dates, *now.not_dates)) if d not in now.dates)
    not_times = tuple(t for t in dict.fromkeys((*before.not_times, *now.not_times)) if t not in now.times)
    span = now.span or (None if now.dates else before.span)
    dates = now.dates or (() if now.span else before.dates)
    if before.span and now.is_weekday:
        week = timedelta(days=7)
        inside = tuple(
            d for day in now.dates for d in (day, day + week) if before.span[0] <= d <= before.span[1]
        )
        if inside:
            dates, span = tuple(dict.fromkeys(inside)), before.span
    part_kept = not is_time or (now.times and not (now.after or now.before))
    times = now.times if is_time else before.times
    if now.times and before.after and before.before and len(now.times) > 1:
        times = tuple(t for t in now.times if before.after[0] <= t <= before.before[-1]) or now.times
    if (now.after or now.before) and before.times and len(before.times) > 1:
        low, high = (now.after or (time.min,))[0], (now.before or (time.max,))[-1]
        times = tuple(t for t in before.times if low <= t <= high)
    return Understood(
        dates=tuple(d for d in dates if d not in not_dates),
        span=span,
        times=tuple(t for t in times if t not in not_times),
        after=before.after if part_kept and not times else now.after if not times else (),
        before=before.before if part_kept and not times else now.before if not times else (),
        not_dates=not_dates,
        not_times=not_times,
        zone=now.zone or (before.zone if not is_time else ""),
        is_about=now.is_about if is_time else before.is_about,
        is_weekday=now.is_weekday if is_day else before.is_weekday,
        is_any=now.is_any or (before.is_any and not is_time),
    )


@dataclass(frozen=True, slots=True)
class Chooser:
    """What can be had, as things stand at `now`, in the house's time."""

    opening: OpeningHours
    now: datetime
    taken: Spans
    "All that is booked within the days that are asked about."
    until: date = date.max
    "Nothing is known of what is taken from this day on."

    @property
    def today(self) -> date:
        return self.now.date()

    def free(self, day: date, wish: Understood = Understood()) -> list[datetime]:  # noqa: B008 - it is frozen
        """When an appointment can begin on that day, and is not ruled out."""
        soonest = self.now + timedelta(minutes=self.opening.notice_min)
        length = self.opening.length
        return [
            at
            for at in self.opening.starts(day)
            if at >= soonest
            and at.time() not in wish.not_times
            and not any(first < at + length and last > at for first, last in self.taken)
        ]

    def settle_day(self, wish: Understood) -> date | Ask | None:
        """The day that is wished for; what to ask when it cannot be had or is not certain; None: none was said."""
        if not wish.dates:
            return None
        coming = [day for day in wish.dates if day >= self.today]
        if not coming:
            return self._instead(
                f"{say.capital(say.short_day(wish.dates[0]))} has already passed.", self.today, wish
            )
        last = self.today + timedelta(days=self.opening.ahead_days)
        near = [day for day in coming if day <= last]
        if not near:
            far = say.day(last, self.today)
            return Ask((f"I can only book up to {far}.", "Which earlier day would you like?"), "date")
        usable = [day for day in near if self.opening.hours(day) and day not in wish.not_dates]
        if len(usable) > 1:
            usable = [day for day in usable if self.free(day, wish)] or usable
        if len(usable) == 1:
            return usable[0]
        if usable and wish.is_any:
            return usable[0]
        if usable:
            named = say.either([say.day(day, self.today) for day in usable])
            return Ask((f"Do you mean {named}?",), "days", tuple(self._at(day) for day in usable))
        return self._instead(f"We're closed on {say.short_day(near[0])}.", near[0], wish)

    def _instead(self, why: str, day: date, wish: Understood) -> Ask:
        """The open days around that day, with a free time each."""
        open_days = self.opening.days(self.today, self.today)
        with_room = [
            d
            for d in open_days
            if d not in wish.not_dates and abs((d - day).days) <= 7 and self.free(d, wish)
        ]
        near = sorted(sorted(with_room, key=lambda d: (abs((d - day).days), d))[:2])
        if not near:
            return Ask((why, "Which other day works for you?"), "date")
        named = say.either([say.short_day(d) for d in near])
        return Ask((f"{why} Does {named} work for you?",), "days", tuple(self._at(d) for d in near))

    def settle_time(self, day: date, wish: Understood, offers: Sequence[datetime] = ()) -> time | Ask | None:
        """The time on that day that is wished for; what to ask; None: none was said."""
        free = self.free(day, wish)
        if not free:
            return self._instead(f"{say.capital(say.short_day(day))} is fully booked.", day, wish)
        if wish.times:
            return self._named(day, self._here(day, wish), wish, free, offers)
        if wish.after or wish.before:
            return self._within(day, wish, free)
        return free[0].time() if wish.is_any else None

    def _named(
        self,
        day: date,
        times: Sequence[time],
        wish: Understood,
        free: list[datetime],
        offers: Sequence[datetime],
    ) -> time | Ask:
        had = [at.time() for at in offers if at.date() == day and at.time() in times]
        starts = [at.time() for at in self.opening.starts(day)]
        begins = had or [t for t in times if t in starts]
        if len(begins) > 1:
            begins = [t for t in begins if any(at.time() == t for at in free)] or begins
        if len(begins) > 1:
            named = say.either([say.part(t) for t in begins])
            hour = say.hour(begins[0])
            return Ask((f"{say.capital(hour)} {named}?",), "times", tuple(self._at(day, t) for t in begins))
        if begins:
            if any(at.time() == begins[0] for at in free):
                return begins[0]
            gone = "is already taken" if self._is_later(day, begins[0]) else "has passed"
            why = f"{say.capital(say.hour(begins[0]))} {gone}."
            return self._offer(why, self._nearest(free, self._at(day, begins[0])), day)
        within = [t for t in times if self.opening.is_within(day, t)]
        if within and wish.is_about:
            return self._nearest(free, self._at(day, within[0]))[0].time()
        if within:
            why = f"Appointments begin every {say.number(self.opening.every_min)} minutes."
            return self._offer(why, sorted(self._nearest(free, self._at(day, within[0]))[:2]), day)
        sensible = [t for t in times if time(7) <= t <= time(21)] or list(times)
        why = f"{self.hours_said(day)}"
        return self._offer(why, self._nearest(free, self._at(day, sensible[0])), day)

    def _inside(self, day: date, wish: Understood, free: Sequence[datetime]) -> list[datetime]:
        """Those of the free times that lie within the bounds, of which each may be one of two."""
        hours = self.opening.hours(day)
        afters = [t for t in wish.after if any(t < last for _, last in hours)]
        if len(afters) > 1:
            afters = [t for t in afters if any(t >= first for first, _ in hours)] or afters
        befores = [t for t in wish.before if any(t > first for first, _ in hours)]
        if (wish.after and not afters) or (wish.before and not befores):
            return []
        after, before = (afters or [time.min])[0], (befores or [time.max])[0]
        inside = [at for at in free if after <= at.time() <= before]
        return [at for at in inside if at.time() != before] or inside

    def _within(self, day: date, wish: Understood, free: list[datetime]) -> time | Ask:
        """The time within the bounds, or some of them."""
        inside = self._inside(day, wish, free)
        if len(inside) == 1:
            return inside[0].time()
        if not inside:
            middle = (wish.after or wish.before)[-1]
            return self._offer("I have nothing free then.", self._nearest(free, self._at(day, middle)), day)
        spread = inside if len(inside) <= MOST_OFFERS else [inside[0], inside[len(inside) // 2], inside[-1]]
        return self._offer("", spread, day)

    def _offer(self, why: str, offers: Sequence[datetime], day: date) -> Ask:
        shown = sorted(offers[:MOST_OFFERS])
        named = say.either([say.hour(at.time()) for at in shown])
        if len(shown) == 1:
            asks = f"On {say.short_day(day)} I have {named}. Does that work for you?"
        else:
            asks = f"On {say.short_day(day)} I have {named}. Which would you like?"
        return Ask(tuple(part for part in (why, asks) if part), "times", tuple(shown))

    def offers(self, day: date, wish: Understood) -> Ask:
        """Some of the free times of that day."""
        free = self.free(day, wish)
        if not free:
            return self._instead(f"{say.capital(say.short_day(day))} is fully booked.", day, wish)
        spread = free if len(free) <= MOST_OFFERS else [free[0], free[len(free) // 2], free[-1]]
        return self._offer("", spread, day)

    def first(self, wish: Understood) -> datetime | None:
        """The first free time that fits the wish, on whatever day."""
        days = [d for d in self.opening.days(self.today, self.today) if d not in wish.not_dates]
        if wish.span is not None:
            days = [d for d in days if wish.span[0] <= d <= wish.span[1]]
        for day in days:
            if day >= self.until:
                break
            free = self.free(day, wish)
            if wish.times:
                found = self.settle_time(day, wish)
                free = [self._at(day, found)] if isinstance(found, time) else []
            elif wish.after or wish.before:
                free = self._inside(day, wish, free)
            if free:
                return free[0]
        return None

    def hours_said(self, day: date) -> str:
        """When the house is open on that day, as a sentence."""
        hours = self.opening.hours(day)
        if not hours:
            return f"We're closed on {say.WEEKDAYS[day.weekday()]}s."
        spans = say.every([f"from {say.hour(a)} to {say.hour(b)}" for a, b in hours])
        return f"On {say.WEEKDAYS[day.weekday()]}s we're open {spans}."

    def _here(self, day: date, wish: Understood) -> tuple[time, ...]:
        """The times by the house's clock."""
        if not wish.zone:
            return wish.times
        there = ZoneInfo(wish.zone)
        moments = (datetime.combine(day, t, there).astimezone(self.opening.tz) for t in wish.times)
        return tuple(at.time() for at in moments if at.date() == day)

    def _is_later(self, day: date, at: time) -> bool:
        return self._at(day, at) >= self.now + timedelta(minutes=self.opening.notice_min)

    def _nearest(self, free: Sequence[datetime], wanted: datetime) -> list[datetime]:
        return sorted(free, key=lambda at: (abs(at - wanted), at))[:2]

    def _at(self, day: date, at: time = time(0)) -> datetime:
        return datetime.combine(day, at, self.opening.tz)
