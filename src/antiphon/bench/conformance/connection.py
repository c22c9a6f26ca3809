"""One connection to the server that is checked: what is sent, what came, and what is awaited."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlencode

import websockets

from antiphon.bench.conformance.expecting import Unmet
from antiphon.bench.conformance.strictness import faults
from antiphon.core.audio import Pcm
from antiphon.wire import openai_realtime as rt

E = TypeVar("E")
RATE = 24_000
"Hz of the only PCM that the protocol knows."
PIECE_S = 0.04
FASTER = 8.0
"So many times faster than it was spoken sound is sent: servers take it, and checks are over sooner."
PAUSE_S = 1.6
"Silence behind what was said: with it every server takes the turn to be over."


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is, how it is spoken to, and what is said to it."""

    url: str
    "Of the endpoint: ws://…/v1/realtime"
    key: str
    model: str
    question: Pcm
    "Spoken, at `RATE`."
    within_s: float = 20.0
    "Seconds an event may take to come."
    seen: list[Connection] = field(default_factory=list)
    "Every connection that was opened."

    @asynccontextmanager
    async def connect(self, *, key: str = "", **query: str) -> AsyncIterator[Connection]:
        """A connection, with its first event read. `query` takes the place of the model."""
        address = f"{self.url}?{urlencode(query or {'model': self.model})}"
        headers = {"Authorization": f"Bearer {key or self.key}"}
        async with websockets.connect(
            address, additional_headers=headers, max_size=None, max_queue=None, close_timeout=2.0
        ) as socket:
            connection = Connection(socket, self.within_s)
            self.seen.append(connection)
            await connection.until(rt.SessionCreated)
            yield connection

    @property
    def http(self) -> str:
        """The same address for requests."""
        return "http" + self.url.removeprefix("ws")


class Socket(Protocol):
    """On which events come and go."""

    async def send(self, text: str, /) -> None: ...
    async def recv(self) -> str | bytes:
        """Raises websockets.ConnectionClosed."""
        ...


class Connection:
    """Reads every event strictly; faults are kept, and told by an audit."""

    def __init__(self, socket: Socket, within_s: float) -> None:
        self.socket = socket
        self.texts: list[str] = []
        self.events: list[rt.ServerEvent | rt.UnknownEvent | None] = []
        "In the same order; None for one that cannot be read."
        self.faults: list[str] = []
        self._codec = rt.ClientSide()
        self._within_s = within_s
        self._sent = 0

    # ---- out -----------------------------------------------------------------------------------------------
    async def send(self, *events: rt.ClientEvent) -> None:
        for event in events:
            await self.socket.send(self._codec.encode(event))

    async def send_raw(self, event: dict[str, object] | str) -> None:
        """As it stands, whatever it is."""
        await self.socket.send(event if isinstance(event, str) else json.dumps(event))

    async def say(
        self, sound: Pcm, *, pause_s: float = PAUSE_S, form: Callable[[bytes], bytes] = bytes
    ) -> None:
        """`sound`, and silence behind it, is appended; `form` makes the session's format of it."""
        data = sound.data + bytes(round(pause_s * sound.rate) * 2)
        size = round(PIECE_S * sound.rate) * 2
        for at in range(0, len(data), size):
            await self.send(rt.AppendAudio(form(data[at : at + size])))
            await asyncio.sleep(PIECE_S / FASTER)

    async def write(self, text: str, id: str | None = None) -> None:
        """A line of the user's."""
        await self.send(rt.CreateItem(rt.Message(id=id, role="user", content=(rt.InputText(text),))))

    async def ask(self, text: str, params: rt.ResponseParams | None = None) -> None:
        """A line of the user's, and a response is wanted."""
        await self.write(text)
        await self.send(rt.CreateResponse(params))

    async def update(self, **session: object) -> dict[str, Any]:
        """The session is updated; what the server says of it now, as it was sent."""
        await self.send_raw({"type": "session.update", "session": {"type": "realtime", **session}})
        await self.until(rt.SessionUpdated)
        return self.raw()["session"]  # type: ignore[no-any-return]

    # ---- in ------------------------------------------------------------------------------------------------
    async def until(self, kind: type[E], is_it: Callable[[E], bool] = lambda event: True) -> E:
        """The next event of that kind that `is_it`. Raises Unmet when none comes, or an error comes before."""
        before = len(self.events)
        try:
            async with asyncio.timeout(self._within_s):
                while True:
                    event = await self._next()
                    if isinstance(event, kind) and is_it(event):
                        return event
                    if isinstance(event, rt.ErrorEvent):
                        raise Unmet(f"an error came: {event.error.code}: {event.error.message[:120]}")
        except TimeoutError:
            pass
        except websockets.ConnectionClosed as closed:
            raise Unmet(f"the connection was closed ({closed.rcvd.code if closed.rcvd else 1006})") from None
        name = getattr(kind, "type", None) or getattr(kind, "__name__", "it")
        came = ", ".join(dict.fromkeys(self.types(before))) or "nothing"
        raise Unmet(f"no {name} within {self._within_s:g} s; what came: {came[:200]}")

    async def error(self) -> rt.Problem:
        """The next event that is an error."""
        return (await self.until(rt.ErrorEvent)).error

    async def settled(self, seconds: float = 0.4) -> None:
        """Everything that came was read, until nothing came for so many seconds."""
        try:
            while True:
                async with asyncio.timeout(seconds):
                    await self._next()
        except TimeoutError:
            return
        except websockets.ConnectionClosed as closed:
            raise Unmet(f"the connection was closed ({closed.rcvd.code if closed.rcvd else 1006})") from None

    async def _next(self) -> rt.ServerEvent | rt.UnknownEvent | None:
        data = await self.socket.recv()
        text = data if isinstance(data, str) else data.decode(errors="replace")
        self.faults += faults(data)
        self.texts.append(text)
        try:
            event = self._codec.decode(text)
        except rt.EventRefused:
            event = None
        self.events.append(event)
        return event

    # ---- what came -----------------------------------------------------------------------------------------
    def mark(self) -> int:
        """Where we are among the events."""
        return len(self.events)

    def of(self, kind: type[E], since: int = 0) -> list[E]:
        return [event for event in self.events[since:] if isinstance(event, kind)]

    def types(self, since: int = 0) -> list[str]:
        return [event.type if event is not None else "?" for event in self.events[since:]]

    def raw(self, place: int = -1) -> dict[str, Any]:
        """An event as it was sent; the last one, if no other is named."""
        return cast(dict[str, Any], json.loads(self.texts[place]))

    def has_order(self, kinds: Sequence[type[rt.ServerEvent]], since: int = 0) -> None:
        """Raises Unmet unless events of these kinds came, in this order."""
        at = since
        for kind in kinds:
            places = [n for n, event in enumerate(self.events) if n >= at and isinstance(event, kind)]
            if not places:
                came_at_all = any(isinstance(event, kind) for event in self.events[since:])
                raise Unmet(f"{kind.type} {'came too early' if came_at_all else 'did not come'}")
            at = places[0] + 1
