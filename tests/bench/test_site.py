"""Requests to a server, and answers of every shape."""

from __future__ import annotations

import json

import pytest

from antiphon.bench.site import Site
from antiphon.core.errors import CallerError
from bench.answering import server

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\nX-Turn: 3\r\n\r\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_body_in_chunks_is_read_piece_by_piece() -> None:
    async with (
        server(CHUNKED, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n") as (url, asked),
        Site(url, "token").ask("GET", "/sound") as answer,
    ):
        assert (answer.status, answer.headers["x-turn"]) == (200, "3")
        assert [piece async for piece in answer.pieces()] == [b"abc", b"de"]
    assert asked[0].startswith(b"GET /sound HTTP/1.1\r\n")
    assert b"authorization: Bearer token\r\n" in asked[0]


async def test_events_are_whole_whatever_pieces_they_come_in() -> None:
    body = ": still here\ndata: früh\r\n\ndata: late\n".encode()
    pieces = [b"%x\r\n%s\r\n" % (len(body[at : at + 5]), body[at : at + 5]) for at in range(0, len(body), 5)]
    async with server(CHUNKED, *pieces, b"0\r\n\r\n") as (url, _), Site(url).ask("GET", "/") as answer:
        assert [data async for data in answer.data()] == ["früh", "late"]


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"content-length: 11\r\n\r\n" + b'{"job": "1"}'[:11],
        OK + b"\r\n" + b'{"job": "1"',
    ],
)
async def test_what_is_no_object_is_empty(answer: bytes) -> None:
    async with server(answer) as (url, _):
        assert await Site(url).post("/") == {}


async def test_an_object_is_sent_and_read() -> None:
    body = b'{"job_id": "j_1"}'
    async with server(OK + b"content-length: %d\r\n\r\n" % len(body), body) as (url, asked):
        assert await Site(f"ws://{url}/orchestrate").post("/jobs", {"a": "ä"}) == {"job_id": "j_1"}
    assert json.loads(asked[0].partition(b"\r\n\r\n")[2]) == {"a": "ä"}


async def test_nothing_is_an_answer_too() -> None:
    async with server(b"HTTP/1.1 204 No Content\r\n\r\n") as (url, _):
        assert await Site(url).post("/") == {}


async def test_a_refusal_is_raised_in_the_servers_words() -> None:
    body = b'{"code": "not_on_air", "detail": "it is over"}'
    async with server(b"HTTP/1.1 409 Conflict\r\ncontent-length: %d\r\n\r\n" % len(body), body) as (url, _):
        with pytest.raises(CallerError, match="it is over") as refused:
            await Site(url).post("/")
    assert refused.value.code == "not_on_air"


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", CHUNKED + b"9\r\nabc", CHUNKED + b"zz\r\n"])
async def test_what_breaks_off_is_an_error_of_the_network(answer: bytes) -> None:
    async with server(answer) as (url, _):
        with pytest.raises(OSError, match=r"breaks off|no HTTP"):
            await Site(url).post("/")


def test_an_address_may_lack_its_scheme_and_another_is_kept() -> None:
    site = Site("wss://one:7/orchestrate")
    assert site.address("/v1/realtime/calls") == "https://one:7/v1/realtime/calls"
    assert site.address("https://api.openai.com/v1/realtime/calls").startswith("https://api.openai.com/")
    with pytest.raises(CallerError, match="no address"):
        Site("ftp://one")
