"""openai-agents' VoicePipeline behind a WebSocket: one agent, its own scripted model, instant recognizer and voice.

It has no voice detector and does not handle interruptions, so it is asked in writing: the recognizer's session gives
the line as a turn's transcript the moment it arrives. Its sound is written as it comes, and nothing else is measured.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
from collections.abc import AsyncIterator
from typing import Any

import uvloop
from agents.testing import ScriptedModel, assistant_message
from agents.voice import (
    SingleAgentVoiceWorkflow,
    StreamedAudioInput,
    StreamedTranscriptionSession,
    STTModel,
    TTSModel,
    VoicePipeline,
)
from websockets.asyncio.server import ServerConnection, serve

from agents import Agent, set_tracing_disabled
from wire import Call, Notes, Speaker, arguments, end_with_parent, told_ready


class Turns(StreamedTranscriptionSession):
    """The lines of a caller, each a turn."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[str] = asyncio.Queue()

    async def transcribe_turns(self) -> AsyncIterator[str]:
        while True:
            yield await self.lines.get()

    async def close(self) -> None:
        return


class Recognizer(STTModel):
    model_name = "script"

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def transcribe(self, *_: Any, **__: Any) -> str:
        raise RuntimeError("this recognizer streams")

    async def create_session(self, *_: Any, **__: Any) -> Turns:
        return self._turns


class Voice(TTSModel):
    model_name = "script"

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker

    async def run(self, text: str, settings: Any) -> AsyncIterator[bytes]:
        yield self._speaker.say(text).pcm


async def converse(socket: ServerConnection, options: Any, call: Call) -> None:
    """One caller, from hello to goodbye."""
    await socket.recv()  # hello
    await socket.send(call.ready())
    turns, model = Turns(), ScriptedModel([])
    agent = Agent(name="scripted", instructions="Follow the script.", model=model)
    pipeline = VoicePipeline(
        workflow=SingleAgentVoiceWorkflow(agent),
        stt_model=Recognizer(turns),
        tts_model=Voice(Speaker.of(options)),
    )
    result = await pipeline.run(StreamedAudioInput())
    speaking = asyncio.create_task(speak(socket, result, call), name="speak")
    try:
        async for message in socket:
            told = json.loads(message) if isinstance(message, str) else {"type": "sound"}
            if told["type"] == "text":
                model.enqueue([assistant_message(options.reply.replace("|", " "))])
                call.notes.add("confirmed", call.session, kind="typed")
                turns.lines.put_nowait(told["text"])
            elif told["type"] == "bye":
                break
    finally:
        speaking.cancel()


async def speak(socket: ServerConnection, result: Any, call: Call) -> None:
    """Its sound is written as it comes; a turn is over with the event that says so."""
    async for event in result.stream():
        if event.type == "voice_stream_event_audio":
            for message in call.framed(event.data.tobytes()):
                await socket.send(message)
                call.wrote(message)
        elif event.type == "voice_stream_event_lifecycle" and event.event == "turn_ended":
            call.begin_turn()
            call.remembered(call.reply, is_cut=False)
            await socket.send(call.outbox.get_nowait())


async def main() -> None:
    set_tracing_disabled(True)
    options = arguments()
    notes, count = Notes(options.notes), 0

    async def talk(socket: ServerConnection) -> None:
        nonlocal count
        count += 1
        await converse(socket, options, Call(f"call-{count}", options.reply, notes))

    over = asyncio.Event()
    end_with_parent(over.set)
    async with serve(talk, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        version = importlib.metadata.version("openai-agents")
        told_ready(
            port, "openai-agents", version, "VoicePipeline, SingleAgentVoiceWorkflow, defaults; no tracing"
        )
        await over.wait()


if __name__ == "__main__":
    uvloop.run(main())
