"""Callers whom a process before this one left in the middle of a call: they may be back at any moment."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from antiphon.core.phases import Phase
from antiphon.core.records import SERVICE, SessionRecord, StoreUnavailable
from antiphon.hosts.stage import Stage
from antiphon.session.session import Session

COME_BACK = 1.0
"Seconds such callers have before all else is loaded: their silence lasts, others have not called yet."
LEFT_WITHIN = timedelta(seconds=60)
"How long ago something was last written of a session whose caller may still come back."
LOOK_EVERY = 0.02


async def heard_again(stage: Stage, within: float = COME_BACK) -> None:
    """Those callers are back and hear the agent, or `within` seconds are over. At once when there are none."""
    with suppress(TimeoutError, StoreUnavailable):
        async with asyncio.timeout(within):
            left = [record.id for record in await _left(stage)]
            while not all(id in stage.sessions and _is_settled(stage.sessions[id]) for id in left):  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(LOOK_EVERY)


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


def _is_settled(session: Session) -> bool:
    """What the session says was heard, or it has nothing to say. It has been told that its caller is back."""
    conversation = session.conversation
    return conversation.phase in (Phase.IDLE, Phase.LISTENING) or conversation.playout.played_samples > 0
