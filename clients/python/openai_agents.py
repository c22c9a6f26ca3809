"""The `openai-agents` package: a RealtimeAgent whose model is told another address."""

from __future__ import annotations

import asyncio
from typing import Any

from agents.realtime import (
    RealtimeAgent,
    RealtimeModelSendRawMessage,
    RealtimeRunner,
    RealtimeSession,
)
from story import Talk, run, weather

from agents import function_tool


async def main(talk: Talk) -> None:
    @function_tool
    async def get_weather(city: str) -> str:
        """The weather in a city, now."""
        return await weather(city)

    agent = RealtimeAgent(name="Pupil", instructions="Be brief.", tools=[get_weather])
    runner = RealtimeRunner(agent, config={"tracing_disabled": True})
    address = talk.base_url.replace("http", "ws", 1) + "/realtime?model=tutor"
    settings = {
        "api_key": "none",
        "url": address,
        "initial_model_settings": {"turn_detection": {"type": "server_vad"}, "tool_choice": "none"},
    }
    async with await runner.run(model_config=settings) as session:

        async def greet() -> None:
            await send(session, {"type": "response.create"})

        async def must_call() -> None:
            changes = {"session": {"type": "realtime", "tool_choice": "required"}}
            await send(session, {"type": "session.update", "other_data": changes})

        beside = [asyncio.create_task(speak(session, talk)), asyncio.create_task(listen(session, talk))]
        try:
            await talk.hold(greet=greet, must_call=must_call)
        finally:
            for task in beside:
                task.cancel()


async def send(session: RealtimeSession, message: Any) -> None:
    """What the session has no method for."""
    await session.model.send_event(RealtimeModelSendRawMessage(message))


async def speak(session: RealtimeSession, talk: Talk) -> None:
    async for chunk in talk.microphone:
        await session.send_audio(chunk)


async def listen(session: RealtimeSession, talk: Talk) -> None:
    async for event in session:
        if event.type == "audio":
            talk.answer_sound(event.audio.data)
        elif event.type == "tool_start":
            talk.called(event.tool.name, event.arguments)
        elif event.type == "raw_model_event":
            hear(event.data, talk)
        elif event.type == "error":
            talk.failed(event.error)


def hear(event: Any, talk: Talk) -> None:
    """What the model layer tells beneath the session's own events."""
    if event.type == "transcript_delta":
        talk.answer_text(event.delta)
    elif event.type == "input_audio_transcription_completed":
        talk.user_said(event.transcript)
    elif event.type == "exception":
        talk.failed(event.exception)
    elif event.type == "raw_server_event" and event.data["type"] == "conversation.item.truncated":
        talk.truncated(f"{event.data['audio_end_ms']} ms")
    elif event.type == "raw_server_event" and event.data["type"] == "response.done":
        details = event.data["response"].get("status_details") or {}
        talk.answer_over(was_cut=details.get("reason") == "turn_detected")


run("openai-agents (Python)", "openai-agents", main)
