"""Code that holds the event loop up is named."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import httpx2 as httpx
import pytest
from house import client, house
from prometheus_client import generate_latest

from antiphon.hosts.metrics import Metrics
from antiphon.hosts.stalls import watched

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def compute_too_long() -> None:
    until = time.perf_counter() + 0.6
    while time.perf_counter() < until:
        sum(range(100))


async def stalls_of(metrics: Metrics) -> list[str]:
    """What is counted, once there is something."""
    async with asyncio.timeout(5):
        while True:
            await asyncio.sleep(0.05)
            text = generate_latest(metrics.registry).decode()
            if found := [
                line for line in text.splitlines() if line.startswith("antiphon_loop_stalls_total{")
            ]:
                return found


async def test_a_function_that_computes_too_long_is_named() -> None:
    metrics = Metrics()
    async with watched(300, metrics):
        await asyncio.sleep(0.05)
        compute_too_long()
        found = await stalls_of(metrics)
    assert any("test_stalls.py" in line and " compute_too_long" in line for line in found)


async def test_a_library_that_waits_counts_for_whoever_called_it() -> None:
    metrics = Metrics()
    async with watched(300, metrics):
        await asyncio.sleep(0.05)
        time.sleep(0.7)  # noqa: ASYNC251  the fault that is to be found
        found = await stalls_of(metrics)
    assert any(" test_a_library_that_waits_counts_for_whoever_called_it" in line for line in found)


async def test_nobody_looks_for_culprits_unless_asked_to_and_the_lag_is_measured_all_the_same() -> None:
    metrics = Metrics()
    async with watched(0, metrics):
        compute_too_long()
        await asyncio.sleep(0.3)
    text = generate_latest(metrics.registry).decode()
    assert "antiphon_loop_stalls_total{" not in text
    counts = dict(re.findall(r'antiphon_loop_lag_seconds_bucket\{le="([\d.]+|\+Inf)"\} (\S+)', text))
    assert float(counts["+Inf"]) > float(counts["0.1"])


async def test_the_metrics_tell_who_is_in_which_phase(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), client(address) as caller:
        await caller.hello()
        async with httpx.AsyncClient() as http:
            metrics = (await http.get(f"http://{address}/metrics")).text
    assert 'antiphon_sessions_in_phase{agent="parrot",phase="idle"} 1.0' in metrics
    assert 'antiphon_sessions_in_phase{agent="parrot",phase="speaking"} 0.0' in metrics
    assert "process_resident_memory_bytes" in metrics
