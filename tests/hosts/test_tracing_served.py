"""Calls and their collectors: what is taken is told at /healthz, and what a collector does wrong no caller notices."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2 as httpx
import pytest
from collector import Receiver, collector
from house import client, house
from pydantic import SecretStr
from test_orchestrate import finish

from antiphon.config import Settings
from antiphon.hosts.tracing.opening import traced

pytestmark = pytest.mark.anyio

AGENT = """
from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Verdict


class Allowing:
    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Allow()


async def echo(question: Question) -> Grounding:
    return Grounding((f"You said: {question.text}",), is_certain=True)


agent = Agent("parrot", "", (Specialist("only", "", echo),), Allowing())
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def received() -> Iterator[Receiver]:
    with collector() as receiver:
        yield receiver


@pytest.fixture
def patience() -> Iterator[None]:
    """Collectors have a second to answer."""
    os.environ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "1"
    yield
    del os.environ["OTEL_EXPORTER_OTLP_TIMEOUT"]


async def turn(address: str) -> float:
    """Seconds until the answer to a typed line was heard."""
    async with client(address) as caller:
        await caller.hello()
        began = time.monotonic()
        await caller.send(type="text", text="Good day.")
        assert await finish(caller, 1)
        await caller.send(type="bye")
        await caller.closed()
        return time.monotonic() - began


async def telemetry(address: str) -> dict[str, object]:
    async with httpx.AsyncClient(base_url=f"http://{address}") as http:
        return dict((await http.get("/healthz")).json()["telemetry"])


async def health(address: str, count: str, within: float = 15.0) -> dict[str, object]:
    """What /healthz says of spans, once that count is above 0."""
    async with asyncio.timeout(within):
        while not (told := await telemetry(address))[count]:
            await asyncio.sleep(0.05)
    return told


async def test_what_is_taken_is_told(tmp_path: Path, received: Receiver) -> None:
    async with (
        traced(Settings(otel_endpoint=received.address)) as tracing,
        house(tmp_path) as (address, stage),
    ):
        stage.tracing = tracing
        await turn(address)
        told = await health(address, "acknowledged")
        assert (told["failed"], told["last_error"]) == (0, "")


async def test_a_collector_that_fails_is_told_and_the_call_goes_on(
    tmp_path: Path, received: Receiver
) -> None:
    received.status = 500
    async with (
        traced(Settings(otel_endpoint=received.address)) as tracing,
        house(tmp_path) as (address, stage),
    ):
        stage.tracing = tracing
        await turn(address)
        told = await health(address, "failed")
        assert told["acknowledged"] == 0
        assert "500" in str(told["last_error"])
        received.status = 200
        await turn(address)
        assert (await health(address, "acknowledged"))["last_error"] == ""


async def test_a_collector_that_hangs_keeps_nobody_waiting(
    tmp_path: Path, received: Receiver, patience: None
) -> None:
    async with house(tmp_path) as (address, stage):
        usual = await turn(address)
        received.answers.clear()
        async with traced(Settings(otel_endpoint=received.address)) as tracing:
            stage.tracing = tracing
            assert await turn(address) < usual + 1.0
            assert await turn(address) < usual + 1.0
            told = await health(address, "failed")
            assert told["acknowledged"] == 0
            assert "timed out" in str(told["last_error"]).lower()
            began = time.monotonic()
        assert time.monotonic() - began < 5.0  # a server that stops does not wait for it either


async def test_langfuse_takes_who_shows_its_keys(tmp_path: Path, received: Receiver) -> None:
    received.basic = base64.b64encode(b"pk-1:sk-2").decode()
    keys = {"langfuse_public_key": "pk-1", "langfuse_host": received.address}
    for secret, is_taken in (("sk-9", False), ("sk-2", True)):
        settings = Settings(**keys, langfuse_secret_key=SecretStr(secret))  # type: ignore[arg-type]
        async with traced(settings) as tracing, house(tmp_path / secret) as (address, stage):
            stage.tracing = tracing
            await turn(address)
            told = await health(address, "acknowledged" if is_taken else "failed")
            assert bool(told["failed"]) is not is_taken
    assert set(received.paths) == {"/api/public/otel/v1/traces"}
    generation = {span.told.get("langfuse.observation.type") for span in received.spans}
    assert "agent" in generation
    assert all(span.told["session.id"] and span.told["user.id"] for span in received.spans)


@asynccontextmanager
async def served(home: Path, **environment: str) -> AsyncIterator[str]:
    """The address of `antiphon serve`, a process of its own."""
    (home / "my_agent.py").write_text(AGENT, encoding="utf-8")
    own = {
        **os.environ,
        "ANTIPHON_HOME": str(home),
        "ANTIPHON_STORE": "off",
        "ANTIPHON_PORT": "0",
        **environment,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "antiphon", "serve", f"{home / 'my_agent.py'}:agent"),
        env=own,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(240):
            while (found := re.search(r"ready: http://(\S+)", said)) is None:
                line = await process.stdout.readline()
                assert line, said
                said += line.decode()
        reading = asyncio.create_task(process.stdout.read())
        yield found[1]
        process.terminate()
        await asyncio.wait_for(reading, 30)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.models
async def test_a_server_is_told_its_collectors_by_the_environment(tmp_path: Path, received: Receiver) -> None:
    received.basic = ""
    async with served(
        tmp_path,
        OTEL_EXPORTER_OTLP_ENDPOINT=received.address,
        LANGFUSE_PUBLIC_KEY="pk-1",
        LANGFUSE_SECRET_KEY="sk-2",
        LANGFUSE_HOST=received.address,
        ANTIPHON_NODE="north",
    ) as address:
        await turn(address)
        told = await health(address, "acknowledged", 30)
        assert (told["failed"], told["last_error"]) == (0, "")
        async with httpx.AsyncClient(base_url=f"http://{address}") as http:
            metrics = (await http.get("/metrics")).text
        for sent_to in ("otlp", "langfuse"):
            assert f'antiphon_trace_spans_total{{collector="{sent_to}",result="failed"}} 0.0' in metrics
    # The rest went when the server stopped.
    assert set(received.paths) == {"/v1/traces", "/api/public/otel/v1/traces"}
    assert {span.node for span in received.spans} == {"north"}
    names = [span.name for span in received.spans]
    assert names.count("session parrot") == names.count("invoke_agent parrot") == 2
    by_path = dict(zip(received.paths, received.headers, strict=True))
    basic = base64.b64encode(b"pk-1:sk-2").decode()
    assert by_path["/api/public/otel/v1/traces"]["authorization"] == f"Basic {basic}"
    assert "authorization" not in by_path["/v1/traces"]
