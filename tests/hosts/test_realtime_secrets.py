"""Keys that a program gives to a page: what they open, for how long, and what they say of the session."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2 as httpx
import pytest
import websockets
from house import house
from manor import manor
from openai import AsyncOpenAI
from rtc import dial

from antiphon.config import Settings
from antiphon.core.errors import CallerError
from antiphon.hosts.realtime_secrets import Seeds
from antiphon.hosts.security.gate import LOCAL
from antiphon.hosts.security.security import open_security
from antiphon.hosts.security.visitor import Visitor
from antiphon.wire import openai_realtime as rt

pytestmark = pytest.mark.anyio

ORIGIN = "http://localhost:5173"
SDK = "openai-agents-sdk.0.20.0"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def asked(address: str, **body: object) -> dict[str, object]:
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"http://{address}/v1/realtime/client_secrets", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()
        return found


async def first_event(address: str, key: str, query: str = "") -> dict[str, object]:
    """What a page's socket is told first, and the protocol that the server chose."""
    offered = ["realtime", f"openai-insecure-api-key.{key}", SDK]
    async with websockets.connect(f"ws://{address}/v1/realtime{query}", subprotocols=offered) as socket:  # type: ignore[arg-type]
        assert socket.subprotocol == "realtime"
        event: dict[str, object] = json.loads(await socket.recv())
        return event


async def test_a_secret_opens_calls_that_begin_as_it_says(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _):
        async with AsyncOpenAI(api_key="sk-any", base_url=f"http://{address}/v1") as client:
            secret = await client.realtime.client_secrets.create(
                expires_after={"anchor": "created_at", "seconds": 60},
                session={"type": "realtime", "model": "parrot", "instructions": "Be brief."},
            )
        assert secret.value.startswith("ek_")
        assert secret.session.type == "realtime"
        for _ in range(2):
            told = await first_event(address, secret.value)
            assert told["session"]["instructions"] == "Be brief."  # type: ignore[index]
        async with dial(address, "parrot", secret.value) as client:
            told = await client.until("session.created")
            assert told["session"]["instructions"] == "Be brief."  # type: ignore[index]


async def test_a_session_too_large_for_a_secret_is_kept(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _):
        words = " ".join(str(number * 7919 % 10007) for number in range(8000))
        secret = await asked(address, session={"type": "realtime", "model": "parrot", "instructions": words})
        assert len(str(secret["value"])) < 600
        told = await first_event(address, str(secret["value"]))
        assert told["session"]["instructions"] == words  # type: ignore[index]


async def test_an_expired_secret_opens_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, stage):
        gate = open_security(stage.settings, "127.0.0.1").gate
        value, _ = gate.grant_secret(LOCAL, "", -1)
        told = await first_event(address, value, "?model=parrot")
        assert told["error"]["code"] == "invalid_api_key"  # type: ignore[index]
        assert "expired" in told["error"]["message"]  # type: ignore[index]
        async with httpx.AsyncClient() as http:
            headers = {"authorization": f"Bearer {value}", "content-type": "application/sdp"}
            answer = await http.post(f"http://{address}/v1/realtime/calls", content="v=0", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "invalid_api_key"


@pytest.mark.parametrize("value", ["ek_", "ek_nothing", "ek_a.b.c", "ek_" + "a" * 6000])
async def test_a_forged_secret_opens_nothing(tmp_path: Path, value: str) -> None:
    async with house(tmp_path) as (address, _):
        told = await first_event(address, value, "?model=parrot")
        assert told["error"]["code"] == "invalid_api_key"  # type: ignore[index]


async def test_a_secret_makes_no_others(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), httpx.AsyncClient() as http:
        headers = {"authorization": f"Bearer {(await asked(address))['value']}"}
        answer = await http.post(f"http://{address}/v1/realtime/client_secrets", headers=headers)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"expires_after": {"anchor": "created_at", "seconds": 9}}, 400, "integer_below_min_value"),
        ({"expires_after": {"anchor": "created_at", "seconds": 7201}}, 400, "integer_above_max_value"),
        ({"session": {"type": "realtime", "model": "nobody"}}, 404, "unknown_agent"),
        ({"session": {"type": "other"}}, 400, "invalid_value"),
        ({"session": 1}, 400, "invalid_type"),
    ],
)
async def test_what_cannot_be_asked_for(tmp_path: Path, body: object, status: int, code: str) -> None:
    async with house(tmp_path) as (address, _), httpx.AsyncClient() as http:
        answer = await http.post(f"http://{address}/v1/realtime/client_secrets", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text


async def test_a_page_of_another_port_of_this_machine_may_ask_and_read(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as (address, _),
        httpx.AsyncClient(base_url=f"http://{address}/v1/realtime") as http,
    ):
        wanted = "authorization,content-type,x-openai-agents-sdk"
        asks = {
            "origin": ORIGIN,
            "access-control-request-method": "POST",
            "access-control-request-headers": wanted,
        }
        told = (await http.options("/calls", headers=asks)).headers
        assert told["access-control-allow-origin"] == ORIGIN
        assert set(wanted.split(",")) <= set(told["access-control-allow-headers"].split(", "))
        answer = await http.post("/client_secrets", headers={"origin": ORIGIN})
        assert answer.status_code == 200
        assert "location" in answer.headers["access-control-expose-headers"]
        for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
            answer = await http.post("/client_secrets", headers={"origin": origin})
            assert answer.status_code == 403
            assert "access-control-allow-origin" not in answer.headers


async def test_where_others_can_reach_us_pages_of_their_machines_must_be_named(tmp_path: Path) -> None:
    for origins, may in (("", False), (ORIGIN, True)):
        security = open_security(Settings(home=tmp_path, origins=origins), "0.0.0.0")
        scope = {"type": "http", "headers": [(b"host", b"voice.example"), (b"origin", ORIGIN.encode())]}
        assert security.gate.origins.admits(Visitor.of(scope), is_near=True) is may


async def test_seeds_come_back_and_those_of_others_do_not() -> None:
    seeds = Seeds(lambda: 0.0)
    patch = rt.decode_session('{"type": "transcription"}')
    assert seeds.unpack(seeds.pack(patch, 60)) == patch
    assert seeds.unpack(seeds.pack(None, 60)) is None
    with pytest.raises(CallerError, match="ask for another"):
        seeds.unpack("kabc")


async def test_somebody_signed_in_with_a_browser_gets_one_for_their_page(tmp_path: Path) -> None:
    async with manor(tmp_path) as house:
        url = f"http://{house.address}/v1/realtime/client_secrets"
        async with httpx.AsyncClient() as http:
            assert (await http.post(url, json={})).status_code == 401
            signed_in = {
                "name": "anna",
                "key": house.security.gate.key,
            }
            answer = await http.post(f"http://{house.address}/api/signin", json=signed_in)
            assert answer.status_code == 200, answer.text
            cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
            body = {"session": {"type": "realtime", "model": "parrot"}}
            forged = await http.post(url, json=body, headers={"cookie": cookies})
            assert (forged.status_code, forged.json()["error"]["code"]) == (403, "csrf_missing")
            proof = {"cookie": cookies, "x-csrf-token": answer.json()["csrf"]["token"]}
            given = await http.post(url, json=body, headers=proof)
            assert given.status_code == 200, given.text
            secret = given.json()
        event = await first_event(house.address, secret["value"])
        assert event["type"] == "session.created"
