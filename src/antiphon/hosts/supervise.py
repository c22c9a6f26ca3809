"""`/supervise`: a person stands by a session: sees, hears, whispers, says, takes over, hands back."""

from __future__ import annotations

import asyncio
from collections import deque

from starlette.websockets import WebSocket, WebSocketDisconnect

from antiphon.agent.guardrail import Block
from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError, ProviderError
from antiphon.core.notes import Note, Whispered
from antiphon.core.records import SERVICE
from antiphon.hosts.orchestrate import turn_away
from antiphon.hosts.security.gate import SUBPROTOCOL, Gate
from antiphon.hosts.security.limits import Bucket
from antiphon.hosts.security.tokens import Purpose
from antiphon.hosts.stage import Stage
from antiphon.session.pace import Pace
from antiphon.session.session import Session
from antiphon.session.supervision import Supervisor
from antiphon.transports.live import LiveFlow
from antiphon.wire import native, supervision
from antiphon.wire.news import News, past

WATCH_WITHIN = 10.0
"Seconds a supervisor's page has for its first message."
MAX_WAITING = 3000
"Messages and frames waiting to be sent before a page counts as one that never reads."
MAX_SOUND = 2 << 20
"Bytes of sound that wait to be sent, some 40 s: answers come faster than they sound. The oldest goes first."
NOT_READING = 4408
MAX_REFUSALS = 20
"Unacceptable messages before the connection is closed."
COME_AGAIN = 1012
"Close code when the session has left this server and may go on."


async def supervise(socket: WebSocket, stage: Stage, gate: Gate) -> None:
    """Let a person whom `gate` lets in stand by the session they name. The socket is closed when this returns."""
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in socket.scope.get("subprotocols", []) else None)
    try:
        watch = await _watch(socket)
        entry = await gate.admit(socket, Purpose.WATCH, watch.session)
        if (session := stage.sessions.get(watch.session)) is None:
            if (elsewhere := await _elsewhere(stage, watch.session)) is not None:
                await socket.send_text(supervision.encode(elsewhere))
                place = elsewhere.url or f"node {elsewhere.node}"
                told = f"another server has this call: watch it at {place}"
                raise CallerError(told, field="session", code="elsewhere")
            raise CallerError("this session is not on air here", field="session", code="unknown_session")
    except WebSocketDisconnect:
        return
    except TimeoutError:
        await turn_away(socket, CallerError("no watch in time", code="too_slow"))
    except CallerError as error:
        await turn_away(socket, error)
    except ProviderError as error:
        await turn_away(socket, CallerError(str(error), code="try_again"))
    else:
        bucket = gate.limits.messages(asyncio.get_running_loop().time(), entry.is_local)
        await _Post(socket, session, watch, entry.person.id, bucket).stand()


async def _elsewhere(stage: Stage, session: str) -> supervision.Elsewhere | None:
    """Where somebody can stand by that session, if not here. Raises CallerError, StoreUnavailable."""
    if (records := stage.records) is None:
        return None
    record = await records.get(SERVICE, session)
    if record.status != "live" or record.node == records.node:
        return None
    return supervision.Elsewhere(record.node, await records.address(record.node))


async def _watch(socket: WebSocket) -> supervision.Watch:
    """The page's first message. Raises CallerError, TimeoutError, WebSocketDisconnect."""
    async with asyncio.timeout(WATCH_WITHIN):
        message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    watch = supervision.decode_supervisor(message.get("text") or "")
    if not isinstance(watch, supervision.Watch):
        raise CallerError("say watch first", field="type", code="not_ready")
    return watch


class _Post:
    """One supervisor beside one session: its onlooker, and the hand that acts."""

    def __init__(
        self,
        socket: WebSocket,
        session: Session,
        watch: supervision.Watch,
        name: str,
        bucket: Bucket | None = None,
    ) -> None:
        self._socket = socket
        self._session = session
        self._watch = watch
        self._by = Supervisor(name)
        self._bucket = bucket
        self._news = News()
        self._waiting: deque[str | bytes] = deque()
        self._sound_waiting = 0
        self._pace = Pace(asyncio.get_running_loop().time)
        self._due = asyncio.Event()
        self._agent = LiveFlow(watch.play_rate)
        self._caller = LiveFlow(watch.rate, supervision.CALLER)
        self._person = LiveFlow(watch.play_rate, native.LIVE)
        self._turn: e.TurnId = 0
        self._refusals = 0
        self._close = (1000, "")
        self._closing = asyncio.Event()

    async def stand(self) -> None:
        """The person has stood by until they or the caller left."""
        session = self._session
        self._send(
            supervision.Watching(
                session.id,
                session.agent.name,
                session.conversation.phase.value,
                session.conversation.turn,
                session.supervision.taken_over_by,
            )
        )
        for line in session.transcript:
            self._queue(native.encode(past(line)))
        session.transport.onlookers.append(self)
        session.supervision.join(self._by)
        try:
            async with asyncio.TaskGroup() as tasks:
                waits = [
                    tasks.create_task(self._run(), name="supervisor: send"),
                    tasks.create_task(session.ended.wait(), name="supervisor: call's end"),
                    tasks.create_task(self._receive(), name="supervisor: receive"),
                    tasks.create_task(self._closing.wait(), name="supervisor: closing"),
                ]
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for task in waits:
                    task.cancel()
        finally:
            session.transport.onlookers.remove(self)
            session.supervision.leave(self._by)
        await self._part()

    async def _part(self) -> None:
        """What waits was sent, and the socket is closed with the reason."""
        code, reason = self._close
        try:
            async with asyncio.timeout(1.0):
                if self._session.ended.is_set():
                    is_over = self._session.conversation.is_over
                    reason = "the call is over" if is_over else "the caller's connection was lost"
                    code = 1000 if is_over else COME_AGAIN
                    while self._waiting:
                        await self._send_next()
                    await self._socket.send_text(native.encode(native.Ended(reason)))
                await self._socket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
            return

    # ---- what the onlooker is shown ----------------------------------------------------------------------
    def show(self, news: e.Event | e.Command | Note) -> None:
        if isinstance(news, Whispered):
            self._send(supervision.Whispered(news.by, news.text))
        elif (message := self._news.shown(news)) is not None:
            self._queue(native.encode(message))

    def caller_said(self, pcm: Pcm) -> None:
        if self._pace.admits(pcm):
            self._hear(self._caller, pcm)

    def agent_said(self, turn: e.TurnId, sentence: int, pcm: Pcm) -> None:
        if turn != self._turn:
            self._turn, self._agent = turn, LiveFlow(self._watch.play_rate, turn)
        self._hear(self._agent, pcm)

    def person_said(self, pcm: Pcm) -> None:
        """Others hear it; the page knows what its own microphone said."""
        if self._session.supervision.holder is not self._by:
            self._hear(self._person, pcm)

    def hold(self, turn: e.TurnId) -> None:
        self._queue(native.encode(native.Hold(turn)))

    def resume(self, turn: e.TurnId) -> None:
        self._queue(native.encode(native.Resume(turn)))

    def clear(self, turn: e.TurnId) -> None:
        self._queue(native.encode(native.Clear(turn)))

    def _hear(self, flow: LiveFlow, pcm: Pcm) -> None:
        if not self._watch.sound:
            return
        flow.push(pcm)
        while (frame := flow.next()) is not None:
            self._queue(native.encode_audio(frame))

    # ---- sending ---------------------------------------------------------------------------------------
    def _send(self, message: supervision.WatchMessage) -> None:
        self._queue(supervision.encode(message))

    def _queue(self, frame: str | bytes) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self._fail(NOT_READING, "the page does not read")
        else:
            self._waiting.append(frame)
            self._sound_waiting += len(frame) if isinstance(frame, bytes) else 0
        while self._sound_waiting > MAX_SOUND:
            self._drop_oldest_sound()
        self._due.set()

    def _drop_oldest_sound(self) -> None:
        place = next(at for at, frame in enumerate(self._waiting) if isinstance(frame, bytes))
        self._sound_waiting -= len(self._waiting[place])
        del self._waiting[place]

    async def _run(self) -> None:
        """Send what waits, until the connection is gone."""
        try:
            while True:
                while self._waiting:
                    await self._send_next()
                self._due.clear()
                await self._due.wait()
        except (WebSocketDisconnect, RuntimeError, OSError):
            # The socket closed under a write. `_receive` reads the same end.
            return

    def _fail(self, code: int, reason: str) -> None:
        self._close = (code, reason)
        self._closing.set()

    async def _send_next(self) -> None:
        frame = self._waiting.popleft()
        self._sound_waiting -= len(frame) if isinstance(frame, bytes) else 0
        if isinstance(frame, str):
            await self._socket.send_text(frame)
        else:
            await self._socket.send_bytes(frame)

    # ---- what the person does --------------------------------------------------------------------------
    async def _receive(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                await self._take(message.get("text"), message.get("bytes"))
            except CallerError as error:
                self._queue(native.encode(native.Refused(error.code, str(error), error.field or "")))
                self._refusals += 1
                if self._refusals >= MAX_REFUSALS:
                    self._fail(4400, "too many unacceptable messages")

    async def _take(self, text: str | None, data: bytes | None) -> None:
        size = len(data) if data is not None else len(text or "")
        if self._bucket is not None and not self._bucket.take(asyncio.get_running_loop().time(), size):
            raise CallerError("messages come faster than they are taken; slow down", code="too_many")
        if data is not None:
            self._session.supervision.voice(self._by, Pcm(native.check_audio(data), self._watch.rate))
        else:
            await self._act(supervision.decode_supervisor(text or ""))

    async def _act(self, message: supervision.SupervisorMessage) -> None:
        people = self._session.supervision
        match message:
            case supervision.Whisper(text):
                people.whisper(self._by, text.strip())
            case supervision.Say(text):
                verdict = await people.say(self._by, text.strip())
                if isinstance(verdict, Block):
                    self._send(supervision.LineRefused(text, verdict.categories))
            case supervision.TakeOver():
                people.take_over(self._by)
            case supervision.HandBack():
                people.hand_back(self._by)
            case native.Ping(id):
                self._queue(native.encode(native.Pong(id)))
            case supervision.Watch():
                raise CallerError("watch was said already", field="type", code="unexpected")
