"""A caller's line of a direct call: a provider hears the caller by WebRTC, and our server answers over HTTP.

    async with call_direct("http://127.0.0.1:8700", agent="tutor") as caller:
        ...

The caller speaks as to `/orchestrate`, and is spoken to so; here this becomes what a page does: see
docs/reference/direct.md.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import numpy as np

from antiphon.bench.caller import Caller
from antiphon.bench.headset import Loudspeaker
from antiphon.bench.line import CallDropped, Inbox
from antiphon.bench.overheard import Overheard
from antiphon.bench.realtime_line import MAX_EVENT, NEWS_LATE_S, first_event, refused
from antiphon.bench.site import Site
from antiphon.bench.two_voices import TwoVoices
from antiphon.bench.webrtc_line import Peer
from antiphon.core.audio import BYTES_PER_SAMPLE
from antiphon.core.errors import CallerError, SetupError
from antiphon.transports.realtime.opus import TICK_SECONDS, WIRE_RATE
from antiphon.wire import direct, native
from antiphon.wire import openai_realtime as rt

DISPATCH = "dispatch_to_orchestrator"
"The function by which the provider hands a question on."
REPORT_EVERY_S = 0.2
"Seconds between two reports of how far the player is."
JITTER_S = 0.010
"Seconds of an answer's sound that are kept against the network's unrest."
SOUND_WITHIN_S = 40.0
"Seconds until an answer's sound begins: a server makes who asks wait for it."
LOUD = 400.0
"Level in 16-bit steps (−38 dBFS) above which the microphone hears the caller."


@dataclass(frozen=True, slots=True)
class Opened:
    """What the server grants: a session of its own, and a key to the provider."""

    session: str
    token: str
    secret: str
    provider_url: str
    play_rate: int


class DirectLine:
    """A `Line` to both of them. `at_work` keeps our server's end going, `listen` the provider's."""

    def __init__(self, agent: str, site: Site, opened: Opened, peer: Peer) -> None:
        self._agent = agent
        self._site = site
        self._opened = opened
        self._peer = peer
        self._codec = rt.ClientSide(longest=MAX_EVENT)
        self._overheard = Overheard()
        self._came = Inbox()
        self._clock = asyncio.get_running_loop().time
        self._fetched: set[str] = set()
        "Jobs whose sound was asked for."
        self._cleared: set[int] = set()
        self._whole: set[int] = set()
        "Turns of which no more sound will come."
        self._reports: dict[int, native.PlayedAck] = {}
        self._has_reports = asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None
        self._working: list[asyncio.Task[None]] = []
        self._lines = 0
        "That were typed."
        self._is_over = False
        self.loudspeaker: TwoVoices | None = None
        ready = native.Ready(
            opened.session,
            agent,
            rate=WIRE_RATE,
            play_rate=opened.play_rate,
            ack_ms=round(REPORT_EVERY_S * 1000),
        )
        self._tell(ready)

    # ---- the caller's end ----------------------------------------------------------------------------------
    async def send(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            samples = np.frombuffer(message, "<i2").astype(np.float64)
            if len(samples) and np.sqrt(np.mean(samples**2)) > LOUD:
                self._overheard.sounds(self._clock())
            self._peer.mouth.say(message)
            return
        match native.decode_client(message):
            case native.TypedText(text):
                self._lines += 1
                self._overheard.types(text)
                await self._ask(text, f"line_{self._lines}")
            case native.Interrupt():
                await self._post("interrupt")
            case native.PlayedAck() as report:
                self._reports[report.turn] = report
                self._has_reports.set()
            case native.Bye():
                await self._post("close")
                self.gone(CallDropped(1000, "bye"))
            case native.Ping() | native.AskPerson() as other:
                raise CallerError(f"a direct call has no word for {other.type!r}", code="no_such_word")
            case _:
                pass

    async def receive(self) -> str | bytes:
        return await self._came.next()

    async def close(self) -> None:
        self.gone(CallDropped(1000, "bye"))
        await self._peer.close()

    def abort(self) -> None:
        self.gone(CallDropped(1006, "the connection broke"))
        self._peer.lost("the connection broke")
        self._site.abort()

    def gone(self, why: CallDropped) -> None:
        """The call is over; what came before is still received."""
        if not self._is_over:
            self._is_over = True
            self._came.gone(why)

    def plug_in(self, ready: native.Ready, clock: Callable[[], float]) -> Loudspeaker:
        """The loudspeaker of the caller, which the line looks at."""
        speaker = self.loudspeaker = TwoVoices(
            ready.play_rate, clock, stream_rate=WIRE_RATE, jitter_s=JITTER_S, ack_s=ready.ack_ms / 1000
        )
        for turn in self._whole:
            speaker.all_came(turn)
        self._peer.hear = speaker.hear
        return speaker

    def _tell(self, *told: native.ServerMessage | native.AudioFrame) -> None:
        for one in told:
            if isinstance(one, native.AudioFrame):
                self._came.put(native.encode_audio(one))
            else:
                self._came.put(native.encode(one))

    # ---- the provider's end --------------------------------------------------------------------------------
    async def listen(self) -> None:
        """What the provider says has its effect, until the connection with it ends."""
        try:
            while True:
                await self._heard(await self._peer.receive())
        except CallDropped as dropped:
            self.gone(dropped)

    async def _heard(self, text: str) -> None:
        try:
            event = self._codec.decode(text)
        except rt.EventRefused:
            return
        self._tell(*self._overheard.event(event, self._clock()))
        match event:
            case rt.SpeechStarted():
                sounding = self.loudspeaker.sounding if self.loudspeaker is not None else None
                if sounding is not None:
                    self._clear(sounding)
            case rt.AudioTranscriptDone(transcript=words) if self.loudspeaker is not None and words:
                self.loudspeaker.says(words)
            case rt.ArgumentsDone(name=name, call_id=call, arguments=arguments) if name == DISPATCH:
                with suppress(ValueError, KeyError, TypeError):
                    await self._ask(str(json.loads(arguments)["question"]), call)
            case rt.ErrorEvent(error=problem):
                self._tell(native.Refused(problem.code or problem.type, problem.message, problem.param or ""))
            case _:
                pass

    def _clear(self, turn: int) -> None:
        """Nothing more of the turn is played."""
        if turn not in self._cleared:
            self._cleared.add(turn)
            self._tell(native.Clear(turn))

    # ---- our server's end ----------------------------------------------------------------------------------
    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Our server's news, the answers' sound and the reports go their way as long as the block.

        What the block raises passes unchanged.
        """
        tasks = self._tasks = asyncio.TaskGroup()
        await tasks.__aenter__()
        self._working = [
            tasks.create_task(self._follow(), name="direct: news"),
            tasks.create_task(self._report(), name="direct: reports"),
        ]
        try:
            yield
        finally:
            self._is_over = True
            self._site.abort()
            for task in self._working:
                task.cancel()
            await tasks.__aexit__(None, None, None)

    async def _follow(self) -> None:
        """All news of the call are told, until they end."""
        why = "the news of the call ended"
        with suppress(OSError):
            async with self._site.ask("GET", self._path("events")) as answer:
                if answer.status != 200:
                    why = f"there are no news of the call: status {answer.status}"
                else:
                    async for data in answer.data():
                        self._told(data)
        self.gone(CallDropped(1006, why))

    def _told(self, text: str) -> None:
        try:
            message = direct.decode(text)
        except CallerError:
            return  # a caller can do without
        match message:
            case direct.JobIs():
                self._tell(*self._overheard.job(message, self._clock()))
                self._fetch(message)
            case native.Clear(turn):
                self._clear(turn)
            case native.Latency():
                self._tell(self._overheard.whole(message))
            case native.Ended(reason):
                self._tell(message)
                self.gone(CallDropped(1000, reason))
            case native.Ready():
                pass
            case _:
                self._tell(message)

    def _fetch(self, job: direct.JobIs) -> None:
        """The job's sound is fetched, once: asked for before there is any, it loses no time on the way."""
        if self._tasks is None or job.job_id in self._fetched or job.status in ("cancelled", "failed"):
            return
        self._fetched.add(job.job_id)
        fetching = self._tasks.create_task(self._sound(job.job_id), name=f"direct: sound of {job.job_id}")
        self._working.append(fetching)

    async def _sound(self, job: str) -> None:
        """The job's sound is told as it comes, until it ends or its turn is cleared."""
        turn = 0
        try:
            async with self._site.ask("POST", "/tts/stream", {"job_id": job}, SOUND_WITHIN_S) as answer:
                turn = int(answer.headers.get("x-turn", "0"))
                if answer.status != 200 or not turn:
                    self._fetched.discard(job)  # not yet, perhaps: its next news say when
                    return
                offset, rest = int(answer.headers.get("x-offset", "0")), b""
                async for piece in answer.pieces():
                    if turn in self._cleared:
                        return
                    data = rest + piece
                    even = len(data) // BYTES_PER_SAMPLE * BYTES_PER_SAMPLE
                    data, rest = data[:even], data[even:]
                    self._tell(native.AudioFrame(turn, offset, data))
                    offset += even // BYTES_PER_SAMPLE
        except (OSError, ValueError) as error:
            if not self._is_over:
                self._tell(native.Refused("sound_lost", f"the sound of an answer broke off: {error}"))
        finally:
            self._whole.add(turn)
            if self.loudspeaker is not None:
                self.loudspeaker.all_came(turn)

    async def _report(self) -> None:
        """The server knows how far the player is: of each turn the latest, one request at a time."""
        while True:
            await self._has_reports.wait()
            self._has_reports.clear()
            for turn in list(self._reports):
                report = self._reports.pop(turn)
                body = {"turn": turn, "samples": report.samples, "cleared": report.cleared}
                await self._post("played", body)

    async def _ask(self, question: str, call: str) -> None:
        """The question is a job. The same call makes the same one, whoever tells of it first."""
        body = {"session_id": self._opened.session, "question": question, "call_id": call}
        try:
            await self._site.post("/orchestrate/jobs", body)
        except CallerError as error:
            self._tell(native.Refused(error.code, str(error)))
        except OSError as error:
            self.gone(CallDropped(1006, str(error)))

    async def _post(self, what: str, body: Mapping[str, object] | None = None) -> None:
        """The server was told. If it cannot be, the end of its news says so."""
        with suppress(CallerError, OSError):
            await self._site.post(self._path(what), body)

    async def stand_by(self) -> None:
        """Our server knows which call of the provider's to stand beside. Raises CallerError."""
        try:
            await self._site.post(self._path("call"), {"call_id": self._peer.id})
        except OSError as error:
            raise refused(str(error)) from None

    def _path(self, what: str) -> str:
        return f"/session/{self._opened.session}/{what}"


@asynccontextmanager
async def call_direct(
    url: str, *, agent: str = "tutor", greet: bool = False, key: str = ""
) -> AsyncIterator[Caller]:
    """A direct call of the server at `url`. `key`: a token to call. Raises SetupError, CallerError."""
    opened = await _opened(Site(url, key), agent, greet=greet)
    site, peer = Site(url, opened.token), Peer()
    line = DirectLine(agent, site, opened, peer)
    try:
        async with line.at_work():
            await peer.call(opened.provider_url, opened.secret)
            await first_event(peer.receive())
            await line.stand_by()
            async with Caller(
                line,
                native.Hello(greet=greet),
                frame_s=TICK_SECONDS,
                player=line.plug_in,
                errands=[line.listen],
                news_late_s=NEWS_LATE_S,
            ) as caller:
                yield caller
    finally:
        await peer.close()


async def _opened(site: Site, agent: str, *, greet: bool) -> Opened:
    """What the server grants. Raises SetupError when there is none, CallerError when it does not take the call."""
    try:
        granted = await site.post("/session/token", {"agent": agent, "greet": greet})
        secret = granted["client_secret"]
        if not isinstance(secret, dict):
            raise TypeError
        return Opened(
            str(granted["session_id"]),
            str(granted["token"]),
            str(secret["value"]),
            site.address(str(granted["realtime_url"])),
            int(str(granted["play_rate"])),
        )
    except CallerError as error:
        raise refused(str(error)) from None
    except (KeyError, TypeError, ValueError):
        raise refused("what it grants cannot be read") from None
    except OSError as error:
        raise SetupError(
            f"no server answers at {site.url} ({str(error) or type(error).__name__}): start one with"
            " `antiphon serve`, or give its address with --url"
        ) from error
