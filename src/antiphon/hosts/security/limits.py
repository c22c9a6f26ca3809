"""How much anybody may ask for: requests, sessions, messages, minutes of calls, money."""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import structlog
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter
from limits.errors import StorageError

from antiphon.config import Settings
from antiphon.core.errors import CallerError, SetupError
from antiphon.hosts.security.audit import Audit, Deed, Detail
from antiphon.hosts.security.people import Person
from antiphon.hosts.security.windows import MOST_KEYS, MemoryWindows

log = structlog.get_logger(__name__)

PEOPLE_AT_AN_ADDRESS = 10
"A school or an office is one address. It may do what so many people may."
BURST = 5.0
"Seconds of messages that may come at once: what piles up while a phone changes networks."
FRAME_BYTES = 4096
"Bytes of a message that count as one; a larger one counts as several. 20 ms of sound have at most 1,920."
REDIS_AGAIN = 10.0
"Seconds without asking Redis after it failed: a caller would wait for each try."
RECORDED_ONCE_IN = 60.0
"Seconds in which the same limit, hit by the same person, is recorded once: a flood is not to become two."


class Kind(StrEnum):
    """What is counted in a moving window of a minute."""

    REQUESTS = "requests"
    FAILED_SIGN_INS = "failed_sign_ins"
    SESSIONS = "sessions"


class Budget(StrEnum):
    """What is counted for 24 hours, from the first use."""

    AUDIO = "audio"
    SPEND = "spend"


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a person's budget. Seconds of sound, or US dollars."""

    amount: float
    of: float
    "The whole of it."
    back_in: float
    "Seconds until there is all of it again."


class TooMany(CallerError):
    """A limit was hit; after `retry_after` seconds there is room again."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message, code="too_many")
        self.retry_after = retry_after


class Bucket:
    """A token bucket for the messages of one connection: `rate` a second, `BURST` seconds of them at once."""

    __slots__ = ("_at", "_left", "_rate", "_room")

    def __init__(self, rate: float, now: float, largest: int = 1 << 20) -> None:
        """`largest`: bytes of the largest message the socket takes. It has to fit, or it could never be sent."""
        self._rate = rate
        self._room = self._left = max(rate * BURST, largest / FRAME_BYTES)
        self._at = now

    def take(self, now: float, size: int) -> bool:
        """Whether a message of `size` bytes fits. One that does not takes nothing. `now`: any seconds."""
        left = self._left + (now - self._at) * self._rate
        if left > self._room:
            left = self._room
        self._at = now
        cost = 1.0 if size <= FRAME_BYTES else size / FRAME_BYTES
        if left < cost:
            self._left = left
            return False
        self._left = left - cost
        return True


class Limits:
    """The limits of a process, or of all nodes together with REDIS_URL. For one event loop."""

    def __init__(self, settings: Settings, audit: Audit, clock: Callable[[], float] = time.time) -> None:
        """`clock` returns seconds since 1970. Raises SetupError when REDIS_URL cannot be used."""
        self._settings = settings
        self._audit = audit
        memory = MemoryWindows(clock)
        self._memory = MovingWindowRateLimiter(memory), FixedWindowRateLimiter(memory)
        self._shared = self._memory
        if url := settings.redis_url.get_secret_value():
            redis = _redis(url)
            self._shared = MovingWindowRateLimiter(redis), FixedWindowRateLimiter(redis)
        self._clock = clock
        self._redis_again_at = 0.0
        self._recorded: dict[str, float] = {}
        self._items: dict[Kind, RateLimitItem] = {
            Kind.REQUESTS: RateLimitItemPerMinute(settings.limit_requests, namespace="requests"),
            Kind.FAILED_SIGN_INS: RateLimitItemPerMinute(settings.limit_sign_ins, namespace="sign_ins"),
            Kind.SESSIONS: RateLimitItemPerMinute(settings.limit_sessions, namespace="sessions"),
        }
        self._budgets: dict[Budget, RateLimitItem] = {
            Budget.AUDIO: RateLimitItemPerDay(settings.limit_audio_minutes * 60, namespace="audio"),
            Budget.SPEND: RateLimitItemPerDay(math.ceil(settings.limit_spend * 1e6), namespace="spend"),
        }
        "Seconds of sound; millionths of a dollar."

    def exempts(self, is_local: bool) -> bool:
        """Whether callers from this machine go uncounted."""
        return is_local and not self._settings.limit_loopback

    async def count_address(self, kind: Kind, address: str, is_local: bool = False) -> None:
        """One more from that address. Raises TooMany when it is one too many."""
        if not self.exempts(is_local):
            share = 1 if kind is Kind.FAILED_SIGN_INS else PEOPLE_AT_AN_ADDRESS
            await self._count(kind, network(address), share)

    async def count_person(self, kind: Kind, person: Person, is_local: bool = False) -> None:
        """One more by that person. Raises TooMany when it is one too many."""
        if not self.exempts(is_local):
            await self._count(kind, _name(person), 1)

    async def check_failures(self, address: str, is_local: bool = False) -> None:
        """Returns while that address has not failed to sign in too often. Counts nothing. Raises TooMany."""
        if self.exempts(is_local):
            return
        item, who = self._items[Kind.FAILED_SIGN_INS], network(address)
        for moving, _ in self._storages():
            try:
                if await moving.test(item, who):
                    return
                raise self._refusal(Kind.FAILED_SIGN_INS.value, who, 60)
            except StorageError as error:
                self._tell(error)

    def messages(self, now: float, is_local: bool = False, largest: int = 1 << 20) -> Bucket | None:
        """The bucket of a connection that opens now; None where messages go uncounted."""
        return None if self.exempts(is_local) else Bucket(self._settings.limit_messages, now, largest)

    async def charge(self, budget: Budget, person: Person, amount: float, is_local: bool = False) -> None:
        """The person has used that many seconds of sound, or US dollars, more. Never refuses."""
        units = math.ceil(amount * 1e6) if budget is Budget.SPEND else math.ceil(amount)
        if units <= 0 or self.exempts(is_local):
            return
        for _, fixed in self._storages():
            try:
                await fixed.hit(self._budgets[budget], _name(person), cost=units)
                return
            except StorageError as error:
                self._tell(error)

    async def check_budget(self, budget: Budget, person: Person, is_local: bool = False) -> None:
        """Returns while something is left of the person's budget. Raises TooMany."""
        if self.exempts(is_local):
            return
        left = await self.left(budget, person)
        if left.amount <= 0:
            raise self._refusal(budget.value, _name(person), left.back_in)

    async def left(self, budget: Budget, person: Person) -> Left:
        """What the person may still use."""
        item, unit = self._budgets[budget], 1e6 if budget is Budget.SPEND else 1.0
        for _, fixed in self._storages():
            try:
                stats = await fixed.get_window_stats(item, _name(person))
                back_in = max(0.0, stats.reset_time - self._clock())
                return Left(stats.remaining / unit, item.amount / unit, back_in)
            except StorageError as error:
                self._tell(error)
        raise AssertionError("the windows in memory do not fail")

    def record_used_up(self, budget: Budget, person: Person) -> None:
        """That a call ends for want of that budget is on record."""
        self._record(budget.value, _name(person), {"during": "call"})

    async def _count(self, kind: Kind, who: str, share: int) -> None:
        item = self._items[kind]
        scaled = item if share == 1 else RateLimitItemPerMinute(item.amount * share, namespace=item.namespace)
        for moving, _ in self._storages():
            try:
                if await moving.hit(scaled, who):
                    return
                stats = await moving.get_window_stats(scaled, who)
                raise self._refusal(kind.value, who, stats.reset_time - self._clock())
            except StorageError as error:
                self._tell(error)

    def _storages(self) -> tuple[tuple[MovingWindowRateLimiter, FixedWindowRateLimiter], ...]:
        """Where to count, and where else when that fails: Redis going away lifts no limit."""
        if self._shared is self._memory or self._clock() < self._redis_again_at:
            return (self._memory,)
        return (self._shared, self._memory)

    def _refusal(self, what: str, who: str, seconds: float) -> TooMany:
        self._record(what, who, {})
        return TooMany(f"too many {what.replace('_', ' ')}; try again later", max(1, math.ceil(seconds)))

    def _record(self, what: str, who: str, detail: Detail) -> None:
        key, now = f"{what} {who}", self._clock()
        if now - self._recorded.get(key, -RECORDED_ONCE_IN) >= RECORDED_ONCE_IN:
            if len(self._recorded) >= MOST_KEYS:
                self._recorded.clear()
            self._recorded[key] = now
            self._audit.record(who.replace("\x1f", "/"), Deed.LIMIT_HIT, what, detail)

    def _tell(self, error: StorageError) -> None:
        self._redis_again_at = self._clock() + REDIS_AGAIN
        log.warning("limits are counted here while Redis does not answer", error=repr(error))


def network(address: str) -> str:
    """The address, or of an IPv6 address the /64 it lies in: one subscriber has all of that."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address or "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _name(person: Person) -> str:
    # Names are printable, so this cannot be another tenant's person, nor an address.
    return f"{person.tenant}\x1f{person.id}"


def _redis(url: str) -> RedisStorage:
    if not url.startswith(("redis://", "rediss://", "redis+unix://", "unix://")):
        raise SetupError("REDIS_URL begins with redis://, rediss:// or redis+unix://")
    try:
        return RedisStorage(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="antiphon",
            socket_timeout=1.0,
            socket_connect_timeout=1.0,
        )
    except Exception as error:
        raise SetupError(f"REDIS_URL cannot be used: {error}; install the extra antiphon[redis]") from error
