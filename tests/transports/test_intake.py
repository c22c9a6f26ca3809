"""What waits for the application stays bounded, and nothing of it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
import uvicorn
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from antiphon.transports.intake import AHEAD, SMALL, SOUND, Intake

Receive = Callable[[], Awaitable[dict]]
Send = Callable[[dict], Awaitable[None]]


class Wire(asyncio.Transport):
    """A connection whose other end is a client without a loop."""

    def __init__(self, client: ClientProtocol) -> None:
        super().__init__()
        self.client = client
        self.is_read = True
        self.is_closed = False
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data
        self.client.receive_data(data)

    def pause_reading(self) -> None:
        assert self.is_read
        self.is_read = False

    def resume_reading(self) -> None:
        assert not self.is_read
        self.is_read = True

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True


async def connected(
    app: Callable[..., Awaitable[None]], kind: type[WebSocketsSansIOProtocol] = Intake, cut: int = 0
) -> tuple[ClientProtocol, Wire, WebSocketsSansIOProtocol]:
    """A client whose handshake comes in two pieces, the first of `cut` bytes, on its connection."""
    config = uvicorn.Config(app, ws=kind, lifespan="off", ws_ping_interval=None, log_config=None)
    config.load()
    client = ClientProtocol(parse_uri("ws://localhost/"))
    wire, intake = Wire(client), kind(config, ServerState(), {})
    intake.connection_made(wire)
    client.send_request(client.connect())
    hello = b"".join(client.data_to_send())
    for piece in (hello[:cut], hello[cut:]):
        if piece:
            intake.data_received(piece)
    for _ in range(5):
        await asyncio.sleep(0)
    return client, wire, intake


def test_reading_stops_when_too_much_waits_and_goes_on_when_nothing_does() -> None:
    async def story() -> None:
        heard: list[bytes] = []
        is_awake = asyncio.Event()

        async def app(scope: dict, receive: Receive, send: Send) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            await is_awake.wait()
            while (message := await receive())["type"] == "websocket.receive":
                heard.append(message["bytes"])

        client, wire, intake = await connected(app)
        sent = [bytes([number]) * 640 for number in range(AHEAD + 1)]
        for number, data in enumerate(sent):
            assert wire.is_read == (number <= AHEAD)
            client.send_binary(data)
            intake.data_received(b"".join(client.data_to_send()))
        assert not wire.is_read
        is_awake.set()
        for _ in range(5):
            await asyncio.sleep(0)
        assert wire.is_read
        assert heard == sent

    asyncio.run(story())


def test_a_large_message_stops_the_reading_at_once() -> None:
    async def story() -> None:
        async def app(scope: dict, receive: Receive, send: Send) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            await asyncio.Event().wait()

        client, wire, intake = await connected(app)
        client.send_binary(bytes(SMALL))
        intake.data_received(b"".join(client.data_to_send()))
        assert wire.is_read
        client.send_binary(bytes(SMALL + 1))
        intake.data_received(b"".join(client.data_to_send()))
        assert not wire.is_read

    asyncio.run(story())


def listener(heard: list[bytes], read: list[str | int]) -> Callable[..., Awaitable[None]]:
    """An application that listens, if it can, and reads what comes by the queue until the end."""

    async def app(scope: dict, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        if SOUND in scope["extensions"]:
            scope["extensions"][SOUND]["listen"](heard.append)
        while (message := await receive())["type"] == "websocket.receive":
            if message.get("bytes") is not None:
                heard.append(message["bytes"])
            else:
                read.append(message["text"])
        read.append(message["code"])

    return app


def test_sound_that_was_queued_comes_before_sound_that_comes_straight() -> None:
    async def story() -> None:
        heard: list[bytes] = []
        is_awake = asyncio.Event()

        async def app(scope: dict, receive: Receive, send: Send) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            await is_awake.wait()
            scope["extensions"][SOUND]["listen"](heard.append)
            while (message := await receive())["type"] == "websocket.receive":
                heard.append(message["bytes"])

        def say(sound: bytes) -> None:
            client.send_binary(sound)
            intake.data_received(b"".join(client.data_to_send()))

        client, _, intake = await connected(app)
        say(b"1")
        say(b"2")
        is_awake.set()
        await asyncio.sleep(0)
        say(b"3")
        for _ in range(5):
            await asyncio.sleep(0)
        assert heard == [b"1", b"2", b"3"]
        say(b"4")
        assert heard[3:] == [b"4"], "nothing waits any longer: the fourth need not wait for anybody"

    asyncio.run(story())


def test_nobody_hears_any_more_who_stopped_listening() -> None:
    async def story() -> None:
        heard: list[bytes] = []
        listens: list[Callable[[object], None]] = []

        async def app(scope: dict, receive: Receive, send: Send) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            listens.append(scope["extensions"][SOUND]["listen"])
            listens[0](heard.append)
            await asyncio.Event().wait()

        client, wire, intake = await connected(app)
        for number in range(AHEAD + 2):
            client.send_binary(bytes([number]))
            intake.data_received(b"".join(client.data_to_send()))
            listens[0](None)
        assert heard == [b"\0"]
        assert not wire.is_read, "the others wait, and more would be too many"

    asyncio.run(story())


frames = st.one_of(
    st.builds(Frame, st.just(Opcode.BINARY), st.binary(max_size=140)),
    st.builds(Frame, st.just(Opcode.TEXT), st.text(max_size=20).map(str.encode)),
    st.builds(Frame, st.just(Opcode.TEXT), st.binary(max_size=20)),
    st.builds(Frame, st.sampled_from([Opcode.PING, Opcode.PONG]), st.binary(max_size=125)),
    st.builds(Frame, st.sampled_from([Opcode.BINARY, Opcode.CONT]), st.binary(max_size=9), st.booleans()),
    st.just(Frame(Opcode.CLOSE, b"\x03\xe8")),
)
ordinary = st.builds(Frame, st.just(Opcode.BINARY), st.just(bytes(150)))


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """What a client sends, piece by piece; perhaps with a byte that is not as it should be."""
    data = bytearray()
    for frame in draw(st.lists(ordinary | frames, max_size=6)):
        data += frame.serialize(mask=True)
    if data and draw(st.booleans()):
        data[draw(st.integers(0, len(data) - 1))] ^= draw(st.integers(0, 255))
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=9)))
    return [bytes(data[a:b]) for a, b in pairwise([0, *cuts, len(data)])]


async def told(
    stream: list[bytes], kind: type[WebSocketsSansIOProtocol], cut: int
) -> tuple[list[bytes], list[str | int], bytes]:
    """What the application heard, what it read, and what the client was sent."""
    heard, read = list[bytes](), list[str | int]()
    _, wire, intake = await connected(listener(heard, read), kind, cut)
    wire.written = b""
    for piece in stream:
        if not wire.is_closed:
            intake.data_received(piece)
        for _ in range(3):
            await asyncio.sleep(0)
    intake.connection_lost(ConnectionResetError())
    for _ in range(len(stream) + 20):
        await asyncio.sleep(0)
    return heard, read, wire.written


SOUNDS = Frame(Opcode.BINARY, b"ab" * 100).serialize(mask=True)


@settings(deadline=None, max_examples=100)
@given(streams(), st.sampled_from([0, 9, -3]))
@example([SOUNDS[:1], SOUNDS[1:3], SOUNDS[3:] + SOUNDS, SOUNDS[:-1], SOUNDS[-1:]], 0)
@example([b"\x82\xfe", b"\0", b"\x02abcdhi", SOUNDS], 0)
@example([b"\x89\xfe\0\xff" + bytes(259), SOUNDS], 0)
def test_the_straight_way_hears_what_the_library_hears(stream: list[bytes], cut: int) -> None:
    # The library handles the frames of a piece when it has parsed them all; the law is about one after the other.
    slowly = [bytes([byte]) for piece in stream for byte in piece]
    try:
        straight = asyncio.run(told(stream, Intake, cut))
    except InvalidState:
        # uvicorn's own answer to text that is no UTF-8, when a closing frame is in the same piece.
        reject()
    assert straight == asyncio.run(told(slowly, WebSocketsSansIOProtocol, cut))


def test_sound_of_64_kilobytes_is_left_to_the_library() -> None:
    stream = [Frame(Opcode.BINARY, bytes(size)).serialize(mask=True) for size in (1 << 16, 5, 1 << 20, 1)]
    straight = asyncio.run(told(stream, Intake, 0))
    assert straight == asyncio.run(told(stream, WebSocketsSansIOProtocol, 0))
    assert [len(sound) for sound in straight[0]] == [1 << 16, 5, 1 << 20, 1]


@pytest.mark.parametrize("size", [0, 125, 126, 127, 640, 65_535])
def test_sound_of_any_ordinary_size_never_sees_the_library(size: int) -> None:
    async def story() -> None:
        heard: list[bytes] = []
        client, _, intake = await connected(listener(heard, []))
        client.send_binary(bytes(size))
        data = b"".join(client.data_to_send())
        intake.conn.receive_data = None  # type: ignore[method-assign]
        for piece in (data, data[:5], data[5:], data + data):
            intake.data_received(piece)
        assert heard == [bytes(size)] * 4

    asyncio.run(story())
