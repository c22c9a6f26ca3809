"""OpenAI's own client, pointed at our address and at nothing else."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import websockets
from house import house, parrot
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.core.transcript import Line
from antiphon.ports import Message, ToolCall, ToolSpec, Usage
from antiphon.transports.realtime import g711

pytestmark = pytest.mark.anyio

RATE = 24_000
NOISE = (np.sin(np.arange(RATE) * 0.3) * 9000).astype("<i2").tobytes()
"One second that counts as speech."


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Talk:
    """One connection of the SDK, and everything it was told."""

    def __init__(self, connection: AsyncRealtimeConnection) -> None:
        self.connection = connection
        self.got: list[object] = []
        self.sound = b""

    async def until(self, kind: str, within: float = 8.0) -> object:
        async with asyncio.timeout(within):
            while True:
                event = await self.connection.recv()
                self.got.append(event)
                if event.type == "response.output_audio.delta":
                    self.sound += base64.b64decode(event.delta)
                if event.type == kind:
                    return event

    async def set(self, **audio_input: object) -> None:
        session = {"type": "realtime", "audio": {"input": audio_input}}
        await self.connection.session.update(session=session)  # type: ignore[arg-type]
        await self.until("session.updated")

    async def write(self, text: str) -> None:
        await self.connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        )

    async def say(self, sound: bytes, piece: int = 1920) -> None:
        for at in range(0, len(sound), piece):
            audio = base64.b64encode(sound[at : at + piece]).decode()
            await self.connection.input_audio_buffer.append(audio=audio)
            await asyncio.sleep(0)

    def types(self) -> list[str]:
        return [event.type for event in self.got]  # type: ignore[attr-defined]

    def spoken(self) -> str:
        return " ".join(e.transcript for e in self.got if e.type == "response.output_audio_transcript.done")  # type: ignore[attr-defined]


@asynccontextmanager
async def talk(address: str, agent: str = "parrot") -> AsyncIterator[Talk]:
    async with (
        AsyncOpenAI(api_key="sk-anything", base_url=f"http://{address}/v1") as client,
        client.realtime.connect(model=agent) as connection,
    ):
        yield Talk(connection)


async def test_a_written_question_is_answered_in_sound(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), talk(address) as caller:
        await caller.write("Good day.")
        await caller.connection.response.create(response={"metadata": {"topic": "greeting"}})
        done = await caller.until("response.done")
        assert caller.spoken() == "You said: Good day. That is all."
        assert done.response.status == "completed"  # type: ignore[attr-defined]
        assert done.response.metadata == {"topic": "greeting"}  # type: ignore[attr-defined]
        assert len(caller.sound) > RATE
        assert caller.types()[:2] == ["session.created", "conversation.created"]


async def test_a_spoken_question_is_answered_without_being_asked_to(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), talk(address) as caller:
        await caller.set(transcription={"model": "whisper-1"})
        await caller.say(NOISE + bytes(RATE * 4))
        await caller.until("response.done")
        assert caller.spoken() == "You said: Hello. That is all."
        kinds = caller.types()
        assert kinds.index("input_audio_buffer.committed") < kinds.index("response.created")
        assert "conversation.item.input_audio_transcription.completed" in kinds


async def test_a_client_that_takes_the_turns_itself(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), talk(address) as caller:
        await caller.set(turn_detection=None, transcription={"model": "whisper-1"})
        await caller.say(NOISE)
        await caller.connection.input_audio_buffer.commit()
        await caller.until("conversation.item.input_audio_transcription.completed")
        assert "response.created" not in caller.types()
        await caller.connection.response.create()
        await caller.until("response.done")
        assert caller.spoken() == "You said: Hello. That is all."


async def test_an_answer_in_text(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), talk(address) as caller:
        await caller.write("Good day.")
        await caller.connection.response.create(response={"output_modalities": ["text"]})
        await caller.until("response.done")
        text = "".join(e.delta for e in caller.got if e.type == "response.output_text.delta")  # type: ignore[attr-defined]
        assert text == "You said: Good day. That is all."
        assert not caller.sound


async def test_a_cancelled_response_ends_and_where_it_was_cut_is_remembered(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, stage), talk(address) as caller:
        await caller.write("Good day to everybody who listens.")
        await caller.connection.response.create()
        delta = await caller.until("response.output_audio.delta")
        await caller.connection.response.cancel()
        await caller.connection.conversation.item.truncate(
            item_id=delta.item_id,
            content_index=0,
            audio_end_ms=300,  # type: ignore[attr-defined]
        )
        done = await caller.until("response.done")
        assert done.response.status == "cancelled"  # type: ignore[attr-defined]
        assert "conversation.item.truncated" in caller.types()
        (session,) = stage.sessions.values()
        while len(session.transcript) < 2:
            await asyncio.sleep(0.01)
        line = session.transcript.lines[-1]
        assert line.is_cut
        assert "You said: Good day to everybody who listens.".startswith(line.text)
        assert len(line.text) < 12


async def test_a_voice_over_the_answer_cuts_it(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), talk(address) as caller:
        await caller.write("Good day to everybody who listens.")
        await caller.connection.response.create()
        await caller.until("response.output_audio.delta")
        await caller.say(NOISE * 2 + bytes(RATE * 4))
        done = await caller.until("response.done")
        assert done.response.status_details.reason == "turn_detected"  # type: ignore[attr-defined]
        kinds = caller.types()
        assert kinds.index("input_audio_buffer.speech_started") < kinds.index("response.done")


class Calls:
    """A model that calls the first tool it is offered, then says what it was told."""

    name = "scripted/calls"
    supplies_facts = True

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        if messages[-1].role == "tool":
            yield f"It is {messages[-1].content}."
        else:
            yield ToolCall("1", tools[0].name, json.dumps({"city": "Paris"}))


async def nothing(question: Question) -> Grounding:
    return Grounding()


async def test_a_function_of_the_clients_is_called_and_its_answer_spoken(tmp_path: Path) -> None:
    agent = parrot()
    asker = Agent("asker", "", (Specialist("only", "", nothing),), agent.guardrail)
    async with house(tmp_path, asker) as (address, stage), talk(address, "asker") as caller:
        stage.providers = type(stage.providers)(
            stage.providers.vad, stage.providers.recognizer, None, stage.providers.synthesizer, Calls()
        )
        async with talk(address, "asker") as caller:
            await caller.connection.session.update(
                session={
                    "type": "realtime",
                    "tools": [{"type": "function", "name": "weather", "parameters": {"type": "object"}}],
                }
            )
            await caller.write("How is the weather?")
            await caller.connection.response.create()
            call = await caller.until("response.function_call_arguments.done")
            assert json.loads(call.arguments) == {"city": "Paris"}  # type: ignore[attr-defined]
            await caller.until("response.done")
            output = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}  # type: ignore[attr-defined]
            await caller.connection.conversation.item.create(item=output)  # type: ignore[arg-type]
            await caller.connection.response.create()
            await caller.until("response.done")
            assert caller.spoken() == "It is sunny."


async def test_telephone_sound_both_ways(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), talk(address) as caller:
        formats = {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcma"}}}
        await caller.connection.session.update(session={"type": "realtime", "audio": formats})  # type: ignore[arg-type]
        await caller.until("session.updated")
        slow = np.frombuffer(NOISE, "<i2")[::3].astype("<i2").tobytes()
        await caller.say(g711.to_ulaw(slow + bytes(32_000)), piece=320)
        await caller.until("response.done")
        assert caller.spoken() == "You said: Hello. That is all."
        assert 8000 < len(caller.sound) < 2 * 8000


async def test_what_is_wrong_is_told_with_the_events_id_and_the_talk_goes_on(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), talk(address) as caller:
        raw = caller.connection
        rubbish: list[tuple[str | dict[str, object], str, str | None]] = [
            ("{", "invalid_json", None),
            ({"type": "nothing.known", "event_id": "e1"}, "invalid_value", "e1"),
            ({"event_id": "e2"}, "missing_required_parameter", "e2"),
            ({"type": "response.cancel", "event_id": "e3"}, "response_cancel_not_active", "e3"),
            ({"type": "input_audio_buffer.append", "audio": "!!", "event_id": "e4"}, "invalid_value", "e4"),
            ({"type": "input_audio_buffer.append", "audio": "AAAA", "event_id": "e5"}, "invalid_value", "e5"),
            (
                {"type": "input_audio_buffer.commit", "event_id": "e6"},
                "input_audio_buffer_commit_empty",
                "e6",
            ),
            (
                {"type": "session.update", "session": {"type": "other"}, "event_id": "e7"},
                "invalid_value",
                "e7",
            ),
        ]
        for event, code, event_id in rubbish:
            await raw._connection.send(event if isinstance(event, str) else json.dumps(event))
            error = (await caller.until("error")).error  # type: ignore[attr-defined]
            assert (error.code, error.event_id) == (code, event_id), event
        await caller.write("Still there?")
        await raw.response.create()
        await caller.until("response.done")
        assert caller.spoken() == "You said: Still there? That is all."


async def test_an_agent_that_nobody_knows(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as (address, _),
        websockets.connect(f"ws://{address}/v1/realtime?model=nobody") as socket,
    ):
        told = json.loads(await socket.recv())
        assert told["error"]["code"] == "unknown_agent"
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()


async def test_history_that_the_client_writes_is_what_the_agent_is_asked_with(tmp_path: Path) -> None:
    seen: list[Sequence[Line]] = []

    async def ground(question: Question) -> Grounding:
        seen.append(question.history)
        return Grounding(("Yes.",), is_certain=True)

    agent = Agent("parrot", "", (Specialist("only", "", ground),), parrot().guardrail)
    async with house(tmp_path, agent) as (address, _), talk(address) as caller:
        await caller.write("My name is Ada.")
        await caller.connection.conversation.item.create(
            item={
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "Hello Ada."}],
            }
        )
        await caller.write("Who am I?")
        await caller.connection.response.create()
        await caller.until("response.done")
        assert [line.text for line in seen[-1]] == ["My name is Ada.", "Hello Ada."]


async def test_the_agent_greets_when_it_is_asked_to_say_something_first(tmp_path: Path) -> None:
    async with house(tmp_path, parrot(greeting="Good morning.")) as (address, _), talk(address) as caller:
        await caller.connection.response.create(response={"instructions": "Greet the user."})
        await caller.until("response.done")
        assert caller.spoken() == "Good morning."


async def test_a_name_of_openais_reaches_who_is_there_and_an_intent_makes_a_transcription(
    tmp_path: Path,
) -> None:
    for query, kind in (("model=gpt-realtime", "realtime"), ("intent=transcription", "transcription")):
        async with (
            house(tmp_path) as (address, _),
            websockets.connect(f"ws://{address}/v1/realtime?{query}") as socket,
        ):
            told = json.loads(await socket.recv())
            assert (told["type"], told["session"]["type"]) == ("session.created", kind)
