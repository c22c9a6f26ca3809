"""Duels over HTTP: who may keep and see them, what is refused, and what was measured here."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
from pathlib import Path
from typing import Any

import pytest
from manor import ANNA, BEN, CHIEF, HEAD, STRANGER, TEACHER, Manor, manor

from antiphon.core.audio import silence
from antiphon.hosts.security.middleware import LARGER
from antiphon.hosts.security.people import Person
from antiphon.store.duel import Duel, Lane, Utterance, parts_of
from antiphon.store.duels import Duels

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def wav(seconds: float, rate: int = 16_000, channels: int = 1) -> str:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(bytes(round(seconds * rate) * 2 * channels))
    return base64.b64encode(file.getvalue()).decode()


def a_duel(**more: object) -> dict[str, Any]:
    parts = [{"name": "endpointing", "ms": 150}, {"name": "outside", "ms": 250.5}]
    return {
        "agent": "tutor",
        "started_at": "2026-11-22T03:00:00.000Z",
        "machine": "a browser",
        "utterance": {"seconds": 1.0, "speech_start_ms": 50, "speech_end_ms": 900, "text": "Why?"},
        "lanes": [
            {
                "via": "orchestrate",
                "response_ms": 400.5,
                "parts": parts,
                "waits_ms": [400.5],
                "answer": "So.",
            },
            {"via": "livekit", "error": "rooms are not installed"},
        ],
        **more,
    }


def sent(duel: dict[str, Any] | None = None, **sounds: str) -> dict[str, Any]:
    return {"duel": duel or a_duel(), "sounds": {"utterance": wav(1.0), "orchestrate": wav(2.0), **sounds}}


async def keep(house: Manor, person: Person) -> str:
    async with house.http(person) as http:
        answer = await http.post("/api/duels", json=sent())
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


async def refused(house: Manor, body: object) -> tuple[int, str]:
    async with house.http(ANNA) as http:
        answer = await http.post("/api/duels", content=body if isinstance(body, bytes) else json.dumps(body))
        return answer.status_code, answer.json()["detail"]


# ---- keeping and finding -----------------------------------------------------------------------------------
async def test_a_duel_that_was_sent_is_found_again_with_its_sound(tmp_path: Path) -> None:
    async with manor(tmp_path) as house:
        id = await keep(house, ANNA)
        async with house.http(ANNA) as http:
            (listed,) = (await http.get("/api/duels")).json()["duels"]
            assert (listed["id"], listed["made_by"], listed["lanes"][0]["p50_ms"]) == (id, "page", 400.5)
            whole = (await http.get(f"/api/duels/{id}")).json()
            assert sum(part["ms"] for part in whole["lanes"][0]["parts"]) == whole["lanes"][0]["response_ms"]
            assert "person" not in whole
            assert [lane["has_sound"] for lane in whole["lanes"]] == [True, False]
            sound = await http.get(f"/api/duels/{id}/orchestrate.wav")
            assert sound.headers["content-type"] == "audio/wav"
            with wave.open(io.BytesIO(sound.content)) as file:
                assert file.getnframes() == 32_000
            assert (await http.get(f"/api/duels/{id}/livekit.wav")).status_code == 404


async def test_one_sees_ones_own_a_supervisor_ones_tenants_and_all_what_was_made_here(tmp_path: Path) -> None:
    async with manor(tmp_path) as house:
        annas = await keep(house, ANNA)
        lane = Lane(via="direct", response_ms=500.0, parts=parts_of(500.0, {}), waits_ms=(500.0,))
        said = Utterance(seconds=1.0, speech_start_ms=0, speech_end_ms=900)
        made = Duel(agent="tutor", started_at="2026-11-22T03:00:00Z", utterance=said, lanes=(lane,))
        ours = Duels(house.stage.settings.data).save(made, silence(1.0, 16_000), {}).id
        for person, seen in (
            (ANNA, {annas, ours}),
            (TEACHER, {annas, ours}),
            (BEN, {ours}),
            (STRANGER, {ours}),
        ):
            async with house.http(person) as http:
                told = (await http.get("/api/duels")).json()["duels"]
                assert {duel["id"] for duel in told} == seen, person
                for path in (annas, f"{annas}/utterance.wav"):
                    status = (await http.get(f"/api/duels/{path}")).status_code
                    assert status == (200 if annas in seen else 404), person
                ways = (await http.get("/api/measured")).json()["ways"]
                assert ways["direct"]["response_ms"]["p50"] == 500.0
                assert bool(ways["orchestrate"]["duel_ms"]) == (annas in seen)


async def test_whoever_has_not_signed_in_is_told_nothing(tmp_path: Path) -> None:
    async with manor(tmp_path) as house:
        id = await keep(house, ANNA)
        async with house.http(None) as http:
            for path in ("/api/duels", f"/api/duels/{id}", f"/api/duels/{id}/utterance.wav", "/api/measured"):
                assert (await http.get(path)).status_code == 401, path
            assert (await http.post("/api/duels", json=sent())).status_code == 401
            assert (await http.delete(f"/api/duels/{id}")).status_code == 401


async def test_it_is_removed_by_whoever_sent_it_and_by_administrators(tmp_path: Path) -> None:
    async with manor(tmp_path) as house:
        first, second = await keep(house, ANNA), await keep(house, ANNA)
        for person, id, status in (
            (BEN, first, 404),
            (CHIEF, first, 404),
            (TEACHER, first, 403),
            (ANNA, first, 204),
            (ANNA, first, 404),
            (HEAD, second, 204),
        ):
            async with house.http(person) as http:
                assert (await http.delete(f"/api/duels/{id}")).status_code == status, person


async def test_erasing_a_person_takes_their_duels_along(tmp_path: Path) -> None:
    async with manor(tmp_path) as house:
        await keep(house, ANNA)
        bens = await keep(house, BEN)
        async with house.http(HEAD) as http:
            assert (await http.delete("/api/people/anna")).status_code == 200
            assert [duel["id"] for duel in (await http.get("/api/duels")).json()["duels"]] == [bens]


# ---- what is refused ---------------------------------------------------------------------------------------
async def test_what_is_no_duel_is_refused_in_words(tmp_path: Path) -> None:
    unequal = a_duel()
    unequal["lanes"][0]["response_ms"] = 500
    cases: list[tuple[object, str]] = [
        (b"", "json"),
        (b"\xff\xfe", "json"),
        ({"duel": a_duel(), "sounds": {}}, "sounds"),
        (sent(unequal), "the parts make 400.5 ms"),
        (sent(a_duel(lanes=[])), "lanes"),
        (sent(a_duel(tenant="school")), "tenant"),
        (sent(a_duel(id="../../etc")), "id"),
        (sent(a_duel(lanes=a_duel()["lanes"][:1] * 2)), "each way has one lane"),
        (sent(a_duel(started_at="yesterday")), "started_at"),
        (sent(a_duel(surprise=1)), "surprise"),
        (sent(livekit="no base64!"), "base64"),
        (sent(livekit=base64.b64encode(b"no sound").decode()), "no WAV"),
        (sent(orchestrate=wav(1.0, channels=2)), "one channel"),
        (sent(orchestrate=wav(1.0, rate=96_000)), "one channel"),
        (sent(orchestrate=wav(130, rate=8_000)), "120 s"),
        (sent(utterance=wav(3.0)), "not as long"),
        (sent(direct=wav(1.0)), "no lane of 'direct'"),
        ({"duel": a_duel(), "sounds": {"orchestrate": wav(1.0)}}, "the utterance is missing"),
        (sent(**{"../../secret": wav(1.0)}), "no lane"),
    ]
    async with manor(tmp_path) as house:
        for body, why in cases:
            status, told = await refused(house, body)
            assert status == 422, (body, told)
            assert why.lower() in told.lower()
        assert not (house.stage.settings.data / "duels").exists()


async def test_what_is_too_large_is_refused_and_what_is_large_is_not(tmp_path: Path) -> None:
    async with manor(tmp_path) as house:
        async with house.http(ANNA) as http:
            large = sent(orchestrate=wav(60, rate=24_000))
            assert (await http.post("/api/duels", json=large)).status_code == 201
            other = await http.post("/api/signin", content=b" " * 2**20)
            assert other.status_code == 413
        reader, writer = await asyncio.open_connection(*house.address.split(":"))
        length = LARGER["/api/duels"] + 1
        writer.write(f"POST /api/duels HTTP/1.1\r\nhost: here\r\ncontent-length: {length}\r\n\r\n".encode())
        answer = (await reader.read()).decode()
        writer.close()
        assert answer.startswith("HTTP/1.1 413 ")
        assert "bytes at most" in answer


@pytest.mark.parametrize("id", ["..", "%2e%2e", "..%2f..%2fsecret", "20261122-030000-0000000", "a" * 3000])
async def test_no_name_leads_out_of_the_folder(tmp_path: Path, id: str) -> None:
    async with manor(tmp_path) as house:
        kept = await keep(house, ANNA)
        (house.stage.settings.data / "secret.wav").write_bytes(b"RIFF")
        async with house.http(ANNA) as http:
            for path in (f"{id}/utterance.wav", f"{kept}/{id}.wav", f"{kept}/..%2f..%2fsecret.wav"):
                assert (await http.get(f"/api/duels/{path}")).status_code in (404, 405), path


async def test_where_personal_details_are_not_kept_no_voice_is(tmp_path: Path) -> None:
    async with manor(tmp_path, stored_details="redact") as house:
        status, told = await refused(house, sent())
        assert status == 403
        assert "personal details" in told


# ---- what was measured -------------------------------------------------------------------------------------
async def test_what_a_turn_costs_is_told_from_ones_sessions(tmp_path: Path) -> None:
    async with manor(tmp_path) as house:
        async with house.http(ANNA) as http:
            before = (await http.get("/api/measured")).json()["ways"]
        assert before["orchestrate"]["cost_per_turn_usd"] is None
        async with house.call(ANNA) as (caller, _):
            await caller.send(type="text", text="Good day.")
            await caller.until("remembered", role="agent", within=10)
            await caller.send(type="bye")
            await caller.parted()
        assert house.stage.records is not None
        assert await house.stage.records.flush()
        for person, is_told in ((ANNA, True), (BEN, False)):
            async with house.http(person) as http:
                row = (await http.get("/api/measured")).json()["ways"]["orchestrate"]["cost_per_turn_usd"]
                assert bool(row) == is_told
                if row:
                    assert (row["n"], row["p50"], row["from"]) == (1, 0.0, "1 session")


# ---- questions to ask --------------------------------------------------------------------------------------
async def test_a_question_that_an_agent_suggests_is_spoken(tmp_path: Path) -> None:
    async with manor(tmp_path) as house:
        async with house.http(ANNA) as http:
            (agent,) = (await http.get("/api/agents")).json()
            assert agent["suggestions"] == ["Hello?"]
            first, again = [await http.get("/api/agents/parrot/questions/0.wav") for _ in range(2)]
            assert first.content == again.content
            with wave.open(io.BytesIO(first.content)) as file:
                assert file.getnframes() > 1000
            for path in ("parrot/questions/1.wav", "parrot/questions/-1.wav", "nobody/questions/0.wav"):
                assert (await http.get(f"/api/agents/{path}")).status_code == 404, path
            assert (await http.get("/api/agents/parrot/questions/x.wav")).status_code == 422
        async with house.http(None) as http:
            assert (await http.get("/api/agents/parrot/questions/0.wav")).status_code == 401
