"""`/supervise`: a person stands by a session: sees, hears, whispers, says, takes over, hands back."""

from __future__ import annotations

import asyncio
from collections import deque

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from antiphon.agent.guardrail import Block
from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError, ProviderError
from antiphon.core.notes import Note, Whispered
from antiphon.hosts.security.answers import close_code_of
from antiphon.hosts.security.gate import SUBPROTOCOL, Gate
from antiphon.hosts.security.tokens import Purpose
from antiphon.hosts.stage import Stage
from antiphon.session.session import Session
from antiphon.transports.live import LiveFlow
from antiphon.wire import native, supervision
from antiphon.wire.news import News

log = structlog.get_logger(__name__)

WATCH_WITHIN = 10.0
"Seconds a supervisor's page has for its first message."
MAX_WAITING = 3000
"Frames and messages waiting to be sent before a page counts as one that never reads."
NOT_READING = 4408


async def supervise(socket: WebSocket, stage: Stage, gate: Gate) -> None:
    """Let a person whom `gate` lets in stand by the session they name. The socket is closed when this returns."""
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in socket.scope.get("subprotocols", []) else None)
    try:
        async with asyncio.timeout(WATCH_WITHIN):
            watch = supervision.decode_supervisor(await socket.receive_text())
        if not isinstance(watch, supervision.Watch):
            raise CallerError("say watch first", field="type", code="not_ready")
        entry = await gate.admit(socket, Purpose.WATCH, watch.session)
        if (session := stage.sessions.get(watch.session)) is None:
            raise CallerError("this session is not on air here", field="session", code="unknown_session")
    except TimeoutError:
        await socket.close(NOT_READING, "no watch in time")
    except (WebSocketDisconnect, KeyError):
        return
    except (CallerError, ProviderError) as error:
        code = error.code if isinstance(error, CallerError) else "try_again"
        await socket.send_text(
            native.encode(native.Refused(code, str(error), getattr(error, "field", "") or ""))
        )
        await socket.close(close_code_of(error), str(error)[:120])
    else:
        await _Post(socket, session, watch, entry.person.id).stand()


class _Post:
    """One supervisor beside one session: its onlooker, and the hand that acts."""

    def __init__(self, socket: WebSocket, session: Session, watch: supervision.Watch, by: str) -> None:
        self._socket = socket
        self._session = session
        self._watch = watch
        self._by = by
        self._news = News()
        self._waiting: deque[str | bytes] = deque()
        self._due = asyncio.Event()
        self._agent = LiveFlow(watch.play_rate)
        self._caller = LiveFlow(watch.rate, supervision.CALLER)
        self._turn: e.TurnId = 0
        self._is_lost = False

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
            past = native.Remembered(line.turn, line.role.value, line.text, line.is_cut, is_past=True)
            self._queue(native.encode(past))
        session.transport.onlookers.append(self)
        session.supervision.join(self._by)
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(self._run(), name="supervisor: send")
                ended = tasks.create_task(self._session.ended.wait(), name="supervisor: call's end")
                receiving = tasks.create_task(self._receive(), name="supervisor: receive")
                await asyncio.wait([receiving, ended, sending], return_when=asyncio.FIRST_COMPLETED)
                for task in (sending, ended, receiving):
                    task.cancel()
        finally:
            session.transport.onlookers.remove(self)
            session.supervision.leave(self._by)
        try:
            if session.ended.is_set():
                await self._socket.send_text(native.encode(native.Ended("the call is over")))
            await self._socket.close(NOT_READING if self._is_lost else 1000)
        except (WebSocketDisconnect, RuntimeError, OSError):
            return

    # ---- what the onlooker is shown ----------------------------------------------------------------------
    def show(self, news: e.Event | e.Command | Note) -> None:
        if isinstance(news, Whispered):
            self._send(supervision.Whispered(news.by, news.text))
        elif (message := self._news.shown(news)) is not None:
            self._queue(native.encode(message))

    def caller_said(self, pcm: Pcm) -> None:
        self._hear(self._caller, pcm)

    def agent_said(self, turn: e.TurnId, sentence: int, pcm: Pcm) -> None:
        if turn != self._turn:
            self._turn, self._agent = turn, LiveFlow(self._watch.play_rate, turn)
        self._hear(self._agent, pcm)

    def person_said(self, pcm: Pcm) -> None:
        """The page knows what its own microphone said."""

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
            self._is_lost = True
        else:
            self._waiting.append(frame)
        self._due.set()

    async def _run(self) -> None:
        try:
            while not self._is_lost:
                while self._waiting:
                    frame = self._waiting.popleft()
                    if isinstance(frame, str):
                        await self._socket.send_text(frame)
                    else:
                        await self._socket.send_bytes(frame)
                self._due.clear()
                await self._due.wait()
        except (WebSocketDisconnect, RuntimeError, OSError):
            return

    # ---- what the person does --------------------------------------------------------------------------
    async def _receive(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                if (data := message.get("bytes")) is not None:
                    sound = Pcm(native.check_audio(data), self._watch.rate)
                    self._session.supervision.voice(self._by, sound)
                else:
                    await self._act(supervision.decode_supervisor(message.get("text") or ""))
            except CallerError as error:
                self._queue(native.encode(native.Refused(error.code, str(error), error.field or "")))

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
            case supervision.Ping(id):
                self._queue(native.encode(native.Pong(id)))
            case supervision.Watch():
                raise CallerError("watch was said already", field="type", code="unexpected")
