"""A collector gets the spans of a turn: the same from every host, and counted as sent only once it has said so."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from collector import Received, Receiver, collector, eventually
from house import client, house
from pydantic import SecretStr
from test_direct import page
from test_realtime_api import talk

from antiphon.config import Settings
from antiphon.core.errors import SetupError
from antiphon.hosts.stage import Stage
from antiphon.hosts.tracing.opening import open_tracing
from antiphon.hosts.tracing.sink import Finished
from antiphon.hosts.tracing.tracing import Tracing
from antiphon.session.spans import ROOT, Span

pytestmark = pytest.mark.anyio
STAGES = ["endpointing", "recognition", "routing", "retrieval", "model", "guardrail", "synthesis", "transport"]


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
        await caller.until("audio")
        samples = 0
        while not any(m["type"] == "remembered" and m["role"] == "agent" for m in caller.got):
            samples += 2400
            await caller.send(type="played", turn=1, samples=samples)
            async with asyncio.timeout(5):
                data = await caller.socket.recv()
            if isinstance(data, str):
                caller.got.append(json.loads(data))
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
    for before, after in zip(parts, parts[1:], strict=False):
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
