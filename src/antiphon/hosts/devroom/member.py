"""One participant of a room: what it says by its signal socket, and what it is told."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Coroutine
from typing import Protocol

import structlog
from aiortc.rtp import RtpPacket
from google.protobuf.message import DecodeError
from livekit.protocol.models import (
    ConnectionQuality,
    DataPacket,
    DisconnectReason,
    ParticipantInfo,
    TrackInfo,
    TrackSource,
    TrackType,
)
from livekit.protocol.rtc import (
    AddTrackRequest,
    LeaveRequest,
    MuteTrackRequest,
    Pong,
    RequestResponse,
    SignalRequest,
    SignalResponse,
    SubscriptionPermission,
    TrackPublishedResponse,
    TrackSubscribed,
    UpdateParticipantMetadata,
)

from antiphon.core.errors import CallerError
from antiphon.hosts.devroom.media import RELIABLE, Media
from antiphon.hosts.devroom.passes import Pass
from antiphon.hosts.devroom.sound import Loudness

log = structlog.get_logger(__name__)

MAX_TRACKS = 4
"Tracks that one participant publishes, or is about to."
MAX_DATA = 64 * 1024
"Bytes of a message of data."
MAX_METADATA = 64 * 1024
"Bytes of a participant's metadata, and of its attributes together."
MAX_QUEUED = 512
"Requests that wait to be dealt with."
PART = 1.0
"Seconds for a client that closed its connections to say that it leaves, or to come anew."
SETTLE = 0.15
"Seconds from the answer to a publisher's offer until it is told who hears it: it must know the track itself first."


class Line(Protocol):
    """The signal socket. May be called in the room's loop."""

    def send(self, message: bytes) -> None:
        """The message goes to the client, after what was sent before."""

    def close(self) -> None:
        """The socket is closed, after what was sent before. What comes later goes nowhere."""


class Place(Protocol):
    """The room, for one of its members."""

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        """The work is done beside all else."""

    def changed(self, who: Member) -> None:
        """What the others see of it is another now."""

    def active(self, who: Member) -> None:
        """Sound and data reach it."""

    def published(self, who: Member, track: Track) -> None: ...
    def unpublished(self, who: Member, track: Track) -> None: ...
    def heard(self, track: Track, packet: RtpPacket) -> None: ...
    def data(self, who: Member, label: str, packet: DataPacket) -> None: ...
    def reached(self, who: Member, track: str) -> None:
        """It hears that track now."""

    def choose(self, who: Member, tracks: list[str], subscribe: bool) -> None:
        """It wants to hear those tracks, or not."""

    def renewed(self, who: Member) -> None:
        """It lets others hear it than before."""

    def leave(self, who: Member, reason: DisconnectReason) -> None: ...


class Track:
    """A microphone that is published."""

    def __init__(self, cid: str, info: TrackInfo) -> None:
        self.cid = cid
        self.info = info
        self.loudness = Loudness()
        self.mid: str | None = None
        self.since = 0.0
        "When the publisher's offer with it was answered, by the loop's clock."


class Member:
    """`media.Owner`. All in the room's loop."""

    def __init__(self, place: Place, granted: Pass, line: Line, *, is_single: bool, hears_all: bool) -> None:
        self.sid = f"PA_{secrets.token_hex(6)}"
        self.granted = granted
        self.identity = granted.identity
        self.permission = granted.permission()
        self.hears_all = hears_all
        "It hears every track without asking."
        self.info = ParticipantInfo(
            sid=self.sid,
            identity=granted.identity,
            name=granted.name,
            metadata=granted.metadata,
            attributes=granted.attributes,
            kind=granted.kind,
            state=ParticipantInfo.JOINING,
            joined_at=int(time.time()),
            joined_at_ms=int(time.time() * 1000),
            permission=self.permission,
        )
        self.tracks: dict[str, Track] = {}
        "By their sid: those that are published."
        self.media = Media(self, is_single=is_single)
        self.line = line
        self.is_here = True
        self.is_dropped = False
        "Its socket is closed, and it did not say that it leaves."
        self.audience = SubscriptionPermission(all_participants=True)
        "Whom it lets hear it."
        self.quality: ConnectionQuality | None = None
        self._place = place
        self._pending: dict[str, Track] = {}
        self._unnamed: dict[str, str] = {}
        "Sections that send, and whose track was not named yet."
        self._by_mid: dict[str, Track] = {}
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_QUEUED)

    # ---- the socket --------------------------------------------------------------------------------------
    def take(self, message: bytes) -> None:
        """A request came."""
        try:
            self._inbox.put_nowait(message)
        except asyncio.QueueFull:
            self.broken("it asks more than can be dealt with")

    async def serve(self) -> None:
        """Requests are dealt with in their order, until the participant has left."""
        while self.is_here and (message := await self._inbox.get()) is not None:
            request = SignalRequest()
            try:
                request.ParseFromString(message)
                await self._on(request)
            except DecodeError:
                log.info("the dev room cannot read a request", participant=self.identity)
            except CallerError as error:
                self.broken(str(error))

    def say(self, message: SignalResponse) -> None:
        if self.is_here:
            self.line.send(message.SerializeToString())

    def end(self, reason: DisconnectReason, action: LeaveRequest.Action = LeaveRequest.DISCONNECT) -> None:
        """The client is told to go, and nothing more."""
        self.say(SignalResponse(leave=LeaveRequest(reason=reason, action=action)))
        self.is_here = False
        self.line.close()
        if not self._inbox.full():
            self._inbox.put_nowait(None)

    async def _on(self, request: SignalRequest) -> None:
        match request.WhichOneof("message"):
            case "offer":
                await self.media.offered(request.offer)
            case "answer":
                self.media.answered(request.answer)
            case "trickle":
                await self.media.trickled(request.trickle)
            case "add_track":
                self._add(request.add_track)
            case "mute":
                self.mute(request.mute)
            case "subscription":
                asked = request.subscription
                tracks = [
                    *asked.track_sids,
                    *(one for each in asked.participant_tracks for one in each.track_sids),
                ]
                self._place.choose(self, tracks, asked.subscribe)
            case "subscription_permission":
                self.audience = request.subscription_permission
                self._place.renewed(self)
            case "update_metadata":
                self._update(request.update_metadata)
            case "ping":
                self.say(SignalResponse(pong=int(time.time() * 1000)))
            case "ping_req":
                now = int(time.time() * 1000)
                pong = Pong(last_ping_timestamp=request.ping_req.timestamp, timestamp=now)
                self.say(SignalResponse(pong=now))
                self.say(SignalResponse(pong_resp=pong))
            case "leave":
                self._place.leave(self, DisconnectReason.CLIENT_INITIATED)
            case other:
                log.debug("the dev room does not know a request", request=other)

    # ---- tracks ------------------------------------------------------------------------------------------
    def _add(self, asked: AddTrackRequest) -> None:
        reason = None
        sources = self.permission.can_publish_sources
        if not self.permission.can_publish or (sources and asked.source not in sources):
            reason = RequestResponse.NOT_ALLOWED
        elif asked.type != TrackType.AUDIO:
            reason = RequestResponse.UNSUPPORTED_TYPE
        elif len(self.tracks) + len(self._pending) >= MAX_TRACKS:
            reason = RequestResponse.LIMIT_EXCEEDED
        if reason is not None:
            told = RequestResponse(reason=reason, message="the dev room takes no such track", add_track=asked)
            self.say(SignalResponse(request_response=told))
            return
        info = TrackInfo(
            sid=f"TR_{secrets.token_hex(6)}",
            type=TrackType.AUDIO,
            name=asked.name,
            source=asked.source or TrackSource.UNKNOWN,
            muted=asked.muted,
            mime_type="audio/opus",
            stereo=asked.stereo,
            disable_dtx=asked.disable_dtx,
            disable_red=True,
            stream=asked.stream,
            encryption=asked.encryption,
            audio_features=asked.audio_features,
        )
        self._pending[asked.cid] = Track(asked.cid, info)
        self.say(SignalResponse(track_published=TrackPublishedResponse(cid=asked.cid, track=info)))
        for mid, cid in list(self._unnamed.items()):
            self.came(mid, cid)

    @property
    def has_unsent(self) -> bool:
        return bool(self._pending)

    def came(self, mid: str, cid: str) -> None:
        # A client may call its track otherwise in its description than in its request.
        track = self._pending.pop(cid, None)
        if track is None and self._pending:
            track = self._pending.pop(next(iter(self._pending)))
        if track is None:
            if len(self._unnamed) < MAX_TRACKS:
                self._unnamed[mid] = cid
            return
        self._unnamed.pop(mid, None)
        track.mid = track.info.mid = mid
        track.since = asyncio.get_running_loop().time()
        self._by_mid[mid] = self.tracks[track.info.sid] = track
        self.info.is_publisher = True
        self._tell_tracks()
        self._place.published(self, track)

    def went(self, mid: str) -> None:
        self._unnamed.pop(mid, None)
        track = self._by_mid.pop(mid, None)
        if track is not None and self.tracks.pop(track.info.sid, None) is not None:
            self._tell_tracks()
            self._place.unpublished(self, track)

    def lets_hear(self, who: Member, track: Track) -> bool:
        """It does not mind that `who` hears the track."""
        if self.audience.all_participants:
            return True
        for one in self.audience.track_permissions:
            if who.sid == one.participant_sid or who.identity == one.participant_identity:
                return one.all_tracks or track.info.sid in one.track_sids
        return False

    def mute(self, asked: MuteTrackRequest, *, tells: bool = False) -> TrackInfo | None:
        """The track is muted, or not any longer; `tells`: the client does not know yet."""
        track = self.tracks.get(asked.sid)
        pending = next((one for one in self._pending.values() if one.info.sid == asked.sid), None)
        found = track or pending
        if found is None:
            return None
        found.info.muted = asked.muted
        if tells:
            self.say(SignalResponse(mute=asked))
        if track is not None:
            self._tell_tracks()
        return found.info

    def _tell_tracks(self) -> None:
        del self.info.tracks[:]
        self.info.tracks.extend(one.info for one in self.tracks.values())
        self.info.version += 1
        self._place.changed(self)

    def heard(self, mid: str, packet: RtpPacket) -> None:
        track = self._by_mid.get(mid)
        if track is None or track.info.muted:
            return
        track.loudness.heard(packet)
        self._place.heard(track, packet)

    # ---- data, and what is known of the participant ------------------------------------------------------
    def data(self, label: str, data: bytes) -> None:
        if not self.permission.can_publish_data or len(data) > MAX_DATA:
            return
        packet = DataPacket()
        try:
            packet.ParseFromString(data)
        except DecodeError:
            return
        packet.participant_identity, packet.participant_sid = self.identity, self.sid
        if packet.WhichOneof("value") == "user":
            packet.user.participant_identity, packet.user.participant_sid = self.identity, self.sid
        packet.kind = DataPacket.RELIABLE if label == RELIABLE else DataPacket.LOSSY
        self._place.data(self, label, packet)

    def _update(self, asked: UpdateParticipantMetadata) -> None:
        reason = RequestResponse.OK if self.permission.can_update_metadata else RequestResponse.NOT_ALLOWED
        if reason == RequestResponse.OK and not self.update(
            asked.metadata, asked.name, dict(asked.attributes)
        ):
            reason = RequestResponse.LIMIT_EXCEEDED
        told = RequestResponse(request_id=asked.request_id, reason=reason, update_metadata=asked)
        self.say(SignalResponse(request_response=told))

    def update(self, metadata: str, name: str, attributes: dict[str, str]) -> bool:
        """What is given is known of the participant from now on, unless it is too much. An empty attribute goes."""
        merged = {key: one for key, one in {**self.info.attributes, **attributes}.items() if one}
        size = sum(len(key) + len(one) for key, one in merged.items())
        if size > MAX_METADATA or len(metadata) > MAX_METADATA or len(name) > MAX_METADATA:
            return False
        self.info.metadata = metadata or self.info.metadata
        self.info.name = name or self.info.name
        self.info.attributes.clear()
        self.info.attributes.update(merged)
        self.info.version += 1
        self._place.changed(self)
        return True

    # ---- what its connections tell -----------------------------------------------------------------------
    def do(self, work: Coroutine[object, object, None], name: str) -> None:
        self._place.spawn(self._done(work), f"{self.identity}: {name}")

    async def _done(self, work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except CallerError as error:
            self.broken(str(error))

    def reached(self, sid: str) -> None:
        self._place.reached(self, sid)

    def is_heard(self, sid: str) -> None:
        """Somebody hears this track of it."""
        self.say(SignalResponse(track_subscribed=TrackSubscribed(track_sid=sid)))

    def connected(self) -> None:
        self.info.state = ParticipantInfo.ACTIVE
        self._place.active(self)

    def closed(self) -> None:
        asyncio.get_running_loop().call_later(
            PART, self._place.leave, self, DisconnectReason.CLIENT_INITIATED
        )

    def broken(self, why: str) -> None:
        log.info("a participant of the dev room cannot go on", participant=self.identity, why=why)
        self._place.leave(self, DisconnectReason.CONNECTION_TIMEOUT)
