"""What is kept, for the command line: the store, and the journals beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from antiphon.config import Settings
from antiphon.core.errors import CallerError, SetupError
from antiphon.core.records import SERVICE
from antiphon.hosts.erasing import journal_file
from antiphon.hosts.keeping import Say, bare_errors, kept
from antiphon.hosts.security.tokens import SESSION
from antiphon.ports import Records
from antiphon.session.journal import Entry, Header, decode_entry, decode_header, read


@asynccontextmanager
async def archive(settings: Settings, say: Say = lambda what, done, total: None) -> AsyncIterator[Records]:
    """The store, open. Raises SetupError."""
    async with bare_errors(), kept(settings, say) as records:
        if records is None:
            raise SetupError("no sessions are kept: ANTIPHON_STORE is off; set it to postgres")
        yield records


def conversation(settings: Settings, name: str) -> tuple[Header, list[Entry]]:
    """The journal that `name` is: a file, or the id of a session. Raises CallerError, SetupError.

    Not to be called from an event loop: it may start one for the store.
    """
    path = Path(name)
    if not path.exists() and SESSION.fullmatch(name) and settings.store == "off":
        path = journal_file(settings.data, name)
    if path.exists():
        header, entries = read(path)
        return header, list(entries)
    if not SESSION.fullmatch(name) or settings.store == "off":
        raise CallerError(
            f"{name} is neither a file nor the id of a session that is kept; `antiphon sessions` lists those, "
            f"and journals lie in {settings.data / 'journals'}"
        )
    lines = asyncio.run(_lines(settings, name))
    if not lines:
        raise CallerError(f"nothing is left of {name}: it was erased")
    return decode_header(lines[0], name), [decode_entry(line) for line in lines[1:]]


async def _lines(settings: Settings, session: str) -> list[str]:
    async with archive(settings) as records:
        try:
            return [line async for line in records.entries(SERVICE, session)]
        except CallerError as error:
            raise CallerError(
                f"{error}; `antiphon sessions` lists those there are", code=error.code
            ) from None
