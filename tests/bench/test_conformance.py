"""The checks of OpenAI's protocol: our own server passes, and a broken one is found out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.bench.conformance.checking import Level
from antiphon.bench.conformance.running import conformance, endpoint
from antiphon.core.audio import Pcm
from hosts.house import house, parrot

pytestmark = pytest.mark.anyio
NOISE = Pcm((np.sin(np.arange(24_000) * 0.3) * 9000).astype("<i2").tobytes(), 24_000)
"One second that counts as speech."


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("level", list(Level))
async def test_our_own_server_passes(tmp_path: Path, level: Level) -> None:
    agent = parrot(greeting="Good morning.", prompts=("Are you there?",))
    async with house(tmp_path, agent) as (address, _):
        found = await conformance(address, model="parrot", only=[level], question=NOISE, within_s=8.0)
        assert {r.name: r.reason for r in found.results if not r.has_passed} == {}
        assert len(found.results) > 15


def test_an_address_may_be_given_as_people_write_it() -> None:
    for written in ("h:1", "http://h:1", "http://h:1/v1", "ws://h:1/v1/realtime", "http://h:1/"):
        assert endpoint(written) == "ws://h:1/v1/realtime"
    assert endpoint("https://h/openai/v1") == "wss://h/openai/v1/realtime"
