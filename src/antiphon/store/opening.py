"""Opens the store that the settings name: an embedded Postgres, or the server of DATABASE_URL."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from antiphon.store.database import Database, Say
from antiphon.store.embedded import Embedded
from antiphon.store.migrate import migrate
from antiphon.store.records import PostgresRecords


@asynccontextmanager
async def open_records(
    home: Path, url: str = "", direct_url: str = "", *, node: str = "", say: Say = lambda text: None
) -> AsyncIterator[PostgresRecords]:
    """The records, their tables up to date; whoever enters must keep `run` running. Raises SetupError.

    Without `url` the database is the embedded one in `home`. `node` names this process to others; empty: the
    machine's name and a few letters of chance.
    """
    node = node or f"{socket.gethostname()}-{secrets.token_hex(3)}"
    async with AsyncExitStack() as stack:
        if url:
            database = await Database.open(url, direct_url, say=say)
        else:
            embedded = await stack.enter_async_context(Embedded(home, say=say))
            database = await Database.open(embedded.url, revive=embedded.revive, say=say)
        stack.push_async_callback(database.close)
        await migrate(database, say=say)
        yield PostgresRecords(database, node)
