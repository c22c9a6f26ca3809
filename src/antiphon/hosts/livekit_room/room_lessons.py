"""The lessons of one room: how the agent that gives them is called in, heard of, and called off."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import structlog
from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice.room_io import TextInputEvent
from livekit.api import LiveKitAPI
from livekit.protocol.agent_dispatch import AgentDispatch, CreateAgentDispatchRequest

from antiphon.core.errors import CallerError
from antiphon.hosts.livekit_room import tokens
from antiphon.hosts.livekit_room.english import SUBJECT, EnglishAgent, answer_typed
from antiphon.hosts.livekit_room.errands import Errands
from antiphon.hosts.livekit_room.lessons import TOPIC, Lessons, Place, Told
from antiphon.hosts.livekit_room.line import RoomLine
from antiphon.hosts.livekit_room.tokens import Dispatched, RoomKeys

log = structlog.get_logger(__name__)

AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT


class RoomLessons:
    """`lessons`, and the room they are given in."""

    def __init__(
        self,
        keys: RoomKeys,
        room: rtc.Room,
        told: Dispatched,
        place: Place,
        line: RoomLine,
        beside: Errands,
        teacher: Callable[[Lessons, str], EnglishAgent] | None,
    ) -> None:
        """`told`: what another worker's agent is told besides the question. `teacher` makes the one of this session."""
        self._keys = keys
        self._room = room
        self._told = told
        self._beside = beside
        self._called: AgentDispatch | None = None
        "What called the other worker's agent, if it has not been called off."
        self.lessons = Lessons(SUBJECT, place, line, dispatch=self._dispatch, teacher=teacher)
        self.lessons.called_off = self._call_off
        room.on("data_received", self._take)
        room.on("participant_connected", self._came)
        room.on("participant_disconnected", self._left)

    async def typed(self, session: AgentSession[None], event: TextInputEvent) -> None:
        """What the student writes is for whoever talks with them: during a lesson the agent who gives it."""
        if not self.lessons.is_under_way:
            await answer_typed(session, event)
        elif isinstance(session.current_agent, EnglishAgent):
            await session.current_agent.typed(event)

    def _take(self, packet: rtc.DataPacket) -> None:
        who = packet.participant
        if packet.topic == TOPIC and who is not None and who.kind == AGENT:
            with suppress(CallerError):
                self.lessons.take(packet.data, who.identity)

    def _came(self, who: rtc.RemoteParticipant) -> None:
        if who.kind == AGENT:
            self.lessons.teacher_came(who.identity)

    def _left(self, gone: rtc.RemoteParticipant) -> None:
        if gone.kind == AGENT:
            self.lessons.teacher_left(gone.identity)

    async def _dispatch(self, told: Dispatched) -> None:
        """Another worker's agent comes into the room. Raises what livekit-api does."""
        whole = replace(self._told, question=told.question, history=told.history)
        async with LiveKitAPI(self._keys.url, self._keys.key, self._keys.secret) as api:
            self._called = await api.agent_dispatch.create_dispatch(
                CreateAgentDispatchRequest(
                    agent_name=tokens.ENGLISH, room=self._room.name, metadata=whole.encode()
                )
            )

    def _call_off(self, identity: str) -> None:
        called, self._called = self._called, None
        self._beside.run(self._send_away(called, identity), "lesson: call off")

    async def _send_away(self, called: AgentDispatch | None, identity: str) -> None:
        """The other agent leaves the room, and one that has not come does not come any more."""
        if identity:
            with suppress(Exception):  # a room that is gone has nobody to be told
                await self._room.local_participant.publish_data(
                    Told(is_over=True).encode(), destination_identities=[identity], topic=TOPIC
                )
        if called is not None:
            try:
                async with LiveKitAPI(self._keys.url, self._keys.key, self._keys.secret) as api:
                    await api.agent_dispatch.delete_dispatch(called.id, self._room.name)
            except Exception as error:  # noqa: BLE001 - it was told in the room as well
                log.info("a lesson could not be called off", error=str(error))
