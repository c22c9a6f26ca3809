"""The store that the settings name, open and running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog

from antiphon.config import Settings
from antiphon.core.errors import AntiphonError, first_cause
from antiphon.ports import Records
from antiphon.store.opening import open_records

log = structlog.get_logger(__name__)

Say = Callable[[str, int, int], None]
"Called as (what is being done, how much of it is done, how much there is)."


@asynccontextmanager
async def bare_errors() -> AsyncIterator[None]:
    """An error of ours that is the first of its group is raised by itself."""
    try:
        yield
    except BaseExceptionGroup as group:
        if isinstance(error := first_cause(group), AntiphonError):
            raise error from None
        raise


@asynccontextmanager
async def kept(settings: Settings, say: Say) -> AsyncIterator[Records | None]:
    """Where sessions are kept, running; None when they are not to be."""
    if settings.store == "off":
        yield None
        return
    say("opening the store", 0, 1)
    opening = open_records(
        settings.data / "postgres",
        settings.database_url.get_secret_value(),
        settings.database_direct_url.get_secret_value(),
        node=settings.node,
        say=lambda text: say(text, 0, 1),
    )
    async with running(opening) as records:
        yield records


@asynccontextmanager
async def running(opening: AbstractAsyncContextManager[Records]) -> AsyncIterator[Records]:
    """The records that are being opened, running. In the end everything is written."""
    async with opening as records, asyncio.TaskGroup() as tasks:
        task = tasks.create_task(records.run(), name="store: run")
        try:
            yield records
        finally:
            if not await records.flush():
                log.error("what was not kept is lost", entries=records.waiting, why=records.away)
            task.cancel()
