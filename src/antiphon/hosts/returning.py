"""Callers whom a process before this one left in the middle of a call: they may be back at any moment."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from antiphon.core import events as e
from antiphon.core.notes import Note, SoundSent
from antiphon.core.phases import Phase
from antiphon.core.records import SERVICE, SessionRecord, StoreUnavailable
from antiphon.hosts.stage import Stage
from antiphon.session.session import Session

COME_BACK = 1.0
"Seconds such callers have before all else is loaded: their silence lasts, others have not called yet."
LEFT_WITHIN = timedelta(seconds=60)
"How long ago something was last written of a session whose caller may still come back."
LOOK_EVERY = 0.02


async def heard_again(stage: Stage) -> None:
    """Those callers are back and hear the agent, or have had `COME_BACK` seconds. At once when there are none."""
    with suppress(TimeoutError, StoreUnavailable):
        async with asyncio.timeout(COME_BACK):
            left = {record.id for record in await _left(stage)}
            quiet: dict[str, asyncio.Event] = {}
            while left:
                for id in left & stage.sessions.keys():
                    left.discard(id)
                    quiet[id] = _first_sound(stage.sessions[id])
                await asyncio.sleep(LOOK_EVERY)
            for sound in quiet.values():
                await sound.wait()


async def _left(stage: Stage) -> list[SessionRecord]:
    """Sessions that were held on this machine, not by us, when their process vanished."""
    if stage.records is None:
        return []
    page = await stage.records.list(SERVICE, status="live", limit=500)
    ours, since = stage.settings.node or socket.gethostname(), datetime.now(UTC) - LEFT_WITHIN
    return [
        record
        for record in page.sessions
        if record.seen_at > since and ours in (record.node, record.node.rpartition("-")[0])
    ]


def _first_sound(session: Session) -> asyncio.Event:
    """Set once the session has been heard; at once when there is nothing that it would say."""
    heard = asyncio.Event()
    if session.conversation.phase in (Phase.IDLE, Phase.LISTENING):
        heard.set()

    def note(_: float, item: e.Event | e.Command | Note) -> None:
        if isinstance(item, SoundSent):
            heard.set()

    session.watchers.append(note)
    return heard
