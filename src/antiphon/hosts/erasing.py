"""Forgetting: what a person said is gone from the store and from the files beside it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from antiphon.core.records import Erased, Viewer
from antiphon.ports import Records
from antiphon.store.duels import Duels

AT_ONCE = 200
"Sessions listed at a time."


async def erase_person(records: Records, tenant: str, user: str, home: Path) -> Erased:
    """Nothing of that person is left in the store, nor in journal files and duels under this machine's `home`.

    Raises CallerError without a user; StoreUnavailable, and then it is to be done again.
    """
    theirs, before = [], ""
    if user:
        while True:
            page = await records.list(Viewer(user, tenant), before=before, limit=AT_ONCE)
            theirs += [record.id for record in page.sessions if record.owner == user]
            before = page.next
            if not before:
                break
        await asyncio.to_thread(Duels(home).erase, tenant, user)
    files = [journal_file(home, id) for id in theirs]
    await asyncio.to_thread(
        _remove, files
    )  # first: once the store has forgotten, nobody knows whose they are
    erased = await records.erase(tenant, user)
    await asyncio.to_thread(_remove, files)  # a session that was taken up in between is fenced now
    return erased


async def prune_journals(home: Path, older_than_s: float) -> int:
    """Journal files that nothing was written to for so many seconds are gone. Returns how many."""
    since = time.time() - older_than_s

    def old() -> list[Path]:
        return [path for path in (home / "journals").glob("*.jsonl") if path.stat().st_mtime < since]

    files = await asyncio.to_thread(old)
    await asyncio.to_thread(_remove, files)
    return len(files)


def journal_file(home: Path, session: str) -> Path:
    """Where the journal of that session is on this machine, if it is."""
    return home / "journals" / f"{session}.jsonl"


def _remove(files: list[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)
