"""The connection to Postgres: transactions, also on behalf of a person, and news of changes.

Everything runs inside a transaction and no statement outlives one, so that the pool may lie behind pgbouncer
in transaction mode. JSON travels as text and no type has to be looked up, for the same reason.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Protocol

import asyncpg

from antiphon.core.errors import SetupError
from antiphon.core.records import StoreUnavailable

if TYPE_CHECKING:
    Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]

Say = Callable[[str], None]
Revive = Callable[[], Awaitable[None]]

CONNECT_WITHIN = 5.0
"Seconds for one attempt to connect."
OPEN_WITHIN = 10.0
"Seconds that a server which is starting is waited for when we start."
STATEMENT_WITHIN = 30.0
"Seconds for one statement: a peer that vanished without a word counts as gone after it."
ROLL_BACK_WITHIN = 1.0
"Seconds to undo what was given up; then the connection is closed, which undoes it too. Whoever gave up waits so long."
SILENT_AFTER = 5.0
"Seconds without an answer after which the server counts as away, though nothing has failed yet."
LISTEN_AGAIN = (0.1, 3.0)
"Seconds before the first attempt to listen again, and the most between two."
PING_EVERY = 20.0
"Seconds of silence after which a listening connection is tried out."

AWAY: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
)
"What says that the server cannot be used now but may be later. A full disk is among it."
LOST: tuple[type[Exception], ...] = (*AWAY, asyncpg.InterfaceError, asyncpg.InternalClientError)
"Likewise, or that a connection was closed under our hands, perhaps between two steps of the driver."
FAILED: tuple[type[Exception], ...] = (*LOST, asyncpg.PostgresError)
"All that a server and its driver raise."


class Database:
    """A pool of connections to one database."""

    def __init__(self, pool: Pool, direct_url: str, revive: Revive | None) -> None:
        self._pool = pool
        self._direct_url = direct_url
        self._revive = revive
        self._begun: dict[object, float] = {}
        "When the transactions under way began, seconds of the loop."

    @property
    def silent_s(self) -> float:
        """Seconds that the longest transaction under way has taken; 0 when there is none."""
        return asyncio.get_running_loop().time() - min(self._begun.values()) if self._begun else 0.0

    @classmethod
    async def open(
        cls,
        url: str,
        direct_url: str = "",
        *,
        size: int = 8,
        patience: float = OPEN_WITHIN,
        revive: Revive | None = None,
        say: Say = lambda text: None,
    ) -> Database:
        """Connected. Raises SetupError when the server cannot be reached or refuses us.

        A server that is starting is waited for, `patience` seconds. `direct_url` is a way past a pooler, for
        listening. `revive` is awaited when the server is away, before the next attempt to connect.
        """
        deadline = asyncio.get_running_loop().time() + patience
        is_told = False
        while True:
            try:
                pool = await asyncpg.create_pool(
                    url,
                    min_size=0,
                    max_size=size,
                    timeout=CONNECT_WITHIN,
                    command_timeout=STATEMENT_WITHIN,
                    statement_cache_size=0 if direct_url and direct_url != url else 100,
                    server_settings={"application_name": "antiphon"},
                )
                async with pool.acquire():
                    return cls(pool, direct_url or url, revive)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
                is_late = asyncio.get_running_loop().time() > deadline
                if is_late or not isinstance(error, AWAY):
                    raise SetupError(
                        f"the database does not let us in ({_told(error)}); check DATABASE_URL, or unset it "
                        "to use the embedded database"
                    ) from None
            if not is_told:
                say("waiting for the database")
                is_told = True
            await asyncio.sleep(0.3)

    async def close(self) -> None:
        """Every connection is closed; what is under way is given a few seconds."""
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await self._pool.close()
        except (TimeoutError, OSError, asyncpg.InterfaceError):
            self._pool.terminate()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction as the service: it sees every row. Raises StoreUnavailable, of which no one can say
        whether a commit under way still happened. Whoever is cancelled in it is not kept waiting."""
        connection, mark = await self._acquire(), object()
        self._begun[mark] = asyncio.get_running_loop().time()
        try:
            transaction = connection.transaction()
            try:
                await transaction.start()
                yield connection
            except BaseException:
                await _undo(connection, transaction)
                raise
            await transaction.commit()
        except LOST as error:
            if isinstance(error, (*AWAY, asyncpg.InternalClientError)) or _is_gone(connection):
                raise StoreUnavailable(f"the database went away: {_told(error)}") from error
            raise
        finally:
            del self._begun[mark]
            await self._release(connection)

    @asynccontextmanager
    async def as_user(self, claims: Mapping[str, object]) -> AsyncIterator[Connection]:
        """A transaction on behalf of a person: it sees and changes what the policies let `claims` see."""
        async with self.transaction() as connection:
            await connection.execute(
                "select set_config('request.jwt.claims', $1, true), set_config('role', 'authenticated', true)",
                json.dumps(dict(claims)),
            )
            yield connection

    async def listen(self, channel: str) -> AsyncGenerator[str | None, None]:
        """Payloads of the channel as they come; None where some may have been missed, as at the beginning."""
        first, most = LISTEN_AGAIN
        pause = first
        while True:
            try:
                connection = await asyncpg.connect(
                    self._direct_url, timeout=CONNECT_WITHIN, command_timeout=CONNECT_WITHIN
                )
            except LOST:
                await asyncio.sleep(pause)
                pause = min(2 * pause, most)
                await self._try_to_revive()
                continue
            pause = first
            async with aclosing(notices(connection, channel)) as news:
                async for notice in news:
                    yield notice

    async def _acquire(self) -> Connection:
        try:
            return await self._pool.acquire(timeout=CONNECT_WITHIN)
        except LOST as first:
            error: Exception = first
        if await self._try_to_revive():
            try:
                return await self._pool.acquire(timeout=CONNECT_WITHIN)
            except LOST as second:
                error = second
        raise StoreUnavailable(f"the database is away: {_told(error)}") from error

    async def _try_to_revive(self) -> bool:
        if self._revive is None:
            return False
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await self._revive()
        except (SetupError, OSError, TimeoutError):
            return False
        return True

    async def _release(self, connection: Connection) -> None:
        with suppress(*LOST):  # the pool has then closed it itself
            await self._pool.release(connection, timeout=CONNECT_WITHIN)


class Listening(Protocol):
    """Of a connection, what news come by."""

    def add_termination_listener(self, callback: Callable[[object], None], /) -> None: ...
    async def add_listener(
        self, channel: str, callback: Callable[[object, int, str, object], None], /
    ) -> None: ...
    async def execute(self, query: str, /) -> str: ...
    def terminate(self) -> None: ...


async def notices(connection: Listening, channel: str) -> AsyncGenerator[str | None, None]:
    """Payloads until the connection is lost, after a None. The connection is closed then."""
    arrived: asyncio.Queue[str | None] = asyncio.Queue()
    connection.add_termination_listener(lambda lost: arrived.put_nowait(None))
    try:
        await connection.add_listener(channel, lambda c, pid, name, payload: arrived.put_nowait(str(payload)))
        yield None
        while True:
            try:
                # Not wait_for: up to Python 3.11 it forgets a cancellation that comes with the payload.
                async with asyncio.timeout(PING_EVERY):
                    payload = await arrived.get()
            except TimeoutError:
                await connection.execute("select 1")
                continue
            if payload is None:
                return
            yield payload
    except LOST:
        return
    finally:
        connection.terminate()


async def _undo(connection: Connection, transaction: asyncpg.transaction.Transaction) -> None:
    """The transaction changed nothing. Does not raise: whatever ended it is what is told."""
    try:
        async with asyncio.timeout(ROLL_BACK_WITHIN):
            await transaction.rollback()
    except FAILED:
        with suppress(*LOST):
            connection.terminate()


def _is_gone(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has taken it back, which it does when it is closed
        return True


def _told(error: Exception) -> str:
    return str(error).strip() or type(error).__name__
