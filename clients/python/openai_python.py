"""The `openai` package: its Realtime connection, with another base URL."""

from __future__ import annotations

import asyncio
import base64
import json

from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from story import FUNCTION, Talk, run, weather


async def main(talk: Talk) -> None:
    client = AsyncOpenAI(api_key="none", base_url=talk.base_url)
    async with client.realtime.connect(model="tutor") as connection:
        await connection.session.update(
            session={
                "type": "realtime",
                "audio": {"input": {"transcription": {"model": "whisper-1"}}},
                "tools": [FUNCTION],
                "tool_choice": "none",
            }
        )

        async def must_call() -> None:
            await connection.session.update(session={"type": "realtime", "tool_choice": "required"})

        beside = [asyncio.create_task(speak(connection, talk)), asyncio.create_task(listen(connection, talk))]
        try:
            await talk.hold(greet=connection.response.create, must_call=must_call)
        finally:
            for task in beside:
                task.cancel()


async def speak(connection: AsyncRealtimeConnection, talk: Talk) -> None:
    async for chunk in talk.microphone:
        await connection.input_audio_buffer.append(audio=base64.b64encode(chunk).decode())


async def listen(connection: AsyncRealtimeConnection, talk: Talk) -> None:
    item = ""
    async for event in connection:
        if event.type == "response.output_audio.delta":
            item = event.item_id
            talk.answer_sound(base64.b64decode(event.delta))
        elif event.type == "response.output_audio_transcript.delta":
            talk.answer_text(event.delta)
        elif event.type == "conversation.item.input_audio_transcription.completed":
            talk.user_said(event.transcript)
        elif event.type == "input_audio_buffer.speech_started" and not talk.answer.is_over and item:
            # The user speaks over the answer: stop playing, and tell how much of it was heard.
            heard_ms = round(talk.answer.heard_s * 1000)
            await connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=heard_ms)
        elif event.type == "conversation.item.truncated":
            talk.truncated(f"{event.audio_end_ms} ms")
        elif event.type == "response.function_call_arguments.done":
            talk.called(event.name, event.arguments)
            found = await weather(**json.loads(event.arguments))
            output = {"type": "function_call_output", "call_id": event.call_id, "output": found}
            await connection.conversation.item.create(item=output)
        elif event.type == "response.done":
            details = event.response.status_details
            talk.answer_over(was_cut=bool(details and details.reason == "turn_detected"))
            if any(item.type == "function_call" for item in event.response.output or ()):
                await connection.response.create()
        elif event.type == "error":
            talk.failed(event.error.message)


run("openai (Python)", "openai", main)
