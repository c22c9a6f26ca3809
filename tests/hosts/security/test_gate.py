"""Signing in, tokens and roles over HTTP and WebSockets, and what is written down of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from door import ABROAD, HOME, House, bearer, browser, opened, sign_in
from issuer import AUDIENCE, issuer

from antiphon.hosts.security.audit import Deed
from antiphon.hosts.security.csrf import LIFETIME as CSRF_LIFETIME
from antiphon.hosts.security.gate import LOCAL, Mode
from antiphon.hosts.security.people import Person, Role
from antiphon.hosts.security.tokens import LIFETIME, Purpose

pytestmark = pytest.mark.anyio

ANNA = Person("anna", "local", Role.CALLER)
BEN = Person("ben", "local", Role.CALLER)
TEACHER = Person("teacher", "local", Role.SUPERVISOR)
CLINIC_ADMIN = Person("root", "clinic", Role.ADMIN)
ANNAS, CLINICS = "s_annas_call", "s_clinic_call"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


# ---- where nobody signs in -----------------------------------------------------------------------------
async def test_on_this_machine_alone_everything_works_at_once(tmp_path: Path):
    house = House(tmp_path)
    assert house.security.gate.mode is Mode.OPEN and house.security.start_line == ""
    me = (await house.visit().get("/api/me")).json()
    assert me["person"] == {"id": "local", "tenant": "local", "role": "admin"}
    assert me["is_dev"] and me["banner"].startswith("Development")
    assert (await house.visit().post("/api/erase")).json() == "local"
    assert json.loads(await opened(house, "/call"))[:3] == ["local", "local", "admin"]


async def test_openness_ends_at_this_machine(tmp_path: Path):
    house = House(tmp_path)
    for visit in (
        house.visit(ABROAD),
        house.visit(**{"x-forwarded-for": HOME}),
        house.visit(via="1.1 proxy"),
    ):
        assert (await visit.get("/api/me")).json()["person"] is None
        assert (await visit.get("/api/list")).status_code == 401
        assert (await visit.post("/api/signin", json={"role": "admin"})).status_code == 403
    assert await opened(house, "/call", ABROAD) == "4401 token_missing"
    assert await opened(house, "/call", forwarded="for=127.0.0.1") == "4401 token_missing"


async def test_one_may_try_out_being_somebody_less(tmp_path: Path):
    house = House(tmp_path)
    client = await browser(house)
    await sign_in(client, name="anna", role="caller")
    assert (await client.get("/api/me")).json()["person"] == {
        "id": "anna",
        "tenant": "local",
        "role": "caller",
    }
    assert (await client.get("/api/list")).status_code == 403
    assert (await client.get(f"/api/calls/{ANNAS}")).json() == "anna"
    assert (await client.post("/api/signout")).status_code == 204
    assert (await client.get("/api/me")).json()["person"]["id"] == "local"


@pytest.mark.parametrize("name", ["", "../x", "a\nb", "a" * 65, " anna", "anna ", "a;b", "<b>", "a\x00"])
async def test_names_are_plain(tmp_path: Path, name: str):
    assert (await House(tmp_path).visit().post("/api/signin", json={"name": name})).status_code in (400, 422)


# ---- with a key ----------------------------------------------------------------------------------------
async def test_where_others_can_reach_us_the_printed_key_lets_one_in(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    assert house.security.gate.mode is Mode.KEY
    assert house.security.gate.key in house.security.start_line
    for address in (HOME, ABROAD):
        client = await browser(house, address)
        assert (await client.get("/api/list")).status_code == 401
        wrong = await client.post("/api/signin", json={"key": "guess", "role": "admin"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_key")
        await sign_in(client, key=house.security.gate.key, name="anna", role="admin")
        assert (await client.get("/api/list")).json() == "anna"
    assert house.security.gate.key not in repr(house.security.gate)
    assert len(house.audit.of(Deed.SIGN_IN_FAILED)) == 2
    assert house.audit.of(Deed.SIGNED_IN)[0] == ("local/anna", "key", {"role": "admin"})
    assert house.security.gate.key not in repr(house.audit.deeds)


async def test_the_key_cannot_be_guessed_at_length(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0", limit_sign_ins=3)
    visit = house.visit(ABROAD)
    statuses = [(await visit.post("/api/signin", json={"key": str(n)})).status_code for n in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    right = {"key": house.security.gate.key}
    assert (await visit.post("/api/signin", json=right)).status_code == 429
    house.clock.now += 61
    assert (await visit.post("/api/signin", json=right)).status_code == 200


# ---- with an issuer ------------------------------------------------------------------------------------
async def test_an_issuer_says_who_they_are(tmp_path: Path):
    with issuer() as fake:
        house = House(tmp_path, oidc_issuer=fake.url, oidc_audience=AUDIENCE)
        house.clock.now = 1_800_000_000.0
        client = await browser(house)
        me = (await client.get("/api/me")).json()
        assert (me["person"], me["mode"], me["banner"], me["issuer"]) == (None, "oidc", None, fake.url)
        await sign_in(client, id_token=fake.sign(role="supervisor"), name="evil", role="admin")
        assert (await client.get("/api/me")).json()["person"] == {
            "id": "anna", "tenant": "school", "role": "supervisor",
        }  # fmt: skip
        bad = await client.post("/api/signin", json={"id_token": fake.sign(aud="x")})
        assert (bad.status_code, bad.json()["code"]) == (401, "oidc_wrong_audience")
        assert (await client.post("/api/signin", json={"name": "x"})).json()["code"] == "token_missing"
        fake.is_down = True
        house = House(tmp_path, oidc_issuer=fake.url, oidc_audience=AUDIENCE)
        down = await house.visit().post("/api/signin", json={"id_token": fake.sign()})
        assert (down.status_code, down.json()["code"]) == (503, "unavailable")
        house.security.close()


async def test_with_an_issuer_being_on_this_machine_is_worth_nothing(tmp_path: Path):
    house = House(tmp_path, oidc_issuer="https://id.example", oidc_audience=AUDIENCE)
    assert (await house.visit().get("/api/list")).status_code == 401
    assert await opened(house, "/call") == "4401 token_missing"


# ---- cookies -------------------------------------------------------------------------------------------
async def test_scripts_see_only_the_csrf_cookie_and_other_sites_none(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    client = await browser(house, url="https://voice.example")
    answer = await client.post("/api/signin", json={"key": house.security.gate.key})
    cookies = {line.split("=")[0]: line.lower() for line in answer.headers.get_list("set-cookie")}
    assert set(cookies) == {"__Host-antiphon_signin", "__Host-antiphon_browser", "__Host-antiphon_csrf"}
    for name, line in cookies.items():
        assert "secure" in line and "samesite=strict" in line and "path=/" in line and "domain" not in line
        assert ("httponly" in line) is not name.endswith("csrf")
    plain = await (await browser(house)).post("/api/signin", json={"key": house.security.gate.key})
    assert "antiphon_signin" in plain.cookies


async def test_over_tls_a_cookie_without_the_prefix_is_not_believed(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    token = house.security.gate.tokens.issue(ANNA, Purpose.SIGN_IN, None, house.clock.now)
    planted = house.visit(url="https://voice.example", cookie=f"antiphon_signin={token}")
    assert (await planted.get("/api/me")).json()["person"] is None
    plain = house.visit(cookie=f"antiphon_signin={token}")
    assert (await plain.get("/api/me")).json()["person"]["id"] == "anna"


async def test_a_sign_in_ends_after_a_working_day(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    client = await browser(house)
    await sign_in(client, key=house.security.gate.key, name="anna", role="admin")
    house.clock.now += LIFETIME[Purpose.SIGN_IN] - 1
    assert (await client.get("/api/list")).status_code == 200
    house.clock.now += 1
    answer = await client.get("/api/list")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


async def test_a_token_that_signed_out_is_worth_nothing_even_if_it_was_copied(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    client = await browser(house)
    token = await sign_in(client, key=house.security.gate.key, role="admin")
    thief = house.visit(ABROAD, authorization=f"Bearer {token}")
    assert (await thief.get("/api/list")).status_code == 200
    await client.post("/api/signout")
    assert (await thief.get("/api/list")).json()["code"] == "token_revoked"
    assert house.audit.of(Deed.SIGNED_OUT)[0][0] == "local/local"


# ---- CSRF ----------------------------------------------------------------------------------------------
async def test_a_page_without_the_token_changes_nothing(tmp_path: Path):
    house = House(tmp_path)
    client = await browser(house)
    await sign_in(client, name="anna", role="admin")
    good = client.headers.pop("x-csrf-token")
    for path in ("/api/erase", "/api/tokens", "/api/signin", "/api/signout"):
        answer = await client.post(path, json={"purpose": "call"} if path.endswith("tokens") else {})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_missing"), path
    assert len(house.audit.of(Deed.CSRF_REFUSED)) == 4
    for bad in ("x", good[:-1] + ("1" if good[-1] == "0" else "0"), good + "0", "9" + good):
        answer = await client.post("/api/erase", headers={"x-csrf-token": bad})
        assert answer.json()["code"] == "csrf_mismatch"
    assert (await client.post("/api/erase", headers={"x-csrf-token": good})).json() == "anna"


async def test_the_open_machine_is_no_exception_for_pages(tmp_path: Path):
    house = House(tmp_path)
    for headers in (
        {"origin": "http://127.0.0.1:8700"},
        {"sec-fetch-site": "same-origin"},
        {"cookie": "a=b"},
    ):
        answer = await house.visit(**headers).post("/api/erase")
        assert answer.json()["code"] == "csrf_missing"


async def test_a_token_seen_in_another_browser_is_of_no_use(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    mine, other = await browser(house), await browser(house, ABROAD)
    for client in (mine, other):
        await sign_in(client, key=house.security.gate.key, role="admin")
    stolen = other.headers["x-csrf-token"]
    house.clock.now += 1
    planted = {
        "cookie": "; ".join(
            [
                f"antiphon_signin={mine.cookies['antiphon_signin']}",
                f"antiphon_csrf={stolen}",
                f"antiphon_browser={mine.cookies['antiphon_browser']}",
            ]
        ),
        "x-csrf-token": stolen,
    }
    assert (await house.visit(**planted).post("/api/erase")).json()["code"] == "csrf_forged"


async def test_a_token_from_before_signing_in_is_of_no_use_after(tmp_path: Path):
    house = House(tmp_path)
    client = await browser(house)
    before = client.headers["x-csrf-token"]
    await sign_in(client, name="anna", role="admin")
    client.cookies.delete("antiphon_csrf")
    client.cookies.set("antiphon_csrf", before)
    answer = await client.post("/api/erase", headers={"x-csrf-token": before})
    assert answer.json()["code"] == "csrf_forged"


async def test_a_page_that_asks_in_time_is_never_refused(tmp_path: Path):
    house = House(tmp_path)
    client = await browser(house)
    for _ in range(10):
        told = (await client.get("/api/csrf")).json()
        client.headers["x-csrf-token"] = told["token"]
        house.clock.now += told["refresh_in"]
        assert 0 < told["refresh_in"] <= 240
        assert (await client.post("/api/erase")).status_code == 200
    house.clock.now += CSRF_LIFETIME
    assert (await client.post("/api/erase")).json()["code"] == "csrf_expired"


async def test_programs_with_a_token_need_no_other(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    visit = house.visit(ABROAD, authorization=bearer(house, Person("bot", "local", Role.ADMIN)))
    assert (await visit.post("/api/erase")).json() == "bot"


def test_the_local_person_is_an_admin_of_the_local_tenant() -> None:
    assert Person("local", "local", Role.ADMIN) == LOCAL
