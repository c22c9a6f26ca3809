"""Text that means to be more than text, in every place that takes any: it reaches no query, no file and no log line."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg
import httpx2
import pytest
import structlog
from manor import ANNA, HEAD, TEACHER, Manor, manor

from antiphon.config import Settings
from antiphon.logs import set_up_logging
from antiphon.store.database import Database
from antiphon.store.records import PostgresRecords
from antiphon.testing.records import running

pytestmark = pytest.mark.anyio

QUERIES = ["'; drop table app.sessions; --", "' or '1'='1", "\\'; select pg_sleep(20); --", "$1", "x'||(select 1)||'",
           "%' union select body::text from app.events --", "{{7*7}}", "NULL", "\0"]  # fmt: skip
PATHS = ["../../etc/passwd", "..%2f..%2fsecret", "%2e%2e/%2e%2e/secret", "/etc/passwd", "s_aaaaaa/../../secret",
         "s_aaaaaa%00.jsonl", "..\\..\\secret", "s_aaaaaa\0", "journals/../secret", "file:///etc/passwd", "~/secret",
         "s_" + "a" * 5000]  # fmt: skip
LINES = ["x\nFORGED level=info signed_in actor=school/head", "x\r\nFORGED: yes", "x\x1b[2J\x1b[31mFORGED",
         "x\u2028FORGED", "x\x85FORGED", "x\x0b\x0cFORGED", "x\u202eFORGED", "\x9b31mFORGED"]  # fmt: skip


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What the process logs, as it would stand in a file."""
    before, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    told = io.StringIO()
    set_up_logging(Settings(log_level="info"), told)
    try:
        yield told
    finally:
        structlog.configure(**before)
        logging.getLogger().handlers[:] = handlers


def check_log(told: io.StringIO) -> None:
    """Every line is one of ours: none begins with what somebody sent, none moves a terminal's cursor."""
    text = told.getvalue()
    for line in text.split("\n"):
        assert not line.startswith("FORGED"), line
        assert not any(ord(char) < 32 and char != "\t" for char in line), repr(line)
        assert not set(line) & set("\x7f\x85\x9b\u2028\u2029\u202e"), repr(line)


@asynccontextmanager
async def kept(home: Path, url: str, **settings: object) -> AsyncIterator[Manor]:
    database = await Database.open(url)
    try:
        async with (
            running(PostgresRecords(database, "node")) as records,
            manor(home, records=records, **settings) as house,
        ):
            yield house
    finally:
        await database.close()


async def raw(house: Manor, target: str, method: str = "GET", *headers: str) -> int:
    """The status of a request whose target is sent as it is."""
    host, _, port = house.address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = [f"{method} {target} HTTP/1.1", f"Host: {house.address}", "Connection: close", *headers]
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode("latin-1", "replace"))
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]) if answer else 0


async def said_hello(house: Manor, **hello: object) -> tuple[int, str]:
    async with house.party("/orchestrate", ANNA) as party:
        await party.send(**{"type": "hello", **hello})
        return await party.parted()


async def test_no_name_and_no_id_is_a_query(tmp_path: Path, url: str) -> None:
    with logged() as told:
        async with kept(tmp_path, url) as house, house.call() as (caller, session), house.http(HEAD) as http:
            before = await counted(url)
            for number, text in enumerate(QUERIES, 1):
                await caller.send(type="text", text=text.replace("\0", "?"), id=number)
                await caller.until("remembered", role="user")
                for params in (
                    {"agent": text},
                    {"status": text[:20]},
                    {"before": f"2026-01-01T00:00:00+00:00~{text}"},
                ):
                    assert (await http.get("/api/sessions", params=params)).status_code in (200, 400)
                at = quote(text, safe="")
                for method, path in [
                    ("GET", f"/api/sessions/{at}"),
                    ("GET", f"/api/sessions/{at}/journal"),
                    ("POST", f"/api/sessions/{at}/fork"),
                    ("POST", f"/api/escalations/{at}/claim"),
                    ("POST", f"/api/escalations/{at}/close"),
                    ("DELETE", f"/api/people/{at}"),
                ]:
                    body = {"outcome": text} if path.endswith("close") else {"turn": 1}
                    answer = await http.request(method, path, json=body)
                    assert answer.status_code < 500 and answer.elapsed.total_seconds() < 5, (
                        path,
                        answer.text,
                    )
                assert (await said_hello(house, agent=text))[0] in (4400, 4404)
                assert (await said_hello(house, agent="parrot", session=text))[0] == 4400
                resumed = await said_hello(house, agent="parrot", session=session, resume=text)
                assert resumed[0] == 4404, "the token is one of many, and none of these"
            after = await counted(url)
            assert after["sessions"] == before["sessions"] and after["tables"] == before["tables"]
            kept_lines = (await http.get(f"/api/sessions/{session}")).json()["lines"]
            users = [line["text"] for line in kept_lines if line["role"] == "user"]
            assert users == [text.replace("\0", "?") for text in QUERIES], "kept to the letter"
    check_log(told)


async def counted(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    tables = "select count(*) from information_schema.tables where table_schema = 'app'"
    found = {
        "tables": await connection.fetchval(tables),
        "sessions": await connection.fetchval("select count(*) from app.sessions"),
    }
    await connection.close()
    return found


async def test_no_id_is_a_path(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with manor(home, home_journals=True) as house, house.call() as (_, session):
        (home / "secret").write_text("Rumpelstiltskin")
        bearer = f"Authorization: Bearer {house.token(HEAD)}"
        files = seen(tmp_path)
        for text in PATHS:
            for target in (f"/api/sessions/{text}/journal", f"/api/sessions/{quote(text, safe='%')}", f"/{text}",
                           f"/assets/{text}", f"/api/escalations/{text}/claim"):  # fmt: skip
                for method in ("GET", "POST", "DELETE"):
                    status = await raw(
                        house, target.replace("\0", "%00").replace("\\", "%5c"), method, bearer
                    )
                    assert status in (0, 200, 400, 403, 404, 405, 413, 414, 422, 431), (
                        method,
                        target,
                        status,
                    )
            assert (await said_hello(house, agent="parrot", session=text))[0] == 4400
            async with house.party("/supervise", TEACHER) as party:
                await party.send(type="watch", session=text)
                assert (await party.parted())[0] == 4400
            async with house.http(ANNA) as http:
                for purpose in ("resume", "watch"):
                    asked = await http.post("/api/tokens", json={"purpose": purpose, "session": text})
                    assert asked.status_code in (400, 404, 422), (text, asked.text)
        assert seen(tmp_path) == files, "nothing was made and nothing changed"
        assert (home / "journals" / f"{session}.jsonl").exists()


def seen(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


async def test_nothing_that_is_sent_begins_a_line_of_the_log(tmp_path: Path) -> None:
    with logged() as told:
        async with manor(tmp_path) as house, house.call() as (caller, session), house.http(None) as http:
            http.headers["origin"] = f"http://{house.address}"
            for number, text in enumerate(LINES, 1):
                await caller.send(type="text", text=text, id=number)
                await caller.send(type=text)
                await caller.until("error")
                assert (await said_hello(house, agent=text))[0] == 4404
                taken = await said_hello(house, agent="parrot", session=session, resume=text)
                assert taken[0] == 4404, "the token is another"
                assert (await said_hello(house, agent="parrot", session=text))[0] == 4400
                csrf = (await http.get("/api/csrf")).json()["token"]
                for body in ({"name": text, "key": house.security.gate.key}, {"name": "anna", "key": text},
                             {"name": "anna", "id_token": text, "role": text}):  # fmt: skip
                    refused = await http.post("/api/signin", json=body, headers={"x-csrf-token": csrf})
                    assert refused.status_code in (400, 401, 422, 429)
                at = quote(text, safe="")
                async with house.http(HEAD) as head:
                    for path in (f"/api/sessions/{at}", f"/{at}", f"/api/people/{at}"):
                        assert (await head.request("DELETE", path)).status_code < 500
                    watch = await head.get("/api/sessions", params={"before": text, "agent": text})
                    assert watch.status_code == 400
                header = text.replace("\n", "").replace("\r", "").encode("utf-8").decode("latin-1")
                for name in (
                    "X-Request-Id",
                    "User-Agent",
                    "Origin",
                    "X-Forwarded-For",
                    "Authorization",
                    "Cookie",
                ):
                    assert await raw(house, "/api/me", "POST", f"{name}: {header}") < 500
                assert await raw(house, f"/api/{at}", "GET", "Host: " + header) < 500
            logging.getLogger("a.library").warning("it said %s", LINES[0])
            assert session in house.stage.sessions
    assert "it said" in told.getvalue() and "sign_in_failed" in told.getvalue()
    check_log(told)


async def test_half_a_character_costs_no_call(tmp_path: Path) -> None:
    """JSON can hold what no file and no database can."""
    async with manor(tmp_path, home_journals=True) as house, house.call() as (caller, session):
        await caller.socket.send('{"type":"text","text":"half \\ud800 of it \\u0000 and no more","id":1}')
        await caller.until("remembered", role="user")
        await caller.until("remembered", role="agent")
        async with house.http(HEAD) as http:
            assert (await http.get(f"/api/sessions/{session}")).status_code == 200
        assert (await said_hello(house, agent="\ud800"))[0] == 4404


async def test_a_request_of_two_minds_is_one(tmp_path: Path) -> None:
    """What a proxy and a server could read differently is refused, or read as one request."""
    async with manor(tmp_path) as house:
        for headers in (
            ("Content-Length: 5", "Content-Length: 6"),
            ("Content-Length: 5", "Transfer-Encoding: chunked"),
            ("Transfer-Encoding: chunked, identity",),
            ("Content-Length: +5",),
        ):
            assert await raw(house, "/api/signin", "POST", *headers) in (0, 400, 408, 413, 422, 501)
        async with httpx2.AsyncClient(base_url=f"http://{house.address}") as http:
            assert (await http.get("/healthz")).status_code == 200
