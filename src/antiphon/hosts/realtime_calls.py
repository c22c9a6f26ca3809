"""`/v1/realtime/calls`: the same conversation by WebRTC, and whoever stands beside it by WebSocket."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from antiphon.core.errors import CallerError, ProviderError, SetupError
from antiphon.hosts.realtime_api import accept, converse, opened
from antiphon.hosts.realtime_door import admitted, parts, refused, session_of, turned_away
from antiphon.hosts.realtime_secrets import Seeds
from antiphon.hosts.security.gate import Entry, Gate
from antiphon.hosts.security.people import Person
from antiphon.hosts.stage import Stage
from antiphon.transports.realtime.call import RealtimeCall
from antiphon.transports.realtime.lines import LineGone, SocketLine
from antiphon.transports.realtime.peer import Peer, PeerVoice
from antiphon.wire import openai_realtime as rt

if TYPE_CHECKING:
    from antiphon.transports.realtime.peer_media import Media

log = structlog.get_logger(__name__)

CONNECT_WITHIN = 15.0
"Seconds from the answer to a connection; then the client is given up."
SESSION = "x-antiphon-session"
"The header that names the session of a call."
MAX_BESIDE = 4
"Connections beside one call."
MAX_UNSENT = 2000
"Events that may wait for one who reads along."

Answer = Callable[[str], Coroutine[Any, Any, Peer]]
"Makes of an SDP offer a client that is about to connect. Raises CallerError."


@dataclass
class OnAir:
    """One call by WebRTC."""

    id: str
    peer: Peer
    entry: Entry
    agent: str
    transport: RealtimeCall
    beside: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Calls:
    """The calls by WebRTC of this process. The task of the request that began one carries it on after its answer."""

    def __init__(
        self,
        stage: Stage,
        gate: Gate,
        seeds: Seeds,
        answer: Answer | None = None,
        connect_within: float = CONNECT_WITHIN,
    ) -> None:
        """`answer`: by default aiortc's, loaded when the first client comes."""
        self._stage = stage
        self._gate = gate
        self._seeds = seeds
        self._answer = answer
        self._connect_within = connect_within
        self._on: dict[str, OnAir] = {}
        self._connecting = 0

    # ---- over HTTP ---------------------------------------------------------------------------------------
    async def create(self, request: Request) -> Response:
        """The answer to an offer, with where the call can be found. The call itself follows it."""
        try:
            entry = await self._gate.admit_program(request)
            offer, patch = _offer(request.headers.get("content-type", ""), await request.body())
            session = session_of(request.query_params, self._seeds.unpack(entry.seed), patch)
            agent = await admitted(self._stage, session, request.query_params, self._connecting)
            self._connecting += 1
            try:
                peer = await self._answered(offer)
            finally:
                self._connecting -= 1
        except (CallerError, ProviderError) as error:
            return refused(error)
        voice = PeerVoice(peer.playout, lambda: peer.delay)
        transport = opened(self._gate, entry, peer.line, session, voice)
        voice.is_text = lambda: transport.dialogue.is_text
        peer.listen(transport.hear)
        call = OnAir(f"rtc_{secrets.token_urlsafe(15)}", peer, entry, agent, transport)
        self._on[call.id] = call
        headers = {"location": f"/v1/realtime/calls/{call.id}", SESSION: entry.session}
        follows = BackgroundTask(self._carry_on, call)
        return Response(peer.answer, 201, headers, "application/sdp", follows)

    async def hang_up(self, request: Request, id: str) -> Response:
        """The call ends, as if its client had left."""
        try:
            call = self._of(id, await self._gate.program(request))
        except (CallerError, ProviderError) as error:
            return refused(error)
        call.transport.hang_up("the call was ended by its owner")
        if not await call.peer.connected(0):
            await call.peer.close()
        return Response(status_code=200)

    async def _answered(self, offer: str) -> Peer:
        if self._answer is None:
            # Half a second of imports, which other calls need not wait for.
            media = await asyncio.to_thread(_media)
            self._answer = self._answer or media.answer
        return await self._answer(offer)

    async def _carry_on(self, call: OnAir) -> None:
        """The call has been held, or was given up because its client did not connect."""
        self._connecting += 1
        is_connecting = True
        try:
            is_there = await call.peer.connected(self._connect_within)
            self._connecting -= 1
            is_connecting = False
            if is_there:
                await converse(self._stage, self._gate, call.entry, call.transport, call.agent)
            else:
                log.info("a client by WebRTC did not connect", call=call.id)
        finally:
            self._connecting -= is_connecting
            del self._on[call.id]
            call.over.set()
            await call.peer.close()

    def _of(self, id: str, person: Person) -> OnAir:
        """The call, if it is that person's. Raises CallerError; one of somebody else's looks like none."""
        call = self._on.get(id)
        if call is None or (call.entry.person.id, call.entry.person.tenant) != (person.id, person.tenant):
            raise CallerError("there is no such call", field="call_id", code="unknown_session")
        return call

    # ---- beside the call -----------------------------------------------------------------------------------
    async def sideband(self, socket: WebSocket, id: str) -> None:
        """Whoever owns the call has read along and acted in it; the socket is closed when this returns."""
        await accept(socket)
        try:
            call = self._of(id, await self._gate.program(socket))
            if call.beside >= MAX_BESIDE:
                raise CallerError("too many connections beside the call", code="rate_limit_exceeded")
        except (CallerError, ProviderError) as error:
            with suppress(WebSocketDisconnect, RuntimeError):
                await turned_away(socket, error)
            return
        call.beside += 1
        line, unsent = SocketLine(socket), asyncio.Queue[str](MAX_UNSENT)
        is_slow = asyncio.Event()

        def post(text: str) -> None:
            try:
                unsent.put_nowait(text)
            except asyncio.QueueFull:
                is_slow.set()

        post(call.transport.introduction())
        leave = call.transport.read_along(post)
        try:
            async with asyncio.TaskGroup() as tasks:
                waits = [
                    tasks.create_task(_send(line, unsent), name="sideband: send"),
                    tasks.create_task(_receive(line, call.transport, post), name="sideband: receive"),
                    tasks.create_task(call.over.wait(), name="sideband: call's end"),
                    tasks.create_task(is_slow.wait(), name="sideband: too slow"),
                ]
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for task in waits:
                    task.cancel()
        finally:
            call.beside -= 1
            leave()
        try:
            async with asyncio.timeout(1.0):
                while not unsent.empty() and not is_slow.is_set():
                    await line.send(unsent.get_nowait())
        except (LineGone, TimeoutError):
            pass
        code, reason = (1008, "the client does not read") if is_slow.is_set() else (1000, "the call is over")
        await line.close(code, reason)


def _media() -> Media:
    """The clients of this process. Raises ProviderError."""
    try:
        from antiphon.transports.realtime.peer_media import Media
    except SetupError as error:
        raise ProviderError(str(error), retryable=False) from error
    return Media()


async def _send(line: SocketLine, unsent: asyncio.Queue[str]) -> None:
    try:
        while True:
            await line.send(await unsent.get())
    except LineGone:
        return


async def _receive(line: SocketLine, transport: RealtimeCall, post: Callable[[str], None]) -> None:
    try:
        while True:
            transport.take(await line.read(), post)
    except LineGone:
        return


def _offer(content_type: str, body: bytes) -> tuple[str, rt.SessionPatch | None]:
    """The offer, and what the session is to be. Raises EventRefused."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/sdp":
        try:
            return body.decode(), None
        except UnicodeDecodeError:
            raise rt.EventRefused("It must be text in UTF-8.", code="invalid_offer", param="sdp") from None
    if kind == "multipart/form-data":
        found = parts(content_type, body)
        if "sdp" not in found:
            raise rt.EventRefused(
                "Missing required parameter: 'sdp'.", code="missing_required_parameter", param="sdp"
            )
        return found["sdp"], rt.decode_session(found["session"]) if "session" in found else None
    raise rt.EventRefused(
        f"Unsupported content type '{ascii(kind)[1:60]}'. It must be 'application/sdp' or 'multipart/form-data'.",
        code="unsupported_content_type",
    )
