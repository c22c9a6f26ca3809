"""LiveKit Agents: an AgentSession whose realtime model has another base URL, with a microphone and a loudspeaker

of our own where a room would be.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
from livekit import rtc
from livekit.agents import Agent, AgentSession, ConversationItemAddedEvent, ErrorEvent, function_tool
from livekit.agents.voice.io import AudioInput, AudioOutput, AudioOutputCapabilities
from livekit.plugins import openai
from story import RATE, Talk, run, weather

TURNS_ARE_THE_SERVERS = {
    "vad": None,
    "turn_handling": {"turn_detection": None, "interruption": {"resume_false_interruption": False}},
    "aec_warmup_duration": None,
    "user_away_timeout": None,
}


class Pupil(Agent):
    @function_tool
    async def get_weather(self, city: str) -> str:
        """The weather in a city, now."""
        return await weather(city)


class Ear(AudioInput):
    """The talk's microphone."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(label="microphone")
        self._chunks: AsyncIterator[bytes] = aiter(talk.microphone)

    async def __anext__(self) -> rtc.AudioFrame:
        chunk = await anext(self._chunks)
        return rtc.AudioFrame(chunk, RATE, 1, len(chunk) // 2)


class Speaker(AudioOutput):
    """Plays in real time, to nobody, and says how much of it was heard."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(
            label="loudspeaker", capabilities=AudioOutputCapabilities(pause=False), sample_rate=RATE
        )
        self._talk = talk
        self._began = 0.0
        self._seconds = 0.0
        self._end: asyncio.Task[None] | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if not self._seconds:
            self._began = time.monotonic()
            self.on_playback_started(created_at=time.time())
        self._seconds += frame.duration
        self._talk.answer_sound(bytes(frame.data))

    def flush(self) -> None:
        super().flush()
        if self._seconds and self._end is None:
            self._end = asyncio.create_task(self._play_out())

    async def _play_out(self) -> None:
        await asyncio.sleep(max(0.0, self._began + self._seconds - time.monotonic()))
        self._stop(self._seconds, interrupted=False)

    def clear_buffer(self) -> None:
        if self._end is not None:
            self._end.cancel()
        if self._seconds:
            self._stop(min(time.monotonic() - self._began, self._seconds), interrupted=True)

    def _stop(self, heard_s: float, *, interrupted: bool) -> None:
        self._end, self._seconds = None, 0.0
        self.on_playback_finished(playback_position=heard_s, interrupted=interrupted)


async def main(talk: Talk) -> None:
    async with aiohttp.ClientSession() as http:  # a LiveKit worker brings its own
        model = openai.realtime.RealtimeModel(
            base_url=talk.base_url, api_key="none", model="tutor", tool_choice="none", http_session=http
        )
        agent = Pupil(instructions="Be brief.")
        async with AgentSession(llm=model, **TURNS_ARE_THE_SERVERS) as session:
            session.input.audio = Ear(talk)
            session.output.audio = Speaker(talk)
            listen(session, talk)
            await session.start(agent)
            connection = agent.realtime_llm_session
            connection.on("openai_server_event_received", lambda event: hear(event, talk))

            async def greet() -> None:
                session.generate_reply()

            async def must_call() -> None:
                connection.update_options(tool_choice="required")

            await talk.hold(greet=greet, must_call=must_call)


def listen(session: AgentSession, talk: Talk) -> None:
    @session.on("conversation_item_added")
    def item_added(event: ConversationItemAddedEvent) -> None:
        if event.item.type != "message":
            return
        if event.item.role == "user":
            talk.user_said(event.item.text_content or "")
        else:
            talk.answer_text(event.item.text_content or "")
            talk.answer_over(was_cut=event.item.interrupted)

    @session.on("function_tools_executed")
    def executed(event) -> None:
        for call in event.function_calls:
            talk.called(call.name, call.arguments)

    @session.on("error")
    def failed(event: ErrorEvent) -> None:
        talk.failed(event.error)


def hear(event: dict, talk: Talk) -> None:
    """What the server sent, as it came."""
    if event["type"] == "conversation.item.truncated":
        talk.truncated(f"{event['audio_end_ms']} ms")


run("LiveKit Agents", "livekit-plugins-openai", main)
