"""WebRTC by aiortc, in a thread with a loop of its own: sound keeps its pace while the other loop thinks.

Of aiortc the connection is used (ICE, DTLS, SRTP, SCTP), and not its way with sound. A microphone's packets go
straight through a decoder to the ears: aiortc would keep them for 80 ms, as one does for an ear that wants its sound
steady, and pass each through a thread. The voice is encoded here, once, in mono; it would be made stereo in a pool of
threads. Silence costs nothing: RFC 6716 has a packet for it.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable, Coroutine
from fractions import Fraction
from typing import Any, TypeVar

import structlog

from antiphon.core.audio import BYTES_PER_SAMPLE, Pcm
from antiphon.core.errors import CallerError, SetupError
from antiphon.transports.realtime.peer import RATE, PeerLine, PlayoutBuffer

try:
    from aiortc import (
        InvalidAccessError,
        InvalidStateError,
        MediaStreamTrack,
        RTCConfiguration,
        RTCDataChannel,
        RTCPeerConnection,
        RTCRtpSender,
        RTCSessionDescription,
    )
    from aiortc.exceptions import InternalError, OperationError
    from aiortc.mediastreams import MediaStreamError
    from aiortc.stats import RTCRemoteInboundRtpStreamStats

    from antiphon.transports.realtime.opus import TICK, TICK_SECONDS, WIRE_RATE, Ear, OpusVoice
except ImportError as error:
    raise SetupError(
        f"WebRTC does not load here ({error}): pip install --force-reinstall aiortc av"
    ) from error

from av import Packet
from av.stream import Stream

log = structlog.get_logger(__name__)

CHANNEL = "oai-events"
"The data channel on which events come and go. The client makes it."
ANSWER_WITHIN = 10.0
"Seconds to answer an offer."
FLUSH_WITHIN = 0.5
"Seconds for the last events to leave before the connection is closed."
END_WITHIN = 2.0
"Seconds for a connection to be closed; then nobody waits for it."
MAX_UNSENT = 4 << 20
"Bytes of events that may wait for a client that does not read."
MAX_EARLY = 1000
"Events kept for a data channel that does not exist yet."
MAX_OFFER = 64 * 1024
"Characters of an offer. A browser's has 2,000 to 8,000."
MAX_CANDIDATES = 16
"Addresses of the client that are tried; each costs a few packets a second until one of them works."
LEAST_DELAY = 0.06
"Seconds of sound that a browser keeps to be on the safe side, at the least, with its loudspeaker's."
MOST_DELAY = 0.3
BEHIND = 0.2
"Seconds by which the voice may be late; beyond, it goes on with the time, as after a machine's sleep."
_NAMED = re.compile(r"^a=candidate:[^\r\n]*\.local [^\r\n]*\r?\n", re.MULTILINE)
"Addresses that only the client's own network can look up; the client reaches us, so they are not needed."
_GARBAGE = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, StopIteration,
    InvalidStateError, InvalidAccessError, InternalError, OperationError,
)  # fmt: skip
"What aiortc raises for an offer that is none, or that contradicts itself."
TIME_BASE, STEP = Fraction(1, WIRE_RATE), round(TICK_SECONDS * WIRE_RATE)
Got = TypeVar("Got")


class OfferRefused(CallerError):
    """An SDP offer that cannot be answered."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Failed to parse SDP offer: {why}", field="sdp", code="invalid_offer")


def checked(offer: str) -> str:
    """The offer, with what is of no use taken out. Raises OfferRefused for what can be seen from afar."""
    if len(offer) > MAX_OFFER:
        raise OfferRefused(f"it has more than {MAX_OFFER} characters.")
    if not offer.startswith("v=0"):
        raise OfferRefused("it does not begin with v=0.")
    offer = _NAMED.sub("", offer)
    kinds = re.findall(r"^m=(\w+) ", offer, re.MULTILINE)
    if kinds.count("audio") != 1 or kinds.count("application") > 1 or len(kinds) > 2:
        raise OfferRefused("it must hold one audio section, at most one data channel, and nothing else.")
    if re.search(r"^a=(sendonly|inactive)\s*$", offer, re.MULTILINE):
        raise OfferRefused("it must receive audio: sendrecv or recvonly.")
    for needed in ("a=fingerprint:", "a=ice-ufrag:", "a=ice-pwd:", " opus/48000"):
        if needed not in offer:
            raise OfferRefused(f"it lacks {needed.strip(' :')}.")
    lines, seen = [], 0
    for line in offer.splitlines():
        seen += line.startswith("a=candidate:")
        if not line.startswith("a=candidate:") or seen <= MAX_CANDIDATES:
            lines.append(line)
    return "\r\n".join(lines) + "\r\n"


class Media:
    """The WebRTC clients of a process, and the thread of their sound, which lives as long as there are any.

    To be used in one loop.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._peers = 0

    async def answer(self, offer: str) -> RtcPeer:
        """A client that made the offer, and is not connected yet. Raises OfferRefused."""
        offer = checked(offer)
        here = asyncio.get_running_loop()
        loop = self._started()
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await _in(loop, _answer(offer, here, self._ended))
        except BaseException:
            self._ended()
            raise

    def _started(self) -> asyncio.AbstractEventLoop:
        self._peers += 1
        if self._loop is None:
            self._loop = _new_event_loop()
            threading.Thread(target=_run, args=(self._loop,), name="media", daemon=True).start()
        return self._loop

    def _ended(self) -> None:
        self._peers -= 1
        if self._peers == 0 and self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it exists: two packets of a call in 20 ms are a lot of events."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.run_until_complete(_finish())
    loop.close()


async def _finish() -> None:
    """What was begun in this loop has ended, and whoever waits for that in another thread knows it."""
    if ending := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(ending, timeout=END_WITHIN)
    await asyncio.sleep(0)  # a task that ended is told of by a callback, in the next round of the loop


async def _in(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Got]) -> Got:
    """The work was done in that loop."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))


async def _answer(offer: str, here: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> RtcPeer:
    # With no servers named, aiortc would ask a public one where we are.
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer = RtcPeer(connection, here, ended)
    try:
        await peer.begin(offer)
    except _GARBAGE as error:
        await _abandon(connection)
        raise OfferRefused(f"{type(error).__name__}: {str(error)[:120]}") from error
    except BaseException:
        await _abandon(connection)
        raise
    return peer


async def _abandon(connection: RTCPeerConnection) -> None:
    """As much of a connection as had been made is closed."""
    try:
        await connection.close()
    except _GARBAGE as error:
        log.info("half a connection cannot be closed", error=repr(error))


class RtcPeer:
    """`peer.Peer`. Everything with a name that begins with an underscore is of the media's thread."""

    def __init__(
        self, connection: RTCPeerConnection, here: asyncio.AbstractEventLoop, ended: Callable[[], None]
    ) -> None:
        self.answer = ""
        self.playout = PlayoutBuffer(time.monotonic)
        self.delay = LEAST_DELAY
        self.line = PeerLine(self._post_soon, self._close_soon)
        self._connection = connection
        self._here = here
        self._there = asyncio.get_running_loop()
        self._ended = ended
        self._channel: RTCDataChannel | None = None
        self._early: list[str] = []
        self._hear: Callable[[Pcm], None] | None = None
        self._connected: asyncio.Future[bool] = here.create_future()
        self._ear = Ear(self._heard, self._there.time)
        self._closing: asyncio.Task[None] | None = None
        self._is_shut = False
        self._sender: RTCRtpSender | None = None

    # ---- from the loop of the call -----------------------------------------------------------------------
    def listen(self, hear: Callable[[Pcm], None]) -> None:
        self._hear = hear

    async def connected(self, within: float) -> bool:
        done, _ = await asyncio.wait([self._connected], timeout=within)
        return bool(done) and self._connected.result()

    async def close(self) -> None:
        """Ends when the connection is closed."""
        self._hear = None
        if self._is_shut:
            return
        try:
            async with asyncio.timeout(END_WITHIN):
                await _in(self._there, self._close())
        except TimeoutError:
            log.warning("a connection by WebRTC does not close")

    def _post_soon(self, text: str) -> None:
        self._call(self._post, text)

    def _close_soon(self) -> None:
        self._call(self._end)

    def _call(self, what: Callable[..., object], *given: object) -> None:
        try:
            self._there.call_soon_threadsafe(what, *given)
        except RuntimeError:
            self.line.gone("the connection is closed")

    # ---- in the media's thread ---------------------------------------------------------------------------
    async def begin(self, offer: str) -> None:
        """The offer has an answer, and the client may connect."""
        connection = self._connection
        transceiver = connection.addTransceiver(_Voice(self, self._ear), direction="sendrecv")
        opus = [one for one in RTCRtpSender.getCapabilities("audio").codecs if one.mimeType == "audio/opus"]
        transceiver.setCodecPreferences(opus)
        self._sender = transceiver.sender
        # The place of the buffer that keeps a microphone's packets; the ear needs none.
        name = "_RTCRtpReceiver__jitter_buffer"
        if not hasattr(transceiver.receiver, name):
            raise SetupError("this release of aiortc is not known here: pip install 'aiortc<1.17'")
        setattr(transceiver.receiver, name, self._ear)
        connection.on("connectionstatechange", self._changed)
        connection.on("datachannel", self._opened)
        await connection.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        self.answer = connection.localDescription.sdp

    def _changed(self) -> None:
        state = self._connection.connectionState
        if state == "connected":
            self._tell(self._settle, True)
        elif state in ("failed", "closed"):
            self._gone(f"the connection {'failed' if state == 'failed' else 'is closed'}")

    def _opened(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL or self._channel is not None:
            return
        self._channel = channel
        channel.on(
            "message", lambda data: self._tell(self.line.came, data if isinstance(data, str) else None)
        )
        channel.on("close", lambda: self._gone("the data channel is closed"))
        early, self._early = self._early, []
        for text in early:
            self._post(text)

    def _post(self, text: str) -> None:
        channel = self._channel
        if channel is None:
            if len(self._early) < MAX_EARLY:
                self._early.append(text)
        elif channel.readyState == "open":
            if channel.bufferedAmount > MAX_UNSENT:
                self._gone("the client does not read")
            else:
                channel.send(text)

    def _heard(self, pcm: Pcm) -> None:
        self._tell(self._pass_on, pcm)

    def _pass_on(self, pcm: Pcm) -> None:
        if self._hear is not None:
            self._hear(pcm)

    async def measure(self) -> None:
        """`delay` is what the client last reported of its network, and what its player keeps at least."""
        assert self._sender is not None
        for one in (await self._sender.getStats()).values():
            if isinstance(one, RTCRemoteInboundRtpStreamStats):
                jitter = 4 * one.jitter / WIRE_RATE
                self.delay = min(LEAST_DELAY + (one.roundTripTime or 0.0) / 2 + jitter, MOST_DELAY)

    def _gone(self, why: str) -> None:
        self._tell(self._settle, False)
        self._tell(self.line.gone, why)

    def _settle(self, is_connected: bool) -> None:
        if not self._connected.done():
            self._connected.set_result(is_connected)

    def _tell(self, what: Callable[..., object], *given: object) -> None:
        try:
            self._here.call_soon_threadsafe(what, *given)
        except RuntimeError:
            self._end()  # the loop of the call is no more

    def _end(self) -> None:
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._shut())

    async def _close(self) -> None:
        self._end()
        assert self._closing is not None
        await asyncio.shield(self._closing)

    async def _shut(self) -> None:
        try:
            channel, until = self._channel, self._there.time() + FLUSH_WITHIN
            while channel is not None and channel.readyState == "open" and self._there.time() < until:
                if channel.bufferedAmount == 0:
                    break
                await asyncio.sleep(0.01)
            self._gone("the call is over")
            await self._connection.close()
        finally:
            self._is_shut = True
            self._tell(self._ended)


class _Voice(MediaStreamTrack):
    """Our voice: a packet every 20 ms, of what is in the buffer, or of silence."""

    kind = "audio"

    def __init__(self, peer: RtcPeer, ear: Ear) -> None:
        super().__init__()
        self._peer = peer
        self._ear = ear
        self._clock = asyncio.get_running_loop().time
        self._voice = OpusVoice(RATE)
        self._due = 0.0
        self._sent = 0

    async def recv(self) -> Packet[Stream]:
        """The next packet, when it is due."""
        if self.readyState != "live":
            raise MediaStreamError
        now = self._clock()
        if self._due == 0.0:
            self._due = now
        elif (late := now - self._due) > BEHIND:
            skipped = int(late / TICK_SECONDS)
            self._due += skipped * TICK_SECONDS
            self._sent += skipped
        elif late < 0:
            await asyncio.sleep(-late)
        self._due += TICK_SECONDS
        self._ear.fill(self._clock())
        if self._sent % 100 == 0:
            await self._peer.measure()
        sound = self._peer.playout.take(TICK)
        packet = Packet(self._voice.packet(sound.ljust(TICK * BYTES_PER_SAMPLE, b"\0") if sound else b""))
        packet.pts, packet.time_base = self._sent * STEP, TIME_BASE
        self._sent += 1
        return packet
