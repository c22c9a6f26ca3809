"""The page talks to a provider, and we answer: jobs, their sound, what was heard of it, and fillers meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx2 as httpx
import numpy as np
import pytest
from house import house, parrot
from nodes import REPLY, journal_of, node, remembered
from pydantic import SecretStr
from rtc import RATE, RtcClient

from antiphon.agent.definition import Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Block, Verdict
from antiphon.core.records import SERVICE
from antiphon.testing.records import MemoryRecords, MemoryStore

pytestmark = pytest.mark.anyio

NOISE = (np.sin(np.arange(RATE) * 0.15) * 9000).astype("<i2").tobytes()
"One second that counts as speech."
BYTES_A_SECOND = 48_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Page:
    """The page of one direct call: its requests, and the news it gets."""

    def __init__(self, http: httpx.AsyncClient, opened: dict[str, object]) -> None:
        self.http = http
        self.opened = opened
        self.id = str(opened["session_id"])
        self.headers = {"authorization": f"Bearer {opened['token']}"}
        self.news: list[dict[str, object]] = []
        self._came = asyncio.Event()

    async def read(self) -> None:
        """Everything that is told is in `news`."""
        async with self.http.stream("GET", f"/session/{self.id}/events", headers=self.headers) as stream:
            assert stream.status_code == 200, await stream.aread()
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    self.news.append(json.loads(line[6:]))
                    self._came.set()

    async def until(self, kind: str, within: float = 8.0, **fields: object) -> dict[str, object]:
        """The first message of that type with those fields, which may have come already."""
        async with asyncio.timeout(within):
            while True:
                for message in self.news:
                    if message["type"] == kind and all(message.get(k) == v for k, v in fields.items()):
                        return message
                self._came.clear()
                await self._came.wait()

    async def post(self, path: str, **body: object) -> httpx.Response:
        return await self.http.post(path, json=body, headers=self.headers)

    async def ask(self, question: str, **more: object) -> str:
        answer = await self.post("/orchestrate/jobs", session_id=self.id, question=question, **more)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["job_id"])

    async def job(self, id: str, rest: str = "") -> dict[str, object]:
        answer = await self.http.get(f"/orchestrate/jobs/{id}{rest}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()
        return found

    async def hear(self, job: str, seconds: float = 60.0) -> tuple[int, float]:
        """The turn of the job, and how many seconds of its sound came before it was over, or was enough."""
        count = 0
        body = {"job_id": job}
        async with self.http.stream("POST", "/tts/stream", json=body, headers=self.headers) as stream:
            assert stream.status_code == 200
            async for data in stream.aiter_bytes():
                count += len(data)
                if count >= seconds * BYTES_A_SECOND:
                    break
            return int(stream.headers["x-turn"]), count / BYTES_A_SECOND


@asynccontextmanager
async def page(address: str, agent: str = "parrot", greet: bool = False) -> AsyncIterator[Page]:
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=30) as http:
        opened = await http.post("/session/token", json={"agent": agent, "greet": greet})
        assert opened.status_code == 200, opened.text
        page = Page(http, opened.json())
        reading = asyncio.create_task(page.read())
        await page.until("phase")
        try:
            yield page
        finally:
            with suppress(httpx.HTTPError):
                await page.post(f"/session/{page.id}/close")
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading


async def test_a_question_is_answered_aloud_as_it_was_approved(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), page(address) as one:
        job = await one.ask("Is anybody there?")
        ready = await one.job(job, "/wait?until=tts_ready")
        assert ready["tts_ready"] is True
        turn, seconds = await one.hear(job)
        assert turn == 1
        assert 1.4 < seconds < 3.0  # forty letters of 50 ms
        over = await one.job(job, "/wait?until=over")
        assert over["status"] == "done"
        assert over["safe_text"] == "You said: Is anybody there? That is all."
        said = await one.until("remembered", role="agent")
        assert said["text"] == over["safe_text"]


async def test_a_function_call_asks_once_however_often_it_is_told(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), page(address) as one:
        first = await one.ask("Hello?", call_id="call_1")
        assert await one.ask("Hello?", call_id="call_1") == first
        await one.job(first, "/wait?until=over")
        assert [m["text"] for m in one.news if m["type"] == "remembered" and m["role"] == "user"] == [
            "Hello?"
        ]


async def test_what_the_player_did_not_play_was_not_said(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), page(address) as one:
        job = await one.ask("one two three four five six seven eight nine ten")
        turn, _ = await one.hear(job, 1.0)
        stopped = await one.post(f"/session/{one.id}/played", turn=turn, samples=15_600, cleared=True)
        assert stopped.status_code == 204
        said = await one.until("remembered", role="agent")
        assert said["is_cut"] is True
        assert said["text"] == "You said: one"  # 0.65 s at 50 ms a letter
        assert (await one.job(job, "/wait?until=over"))["status"] == "cancelled"


async def test_a_new_question_stops_the_answer_to_the_one_before(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), page(address) as one:
        first = await one.ask("one two three four five six seven eight nine ten")
        hearing = asyncio.create_task(one.hear(first))
        await one.until("job", job_id=first, tts_ready=True)
        await asyncio.sleep(0.6)
        second = await one.ask("Stop?")
        await hearing
        assert (await one.job(first))["status"] == "cancelled"
        assert (await one.job(second, "/wait?until=over"))["safe_text"] == "You said: Stop? That is all."
        await one.until("clear", turn=1)


async def test_the_agent_greets_unasked(tmp_path: Path) -> None:
    async with (
        house(tmp_path, parrot(greeting="Good morning.")) as (address, _),
        page(address, greet=True) as one,
    ):
        told = await one.until("job", tts_ready=True)
        assert (told["question"], told["safe_text"]) == ("", "Good morning.")
        _, seconds = await one.hear(str(told["job_id"]))
        assert 0.4 < seconds < 1.0


async def test_a_greeting_waits_for_a_page_that_is_still_calling_its_provider(tmp_path: Path) -> None:
    async with (
        house(tmp_path, parrot(greeting="Good morning.")) as (address, _),
        page(address, greet=True) as one,
    ):
        told = await one.until("job", tts_ready=True)
        await asyncio.sleep(0.4)
        _, seconds = await one.hear(str(told["job_id"]))
        assert 0.4 < seconds < 1.0


async def test_who_never_asks_for_sound_has_read_an_answer_when_asking_on(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), page(address) as one:
        for question in ("Hello?", "And now?"):
            job = await one.ask(question)
            await one.job(job, "/wait?until=over")
            await asyncio.sleep(0.5)  # to read it takes longer
        await one.post(f"/session/{one.id}/close")
        await one.until("ended")
        said = [m["text"] for m in one.news if m["type"] == "remembered" and m["role"] == "agent"]
        assert said == ["You said: Hello? That is all.", "You said: And now? That is all."]


async def test_what_the_guardrail_refuses_is_neither_shown_nor_heard(tmp_path: Path) -> None:
    class Strict:
        async def check_input(self, text: str) -> Verdict:
            return Allow()

        async def check_output(self, text: str) -> Verdict:
            return Block(("bad",)) if "bad" in text else Allow()

    agent = replace(parrot(), guardrail=Strict())
    async with house(tmp_path, agent) as (address, _), page(address) as one:
        job = await one.ask("Say the bad word.")
        over = await one.job(job, "/wait?until=over")
        assert "bad" not in str(over["safe_text"])
        await one.until("verdict", action="block")
        assert not any("bad word" in str(m.get("text", "")) for m in one.news if m["type"] == "sentence")


# ---- the provider, which is our own server ---------------------------------------------------------------
@asynccontextmanager
async def calling(one: Page, address: str) -> AsyncIterator[RtcClient]:
    """The page's call with its provider, which we stand beside."""
    secret = one.opened["client_secret"]
    assert isinstance(secret, dict)
    client = RtcClient(address, secret["value"])
    headers = {"authorization": f"Bearer {secret['value']}", "content-type": "application/sdp"}
    url = f"http://{address}{one.opened['realtime_url']}"
    try:
        async with httpx.AsyncClient() as http:
            await client.answered(await http.post(url, content=await client.offer(), headers=headers))
        call = client.location.rpartition("/")[2]
        assert (await one.post(f"/session/{one.id}/call", call_id=call)).status_code == 204
        yield client
    finally:
        await client.close()


async def test_a_spoken_question_becomes_a_job_and_the_provider_is_silent(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), page(address) as one, calling(one, address) as client:
        await client.until("session.created")
        client.microphone.say(NOISE)
        told = await one.until("job", tts_ready=True)
        assert told["question"] == "Hello."
        _, seconds = await one.hear(str(told["job_id"]))
        assert seconds > 0.8
        call = await client.until("response.function_call_arguments.done")
        assert call["name"] == "dispatch_to_orchestrator"
        assert client.loud_seconds() == 0


async def test_the_provider_fills_a_long_wait_and_is_quiet_when_the_answer_comes(tmp_path: Path) -> None:
    async def slowly(question: Question) -> Grounding:
        await asyncio.sleep(2.2)
        return Grounding(("Here it is at last.",), is_certain=True)

    fillers = (("One moment.",), ("Nearly there.",), ("Still looking.",))
    agent = replace(parrot(fillers=fillers), specialists=(Specialist("only", "", slowly),))
    async with house(tmp_path, agent) as (address, _), page(address) as one, calling(one, address) as client:
        await client.until("session.created")
        client.microphone.say(NOISE)
        told = await one.until("job", tts_ready=True)
        await one.hear(str(told["job_id"]))
        assert client.spoken() == "One moment. Nearly there."
        assert 0.6 < client.loud_seconds() < 2.0
        assert told["safe_text"] == "Here it is at last."  # no filler is ours


async def test_a_voice_over_the_answer_stops_it(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), page(address) as one, calling(one, address) as client:
        await client.until("session.created")
        first = await one.ask("one two three four five six seven eight nine ten")
        hearing = asyncio.create_task(one.hear(first))
        await one.until("job", job_id=first, tts_ready=True)
        await asyncio.sleep(0.5)
        # The sideband knows of jobs of its own; those of the page it learns of as they begin.
        client.microphone.say(NOISE)
        await one.until("clear", turn=1)
        await hearing
        second = await one.until("job", question="Hello.", tts_ready=True)
        assert second["turn"] == 2


# ---- who may, and what outlives what -----------------------------------------------------------------------
async def test_one_call_is_not_anothers(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), page(address) as one, page(address) as other:
        job = await one.ask("Hello?")
        for method, path, body in (
            ("GET", f"/session/{one.id}/events", None),
            ("POST", f"/session/{one.id}/close", None),
            ("POST", f"/session/{one.id}/played", {"turn": 1, "samples": 1}),
            ("GET", f"/orchestrate/jobs/{job}", None),
            ("POST", "/tts/stream", {"job_id": job}),
            ("POST", "/orchestrate/jobs", {"session_id": one.id, "question": "?"}),
        ):
            for headers in ({}, other.headers, {"authorization": "Bearer nonsense"}):
                refused = await one.http.request(method, path, json=body, headers=headers)
                assert refused.status_code == 401, (path, refused.text)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/orchestrate/jobs", {"question": "?"}, 422),
        ("/orchestrate/jobs", {"session_id": "", "question": "?"}, 400),
        ("/tts/stream", {"job_id": "j_nobody.1"}, 401),
        ("/tts/stream", {"job_id": "../../etc"}, 404),
        ("/session/token", {"agent": "nobody"}, 404),
        ("/session/token", {"agent": 7}, 422),
    ],
)
async def test_what_makes_no_sense_is_refused(
    tmp_path: Path, path: str, body: dict[str, object], status: int
) -> None:
    async with house(tmp_path) as (address, stage), page(address) as one:
        headers = {} if path == "/session/token" else one.headers
        refused = await one.http.post(path, json=body, headers=headers)
        assert refused.status_code == status, refused.text
        assert (await one.job(await one.ask("Still there?"), "/wait?until=over"))["status"] == "done"
        assert len(stage.sessions) == 1


async def test_no_question_is_longer_than_a_typed_line(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), page(address) as one:
        refused = await one.post("/orchestrate/jobs", session_id=one.id, question="a" * 3000)
        assert refused.status_code == 422


async def test_a_closed_call_has_its_report_and_its_jobs(tmp_path: Path) -> None:
    store = MemoryStore()
    async with node(tmp_path, store) as here, page(here.address, "scripted") as one:
        job = await one.ask("Who left?")
        await one.job(job, "/wait?until=over")
        assert (await one.post(f"/session/{one.id}/close")).status_code == 204
        await one.until("ended")
        assert (await one.job(job))["status"] == "done"
        assert (await one.post(f"/session/{one.id}/interrupt")).status_code == 409
        record = await MemoryRecords(store).get(SERVICE, one.id)
        assert (record.host, record.status) == ("direct", "ended")
        assert record.report
        (kept,) = await MemoryRecords(store).jobs(SERVICE, one.id)
        assert (kept.id, kept.status, kept.safe_text) == (job, "done", REPLY.replace("|", " "))
        assert remembered(await journal_of(store, one.id))[0] == ("user", "Who left?")


async def test_a_call_goes_on_on_another_node_from_the_last_heard_word(tmp_path: Path) -> None:
    store = MemoryStore()
    async with node(tmp_path, store) as here, node(tmp_path, store, "two") as there:
        async with page(here.address, "scripted") as one:
            job = await one.ask("Who left?")
            turn, _ = await one.hear(job, 1.0)
            await one.post(f"/session/{one.id}/played", turn=turn, samples=12_000)
            for session in here.stage.sessions.values():
                session.lose("the node is gone")
            async with httpx.AsyncClient(base_url=there.url, timeout=30) as http:
                body = {"turn": turn, "samples": 14_400}
                again = await http.post(f"/session/{one.id}/resume", json=body, headers=one.headers)
                assert again.status_code == 200, again.text
                back = Page(http, again.json())
                assert back.id == one.id
                reading = asyncio.create_task(back.read())
                turn, _ = await back.hear(job)
                assert turn == 2
                assert (await back.job(job))["status"] == "done"
                await back.until("remembered", role="agent", is_past=False)
                reading.cancel()
        said = [text for role, text in remembered(await journal_of(store, one.id)) if role == "agent"]
        assert " ".join(said) == REPLY.replace("|", " ")
        assert len(said) == 2


async def test_a_call_that_is_over_cannot_be_taken_up(tmp_path: Path) -> None:
    store = MemoryStore()
    async with node(tmp_path, store) as here, page(here.address, "scripted") as one:
        await one.post(f"/session/{one.id}/close")
        await one.until("ended")
        refused = await one.post(f"/session/{one.id}/resume", turn=0, samples=0)
        assert (refused.status_code, refused.json()["code"]) == (409, "cannot_resume")


async def test_another_servers_realtime_api_hears_in_our_place(tmp_path: Path) -> None:
    """As OpenAI would: its key never reaches the page, and we stand beside the call with it."""
    async with house(tmp_path / "provider") as (provider, theirs):
        key, base = SecretStr("sk-real"), f"http://{provider}/v1"
        async with (
            house(tmp_path / "ours", openai_api_key=key, realtime_base_url=base) as (address, ours),
            page(address) as one,
        ):
            assert one.opened["realtime_url"] == f"{base}/realtime/calls"
            assert one.opened["model"] == "gpt-realtime"
            assert "sk-real" not in json.dumps(one.opened)
            one.opened["realtime_url"] = "/v1/realtime/calls"
            async with calling(one, provider) as client:
                await client.until("session.created")
                client.microphone.say(NOISE)
                told = await one.until("job", tts_ready=True)
                assert told["question"] == "Hello."
                assert (await one.hear(str(told["job_id"])))[1] > 0.8
                assert (len(theirs.sessions), len(ours.sessions)) == (1, 1)


async def test_a_provider_that_is_away_is_told_of(tmp_path: Path) -> None:
    async with house(
        tmp_path, openai_api_key=SecretStr("sk-real"), realtime_base_url="http://127.0.0.1:9/v1"
    ) as (address, stage):
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=30) as http:
            refused = await http.post("/session/token", json={"agent": "parrot"})
            assert refused.status_code == 503
            assert "connection to openai realtime" in refused.json()["detail"]
        assert not stage.sessions
