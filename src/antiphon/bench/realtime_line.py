"""A caller's line over OpenAI's Realtime protocol: the caller speaks as to `/orchestrate`, and is spoken to so.

    async with call_realtime("http://127.0.0.1:8700", agent="tutor") as caller:
        ...

Any server of the protocol will do. The player is the caller's own: nothing is acknowledged, and where the user speaks
over the agent it stops, and the server is told where.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import quote, urlsplit, urlunsplit

from antiphon.bench.caller import Caller
from antiphon.bench.headset import Loudspeaker
from antiphon.bench.interpreter import Interpreter, Told
from antiphon.bench.line import CallDropped, Inbox, WebSocketLine, connected
from antiphon.bench.news import NewsReader, news_of
from antiphon.core.errors import CallerError
from antiphon.wire import native
from antiphon.wire import openai_realtime as rt

RATE = 24_000
"Hz of the only PCM that the protocol knows."
FIRST_WITHIN_S = 10.0
"Seconds a server has for its first event."
BIND_WITHIN_S = 0.25
"Seconds that sound waits for the news to tell what turn it is of."
NEWS_LATE_S = 0.05
"Seconds by which news may come later than sound that left the server after them: they come by another connection."
WORDS = "whisper-1"
"What makes out the user's words where nothing else tells them: all models of OpenAI's take it."
MAX_EVENT = 16 << 20
"Bytes of one event."


class RealtimeLine(ABC):
    """A `Line` that is open: the server has told what it is. Events go and come as subclasses have it."""

    rate = RATE
    plays = True
    "Sound comes in events."

    def __init__(self, agent: str, first: str) -> None:
        """`first`: the server's first event."""
        self._agent = agent
        self._codec = rt.ClientSide(longest=MAX_EVENT)
        self._came = Inbox()
        self._interpreter = Interpreter(has_news=False, rate=self.rate, plays=self.plays)
        self.loudspeaker: Loudspeaker | None = None
        self.session = session_in(first)
        "What the server calls it."
        self._has_news = False
        self.is_judged = False
        "The server is asked to judge what is said over its voice; by itself it stops at any voice."

    # ---- of the way ----------------------------------------------------------------------------------------
    @abstractmethod
    async def _send_event(self, text: str) -> None:
        """The event is on its way. Raises CallDropped."""

    @abstractmethod
    async def _send_sound(self, data: bytes) -> None:
        """The sound, PCM16 at `rate`, is on its way. Raises CallDropped."""

    @abstractmethod
    async def close(self) -> None:
        """Nothing more will be sent or received. Never fails."""

    @abstractmethod
    def abort(self) -> None:
        """The connection is gone without a word, as when a network is."""

    @abstractmethod
    def _heard(self, event: rt.ServerEvent | rt.UnknownEvent) -> None:
        """The caller was told the event."""

    # ---- the caller's end ----------------------------------------------------------------------------------
    async def send(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            await self._send_sound(message)
            return
        match native.decode_client(message):
            case native.Hello() as hello:
                await self._greet(hello)
            case native.TypedText(text):
                content = (rt.InputText(text),)
                await self._act(rt.CreateItem(rt.Message(role="user", content=content)), rt.CreateResponse())
            case native.Interrupt():
                await self._act(rt.CancelResponse() if self.plays else rt.ClearPlayback())
            case native.PlayedAck(turn, samples, True):
                cut, told = self._interpreter.stopped(turn, samples)
                self._tell(told)
                if cut is not None:
                    await self._act(cut)
            case native.Bye():
                await self.close()
                self.gone(CallDropped(1000, "bye"))
            case native.Ping() | native.AskPerson() as other:
                raise CallerError(f"OpenAI's protocol has no word for {other.type!r}", code="no_such_word")
            case _:
                pass  # what was played is not asked here

    async def receive(self) -> str | bytes:
        return await self._came.next()

    async def _greet(self, hello: native.Hello) -> None:
        ready = native.Ready(self.session, self._agent, rate=self.rate, play_rate=self.rate)
        self._came.put(native.encode(ready))
        wishes: dict[str, object] = {}
        if not self._has_news:
            wishes["transcription"] = rt.Patch(rt.Transcription, {"model": WORDS})
        if self.is_judged:
            wishes["turn_detection"] = rt.SemanticVad()
        if wishes:
            audio = rt.Patch(rt.Audio, {"input": rt.Patch(rt.AudioInput, wishes)})
            await self._act(rt.UpdateSession(rt.Patch(rt.Session, {"audio": audio})))
        if hello.greet:
            await self._act(rt.CreateResponse())

    async def _act(self, *events: rt.ClientEvent) -> None:
        for event in events:
            await self._send_event(self._codec.encode(event))

    # ---- the server's end ----------------------------------------------------------------------------------
    def take(self, text: str) -> None:
        """The server's event has its effect on the caller."""
        self._take(text)
        if self._interpreter.is_waiting:
            asyncio.get_running_loop().call_later(BIND_WITHIN_S, self._settle)

    def _take(self, text: str) -> None:
        try:
            event = self._codec.decode(text)
        except rt.EventRefused:
            return  # a caller can do without; `antiphon conformance` finds fault with it
        self._tell(self._interpreter.event(event))
        self._heard(event)

    def _settle(self) -> None:
        self._tell(self._interpreter.settle())

    def gone(self, why: CallDropped) -> None:
        """The call is over; what came before is still received."""
        self._came.gone(why)

    async def follow(self, news: NewsReader | None) -> None:
        """The caller is told the news, where there are any, until they end."""
        while news is not None and (message := await news.next()) is not None:
            self._tell(self._interpreter.news(message))

    def _tell(self, told: list[Told]) -> None:
        for one in told:
            if isinstance(one, native.AudioFrame):
                self._came.put(native.encode_audio(one))
            else:
                self._came.put(native.encode(one))

    def interpret(self, *, has_news: bool) -> None:
        """What the server says is told to the caller beside its news, or in their place."""
        self._has_news = has_news
        self._interpreter = Interpreter(
            has_news=has_news, rate=self.rate, plays=self.plays, is_unheard=self._is_unheard
        )

    def _is_unheard(self, turn: int) -> bool:
        speaker = self.loudspeaker
        return speaker is not None and speaker.received(turn) > speaker.played(turn)

    def plug_in(self, ready: native.Ready, clock: Callable[[], float]) -> Loudspeaker:
        """The loudspeaker of the caller, which the line looks at."""
        self.loudspeaker = Loudspeaker(ready.play_rate)
        return self.loudspeaker


class SocketLine(RealtimeLine):
    """The protocol over a WebSocket, sound included."""

    def __init__(self, agent: str, first: str, socket: WebSocketLine) -> None:
        super().__init__(agent, first)
        self._socket = socket

    async def run(self) -> None:
        """Everything the server sends has its effect, until the connection ends."""
        try:
            while True:
                text = await self._socket.receive()
                self.take(text if isinstance(text, str) else text.decode(errors="replace"))
        except CallDropped as dropped:
            self.gone(dropped)

    def _heard(self, event: rt.ServerEvent | rt.UnknownEvent) -> None:
        """Nothing is left to do."""

    async def _send_event(self, text: str) -> None:
        await self._socket.send(text)

    async def _send_sound(self, data: bytes) -> None:
        await self._act(rt.AppendAudio(data))

    async def close(self) -> None:
        await self._socket.close()

    def abort(self) -> None:
        self._socket.abort()


@asynccontextmanager
async def call_realtime(
    url: str, *, agent: str = "tutor", greet: bool = False, key: str = "", is_judged: bool = False
) -> AsyncIterator[Caller]:
    """A call to the server at `url` by the protocol over a WebSocket. Raises SetupError, CallerError.

    `is_judged`: with turns by `semantic_vad`; else as the server has it, which is `server_vad`.
    """
    address = f"{realtime_url(url, 'ws')}?model={quote(agent, safe='')}"
    socket = await connected(address, key, max_size=MAX_EVENT)
    try:
        line = SocketLine(agent, await first_event(socket.receive()), socket)
        line.is_judged = is_judged
        async with speaking(line, line.run, address, greet=greet, key=key) as caller:
            yield caller
    finally:
        await socket.close()


async def first_event(coming: Awaitable[str | bytes]) -> str:
    """The event that opens the session. Raises CallerError for a server that says another, or nothing."""
    try:
        async with asyncio.timeout(FIRST_WITHIN_S):
            first = await coming
    except (CallDropped, TimeoutError) as error:
        raise refused(str(error) or "it says nothing") from None
    try:
        told = json.loads(first)
        kind = told["type"]
        if kind == "error":
            raise refused(str(told["error"]["message"]))
    except (ValueError, KeyError, TypeError):
        raise refused("what it says first cannot be read") from None
    if kind != "session.created":
        raise refused(f"it begins with {kind}")
    return first if isinstance(first, str) else first.decode()


def refused(why: str) -> CallerError:
    return CallerError(f"the server did not take the call: {why}", code="refused")


@asynccontextmanager
async def speaking(
    line: RealtimeLine,
    run: Callable[[], Coroutine[None, None, None]],
    url: str,
    *,
    greet: bool,
    key: str,
    frame_s: float = native.FRAME_SECONDS,
) -> AsyncIterator[Caller]:
    """The caller at the line, which `run` keeps going; and the news of the session, where the server has any."""
    async with news_of(url, line.session, key) as news:
        line.interpret(has_news=news is not None)
        errands: list[Callable[[], Coroutine[None, None, None]]] = [run]
        if news is not None:
            errands.append(partial(line.follow, news))
        async with Caller(
            line,
            native.Hello(greet=greet),
            frame_s=frame_s,
            player=line.plug_in,
            errands=errands,
            news_late_s=NEWS_LATE_S,
            tells_routes=news is not None,
        ) as caller:
            yield caller


def session_in(first: str) -> str:
    """The session's id in the event that opened it; empty where it has none."""
    session = json.loads(first).get("session")
    return str(session.get("id") or "") if isinstance(session, dict) else ""


def realtime_url(url: str, scheme: str, below: str = "") -> str:
    """`url` as the address of the protocol, `scheme` being ws or http; a missing path is /v1/realtime."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in ("http", "https", "ws", "wss") or not parts.netloc:
        raise CallerError(f"{url!r} is no address of a server; say http://host:port", field="url")
    path = parts.path.rstrip("/") or "/v1"
    if not path.endswith("/realtime"):
        path += "/realtime"
    secure = "s" if parts.scheme in ("https", "wss") else ""
    return urlunsplit((scheme + secure, parts.netloc, path + below, "", ""))
