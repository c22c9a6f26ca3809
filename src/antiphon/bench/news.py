"""The news of a session, as its server streams them: what a caller by any protocol can learn of the call besides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from urllib.parse import quote

from antiphon.bench.site import Answer, Site
from antiphon.core.errors import CallerError
from antiphon.wire import native

ANSWER_WITHIN_S = 3.0
"Seconds a server has to say whether it has news."
STREAM = "text/event-stream"


class NewsReader:
    """Server-sent events whose data are messages of `wire.native`."""

    def __init__(self, answer: Answer) -> None:
        self._data = answer.data()

    async def next(self) -> native.ServerMessage | None:
        """The next message; None when the stream has ended. Messages of other kinds are passed over."""
        with suppress(OSError):
            async for data in self._data:
                with suppress(CallerError):
                    return native.decode_server(data)
        return None


@asynccontextmanager
async def news_of(url: str, session: str, key: str = "") -> AsyncIterator[NewsReader | None]:
    """The news of that session at the server with the address `url`, or None where there are none to be had."""
    path = f"/api/sessions/{quote(session, safe='')}/news"
    found: NewsReader | None = None
    async with AsyncExitStack() as stack:
        with suppress(OSError):
            asking = Site(url, key).ask("GET", path, within_s=ANSWER_WITHIN_S)
            answer = await stack.enter_async_context(asking)
            if answer.status == 200 and answer.headers.get("content-type", "").startswith(STREAM):
                found = NewsReader(answer)
        yield found
