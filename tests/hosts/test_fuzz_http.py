"""Every HTTP route, asked what its schema allows and what it does not: no answer is a fault of ours."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from manor import ANNA, HEAD, TEACHER, Manor, manor
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation
from test_api import call, caller_for_help

from antiphon.core.records import SERVICE
from antiphon.hosts.application import create_app
from antiphon.hosts.security.people import Person

EXAMPLES = 25
"Of each route and mode. More were run by hand; each takes about 5 ms."
ENDLESS = "/api/changes"


@dataclass
class Served:
    house: Manor
    schema: schemathesis.BaseSchema
    ids: list[str]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A server with something in it, on a thread and a loop of its own."""
    begun: list[Served] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        home = Path(tempfile.mkdtemp(prefix="antiphon-fuzz-"))
        async with manor(home, caller_for_help(), max_body_kb=64) as house:
            session = await call(house, ANNA, "help")
            assert house.stage.records is not None
            [escalation] = await house.stage.records.escalations(SERVICE)
            app = create_app(house.stage, house.security)
            schema = schemathesis.openapi.from_dict(app.openapi())
            begun.append(Served(house, schema, [session, escalation.id, "s_nobodyknows"]))
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(30)
    yield begun[0]
    done.set()
    thread.join(30)


def ask_all(served: Served, operation: APIOperation, mode: GenerationMode) -> set[int]:
    """The statuses of the answers to what the route allows, or to what it does not."""
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES, deadline=None, phases=(Phase.explicit, Phase.generate), database=None,
        suppress_health_check=list(HealthCheck), derandomize=True,
    )  # fmt: skip
    @given(
        operation.as_strategy(generation_mode=mode),
        st.sampled_from([ANNA, TEACHER, HEAD, None]),
        st.sampled_from([*served.ids, None]),
    )
    def ask(case: Case, person: Person | None, id: str | None) -> None:
        if id is not None and "id" in case.path_parameters:
            case.path_parameters["id"] = id
        # Another token each time: one of the routes signs out.
        headers = {"Authorization": f"Bearer {served.house.token(person)}"} if person else {}
        answer = case.call(base_url=f"http://{served.house.address}", headers=headers, timeout=5)
        assert answer.status_code < 500, (case.as_curl_command(), answer.text)
        statuses.add(answer.status_code)

    with suppress(Unsatisfiable):  # a route that takes nothing cannot be asked wrongly
        ask()
    return statuses


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_is_a_fault(served: Served, mode: GenerationMode) -> None:
    operations = [found.ok() for found in served.schema.get_all_operations()]
    asked = {o.label: ask_all(served, o, mode) for o in operations if o.path != ENDLESS}
    assert len(asked) >= 15
    if mode is GenerationMode.POSITIVE:
        assert all(200 in asked[route] for route in ("GET /api/sessions", "GET /api/escalations"))
