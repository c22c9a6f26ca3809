"""Limits: where they end, whom they spare, and what they cost."""

from __future__ import annotations

import time

import pytest
from door import ABROAD, HOME, Clock, Listed
from hypothesis import given
from hypothesis import strategies as st

from antiphon.config import Settings
from antiphon.core.errors import SetupError
from antiphon.hosts.security import windows
from antiphon.hosts.security.audit import Deed
from antiphon.hosts.security.limits import (
    BURST,
    PEOPLE_AT_AN_ADDRESS,
    Bucket,
    Budget,
    Kind,
    Limits,
    TooMany,
    network,
)
from antiphon.hosts.security.people import Person, Role
from antiphon.hosts.security.windows import MemoryWindows

pytestmark = pytest.mark.anyio

ANNA = Person("anna", "school", Role.CALLER)
BEN = Person("ben", "school", Role.CALLER)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Limited:
    def __init__(self, **settings: object) -> None:
        self.clock, self.audit = Clock(), Listed()
        self.limits = Limits(Settings(**settings), self.audit, self.clock)  # type: ignore[arg-type]


async def fits(limits: Limits, times: int, kind: Kind = Kind.SESSIONS, who: Person | str = ANNA) -> int:
    """How many of so many pass."""
    passed = 0
    for _ in range(times):
        try:
            if isinstance(who, str):
                await limits.count_address(kind, who)
            else:
                await limits.count_person(kind, who)
            passed += 1
        except TooMany:
            pass
    return passed


async def test_a_person_may_so_much_a_minute_and_another_as_much():
    it = Limited(limit_sessions=5)
    assert await fits(it.limits, 9) == 5
    assert await fits(it.limits, 9, who=BEN) == 5
    assert [deed[:2] for deed in it.audit.of(Deed.LIMIT_HIT)] == [
        ("school/anna", "sessions"),
        ("school/ben", "sessions"),
    ]


async def test_the_window_moves():
    it = Limited(limit_sessions=4)
    assert await fits(it.limits, 2) == 2
    it.clock.now += 40
    assert await fits(it.limits, 9) == 2
    it.clock.now += 19.9
    assert await fits(it.limits, 9) == 0
    it.clock.now += 0.2
    assert await fits(it.limits, 9) == 2


async def test_one_is_told_when_to_come_back():
    it = Limited(limit_sessions=1)
    await it.limits.count_person(Kind.SESSIONS, ANNA)
    it.clock.now += 20
    with pytest.raises(TooMany) as refused:
        await it.limits.count_person(Kind.SESSIONS, ANNA)
    assert refused.value.retry_after in (39, 40, 41)
    assert refused.value.code == "too_many"


async def test_an_address_may_what_several_people_may_but_fail_as_often_as_one():
    it = Limited(limit_sessions=3, limit_sign_ins=4)
    assert await fits(it.limits, 100, who=ABROAD) == 3 * PEOPLE_AT_AN_ADDRESS
    assert await fits(it.limits, 100, Kind.FAILED_SIGN_INS, ABROAD) == 4
    with pytest.raises(TooMany):
        await it.limits.check_failures(ABROAD)
    await it.limits.check_failures("198.51.100.1")
    it.clock.now += 61
    await it.limits.check_failures(ABROAD)


async def test_this_machine_goes_uncounted_unless_told_otherwise():
    it = Limited(limit_sessions=1)
    for _ in range(1000):
        await it.limits.count_address(Kind.SESSIONS, HOME, is_local=True)
        await it.limits.count_person(Kind.SESSIONS, ANNA, is_local=True)
    assert it.limits.messages(0.0, is_local=True) is None
    strict = Limited(limit_sessions=1, limit_loopback=True).limits
    await strict.count_person(Kind.SESSIONS, ANNA, is_local=True)
    with pytest.raises(TooMany):
        await strict.count_person(Kind.SESSIONS, ANNA, is_local=True)
    assert strict.messages(0.0, is_local=True) is not None


async def test_names_cannot_be_chosen_to_use_up_another_persons_share():
    it = Limited(limit_sessions=1)
    assert await fits(it.limits, 1, who=Person("b/c", "a", Role.CALLER)) == 1
    assert await fits(it.limits, 1, who=Person("c", "a/b", Role.CALLER)) == 1
    assert await fits(it.limits, 1, who=Person("7", "203.0.113", Role.CALLER)) == 1


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_subscriber_is_one(address: str, counted_as: str) -> None:
    assert network(address) == counted_as


# ---- budgets -------------------------------------------------------------------------------------------
async def test_a_days_minutes_end_and_come_back():
    it = Limited(limit_audio_minutes=2)
    await it.limits.check_budget(Budget.AUDIO, ANNA)
    await it.limits.charge(Budget.AUDIO, ANNA, 119.5)
    with pytest.raises(TooMany) as refused:
        await it.limits.check_budget(Budget.AUDIO, ANNA)
    assert 86_399 <= refused.value.retry_after <= 86_401
    await it.limits.check_budget(Budget.AUDIO, BEN)
    await it.limits.check_budget(Budget.SPEND, ANNA)
    it.clock.now += 86_401
    await it.limits.check_budget(Budget.AUDIO, ANNA)


async def test_spend_is_counted_in_millionths():
    it = Limited(limit_spend=0.001)
    for _ in range(9):
        await it.limits.charge(Budget.SPEND, ANNA, 0.0001)
        await it.limits.check_budget(Budget.SPEND, ANNA)
    await it.limits.charge(Budget.SPEND, ANNA, 0.0001)
    with pytest.raises(TooMany):
        await it.limits.check_budget(Budget.SPEND, ANNA)


async def test_nothing_and_less_than_nothing_cost_nothing():
    it = Limited(limit_audio_minutes=1)
    await it.limits.charge(Budget.AUDIO, ANNA, 59)
    for amount in (0.0, -1000.0):
        await it.limits.charge(Budget.AUDIO, ANNA, amount)
    await it.limits.check_budget(Budget.AUDIO, ANNA)
    await it.limits.charge(Budget.AUDIO, ANNA, 0.01)
    with pytest.raises(TooMany):
        await it.limits.check_budget(Budget.AUDIO, ANNA)


# ---- Redis ---------------------------------------------------------------------------------------------
async def test_redis_going_away_lifts_no_limit():
    it = Limited(limit_sessions=3, limit_audio_minutes=1, REDIS_URL="redis://:hunter22@127.0.0.1:9/0")
    assert await fits(it.limits, 5) == 3
    await it.limits.charge(Budget.AUDIO, ANNA, 61)
    with pytest.raises(TooMany):
        await it.limits.check_budget(Budget.AUDIO, ANNA)
    await it.limits.check_failures(ABROAD)


@pytest.mark.parametrize("url", ["http://cache", "memory://", "hunter22"])
def test_a_redis_url_that_is_none_says_so_without_showing_it(url: str) -> None:
    with pytest.raises(SetupError, match="REDIS_URL begins") as refused:
        Limits(Settings(REDIS_URL=url), Listed())
    assert url not in str(refused.value)


# ---- messages ------------------------------------------------------------------------------------------
def test_a_bucket_lets_a_burst_through_and_then_the_rate() -> None:
    bucket = Bucket(100, 0.0)
    assert sum(bucket.take(0.0, 100) for _ in range(2000)) == 100 * BURST
    assert sum(bucket.take(1.0, 100) for _ in range(2000)) == 100
    assert sum(bucket.take(1000.0, 100) for _ in range(2000)) == 100 * BURST


def test_large_messages_cost_more_and_the_largest_still_fits() -> None:
    bucket = Bucket(1, 0.0)
    assert bucket.take(0.0, 1 << 20)
    assert not bucket.take(0.0, 1)


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(0, 1 << 20)), max_size=200))
def test_no_more_passes_than_the_burst_and_the_rate(arrivals: list[tuple[float, int]]) -> None:
    bucket, now, passed = Bucket(50, 0.0), 0.0, 0.0
    for gap, size in arrivals:
        now += gap
        if bucket.take(now, size):
            passed += max(1.0, size / 4096)
    assert passed <= 256 + 50 * now + 1e-6


def test_a_callers_stream_of_sound_and_acknowledgements_passes() -> None:
    bucket = Limited().limits.messages(0.0)
    assert bucket is not None
    for n in range(70 * 600):
        assert bucket.take(n / 70, 1920)


# ---- the memory of it ----------------------------------------------------------------------------------
async def test_strangers_do_not_fill_the_memory():
    storage = MemoryWindows(Clock())
    for n in range(windows.MOST_KEYS + 500):
        await storage.acquire_entry(f"key-{n}", 5, 60)
        await storage.incr(f"key-{n}", 60)
    assert len(storage._hits) == len(storage._counts) == windows.MOST_KEYS
    assert await storage.get(f"key-{windows.MOST_KEYS}") == 1
    await storage.clear(f"key-{windows.MOST_KEYS}")
    assert await storage.get(f"key-{windows.MOST_KEYS}") == 0
    await storage.reset()
    assert not storage._hits and not storage._counts and await storage.check()


async def test_many_keys_make_a_hit_no_dearer():
    it = Limited(limit_requests=600)
    for n in range(3000):
        await it.limits.count_person(Kind.REQUESTS, Person(str(n), "t", Role.CALLER))
    began = time.process_time()
    for _ in range(500):
        await it.limits.count_person(Kind.REQUESTS, ANNA)
    assert (time.process_time() - began) / 500 < 200e-6
