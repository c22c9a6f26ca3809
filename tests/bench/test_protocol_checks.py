"""The checks of OpenAI's protocol: our own server passes, and a broken one is found out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from starlette.responses import Response

from antiphon.bench.conformance.checking import CHECKS, Level, check
from antiphon.bench.conformance.connection import Server
from antiphon.bench.conformance.expecting import NotRun
from antiphon.bench.conformance.running import conformance, endpoint, known
from antiphon.bench.conformance.showing import show_conformance
from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError
from bench.faulty_calls import Faults, faulty_calls
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
            address, model="parrot", only=[level], question=NOISE, within_s=20.0, at_once=8
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


def status_200(answer: Response) -> Response:
    answer.status_code = 200
    return answer


def nowhere(answer: Response) -> Response:
    """The call cannot be found: no Location."""
    if "location" in answer.headers:
        del answer.headers["location"]
    return answer


def apology(answer: Response) -> Response:
    """Whoever is refused gets a page."""
    return answer if answer.status_code < 400 else Response("<h1>Sorry</h1>", 500)


def still_there(answer: Response) -> Response:
    return Response(status_code=404) if answer.media_type is None else answer


def never(*kinds: str) -> Fault:
    return lambda event: [] if event["type"] in kinds else [event]


CALL_FAULTS: list[tuple[Faults, set[str]]] = [
    (Faults("good"), set()),
    (
        Faults("200", answer=status_200),
        {"call_by_raw_offer", "call_by_form", "call_is_heard", "call_gives_way"},
    ),
    (Faults("no Location", answer=nowhere), {"call_by_raw_offer", "call_is_hung_up", "call_has_a_sideband"}),
    (Faults("a page for an error", answer=apology), {"call_refuses_garbage"}),
    (Faults("mute", is_mute=True), {"call_is_heard", "call_speaks_out_of_band", "call_has_a_sideband"}),
    (Faults("sounds on", is_deaf_to_clear=True), {"call_gives_way", "call_clears_what_sounds"}),
    (Faults("nothing truncated", event=never("conversation.item.truncated")), {"call_gives_way"}),
    (
        Faults("no events of the playback", event=never("output_audio_buffer.stopped")),
        {"call_is_heard", "call_speaks_out_of_band", "call_has_a_sideband"},
    ),
    (Faults("nobody beside", has_sideband=False), {"call_has_a_sideband"}),
]


@pytest.mark.parametrize(("faults", "found_out"), CALL_FAULTS, ids=[str(faults) for faults, _ in CALL_FAULTS])
async def test_a_server_of_faulty_calls_is_found_out(
    tmp_path: Path, faults: Faults, found_out: set[str]
) -> None:
    async with faulty_calls(tmp_path, faults) as address:
        names = found_out | {"call_by_raw_offer", "call_clears_what_sounds", "call_refuses_garbage"}
        if not found_out:
            names = {name for name in known()[0] if name.startswith("call_")}
        if faults.name == "200":
            names = found_out
        found = await conformance(
            address,
            model="parrot",
            only=sorted(names),
            question=NOISE,
            within_s=4.0 if found_out else 20.0,
            at_once=4,
        )
        told = {r.name: r.reason for r in found.results if not r.has_passed}
        assert set(told) == found_out, told


async def test_what_cannot_be_tried_here_is_neither_passed_nor_failed() -> None:
    @check(Level.P0)
    async def flies(server: Server) -> None:
        """It flies."""
        raise NotRun("needs wings")

    try:
        found = await conformance("nowhere:1", only=["flies"], question=NOISE)
    finally:
        del CHECKS["flies"]
    assert (found.failed(), found.exit_code) == ([], 0)
    assert not found.results[0].has_passed
    assert json.loads(found.json())["P0"] == {"checks": 1, "failed": 0, "not_run": 1}
    shown = Console(record=True, width=120)
    show_conformance(shown, found)
    assert "needs wings" in (text := shown.export_text())
    assert "P0: 0 of 1 passed, 1 not run" in text


async def test_a_check_that_nobody_knows_is_not_run() -> None:
    with pytest.raises(CallerError, match="no check is called 'smell'"):
        await conformance("nowhere:1", only=["smell"], question=NOISE)


async def test_where_there_is_no_server_every_check_says_so() -> None:
    found = await conformance("127.0.0.1:9", only=["session_created"], question=NOISE)
    assert found.failed() == ["session_created"]
    assert "no connection" in found.results[0].reason
    assert json.loads(found.json())["P0"] == {"checks": 1, "failed": 1, "not_run": 0}


def test_an_address_may_be_given_as_people_write_it() -> None:
    for written in ("h:1", "http://h:1", "http://h:1/v1", "ws://h:1/v1/realtime", "http://h:1/"):
        assert endpoint(written) == "ws://h:1/v1/realtime"
    assert endpoint("https://h/openai/v1") == "wss://h/openai/v1/realtime"
