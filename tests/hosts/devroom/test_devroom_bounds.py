"""What clients that mean ill, or are broken, get: nothing, and nothing is left of them."""

from __future__ import annotations

import asyncio
import base64
import threading

import httpx2 as httpx
import pytest
import websockets
from livekit import api
from livekit.protocol.rtc import (
    AddTrackRequest,
    SessionDescription,
    SignalRequest,
    SignalResponse,
    TrickleRequest,
)
from parlour import WITHIN, Parlour, parlour, token, until

from antiphon.hosts.devroom.offers import OfferRefused, candidate, checked, is_ours

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def _said(socket: websockets.ClientConnection) -> list[SignalResponse]:
    """All that the server says until it closes the socket."""
    said = []
    async with asyncio.timeout(WITHIN):
        try:
            while True:
                message = await socket.recv()
                assert isinstance(message, bytes)
                said.append(SignalResponse.FromString(message))
        except websockets.ConnectionClosed:
            return said


def _socket(place: Parlour, identity: str) -> websockets.connect:
    return websockets.connect(f"{place.url}/rtc?access_token={token(identity)}")


GARBAGE = [
    SignalRequest(offer=SessionDescription(type="offer", sdp="nonsense")),
    SignalRequest(offer=SessionDescription(type="offer", sdp="v=0\r\nm=audio 9 x 1\r\n")),
    SignalRequest(
        offer=SessionDescription(type="offer", sdp="v=0\r\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" * 99)
    ),
    SignalRequest(offer=SessionDescription(type="offer", sdp="v=0\r\n" + "a" * 200_000)),
]


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_an_offer_that_is_none_ends_the_visit(garbage: SignalRequest) -> None:
    async with parlour() as place, place.office() as office:
        async with _socket(place, "mallory") as socket:
            await socket.send(garbage.SerializeToString())
            assert (await _said(socket))[-1].WhichOneof("message") == "leave"
        found = await office.room.list_participants(api.ListParticipantsRequest(room="parlour"))
        assert not found.participants


async def test_who_never_connects_is_not_waited_for() -> None:
    async with parlour(connect_within=0.3) as place, place.office() as office:
        async with _socket(place, "sleeper") as socket:
            said = await _said(socket)
            assert said[0].WhichOneof("message") == "join"
            assert said[-1].WhichOneof("message") == "leave"
        found = await office.room.list_participants(api.ListParticipantsRequest(room="parlour"))
        assert not found.participants


async def test_noise_is_passed_over() -> None:
    async with parlour() as place, _socket(place, "mallory") as socket:
        await socket.send(b"\xff\xff\xff")
        await socket.send("text")
        bad = ("", "{}", '{"candidate": 3}', '{"candidate": "candidate:1 1 udp 1 10.255.255.1 9 typ host"}')
        for told in bad:
            await socket.send(SignalRequest(trickle=TrickleRequest(candidateInit=told)).SerializeToString())
        for number in range(9):
            asked = AddTrackRequest(cid=f"c{number}", type=number % 2)
            await socket.send(SignalRequest(add_track=asked).SerializeToString())
        await socket.send(SignalRequest(ping=1).SerializeToString())
        answers: list[str | None] = []
        async with asyncio.timeout(WITHIN):
            while "pong" not in answers:
                message = await socket.recv()
                assert isinstance(message, bytes)
                answers.append(SignalResponse.FromString(message).WhichOneof("message"))
        assert answers.count("track_published") == 4
        assert answers.count("request_response") == 5


async def test_requests_that_cannot_be_read_are_refused() -> None:
    async with parlour() as place, httpx.AsyncClient() as client:
        bomb = base64.urlsafe_b64encode(b"\x08\x01\x12\x04junk").decode()
        for packed in ("%%%", bomb):
            url = f"{place.url}/rtc/v1?access_token={token('anna')}&join_request={packed}"
            with pytest.raises(websockets.InvalidStatus) as refused:
                await websockets.connect(url)
            assert refused.value.response.status_code == 400
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(f"{place.url}/agent?access_token={token('anna')}")
        assert refused.value.response.status_code == 401
        answer = await client.post(f"{place.http}/twirp/livekit.Egress/StartRoomCompositeEgress")
        assert (answer.status_code, answer.json()["code"]) == (404, "bad_route")
        assert (await client.get(f"{place.http}/settings/regions")).status_code == 404


async def test_nothing_is_left_when_it_is_closed() -> None:
    async with parlour() as place:
        anna = await place.guest("anna")
        await anna.speak(440)
        assert [one for one in threading.enumerate() if one.name == "devroom"]
    await until(
        lambda: not [one for one in threading.enumerate() if one.name in ("devroom", "audio-decoder")]
    )


def test_only_addresses_of_this_machine_are_tried() -> None:
    assert is_ours("127.0.0.1")
    assert not is_ours("8.8.8.8")
    assert not is_ours("d3b07384.local")
    offer = (
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=candidate:1 1 udp 2122 8.8.8.8 9 typ host\r\na=mid:0\r\n"
    )
    assert checked(offer) == "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"
    assert candidate('{"candidate": "candidate:1 1 tcp 2122 127.0.0.1 9 typ host", "sdpMid": "0"}') is None
    assert candidate('{"candidate": "candidate:1 1 udp 2122 127.0.0.1 9 typ host"}') is not None
    with pytest.raises(OfferRefused):
        checked("v=1")
