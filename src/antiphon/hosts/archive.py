"""What is kept, for the command line: the store, and the journals beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from antiphon.config import Settings
from antiphon.core.errors import CallerError, SetupError
from antiphon.core.records import SERVICE
from antiphon.hosts.erasing import journal_file
from antiphon.hosts.opening import Say, kept
from antiphon.hosts.security.tokens import SESSION
from antiphon.ports import Records
from antiphon.session.journal import Entry, Header, decode_entry, decode_header, read


@asynccontextmanager
async def archive(settings: Settings, say: Say = lambda what, done, total: None) -> AsyncIterator[Records]:
    """The store, open. Raises SetupError."""
    async with kept(settings, say) as records:
        if records is None:
            raise SetupError("no sessions are kept: ANTIPHON_STORE is off; set it to postgres")
        yield records


async def conversation(settings: Settings, name: str) -> tuple[Header, list[Entry]]:
    """The journal that `name` is: a file, or the id of a session. Raises CallerError, SetupError."""
    path = Path(name)
    if path.exists():
        header, entries = read(path)
        return header, list(entries)
    if not SESSION.fullmatch(name):
        raise CallerError(
            f"{name} is neither a file nor the id of a session; `antiphon sessions` lists them, and journal "
            f"files lie in {settings.data / 'journals'}"
        )
    if settings.store == "off":
        if not (path := journal_file(settings.data, name)).exists():
            raise CallerError(f"there is no journal {path}, and ANTIPHON_STORE is off")
        header, entries = read(path)
        return header, list(entries)
    async with archive(settings) as records:
        lines = [line async for line in records.entries(SERVICE, name)]
    if not lines:
        raise CallerError(f"nothing is left of {name}: it was erased, or is empty")
    return decode_header(lines[0], name), [decode_entry(line) for line in lines[1:]]
