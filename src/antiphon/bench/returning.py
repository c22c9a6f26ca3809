"""A call that is taken up again after its connection broke, as the page does it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from antiphon.bench.caller import Caller
from antiphon.bench.line import open_line
from antiphon.wire import native


@asynccontextmanager
async def returned(url: str, before: Caller) -> AsyncIterator[Caller]:
    """The call of `before`, on a connection of its own: the server goes on from what was heard on the other one.

    Over the single WebSocket alone. Raises SetupError, and CallerError where the session cannot be gone on with.
    """
    turn = max((stretch.turn for stretch in before.loudspeaker.heard), default=0)
    line = await open_line(url)
    hello = native.Hello(
        before.ready.agent,
        client="antiphon caller",
        greet=False,
        session=before.ready.session,
        resume=before.ready.resume,
        played_turn=turn,
        played_samples=before.loudspeaker.played(turn),
    )
    try:
        async with Caller(line, hello) as caller:
            yield caller
    finally:
        await line.close()
