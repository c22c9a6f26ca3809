"""Messages that were bent, cut and swapped: each is understood or refused, and never more than that."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Iterator

from starlette.websockets import WebSocketState

from antiphon.core.errors import CallerError
from antiphon.core.events import HungUp
from antiphon.core.notes import ConnectionLost
from antiphon.transports.websocket import WebSocketTransport
from antiphon.wire import native, supervision

COUNT = int(os.environ.get("MUTATIONS", "100000"))

GOOD = [
    *map(
        native.encode,
        [native.Hello("parrot"), native.Hello("x", session="s_abcdefgh", resume="t", played_turn=3),
         native.PlayedAck(1, 960, True), native.TypedText("Was ist “7 × 8”? 🙂", 4), native.Interrupt(),
         native.AskPerson(), native.Ping(7), native.Bye()],
    ),
    *map(
        supervision.encode,
        [supervision.Watch("s_abcdefgh"), supervision.Whisper("psst"), supervision.Say("Hello."),
         supervision.TakeOver(), supervision.HandBack(), native.Ping(1)],
    ),
]  # fmt: skip
ODD = [
    None, True, False, 0, -1, 2**31, 2**63, 2**2000, -(2**64), 1e308, float("inf"), float("nan"), "", "\0", "\ud800",
    "x" * 3000, [], {}, [[]], {"type": "hello"}, "null", "s_../../etc/passwd", "'; drop table sessions; --",
]  # fmt: skip
TOKENS = [
    "{",
    "}",
    "[",
    "]",
    '"',
    ":",
    ",",
    "\\",
    "\\u0000",
    "\\ud800",
    "1e999",
    "-0",
    "NaN",
    "\0",
    "\x7f",
    "é",
    "🙂",
]


def bent(chance: random.Random) -> str | bytes:
    """A good message with something done to it."""
    text = chance.choice(GOOD)
    match chance.randrange(8):
        case 0 | 1 | 2:
            message = json.loads(text)
            for _ in range(chance.randrange(1, 3)):
                message[chance.choice([*message, "type", "text", "id"])] = chance.choice(ODD)
            return json.dumps(message)
        case 3:
            at = chance.randrange(len(text))
            return text[:at] + chance.choice(TOKENS) + text[at + chance.randrange(2) :]
        case 4:
            return text[: chance.randrange(len(text))]
        case 5:
            other = chance.choice(GOOD)
            return text[: chance.randrange(len(text))] + other[chance.randrange(len(other)) :]
        case 6:
            return "".join(map(chr, (chance.randrange(0x300) for _ in range(chance.randrange(40)))))
        case _:
            return chance.randbytes(chance.choice([0, 1, 2, 7, 8, 9, 640, 641, 70_000]))


def bends(count: int, seed: int) -> Iterator[str | bytes]:
    chance = random.Random(seed)
    return (bent(chance) for _ in range(count))


def test_every_bent_message_is_understood_or_refused() -> None:
    understood = refused = 0
    for number, message in enumerate(bends(COUNT // 2, 1)):
        if isinstance(message, bytes):
            continue
        decode = (native.decode_client, supervision.decode_supervisor)[number % 2]
        try:
            assert decode(message).type
            understood += 1
        except CallerError as error:
            native.encode(native.Refused(error.code, str(error), error.field or "")).encode()
            refused += 1
    assert min(understood, refused) > COUNT // 40


class Wire:
    """A WebSocket without a network, that brings what it is given and then closes."""

    application_state = WebSocketState.CONNECTED

    def __init__(self, messages: Iterator[str | bytes]) -> None:
        self.scope: dict[str, object] = {}
        self._messages = messages
        self.sent = 0

    async def receive(self) -> dict[str, object]:
        message = next(self._messages, None)
        if message is None:
            return {"type": "websocket.disconnect", "code": 1000}
        return {"type": "websocket.receive", "bytes" if isinstance(message, bytes) else "text": message}

    async def send_text(self, text: str) -> None:
        text.encode()
        self.sent += 1

    async def send_bytes(self, data: bytes) -> None:
        self.sent += 1

    async def close(self, code: int, reason: str = "") -> None:
        assert 1000 <= code < 5000 and len(reason.encode()) <= 123


def test_every_bent_message_passes_the_transport() -> None:
    async def story() -> int:
        messages, calls, done = bends(COUNT // 2, 2), 0, False
        while not done:
            wire = Wire(messages)
            transport = WebSocketTransport(wire, native.Hello())  # type: ignore[arg-type]
            sending = asyncio.create_task(transport.run(lambda sent: None, lambda pcm: None))
            calls += 1
            while True:
                got = await transport.receive()
                if isinstance(got, HungUp | ConnectionLost):
                    done = "1000" in got.reason
                    break
            await asyncio.sleep(0)
            assert not sending.done() or sending.exception() is None
            sending.cancel()
        return calls

    assert asyncio.run(asyncio.wait_for(story(), 120)) > 100
