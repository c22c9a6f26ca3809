"""One room: the agent joins it, finds its student, and holds the conversation until one of them leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace

import structlog
from aiohttp import ClientSession
from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice.room_io import (
    AudioInputOptions,
    AudioOutputOptions,
    RoomOptions,
    TextInputEvent,
    TextInputOptions,
    TextOutputOptions,
)

from antiphon.core import events as e
from antiphon.core.errors import CallerError
from antiphon.core.records import Fenced, StoreUnavailable
from antiphon.core.speech import Approved
from antiphon.hosts.livekit_room import tokens
from antiphon.hosts.livekit_room.conversing import RoomSession, held
from antiphon.hosts.livekit_room.english import SUBJECT, answer_typed, in_same_session
from antiphon.hosts.livekit_room.errands import Errands, errands
from antiphon.hosts.livekit_room.finding import HOST, SESSION
from antiphon.hosts.livekit_room.guarded import GuardedAgent
from antiphon.hosts.livekit_room.lessons import Place, place_of
from antiphon.hosts.livekit_room.line import RoomLine
from antiphon.hosts.livekit_room.room_lessons import RoomLessons
from antiphon.hosts.livekit_room.supervising import RoomSupervision
from antiphon.hosts.livekit_room.tokens import Dispatched, RoomKeys
from antiphon.hosts.livekit_room.waits import USUAL, Waits
from antiphon.hosts.security.gate import LOCAL
from antiphon.hosts.stage import Call, Caller, Stage
from antiphon.session.session import Ending
from antiphon.wire import native

log = structlog.get_logger(__name__)

TAKEN = "antiphon.taken"
"Topic of the text that tells a second student that the agent listens to another."
TAKEN_TEXT = "The agent is talking with somebody else in this room. You can listen; ask for a room of your own to talk."
ASKED = "antiphon.caller"
'Topic of what a student\'s page asks for besides what is said: `{"type": "interrupt"}` stops the agent.'
LEFT_BY_CHOICE = (
    rtc.DisconnectReason.CLIENT_INITIATED,
    rtc.DisconnectReason.ROOM_DELETED,
    rtc.DisconnectReason.USER_REJECTED,
    rtc.DisconnectReason.PARTICIPANT_REMOVED,
)


SENT_AWAY = (
    rtc.DisconnectReason.CLIENT_INITIATED,
    rtc.DisconnectReason.DUPLICATE_IDENTITY,
    rtc.DisconnectReason.PARTICIPANT_REMOVED,
    rtc.DisconnectReason.ROOM_CLOSED,
    rtc.DisconnectReason.ROOM_DELETED,
)
"Reasons for which an agent is out of a room whose server is there, and is not to come back."
AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT


class RoomCall:
    """The agent's stay in one room. `hold` is the whole of it."""

    def __init__(
        self,
        stage: Stage,
        keys: RoomKeys,
        name: str,
        identity: str,
        told: Dispatched,
        own: str,
        waits: Waits = USUAL,
    ) -> None:
        """`own`: http://host:port of our own server."""
        self._waits = waits
        self._stage = stage
        self._own = own
        self._keys = keys
        self._name = name
        self._identity = identity
        self._told = told
        self._caller = Caller(told.user or LOCAL.id, told.tenant or LOCAL.tenant)
        self._room = rtc.Room()
        self._beside: Errands | None = None
        self._lessons: RoomLessons | None = None
        self._student = ""
        self._session: RoomSession | None = None
        self._left: asyncio.TimerHandle | None = None
        self._is_over = asyncio.Event()
        self._arrived = asyncio.Event()
        "Somebody came into the room, or nobody is waited for any more."
        self._reason = ""
        self._is_lost = False
        self.is_adrift = False
        "The room's server was lost: the conversation waits for it to be back, and for somebody to go on with it."
        self.has_entered = False
        self._is_shaken = False
        "The server was gone for a moment, and the student has not been seen since."
        self._gone: asyncio.TimerHandle | None = None
        self._heard_at = 0.0
        self._quiet: asyncio.TimerHandle | None = None

    async def hold(self, student_within: float = 0.0, *, is_return: bool = False) -> None:
        """The conversation in the room is over, goes on elsewhere, or `is_adrift`; the agent has left the room.

        `student_within`: seconds to wait for somebody, where it is more than usual. An agent that is to return, and
        cannot yet, is adrift as well.
        """
        try:
            async with errands() as beside:
                self._beside = beside
                await self._hold(beside, student_within, is_return)
        except* Fenced:
            self.is_adrift = False
            log.info("another worker has the room", room=self._name)

    @property
    def is_leaving(self) -> bool:
        """Nobody is talked with any more."""
        return self._is_over.is_set()

    async def _hold(self, beside: Errands, student_within: float, is_return: bool) -> None:
        room, loop = self._room, asyncio.get_running_loop()
        room.on("disconnected", self._disconnected)
        room.on("reconnecting", self._server_gone)
        room.on("reconnected", self._server_back)
        token = tokens.agent(self._keys, self._name, self._identity)
        greeting = beside.later(self._welcome(), "room: welcome")
        try:
            await room.connect(self._keys.url, token)
        except rtc.ConnectError:
            self.is_adrift = is_return
            if is_return:
                return
            raise
        self.has_entered = True
        try:
            participant = await self._wait_for_student(max(student_within, self._waits.student))
            if participant is None:
                log.info("nobody came into the room", room=self._name)
                return
            self._student = participant.identity
            room.on("participant_disconnected", self._participant_left)
            room.on("participant_connected", self._participant_came)
            room.on("data_received", self._asked)
            line = RoomLine(prompts_after=self._waits.prompt)
            call = await self._call(line, greeting)
            beside.run(self._say_which(call.session.id), "room: say which conversation")
            async with ClientSession() as http:
                self._lessons = self._lessons_of(line, call, http, beside)
                lessons = self._lessons.lessons if self._lessons is not None else None
                async with held(self._stage, call, line, room, self._options(), lessons=lessons) as session:
                    self._session = session
                    supervision = RoomSupervision(session, room, beside)
                    self._heard_at = loop.time()
                    line.shown.append(self._note)
                    self._look_for_quiet()
                    for other in room.remote_participants.values():
                        self._participant_came(other)
                    try:
                        await self._until_over(session)
                    finally:
                        supervision.close()
                        if self._quiet is not None:
                            self._quiet.cancel()
        finally:
            for timer in (self._left, self._quiet, self._gone):
                if timer is not None:
                    timer.cancel()
            with suppress(Exception):
                async with asyncio.timeout(self._waits.part):
                    await room.disconnect()

    # ---- the conversation --------------------------------------------------------------------------------
    async def _welcome(self) -> Approved | None:
        """What the student is greeted with; found out while the agent is on its way into the room."""
        if not self._told.greets:
            return None
        await self._stage.there(self._told.agent)
        return await self._stage.welcome(self._told.agent, self._caller)

    async def _call(self, line: RoomLine, greeting: asyncio.Task[Approved | None]) -> Call:
        """The conversation of this room: the one that another worker began, or a new one. Raises CallerError."""
        stage, keys, told = self._stage, self._keys, self._told
        id = keys.session(self._name)
        token = keys.resume(id)
        await stage.there(told.agent)
        if stage.records is not None:
            try:
                # How far the student's player was nobody knows: what was journalled as played is what was heard.
                return await stage.resume(id, token, line, e.CallerReturned(0, 0))
            except (CallerError, StoreUnavailable) as error:
                log.debug("a new conversation", room=self._name, why=str(error))
                if isinstance(error, CallerError) and await stage.owner_of(id) is not None:
                    id = ""  # it is over: this is another one
        return stage.open(
            told.agent,
            line,
            greets=told.greets,
            caller=self._caller,
            host=HOST,
            id=id,
            greeting=await greeting,
            resume_token=token if id else "",
        )

    async def _say_which(self, session: str) -> None:
        """Who looks for the conversation finds its room."""
        with suppress(Exception):  # a room that is gone is not to be found
            await self._room.local_participant.set_attributes({SESSION: session})

    async def _until_over(self, session: RoomSession) -> None:
        async with asyncio.TaskGroup() as tasks:
            over = tasks.create_task(self._is_over.wait(), name="room: over")
            ended = tasks.create_task(session.ended.wait(), name="room: ended")
            await asyncio.wait([over, ended], return_when=asyncio.FIRST_COMPLETED)
            over.cancel()
            ended.cancel()
        self._is_over.set()
        log.info("leaving a room", room=self._name, why=self._reason, ending=session.ending)
        if session.ending is None and self._is_lost:
            session.lose(self._reason)
            with suppress(TimeoutError):
                async with asyncio.timeout(5.0):
                    await session.ended.wait()
        elif session.ending is None:
            session.leave_reason = self._reason
        elif session.ending is Ending.SUSPENDED:
            log.info("the conversation will be gone on with elsewhere", room=self._name)

    def _lessons_of(
        self, line: RoomLine, call: Call, http: ClientSession, beside: Errands
    ) -> RoomLessons | None:
        """English by a realtime model, where the settings want it."""
        place, agent = place_of(self._stage.settings), call.session.agent
        if place is Place.OFF or agent.specialist(SUBJECT).name != SUBJECT:
            return None
        teacher = None
        if place is Place.SAME:
            teacher = in_same_session(agent, self._stage.settings, self._own, http, beside, self._back)
        told = replace(self._told, back_to=self._identity, student=self._student, greets=True)
        return RoomLessons(self._keys, self._room, told, place, line, beside, teacher)

    async def _typed(self, session: AgentSession[None], event: TextInputEvent) -> None:
        if self._lessons is not None:
            await self._lessons.typed(session, event)
        else:
            await answer_typed(session, event)

    def _back(self) -> GuardedAgent:
        assert self._session is not None
        troupe = self._session.troupe
        return troupe.back(troupe.orchestrator.chat_ctx)

    def _options(self) -> RoomOptions:
        rate = self._stage.providers.synthesizer.rate
        return RoomOptions(
            audio_input=AudioInputOptions(
                sample_rate=self._stage.providers.recognizer.rate,
                num_channels=1,
                frame_size_ms=20,
                auto_gain_control=False,
            ),
            audio_output=AudioOutputOptions(sample_rate=rate, num_channels=1, track_name="agent"),
            text_input=TextInputOptions(text_input_cb=self._typed),
            # In step with the voice, LiveKit measures how fast is spoken, on this loop: that takes it 0.3 s for each
            # second of sound, in which no sound leaves. What was heard, the session knows.
            text_output=TextOutputOptions(sync_transcription=False),
            participant_identity=self._student,
            close_on_disconnect=False,
        )

    # ---- who is there ------------------------------------------------------------------------------------
    async def _wait_for_student(self, within: float) -> rtc.RemoteParticipant | None:
        arrived = self._arrived

        def tell(_: object) -> None:
            arrived.set()

        self._room.on("participant_connected", tell)
        try:
            async with asyncio.timeout(within):
                while not self._is_over.is_set():
                    arrived.clear()
                    for participant in self._room.remote_participants.values():
                        if is_student(participant):
                            return participant
                    await arrived.wait()
        except TimeoutError:
            pass
        finally:
            self._room.off("participant_connected", tell)
        return None

    def _participant_came(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self._student:
            self._is_shaken = False
            if self._left is not None:
                self._left.cancel()
                self._left = None
        elif is_student(participant):
            self._later(self._tell_taken(participant.identity), "room: taken")

    def _later(self, work: Coroutine[object, object, None], name: str) -> None:
        assert self._beside is not None
        self._beside.run(work, name)

    async def _tell_taken(self, identity: str) -> None:
        try:
            await self._room.local_participant.send_text(
                TAKEN_TEXT, destination_identities=[identity], topic=TAKEN
            )
        except Exception as error:  # noqa: BLE001 - who is gone again need not know
            log.info("a second student could not be told", error=str(error))

    def _participant_left(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity != self._student:
            return
        if participant.disconnect_reason in LEFT_BY_CHOICE:
            self._leave("the student left")
        elif self._left is None:
            within = self._waits.outage if self._is_shaken else self._waits.back
            loop = asyncio.get_running_loop()
            self._left = loop.call_later(within, self._leave, "the student's connection was lost")

    # ---- the room's server -------------------------------------------------------------------------------
    def _server_gone(self) -> None:
        log.info("the room's server is gone", room=self._name)
        self._is_shaken = True
        if self._session is not None:
            self._session.hush(True)
        if (
            self._stage.records is not None and self._gone is None
        ):  # who keeps nothing can only hope for LiveKit's client
            loop = asyncio.get_running_loop()
            self._gone = loop.call_later(self._waits.server, self._lose, "the room's server is gone")

    def _server_back(self) -> None:
        log.info("back in the room", room=self._name)
        if self._session is not None:
            self._session.hush(False)
        if self._gone is not None:
            self._gone.cancel()
            self._gone = None

    def _disconnected(self, reason: rtc.DisconnectReason.ValueType) -> None:
        if reason in SENT_AWAY:
            self._is_lost = not self._is_over.is_set()
            self._leave(f"the agent was sent away, for reason {reason} of LiveKit's")
        else:
            self._lose(f"the room was lost, for reason {reason} of LiveKit's")

    def _lose(self, reason: str) -> None:
        """Nobody left: what is said from now on nobody hears."""
        if not self._is_over.is_set():
            self._is_lost = self.is_adrift = True
            self._leave(reason)

    def _asked(self, packet: rtc.DataPacket) -> None:
        who, session = packet.participant, self._session
        if packet.topic != ASKED or session is None or who is None or who.identity != self._student:
            return
        with suppress(CallerError):
            if isinstance(native.decode_client(packet.data.decode("utf-8", "replace")), native.Interrupt):
                session.line.tell(e.InterruptAsked())

    def _leave(self, reason: str) -> None:
        if not self._is_over.is_set():
            self._reason = reason
            self._is_over.set()
            self._arrived.set()

    # ---- a student who says nothing ----------------------------------------------------------------------
    def _note(self, item: object) -> None:
        if isinstance(item, e.SpeechStarted | e.Typed | e.TakenOver | e.PersonSpoke | e.LineWritten):
            self._heard_at = asyncio.get_running_loop().time()

    def _look_for_quiet(self) -> None:
        loop = asyncio.get_running_loop()
        left = self._heard_at + self._waits.quiet - loop.time()
        if left <= 0:
            self._leave("the student said nothing")
        else:
            self._quiet = loop.call_later(left, self._look_for_quiet)


def is_student(participant: rtc.RemoteParticipant) -> bool:
    """Somebody an agent talks to: no agent, and no supervisor."""
    kinds = (rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD, rtc.ParticipantKind.PARTICIPANT_KIND_SIP)
    return participant.kind in kinds and not tokens.is_supervisor(participant.identity)
