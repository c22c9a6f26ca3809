"""What waits for the application stays bounded, and nothing of it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from antiphon.transports.intake import AHEAD, SMALL, SOUND, Intake

Receive = Callable[[], Awaitable[dict]]


class Wire(asyncio.Transport):
    """A connection whose other end is a client without a loop."""

    def __init__(self, client: ClientProtocol) -> None:
        super().__init__()
        self.client = client
        self.is_read = True

    def write(self, data: bytes) -> None:
        self.client.receive_data(data)

    def pause_reading(self) -> None:
        assert self.is_read
        self.is_read = False

    def resume_reading(self) -> None:
        assert not self.is_read
        self.is_read = True

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self.is_read = False


async def connected(app: Callable[..., Awaitable[None]]) -> tuple[ClientProtocol, Wire, Intake]:
    config = uvicorn.Config(app, ws=Intake, lifespan="off", ws_ping_interval=None, log_config=None)
    config.load()
    client = ClientProtocol(parse_uri("ws://localhost/"))
    wire, intake = Wire(client), Intake(config, ServerState(), {})
    intake.connection_made(wire)
    client.send_request(client.connect())
    intake.data_received(b"".join(client.data_to_send()))
    for _ in range(5):
        await asyncio.sleep(0)
    return client, wire, intake


def test_reading_stops_when_too_much_waits_and_goes_on_when_nothing_does() -> None:
    async def story() -> None:
        heard: list[bytes] = []
        is_awake = asyncio.Event()

        async def app(scope: dict, receive: Receive, send: Callable[[dict], Awaitable[None]]) -> None:
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
        async def app(scope: dict, receive: Receive, send: Callable[[dict], Awaitable[None]]) -> None:
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


FRAMES = st.lists(
    st.one_of(
        st.tuples(st.just("sound"), st.binary(max_size=700)),
        st.tuples(st.just("text"), st.text("abc", min_size=1, max_size=200).map(str.encode)),
        st.tuples(st.just("ping"), st.binary(max_size=8)),
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(FRAMES, st.lists(st.integers(1, 800), max_size=40))
def test_however_it_is_cut_everything_is_heard_once_and_in_order(
    frames: list[tuple[str, bytes]], cuts: list[int]
) -> None:
    async def story() -> tuple[list[bytes], list[str]]:
        heard: list[bytes] = []
        texts: list[str] = []

        async def app(scope: dict, receive: Receive, send: Callable[[dict], Awaitable[None]]) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            scope["extensions"][SOUND]["listen"](heard.append)
            while (message := await receive())["type"] == "websocket.receive":
                texts.append(message["text"])

        client, _, intake = await connected(app)
        for kind, data in frames:
            match kind:
                case "sound":
                    client.send_binary(data)
                case "text":
                    client.send_text(data)
                case _:
                    client.send_ping(data)
            if not cuts:
                intake.data_received(b"".join(client.data_to_send()))
        stream = b"".join(client.data_to_send())
        for cut in cuts:
            piece, stream = stream[:cut], stream[cut:]
            if piece:
                intake.data_received(piece)
        if stream:
            intake.data_received(stream)
        for _ in range(40):
            await asyncio.sleep(0)
        intake.connection_lost(None)
        for _ in range(5):
            await asyncio.sleep(0)
        return heard, texts

    heard, texts = asyncio.run(story())
    assert heard == [data for kind, data in frames if kind == "sound"]
    assert texts == [data.decode() for kind, data in frames if kind == "text"]
