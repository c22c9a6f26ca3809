"""The same conversation by WebRTC: a client whose microphone and ear are real, on a real server."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2 as httpx
import numpy as np
import pytest
import websockets
from house import house, parrot
from rtc import RATE, RtcClient, dial
from starlette.applications import Starlette
from starlette.routing import Route

from antiphon.config import Settings
from antiphon.hosts.realtime_calls import Calls
from antiphon.hosts.realtime_secrets import Seeds
from antiphon.hosts.security.people import Person, Role
from antiphon.hosts.security.security import open_security
from antiphon.hosts.stage import Stage
from antiphon.transports.realtime.peer_media import Media, OfferRefused

pytestmark = pytest.mark.anyio

NOISE = (np.sin(np.arange(RATE) * 0.15) * 9000).astype("<i2").tobytes()
"One second that counts as speech."
LONG = "Good day to everybody who listens to this."


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def nobody_left(stage: Stage, within: float = 5.0) -> None:
    """No session is on air, and the thread of the sound has ended."""
    async with asyncio.timeout(within):
        while stage.sessions or any(one.name == "media" for one in threading.enumerate()):
            await asyncio.sleep(0.01)


@asynccontextmanager
async def beside(
    client: RtcClient, address: str, key: str = "sk-any"
) -> AsyncIterator[websockets.ClientConnection]:
    call_id = client.location.rpartition("/")[2]
    headers = {"authorization": f"Bearer {key}"}
    async with websockets.connect(
        f"ws://{address}/v1/realtime?call_id={call_id}", additional_headers=headers
    ) as socket:
        yield socket


async def read(socket: websockets.ClientConnection, kind: str) -> dict[str, object]:
    async with asyncio.timeout(8):
        while True:
            event: dict[str, object] = json.loads(await socket.recv())
            if event["type"] == kind:
                return event


async def test_the_agent_greets_and_is_heard(tmp_path: Path) -> None:
    async with house(tmp_path, parrot(greeting="Good morning.")) as (address, stage):
        async with dial(address) as client:
            client.send("response.create")
            await client.until("output_audio_buffer.stopped")
            assert client.spoken() == "Good morning."
            assert 0.4 < client.loud_seconds() < 0.8  # ten letters of 50 ms, and a stop that is one
            kinds = client.kinds()
            assert kinds[:2] == ["session.created", "conversation.created"]
            told = ["response.content_part.added", "output_audio_buffer.started", "response.done"]
            assert sorted(told, key=kinds.index) == told
            assert "response.output_audio.delta" not in kinds
        await nobody_left(stage)


async def test_a_spoken_question_is_answered_aloud(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), dial(address) as client:
        await client.until("session.created")
        client.microphone.say(NOISE)
        await client.until("output_audio_buffer.stopped")
        assert client.spoken() == "You said: Hello. That is all."
        assert client.loud_seconds() > 0.8
        kinds = client.kinds()
        assert kinds.index("input_audio_buffer.committed") < kinds.index("response.created")


async def test_a_voice_over_the_answer_stops_it_and_what_was_heard_is_kept(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, stage), dial(address) as client:
        client.ask(LONG)
        await client.until("output_audio_buffer.started")
        await asyncio.sleep(0.6)
        client.microphone.say(NOISE * 2)
        await client.until("output_audio_buffer.cleared")
        done = next(one for one in client.events if one["type"] == "response.done")
        assert done["response"]["status_details"]["reason"] == "turn_detected"  # type: ignore[index]
        cut = await client.until("conversation.item.truncated")
        assert 300 < int(str(cut["audio_end_ms"])) < 2000
        heard = client.loud_seconds()
        await asyncio.sleep(0.3)
        assert client.loud_seconds() - heard < 0.15  # what was on its way, and no more
        (session,) = stage.sessions.values()
        async with asyncio.timeout(3):
            while not any(line.is_cut for line in session.transcript):
                await asyncio.sleep(0.01)
        line = next(line for line in session.transcript if line.is_cut)
        assert f"You said: {LONG}".startswith(line.text)
        assert len(line.text) < 30


async def test_the_client_clears_what_is_not_played(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), dial(address) as client:
        client.ask(LONG)
        await client.until("output_audio_buffer.started")
        client.send("output_audio_buffer.clear")
        await client.until("output_audio_buffer.cleared")
        assert "output_audio_buffer.stopped" not in client.kinds()
        client.ask("Still there?")
        await client.until("output_audio_buffer.stopped")
        assert "You said: Still there?" in client.spoken()


async def test_a_response_out_of_band_is_heard_on_the_track(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), dial(address) as client:
        content = [{"type": "input_text", "text": "Beside?"}]
        item = {"type": "message", "role": "user", "content": content}
        client.send("response.create", response={"conversation": "none", "input": [item]})
        created = await client.until("response.created")
        started = await client.until("output_audio_buffer.started")
        stopped = await client.until("output_audio_buffer.stopped")
        ids = {created["response"]["id"], started["response_id"], stopped["response_id"]}  # type: ignore[index]
        assert len(ids) == 1
        assert client.loud_seconds() > 0.8
        assert "response.output_audio.delta" not in client.kinds()
        client.send("response.create", response={"conversation": "none", "input": [item]})
        await client.until("output_audio_buffer.started")
        client.microphone.say(NOISE)
        await client.until("output_audio_buffer.cleared")


async def test_an_answer_in_text_is_not_heard(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), dial(address) as client:
        client.send("session.update", session={"type": "realtime", "output_modalities": ["text"]})
        client.ask("Good day.")
        await client.until("response.done")
        await asyncio.sleep(0.3)
        assert client.loud_seconds() == 0
        assert "output_audio_buffer.started" not in client.kinds()


async def test_what_is_wrong_is_told_and_the_call_goes_on(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), dial(address) as client:
        client.channel.send("{")
        assert (await client.until("error"))["error"]["code"] == "invalid_json"  # type: ignore[index]
        client.channel.send(b"\0")
        assert (await client.until("error"))["error"]["code"] == "invalid_json"  # type: ignore[index]
        client.ask("Hello")
        await client.until("output_audio_buffer.stopped")


async def test_who_leaves_is_gone(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, stage):
        async with dial(address) as client:
            await client.until("session.created")
        await nobody_left(stage)


async def test_a_call_is_hung_up_from_elsewhere(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as (address, stage),
        dial(address) as client,
        httpx.AsyncClient(base_url=f"http://{address}") as http,
    ):
        await client.until("session.created")
        assert (await http.post("/v1/realtime/calls/rtc_nobody/hangup")).status_code == 404
        assert (await http.post(f"{client.location}/hangup")).status_code == 200
        async with asyncio.timeout(3):
            await client.is_gone.wait()
        await nobody_left(stage)
        assert (await http.post(f"{client.location}/hangup")).status_code == 404


async def test_the_owner_reads_along_and_acts(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), dial(address) as client, beside(client, address) as socket:
        told = await read(socket, "session.created")
        assert told["session"]["model"] == "parrot"  # type: ignore[index]
        await socket.send("{")
        assert (await read(socket, "error"))["error"]["code"] == "invalid_json"  # type: ignore[index]
        content = [{"type": "input_text", "text": "From beside"}]
        item = {"type": "message", "role": "user", "content": content}
        await socket.send(json.dumps({"type": "conversation.item.create", "item": item}))
        await socket.send(json.dumps({"type": "response.create"}))
        await client.until("output_audio_buffer.stopped")
        await read(socket, "output_audio_buffer.stopped")
        assert "You said: From beside" in client.spoken()
        assert "error" not in client.kinds()
        await client.close()
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await read(socket, "nothing")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.reason == "the call is over"


async def test_a_call_that_is_not_there_has_nothing_beside_it(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as (address, _),
        websockets.connect(f"ws://{address}/v1/realtime?call_id=rtc_nobody") as socket,
    ):
        assert (await read(socket, "error"))["error"]["message"] == "there is no such call"  # type: ignore[index]


async def test_nobody_else_stands_beside_a_call_or_ends_it(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, stage), httpx.AsyncClient(base_url=f"http://{address}") as http:
        gate = open_security(stage.settings, "127.0.0.1").gate
        keys = {
            name: gate.grant_secret(Person(name, "school", Role.CALLER), "", 60)[0] for name in ("ada", "bob")
        }
        async with dial(address, "parrot", keys["ada"]) as client:
            for key in (keys["bob"], "sk-whoever-is-on-this-machine"):
                async with beside(client, address, key) as socket:
                    told = await read(socket, "error")
                    assert told["error"]["message"] == "there is no such call"  # type: ignore[index]
                headers = {"authorization": f"Bearer {key}"}
                assert (await http.post(f"{client.location}/hangup", headers=headers)).status_code == 404
            async with beside(client, address, keys["ada"]) as socket:
                await read(socket, "session.created")


async def test_an_offer_comes_with_the_session_it_wants(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), httpx.AsyncClient() as http:
        client = RtcClient(address)
        try:
            session = {"type": "realtime", "model": "parrot", "instructions": "Be brief."}
            form = {
                "sdp": (None, await client.offer(), "application/sdp"),
                "session": (None, json.dumps(session), "application/json"),
            }
            await client.answered(await http.post(f"http://{address}/v1/realtime/calls", files=form))
            told = await client.until("session.created")
            assert told["session"]["instructions"] == "Be brief."  # type: ignore[index]
        finally:
            await client.close()


GARBAGE = [
    "", "hello", "v=0", "v=0\r\n" * 2000, "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "v=0\r\n" + "a" * 70_000,
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio x y z\r\na=sendrecv\r\n",
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
]  # fmt: skip


async def test_an_offer_that_is_none_is_refused_in_openais_words(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, stage), httpx.AsyncClient() as http:
        client = RtcClient(address)
        offer = await client.offer()
        await client.close()
        broken = [
            offer.replace("a=sendrecv", "a=sendonly"),
            offer.replace("a=fingerprint", "a=nothing"),
            offer.replace("opus", "other"),
            offer.replace("a=ice-ufrag", "a=nothing"),
        ]
        headers = {"content-type": "application/sdp"}
        for text in [*GARBAGE, *broken]:
            answer = await http.post(f"http://{address}/v1/realtime/calls", content=text, headers=headers)
            assert answer.status_code == 400, text[:200]
            assert answer.json()["error"]["type"] == "invalid_request_error"
            assert answer.json()["error"]["code"] == "invalid_offer", text[:200]
        for kind, body in [
            ("application/sdp", b"\xff\xfe"),
            ("text/plain", b"v=0"),
            ("multipart/form-data; boundary=x", b"--x--"),
            ("multipart/form-data", b"v=0"),
            (
                'multipart/form-data; boundary="x"',
                b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--x--',
            ),
        ]:
            answer = await http.post(
                f"http://{address}/v1/realtime/calls", content=body, headers={"content-type": kind}
            )
            assert answer.status_code == 400
            assert answer.json()["error"]["message"]
        answer = await http.post(
            f"http://{address}/v1/realtime/calls?model=nobody", content=offer, headers=headers
        )
        assert answer.json()["error"]["code"] == "unknown_agent"
        await nobody_left(stage)


async def test_no_damage_to_an_offer_is_a_fault_of_ours() -> None:
    client, media = RtcClient("nowhere"), Media()
    lines = (await client.offer()).splitlines()
    await client.close()
    outcomes = {True: 0, False: 0}
    for number, line in enumerate(lines):
        name, _, value = line.partition("=")
        for instead in (
            [],
            [f"{name}="],
            [f"{name}={value[: len(value) // 2]}"],
            [f"{line} 99999999999999999999 é"],
        ):
            try:
                peer = await media.answer("\r\n".join([*lines[:number], *instead, *lines[number + 1 :]]))
                await peer.close()
                outcomes[True] += 1
            except OfferRefused:
                outcomes[False] += 1
    assert min(outcomes.values()) > 10
    while any(one.name == "media" for one in threading.enumerate()):
        await asyncio.sleep(0.01)


async def test_a_client_that_never_connects_is_given_up(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    async with house(tmp_path) as (_, stage):
        gate = open_security(settings, "127.0.0.1").gate
        calls = Calls(stage, gate, Seeds(), connect_within=0.2)
        app = Starlette(routes=[Route("/v1/realtime/calls", calls.create, methods=["POST"])])
        client = RtcClient("nowhere")
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            headers = {"content-type": "application/sdp"}
            answer = await http.post("/v1/realtime/calls", content=await client.offer(), headers=headers)
        assert answer.status_code == 201
        assert answer.text.startswith("v=0")
        await nobody_left(stage)
        await client.close()


async def test_nobody_is_taken_beyond_what_the_server_can_hold(tmp_path: Path) -> None:
    async with house(tmp_path, max_sessions=1) as (address, stage):
        async with dial(address) as client, httpx.AsyncClient() as http:
            await client.until("session.created")
            while not stage.sessions:
                await asyncio.sleep(0.01)
            other = RtcClient(address)
            headers = {"content-type": "application/sdp"}
            answer = await http.post(f"{client.http}/calls", content=await other.offer(), headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (429, "rate_limit_exceeded")
            await other.close()
        await nobody_left(stage)
