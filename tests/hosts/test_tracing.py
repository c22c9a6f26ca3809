"""A collector gets the spans of a turn: the same from every host, and counted as sent only once it has said so."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx2 as httpx
import pytest
from collector import Received, Receiver, collector, eventually
from house import client, house
from pydantic import SecretStr
from test_direct import page
from test_orchestrate import finish
from test_realtime_api import talk

from antiphon.config import Settings
from antiphon.core.errors import SetupError
from antiphon.hosts.stage import Stage
from antiphon.hosts.tracing.opening import open_tracing
from antiphon.hosts.tracing.sink import Finished
from antiphon.hosts.tracing.tracing import Tracing
from antiphon.session.spans import ROOT, Span

pytestmark = pytest.mark.anyio
STAGES = [
    "endpointing",
    "recognition",
    "routing",
    "retrieval",
    "model",
    "guardrail",
    "synthesis",
    "transport",
]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def received() -> Iterator[Receiver]:
    with collector() as receiver:
        yield receiver


def tracing_to(receiver: Receiver, **more: object) -> Tracing:
    found = open_tracing(Settings(otel_endpoint=receiver.address, **more))  # type: ignore[arg-type]
    assert found is not None
    return found


async def orchestrated(address: str) -> str:
    async with client(address) as caller:
        ready = await caller.hello()
        await caller.send(type="text", text="My telephone number is four two.")
        assert await finish(caller, 1)
        return str(ready["session"])


async def over_realtime(address: str) -> str:
    async with talk(address) as caller:
        await caller.write("My telephone number is four two.")
        await caller.connection.response.create()
        await caller.until("response.done")
    return ""


async def direct(address: str) -> str:
    async with page(address) as one:
        job = await one.ask("My telephone number is four two.")
        await one.job(job, "/wait?until=tts_ready")
        await one.hear(job)
        await one.job(job, "/wait?until=over")
        return one.id


HOSTS = {"orchestrate": orchestrated, "realtime": over_realtime, "direct": direct}


async def traced(home: Path, host: str, receiver: Receiver, **more: object) -> tuple[list[Received], Stage]:
    """All the spans of one turn over that host."""
    async with house(home) as (address, stage):
        stage.tracing = tracing = tracing_to(receiver, **more)
        await HOSTS[host](address)
        async with asyncio.timeout(5):
            while stage.sessions:
                await asyncio.sleep(0.02)
    await asyncio.to_thread(tracing.close)
    return receiver.spans, stage


@pytest.mark.parametrize("host", HOSTS)
async def test_the_spans_of_a_turn_are_one_tree(host: str, tmp_path: Path, received: Receiver) -> None:
    spans, _ = await traced(tmp_path, host, received)
    (root,) = [span for span in spans if not span.parent]
    (turn,) = [span for span in spans if span.name == "invoke_agent parrot" and span.told["voice.turn"] == 1]
    assert root.name == "session parrot"
    assert turn.parent == root.id
    assert len({span.id for span in spans}) == len(spans)
    assert {span.trace for span in spans} == {root.trace}
    ids = {span.id for span in spans}
    assert all(span.parent in ids for span in spans if span is not root)
    for span in spans:
        assert span.service == "antiphon"
        assert span.told["session.id"] == span.told["gen_ai.conversation.id"] == root.told["session.id"]
        assert span.told["user.id"]
        assert span.told["voice.host"] == host
        assert root.start - 1e6 <= span.start <= span.end <= root.end + 1e6
    assert turn.told["gen_ai.operation.name"] == "invoke_agent"
    assert turn.told["gen_ai.agent.name"] == turn.told["voice.route.specialist"] == "only"
    assert turn.told["voice.guardrail.action"] == "allow"
    assert turn.told["voice.asked_words"] == 6


@pytest.mark.parametrize("host", HOSTS)
async def test_the_parts_of_a_turn_fill_its_wait(host: str, tmp_path: Path, received: Receiver) -> None:
    spans, stage = await traced(tmp_path, host, received)
    (turn,) = [span for span in spans if span.name == "invoke_agent parrot"]
    parts = [span for span in spans if span.told.get("voice.part") in STAGES]
    assert all(part.parent == turn.id and part.name == f"voice.{part.told['voice.part']}" for part in parts)
    assert sum(part.ms for part in parts) == pytest.approx(turn.told["voice.response_ms"], abs=0.1)
    parts.sort(key=lambda part: part.start)
    assert abs(parts[0].start - turn.start) < 1000
    for before, after in pairwise(parts):
        assert abs(before.end - after.start) < 1000  # nanoseconds: no gap, no overlap
    (playout,) = [span for span in spans if span.name == "voice.playout"]
    assert abs(playout.start - parts[-1].end) < 1000
    assert abs(playout.end - turn.end) < 1000
    measured = {
        sample.labels["part"]: sample.value * 1000
        for family in stage.metrics.registry.collect()
        for sample in family.samples
        if sample.name == "antiphon_part_seconds_sum"
    }
    for name, ms in measured.items():
        assert sum(p.ms for p in parts if p.told["voice.part"] == name) == pytest.approx(ms, abs=0.02)


async def test_what_was_said_stays_here_unless_it_is_asked_for(tmp_path: Path, received: Receiver) -> None:
    await traced(tmp_path, "orchestrate", received)
    assert not any(b"telephone" in body for body in received.bodies)
    received.spans.clear()
    spans, _ = await traced(tmp_path, "orchestrate", received, trace_text=True)
    (turn,) = [span for span in spans if span.name == "invoke_agent parrot"]
    asked = json.loads(str(turn.told["gen_ai.input.messages"]))
    assert asked == [
        {"role": "user", "parts": [{"type": "text", "content": "My telephone number is four two."}]}
    ]
    assert "telephone number" in str(turn.told["gen_ai.output.messages"])


def some(count: int) -> list[Finished]:
    return [
        Finished("s_1", Span(f"turn/{n}", ROOT, "invoke_agent a", 0.0, 1.0), 1e9, {}) for n in range(count)
    ]


def put(tracing: Tracing, count: int) -> None:
    for span in some(count):
        tracing._put(span)


def test_only_what_was_acknowledged_counts_as_sent(received: Receiver) -> None:
    tracing = tracing_to(received)
    put(tracing, 3)
    eventually(lambda: tracing.sent[0].acknowledged == 3)
    assert tracing.health() == {"acknowledged": 3, "failed": 0, "last_error": ""}
    received.rejects = 1
    put(tracing, 3)
    eventually(lambda: tracing.sent[0].failed == 1)
    assert tracing.health() == {"acknowledged": 5, "failed": 1, "last_error": "otlp: rejected: no room"}
    received.rejects, received.status = 0, 302
    put(tracing, 2)
    eventually(lambda: tracing.sent[0].failed == 3)
    assert "302" in tracing.sent[0].last_error
    received.status = 200
    put(tracing, 1)
    tracing.close()
    assert tracing.health() == {"acknowledged": 6, "failed": 3, "last_error": ""}


def test_a_dead_collector_costs_its_count_and_nothing_else(received: Receiver) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}"
    tracing = open_tracing(
        Settings(
            otel_endpoint=nobody,
            langfuse_public_key="pk",
            langfuse_secret_key=SecretStr("sk"),
            langfuse_host=received.address,
        )
    )
    assert tracing is not None
    put(tracing, 2)
    dead, alive = tracing._sinks
    eventually(lambda: alive.sent.acknowledged == 2)  # one does not wait for the other
    tracing.close()
    eventually(lambda: dead.sent.failed == 2)
    assert dead.sent.acknowledged == 0
    assert "refused" in str(tracing.health()["last_error"])


def test_langfuse_gets_its_keys_and_nobody_elses(received: Receiver) -> None:
    settings = Settings(
        otel_endpoint=received.address + "/",
        otel_headers=SecretStr("x-key=a%20b"),
        langfuse_public_key="pk-1",
        langfuse_secret_key=SecretStr("sk-2"),
        langfuse_host=received.address,
    )
    tracing = open_tracing(settings)
    assert tracing is not None
    put(tracing, 1)
    tracing.close()
    by_path = dict(zip(received.paths, received.headers, strict=True))
    assert by_path["/v1/traces"]["x-key"] == "a b"
    assert "authorization" not in by_path["/v1/traces"]
    told = by_path["/api/public/otel/v1/traces"]
    assert base64.b64decode(told["authorization"].removeprefix("Basic ")) == b"pk-1:sk-2"
    assert "x-key" not in told
    assert told["content-type"] == "application/x-protobuf"


def test_nothing_is_traced_unless_a_collector_is_named() -> None:
    assert open_tracing(Settings()) is None
    with pytest.raises(SetupError, match="LANGFUSE_SECRET_KEY"):
        open_tracing(Settings(langfuse_public_key="pk"))


async def test_health_and_metrics_tell_what_became_of_the_spans(tmp_path: Path, received: Receiver) -> None:
    async with house(tmp_path) as (address, stage), httpx.AsyncClient(base_url=f"http://{address}") as http:
        assert "telemetry" not in (await http.get("/healthz")).json()
        stage.tracing = tracing = tracing_to(received)
        put(tracing, 4)
        await asyncio.to_thread(eventually, lambda: tracing.sent[0].acknowledged == 4)
        counts = {"acknowledged": 4, "failed": 0, "last_error": ""}
        assert (await http.get("/healthz")).json()["telemetry"] == counts
        assert (await http.get("/readyz")).json()["telemetry"] == counts
        metrics = (await http.get("/metrics")).text
        assert 'antiphon_trace_spans_total{collector="otlp",result="acknowledged"} 4.0' in metrics
        assert 'antiphon_trace_spans_total{collector="otlp",result="failed"} 0.0' in metrics
        await asyncio.to_thread(tracing.close)


async def test_what_the_page_saw_is_part_of_the_trace(tmp_path: Path, received: Receiver) -> None:
    async with house(tmp_path) as (address, stage):
        stage.tracing = tracing = tracing_to(received)
        async with (
            client(address) as caller,
            httpx.AsyncClient(base_url=f"http://{address}") as http,
        ):
            id = (await caller.hello())["session"]
            event = {
                "name": "first_sound_played",
                "ms": 431.5,
                "attributes": {"turn": 1, "transport": "websocket", "said": "a secret", "where": "secret"},
            }
            answer = await http.post("/events", json={"session_id": id, "events": [event]})
            assert (answer.status_code, answer.json()) == (200, {"taken": 1})
            many = {"session_id": id, "events": [{"name": "playout_underrun"}] * 32}
            assert (await http.post("/events", json=many)).json()[
                "taken"
            ] == 24  # five a second, five seconds
            assert (await http.post("/events", json=many)).json()["taken"] <= 1
            metrics = (await http.get("/metrics")).text
            assert 'antiphon_browser_seconds_count{event="first_sound_played"} 1.0' in metrics
        async with asyncio.timeout(5):
            while stage.sessions:
                await asyncio.sleep(0.02)
        await asyncio.to_thread(tracing.close)
    (played,) = received.named("browser.first_sound_played")
    (root,) = [span for span in received.spans if not span.parent]
    assert (played.trace, played.parent) == (root.trace, root.id)
    assert played.ms == pytest.approx(431.5, abs=0.01)
    assert played.told["voice.turn"] == 1
    assert played.told["voice.transport"] == "websocket"
    assert not any(b"secret" in body for body in received.bodies)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"[" * 9000,
        b'{"session_id": 1, "events": []}',
        b'{"session_id": "s_nobody", "events": [{"name": "error"}]}',
        b'{"session_id": "SESSION", "events": [7, {"name": []}, {"name": "who knows"}, {"name": {}}]}',
        b'{"session_id": "SESSION", "events": [{"name": "error"}], "more": "' + b"x" * 17_000 + b'"}',
    ],
)
async def test_a_page_that_reports_nonsense_is_not_told_off(body: bytes, tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), client(address) as caller:
        id = str((await caller.hello())["session"])
        async with httpx.AsyncClient(base_url=f"http://{address}") as http:
            answer = await http.post("/events", content=body.replace(b"SESSION", id.encode()))
        assert (answer.status_code, answer.json()) == (200, {"taken": 0})


async def test_a_page_that_reports_odd_numbers_is_believed_within_reason(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), client(address) as caller:
        id = str((await caller.hello())["session"])
        odd = b'{"name": "error", "ms": %s, "attributes": {"turn": 1e999, "code": true, "count": 1%s}}'
        events = b",".join(
            odd % (ms, b"0" * 400) for ms in (b"-5", b"1e999", b"NaN", b'"x"', b"1" + b"0" * 400)
        )
        async with httpx.AsyncClient(base_url=f"http://{address}") as http:
            body = b'{"session_id": "%s", "events": [%s]}' % (id.encode(), events)
            answer = await http.post("/events", content=body)
        assert (answer.status_code, answer.json()) == (200, {"taken": 5})
