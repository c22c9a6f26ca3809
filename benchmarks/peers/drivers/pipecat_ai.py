"""pipecat behind its own FastAPI WebSocket transport: its Silero, strategies, aggregators; instant fakes for the rest.

A serializer puts its sound into the frames of the bench's wire protocol; nothing else is added to the pipeline.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import socket
import sys
from collections.abc import AsyncGenerator
from typing import Any

import uvicorn
import uvloop
from loguru import logger
from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    InterruptionFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMMessagesAppendFrame,
    LLMTextFrame,
    OutputAudioRawFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.serializers.base_serializer import FrameSerializer
from pipecat.services.llm_service import LLMService
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy, TurnAnalyzerUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.utils.time import time_now_iso8601
from pipecat.workers.runner import WorkerRunner
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from wire import PATH, RATE_IN, RATE_OUT, Call, Lags, Notes, Speaker, arguments, end_with_parent, told_ready

SETTINGS = {
    "default": {
        "vad": "SileroVADAnalyzer(): start_secs 0.2, stop_secs 0.2",
        "user_turn_strategies": "its defaults: VAD and transcription start a turn, LocalSmartTurnAnalyzerV3 ends it",
    },
    # One frame of speech interrupts, the turn ends with the detector's silence, no messages for its own client.
    "fastest": {
        "vad": "SileroVADAnalyzer(VADParams(start_secs=0.032, stop_secs=0.2))",
        "user_turn_strategies": "stop: SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0)",
        "enable_rtvi": False,
    },
}


class Serializer(FrameSerializer):
    """Between pipecat's frames and those of the bench."""

    def __init__(self, call: Call, hang_up: asyncio.Event) -> None:
        super().__init__()
        self._call = call
        self._hang_up = hang_up

    async def serialize(self, frame: Frame) -> str | bytes | None:
        if isinstance(frame, InterruptionFrame):
            return json.dumps({"type": "clear", "turn": self._call.turn}) if self._call.turn else None
        if isinstance(frame, OutputAudioRawFrame):
            *before, sound = self._call.framed(frame.audio)
            for message in before:
                self._call.outbox.put_nowait(message)
            return sound
        return None

    async def deserialize(self, data: str | bytes) -> Frame | None:
        if isinstance(data, bytes):
            return InputAudioRawFrame(data, RATE_IN, 1)
        told = json.loads(data)
        match told["type"]:
            case "text":
                self._call.notes.add("confirmed", self._call.session, kind="typed")
                line: Any = {"role": "user", "content": told["text"]}
                return LLMMessagesAppendFrame([line], run_llm=True)
            case "interrupt":
                return InterruptionFrame()
            case "bye":
                self._hang_up.set()
        return None


class Recognizer(STTService):
    """Understands `text`: as an interim when the caller begins to speak, as final once the detector hears the end."""

    def __init__(self, text: str) -> None:
        super().__init__(settings=STTSettings(model=None, language=None), ttfs_p99_latency=0.0)
        self._hears = text

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        yield None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, VADUserStartedSpeakingFrame):
            await self.push_frame(InterimTranscriptionFrame(self._hears, "caller", time_now_iso8601()))
        elif isinstance(frame, VADUserStoppedSpeakingFrame):
            heard = TranscriptionFrame(self._hears, "caller", time_now_iso8601(), finalized=True)
            await self.push_frame(heard)


class Model(LLMService):  # type: ignore[type-arg]
    """Answers with the script, a sentence at a time, at once. Tells the caller the phase as it passes by."""

    def __init__(self, call: Call, sentences: list[str]) -> None:
        nothing = dict.fromkeys(
            (
                "system_instruction",
                "temperature",
                "max_tokens",
                "top_p",
                "top_k",
                "frequency_penalty",
                "presence_penalty",
                "seed",
                "filter_incomplete_user_turns",
                "user_turn_completion_config",
            )
        )
        super().__init__(settings=LLMSettings(model="script", **nothing))
        self._call = call
        self._sentences = sentences

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case LLMContextFrame():
                await self._answer()
                return
            case BotStartedSpeakingFrame():
                self._call.be("speaking")
            case BotStoppedSpeakingFrame():
                self._call.be("idle")
            case UserStartedSpeakingFrame():
                self._call.be("listening")
            case UserStoppedSpeakingFrame():
                self._call.be("thinking")
        await self.push_frame(frame, direction)

    async def _answer(self) -> None:
        await self.push_frame(LLMFullResponseStartFrame())
        for sentence in self._sentences:
            await self.push_frame(LLMTextFrame(sentence + " "))
        await self.push_frame(LLMFullResponseEndFrame())


class Voice(TTSService):
    """Voices each sentence at once; tells when each word is heard if `tells_words`."""

    def __init__(self, speaker: Speaker, tells_words: bool) -> None:
        super().__init__(
            settings=TTSSettings(model=None, voice=None, language=None),
            push_start_frame=True,
            push_stop_frames=True,
            push_text_frames=not tells_words,
            sample_rate=RATE_OUT,
        )
        self._speaker, self._tells_words = speaker, tells_words
        self._context, self._spoken = "", 0.0

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        if context_id != self._context:
            self._context, self._spoken = context_id, 0.0
        sound = self._speaker.say(text)
        yield TTSAudioRawFrame(sound.pcm, RATE_OUT, 1, context_id=context_id)
        if self._tells_words:
            times = [(word, self._spoken + start) for word, start, _ in sound.words]
            await self.add_word_timestamps(times, context_id)
        self._spoken += len(sound.pcm) / 2 / RATE_OUT


class _Noting:
    """Notes when its framework has decided that the caller's turn is over: the strategy's own word for it."""

    call: Call

    async def trigger_user_turn_stopped(self, **how: Any) -> None:
        self.call.notes.add("confirmed", self.call.session, kind="spoken")
        await super().trigger_user_turn_stopped(**how)  # type: ignore[misc]


class NotingTimeout(_Noting, SpeechTimeoutUserTurnStopStrategy):
    pass


class NotingAnalyzer(_Noting, TurnAnalyzerUserTurnStopStrategy):
    pass


def turn_taking(setting: str, call: Call) -> LLMUserAggregatorParams:
    """How the user's turns are found."""
    if setting == "default":
        stop: Any = NotingAnalyzer(turn_analyzer=LocalSmartTurnAnalyzerV3())
        vad = SileroVADAnalyzer()
    else:
        stop = NotingTimeout(user_speech_timeout=0.0)
        vad = SileroVADAnalyzer(params=VADParams(start_secs=0.032, stop_secs=0.2))
    stop.call = call
    return LLMUserAggregatorParams(vad_analyzer=vad, user_turn_strategies=UserTurnStrategies(stop=[stop]))


async def converse(call: Call, socket: WebSocket, options: Any) -> None:
    """One caller's pipeline runs until the caller hangs up."""
    hang_up = asyncio.Event()
    params = FastAPIWebsocketParams(
        audio_in_enabled=True, audio_out_enabled=True, serializer=Serializer(call, hang_up)
    )
    transport = FastAPIWebsocketTransport(websocket=socket, params=params)
    context = LLMContext()
    user, assistant = LLMContextAggregatorPair(context, user_params=turn_taking(options.setting, call))

    @assistant.event_handler("on_assistant_turn_started")
    async def started(*_: object) -> None:
        call.begin_turn()

    @assistant.event_handler("on_assistant_turn_stopped")
    async def stopped(aggregator: object, message: Any) -> None:
        call.remembered(message.content, message.interrupted)

    pipeline = Pipeline(
        [
            transport.input(),
            Recognizer(options.hears),
            user,
            Model(call, options.reply.split("|")),
            Voice(Speaker.of(options), options.word_times == "yes"),
            transport.output(),
            assistant,
        ]
    )
    fewer: Any = {"enable_rtvi": False} if options.setting == "fastest" else {}
    worker = PipelineWorker(
        pipeline,
        params=PipelineParams(audio_in_sample_rate=RATE_IN, audio_out_sample_rate=RATE_OUT),
        **fewer,
    )
    runner = WorkerRunner(handle_sigint=False)

    @transport.event_handler("on_client_disconnected")
    async def gone(*_: object) -> None:
        hang_up.set()

    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run(), name="pipeline")
    await hang_up.wait()
    await runner.cancel()
    await running


class TimedSocket(WebSocket):
    """Tells the call what was written, once it was."""

    call: Call

    async def send_bytes(self, data: bytes) -> None:
        await super().send_bytes(data)
        self.call.wrote(data)


class Server:
    def __init__(self, options: Any) -> None:
        self._options = options
        self._notes = Notes(options.notes)
        self._sessions = 0
        self._count = 0
        self.lags = Lags()

    async def state(self, request: Request) -> JSONResponse:
        return JSONResponse(self.lags.state(self._sessions))

    async def talk(self, socket: WebSocket) -> None:
        socket = TimedSocket(socket.scope, socket.receive, socket.send)
        await socket.accept()
        await socket.receive_text()  # hello
        self._count += 1
        call = socket.call = Call(f"call-{self._count}", self._options.reply, self._notes)
        await socket.send_text(call.ready())
        writing = asyncio.create_task(_write(socket, call), name="writer")
        self._sessions += 1
        try:
            await converse(call, socket, self._options)
        finally:
            self._sessions -= 1
            writing.cancel()


async def _write(socket: WebSocket, call: Call) -> None:
    while True:
        message = await call.outbox.get()
        assert isinstance(message, str)
        await socket.send_text(message)


async def main() -> None:
    logger.remove()
    logger.add(sys.stderr, level="ERROR")
    options = arguments()
    server = Server(options)
    app = Starlette(routes=[Route("/bench/state", server.state), WebSocketRoute(PATH, server.talk)])
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    config = uvicorn.Config(app, log_level="error", ws_per_message_deflate=False, lifespan="off")
    serving = uvicorn.Server(config)
    server.lags.start()

    def stop() -> None:
        serving.should_exit = True

    end_with_parent(stop)
    version = importlib.metadata.version("pipecat-ai")
    told_ready(listener.getsockname()[1], "pipecat", version, SETTINGS[options.setting])
    await serving.serve(sockets=[listener])


if __name__ == "__main__":
    uvloop.run(main())
