"""A caller who wants an appointment: what it says to what it is asked, and what counts as having got it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import repeat

import pytest

from antiphon.agents.booking.opening import OpeningHours
from antiphon.bench.personas import CALM
from antiphon.bench.trials.flowing import DAYS, HOURS, Held, Wish, day_after

WISH = Wish(date(2026, 11, 24), time(9, 30))


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("Which day would you like?", "day"),
        ("At what time?", "hour"),
        ("Sorry, what time was that?", "hour"),
        (
            "Tuesday the twenty-fourth of November, at half past nine in the morning. Shall I book it?",
            "Yes, please.",
        ),
        ("Tuesday the twenty-fourth of November, at five past nine in the morning. Shall I book it?", "hour"),
        ("Thursday the twenty-sixth of November, at half past nine in the morning. Shall I book it?", "day"),
        ("Did you say Tuesday the twenty-fourth?", "Yes."),
        ("Did you say Thursday the twenty-sixth?", "No."),
        ("You're booked for Tuesday the twenty-fourth of November, at half past nine in the morning.", ""),
        ("I'm sorry, I don't follow.", "day"),
    ],
)
def test_the_caller_says_yes_only_to_what_it_wants(told: str, says: str) -> None:
    assert WISH.next_line(told, repeat("day"), repeat("hour")) == says


def test_exactly_the_appointment_that_was_wanted_counts() -> None:
    held = Held(CALM, WISH)
    assert not held.is_right
    held.booked = (WISH.starts_at,)
    assert held.is_right
    held.booked = (WISH.starts_at, WISH.starts_at + timedelta(hours=1))
    assert not held.is_right


def test_wishes_lie_on_open_days_and_do_not_meet() -> None:
    opening = OpeningHours()
    for day in range(30):
        today = date(2026, 3, 1) + timedelta(days=day)
        wishes = [Wish(day_after(today, n), HOURS[n % len(HOURS)]) for n in range(DAYS * len(HOURS))]
        assert len({wish.starts_at for wish in wishes}) == len(wishes)
        assert all(wish.starts_at in opening.starts(wish.day) for wish in wishes)
        assert all(2 <= (wish.day - today).days < 7 for wish in wishes)
    assert WISH.starts_at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
