"""A caller's line through a LiveKit room: sound on tracks, typed lines as text streams, and the news of the session.

The room is asked for at an Antiphon server, which says where it is: its own dev room, or a LiveKit server. The client
is LiveKit's own, with its jitter buffer; what that gives out is heard by an `Earpiece` at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from antiphon.bench.caller import Caller
from antiphon.bench.earpiece import Earpiece
from antiphon.bench.headset import Loudspeaker
from antiphon.bench.line import CallDropped, Inbox
from antiphon.bench.news import NewsReader, news_of
from antiphon.bench.realtime_line import refused
from antiphon.bench.site import Site, told
from antiphon.core.audio import BYTES_PER_SAMPLE
from antiphon.core.errors import CallerError, SetupError
from antiphon.wire import native

try:
    from livekit import rtc
    from livekit.rtc.participant import PublishTrackError
except ImportError as error:
    raise SetupError(f"rooms need more: pip install 'antiphon[livekit]' ({error})") from error

RATE = 48_000
FRAME_S = 0.010
"Seconds of a piece of the microphone: LiveKit's client takes these as they come, and none other without a queue."
JITTER_S = 0.010
"Seconds of sound kept against the loop's unrest. The network's is met by the client's own buffer."
OPEN_WITHIN_S = 40.0
"Seconds a server has to give a room: the first one may load what it needs."
MEET_WITHIN_S = 20.0
"Seconds an agent has to come into the room and listen."
BEHIND = 3
"Pieces waiting to be sent from which on silence is left out: a busy machine makes up for its delay there."
ASK_EVERY_S = 0.05
"Seconds between two looks whether the session is on air."
NEWS_LATE_S = 0.05
"Seconds by which news may come later than sound that left the server after them."
PAUSE_S = 0.2
"Seconds of silence after which a turn that is over was heard to its end: longer than between two words."
ON_ITS_WAY_S = 0.6
"Seconds for which a turn that is over may still sound: through the server of the room and two buffers."
CHAT = "lk.chat"
"Topic of what is typed: https://docs.livekit.io/agents/build/text/"
STATE = "lk.agent.state"
"Attribute by which an agent says what it does."
BUSY_WITH_US = ("listening", "thinking", "speaking")
AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT


@dataclass(frozen=True, slots=True)
class Opened:
    """What the server gave us: the room, and what the conversation in it is called."""

    url: str
    token: str
    session: str


class LiveKitLine:
    """A `Line` through one room."""

    def __init__(self, agent: str, session: str) -> None:
        self._agent = agent
        self._session = session
        self._room = rtc.Room()
        # Without a queue the pieces leave as they are given: the caller's microphone keeps the time already.
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=0)
        self._came = Inbox()
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self._speaking: asyncio.Task[None] | None = None
        self._voices: dict[str, asyncio.Task[None]] = {}
        "By their tracks' ids, the latest last: that is whom we hear."
        self._changed = asyncio.Event()
        self._is_over = False
        self._news: NewsReader | None = None
        self._earpiece: Earpiece | None = None
        self._sounding = 0
        "The turn that was told of last."
        self._tell(native.Ready(session, agent, rate=RATE, play_rate=RATE))

    # ---- the caller's end ----------------------------------------------------------------------------------
    async def send(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            if self._pieces.qsize() < BEHIND or any(message):
                self._pieces.put_nowait(message)
            return
        match native.decode_client(message):
            case native.TypedText(text):
                await self._room.local_participant.send_text(text, topic=CHAT)
            case native.Bye():
                await self.close()
                self.gone(1000, "bye")
            case native.Interrupt() | native.Ping() | native.AskPerson() as other:
                raise CallerError(f"a room has no word for {other.type!r}", code="no_such_word")
            case _:
                pass  # the agent greets as the token says; what was played is not asked here

    async def receive(self) -> str | bytes:
        return await self._came.next()

    def plug_in(self, ready: native.Ready, clock: Callable[[], float]) -> Loudspeaker:
        """The loudspeaker of the caller."""
        self._earpiece = Earpiece(
            ready.play_rate, clock, jitter_s=JITTER_S, pause_s=PAUSE_S, late_s=ON_ITS_WAY_S
        )
        return self._earpiece

    async def close(self) -> None:
        if not self._is_over:
            self._is_over = True
            await self._room.disconnect()
            tasks = [*self._voices.values(), *([self._speaking] if self._speaking is not None else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._source.aclose()

    def abort(self) -> None:
        self.gone(1006, "the connection broke")

    # ---- the room ------------------------------------------------------------------------------------------
    async def join(self, opened: Opened) -> None:
        """We are in the room, and our microphone is heard in it. Raises SetupError."""
        room = self._room
        room.on("track_subscribed", self._hears)
        room.on("track_unsubscribed", self._falls_silent)
        for news in ("participant_connected", "participant_attributes_changed"):
            room.on(news, lambda *_: self._changed.set())
        room.on("disconnected", lambda *_: self.gone(1006, "the room is gone"))
        try:
            await room.connect(opened.url, opened.token)
            track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
            options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
            await room.local_participant.publish_track(track, options)
        except (rtc.ConnectError, PublishTrackError) as error:
            raise SetupError(f"the room at {opened.url} cannot be entered: {error}") from error
        self._speaking = asyncio.ensure_future(self._speak())

    async def _speak(self) -> None:
        while True:
            piece = await self._pieces.get()
            await self._source.capture_frame(rtc.AudioFrame(piece, RATE, 1, len(piece) // BYTES_PER_SAMPLE))

    async def met(self, *, is_listening: bool) -> None:
        """The agent is in the room, and, where that is asked, listens. Raises CallerError."""
        try:
            async with asyncio.timeout(MEET_WITHIN_S):
                while not self._is_met(is_listening):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise refused("no agent came into the room") from None

    def _is_met(self, is_listening: bool) -> bool:
        agents = [one for one in self._room.remote_participants.values() if one.kind == AGENT]
        if not is_listening:
            return bool(agents)
        return bool(self._voices) and any(one.attributes.get(STATE) in BUSY_WITH_US for one in agents)

    def _hears(self, track: rtc.Track, _: object, participant: rtc.RemoteParticipant) -> None:
        if participant.kind == AGENT and track.kind == rtc.TrackKind.KIND_AUDIO:
            self._voices[track.sid] = asyncio.ensure_future(self._listen(track))
            self._changed.set()

    def _falls_silent(self, track: rtc.Track, *_: object) -> None:
        if (voice := self._voices.pop(track.sid, None)) is not None:
            voice.cancel()

    async def _listen(self, track: rtc.Track) -> None:
        """What an agent's track gives is heard, as long as no other agent's came after it."""
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1)
        try:
            async for event in stream:
                if self._earpiece is not None and next(reversed(self._voices)) == track.sid:
                    self._earpiece.hear(bytes(event.frame.data))
        finally:
            await stream.aclose()

    # ---- what is told of the conversation ------------------------------------------------------------------
    async def run(self, news: NewsReader) -> None:
        """The caller is told the news, until there are no more: the agent has left then."""
        while (message := await news.next()) is not None:
            self._tune(message)
            if not isinstance(message, native.Hold | native.Resume):
                self._tell(message)
        self.gone(1000, "the agent has left the room")

    def _tune(self, message: native.ServerMessage) -> None:
        """The earpiece knows what turn sounds, as far as it can be told."""
        earpiece = self._earpiece
        if earpiece is None:
            return
        match message:
            case native.Sentence(turn) | native.PhaseIs("speaking", turn) if turn > self._sounding:
                self._sounding = turn
                earpiece.begins(turn)
            case native.Remembered(turn, "agent", is_past=False):
                earpiece.ends(turn)
            case native.PhaseIs("idle"):
                earpiece.ends(self._sounding)

    def gone(self, code: int, why: str) -> None:
        """The call is over; what came before is still received."""
        self._came.gone(CallDropped(code, why))

    def _tell(self, message: native.ServerMessage) -> None:
        self._came.put(native.encode(message))


@asynccontextmanager
async def call_livekit(
    url: str, *, agent: str = "tutor", greet: bool = False, key: str = ""
) -> AsyncIterator[Caller]:
    """A call in a room of the server at `url`. `key`: a token to call. Raises SetupError, CallerError."""
    site = Site(url, key)
    opened = await _opened(site, agent, greet=greet)
    line = LiveKitLine(agent, opened.session)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(line.close)
        await line.join(opened)
        await line.met(is_listening=not greet)
        news = await _on_air(stack, site, opened.session)

        async def run() -> None:
            await line.run(news)

        yield await stack.enter_async_context(
            Caller(
                line,
                native.Hello(greet=greet),
                frame_s=FRAME_S,
                player=line.plug_in,
                errands=[run],
                news_late_s=NEWS_LATE_S,
            )
        )


async def _on_air(stack: AsyncExitStack, site: Site, session: str) -> NewsReader:
    """The news of the session, which has begun. Raises CallerError when it does not."""
    with suppress(TimeoutError):
        async with asyncio.timeout(MEET_WITHIN_S):
            while True:
                if (
                    news := await stack.enter_async_context(news_of(site.url, session, site.token))
                ) is not None:
                    return news
                await asyncio.sleep(ASK_EVERY_S)
    raise refused("no agent came into the room, or it is held by another server, which has the news of it")


async def _opened(site: Site, agent: str, *, greet: bool) -> Opened:
    """What the server grants. Raises SetupError when there is none, CallerError when it gives no room."""
    try:
        wish = {"agent": agent} if greet else {"agent": agent, "greet": False}
        async with site.ask("POST", "/api/livekit/token", wish, OPEN_WITHIN_S) as answer:
            given = told(answer.status, await answer.whole())
        return Opened(str(given["url"]), str(given["token"]), str(given["session"]))
    except CallerError as error:
        raise refused(str(error)) from None
    except KeyError as error:
        raise refused(f"what it gives has no {error}") from None
    except OSError as error:
        raise SetupError(
            f"no server answers at {site.url} ({error or type(error).__name__}): start one with"
            " `antiphon serve`, or give its address with --url"
        ) from error
