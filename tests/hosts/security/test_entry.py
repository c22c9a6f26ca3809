"""Roles, tenants and tokens for sessions, on every route and every socket."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest
from door import ABROAD, House, Socket, bearer, opened

from antiphon.hosts.security.audit import Deed
from antiphon.hosts.security.limits import Budget
from antiphon.hosts.security.people import Person, Role
from antiphon.hosts.security.tokens import LIFETIME, Purpose, Tokens

pytestmark = pytest.mark.anyio

ANNA = Person("anna", "local", Role.CALLER)
BEN = Person("ben", "local", Role.CALLER)
TEACHER = Person("teacher", "local", Role.SUPERVISOR)
CLINIC_ADMIN = Person("root", "clinic", Role.ADMIN)
ANNAS, CLINICS = "s_annas_call", "s_clinic_call"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


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
    mine = house.security.gate.tokens.issue(ANNA, Purpose.CALL, "s_brandnew", house.clock.now)
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
    house = House(tmp_path, "0.0.0.0", limit_audio_minutes=1)
    await house.security.limits.charge(Budget.AUDIO, ANNA, 60)
    assert await opened(house, "/call", ABROAD, authorization=bearer(house, ANNA)) == "4429 too_many"


async def test_refusals_have_one_form_and_an_id(tmp_path: Path):
    answer = await House(tmp_path, "0.0.0.0").visit().get("/api/list")
    assert set(answer.json()) == {"code", "detail", "request_id"}
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
