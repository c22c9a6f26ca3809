"""Pipecat: its OpenAIRealtimeLLMService with another address, in a pipeline between a microphone and a loudspeaker

of our own.
"""

from __future__ import annotations

import asyncio
import json

from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    LLMRunFrame,
    LLMUpdateSettingsFrame,
    OutputAudioRawFrame,
    StartFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
)
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.services.llm_service import FunctionCallParams
from pipecat.services.openai.realtime.events import (
    AudioConfiguration,
    AudioInput,
    ConversationItem,
    InputAudioTranscription,
    SessionProperties,
)
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.workers.runner import WorkerRunner
from story import RATE, Talk, run, weather


class Ear(BaseInputTransport):
    """The talk's microphone."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(TransportParams(audio_in_enabled=True))
        self._talk = talk

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)
        self._speaking = self.create_task(self._speak())

    async def cleanup(self) -> None:
        await self.cancel_task(self._speaking)
        await super().cleanup()

    async def _speak(self) -> None:
        async for chunk in self._talk.microphone:
            await self.push_audio_frame(InputAudioRawFrame(chunk, RATE, 1))


class Speaker(BaseOutputTransport):
    """Plays in real time, to nobody."""

    def __init__(self) -> None:
        super().__init__(TransportParams(audio_out_enabled=True))

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        await asyncio.sleep(len(frame.audio) / 2 / frame.sample_rate)
        return True


class Listener(BaseObserver):
    """Tells the talk what comes out of the service."""

    def __init__(self, talk: Talk, service: OpenAIRealtimeLLMService) -> None:
        super().__init__()
        self._talk = talk
        self._service = service

    async def on_push_frame(self, data: FramePushed) -> None:
        frame: Frame = data.frame
        if isinstance(frame, ErrorFrame) and data.first_push:
            self._talk.failed(frame.error)
        if data.source is not self._service:
            return
        if isinstance(frame, TTSAudioRawFrame):
            self._talk.answer_sound(frame.audio)
        elif isinstance(frame, TTSTextFrame):
            self._talk.answer_text(frame.text)
        elif isinstance(frame, TranscriptionFrame):
            self._talk.user_said(frame.text)


def settings(tool_choice: str) -> OpenAIRealtimeLLMService.Settings:
    heard = AudioInput(transcription=InputAudioTranscription())
    return OpenAIRealtimeLLMService.Settings(
        model="tutor",
        session_properties=SessionProperties(audio=AudioConfiguration(input=heard), tool_choice=tool_choice),
    )


async def main(talk: Talk) -> None:
    async def get_weather(params: FunctionCallParams, city: str) -> None:
        """The weather in a city, now.

        Args:
            city: Its name.
        """
        talk.called(params.function_name, json.dumps(dict(params.arguments)))
        await params.result_callback(await weather(city))

    address = talk.base_url.replace("http", "ws", 1) + "/realtime"
    service = OpenAIRealtimeLLMService(api_key="none", base_url=address, settings=settings("none"))

    @service.event_handler("on_conversation_item_updated")
    async def item_updated(service: OpenAIRealtimeLLMService, id: str, item: ConversationItem | None) -> None:
        if item is None or item.role != "assistant" or talk.answer.is_over:
            return
        was_cut = item.status == "incomplete"
        talk.answer_over(was_cut=was_cut)
        if was_cut:
            await asyncio.sleep(0.3)  # the service has told how much was heard; the server keeps those words
            kept = await service.retrieve_conversation_item(id)
            talk.truncated(f"{(kept.content or [])[0].transcript}")

    context = LLMContext(tools=[get_weather])
    aggregators = LLMContextAggregatorPair(context)
    pipeline = Pipeline([Ear(talk), aggregators.user(), service, Speaker(), aggregators.assistant()])
    worker = PipelineWorker(
        pipeline,
        params=PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE),
        observers=[Listener(talk, service)],
        idle_timeout_secs=None,
    )
    runner = WorkerRunner(handle_sigint=False)

    async def greet() -> None:
        await worker.queue_frame(LLMRunFrame())

    async def must_call() -> None:
        await worker.queue_frame(LLMUpdateSettingsFrame(delta=settings("required")))

    running = asyncio.create_task(runner.run(worker))
    try:
        await talk.hold(greet=greet, must_call=must_call)
    finally:
        await runner.cancel()
        await running


run("Pipecat", "pipecat-ai", main)
