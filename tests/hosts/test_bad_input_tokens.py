"""Every kind of token at every door of the real server, with everything wrong that can be: nobody gets in."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import httpx2
import jwt
import pytest
from manor import ANNA, BEN, CHIEF, HEAD, TEACHER, Manor, Party, manor

from antiphon.hosts.security.people import Person
from antiphon.hosts.security.secret import derive
from antiphon.hosts.security.tokens import AUDIENCE, ISSUER, Purpose

pytestmark = pytest.mark.anyio

SECRET = b"s" * 40
"The manor's."
FAULTS = {
    "expired": "token_expired",
    "not yet": "token_not_yet_valid",
    "wrong key": "token_forged",
    "bare secret": "token_forged",
    "alg none": "token_forged",
    "alg HS512": "token_forged",
    "cut": "token_malformed",
    "other purpose": "token_wrong_purpose",
    "other session": "token_other_session",
    "other audience": "token_wrong_audience",
    "raised role": "token_forged",
    "line break": "token_malformed",
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def forged(person: Person, purpose: Purpose, session: str | None, fault: str) -> str:
    """A token that is good but for the fault."""
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": person.id, "tenant": person.tenant, "role": person.role.value,
        "purpose": purpose.value, "iat": now, "exp": now + 60, "jti": "forged-1",
    }  # fmt: skip
    if session is not None:
        claims["session"] = session
    key, algorithm = derive(SECRET, "tokens"), "HS256"
    match fault:
        case "expired":
            claims |= {"iat": now - 100_000, "exp": now - 1}
        case "not yet":
            claims |= {"iat": now + 3600, "exp": now + 7200}
        case "wrong key":
            key = derive(b"another secret of forty characters, or so", "tokens")
        case "bare secret":
            key = SECRET
        case "alg none":
            head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
            return f"{head}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}."
        case "alg HS512":
            algorithm = "HS512"
        case "other purpose" if purpose is Purpose.WATCH:
            claims["purpose"] = Purpose.CALL.value
        case "other purpose":
            claims |= {"purpose": Purpose.WATCH.value, "session": session or "s_of_nobody"}
        case "other session":
            claims["session"] = "s_of_nobody"
        case "other audience":
            claims["aud"] = "another"
        case _:
            pass
    text = jwt.encode(claims, key, algorithm)
    if fault == "cut":
        return text[:-2]
    if fault == "raised role":
        head, _, tail = text.split(".")
        raised = json.dumps({**claims, "role": "admin", "sub": "chief"}).encode()
        return f"{head}.{base64.urlsafe_b64encode(raised).rstrip(b'=').decode()}.{tail}"
    return text + "%0Aforged" if fault == "line break" else text


async def knock(house: Manor, path: str, token: str, **first: object) -> Party:
    """Whoever comes with that token in the address, once the server has closed."""
    async with house.party(f"{path}?token={token}", None) as party:
        await party.send(**first)
        await party.parted()
        return party


def refused(party: Party) -> tuple[object, int]:
    assert party.closed is not None
    return party.all("error")[0]["code"], party.closed[0]


@pytest.mark.parametrize(("fault", "code"), FAULTS.items())
async def test_no_call_is_taken_up_with_it(tmp_path: Path, fault: str, code: str) -> None:
    async with manor(tmp_path) as house, house.call() as (caller, session):
        resume = str(caller.all("ready")[0]["resume"])
        token = forged(ANNA, Purpose.RESUME, session, fault)
        hello = {"type": "hello", "agent": "parrot", "session": session, "resume": resume}
        assert refused(await knock(house, "/orchestrate", token, **hello)) == (code, 4401)
        await caller.send(type="ping", id=1)
        assert await caller.until("pong"), "whose call it is noticed nothing"


@pytest.mark.parametrize(("fault", "code"), FAULTS.items())
async def test_no_call_is_watched_with_it(tmp_path: Path, fault: str, code: str) -> None:
    async with manor(tmp_path) as house, house.call() as (caller, session):
        token = forged(TEACHER, Purpose.WATCH, session, fault)
        found = await knock(house, "/supervise", token, type="watch", session=session)
        assert refused(found) == (code, 4401)
        assert not caller.all("supervised")


@pytest.mark.parametrize(
    ("fault", "code"), [(fault, code) for fault, code in FAULTS.items() if fault != "other session"]
)
async def test_no_call_is_opened_and_nothing_asked_with_it(tmp_path: Path, fault: str, code: str) -> None:
    async with manor(tmp_path) as house:
        token = forged(ANNA, Purpose.CALL, "s_brandnew", fault)
        party = await knock(house, "/orchestrate", token, type="hello", agent="parrot")
        assert refused(party) == (code, 4401)
        assert not house.stage.sessions
        signed_in = forged(CHIEF, Purpose.SIGN_IN, None, fault).replace("%0A", "")
        async with house.http(None) as http:
            http.headers["authorization"] = f"Bearer {signed_in}"
            answer = await http.get("/api/sessions")
            expected = "token_malformed" if fault == "line break" else code
            assert answer.status_code == 401
            assert answer.json()["code"] in (expected, "token_forged")


async def test_a_good_one_of_another_kind_opens_no_other_door(tmp_path: Path) -> None:
    async with manor(tmp_path) as house, house.call() as (caller, session):
        resume = str(caller.all("ready")[0]["resume"])
        hello = {"type": "hello", "agent": "parrot", "session": session, "resume": resume}
        watch = {"type": "watch", "session": session}
        for purpose, path, first in [
            (Purpose.WATCH, "/orchestrate", hello),
            (Purpose.CALL, "/orchestrate", hello),
            (Purpose.RESUME, "/orchestrate", {"type": "hello", "agent": "parrot"}),
            (Purpose.RESUME, "/supervise", watch),
            (Purpose.CALL, "/supervise", watch),
        ]:
            token = house.token(HEAD, purpose, session)
            assert refused(await knock(house, path, token, **first)) == ("token_wrong_purpose", 4401)
        for purpose in (Purpose.CALL, Purpose.RESUME, Purpose.WATCH):
            async with house.http(None) as http:
                http.headers["authorization"] = f"Bearer {house.token(HEAD, purpose, session)}"
                answer = await http.get("/api/sessions")
                assert (answer.status_code, answer.json()["code"]) == (401, "token_wrong_purpose")


async def test_a_call_is_taken_up_by_whose_it_is_with_its_own_token_only(tmp_path: Path) -> None:
    async with manor(tmp_path) as house, house.call() as (_, session), house.call(BEN) as (ben, other):
        theirs = str(ben.all("ready")[0]["resume"])
        hello = {"type": "hello", "agent": "parrot", "session": session, "resume": theirs}
        for person, code in ((BEN, 4403), (TEACHER, 4403), (CHIEF, 4404), (ANNA, 4404)):
            async with house.party("/orchestrate", person) as party:
                await party.send(**hello)
                assert (await party.parted())[0] == code, person
        assert set(house.stage.sessions) == {session, other}


async def browser(house: Manor, http: httpx2.AsyncClient, name: str) -> str:
    """The client is a page of ours with somebody signed in; its CSRF token."""
    http.headers["origin"] = f"http://{house.address}"
    token = (await http.get("/api/csrf")).json()["token"]
    signed = await http.post(
        "/api/signin",
        json={"key": house.security.gate.key, "name": name, "role": "admin"},
        headers={"x-csrf-token": token},
    )
    assert signed.status_code == 200, signed.text
    return str(signed.json()["csrf"]["token"])


async def erased(http: httpx2.AsyncClient, csrf: str, **cookies: str) -> tuple[int, str]:
    for name, value in cookies.items():
        http.cookies.set(name, value, domain="127.0.0.1")
    answer = await http.delete("/api/people/nobody", headers={"x-csrf-token": csrf})
    return answer.status_code, str(answer.json().get("code", ""))


async def test_a_csrf_token_is_of_no_use_to_anybody_else_or_later(tmp_path: Path) -> None:
    async with manor(tmp_path) as house, house.http(None) as one, house.http(None) as two:
        mine = await browser(house, one, "anna")
        await browser(house, two, "ben")
        assert await erased(one, mine) == (200, "")
        assert await erased(two, mine) == (403, "csrf_mismatch")
        assert await erased(two, mine, antiphon_csrf=mine) == (403, "csrf_forged"), "seen and planted"
        name = next(name for name in one.cookies if "csrf" in name)
        session = next(value for name, value in one.cookies.items() if "browser" in name)
        old = house.security.gate.csrf.issue(session, time.time() - 301)
        assert await erased(one, old, **{name: old}) == (403, "csrf_expired")
        longer = f"{int(time.time()) + 9000}:{mine.partition(':')[2]}"
        assert await erased(one, longer, **{name: longer}) == (403, "csrf_forged")
        assert await erased(one, mine, **{name: mine}) == (200, "")
        assert (await one.post("/api/signout", headers={"x-csrf-token": mine})).status_code == 204
        again = await browser(house, one, "anna")
        assert await erased(one, mine, **{name: mine}) == (403, "csrf_forged"), "from before signing in anew"
        assert again != mine
