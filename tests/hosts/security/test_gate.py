"""Signing in, tokens and roles over HTTP and WebSockets, and what is written down of them."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest
from door import ABROAD, HOME, House, Socket, browser, sign_in
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


def bearer(
    house: House, person: Person, purpose: Purpose = Purpose.SIGN_IN, session: str | None = None
) -> str:
    return "Bearer " + house.security.gate.tokens.issue(person, purpose, session, house.clock.now)


def scoped(house: House, person: Person, purpose: Purpose, session: str) -> str:
    return bearer(house, person, purpose, session).removeprefix("Bearer ")


async def opened(
    house: House, path: str, address: str = HOME, *, offers: tuple[str, ...] = (), **headers: str
) -> str:
    socket = Socket(house.app, path, address, offers=offers, **headers)
    await socket.run()
    return socket.outcome


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


# ---- roles and tenants ---------------------------------------------------------------------------------
async def test_roles_and_tenants_hold_on_every_route(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")

    async def status(person: Person, path: str) -> int:
        return (await house.visit(ABROAD, authorization=bearer(house, person)).get(path)).status_code

    assert await status(ANNA, f"/api/calls/{ANNAS}") == 200
    assert await status(BEN, f"/api/calls/{ANNAS}") == 403
    assert await status(TEACHER, f"/api/calls/{ANNAS}") == 200
    assert await status(CLINIC_ADMIN, f"/api/calls/{ANNAS}") == 404
    assert await status(TEACHER, "/api/calls/s_nosuchcall") == 404
    assert await status(TEACHER, "/api/calls/..%2f..%2fetc") in (400, 404)
    assert await status(ANNA, "/api/list") == 403
    assert await status(TEACHER, "/api/list") == 200
    denied = house.audit.of(Deed.ROLE_DENIED)
    assert ("local/ben", ANNAS, {"act": "read", "role": "caller"}) in denied


async def test_a_scoped_token_is_no_sign_in(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    for purpose in (Purpose.CALL, Purpose.RESUME, Purpose.WATCH):
        visit = house.visit(authorization=bearer(house, TEACHER, purpose, ANNAS))
        assert (await visit.get("/api/list")).json()["code"] == "token_wrong_purpose"
    assert {detail["code"] for _, _, detail in house.audit.of(Deed.TOKEN_REFUSED)} == {"token_wrong_purpose"}


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x y", "Basic YTpi", "bearer\tx", "Token x"])
async def test_other_headers_let_nobody_in(tmp_path: Path, header: str):
    assert (await House(tmp_path, "0.0.0.0").visit(authorization=header).get("/api/list")).status_code == 401


# ---- tokens for sessions -------------------------------------------------------------------------------
async def granted(house: House, person: Person, **asked: str) -> httpx2.Response:
    visit = house.visit(ABROAD, authorization=bearer(house, person))
    return await visit.post("/api/tokens", json=asked)


async def test_a_caller_gets_a_token_that_opens_one_call_once(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    told = (await granted(house, TEACHER, purpose="call")).json()
    offers = ("antiphon", f"antiphon.token.{told['token']}")
    socket = Socket(house.app, "/call", ABROAD, offers=offers)
    await socket.run()
    assert socket.sent[0]["subprotocol"] == "antiphon"
    # The least role that serves: a supervisor who calls is a caller.
    assert json.loads(socket.outcome) == ["local", "teacher", "caller", told["session"]]
    assert await opened(house, "/call", ABROAD, offers=offers) == "4401 token_revoked"
    assert house.audit.of(Deed.TOKEN_ISSUED) == [("local/teacher", told["session"], {"purpose": "call"})]


async def test_only_supervisors_of_the_tenant_may_watch(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    assert (await granted(house, ANNA, purpose="watch", session=ANNAS)).status_code == 403
    assert (await granted(house, TEACHER, purpose="watch", session=CLINICS)).json()[
        "code"
    ] == "unknown_session"
    assert (await granted(house, TEACHER, purpose="watch", session="s_nosuchcall")).json()[
        "code"
    ] == "unknown_session"
    told = (await granted(house, TEACHER, purpose="watch", session=ANNAS)).json()
    entry = json.loads(await opened(house, f"/watch/{ANNAS}?token={told['token']}", ABROAD))
    assert entry == ["local", "teacher", "supervisor", ANNAS]
    assert (
        await opened(house, f"/watch/{CLINICS}?token={told['token']}", ABROAD) == "4401 token_other_session"
    )
    assert await opened(house, f"/resume/{ANNAS}?token={told['token']}", ABROAD) == "4401 token_wrong_purpose"
    assert await opened(house, f"/call?token={told['token']}", ABROAD) == "4401 token_wrong_purpose"


async def test_only_whose_call_it_is_may_take_it_up(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    for person in (BEN, TEACHER, Person("head", "local", Role.ADMIN)):
        assert (await granted(house, person, purpose="resume", session=ANNAS)).status_code == 403
    told = (await granted(house, ANNA, purpose="resume", session=ANNAS)).json()
    for _ in range(2):
        assert ANNAS in await opened(house, f"/resume/{ANNAS}?token={told['token']}", ABROAD)


@pytest.mark.parametrize(
    "asked",
    [
        {"purpose": "signin"},
        {"purpose": "call", "session": ANNAS},
        {"purpose": "watch"},
        {"purpose": "all"},
        {},
        {"purpose": "watch", "session": "../../etc/passwd"},
        {"purpose": "call", "role": "admin"},
        {"purpose": "watch", "session": "s_' or 1=1 --"},
        {"purpose": "resume", "session": "s_" + "a" * 500},
    ],
)
async def test_other_tokens_are_not_made(tmp_path: Path, asked: dict[str, str]):
    house = House(tmp_path, "0.0.0.0")
    assert (await granted(house, TEACHER, **asked)).status_code in (400, 422)
    assert not house.audit.of(Deed.TOKEN_ISSUED)


# ---- sockets -------------------------------------------------------------------------------------------
async def test_expired_forged_and_foreign_tokens_open_no_socket(tmp_path: Path):
    house, other = House(tmp_path, "0.0.0.0"), House(tmp_path / "other", "0.0.0.0")
    mine = scoped(house, ANNA, Purpose.CALL, "s_brandnew")
    from antiphon.hosts.security.tokens import Tokens

    foreign = Tokens(b"f" * 32).issue(ANNA, Purpose.CALL, "s_brandnew", other.clock.now)
    assert await opened(house, f"/call?token={foreign}", ABROAD) == "4401 token_forged"
    assert await opened(house, f"/call?token={mine}x", ABROAD) in (
        "4401 token_forged",
        "4401 token_malformed",
    )
    assert await opened(house, "/call?token=", ABROAD) == "4401 token_missing"
    house.clock.now += LIFETIME[Purpose.CALL]
    assert await opened(house, f"/call?token={mine}", ABROAD) == "4401 token_expired"


async def test_a_sign_in_token_is_taken_from_the_header_but_not_from_the_address(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    token = bearer(house, TEACHER)
    entry = json.loads(await opened(house, "/call", ABROAD, authorization=token))
    assert entry[:3] == ["local", "teacher", "supervisor"] and entry[3].startswith("s_")
    assert ANNAS in await opened(house, f"/watch/{ANNAS}", ABROAD, authorization=token)
    assert await opened(house, f"/resume/{ANNAS}", ABROAD, authorization=token) == "4403 not_allowed"
    assert await opened(house, f"/watch/{CLINICS}", ABROAD, authorization=token) == "4404 unknown_session"
    plain = token.removeprefix("Bearer ")
    assert await opened(house, f"/call?token={plain}", ABROAD) == "4401 token_wrong_purpose"
    offers = ("antiphon", f"antiphon.token.{plain}")
    assert await opened(house, "/call", ABROAD, offers=offers) == "4401 token_wrong_purpose"


async def test_the_page_of_somebody_signed_in_needs_only_its_cookie(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0")
    token = house.security.gate.tokens.issue(ANNA, Purpose.SIGN_IN, None, house.clock.now)
    cookie, origin = f"antiphon_signin={token}", "http://127.0.0.1:8700"
    assert "anna" in await opened(house, "/call", ABROAD, cookie=cookie, origin=origin)
    assert await opened(house, "/call", ABROAD, cookie=cookie, origin="https://evil.example") == "403"
    assert await opened(house, f"/watch/{ANNAS}", ABROAD, cookie=cookie, origin=origin) == "4403 not_allowed"


async def test_a_bad_token_is_not_made_good_by_a_cookie(tmp_path: Path):
    house = House(tmp_path)
    assert await opened(house, "/call?token=nonsense") == "4401 token_malformed"


async def test_a_person_may_open_so_many_calls(tmp_path: Path):
    house = House(tmp_path, "0.0.0.0", limit_sessions=3)
    token = bearer(house, ANNA)
    outcomes = [await opened(house, "/call", ABROAD, authorization=token) for _ in range(5)]
    assert outcomes[3:] == ["4429 too_many"] * 2
    assert "ben" in await opened(house, "/call", ABROAD, authorization=bearer(house, BEN))


async def test_a_hundred_callers_of_this_machine_all_get_in(tmp_path: Path):
    house = House(tmp_path)
    for _ in range(150):
        assert "local" in await opened(house, "/call")


async def test_who_has_used_up_the_day_opens_no_call(tmp_path: Path):
    from antiphon.hosts.security.limits import Budget

    house = House(tmp_path, "0.0.0.0", limit_audio_minutes=1)
    await house.security.limits.charge(Budget.AUDIO, ANNA, 60)
    assert await opened(house, "/call", ABROAD, authorization=bearer(house, ANNA)) == "4429 too_many"


async def test_refusals_have_one_form_and_an_id(tmp_path: Path):
    answer = await House(tmp_path, "0.0.0.0").visit().get("/api/list")
    assert set(answer.json()) == {"code", "detail", "request_id"}
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_the_local_person_is_an_admin_of_the_local_tenant() -> None:
    assert Person("local", "local", Role.ADMIN) == LOCAL
