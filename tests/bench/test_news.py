"""Reading the news of a session, of servers that have them, and of such that have not."""

from __future__ import annotations

import asyncio

import pytest

from antiphon.bench.news import news_of
from antiphon.wire import native
from bench.answering import server

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
PHASE = b'data: {"type":"phase","phase":"idle","turn":2}\n\n'
JOB = b'data: {"type":"job","job_id":"j_1"}\n\n'


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def read(host: str) -> list[native.ServerMessage] | None:
    async with asyncio.timeout(5), news_of(f"http://{host}", "s_1", "ek_7") as news:
        if news is None:
            return None
        found = []
        while (message := await news.next()) is not None:
            found.append(message)
        return found


async def test_messages_are_read_whatever_pieces_they_come_in() -> None:
    body = b": still here\n\n" + PHASE + JOB + PHASE
    pieces = [chunk(body[at : at + 7]) for at in range(0, len(body), 7)]
    async with server(HEAD + b"transfer-encoding: chunked\r\n\r\n", *pieces, b"0\r\n\r\n") as (host, asked):
        assert await read(host) == [native.PhaseIs("idle", 2)] * 2
    assert asked[0].startswith(b"GET /api/sessions/s_1/news HTTP/1.1\r\n")
    assert b"authorization: Bearer ek_7\r\n" in asked[0]


async def test_a_stream_that_is_not_chunked_ends_with_its_connection() -> None:
    async with server(HEAD + b"\r\n", PHASE, PHASE[:9]) as (host, _):
        assert await read(host) == [native.PhaseIs("idle", 2)]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>",
        b"nonsense\r\n\r\n",
        b"",
    ],
)
async def test_a_server_that_has_none_is_no_error(answer: bytes) -> None:
    async with server(answer) as (host, _):
        assert await read(host) is None


async def test_where_there_is_no_server_there_are_none() -> None:
    assert await read("127.0.0.1:1") is None
