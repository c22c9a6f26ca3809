"""Tokens that are worth nothing any more, known to every node and after a restart."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import structlog

from antiphon.core.errors import ProviderError, SetupError

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

ASK_WITHIN = 1.0
"Seconds for an answer. Who waits is at the door."
AGAIN_AFTER = 5.0
"Seconds without asking after there was no answer: each process then knows its own only."


class Spent(Protocol):
    """What all nodes share: a store's `Records`, or Redis."""

    async def spend(self, token: str, until: datetime) -> bool:
        """The token of this id is worth nothing until then, when it expires. False: it was spent before."""

    async def is_spent(self, token: str) -> bool:
        """Whether it was spent, here or elsewhere."""


class SpentHere:
    """Asks `Spent`, if there is any, and lets nobody wait long for it."""

    def __init__(self, shared: Spent | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.shared = shared
        self._clock = clock
        self._again_at = 0.0

    async def spend(self, token: str, until: float) -> bool:
        """Whether it was not spent before, as far as anybody can say. `until`: seconds since 1970."""
        if (shared := self._reachable()) is None:
            return True
        try:
            async with asyncio.timeout(ASK_WITHIN):
                return await shared.spend(token, datetime.fromtimestamp(until, UTC))
        except (ProviderError, TimeoutError) as error:
            self._wait(error)
            return True

    async def is_spent(self, token: str) -> bool:
        """Whether it was spent, as far as anybody can say."""
        if (shared := self._reachable()) is None:
            return False
        try:
            async with asyncio.timeout(ASK_WITHIN):
                return await shared.is_spent(token)
        except (ProviderError, TimeoutError) as error:
            self._wait(error)
            return False

    def _reachable(self) -> Spent | None:
        return self.shared if self._clock() >= self._again_at else None

    def _wait(self, error: Exception) -> None:
        self._again_at = self._clock() + AGAIN_AFTER
        log.warning("tokens that were spent elsewhere are not known at present", error=repr(error))


class SpentInRedis:
    """`Spent` in Redis, which forgets what has expired by itself."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @classmethod
    def at(cls, url: str) -> SpentInRedis:
        """Raises SetupError when the extra `redis` is missing or the URL is none."""
        try:
            asyncio_redis = importlib.import_module("redis.asyncio")
            return cls(
                asyncio_redis.from_url(
                    url, decode_responses=True, socket_timeout=1, socket_connect_timeout=1, protocol=2
                )
            )
        except (ImportError, ValueError) as error:
            raise SetupError(
                f"REDIS_URL cannot be used: {error}; install the extra antiphon[redis]"
            ) from error

    async def spend(self, token: str, until: datetime) -> bool:
        from redis.exceptions import RedisError

        seconds = max(1, int((until - datetime.now(UTC)).total_seconds()) + 1)
        try:
            return bool(await self._redis.set(_key(token), "1", nx=True, ex=seconds))
        except (RedisError, OSError) as error:
            raise ProviderError(f"Redis is away: {error}", provider="redis") from error

    async def is_spent(self, token: str) -> bool:
        from redis.exceptions import RedisError

        try:
            return bool(await self._redis.exists(_key(token)))
        except (RedisError, OSError) as error:
            raise ProviderError(f"Redis is away: {error}", provider="redis") from error


def _key(token: str) -> str:
    return f"antiphon:spent:{token}"
