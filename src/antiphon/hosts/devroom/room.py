"""A room: who is in it, who hears whom, and when it is over."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Protocol

import structlog
from aiortc.rtp import RtpPacket
from livekit.protocol.models import (
    Codec,
    ConnectionQuality,
    DataPacket,
    DisconnectReason,
    ParticipantInfo,
    SpeakerInfo,
)
from livekit.protocol.models import Room as RoomInfo
from livekit.protocol.room import RoomConfiguration
from livekit.protocol.rtc import (
    ConnectionQualityInfo,
    ConnectionQualityUpdate,
    ParticipantUpdate,
    RoomUpdate,
    SignalResponse,
    SpeakersChanged,
)

from antiphon.hosts.devroom.media import LOSSY
from antiphon.hosts.devroom.member import SETTLE, Member, Track
from antiphon.hosts.devroom.sound import Outlet

log = structlog.get_logger(__name__)

MAX_MEMBERS = 8
"Participants of a room, agents included."
EMPTY = 300
"Seconds that a room stays open for the first who comes."
DEPARTED = 20
"Seconds that it stays open when the last has gone."
PART = 0.3
"Seconds for a participant to hear that it is to leave."
BEAT = 0.4
"Seconds between two looks at who is speaking."
BEATS_PER_QUALITY = 12
"Looks at who is speaking for one at how much is lost."


class Watcher(Protocol):
    """Who wants to know of a room: the dispatcher, and the house."""

    def left(self, room: Room, who: Member) -> None: ...
    def closed(self, room: Room) -> None: ...


class Room:
    """`member.Place`. All in the house's loop."""

    def __init__(
        self,
        name: str,
        config: RoomConfiguration,
        watcher: Watcher,
        connect_within: float,
        spawn: Callable[[Coroutine[object, object, None], str], None],
    ) -> None:
        self.name = name
        self.members: dict[str, Member] = {}
        self.spawn = spawn
        self._watcher = watcher
        self._connect_within = connect_within
        self._loop = asyncio.get_running_loop()
        most = min(config.max_participants or MAX_MEMBERS, MAX_MEMBERS)
        self.info = RoomInfo(
            sid=f"RM_{secrets.token_hex(6)}",
            name=name,
            empty_timeout=min(config.empty_timeout or EMPTY, EMPTY),
            departure_timeout=min(config.departure_timeout or DEPARTED, EMPTY),
            max_participants=most,
            creation_time=int(time.time()),
            creation_time_ms=int(time.time() * 1000),
            enabled_codecs=[Codec(mime="audio/opus")],
            metadata=config.metadata,
        )
        self._heard_by: dict[str, dict[str, Outlet]] = {}
        "For each track, where its packets go, by the sid of who hears it."
        self._speaking: set[str] = set()
        self._beats = 0
        self._over: asyncio.TimerHandle | None = None
        self._beat: asyncio.TimerHandle | None = None
        self._wait_for_somebody(self.info.empty_timeout)

    # ---- coming and going --------------------------------------------------------------------------------
    @property
    def is_full(self) -> bool:
        """Nobody else may come."""
        return len(self.members) >= self.info.max_participants

    def others(self, who: Member) -> list[Member]:
        """Those whom it sees."""
        return [one for one in self.members.values() if one is not who and not one.permission.hidden]

    def enter(self, who: Member) -> None:
        """It is in the room; one of the same identity is no longer."""
        if (before := self.members.get(who.identity)) is not None:
            self.leave(before, DisconnectReason.DUPLICATE_IDENTITY)
        if self._over is not None:
            self._over.cancel()
            self._over = None
        self.members[who.identity] = who
        who.info.state = ParticipantInfo.JOINED
        self._count()
        self._loop.call_later(self._connect_within, self._is_due, who)
        if self._beat is None:
            self._beat = self._loop.call_later(BEAT, self._look)

    def begin(self, who: Member) -> None:
        """It knows that it is in the room: the others learn of it, and it hears them."""
        self.changed(who)
        for other in self.others(who):
            for track in other.tracks.values():
                self._let_hear(who, other, track)
        who.media.open()

    def _is_due(self, who: Member) -> None:
        if who.is_here and not who.media.is_connected:
            who.broken("it did not connect in time")

    def leave(self, who: Member, reason: DisconnectReason) -> None:
        """It is not in the room any longer."""
        if self.members.get(who.identity) is not who:
            return
        del self.members[who.identity]
        for outlets in self._heard_by.values():
            outlets.pop(who.sid, None)
        for track in list(who.tracks.values()):
            self.unpublished(who, track)
        who.info.state, who.info.disconnect_reason = ParticipantInfo.DISCONNECTED, reason
        self.changed(who)
        who.end(reason)
        self.spawn(self._part(who), f"{who.identity}: close")
        self._count()
        self._watcher.left(self, who)
        if not self.members:
            self._wait_for_somebody(self.info.departure_timeout)

    async def _part(self, who: Member) -> None:
        # Who is told to leave closes its connections itself, and would take their end for a fault.
        await asyncio.sleep(PART if who.media.is_connected else 0)
        await who.media.close()

    def close(self, reason: DisconnectReason) -> None:
        """Nobody is in the room, and nobody will be."""
        for who in list(self.members.values()):
            self.leave(who, reason)
        for timer in (self._over, self._beat):
            if timer is not None:
                timer.cancel()
        self._over = self._beat = None
        self._watcher.closed(self)

    def _wait_for_somebody(self, seconds: int) -> None:
        if self._over is None:
            self._over = self._loop.call_later(seconds, self.close, DisconnectReason.ROOM_CLOSED)

    # ---- what is told ------------------------------------------------------------------------------------
    def tell(self, message: SignalResponse, but: Member | None = None) -> None:
        """Everybody is told, `but` one."""
        for other in self.members.values():
            if other is not but:
                other.say(message)

    def changed(self, who: Member) -> None:
        told = SignalResponse(update=ParticipantUpdate(participants=[who.info]))
        if who.permission.hidden:
            who.say(told)
        else:
            self.tell(told)

    def set_metadata(self, metadata: str) -> None:
        """Everybody learns it."""
        self.info.metadata = metadata
        self.tell(SignalResponse(room_update=RoomUpdate(room=self.info)))

    def _count(self) -> None:
        self.info.num_participants = sum(1 for one in self.members.values() if not one.permission.hidden)
        self.info.num_publishers = sum(1 for one in self.members.values() if one.tracks)

    def active(self, who: Member) -> None:
        self.changed(who)

    # ---- sound -------------------------------------------------------------------------------------------
    def published(self, who: Member, track: Track) -> None:
        self._heard_by[track.info.sid] = {}
        self._count()
        for other in self.members.values():
            if other is not who:
                self._let_hear(other, who, track)

    def unpublished(self, who: Member, track: Track) -> None:
        self._heard_by.pop(track.info.sid, None)
        self._count()
        for other in self.members.values():
            other.media.forget(track.info.sid)

    def choose(self, who: Member, tracks: list[str], subscribe: bool) -> None:
        for other in self.others(who):
            for sid in tracks:
                if (track := other.tracks.get(sid)) is None:
                    continue
                if subscribe:
                    self._let_hear(who, other, track, asked=True)
                else:
                    self._deafen(who, sid)

    def renewed(self, who: Member) -> None:
        for track in who.tracks.values():
            for other in self.members.values():
                if other is who:
                    continue
                if who.lets_hear(other, track):
                    self._let_hear(other, who, track)
                else:
                    self._deafen(other, track.info.sid)

    def _deafen(self, who: Member, track: str) -> None:
        self._heard_by.get(track, {}).pop(who.sid, None)
        who.media.forget(track)

    def _let_hear(self, who: Member, other: Member, track: Track, *, asked: bool = False) -> None:
        is_wanted = who.permission.can_subscribe and (who.hears_all or asked)
        if is_wanted and not other.permission.hidden and other.lets_hear(who, track):
            who.media.hear(track.info.sid, other.sid)

    def reached(self, who: Member, track: str) -> None:
        outlet = who.media.outlet(track)
        if outlet is None or track not in self._heard_by:
            return
        self._heard_by[track][who.sid] = outlet
        for other in self.members.values():
            if (found := other.tracks.get(track)) is not None:
                self._loop.call_at(max(found.since + SETTLE, self._loop.time()), other.is_heard, track)

    def heard(self, track: Track, packet: RtpPacket) -> None:
        for outlet in self._heard_by.get(track.info.sid, {}).values():
            outlet.put(packet)

    # ---- data --------------------------------------------------------------------------------------------
    def data(self, who: Member | None, label: str, packet: DataPacket) -> None:
        """Those whom it is for get the packet; `who` sent it, or None: somebody by the API."""
        wanted = set(packet.destination_identities)
        sids: set[str] = set()
        if packet.WhichOneof("value") == "user":
            wanted |= set(packet.user.destination_identities)
            sids = set(packet.user.destination_sids)
        message = packet.SerializeToString()
        for other in self.members.values():
            is_meant = other.identity in wanted or other.sid in sids or not (wanted or sids)
            if other is not who and is_meant and (other.permission.can_subscribe or wanted):
                other.media.send(label, message)

    def say_data(self, label: str, packet: DataPacket) -> None:
        """As if somebody had sent it who is not there."""
        self.data(None, label or LOSSY, packet)

    # ---- who speaks, and how well it comes through -------------------------------------------------------
    def _look(self) -> None:
        if not self.members:
            self._beat = None
            return
        self._beat = self._loop.call_later(BEAT, self._look)
        self._beats += 1
        speaking: dict[str, float] = {}
        for who in self.members.values():
            for track in who.tracks.values():
                track.loudness.lapse()
                if track.loudness.level > 0 and not track.info.muted and not who.permission.hidden:
                    speaking[who.sid] = max(speaking.get(who.sid, 0.0), track.loudness.level)
        stopped = self._speaking - speaking.keys()
        if speaking.keys() != self._speaking:
            told = [SpeakerInfo(sid=sid, level=level, active=True) for sid, level in speaking.items()]
            told += [SpeakerInfo(sid=sid, active=False) for sid in stopped]
            self.tell(SignalResponse(speakers_changed=SpeakersChanged(speakers=told)))
            self._speaking = set(speaking)
        if self._beats % BEATS_PER_QUALITY == 0:
            self._judge()

    def _judge(self) -> None:
        told = []
        for who in self.members.values():
            lost = [one for track in who.tracks.values() if (one := track.loudness.lost()) is not None]
            worst = max(lost, default=0.0)
            quality = ConnectionQuality.EXCELLENT if worst < 0.02 else ConnectionQuality.GOOD
            quality = ConnectionQuality.POOR if worst > 0.08 else quality
            if quality != who.quality:
                who.quality = quality
                score = {ConnectionQuality.EXCELLENT: 5.0, ConnectionQuality.GOOD: 3.5}.get(quality, 2.0)
                told.append(ConnectionQualityInfo(participant_sid=who.sid, quality=quality, score=score))
        if told:
            self.tell(SignalResponse(connection_quality=ConnectionQualityUpdate(updates=told)))
