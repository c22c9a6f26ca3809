"""The WebSocket as strangers use it: everything a client can do wrong, and what it gets for it."""

from __future__ import annotations

import asyncio
import json
import struct
from pathlib import Path

import httpx2
import pytest
import websockets
from house import Client, client, house, parrot

from antiphon.wire import native

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def finish(caller: Client, turn: int) -> str:
    """Play everything of the turn and return what the server remembers of it."""
    while True:
        data = await asyncio.wait_for(caller.socket.recv(), 5)
        if isinstance(data, bytes):
            number, offset = struct.unpack_from("<II", data)
            await caller.send(type="played", turn=number, samples=offset + (len(data) - 8) // 2)
            continue
        message = json.loads(data)
        caller.got.append(message)
        if message["type"] == "remembered" and message["role"] == "agent" and message["turn"] == turn:
            return str(message["text"])


async def test_a_typed_question_is_answered_in_sound(tmp_path: Path):
    async with house(tmp_path) as (address, _), client(address) as caller:
        ready = await caller.hello()
        assert ready["suggestions"] == ["Hello?"]
        await caller.send(type="text", text="Good day.")
        assert await finish(caller, 1) == "You said: Good day. That is all."
        async with httpx2.AsyncClient() as http:
            metrics = (await http.get(f"http://{address}/metrics")).text
        assert 'antiphon_sessions{agent="parrot"} 1.0' in metrics
        assert 'antiphon_response_seconds_count{agent="parrot"} 1.0' in metrics
        kinds = [m["type"] for m in caller.got]
        assert [k for k in kinds if k in ("route", "sentence", "latency")][:3] == [
            "route",
            "sentence",
            "sentence",
        ]
        assert "latency" in kinds


async def test_a_spoken_question_is_answered(tmp_path: Path):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.hello(rate=8000)
        loud, quiet = b"\x00\x20\x00\xe0" * 80, bytes(320)
        for frame in [loud] * 40 + [quiet] * 40:
            await caller.socket.send(frame)
            await asyncio.sleep(0.02)
        assert await finish(caller, 1) == "You said: Hello. That is all."


async def test_an_interruption_is_cleared_and_cut_where_the_player_stopped(tmp_path: Path):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.hello()
        await caller.send(type="text", text="one two three four five six seven eight")
        await caller.until("sentence")
        await asyncio.sleep(0.2)
        await caller.send(type="interrupt")
        await caller.until("clear")
        await caller.send(type="played", turn=1, samples=9600, cleared=True)
        remembered = await caller.until("remembered", role="agent")
        assert remembered["text"] in ("You", "You said:")
        assert remembered["is_cut"] is True


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ("{", "bad_json", ""),
        ("[1]", "bad_json", ""),
        ("null", "bad_json", ""),
        ('{"type": "dance"}', "unknown_type", "type"),
        ('{"type": 7}', "unknown_type", "type"),
        ('{"kind": "text"}', "unknown_type", "type"),
        ('{"type": "text"}', "missing_field", "text"),
        ('{"type": "text", "text": 5}', "bad_type", "text"),
        ('{"type": "played", "turn": 1, "samples": true}', "bad_type", "samples"),
        ('{"type": "played", "turn": 1, "samples": -5}', "invalid", "samples"),
        ('{"type": "text", "text": "%s"}' % ("x" * 3000), "too_long", "text"),
        ('{"type": "hello"}', "unexpected", "type"),
        ("[" * 20000, "bad_json", ""),
    ],
)
async def test_a_bad_message_is_named_and_the_call_goes_on(tmp_path: Path, text: str, code: str, field: str):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.hello()
        await caller.socket.send(text)
        error = await caller.until("error")
        assert (error["code"], error["field"]) == (code, field)
        await caller.send(type="ping", id=3)
        assert (await caller.until("pong"))["id"] == 3


@pytest.mark.parametrize(("frame", "code"), [(b"\x00" * 321, "bad_audio"), (bytes(100_000), "too_large")])
async def test_bad_sound_is_named_and_the_call_goes_on(tmp_path: Path, frame: bytes, code: str):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.hello()
        await caller.socket.send(frame)
        assert (await caller.until("error"))["code"] == code
        await caller.send(type="ping", id=1)
        await caller.until("pong")


async def test_a_frame_beyond_a_mebibyte_closes_that_call_alone(tmp_path: Path):
    async with house(tmp_path) as (address, _), client(address) as bystander, client(address) as caller:
        await bystander.hello()
        await caller.hello()
        await caller.socket.send(bytes((1 << 20) + 2))
        assert (await caller.closed())[0] == 1009
        await bystander.send(type="text", text="Still here?")
        assert await finish(bystander, 1) == "You said: Still here? That is all."


async def test_sound_before_hello_is_refused(tmp_path: Path):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.socket.send(bytes(640))
        assert (await caller.until("error"))["code"] == "not_ready"
        assert (await caller.hello())["agent"] == "parrot"


@pytest.mark.parametrize(
    ("hello", "code", "field"),
    [
        ({"rate": 12345}, "invalid", "rate"),
        ({"play_rate": 0}, "invalid", "play_rate"),
        ({"version": 9}, "bad_version", "version"),
    ],
)
async def test_a_bad_hello_can_be_said_again(tmp_path: Path, hello: dict[str, int], code: str, field: str):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.send(type="hello", agent="parrot", **hello)
        error = await caller.until("error")
        assert (error["code"], error["field"]) == (code, field)
        await caller.hello()


async def test_an_unknown_agent_is_turned_away(tmp_path: Path):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.send(type="hello", agent="nobody")
        error = await caller.until("error")
        assert "parrot" in str(error["message"])
        assert error["field"] == "agent"
        assert (await caller.closed())[0] == 4404


async def test_too_many_callers_are_turned_away(tmp_path: Path):
    async with (
        house(tmp_path, max_sessions=1) as (address, stage),
        client(address) as first,
        client(address) as second,
    ):
        await first.hello()
        await second.send(type="hello", agent="parrot")
        assert (await second.closed())[0] == 4429
        async with httpx2.AsyncClient() as http:
            assert (await http.get(f"http://{address}/readyz")).status_code == 503
            assert (await http.get(f"http://{address}/healthz")).json()["status"] == "ok"
            [shown] = (await http.get(f"http://{address}/api/sessions")).json()["sessions"]
            assert shown["agent"] == "parrot"
        assert len(stage.sessions) == 1


async def test_twenty_bad_messages_end_the_call(tmp_path: Path):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.hello()
        for _ in range(20):
            await caller.socket.send("rubbish")
        assert (await caller.closed())[0] == 4400


async def test_a_client_that_never_acknowledges_is_closed_with_a_reason(tmp_path: Path):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.hello()
        await caller.send(type="text", text="Good day.")
        code, reason = await caller.closed()
        assert code == 4408
        assert "acknowledge" in reason


async def test_no_more_than_the_lead_is_ever_sent_ahead(tmp_path: Path):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.hello()
        await caller.send(type="text", text="one two three four five six seven eight nine ten")
        await caller.closed()
        sent = sum((len(frame) - 8) // 2 for frame in caller.sound)
        assert sent <= 24000 * 0.4 + 960


async def test_an_acknowledgement_of_the_future_counts_for_what_was_sent(tmp_path: Path):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.hello()
        await caller.send(type="text", text="one two three four five six seven eight nine ten")
        await caller.until("sentence")
        await caller.send(type="played", turn=1, samples=10**9)
        heard = await caller.until("heard")
        assert "ten" not in str(heard["heard"])


async def test_a_client_that_vanishes_leaves_no_session_behind(tmp_path: Path):
    async with house(tmp_path) as (address, stage):
        socket = await websockets.connect(f"ws://{address}/orchestrate")
        caller = Client(socket)
        await caller.hello()
        await caller.send(type="text", text="Good day.")
        await caller.until("sentence")
        socket.transport.abort()
        async with asyncio.timeout(5):
            while stage.sessions:
                await asyncio.sleep(0.02)


async def test_a_rate_other_than_the_voices_is_resampled(tmp_path: Path):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.hello(play_rate=16000)
        await caller.send(type="text", text="Good day.")
        assert await finish(caller, 1) == "You said: Good day. That is all."


async def test_a_greeting_is_spoken_unless_unwanted(tmp_path: Path):
    async with house(tmp_path, parrot(greeting="Welcome.")) as (address, _), client(address) as caller:
        await caller.send(type="hello", agent="parrot")
        sentence = await caller.until("sentence")
        assert (sentence["text"], sentence["purpose"]) == ("Welcome.", "greeting")


async def test_bye_ends_the_call(tmp_path: Path):
    async with house(tmp_path) as (address, stage), client(address) as caller:
        await caller.hello()
        await caller.send(type="bye")
        assert (await caller.closed())[0] == 1000
        assert not stage.sessions


def test_every_message_survives_its_json():
    for message in (
        native.Hello("x", greet=False),
        native.PlayedAck(3, 44, True),
        native.TypedText("é"),
        native.Interrupt(),
        native.Ping(4),
        native.Bye(),
    ):
        assert native.decode_client(native.encode(message)) == message


async def test_a_caller_whose_sound_stops_in_mid_word_is_still_answered(tmp_path: Path):
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.hello()
        for _ in range(30):
            await caller.socket.send(b"\x00\x20\x00\xe0" * 160)
            await asyncio.sleep(0.02)
        assert await finish(caller, 1) == "You said: Hello. That is all."
