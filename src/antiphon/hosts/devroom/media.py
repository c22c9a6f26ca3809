"""A participant's connections by WebRTC: what it publishes, what it hears, and its data.

LiveKit has two ways. In the older one (`/rtc`) the client offers a connection for what it publishes, and the server
offers another for what the client hears. In the newer (`/rtc/v1`) there is one, which the client offers, with empty
sections for the server to fill; the server may ask for more of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Protocol

import structlog
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.rtp import RtpPacket
from aiortc.sdp import SessionDescription as Sdp
from livekit.protocol.rtc import (
    MediaSectionsRequirement,
    SessionDescription,
    SignalResponse,
    SignalTarget,
    TrickleRequest,
)

from antiphon.hosts.devroom.offers import GARBAGE, MAX_CANDIDATES, OfferRefused, candidate, checked
from antiphon.hosts.devroom.sections import Sections, receives, sends
from antiphon.hosts.devroom.sound import Outlet, tap

log = structlog.get_logger(__name__)

RELIABLE, LOSSY = "_reliable", "_lossy"
"The data channels."
ANSWER_WITHIN = 30.0
"Seconds for a client to answer an offer."
CLOSE_WITHIN = 2.0
"Seconds for a connection to be closed; then nobody waits for it."
MAX_UNSENT = 4 << 20
"Bytes of data that may wait for a client that does not read."
MAX_EARLY = 256
"Messages kept for a data channel that is not open yet."
MAX_EARLY_CANDIDATES = 2 * MAX_CANDIDATES
MAX_ASKS = 5
"Offers that a client is asked for on account of one track."
UNSENT_WITHIN = 1.0
"Seconds for a client to send a track that it has named, after an offer in which it does not. One that comes anew, with"
" a connection for both directions, may make its offer a moment before the track is in it, and no other after that."
_OPUS = [one for one in RTCRtpSender.getCapabilities("audio").codecs if one.mimeType == "audio/opus"]


class Owner(Protocol):
    """The participant whose connections they are."""

    sid: str

    @property
    def has_unsent(self) -> bool:
        """It has named a track that no section sends yet."""

    def say(self, message: SignalResponse) -> None:
        """The client is told."""

    def do(self, work: Coroutine[object, object, None], name: str) -> None:
        """The work is done, and its failure ends the participant."""

    def came(self, mid: str, cid: str) -> None:
        """A section of the client's sends: the track that the client calls `cid`."""

    def went(self, mid: str) -> None:
        """It does no longer."""

    def heard(self, mid: str, packet: RtpPacket) -> None:
        """A packet of sound."""

    def data(self, label: str, data: bytes) -> None:
        """A message of data."""

    def reached(self, sid: str) -> None:
        """The client has agreed to hear that track."""

    def connected(self) -> None:
        """Sound and data can pass."""

    def closed(self) -> None:
        """The client closed one of them: it is about to leave, or to come anew."""

    def broken(self, why: str) -> None:
        """They cannot pass, and will not."""


class Media:
    """The connections of one participant. All in the room's loop."""

    def __init__(self, owner: Owner, *, is_single: bool) -> None:
        self._owner = owner
        self._is_single = is_single
        self._first: RTCPeerConnection | None = None
        "The connection that the client offered."
        self._second: RTCPeerConnection | None = None
        "The one that we did."
        self._sections = Sections()
        self._sends: set[str] = set()
        "Sections in which the client sends."
        self._tapped: set[int] = set()
        self._channels: dict[str, RTCDataChannel] = {}
        self._early: list[tuple[str, bytes]] = []
        self._early_candidates: list[tuple[bool, str]] = []
        self._tried = 0
        self._offers = 0
        self._answered = 0
        "Offers of the client's that were answered."
        self._asks = 0
        "How often the client was asked for an offer since a track came that it is to hear."
        self._answer: asyncio.Future[str] | None = None
        self._is_negotiating = False
        self._is_dirty = False
        self._lock = asyncio.Lock()
        self._is_closed = False
        self.is_connected = False

    # ---- what the room wants -----------------------------------------------------------------------------
    def open(self) -> None:
        """The client is offered a connection, where that is ours to do."""
        if not self._is_single:
            self._second = self._connection()
            for label, settings in ((RELIABLE, None), (LOSSY, 0)):
                channel = self._second.createDataChannel(label, maxRetransmits=settings)
                self._hear_by(channel)
                self._speak_by(channel)
            self._renew()

    def hear(self, track: str, owner: str) -> None:
        """The client is to hear the track of the participant `owner`. `Owner.reached` tells when it does."""
        if self._sections.want(track, owner):
            self._asks = 0
            self._renew()

    def forget(self, track: str) -> None:
        """The client hears the track no longer."""
        if self._sections.forget(track):
            self._renew()

    def outlet(self, track: str) -> Outlet | None:
        """Where the track's packets go, if the client hears it."""
        return self._sections.outlet(track)

    def send(self, label: str, data: bytes) -> None:
        """The client gets the data, when its channel is open. What is lossy may be lost."""
        channel = self._channels.get(label)
        if channel is None or channel.readyState == "connecting":
            if label == RELIABLE and len(self._early) < MAX_EARLY:
                self._early.append((label, data))
        elif channel.readyState == "open":
            if channel.bufferedAmount <= MAX_UNSENT:
                channel.send(data)
            elif label == RELIABLE:
                self._owner.broken("it does not read its data")

    async def close(self) -> None:
        """The connections are closed."""
        self._is_closed = True
        if self._answer is not None and not self._answer.done():
            self._answer.cancel()
        for connection in (self._first, self._second):
            if connection is not None:
                try:
                    async with asyncio.timeout(CLOSE_WITHIN):
                        await connection.close()
                except TimeoutError:
                    log.warning("a connection of the dev room does not close")
                except GARBAGE as error:
                    log.info("half a connection cannot be closed", error=repr(error))

    # ---- what the client says ----------------------------------------------------------------------------
    async def offered(self, description: SessionDescription) -> None:
        """The client's offer is answered. Raises OfferRefused."""
        async with self._lock:
            if self._first is None:
                self._first = self._connection()
                self._first.on("datachannel", self._opened)
            first = self._first
            try:
                sdp = checked(description.sdp)
                told = Sdp.parse(sdp)
                cids = {one.rtp.muxId: told.webrtc_track_id(one) for one in told.media if one.kind == "audio"}
                await first.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="offer"))
                if self._is_single:
                    self._is_dirty = False
                    self._sections.place(one for one in first.getTransceivers() if receives(one))
                self._listen(first)
                await first.setLocalDescription(await first.createAnswer())
            except GARBAGE as error:
                raise OfferRefused(f"{type(error).__name__}: {str(error)[:120]}") from error
            answer = SessionDescription(
                type="answer",
                sdp=first.localDescription.sdp,
                # A client waits for the answer to this very offer.
                id=description.id,
                mid_to_track_id=self._sections.by_mid(),
            )
            self._owner.say(SignalResponse(answer=answer))
            self._answered += 1
            await self._try_early()
            self._notice(first, {mid: cid or "" for mid, cid in cids.items()})
            if self._is_single:
                self._agree()
                if (self._is_dirty or self._sections.missing()) and self._asks < MAX_ASKS:
                    self._renew()
                elif self._owner.has_unsent:
                    asyncio.get_running_loop().call_later(UNSENT_WITHIN, self._miss, self._answered)

    def _miss(self, answered: int) -> None:
        """The client is asked for another offer, if it made none since, and still does not send what it named."""
        if answered == self._answered and self._owner.has_unsent and self._asks < MAX_ASKS:
            self._renew()

    def answered(self, description: SessionDescription) -> None:
        """The client's answer to our last offer has come."""
        is_late = description.id not in (0, self._offers)
        if self._answer is not None and not self._answer.done() and not is_late:
            self._answer.set_result(description.sdp)

    async def trickled(self, message: TrickleRequest) -> None:
        """An address of the client's is tried."""
        is_second = message.target == SignalTarget.SUBSCRIBER and not self._is_single
        if len(self._early_candidates) < MAX_EARLY_CANDIDATES:
            self._early_candidates.append((is_second, message.candidateInit))
        await self._try_early()

    async def _try_early(self) -> None:
        waiting, self._early_candidates = self._early_candidates, []
        for is_second, told in waiting:
            connection = self._second if is_second else self._first
            if connection is None or connection.remoteDescription is None:
                self._early_candidates.append((is_second, told))
            elif self._tried < 2 * MAX_CANDIDATES and (found := candidate(told)) is not None:
                self._tried += 1
                try:
                    await connection.addIceCandidate(found)
                except GARBAGE as error:
                    log.debug("an address cannot be tried", error=repr(error))

    # ---- connections -------------------------------------------------------------------------------------
    def _connection(self) -> RTCPeerConnection:
        # With no servers named, aiortc would ask a public one where we are.
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connection.on("connectionstatechange", lambda: self._changed(connection))
        return connection

    def _changed(self, connection: RTCPeerConnection) -> None:
        state = connection.connectionState
        if self._is_closed:
            return
        if state == "failed":
            self._owner.broken("a connection failed")
        elif state == "closed":
            self._owner.closed()
        elif state == "connected" and (connection is self._second or self._is_single):
            self._is_connected_now()

    def _is_connected_now(self) -> None:
        if not self.is_connected:
            self.is_connected = True
            self._owner.connected()

    def _opened(self, channel: RTCDataChannel) -> None:
        """The client made a channel. With one connection, what is for the client goes by the same."""
        if channel.label in (RELIABLE, LOSSY):
            self._hear_by(channel)
            if self._is_single:
                self._speak_by(channel)

    def _hear_by(self, channel: RTCDataChannel) -> None:
        channel.on("message", lambda data: self._came(channel.label, data))

    def _speak_by(self, channel: RTCDataChannel) -> None:
        self._channels[channel.label] = channel
        channel.on("open", self._flush)
        self._flush()

    def _came(self, label: str, data: str | bytes) -> None:
        if isinstance(data, bytes):
            self._owner.data(label, data)

    def _flush(self) -> None:
        early, self._early = self._early, []
        for label, data in early:
            self.send(label, data)

    # ---- what the client publishes -----------------------------------------------------------------------
    def _listen(self, connection: RTCPeerConnection) -> None:
        """Every microphone's packets are heard, whichever section they come in."""
        for transceiver in connection.getTransceivers():
            if transceiver.kind == "audio" and id(transceiver) not in self._tapped and sends(transceiver):
                self._tapped.add(id(transceiver))
                tap(transceiver.receiver, self._hearer(str(transceiver.mid)))

    def _hearer(self, mid: str) -> Callable[[RtpPacket], None]:
        return lambda packet: self._owner.heard(mid, packet)

    def _notice(self, connection: RTCPeerConnection, cids: dict[str, str]) -> None:
        """The participant learns which sections send now, and which do not any longer."""
        now = {str(one.mid) for one in connection.getTransceivers() if one.kind == "audio" and sends(one)}
        gone, new, self._sends = self._sends - now, now - self._sends, now
        for mid in gone:
            self._owner.went(mid)
        for mid in sorted(new):
            self._owner.came(mid, cids.get(mid, ""))

    # ---- what the client hears ---------------------------------------------------------------------------
    def _renew(self) -> None:
        """What the client hears is agreed with it anew, soon."""
        self._is_dirty = True
        if not self._is_negotiating and not self._is_closed:
            self._is_negotiating = True
            self._owner.do(self._negotiate(), "negotiate")

    async def _negotiate(self) -> None:
        try:
            if self._is_single:
                self._ask()
            else:
                while self._is_dirty and not self._is_closed:
                    await self._offer()
        finally:
            self._is_negotiating = False

    def _ask(self) -> None:
        """The client is asked for an offer, with as many sections more as are needed."""
        if self._first is None or self._first.remoteDescription is None:
            return  # its first offer is to come
        self._is_dirty = False
        self._asks += 1
        missing = len(self._sections.missing())
        free = len(self._sections.free(one for one in self._first.getTransceivers() if receives(one)))
        needed = MediaSectionsRequirement(num_audios=max(0, missing - free))
        self._owner.say(SignalResponse(media_sections_requirement=needed))

    async def _offer(self) -> None:
        self._is_dirty = False
        second = self._second
        assert second is not None
        for _ in range(len(self._sections.missing()) - len(self._sections.free(second.getTransceivers()))):
            second.addTransceiver("audio", direction="inactive").setCodecPreferences(_OPUS)
        self._sections.place(second.getTransceivers())
        self._offers += 1
        self._answer = asyncio.get_running_loop().create_future()
        await second.setLocalDescription(await second.createOffer())
        offer = SessionDescription(
            type="offer",
            sdp=second.localDescription.sdp,
            id=self._offers,
            mid_to_track_id=self._sections.by_mid(),
        )
        self._owner.say(SignalResponse(offer=offer))
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                sdp = checked(await self._answer)
            await second.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))
        except TimeoutError as error:
            raise OfferRefused("it was not answered in time.") from error
        except GARBAGE as error:
            raise OfferRefused(f"{type(error).__name__}: {str(error)[:120]}") from error
        await self._try_early()
        self._agree()

    def _agree(self) -> None:
        """The client has agreed to what it was told that it hears."""
        for track in self._sections.agree():
            self._owner.reached(track)
