"""Nobody reads or changes through any route what is another tenant's, or another caller's: with the real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from manor import ANNA, BEN, CHIEF, HEAD, OTHER, STRANGER, TEACHER, Manor, manor
from test_api import call, caller_for_help, following

from antiphon.core.records import SERVICE
from antiphon.store.database import Database
from antiphon.store.records import PostgresRecords
from antiphon.testing.records import running

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def kept(home: Path, url: str) -> AsyncIterator[Manor]:
    database = await Database.open(url)
    try:
        async with (
            running(PostgresRecords(database, "node")) as records,
            manor(home, caller_for_help(), records=records) as house,
        ):
            yield house
    finally:
        await database.close()


async def test_no_route_leads_into_another_tenant(tmp_path: Path, url: str) -> None:
    async with kept(tmp_path, url) as house:
        session = await call(house, ANNA, "help me, my secret is Rumpelstiltskin")
        records = house.stage.records
        assert records is not None
        [escalation] = await records.escalations(SERVICE)
        routes = [
            ("GET", f"/api/sessions/{session}", None),
            ("GET", f"/api/sessions/{session}/journal", None),
            ("POST", f"/api/sessions/{session}/fork", {"turn": 1}),
            ("GET", "/api/sessions", None),
            ("GET", f"/api/sessions?before=2100-01-01T00:00:00%2B00:00~{session}", None),
            ("GET", "/api/escalations", None),
            ("POST", f"/api/escalations/{escalation.id}/claim", None),
            ("POST", f"/api/escalations/{escalation.id}/close", {"outcome": "mine"}),
            ("POST", "/api/tokens", {"purpose": "watch", "session": session}),
            ("POST", "/api/tokens", {"purpose": "resume", "session": session}),
            ("DELETE", "/api/people/anna", None),
        ]
        for person in (BEN, OTHER, STRANGER, CHIEF):
            async with house.http(person) as http:
                for method, path, body in routes:
                    answer = await http.request(method, path, json=body)
                    told = answer.text
                    assert "Rumpelstiltskin" not in told and answer.status_code < 500, (person, path)
                    if (
                        "DELETE" not in method
                        and "?" not in path
                        and not path.endswith(("sessions", "escalations"))
                    ):
                        assert answer.status_code in (403, 404), (person, method, path, answer.text)
                    elif answer.status_code == 200 and method == "GET":
                        assert session not in told, (person, path)
        found = await records.get(SERVICE, session)
        assert (found.status, found.owner) == ("ended", "anna")
        assert [e.status for e in await records.escalations(SERVICE)] == ["open"]


async def test_changes_claims_and_erasing_in_the_real_store(tmp_path: Path, url: str) -> None:
    async with (
        kept(tmp_path, url) as house,
        following(house, TEACHER) as ours,
        following(house, CHIEF) as theirs,
    ):
        await ours.until("data:")
        await theirs.until("data:")
        session = await call(house, ANNA, "a teacher, please")
        await ours.until("escalation_events")
        async with house.http(TEACHER) as http:
            [escalation] = (await http.get("/api/escalations")).json()["escalations"]
            path = f"/api/escalations/{escalation['id']}"
            assert (await http.post(f"{path}/claim")).json()["claimed_by"] == "teacher"
            assert (await http.post(f"{path}/close", json={"outcome": "done"})).json()["status"] == "closed"
            assert (await http.get("/api/escalations?open_only=true")).json()["escalations"] == []
        async with house.http(HEAD) as http:
            assert (await http.delete("/api/people/anna")).json()["sessions"] == 1
            found = (await http.get(f"/api/sessions/{session}")).json()
            assert (found["status"], found["lines"], found["report"]) == ("erased", [], None)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await theirs.until(session)
