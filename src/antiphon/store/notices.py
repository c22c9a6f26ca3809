"""Hands out news of changes to everyone who watches, over one listening connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator

import structlog

from antiphon.core.errors import CallerError
from antiphon.core.records import Change, Standing, Viewer
from antiphon.store.database import Database

CHANNEL = "app_changes"
MOST = 1000
"Changes that wait for one watcher; more are replaced by the word that everything may have changed."

log = structlog.get_logger()


class Notices:
    """What changed, told to watchers. Nothing is lost: where something may have been, they are told so."""

    def __init__(self) -> None:
        self._watchers: set[_Watcher] = set()

    async def run(self, database: Database) -> None:
        """Listens until cancelled."""
        async for payload in database.listen(CHANNEL):
            if payload is None:
                self.missed()
                continue
            try:
                told = json.loads(payload)
                change = Change(str(told["table"]), str(told["id"]), str(told["session"]))
                tenant = str(told["tenant"])
            except (ValueError, KeyError, TypeError) as error:
                log.error("not a notice of ours", payload=payload[:200], error=repr(error))
                continue
            self.tell(change, tenant)

    def tell(self, change: Change, tenant: str) -> None:
        """Who watches this tenant learns of the change."""
        for watcher in self._watchers:
            if watcher.viewer.standing is Standing.SERVICE or watcher.viewer.tenant == tenant:
                watcher.tell(change)

    def missed(self) -> None:
        """Everyone is told to read all again."""
        for watcher in self._watchers:
            watcher.tell(Change())

    async def watch(self, viewer: Viewer) -> AsyncGenerator[Change, None]:
        """Changes for this viewer, first of all the word to read everything."""
        if viewer.standing is Standing.CALLER:
            raise CallerError("only supervisors may watch", code="forbidden")
        watcher = _Watcher(viewer)
        self._watchers.add(watcher)
        try:
            while True:
                yield await watcher.next()
        finally:
            self._watchers.discard(watcher)


class _Watcher:
    """One reader's changes, each waiting once however often it happened."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self._waiting: dict[Change, None] = {Change(): None}
        self._told = asyncio.Event()
        self._told.set()

    def tell(self, change: Change) -> None:
        if not change.id or len(self._waiting) >= MOST:
            self._waiting = {Change(): None}
        elif Change() not in self._waiting:
            self._waiting[change] = None
        self._told.set()

    async def next(self) -> Change:
        await self._told.wait()
        change = next(iter(self._waiting))
        del self._waiting[change]
        if not self._waiting:
            self._told.clear()
        return change
