"""What browsers let pages of other origins ask and read: of named origins the API, of all others nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from door import HOME, House, browser, sign_in

from antiphon.hosts.security.audit import Deed

pytestmark = pytest.mark.anyio

APP = "https://app.example"
OPENED = {"origins": f"{APP}, http://dev.example:3000"}
STRANGERS = ["https://evil.example", "null", "http://app.example", "https://sub.app.example", "https://app.example.evil",
             "https://app.example:444", "file://", "", "https://app.example https://evil.example"]  # fmt: skip
OURS = "http://127.0.0.1:8700"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def allowed(headers: object) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("access-control-")}  # type: ignore[attr-defined]


def asks(method: str = "POST", headers: str = "authorization,content-type,x-csrf-token") -> dict[str, str]:
    return {"access-control-request-method": method, "access-control-request-headers": headers}


@pytest.mark.parametrize("origin", [APP, "http://dev.example:3000", "https://APP.example:443"])
async def test_a_named_origin_is_told_what_it_may_send(tmp_path: Path, origin: str) -> None:
    visit = House(tmp_path, "0.0.0.0", **OPENED).visit(origin=origin)
    answer = await visit.options("/api/list", headers=asks())
    assert (answer.status_code, answer.content) == (204, b"")
    told = answer.headers
    assert told["access-control-allow-origin"] == origin
    assert told["access-control-allow-credentials"] == "true"
    assert {"authorization", "content-type", "x-csrf-token"} <= set(
        told["access-control-allow-headers"].split(", ")
    )
    assert {"GET", "POST", "DELETE"} <= set(told["access-control-allow-methods"].split(", "))
    assert "Origin" in told.get_list("vary")
    assert told["x-request-id"] and told["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("origin", STRANGERS)
async def test_any_other_is_told_nothing_and_is_on_record(tmp_path: Path, origin: str) -> None:
    house = House(tmp_path, "0.0.0.0", **OPENED)
    asked = await house.visit(origin=origin).options("/api/list", headers=asks())
    assert (asked.status_code, asked.json()["code"]) == (403, "wrong_origin")
    read = await house.visit(origin=origin).get("/api/csrf")
    assert allowed(asked.headers) == allowed(read.headers) == {}
    assert len(house.audit.of(Deed.ORIGIN_REFUSED)) == 1


async def test_where_no_origin_is_named_nobody_is_told_anything(tmp_path: Path) -> None:
    house = House(tmp_path)
    for origin in (APP, "null", OURS):
        answer = await house.visit(origin=origin).get("/api/csrf")
        assert allowed(answer.headers) == {} and "vary" not in answer.headers


async def test_a_named_page_reads_answers_and_refusals(tmp_path: Path) -> None:
    house = House(tmp_path, "0.0.0.0", **OPENED)
    visit = house.visit(origin=APP)
    for answer, status in [
        (await visit.get("/api/csrf"), 200),
        (await visit.get("/api/list"), 401),
        (await visit.get("/api/nowhere"), 404),
        (await visit.post("/api/erase"), 401),
        (await visit.post("/api/erase", content=b"x" * 300_000), 413),
    ]:
        assert answer.status_code == status, answer.text
        assert answer.headers["access-control-allow-origin"] == APP
        assert "retry-after" in answer.headers["access-control-expose-headers"]


async def test_a_named_page_still_needs_its_csrf_token(tmp_path: Path) -> None:
    """Of the same site as we are, it has our cookies; that a page of elsewhere cannot use them is the token's to see to."""
    house = House(tmp_path, HOME, **OPENED)
    page = await browser(house)
    page.headers["origin"] = APP
    await sign_in(page, name="anna", role="admin")
    assert (await page.post("/api/erase")).status_code == 200
    del page.headers["x-csrf-token"]
    refused = await page.post("/api/erase")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_missing")
    assert refused.headers["access-control-allow-origin"] == APP


@pytest.mark.parametrize("path", ["/", "/healthz", "/count", "/api", "/apis/list"])
async def test_only_the_api_is_for_others(tmp_path: Path, path: str) -> None:
    house = House(tmp_path, "0.0.0.0", **OPENED)
    for answer in (
        await house.visit(origin=APP).get(path),
        await house.visit(origin=APP).options(path, headers=asks()),
    ):
        assert allowed(answer.headers) == {}


async def test_our_own_page_needs_no_leave(tmp_path: Path) -> None:
    house = House(tmp_path, HOME, **OPENED)
    answer = await house.visit(origin=OURS).get("/api/csrf")
    assert answer.status_code == 200 and allowed(answer.headers) == {}
    assert "Origin" in answer.headers.get_list("vary"), "caches must not give it to another page"


async def test_asking_costs_like_any_request(tmp_path: Path) -> None:
    house = House(tmp_path, "0.0.0.0", limit_requests=1, **OPENED)
    visit = house.visit("203.0.113.7", origin=APP)
    asked = [(await visit.options("/api/list", headers=asks())).status_code for _ in range(11)]
    assert asked == [204] * 10 + [429]


async def test_an_origin_cannot_write_a_header(tmp_path: Path) -> None:
    house = House(tmp_path, "0.0.0.0", **OPENED)
    for origin in (f"{APP}\r\nset-cookie: a=b", f"{APP}\n", f"{APP}\x00"):
        try:
            answer = await house.visit().get("/api/csrf", headers={"origin": origin})
        except Exception:  # noqa: BLE001  a client may refuse to send it
            continue
        assert allowed(answer.headers) == {}
