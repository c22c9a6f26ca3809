"""Whatever is sent to the routes of signing in, the answer is a refusal or what was asked for, never a fault."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from door import ABROAD, House, opened
from fastapi import Depends
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from antiphon.hosts.security.people import Person

texts = st.text(max_size=80)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["id_token", "key", "name", "role", "purpose", "session"]) | texts
bodies = st.dictionaries(
    names, values | st.sampled_from(["call", "watch", "admin", "s_annas_call"]), max_size=4
)
latin = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60)
headers = st.dictionaries(
    st.sampled_from(
        [
            "authorization",
            "cookie",
            "origin",
            "x-csrf-token",
            "x-request-id",
            "host",
            "x-forwarded-for",
            "content-type",
        ]
    ),
    latin | latin.map("Bearer ".__add__) | latin.map("antiphon_signin=".__add__),
    max_size=4,
)
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"A whole server is in each example: shrinking one takes minutes."
HOME = Path(tempfile.mkdtemp(prefix="antiphon-fuzz-"))
HOUSES = [
    House(HOME),
    House(HOME, "0.0.0.0"),
    House(HOME, oidc_issuer="https://id.example", oidc_audience="us"),
]


@settings(max_examples=200, deadline=None, phases=QUICK)
@given(
    st.sampled_from(HOUSES), st.sampled_from(["GET", "POST"]),
    st.sampled_from(["signin", "me", "csrf", "signout", "tokens", "calls/s_annas_call"]),
    bodies.map(json.dumps).map(str.encode) | st.binary(max_size=200), headers,
)  # fmt: skip
def test_no_request_is_a_fault(
    house: House, method: str, route: str, body: bytes, given_headers: dict[str, str]
) -> None:
    async def ask() -> int:
        raw = [(name.encode(), value.encode("latin-1")) for name, value in given_headers.items()]
        async with house.visit(ABROAD) as visit:
            return (await visit.request(method, f"/api/{route}", content=body, headers=raw)).status_code

    house.clock.now += 60
    assert asyncio.run(ask()) < 500


@settings(max_examples=100, deadline=None, phases=QUICK)
@given(st.sampled_from(HOUSES[:2]), latin, st.lists(latin, max_size=3), latin)
def test_no_handshake_is_a_fault(house: House, query: str, offers: list[str], authorization: str) -> None:
    house.clock.now += 60
    path = "/call?token=" + "".join(c if c.isalnum() else f"%{ord(c):02x}" for c in query if c.isascii())
    offered = ("antiphon", *(f"antiphon.token.{offer}" for offer in offers))
    outcome = asyncio.run(
        opened(house, path, ABROAD, offers=offered, authorization=authorization.encode().decode("latin-1"))
    )
    assert outcome.startswith(("44", "4")) and not outcome.startswith("45")


def test_the_gate_serves_as_a_dependency() -> None:
    house = House(HOME)
    asked = Depends(house.security.gate.person)

    @house.app.get("/depends")
    async def depends(person: Person = asked) -> str:
        return person.id

    async def ask() -> tuple[int, int]:
        async with house.visit() as mine, house.visit(ABROAD) as other:
            return (await mine.get("/depends")).status_code, (await other.get("/depends")).status_code

    assert asyncio.run(ask()) == (200, 401)


def test_what_was_sent_is_not_repeated() -> None:
    async def ask() -> str:
        async with House(HOME).visit() as visit:
            return (await visit.post("/api/signin", json={"id_token": ["a-secret-of-mine"]})).text

    told = asyncio.run(ask())
    assert json.loads(told)["code"] == "invalid" and "a-secret" not in told
