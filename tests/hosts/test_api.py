"""What is kept, as programs and pages read it: by whom, page by page, and as it changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from house import house as open_house
from house import parrot
from manor import ANNA, BEN, CHIEF, HEAD, OTHER, STRANGER, TEACHER, TUTOR, Manor, manor

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.hosts import api
from antiphon.hosts.security.people import Person

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def helpless(question: Question) -> Grounding:
    return Grounding(("I'll get somebody.",), is_certain=True, escalate=question.text)


def caller_for_help() -> Agent:
    return Agent("parrot", "", (Specialist("only", "", helpless),), parrot().guardrail)


async def call(house: Manor, person: Person, text: str = "Good day.") -> str:
    """A call that is over. Returns its session."""
    async with house.call(person) as (caller, session):
        await caller.send(type="text", text=text)
        await caller.until("remembered", role="agent", within=10)
        await caller.send(type="bye")
        await caller.parted()
    assert house.stage.records is not None
    assert await house.stage.records.flush()
    return session


async def get(house: Manor, person: Person | None, path: str, **params: object) -> httpx2.Response:
    async with house.http(person) as http:
        return await http.get(path, params=params)  # type: ignore[arg-type]


# ---- sessions -------------------------------------------------------------------------------------------
async def test_everyone_sees_their_own_and_supervisors_their_tenants(tmp_path: Path):
    async with manor(tmp_path) as house:
        annas, bens, others = await asyncio.gather(call(house, ANNA), call(house, BEN), call(house, OTHER))
        for person, seen in (
            (ANNA, {annas}),
            (BEN, {bens}),
            (TEACHER, {annas, bens}),
            (HEAD, {annas, bens}),
            (OTHER, {others}),
            (STRANGER, {others}),
            (CHIEF, {others}),
        ):
            told = (await get(house, person, "/api/sessions")).json()["sessions"]
            assert {session["id"] for session in told} == seen, person
            for session in (annas, bens, others):
                for path in ("", "/journal"):
                    answer = await get(house, person, f"/api/sessions/{session}{path}")
                    assert answer.status_code == (200 if session in seen else 404), (person, session)
        assert (await get(house, None, "/api/sessions")).status_code == 401
        assert (await get(house, None, f"/api/sessions/{annas}")).status_code == 401


async def test_pages_follow_one_another_newest_first(tmp_path: Path):
    async with manor(tmp_path) as house:
        ids = [await call(house, ANNA) for _ in range(3)]
        seen, before = [], ""
        for _ in range(3):
            page = (await get(house, TEACHER, "/api/sessions", limit=1, before=before)).json()
            seen += [session["id"] for session in page["sessions"]]
            before = page["next"]
        assert seen == ids[::-1] and before == ""
        assert (await get(house, TEACHER, "/api/sessions", agent="nobody")).json()["sessions"] == []
        assert len((await get(house, TEACHER, "/api/sessions", status="ended")).json()["sessions"]) == 3


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"limit": 0}, 422), ({"limit": 10**9}, 422), ({"limit": "many"}, 422),
        ({"before": "yesterday"}, 400), ({"before": "2026-01-01T00:00:00+00:00~\0"}, 400),
        ({"agent": "x" * 500}, 422), ({"agent": "' or 1=1 --"}, 200), ({"status": "\0"}, 200),
    ],
)  # fmt: skip
async def test_odd_questions_get_an_answer_or_a_refusal(
    tmp_path: Path, params: dict[str, object], status: int
):
    async with manor(tmp_path) as house:
        assert (await get(house, TEACHER, "/api/sessions", **params)).status_code == status


async def test_a_session_tells_its_lines_its_report_and_its_journal(tmp_path: Path):
    async with manor(tmp_path) as house:
        session = await call(house, ANNA)
        told = (await get(house, TEACHER, f"/api/sessions/{session}")).json()
        assert [(line["role"], line["text"]) for line in told["lines"]] == [
            ("user", "Good day."),
            ("agent", "You said: Good day. That is all."),
        ]
        assert told["status"] == "ended" and told["owner"] == "anna"
        assert told["report"]["turns"] == 1 and told["report"]["response_ms"]["n"] == 1
        assert "token" not in json.dumps(told) and "digest" not in json.dumps(told)
        lines = (await get(house, TEACHER, f"/api/sessions/{session}/journal")).text.splitlines()
        assert "header" in json.loads(lines[0])
        assert any(json.loads(line).get("c") == "Remember" for line in lines)


async def test_a_session_on_air_says_where_it_stands(tmp_path: Path):
    async with manor(tmp_path) as house, house.call() as (_, session), house.watch(session) as teacher:
        await teacher.until("watching")
        await teacher.send(type="take_over")
        await teacher.until("supervised", how="taken_over")
        assert house.stage.records is not None
        await house.stage.records.flush()
        [told] = (await get(house, TEACHER, "/api/sessions")).json()["sessions"]
        assert (told["status"], told["phase"], told["taken_over_by"]) == ("live", "idle", "teacher")


async def test_where_nothing_is_kept_those_on_air_are_listed_for_supervisors(tmp_path: Path):
    async with manor(tmp_path, keeps=False) as house, house.party("/orchestrate", ANNA) as caller:
        await caller.send(type="hello", agent="parrot", greet=False)
        session = (await caller.until("ready"))["session"]
        [told] = (await get(house, TEACHER, "/api/sessions")).json()["sessions"]
        assert told["id"] == session
        assert (await get(house, ANNA, "/api/sessions")).json()["sessions"] == []
        answer = await get(house, TEACHER, f"/api/sessions/{session}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_store")


# ---- escalations ----------------------------------------------------------------------------------------
async def test_a_call_for_a_person_is_claimed_by_one_and_closed(tmp_path: Path):
    async with manor(tmp_path, caller_for_help()) as house:
        session = await call(house, ANNA, "a teacher, please")
        for person in (ANNA, BEN, OTHER):
            assert (await get(house, person, "/api/escalations")).status_code == 403
        for person in (STRANGER, CHIEF):
            assert (await get(house, person, "/api/escalations")).json()["escalations"] == []
        [found] = (await get(house, TEACHER, "/api/escalations")).json()["escalations"]
        assert (found["session"], found["reason"], found["status"]) == (session, "a teacher, please", "open")
        path = f"/api/escalations/{found['id']}"
        async with house.http(ANNA) as anna, house.http(STRANGER) as stranger:
            for http, status in ((anna, 403), (stranger, 404)):
                assert (await http.post(f"{path}/claim")).status_code == status
                assert (await http.post(f"{path}/close", json={})).status_code == status
        async with house.http(TEACHER) as teacher, house.http(TUTOR) as tutor, house.http(HEAD) as head:
            claimed = (await teacher.post(f"{path}/claim")).json()
            assert (claimed["status"], claimed["claimed_by"]) == ("claimed", "teacher")
            refused = await tutor.post(f"{path}/claim")
            assert (refused.status_code, refused.json()["code"]) == (409, "already_attended")
            assert "teacher" in refused.json()["detail"]
            assert (await tutor.post(f"{path}/close", json={})).status_code == 409
            assert (await teacher.post(f"{path}/close", json={"outcome": "x" * 3000})).status_code == 422
            closed = (await head.post(f"{path}/close", json={"outcome": "explained"})).json()
            assert (closed["status"], closed["outcome"]) == ("closed", "explained")
            assert (await teacher.post("/api/escalations/none/claim")).status_code == 404
        told = (await get(house, TEACHER, "/api/escalations", open_only=True)).json()
        assert told["escalations"] == []


# ---- changes --------------------------------------------------------------------------------------------
class Stream:
    """A reader of server-sent events."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def until(self, wanted: str, within: float = 5.0) -> str:
        async with asyncio.timeout(within):
            async for line in self._lines:
                if wanted in line:
                    return line
        raise AssertionError("the stream ended")


@asynccontextmanager
async def following(house: Manor, person: Person) -> AsyncIterator[Stream]:
    async with house.http(person) as http, http.stream("GET", "/api/changes") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer.aiter_lines())


async def test_changes_are_told_to_the_tenant_and_first_of_all_to_read_everything(tmp_path: Path):
    async with (
        manor(tmp_path, caller_for_help()) as house,
        following(house, TEACHER) as ours,
        following(house, STRANGER) as theirs,
    ):
        for stream in (ours, theirs):
            await stream.until("retry:")
            assert json.loads((await stream.until("data:"))[5:])["id"] == ""
        session = await call(house, ANNA, "help")
        assert json.loads((await ours.until('"sessions"'))[5:])["id"] == session
        assert json.loads((await ours.until("escalation_events"))[5:])["session"] == session
        others = await call(house, OTHER)
        assert json.loads((await theirs.until('"sessions"'))[5:])["id"] == others


async def test_the_stream_beats_and_is_not_for_callers(tmp_path: Path):
    async with manor(tmp_path) as house:
        assert (await get(house, ANNA, "/api/changes")).status_code == 403
        assert (await get(house, None, "/api/changes")).status_code == 401
        sent: list[dict[str, object]] = []
        left = asyncio.Event()

        async def receive() -> dict[str, object]:
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)
            if b"still here" in bytes(message.get("body", b"")):  # type: ignore[call-overload]
                left.set()

        assert house.stage.records is not None
        watching = house.stage.records.watch(api.viewer(TEACHER))
        async with asyncio.timeout(5):
            await api.Changes(watching, beat_seconds=0.05)({"type": "http"}, receive, send)  # type: ignore[arg-type]
        assert [b"retry" in bytes(m.get("body", b"")) for m in sent[:2]] == [False, True]  # type: ignore[call-overload]


async def test_a_reader_who_goes_leaves_no_watcher_behind(tmp_path: Path):
    async with manor(tmp_path) as house:
        async with following(house, TEACHER) as stream:
            await stream.until("data:")
        watchers = house.stage.records._notices._watchers  # type: ignore[union-attr]
        async with asyncio.timeout(5):
            while watchers:
                await asyncio.sleep(0.02)


# ---- erasing --------------------------------------------------------------------------------------------
async def test_erasing_leaves_nothing_that_was_said_and_a_live_call_ends(tmp_path: Path):
    async with manor(tmp_path, home_journals=True) as house:
        session = await call(house, ANNA)
        bens = await call(house, BEN)
        files = tmp_path / "journals"
        assert (files / f"{session}.jsonl").exists()
        for person, status in ((ANNA, 403), (TEACHER, 403), (None, 401)):
            async with house.http(person) as http:
                assert (await http.delete("/api/people/anna")).status_code == status
        async with house.http(CHIEF) as http:
            assert (await http.delete("/api/people/anna")).json() == {"sessions": 0, "entries": 0}
        async with house.call(ANNA) as (caller, live):
            async with house.http(HEAD) as http:
                told = (await http.delete("/api/people/anna")).json()
            assert told["sessions"] == 2 and told["entries"] > 5
            await caller.send(type="text", text="Do you still know me?")
            assert (await caller.parted())[0] == 4409
        for id in (session, live):
            found = (await get(house, HEAD, f"/api/sessions/{id}")).json()
            assert (found["status"], found["owner"], found["lines"], found["report"]) == (
                "erased",
                "",
                [],
                None,
            )
            assert not (files / f"{id}.jsonl").exists()
        assert (files / f"{bens}.jsonl").exists()
        assert len((await get(house, BEN, "/api/sessions")).json()["sessions"]) == 1


async def test_on_a_machine_of_ones_own_nobody_signs_in(tmp_path: Path):
    async with open_house(tmp_path) as (address, _), httpx2.AsyncClient() as http:
        assert (await http.get(f"http://{address}/api/sessions")).json() == {"sessions": [], "next": ""}
