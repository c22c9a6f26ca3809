"""livekit-agents behind a WebSocket: its AgentSession with its own voice detector, instant fakes for the rest.

Its room transport needs a LiveKit server; so its session runs on inputs and outputs of our own (its public
`io.AudioInput`, `io.AudioOutput`), the latter with the queue, the pausing and the playback position of the room's
(`voice/room_io/_output.py`, `_ParticipantAudioOutput`), and its `TranscriptSynchronizer` before it, as in a room.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvloop
from aiohttp import WSMsgType, web
from livekit import rtc
from livekit.agents import Agent, AgentSession, inference
from livekit.agents.voice import io
from livekit.agents.voice.transcription.synchronizer import TranscriptSynchronizer
from livekit_script import Model, Recognizer, Voice

from wire import PATH, RATE_IN, RATE_OUT, Call, Lags, Notes, Speaker, arguments, end_with_parent, told_ready

CHUNK_S = 0.05
"Seconds of sound written at a time: what the room's output hands on (`_output.py:59`)."
AHEAD_S = 0.2
"Seconds of sound written before they are due: the queue of the room's audio source (`_output.py:54`)."
SETTINGS: dict[str, dict[str, Any]] = {
    # What a self-hosted worker resolves to in production: the local turn detector and interruption by voice activity.
    "default": {"turn_handling": {"interruption": {"mode": "vad"}}},
    # 0.05 s of speech interrupt, the turn ends with the detector's silence (0.25 s), the voice is made in advance.
    "fastest": {
        "turn_handling": {
            "turn_detection": "vad",
            "endpointing": {"min_delay": 0.0, "max_delay": 0.0},
            "interruption": {"mode": "vad", "min_duration": 0.05},
            "preemptive_generation": {"preemptive_tts": True},
        },
        "aec_warmup_duration": None,
    },
}


class Ears(io.AudioInput):
    """What the caller says."""

    def __init__(self) -> None:
        super().__init__(label="caller")
        self._frames: asyncio.Queue[rtc.AudioFrame] = asyncio.Queue()

    def push(self, pcm: bytes) -> None:
        self._frames.put_nowait(rtc.AudioFrame(pcm, RATE_IN, 1, len(pcm) // 2))

    async def __anext__(self) -> rtc.AudioFrame:
        return await self._frames.get()


class Mouth(io.AudioOutput):
    """Writes the sound `AHEAD_S` before it is due, and knows by the clock what was played."""

    def __init__(self, call: Call) -> None:
        super().__init__(
            label="caller", capabilities=io.AudioOutputCapabilities(pause=True), sample_rate=RATE_OUT
        )
        self._call = call
        self._waiting = bytearray()
        self._wake = asyncio.Event()
        self._is_flushed = self._is_cut = self._is_paused = False
        self._written = 0.0
        "Seconds of the segment that were written."
        self._dry_at = 0.0
        "When all that was written has been played, on the loop's clock, were it not paused."
        self._paused_at = 0.0

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if self._is_cut:
            return
        self._waiting += bytes(frame.data)
        self._wake.set()

    def flush(self) -> None:
        super().flush()
        self._is_flushed = True
        self._wake.set()

    def clear_buffer(self) -> None:
        if not self._written and not self._waiting:
            return
        self._is_cut = True
        if self._written:
            self._call.say("clear", turn=self._call.turn)
        self._waiting.clear()
        self._wake.set()

    def pause(self) -> None:
        super().pause()
        if not self._is_paused:
            self._is_paused, self._paused_at = True, time.monotonic()
            if self._written:
                self._call.say("hold", turn=self._call.turn)

    def resume(self) -> None:
        super().resume()
        if self._is_paused:
            self._is_paused = False
            self._dry_at += time.monotonic() - self._paused_at
            if self._written:
                self._call.say("resume", turn=self._call.turn)
            self._wake.set()

    @property
    def _played(self) -> float:
        now = self._paused_at if self._is_paused else time.monotonic()
        return max(0.0, self._written - max(0.0, self._dry_at - now))

    async def run(self) -> None:
        """Every segment is written and its end told; until cancelled."""
        size = round(CHUNK_S * RATE_OUT) * 2
        while True:
            self._wake.clear()
            now = time.monotonic()
            ahead = self._dry_at - now
            is_over = self._is_flushed and (self._is_cut or (not self._waiting and ahead <= 0))
            if is_over:
                self._finish()
            elif self._is_cut or self._is_paused or not (len(self._waiting) >= size or self._is_flushed):
                await self._wake.wait()
            elif not self._waiting or ahead > AHEAD_S - CHUNK_S:
                wait_s = ahead if not self._waiting else ahead - (AHEAD_S - CHUNK_S)
                await self._woken_within(max(wait_s, 0.001))
            else:
                self._write(bytes(self._waiting[:size]), now)
                del self._waiting[:size]
                await asyncio.sleep(0)

    async def _woken_within(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    def _write(self, pcm: bytes, now: float) -> None:
        if not self._written:
            self._call.begin_turn()
            self.on_playback_started(created_at=time.time())
        for message in self._call.framed(pcm):
            self._call.outbox.put_nowait(message)
        seconds = len(pcm) / 2 / RATE_OUT
        self._written += seconds
        self._dry_at = max(self._dry_at, now) + seconds

    def _finish(self) -> None:
        played, is_cut, was_captured = self._played, self._is_cut, bool(self._written) or self._is_cut
        self._is_flushed = self._is_cut = False
        self._written = self._dry_at = 0.0
        if was_captured:
            self.on_playback_finished(playback_position=played, interrupted=is_cut)


class Words(io.TextOutput):
    """Where the transcript goes: nowhere."""

    def __init__(self) -> None:
        super().__init__(label="nowhere", next_in_chain=None)

    async def capture_text(self, text: str) -> None:
        return

    def flush(self) -> None:
        return


class Scripted(Agent):
    """Notes when its framework has decided that the caller's turn is over: its public hook for just that."""

    def __init__(self, call: Call) -> None:
        super().__init__(instructions="Follow the script.")
        self._call = call

    async def on_user_turn_completed(self, turn_ctx: Any, new_message: Any) -> None:
        self._call.notes.add("confirmed", self._call.session, kind="spoken")


class Conversation:
    """One caller's AgentSession, from hello to goodbye."""

    def __init__(self, call: Call, options: Any, vad: inference.VAD) -> None:
        self._call = call
        self._recognizer = Recognizer(options.hears)
        self.ears, self._mouth = Ears(), Mouth(call)
        handling = dict(SETTINGS[options.setting]["turn_handling"])
        handling.setdefault("turn_detection", _turn_detector())
        rest = {name: value for name, value in SETTINGS[options.setting].items() if name != "turn_handling"}
        self.session: AgentSession[None] = AgentSession(
            stt=self._recognizer,
            vad=vad,
            llm=Model(options.reply.split("|")),
            tts=Voice(Speaker.of(options), options.word_times == "yes"),
            turn_handling=handling,
            use_tts_aligned_transcript=options.word_times == "yes",
            **rest,
        )
        self.session.on("agent_state_changed", lambda change: self._phase(change.new_state))
        self.session.on("user_state_changed", self._user_is)
        self.session.on("conversation_item_added", self._added)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The session runs until the block is left."""
        playing = asyncio.create_task(self._mouth.run(), name="mouth")
        synchronizer = TranscriptSynchronizer(next_in_chain_audio=self._mouth, next_in_chain_text=Words())
        self.session.input.audio = self.ears
        self.session.output.audio = synchronizer.audio_output
        self.session.output.transcription = synchronizer.text_output
        await self.session.start(Scripted(self._call))
        try:
            yield
        finally:
            playing.cancel()
            await self.session.aclose()
            await synchronizer.aclose()

    def typed(self, text: str) -> None:
        self._call.notes.add("confirmed", self._call.session, kind="typed")
        self.session.generate_reply(user_input=text)

    def _phase(self, state: str) -> None:
        known = {"speaking": "speaking", "thinking": "thinking"}
        self._call.be(known.get(state, "listening" if self.session.user_state == "speaking" else "idle"))

    def _user_is(self, change: Any) -> None:
        if change.new_state == "speaking":
            self._recognizer.understood(is_final=False)
        elif change.old_state == "speaking":
            self._recognizer.understood(is_final=True)
        self._phase(self.session.agent_state)

    def _added(self, event: Any) -> None:
        item = event.item
        if getattr(item, "role", "") == "assistant":
            self._call.remembered(item.text_content or "", item.interrupted)


def _turn_detector() -> Any:
    return inference.TurnDetector(version="v1-mini")


class Server:
    def __init__(self, options: Any) -> None:
        self._options = options
        self._notes = Notes(options.notes)
        self._vad = inference.VAD()
        self._sessions = 0
        self._count = 0
        self.lags = Lags()

    async def state(self, request: web.Request) -> web.Response:
        return web.json_response(self.lags.state(self._sessions))

    async def talk(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False, max_msg_size=0)
        await socket.prepare(request)
        await socket.receive()  # hello
        self._count += 1
        call = Call(f"call-{self._count}", self._options.reply, self._notes)
        await socket.send_str(call.ready())
        writing = asyncio.create_task(_write(socket, call), name="writer")
        conversation = Conversation(call, self._options, self._vad)
        self._sessions += 1
        try:
            async with conversation.running():
                await _listen(socket, conversation)
        finally:
            self._sessions -= 1
            writing.cancel()
        return socket


async def _listen(socket: web.WebSocketResponse, conversation: Conversation) -> None:
    async for message in socket:
        if message.type is WSMsgType.BINARY:
            conversation.ears.push(message.data)
        elif message.type is WSMsgType.TEXT:
            told = message.json()
            if told["type"] == "text":
                conversation.typed(told["text"])
            elif told["type"] == "interrupt":
                conversation.session.interrupt()
            elif told["type"] == "bye":
                return


async def _write(socket: web.WebSocketResponse, call: Call) -> None:
    while True:
        message = await call.outbox.get()
        await (socket.send_bytes(message) if isinstance(message, bytes) else socket.send_str(message))
        call.wrote(message)


async def main() -> None:
    options = arguments()
    server = Server(options)
    app = web.Application()
    app.router.add_get(PATH, server.talk)
    app.router.add_get("/bench/state", server.state)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, shutdown_timeout=1.0)
    await site.start()
    server.lags.start()
    over = asyncio.Event()
    end_with_parent(over.set)
    told = {**SETTINGS[options.setting], "vad": "inference.VAD() (its Silero), defaults"}
    version = importlib.metadata.version("livekit-agents")
    told_ready(runner.addresses[0][1], "livekit-agents", version, told)
    await over.wait()
    await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(main())
