"""The checks of OpenAI's protocol: our own server passes, and a broken one is found out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from antiphon.bench.conformance.checking import Level
from antiphon.bench.conformance.running import conformance, endpoint
from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError
from bench.faulty_realtime import DeadTruncate, Fault, LateCreated, anonymous_errors, faulty, nulls
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
        found = await conformance(
            address, model="parrot", only=[level], question=NOISE, within_s=12.0, at_once=8
        )
        assert {r.name: r.reason for r in found.results if not r.has_passed} == {}
        assert len(found.results) > 15


FAULTS: list[tuple[Fault, set[str], set[str]]] = [
    (nulls, {"events_are_valid"}, {"item_keeps_its_id", "error_names_the_event"}),
    (LateCreated(), {"response_in_text", "responses_keep_their_order"}, {"truncated", "item_keeps_its_id"}),
    (DeadTruncate(), {"truncated", "truncated_when_complete"}, {"response_in_text", "events_are_valid"}),
    (
        anonymous_errors,
        {"error_names_the_event", "item_id_taken", "nothing_to_cancel", "one_response_at_a_time"},
        {"item_keeps_its_id", "truncated", "events_are_valid"},
    ),
]


@pytest.mark.parametrize(("fault", "found_out", "not_to_blame"), FAULTS)
async def test_a_faulty_server_is_found_out(
    tmp_path: Path, fault: Fault, found_out: set[str], not_to_blame: set[str]
) -> None:
    async with house(tmp_path) as (good, _), faulty(good, fault) as address:
        names = sorted(found_out | not_to_blame | {"events_are_valid"})
        found = await conformance(
            address, model="parrot", only=names, question=NOISE, within_s=4.0, at_once=8
        )
        told = {r.name: r.reason for r in found.results if not r.has_passed}
        assert set(told) == found_out, told
        assert found.exit_code == 1


async def test_a_check_that_nobody_knows_is_not_run() -> None:
    with pytest.raises(CallerError, match="no check is called 'smell'"):
        await conformance("nowhere:1", only=["smell"], question=NOISE)


async def test_where_there_is_no_server_every_check_says_so() -> None:
    found = await conformance("127.0.0.1:9", only=["session_created"], question=NOISE)
    assert found.failed() == ["session_created"]
    assert "no connection" in found.results[0].reason
    assert json.loads(found.json())["P0"] == {"checks": 1, "failed": 1}


def test_an_address_may_be_given_as_people_write_it() -> None:
    for written in ("h:1", "http://h:1", "http://h:1/v1", "ws://h:1/v1/realtime", "http://h:1/"):
        assert endpoint(written) == "ws://h:1/v1/realtime"
    assert endpoint("https://h/openai/v1") == "wss://h/openai/v1/realtime"
