"""Where an agent leads its callers, and how far along one of them is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from house import Allowing
from manor import ANNA, BEN, TEACHER, manor

from antiphon.agents.booking.booking import booking_agent
from antiphon.testing.calendar import MemoryCalendar

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_booking_is_followed_step_by_step(tmp_path: Path) -> None:
    agent = await booking_agent(MemoryCalendar(), Allowing(), now=lambda question: NOW)
    async with manor(tmp_path, agent) as house, house.http(ANNA) as anna:
        flow = (await anna.get("/api/agents/booking/flow")).json()
        names = [step["name"] for step in flow["steps"]]
        assert flow["first"] in names
        assert all(way["to"] in names for step in flow["steps"] for way in step["ways"])
        assert {"date", "time"} <= {slot["name"] for slot in flow["slots"]}

        async with house.call(ANNA, agent="booking") as (caller, id):
            await caller.send(type="text", text="Next Tuesday, please.")
            await caller.until("remembered", role="agent", within=20)
            assert house.stage.records is not None
            assert await house.stage.records.flush()
            stands = (await anna.get(f"/api/sessions/{id}/flow")).json()
            assert stands["slots"]["date"] == "2026-03-10"
            assert "time" not in stands["slots"]
            asks = next(step for step in flow["steps"] if step["name"] == stands["step"])
            assert "time" in asks["collects"]

        async with house.http(TEACHER) as teacher, house.http(BEN) as ben:
            assert (await teacher.get(f"/api/sessions/{id}/flow")).json()["step"] == stands["step"]
            assert (await ben.get(f"/api/sessions/{id}/flow")).status_code == 404


async def test_an_agent_without_steps_says_so(tmp_path: Path) -> None:
    async with manor(tmp_path) as house, house.http(ANNA) as anna:
        told = await anna.get("/api/agents/parrot/flow")
        assert (told.status_code, told.json()["code"]) == (404, "no_flow")
        assert (await anna.get("/api/agents/nobody/flow")).json()["code"] == "unknown_agent"
