"""Parts of a running server are broken on purpose, and mended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from manor import ANNA, HEAD, TEACHER, Manor, manor

from antiphon.providers.resilience.speech import first_voice
from antiphon.testing.voices import ScriptedSynthesizer

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def give_a_chain(house: Manor) -> None:
    house.stage.providers = replace(house.stage.providers, synthesizer=first_voice([ScriptedSynthesizer()]))


async def test_only_administrators_break_things_and_only_where_that_is_allowed(tmp_path: Path) -> None:
    async with manor(tmp_path) as house, house.http(HEAD) as head:
        refused = await head.get("/api/chaos")
        assert (refused.status_code, refused.json()["code"]) == (404, "no_chaos")
        assert "ANTIPHON_CHAOS" in refused.json()["detail"]
    async with manor(tmp_path / "2", chaos=True) as house, house.http(TEACHER) as teacher:
        assert (await teacher.get("/api/chaos")).status_code == 403


async def test_a_voice_fails_while_its_switch_is_on(tmp_path: Path) -> None:
    async with manor(tmp_path, chaos=True) as house, house.http(HEAD) as head:
        give_a_chain(house)
        switches = (await head.get("/api/chaos")).json()["switches"]
        assert [(one["name"], one["is_on"]) for one in switches] == [
            ("voice_fails", False),
            ("voice_slow", False),
        ]
        assert (await head.put("/api/chaos/voice_fails", json={"is_on": True})).json()["is_on"]
        async with house.call(ANNA) as (caller, _):
            await caller.send(type="text", text="Good day.")
            await caller.until("remembered", role="user", within=10)
            async with house.http(HEAD) as other:
                told = {"error": ""}
                while not told["error"]:
                    [voice] = (await other.get("/api/providers")).json()["providers"]
                    told["error"] = voice["last_error"]
            assert "made to fail" in told["error"]
            assert not (await head.put("/api/chaos/voice_fails", json={"is_on": False})).json()["is_on"]
        async with house.call(ANNA) as (caller, _):
            await caller.send(type="text", text="Good day.")
            said = await caller.until("remembered", role="agent", within=10)
            assert "Good day" in str(said["text"])
        assert (await head.put("/api/chaos/nothing", json={"is_on": True})).status_code == 404


async def test_dropped_callers_are_told_nothing_and_may_come_back(tmp_path: Path) -> None:
    async with (
        manor(tmp_path, chaos=True) as house,
        house.http(HEAD) as head,
        house.call(ANNA) as (caller, id),
    ):
        assert (await head.post("/api/chaos/drop")).json() == {"dropped": 1}
        await caller.parted()
        record = (await head.get(f"/api/sessions/{id}")).json()
        assert record["status"] != "ended"
