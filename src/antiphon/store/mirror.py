"""A copy of what is going on, in Redis, for dashboards and other programs. Nothing here ever reads it.

`antiphon:session:ID` is a hash (agent, node, phase, turn, specialist, taken_over_by, updated_at) that lives for
TTL_SECONDS after its last change; `antiphon:audit` is a stream of what matters to security, trimmed to about
AUDIT_ENTRIES. Events go their own way, over the sockets and the store: a Redis that is away costs the copy only.
"""

from __future__ import annotations

import asyncio
import importlib
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog

from antiphon.core.errors import SetupError

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

TTL_SECONDS = 3600
AUDIT, AUDIT_ENTRIES = "antiphon:audit", 100_000
EVERY = 0.2
"Seconds between two writes: what changed twice in between is written once."
AGAIN_AFTER = 5.0
"Seconds until a Redis that was away is tried again."
MOST = 10_000
"Acts that wait for Redis; the oldest are dropped, as the store has them anyway."


class Mirror:
    """Copies session states and audited acts to one Redis. `run` is the loop; nothing else waits."""

    def __init__(self, redis: Redis, again_after: float = AGAIN_AFTER) -> None:
        self._redis = redis
        self._again_after = again_after
        self._states: dict[str, dict[str, str]] = {}
        self._acts: deque[dict[str, str]] = deque(maxlen=MOST)
        self._due = asyncio.Event()

    @classmethod
    def at(cls, url: str, again_after: float = AGAIN_AFTER) -> Mirror:
        """Raises SetupError when the extra `redis` is missing or the URL is none."""
        try:
            asyncio_redis = importlib.import_module("redis.asyncio")
            return cls(
                asyncio_redis.from_url(
                    url, decode_responses=True, socket_timeout=2, socket_connect_timeout=2, protocol=2
                ),
                again_after,
            )
        except (ImportError, ValueError) as error:
            raise SetupError(
                f"REDIS_URL cannot be used: {error}; install the extra antiphon[redis]"
            ) from error

    def state(self, session: str, fields: Mapping[str, str]) -> None:
        """These fields of the session's state have changed."""
        self._states.setdefault(session, {}).update(fields)
        self._due.set()

    def act(self, fields: Mapping[str, str]) -> None:
        """Somebody did something that matters to security."""
        self._acts.append(dict(fields))
        self._due.set()

    async def run(self) -> None:
        """Copy what changed, until cancelled; then close the connection."""
        from redis.exceptions import RedisError

        try:
            while True:
                await self._due.wait()
                self._due.clear()
                states, acts = self._states, list(self._acts)
                self._states = {}
                try:
                    await self._write(states, acts)
                except (RedisError, OSError, TimeoutError) as error:
                    log.warning("Redis is away: sessions are not mirrored", error=str(error))
                    self._states = _merged(states, self._states)
                    self._due.set()
                    await asyncio.sleep(self._again_after)
                else:
                    for _ in acts:
                        self._acts.popleft()
                    await asyncio.sleep(EVERY)
        finally:
            await self._redis.aclose()

    async def _write(self, states: Mapping[str, Mapping[str, str]], acts: list[dict[str, str]]) -> None:
        async with self._redis.pipeline(transaction=False) as pipe:
            for session, fields in states.items():
                key = f"antiphon:session:{session}"
                pipe.hset(key, items=_flat(fields))
                pipe.expire(key, TTL_SECONDS)
            for act in acts:
                pipe.execute_command("XADD", AUDIT, "MAXLEN", "~", AUDIT_ENTRIES, "*", *_flat(act))
            await pipe.execute()


def _merged(
    older: Mapping[str, dict[str, str]], newer: Mapping[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    return {key: {**older.get(key, {}), **newer.get(key, {})} for key in {*older, *newer}}


def _flat(fields: Mapping[str, str]) -> list[str]:
    return [part for pair in fields.items() for part in pair]
