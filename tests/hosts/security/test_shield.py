"""What every request passes: whose page asks, how much it sends, how long it takes, and what leaves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import structlog
from door import ABROAD, HOME, House, Socket

from antiphon.core.errors import CallerError, SetupError
from antiphon.hosts.security.audit import Deed
from antiphon.hosts.security.visitor import Origins, Visitor, is_loopback, parse_origin

pytestmark = pytest.mark.anyio

OURS = "http://127.0.0.1:8700"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


# ---- what leaves ---------------------------------------------------------------------------------------
async def test_a_page_says_what_it_may_load(tmp_path: Path):
    answer = await House(tmp_path).visit().get("/")
    csp = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert csp["default-src"] == csp["frame-ancestors"] == csp["base-uri"] == csp["object-src"] == "'none'"
    assert csp["script-src"] == csp["style-src"] == "'self'"
    assert csp["connect-src"] == "'self' ws://127.0.0.1:8700 wss://127.0.0.1:8700"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["permissions-policy"].startswith("microphone=(self)")


async def test_what_runs_here_is_told_to_nobody(tmp_path: Path):
    answer = await House(tmp_path).visit().get("/")
    assert not {"server", "x-powered-by"} & set(answer.headers)


async def test_only_tls_is_told_to_stay(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    assert "strict-transport-security" not in (await house.visit().get("/")).headers
    assert "strict-transport-security" in (await house.visit(url="https://voice.example").get("/")).headers


async def test_what_a_person_is_told_is_kept_by_no_cache(tmp_path: Path):
    visit = House(tmp_path).visit()
    assert (await visit.get("/api/me")).headers["cache-control"] == "no-store"
    assert "cache-control" not in (await visit.get("/")).headers


async def test_only_where_nobody_signs_in_the_page_of_the_api_loads_from_elsewhere(tmp_path: Path):
    open_house, house = House(tmp_path), House(tmp_path, "0.0.0.0")
    assert "unsafe-inline" in (await open_house.visit().get("/api/docs")).headers["content-security-policy"]
    assert (
        "unsafe-inline" not in (await open_house.visit().get("/api/docsx")).headers["content-security-policy"]
    )
    assert "unsafe-inline" not in (await house.visit().get("/api/docs")).headers["content-security-policy"]


async def test_the_sign_in_service_may_be_asked_by_the_page(tmp_path: Path):
    house = House(tmp_path, oidc_issuer="https://id.example/realms/x", oidc_audience="us")
    csp = (await house.visit().get("/")).headers["content-security-policy"]
    assert "connect-src 'self' ws://127.0.0.1:8700 wss://127.0.0.1:8700 https://id.example;" in csp


async def test_a_page_may_enter_the_rooms_of_the_livekit_server(tmp_path: Path):
    for url, sources in (
        ("wss://rooms.example", "wss://rooms.example https://rooms.example"),
        ("http://127.0.0.1:7880/", "ws://127.0.0.1:7880 http://127.0.0.1:7880"),
    ):
        csp = (await House(tmp_path, livekit_url=url).visit().get("/")).headers["content-security-policy"]
        assert f" {sources};" in csp


async def test_a_page_may_ask_the_nodes_whose_pages_may_ask_here(tmp_path: Path):
    house = House(tmp_path, origins="https://south.example, http://localhost:8742")
    csp = (await house.visit().get("/")).headers["content-security-policy"]
    assert " ws://localhost:8742 wss://south.example:443;" in csp


async def test_a_host_cannot_write_into_the_policy(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    for host in (
        "evil.example; script-src *",
        "a b",
        "x\ty",
        "a@b",
        "[::1",
        "a:b",
        "",
        "ä.example",
        "a" * 300,
    ):
        answer = await house.visit().get("/", headers={"host": host.encode()})
        assert answer.status_code == 421, host
        assert "evil" not in answer.headers["content-security-policy"]


# ---- request ids ---------------------------------------------------------------------------------------
async def test_a_sane_request_id_is_kept_and_any_other_replaced(tmp_path: Path):
    visit = House(tmp_path).visit()
    assert (await visit.get("/", headers={"x-request-id": "abc-123.DEF_4"})).headers[
        "x-request-id"
    ] == "abc-123.DEF_4"
    for bad in ("short", "a" * 65, "has space 12", "new\\nline123", "-leading-dash", "semi;colon12", "é" * 9):
        given = (await visit.get("/", headers={"x-request-id": bad.encode()})).headers["x-request-id"]
        assert given != bad and len(given) == 24


async def test_log_lines_of_a_request_carry_its_id(tmp_path: Path):
    house = House(tmp_path)
    seen: list[object] = []

    @house.app.get("/ids")
    async def ids() -> None:
        seen.append(structlog.contextvars.get_contextvars())

    await house.visit().get("/ids", headers={"x-request-id": "request-1"})
    assert seen == [{"request_id": "request-1"}]
    assert structlog.contextvars.get_contextvars() == {}


# ---- whose page asks -----------------------------------------------------------------------------------
FOREIGN = ["http://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:8701", "https://127.0.0.1:8700",
           "http://127.0.0.1:8700.evil.example", "http://evil.example#127.0.0.1:8700", "", "http://",
           "http://user@127.0.0.1:8700", "http://localhost:8700", "file://", "127.0.0.1:8700",
           "http://127.0.0.1:8700 http://evil.example"]  # fmt: skip


@pytest.mark.parametrize("origin", FOREIGN)
async def test_another_origins_page_changes_nothing_and_opens_no_socket(tmp_path: Path, origin: str):
    house = House(tmp_path)
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE"):
        answer = await house.visit(origin=origin).request(method, "/count")
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_origin")
    socket = Socket(house.app, "/call", origin=origin)
    await socket.run()
    assert socket.outcome == "403"
    assert len(house.audit.of(Deed.ORIGIN_REFUSED)) == 6


async def test_our_page_and_programs_may(tmp_path: Path):
    house = House(tmp_path)
    assert (await house.visit(origin=OURS).post("/count", content=b"123")).json() == 3
    assert (await house.visit().post("/count", content=b"123")).json() == 3
    for headers in ({"origin": OURS}, {}):
        socket = Socket(house.app, "/call", **headers)
        await socket.run()
        assert socket.outcome.startswith('["local"')


async def test_two_origins_are_none(tmp_path: Path):
    visit = House(tmp_path).visit()
    answer = await visit.post("/count", headers=[("origin", OURS), ("origin", OURS)])
    assert answer.status_code == 403


async def test_pages_that_are_named_may_too(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0", origins="https://app.example, http://dev.example:3000")
    for origin, status in [
        ("https://app.example", 200),
        ("https://APP.example:443", 200),
        ("http://dev.example:3000", 200),
        ("http://app.example", 403),
        ("https://sub.app.example", 403),
        ("https://app.example.evil.example", 403),
    ]:
        assert (await house.visit(origin=origin).post("/count")).status_code == status


@pytest.mark.parametrize(
    "origins", ["*", "app.example", "https://app.example/path", "https://*.example", "null"]
)
async def test_a_pattern_is_no_origin(origins: str):
    with pytest.raises(SetupError, match="ANTIPHON_ORIGINS"):
        Origins(origins)


async def test_a_name_made_to_lead_here_opens_nothing(tmp_path: Path):
    """DNS rebinding: to the browser, the page and the server are one origin."""
    house = House(tmp_path)
    evil = house.visit(url="http://evil.example:8700", origin="http://evil.example:8700")
    for answer in (await evil.get("/api/me"), await evil.post("/count"), await evil.get("/")):
        assert (answer.status_code, answer.json()["code"]) == (421, "wrong_host")
    socket = Socket(house.app, "/call", host="evil.example:8700", origin="http://evil.example:8700")
    await socket.run()
    assert socket.outcome == "421"


async def test_where_people_sign_in_any_name_will_do_unless_some_are_given(tmp_path: Path):
    any_name = House(tmp_path, "0.0.0.0")
    assert (await any_name.visit(url="http://voice.example").get("/")).status_code == 200
    named = House(tmp_path, "0.0.0.0", hosts="voice.example")
    assert (await named.visit(url="http://Voice.Example.:80").get("/")).status_code == 200
    assert (await named.visit(url="http://10.0.0.5").get("/")).status_code == 421
    assert (await named.visit(url="http://10.0.0.5").get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("unknown", False),
        ("", False),
        ("127.1", False),
    ],
)
def test_loopback(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


def test_who_comes_through_a_proxy_is_not_on_this_machine() -> None:
    def visitor(*headers: tuple[str, str]) -> Visitor:
        raw = [(name.encode(), value.encode()) for name, value in (("host", "localhost"), *headers)]
        return Visitor.of({"type": "http", "client": (HOME, 1), "headers": raw, "scheme": "http"})

    assert visitor().is_local
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host", "X-Forwarded-Proto"):
        assert not visitor((name.lower(), "127.0.0.1")).is_local


def test_origins_that_read_alike_are_alike() -> None:
    assert (
        parse_origin("HTTP://LocalHost") == parse_origin("http://localhost:80") == ("http", "localhost", 80)
    )
    assert parse_origin("https://[::1]:8700") == ("https", "[::1]", 8700)
    for text in ("null", "", "http://a/b", "ws://a", "http://a:b", "http://a?b", "http://[x]"):
        assert parse_origin(text) is None


def test_a_host_that_is_none_is_refused() -> None:
    visitor = Visitor.of({"type": "http", "client": None, "headers": [], "scheme": "http"})
    assert visitor.address == "unknown"
    with pytest.raises(CallerError):
        Origins().check_host(visitor)


# ---- how much, and how long ----------------------------------------------------------------------------
async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 1024


async def test_a_body_may_be_as_large_as_it_says_and_no_larger(tmp_path: Path):
    visit = House(tmp_path, max_body_kb=4).visit()
    assert (await visit.post("/count", content=b"x" * 4096)).json() == 4096
    answer = await visit.post("/count", content=b"x" * 4097)
    assert (answer.status_code, answer.json()["code"], answer.headers["connection"]) == (
        413,
        "too_large",
        "close",
    )
    assert (await visit.post("/count", content=chunks(4))).json() == 4096
    assert (await visit.post("/count", content=chunks(5))).status_code == 413


async def test_a_framework_that_swallows_the_error_does_not_hide_it(tmp_path: Path):
    visit = House(tmp_path, max_body_kb=1).visit()
    assert (await visit.post("/swallow", content=chunks(1))).json() == "fine"
    assert (await visit.post("/swallow", content=chunks(9))).status_code == 413
    assert (await visit.post("/api/signin", content=chunks(9))).status_code == 413


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "9" * 20, "٣", "", "1, 1"])
async def test_a_length_that_is_none_is_refused(tmp_path: Path, length: str):
    answer = (
        await House(tmp_path)
        .visit()
        .post("/count", headers={"content-length": length.encode()}, content=b"x")
    )
    assert answer.status_code == 413


async def test_an_answer_that_takes_too_long_is_cut_short(tmp_path: Path):
    visit = House(tmp_path, request_seconds=0.05).visit()
    began = time.monotonic()
    answer = await visit.get("/slow")
    assert (answer.status_code, answer.json()["code"]) == (503, "overdue") or answer.json()[
        "code"
    ] == "too_slow"
    assert time.monotonic() - began < 2


async def test_a_body_that_comes_too_slowly_is_not_waited_for(tmp_path: Path):
    async def dripping() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.02)

    answer = await House(tmp_path, request_seconds=0.05).visit().post("/count", content=dripping())
    assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")


async def test_a_stream_that_has_begun_may_go_on(tmp_path: Path):
    assert (await House(tmp_path, request_seconds=0.06).visit().get("/stream")).text == "abc"


async def test_a_fault_of_ours_tells_nothing_but_its_id(tmp_path: Path):
    answer = await House(tmp_path).visit().get("/broken")
    assert answer.status_code == 500
    assert answer.json() == {
        "code": "internal", "detail": "a fault of ours", "request_id": answer.headers["x-request-id"],
    }  # fmt: skip
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_address_that_asks_too_often_is_told_when_to_come_back(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0", limit_requests=2)
    visit = house.visit(ABROAD)
    statuses = [(await visit.get("/")).status_code for _ in range(22)]
    assert statuses == [200] * 20 + [429] * 2
    answer = await visit.get("/")
    assert int(answer.headers["retry-after"]) in range(1, 62)
    assert (await visit.get("/healthz")).status_code == 200
    socket = Socket(house.app, "/call", ABROAD)
    await socket.run()
    assert socket.outcome == "429"
    assert (await house.visit("198.51.100.9").get("/")).status_code == 200


async def test_a_socket_that_sends_too_much_is_closed_and_the_rest_goes_nowhere(tmp_path: Path):
    house = House(tmp_path, limit_messages=10, limit_loopback=True)
    socket = Socket(house.app, "/call")
    sent = await socket.run(*["x"] * 400)
    assert [m["type"] for m in sent[:2]] == ["websocket.accept", "websocket.send"]
    assert sent[-1] == {"type": "websocket.close", "code": 4429, "reason": "too many messages"}
    assert 256 <= sum(m.get("text") == "heard" for m in sent) < 400
    assert house.audit.of(Deed.LIMIT_HIT)[-1] == (HOME, "messages", {"path": "/call"})


async def test_sound_that_comes_straight_counts_too_and_beyond_the_limit_waits_in_the_queue(tmp_path: Path):
    from antiphon.hosts.security.middleware import Shield
    from antiphon.transports.intake import SOUND

    house = House(tmp_path, limit_messages=10, limit_loopback=True)
    listening: list[Callable[[bytes], None] | None] = []
    heard: list[bytes] = []
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "websocket.receive", "bytes": b"queued"}

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        scope["extensions"][SOUND]["listen"](heard.append)
        straight = listening[-1]
        assert straight is not None
        while listening[-1] is straight:
            straight(b"x")
        assert listening[-1] is None, "no more comes straight"
        assert (await receive())["type"] == "websocket.disconnect"

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "path": "/call",
        "headers": [(b"host", b"127.0.0.1")],
        "client": (HOME, 1),
        "scheme": "ws",
        "extensions": {SOUND: {"listen": listening.append}},
    }
    await Shield(app, house.security.rules)(scope, receive, send)  # type: ignore[arg-type]
    assert 256 <= len(heard) < 400
    assert sent == [{"type": "websocket.close", "code": 4429, "reason": "too many messages"}]
