"""Where the time of a conversation went, from what is kept of it: the spans that a collector gets, read here."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from collector import collector
from manor import ANNA, BEN, STRANGER, TEACHER, Manor, manor

from antiphon.config import Settings
from antiphon.hosts.tracing.ids import span_id
from antiphon.hosts.tracing.opening import open_tracing

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def call(house: Manor) -> str:
    """Anna's session, over: one turn, and what her page had to say of it."""
    async with house.call(ANNA) as (caller, session):
        await caller.send(type="text", text="Good day.")
        await caller.until("remembered", role="agent", within=10)
        async with house.http(ANNA) as http:
            event = {
                "name": "first_sound_played",
                "ms": 250,
                "attributes": {"turn": 1, "transport": "websocket"},
            }
            answer = await http.post("/events", json={"session_id": session, "events": [event]})
            assert answer.json() == {"taken": 1}
        await caller.send(type="bye")
        await caller.parted()
    assert house.stage.records is not None
    assert await house.stage.records.flush()
    return session


async def test_the_trace_that_is_kept_is_the_one_that_a_collector_gets(tmp_path: Path) -> None:
    with collector() as received:
        tracing = open_tracing(Settings(otel_endpoint=received.address, trace_text=True))
        assert tracing is not None
        async with manor(tmp_path) as house:
            house.stage.tracing = tracing
            session = await call(house)
            async with house.http(ANNA) as http:
                told = (await http.get(f"/api/sessions/{session}/trace")).json()
        await asyncio.to_thread(tracing.close)
    assert (told["session"], told["agent"], told["host"]) == (session, "parrot", "orchestrate")
    (root,) = [span for span in received.spans if not span.parent]
    sent = {span.id: span for span in received.spans if span is not root}
    kept = {span_id(session, span["key"]).to_bytes(8, "big").hex(): span for span in told["spans"]}
    assert kept.keys() == sent.keys()
    common = {
        "session.id",
        "user.id",
        "gen_ai.conversation.id",
        "gen_ai.agent.name",
        "voice.host",
        "voice.tenant",
    }
    # The session itself begins with its record; what is kept of it, with the first thing that happened.
    first = min((span.start for span in sent.values()), default=0)
    begins = min(span["start_ms"] for span in told["spans"])
    for id, span in kept.items():
        twin = sent[id]
        assert (span["name"], span["ms"]) == (twin.name, pytest.approx(twin.ms, abs=0.02))
        assert span["start_ms"] - begins == pytest.approx((twin.start - first) / 1e6, abs=0.05)
        own = {name: value for name, value in twin.told.items() if name not in common}
        assert {n: v for n, v in span["attributes"].items() if n not in common} == own
    assert 0 < told["ms"] <= root.ms + 1
    (turn,) = [span for span in told["spans"] if span["name"] == "invoke_agent parrot"]
    parts = [
        span for span in told["spans"] if span["parent"] == turn["key"] and span["name"] != "voice.playout"
    ]
    assert sum(span["ms"] for span in parts) == pytest.approx(
        turn["attributes"]["voice.response_ms"], abs=0.1
    )
    (page,) = [span for span in told["spans"] if span["name"] == "browser.first_sound_played"]
    assert (page["ms"], page["attributes"]) == (250, {"voice.turn": 1, "voice.transport": "websocket"})


async def test_who_may_read_a_session_may_read_its_trace(tmp_path: Path) -> None:
    async with manor(tmp_path) as house:
        session = await call(house)
        for person, status in ((ANNA, 200), (TEACHER, 200), (BEN, 404), (STRANGER, 404), (None, 401)):
            async with house.http(person) as http:
                assert (await http.get(f"/api/sessions/{session}/trace")).status_code == status, person
    async with manor(tmp_path / "off", keeps=False) as house, house.http(TEACHER) as http:
        assert (await http.get("/api/sessions/s_1/trace")).json()["code"] == "no_store"


async def test_a_call_that_goes_on_is_told_as_far_as_it_is_kept(tmp_path: Path) -> None:
    async with manor(tmp_path) as house, house.call(ANNA) as (caller, session), house.http(TEACHER) as http:
        await caller.send(type="text", text="Good day.")
        await caller.until("remembered", role="agent", within=10)
        assert house.stage.records is not None
        await house.stage.records.flush()
        told = (await http.get(f"/api/sessions/{session}/trace")).json()
        assert told["status"] == "live"
        (turn,) = [span for span in told["spans"] if span["name"] == "invoke_agent parrot"]
        assert turn["attributes"]["voice.heard_words"] == 7
        assert not any(span["name"] == "voice.hung_up" for span in told["spans"])
