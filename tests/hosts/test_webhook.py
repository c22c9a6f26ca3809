"""Another system is told that a person is wanted: once, by whom it can check, and also after a bad day."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from antiphon.config import Settings
from antiphon.core.errors import SetupError
from antiphon.core.records import SERVICE, Escalation, NewSession
from antiphon.hosts.webhook import Webhook, open_webhook
from antiphon.ports import Records
from antiphon.testing.records import MemoryRecords, MemoryStore, running

pytestmark = pytest.mark.anyio
SECRET = "a secret of sixteen"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Receiver:
    """A server that keeps what it is posted and answers as it is told to."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = ""
        self.delay = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        await asyncio.sleep(self.delay)
        self.got.append((headers, body))
        status = self.statuses.pop(0) if self.statuses else 204
        writer.write(
            f"HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n".encode()
        )
        with suppress(OSError):
            await writer.drain()
        writer.close()

    async def has(self, count: int, within: float = 5.0) -> None:
        async with asyncio.timeout(within):
            while len(self.got) < count:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def receiving(*statuses: int) -> AsyncIterator[Receiver]:
    receiver = Receiver(*statuses)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/told?by=antiphon"
    async with server:
        yield receiver


@asynccontextmanager
async def telling(records: Records, receiver: Receiver, **more: object) -> AsyncIterator[list[bool]]:
    told: list[bool] = []
    quick = {"attempts": (0.0, 0.01), "rest": (0.05, 0.2), **more}
    webhook = Webhook(receiver.url, SECRET, records, told=told.append, **quick)  # type: ignore[arg-type]
    task = asyncio.create_task(webhook.run())
    try:
        yield told
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def escalate(
    records: Records, session: str, reason: str = "distress", host: str = "orchestrate"
) -> None:
    ledger = records.open(NewSession(session, "school", "anna", "tutor", host, "token"))
    ledger.write('{"header":{"session":"s"}}')
    ledger.write(json.dumps({"t": 1.0, "n": "PersonNeeded", "turn": 3, "reason": reason}))
    await ledger.durable()


async def test_a_call_from_a_room_tells_how_to_join_it_with_a_token_made_for_each_attempt() -> None:
    made: list[str] = []

    async def way(call: Escalation) -> dict[str, str]:
        made.append(f"token {len(made)}")
        return {"livekit_room": call.session, "livekit_token": made[-1]} if call.host == "livekit" else {}

    async with (
        running(MemoryRecords()) as records,
        receiving(500) as receiver,
        telling(records, receiver, way=way),
    ):
        await escalate(records, "s_room", host="livekit")
        await receiver.has(2)
        first, second = (json.loads(body) for _, body in receiver.got)
        assert (first["livekit_room"], first["livekit_token"]) == ("s_room", "token 0")
        assert second["livekit_token"] == "token 1"
        [kept] = await records.escalations(SERVICE)
        assert "token" not in repr(kept)
        await escalate(records, "s_call")
        await receiver.has(3)
        assert "livekit_token" not in json.loads(receiver.got[2][1])


async def test_a_call_for_a_person_is_told_once_and_signed() -> None:
    async with (
        running(MemoryRecords()) as records,
        receiving() as receiver,
        telling(records, receiver) as told,
    ):
        await escalate(records, "s_one", "distress, “help” \n")
        await receiver.has(1)
        headers, body = receiver.got[0]
        said = json.loads(body)
        assert (said["type"], said["session"], said["tenant"], said["turn"]) == (
            "escalation",
            "s_one",
            "school",
            3,
        )
        assert said["reason"] == "distress, “help” \n" and headers["antiphon-delivery"] == said["id"]
        signature = hmac.new(
            SECRET.encode(), headers["antiphon-timestamp"].encode() + b"." + body, hashlib.sha256
        )
        assert headers["antiphon-signature"] == f"v1={signature.hexdigest()}"
        await escalate(records, "s_two")
        await receiver.has(2)
        await asyncio.sleep(0.1)
        assert len(receiver.got) == 2 and told == [True, True]


async def test_two_nodes_tell_it_once() -> None:
    store = MemoryStore()
    async with (
        running(MemoryRecords(store, "a")) as one,
        running(MemoryRecords(store, "b")) as two,
        receiving() as receiver,
        telling(one, receiver),
        telling(two, receiver),
    ):
        for number in range(5):
            await escalate(one, f"s_{number}")
        await receiver.has(5)
        await asyncio.sleep(0.1)
        assert len({headers["antiphon-delivery"] for headers, _ in receiver.got}) == len(receiver.got) == 5


@pytest.mark.parametrize("status", [500, 302, 404])
async def test_what_is_not_taken_is_tried_again(status: int) -> None:
    async with (
        running(MemoryRecords()) as records,
        receiving(status) as receiver,
        telling(records, receiver) as told,
    ):
        await escalate(records, "s_one")
        await receiver.has(2)
        await asyncio.sleep(0.05)
        first, second = (headers["antiphon-delivery"] for headers, _ in receiver.got)
        assert first == second and told == [True]


async def test_what_was_never_taken_is_told_after_a_restart() -> None:
    store = MemoryStore()
    async with running(MemoryRecords(store, "a")) as records, receiving(*[503] * 2) as receiver:
        async with telling(records, receiver) as told:
            await escalate(records, "s_one")
            await receiver.has(2)
            await asyncio.sleep(0.02)
            assert told == [False]
        store.told.clear()  # half a minute has passed
        async with telling(records, receiver) as told:
            await receiver.has(3)
            await asyncio.sleep(0.05)
            assert told == [True]


async def test_while_the_store_is_away_nothing_breaks() -> None:
    store = MemoryStore()
    async with running(MemoryRecords(store)) as records, receiving() as receiver, telling(records, receiver):
        store.is_away = True
        await asyncio.sleep(0.1)
        store.is_away = False
        await escalate(records, "s_one")
        await receiver.has(1)


async def test_what_somebody_sees_to_already_is_not_told() -> None:
    async with running(MemoryRecords()) as records, receiving() as receiver:
        await escalate(records, "s_one")
        [found] = await records.escalations(SERVICE)
        await records.claim_escalation(SERVICE, found.id)
        async with telling(records, receiver) as told:
            await asyncio.sleep(0.1)
        assert not receiver.got and not told


async def test_a_receiver_that_hangs_does_not_hold_up_the_loop() -> None:
    async with running(MemoryRecords()) as records, receiving() as receiver, telling(records, receiver):
        receiver.delay = 3
        await escalate(records, "s_one")
        loop, slowest = asyncio.get_running_loop(), 0.0
        for _ in range(30):
            before = loop.time()
            await asyncio.sleep(0.01)
            slowest = max(slowest, loop.time() - before)
        assert slowest < 1.5
        await receiver.has(1)


@pytest.mark.parametrize(
    ("url", "secret"),
    [("http://example.com/", SECRET), ("ftp://127.0.0.1/", SECRET), ("https://", SECRET), ("x", SECRET),
     ("https://example.com/", "short"), ("http://169.254.169.254/", SECRET)],
)  # fmt: skip
async def test_an_address_or_a_secret_that_will_not_do_is_refused(
    tmp_path: Path, url: str, secret: str
) -> None:
    with pytest.raises(SetupError):
        open_webhook(Settings(home=tmp_path, webhook_url=url, webhook_secret=secret), MemoryRecords())  # type: ignore[arg-type]


async def test_without_an_address_there_is_none_and_without_a_store_there_cannot_be(tmp_path: Path) -> None:
    assert open_webhook(Settings(home=tmp_path), None) is None
    with pytest.raises(SetupError, match="ANTIPHON_STORE"):
        open_webhook(Settings(home=tmp_path, webhook_url="https://example.com/"), None)
