"""`GET /api/sessions/{id}/news`: all that a screen is told of a call, however that is held, for whoever may know.

`NewsStream` is the answer; another route, with a lock of its own and more to tell, gives it likewise.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError
from antiphon.core.notes import Note
from antiphon.hosts.security.gate import Gate
from antiphon.hosts.security.people import Act
from antiphon.hosts.security.tokens import Purpose
from antiphon.hosts.stage import Stage
from antiphon.session.session import Session
from antiphon.wire import native
from antiphon.wire.news import News, past

log = structlog.get_logger(__name__)

BEAT_SECONDS = 10.0
"Something is sent at least so often, so that proxies keep the stream open."
MAX_WAITING = 500
"Messages waiting to be sent before a reader counts as one that never reads: some minutes of a lively call."
END_WITHIN = 1.0
"Seconds a reader has to take the last of it."

Post = Callable[[str], None]
"Takes one JSON message. Never blocks."
Leave = Callable[[], None]


def nothing_more(post: Post) -> Leave:
    """What is told besides the news of the session: nothing."""
    return lambda: None


class NewsStream(Response):
    """Server-sent events: each `data:` line one message of `wire.native`, from the lines so far on, until the session
    leaves this server or the reader goes. A reader who does not read is dropped."""

    media_type = "text/event-stream"

    def __init__(
        self,
        session: Session,
        more: Callable[[Post], Leave] = nothing_more,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        """`more` is given what takes further messages, in their order among the news, and returns what ends that."""
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._session = session
        self._more = more
        self._beat_seconds = beat_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Returns when the session or the reader has left."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        session, reader = self._session, _Reader(self._session)
        session.transport.onlookers.append(reader)
        leave = self._more(reader.post)
        try:
            async with asyncio.TaskGroup() as tasks:
                waits = [
                    tasks.create_task(session.ended.wait(), name="news: call's end"),
                    tasks.create_task(_gone(receive), name="news: reader's end"),
                    tasks.create_task(reader.is_lost.wait(), name="news: too slow"),
                    tasks.create_task(self._tell(reader, send), name="news: tell"),
                ]
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for task in waits:
                    task.cancel()
        finally:
            leave()
            session.transport.onlookers.remove(reader)
        if reader.is_lost.is_set():
            log.info("a reader of news does not read", session=session.id)
        elif session.ended.is_set():
            if session.conversation.is_over:
                reader.post(native.encode(native.Ended("the call is over")))
            with suppress(TimeoutError):
                async with asyncio.timeout(END_WITHIN):
                    await send({"type": "http.response.body", "body": reader.due()})

    async def _tell(self, reader: _Reader, send: Send) -> None:
        while True:
            body = reader.due()
            if body:
                await send({"type": "http.response.body", "body": body, "more_body": True})
                continue
            try:
                async with asyncio.timeout(self._beat_seconds):
                    await reader.has_more.wait()
            except TimeoutError:
                beat = b": still here\n\n"
                await send({"type": "http.response.body", "body": beat, "more_body": True})


class _Reader:
    """An onlooker who is told and hears nothing."""

    def __init__(self, session: Session) -> None:
        self.has_more = asyncio.Event()
        self.is_lost = asyncio.Event()
        self._waiting: deque[str] = deque()
        self._most = math.inf
        self._news = News(session.conversation.turn)
        for line in session.transcript:
            self._tell(past(line))
        conversation = session.conversation
        self._tell(native.PhaseIs(conversation.phase.value, conversation.turn))
        self._most = (
            len(self._waiting) + MAX_WAITING
        )  # much that was said before is no sign that nobody reads

    def post(self, text: str) -> None:
        """The message will be sent after those before it."""
        if len(self._waiting) >= self._most:
            self.is_lost.set()
            return
        self._waiting.append(text)
        self.has_more.set()

    def due(self) -> bytes:
        """All that waits, as it is sent; nothing waits any more."""
        body = "".join(f"data: {text}\n\n" for text in self._waiting)
        self._waiting.clear()
        self.has_more.clear()
        return body.encode()

    def show(self, news: e.Event | e.Command | Note) -> None:
        if (message := self._news.shown(news)) is not None:
            self._tell(message)

    def hold(self, turn: e.TurnId) -> None:
        self._tell(native.Hold(turn))

    def resume(self, turn: e.TurnId) -> None:
        self._tell(native.Resume(turn))

    def clear(self, turn: e.TurnId) -> None:
        self._tell(native.Clear(turn))

    def caller_said(self, pcm: Pcm) -> None:
        """Nothing is told of sound."""

    def agent_said(self, turn: e.TurnId, sentence: int, pcm: Pcm) -> None:
        """Likewise."""

    def person_said(self, pcm: Pcm) -> None:
        """Likewise."""

    def _tell(self, message: native.ServerMessage) -> None:
        self.post(native.encode(message))


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def news(id: str, request: Request, stage: Stage, gate: Gate) -> NewsStream:
    """The news of the session, for its owner and the supervisors of its tenant. Raises CallerError."""
    await _check(id, request, gate)
    if (session := stage.sessions.get(id)) is None:
        raise CallerError("this session is not on air here", field="session", code="unknown_session")
    return NewsStream(session)


async def _check(id: str, request: Request, gate: Gate) -> None:
    """Whoever asks may read of that session. Raises CallerError.

    They show what opened the call: a program its API key, which is no token, or else a token or a cookie.
    """
    if not _shows_key(request, gate):
        await gate.allowed(request, Act.READ, id)
        return
    person, owner = await gate.program(request, takes_secrets=False), await gate.owner_of(id)
    if owner is None or not person.may(Act.READ, tenant=owner.tenant, owner=owner.person):
        raise CallerError("there is no such session", field="session", code="unknown_session")


def _shows_key(request: Request, gate: Gate) -> bool:
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return False
    try:
        return gate.tokens.purpose(shown.strip()) is not Purpose.SIGN_IN
    except CallerError:
        return True
