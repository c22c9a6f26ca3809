"""A caller's line over OpenAI's protocol by WebRTC: sound on tracks in real time, events on a data channel.

Of aiortc the connection is used. Its buffer for packets, which adds 80 ms to all that is heard, is passed by: packets
are decoded as they come, and an `Earpiece` with a buffer of its own, like a browser's, plays them.
"""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fractions import Fraction
from urllib.parse import quote

from antiphon.bench.caller import Caller
from antiphon.bench.earpiece import Earpiece
from antiphon.bench.headset import Loudspeaker
from antiphon.bench.interpreter import Told
from antiphon.bench.line import CallDropped
from antiphon.bench.realtime_line import (
    BIND_WITHIN_S,
    RealtimeLine,
    first_event,
    realtime_url,
    refused,
    speaking,
)
from antiphon.core.audio import Pcm
from antiphon.core.errors import SetupError
from antiphon.wire import native
from antiphon.wire import openai_realtime as rt

try:
    from aiortc import (
        InvalidStateError,
        MediaStreamTrack,
        RTCConfiguration,
        RTCPeerConnection,
        RTCSessionDescription,
    )
    from av import Packet
    from av.stream import Stream

    from antiphon.transports.realtime.opus import TICK_SECONDS, WIRE_RATE, Ear, OpusVoice
except ImportError as error:
    raise SetupError(
        f"WebRTC does not load here ({error}): pip install --force-reinstall aiortc av"
    ) from error

CHANNEL = "oai-events"
ANSWER_WITHIN_S = 20.0
"Seconds a server has to answer the offer: the first one may load what it needs."
MAX_UNSENT = 100
"Pieces of the microphone that wait to be sent, where the machine is too busy; then the oldest go."


class PeerLine(RealtimeLine):
    """The protocol by WebRTC, once it is connected."""

    rate = WIRE_RATE
    plays = False

    def __init__(self, agent: str, first: str, peer: Peer) -> None:
        super().__init__(agent, first)
        self._peer = peer
        self._playouts: deque[tuple[str, bool]] = deque()
        "Responses that begin (True) or end to sound, of which the turn is not known yet."

    async def run(self) -> None:
        """Everything the server sends has its effect, until the connection ends."""
        try:
            while True:
                self.take(await self._peer.receive())
        except CallDropped as dropped:
            self.gone(dropped)

    def plug_in(self, ready: native.Ready, clock: Callable[[], float]) -> Loudspeaker:
        earpiece = self._earpiece = Earpiece(ready.play_rate, clock)
        self._peer.hear = earpiece.hear
        self.loudspeaker = earpiece
        return earpiece

    def _heard(self, event: rt.ServerEvent | rt.UnknownEvent) -> None:
        match event:
            case rt.PlaybackStarted(response_id=id):
                self._playouts.append((id, True))
            case rt.PlaybackStopped(response_id=id) | rt.PlaybackCleared(response_id=id):
                self._playouts.append((id, False))
            case _:
                return
        self._tune()
        if self._playouts:
            asyncio.get_running_loop().call_later(BIND_WITHIN_S, self._settle)

    def _tell(self, told: list[Told]) -> None:
        super()._tell(told)
        self._tune()

    def _tune(self) -> None:
        """The earpiece knows what turns sound, as far as it can be told."""
        while self._playouts and (turn := self._interpreter.turn_of(self._playouts[0][0])) is not None:
            _, begins = self._playouts.popleft()
            if begins:
                self._earpiece.begins(turn)
            else:
                self._earpiece.ends(turn)

    async def _send_event(self, text: str) -> None:
        self._peer.send(text)

    async def _send_sound(self, data: bytes) -> None:
        self._peer.mouth.say(data)

    async def close(self) -> None:
        await self._peer.close()

    def abort(self) -> None:
        self._peer.lost("the connection broke")


class Peer:
    """Our end of a connection: a microphone, an ear, and a channel of events. `hear` is given the sound that comes."""

    def __init__(self) -> None:
        # With no servers named, aiortc would ask a public one where we are.
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.mouth = Mouth()
        self.hear: Callable[[bytes], None] | None = None
        self._events: asyncio.Queue[str | None] = asyncio.Queue()
        self._why = ""
        self.id = ""
        "What the server calls the connection."
        transceiver = self._connection.addTransceiver(self.mouth, direction="sendrecv")
        name = "_RTCRtpReceiver__jitter_buffer"
        if not hasattr(transceiver.receiver, name):
            raise SetupError("this release of aiortc is not known here: pip install 'aiortc<1.17'")
        setattr(transceiver.receiver, name, Ear(self._heard, asyncio.get_running_loop().time))
        self._connection.on("connectionstatechange", self._changed)
        self._channel = self._connection.createDataChannel(CHANNEL)
        self._channel.on("message", self._took)
        self._channel.on("close", lambda: self.lost("the data channel is closed"))

    async def call(self, address: str, key: str) -> None:
        """The server at `address` has answered our offer. Raises SetupError, CallerError."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        offer = self._connection.localDescription.sdp
        answer, self.id = await asyncio.to_thread(_answered, address, key, offer)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
        except (ValueError, InvalidStateError) as error:
            raise refused(f"its answer cannot be read: {error}") from None

    async def receive(self) -> str:
        """The next event. Raises CallDropped."""
        text = await self._events.get()
        if text is None:
            self._events.put_nowait(None)
            raise CallDropped(1000, self._why)
        return text

    def send(self, text: str) -> None:
        """The event is on its way. Raises CallDropped."""
        if self._why or self._channel.readyState != "open":
            raise CallDropped(1006, self._why or "the data channel is not open")
        self._channel.send(text)

    def lost(self, why: str) -> None:
        """There is nobody at the other end; what came before is still received."""
        if not self._why:
            self._why = why
            self._events.put_nowait(None)

    async def close(self) -> None:
        self.lost("the call is over")
        await self._connection.close()

    def _took(self, data: str | bytes) -> None:
        self._events.put_nowait(data if isinstance(data, str) else data.decode(errors="replace"))

    def _changed(self) -> None:
        if self._connection.connectionState in ("closed", "failed"):
            self.lost(f"the connection is {self._connection.connectionState}")

    def _heard(self, pcm: Pcm) -> None:
        if self.hear is not None:
            self.hear(pcm.data)


class Mouth(MediaStreamTrack):
    """A microphone's track: every piece of 20 ms leaves as soon as it is full."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self._voice = OpusVoice(WIRE_RATE)
        self._sent = 0

    def say(self, piece: bytes) -> None:
        """PCM16 of 20 ms at 48 kHz."""
        if self._pieces.qsize() >= MAX_UNSENT:
            self._pieces.get_nowait()
        self._pieces.put_nowait(piece)

    async def recv(self) -> Packet[Stream]:
        """The next packet, when it is there."""
        packet = Packet(self._voice.packet(await self._pieces.get()))
        packet.pts, packet.time_base = self._sent * round(TICK_SECONDS * WIRE_RATE), Fraction(1, WIRE_RATE)
        self._sent += 1
        return packet


@asynccontextmanager
async def call_webrtc(
    url: str, *, agent: str = "tutor", greet: bool = False, key: str = "", is_judged: bool = False
) -> AsyncIterator[Caller]:
    """A call to the server at `url` by the protocol over WebRTC. Raises SetupError, CallerError.

    `is_judged`: with turns by `semantic_vad`; else as the server has it, which is `server_vad`.
    """
    address = f"{realtime_url(url, 'http', '/calls')}?model={quote(agent, safe='')}"
    peer = Peer()
    try:
        await peer.call(address, key)
        line = PeerLine(agent, await first_event(peer.receive()), peer)
        line.is_judged = is_judged
        async with speaking(line, line.run, address, greet=greet, key=key, frame_s=TICK_SECONDS) as caller:
            yield caller
    finally:
        await peer.close()


def _answered(address: str, key: str, offer: str) -> tuple[str, str]:
    """The answer to the offer, and what the call is called there. Raises SetupError, CallerError."""
    headers = {"content-type": "application/sdp", "authorization": f"Bearer {key or 'none'}"}
    request = urllib.request.Request(address, offer.encode(), headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=ANSWER_WITHIN_S) as answer:
            call = str(answer.headers.get("location") or "").partition("?")[0].rpartition("/")[2]
            return str(answer.read().decode()), call
    except urllib.error.HTTPError as error:
        raise refused(_told(error)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise SetupError(
            f"no server answers at {address} ({reason}): start one with `antiphon serve`, or give its address"
            " with --url"
        ) from error


def _told(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read(10_000))["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}"
