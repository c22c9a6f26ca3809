"""What clients of OpenAI's protocol send wrongly: one error each, with its code and the client's id, and the talk goes on."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import websockets
from house import house

pytestmark = pytest.mark.anyio

Event = dict[str, object]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Bare:
    """A client that sends whatever it is told."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.got: list[Event] = []

    async def send(self, event: Event | str | bytes) -> None:
        await self.socket.send(event if isinstance(event, str | bytes) else json.dumps(event))

    async def until(self, kind: str) -> Event:
        async with asyncio.timeout(8):
            while True:
                self.got.append(json.loads(await self.socket.recv()))
                if self.got[-1]["type"] == kind:
                    return self.got[-1]

    async def refused(self, event: Event | str | bytes) -> tuple[object, object]:
        """The code of the error, and the id of the event that it names."""
        await self.send(event)
        error = (await self.until("error"))["error"]
        assert isinstance(error, dict)
        assert error["message"]
        return error["code"], error.get("event_id")

    async def closed(self) -> int:
        """The code with which the server closes."""
        async with asyncio.timeout(8):
            try:
                while True:
                    await self.socket.recv()
            except websockets.ConnectionClosed as closed:
                assert closed.rcvd is not None
                return closed.rcvd.code

    async def is_well(self) -> None:
        """The talk goes on: a question is answered, and nothing was an error meanwhile."""
        before = len(self.got)
        await self.send(line("Still there?"))
        await self.send({"type": "response.create", "response": {"output_modalities": ["text"]}})
        done = await self.until("response.output_text.done")
        assert str(done["text"]).endswith("Still there? That is all.")
        await self.until("response.done")
        assert "error" not in [event["type"] for event in self.got[before:]]


def line(text: str, id: str | None = None) -> Event:
    item: Event = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
    return {"type": "conversation.item.create", "item": {**item, **({"id": id} if id else {})}}


@asynccontextmanager
async def talk(tmp_path: Path, path: str = "?model=parrot") -> AsyncIterator[Bare]:
    async with (
        house(tmp_path) as (address, _),
        websockets.connect(f"ws://{address}/v1/realtime{path}", max_size=None, close_timeout=1) as socket,
    ):
        client = Bare(socket)
        await client.until("session.created")
        yield client


async def test_what_is_no_json_or_no_event(tmp_path: Path) -> None:
    async with talk(tmp_path) as client:
        for rubbish in ("", "{", "[]", "null", "7", '"x"', "[" * 5000, '{"type":NaN}', "\x00"):
            code, _ = await client.refused(rubbish)
            assert code in ("invalid_json", "invalid_type", "missing_required_parameter"), rubbish[:20]
        assert await client.refused(b"\x00\x01") == ("invalid_json", None)
        assert await client.refused({"type": "smell.create", "event_id": "e"}) == ("invalid_value", "e")
        assert await client.refused({"type": 7, "event_id": "e"}) == ("invalid_type", "e")
        await client.is_well()


async def test_giant_base64_and_giant_text(tmp_path: Path) -> None:
    async with talk(tmp_path) as client:
        large = "A" * 900_001
        append = {"type": "input_audio_buffer.append", "audio": large, "event_id": "e"}
        assert await client.refused(append) == ("invalid_value", "e")
        odd = {"type": "input_audio_buffer.append", "audio": "AAAA", "event_id": "e"}
        assert await client.refused(odd) == ("invalid_value", "e")
        await client.is_well()
        assert await client.refused(json.dumps(append).ljust(16 << 20)) == ("invalid_value", "e")
        assert await client.refused(json.dumps(append).ljust((16 << 20) + 1)) == (
            "string_above_max_length",
            None,
        )
        await client.socket.send(iter([" " * (9 << 20)] * 3))
        assert (await client.until("error"))["error"]["code"] == "string_above_max_length"  # type: ignore[index]
        await client.is_well()


async def test_minutes_of_sound_in_one_event_are_heard_to_their_end(tmp_path: Path) -> None:
    async with talk(tmp_path) as client:
        taking = {"input": {"turn_detection": None, "transcription": {"model": "any"}}}
        await client.send({"type": "session.update", "session": {"type": "realtime", "audio": taking}})
        silence, voice = bytes(40 * 48_000), b"\x00\x30" * 24_000
        audio = base64.b64encode(silence + voice).decode()
        await client.send({"type": "input_audio_buffer.append", "audio": audio})
        await client.send({"type": "input_audio_buffer.commit"})
        told = await client.until("conversation.item.input_audio_transcription.completed")
        assert told["transcript"] == "Hello."
        assert told["usage"] == {"type": "duration", "seconds": 41.0}
        await client.is_well()


async def test_elsewhere_a_megabyte_is_the_most(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as (address, _),
        websockets.connect(f"ws://{address}/orchestrate", max_size=None, close_timeout=1) as socket,
    ):
        with suppress(websockets.ConnectionClosed):
            await socket.send("A" * ((1 << 20) + 1))
        assert await Bare(socket).closed() == 1009


async def test_events_out_of_their_order(tmp_path: Path) -> None:
    async with talk(tmp_path) as client:
        output = {"type": "function_call_output", "call_id": "call_of_nobody", "output": "sunny"}
        refusals: list[tuple[Event, str]] = [
            ({"type": "response.cancel"}, "response_cancel_not_active"),
            ({"type": "response.cancel", "response_id": "resp_of_nobody"}, "response_cancel_not_active"),
            ({"type": "input_audio_buffer.commit"}, "input_audio_buffer_commit_empty"),
            ({"type": "conversation.item.delete", "item_id": "x"}, "item_delete_invalid_item_id"),
            ({"type": "conversation.item.retrieve", "item_id": "x"}, "item_retrieve_invalid_item_id"),
            (
                {"type": "conversation.item.truncate", "item_id": "x", "content_index": 0, "audio_end_ms": 1},
                "item_truncate_invalid_item_id",
            ),
        ]
        for number, (event, code) in enumerate(refusals):
            assert await client.refused({**event, "event_id": f"e{number}"}) == (code, f"e{number}")
        await client.send({"type": "conversation.item.create", "item": output})
        await client.send({"type": "input_audio_buffer.clear"})
        await client.send({"type": "output_audio_buffer.clear"})
        await client.until("input_audio_buffer.cleared")
        await client.is_well()


async def test_a_line_of_the_users_is_not_truncated(tmp_path: Path) -> None:
    async with talk(tmp_path) as client:
        await client.send(line("Hello.", "mine"))
        event = {
            "type": "conversation.item.truncate",
            "item_id": "mine",
            "content_index": 0,
            "audio_end_ms": 1,
        }
        assert await client.refused({**event, "event_id": "e"}) == ("invalid_value", "e")
        await client.is_well()


async def test_two_responses_wanted_in_one_breath(tmp_path: Path) -> None:
    async with talk(tmp_path) as client:
        await client.send(line("Hello."))
        await client.send({"type": "response.create"})
        again = {"type": "response.create", "event_id": "again"}
        assert await client.refused(again) == ("conversation_already_has_active_response", "again")
        await client.until("response.done")
        await client.is_well()
        assert [event["type"] for event in client.got].count("response.created") == 2


async def test_a_response_that_is_cancelled_before_it_began_ends_cancelled(tmp_path: Path) -> None:
    async with talk(tmp_path) as client:
        await client.send(line("Hello."))
        await client.send({"type": "response.create"})
        await client.send({"type": "response.cancel"})
        done = await client.until("response.done")
        assert done["response"]["status"] == "cancelled"  # type: ignore[index]
        await client.is_well()


async def test_responses_that_cannot_be_made(tmp_path: Path) -> None:
    async with talk(tmp_path) as client:
        wrong: list[tuple[Event, str]] = [
            ({"output_modalities": ["smell"]}, "invalid_value"),
            ({"output_modalities": ["audio", "text"]}, "array_above_max_length"),
            ({"max_output_tokens": 0}, "integer_below_min_value"),
            ({"metadata": {str(n): "" for n in range(17)}}, "object_above_max_length"),
            ({"input": [], "conversation": "auto"}, "invalid_value"),
            (
                {"input": [{"type": "item_reference", "id": "x"}], "conversation": "none"},
                "invalid_item_reference",
            ),
        ]
        for number, (params, code) in enumerate(wrong):
            event: Event = {"type": "response.create", "response": params, "event_id": f"e{number}"}
            assert await client.refused(event) == (code, f"e{number}"), params
        await client.is_well()


async def test_more_responses_beside_the_conversation_than_can_be_made(tmp_path: Path) -> None:
    async with talk(tmp_path) as client:
        params = {"conversation": "none", "input": [line("Hi.")["item"]]}
        for _ in range(9):
            await client.send({"type": "response.create", "response": params})
        error = await client.until("error")
        assert error["error"]["code"] == "rate_limit_exceeded"  # type: ignore[index]
        for _ in range(8):
            await client.until("response.done")
        await client.is_well()


async def test_a_transcription_session_answers_nothing(tmp_path: Path) -> None:
    async with talk(tmp_path, "?intent=transcription") as client:
        assert await client.refused({"type": "response.create", "event_id": "e"}) == ("invalid_value", "e")
        update = {"type": "session.update", "session": {"type": "realtime"}, "event_id": "f"}
        assert await client.refused(update) == ("invalid_value", "f")


async def test_who_sends_nothing_but_rubbish_is_shown_out(tmp_path: Path) -> None:
    async with talk(tmp_path) as client:
        for _ in range(250):
            await client.send("{")
        assert await client.closed() == 1008
