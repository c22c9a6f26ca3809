"""Supervisors in the room: they hear all, whisper, speak with their own voice, take over, and hand back.

What they want comes as data on the topic `antiphon.supervise`: the messages of `/supervise` (`wire/supervision.py`),
one JSON object each. Their voice is in the room already; the agent makes out its words.
"""

from __future__ import annotations

import asyncio

import structlog
from livekit import rtc

from antiphon.agent.guardrail import Block
from antiphon.core.errors import CallerError
from antiphon.hosts.livekit_room import tokens
from antiphon.hosts.livekit_room.conversing import RoomSession
from antiphon.hosts.livekit_room.errands import Errands
from antiphon.hosts.livekit_room.hearing import mono
from antiphon.session.supervision import Supervisor
from antiphon.wire import native, supervision

log = structlog.get_logger(__name__)

TOPIC = "antiphon.supervise"
VOICE_RATE = 16_000
MOST = 16 * 1024
"Bytes of one message."


class RoomSupervision:
    """Those with a supervisor's token who are in one room."""

    def __init__(self, session: RoomSession, room: rtc.Room, beside: Errands) -> None:
        self._session = session
        self._room = room
        self._people: dict[str, Supervisor] = {}
        self._beside = beside
        self._ears: dict[str, asyncio.Task[None]] = {}
        room.on("data_received", self._data)
        room.on("participant_connected", self._came)
        room.on("participant_disconnected", self._gone)
        room.on("track_subscribed", self._track)
        for participant in room.remote_participants.values():
            self._came(participant)

    def close(self) -> None:
        """Nobody is listened to any more."""
        for name, handler in (
            ("data_received", self._data),
            ("participant_connected", self._came),
            ("participant_disconnected", self._gone),
            ("track_subscribed", self._track),
        ):
            self._room.off(name, handler)  # type: ignore[arg-type]
        for task in self._ears.values():
            task.cancel()

    def _came(self, participant: rtc.RemoteParticipant) -> None:
        if tokens.is_supervisor(participant.identity) and participant.identity not in self._people:
            by = Supervisor(participant.name or participant.identity.removeprefix(tokens.TEACHER))
            self._people[participant.identity] = by
            self._session.call.session.supervision.join(by)
            for publication in participant.track_publications.values():
                if publication.track is not None:
                    self._track(publication.track, publication, participant)

    def _gone(self, participant: rtc.RemoteParticipant) -> None:
        """Who vanishes hands back."""
        if (ears := self._ears.pop(participant.identity, None)) is not None:
            ears.cancel()
        if (by := self._people.pop(participant.identity, None)) is not None:
            self._session.call.session.supervision.leave(by)

    def _track(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        by = self._people.get(participant.identity)
        if by is None or track.kind != rtc.TrackKind.KIND_AUDIO or participant.identity in self._ears:
            return
        listening = self._beside.run(self._listen(track, by), "supervisor: listen")
        if listening is not None:
            self._ears[participant.identity] = listening

    async def _listen(self, track: rtc.Track, by: Supervisor) -> None:
        stream = rtc.AudioStream(track, sample_rate=VOICE_RATE, num_channels=1)
        try:
            async for event in stream:
                self._session.call.session.supervision.voice(by, mono(event.frame))
        finally:
            await stream.aclose()

    def _data(self, packet: rtc.DataPacket) -> None:
        if packet.topic != TOPIC or packet.participant is None:
            return
        by = self._people.get(packet.participant.identity)
        if by is None:
            log.warning("data of somebody who is no supervisor", identity=packet.participant.identity)
            return
        self._beside.run(self._act(by, packet.data, packet.participant.identity), "supervisor: act")

    async def _act(self, by: Supervisor, data: bytes, identity: str) -> None:
        people = self._session.call.session.supervision
        try:
            if len(data) > MOST:
                raise CallerError("the message is too long", code="too_long")
            match supervision.decode_supervisor(data.decode("utf-8", "replace")):
                case supervision.Whisper(text):
                    people.whisper(by, text.strip())
                case supervision.Say(text):
                    verdict = await people.say(by, text.strip())
                    if isinstance(verdict, Block):
                        await self._tell(
                            identity, supervision.encode(supervision.LineRefused(text, verdict.categories))
                        )
                case supervision.TakeOver():
                    people.take_over(by)
                case supervision.HandBack():
                    people.hand_back(by)
                case native.Ping(id):
                    await self._tell(identity, native.encode(native.Pong(id)))
                case _:
                    raise CallerError("whoever is in the room watches already", code="unexpected")
        except CallerError as error:
            await self._tell(
                identity, native.encode(native.Refused(error.code, str(error), error.field or ""))
            )

    async def _tell(self, identity: str, message: str) -> None:
        try:
            await self._room.local_participant.publish_data(
                message, destination_identities=[identity], topic=TOPIC
            )
        except Exception as error:  # noqa: BLE001 - who is gone again need not know
            log.info("a supervisor could not be told", error=str(error))
