"""Every HTTP route, asked what its schema allows and what it does not: no answer is a fault of ours."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from manor import ANNA, HEAD, TEACHER, Manor, manor
from schemathesis import Case, GenerationMode
from test_api import call, caller_for_help

from antiphon.core.records import SERVICE
from antiphon.hosts.server import create_app

EXAMPLES = 25
"Of each route and mode. More were run by hand; each takes about 5 ms."
ENDLESS = "/api/changes"


@dataclass
class Served:
    house: Manor
    schema: schemathesis.BaseSchema
    tokens: dict[str, str]
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
            people = {person.role.value: house.token(person) for person in (ANNA, TEACHER, HEAD)}
            schema = schemathesis.openapi.from_dict(app.openapi())
            begun.append(Served(house, schema, people, [session, escalation.id, "s_nobodyknows"]))
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(30)
    yield begun[0]
    done.set()
    thread.join(30)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_is_a_fault(served: Served, mode: GenerationMode) -> None:
    asked: dict[str, set[int]] = {}
    for found in served.schema.get_all_operations():
        operation = found.ok()
        if operation.path == ENDLESS:
            continue
        statuses = asked.setdefault(operation.label, set())

        @settings(
            max_examples=EXAMPLES, deadline=None, phases=(Phase.explicit, Phase.generate), database=None,
            suppress_health_check=list(HealthCheck), derandomize=True,
        )  # fmt: skip
        @given(
            operation.as_strategy(generation_mode=mode),
            st.sampled_from([*served.tokens.values(), "rubbish", ""]),
            st.sampled_from([*served.ids, None]),
        )
        def ask(case: Case, token: str, id: str | None, statuses: set[int] = statuses) -> None:
            if id is not None and "id" in case.path_parameters:
                case.path_parameters["id"] = id
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = case.call(base_url=f"http://{served.house.address}", headers=headers, timeout=5)
            assert answer.status_code < 500, (case.as_curl_command(), answer.text)
            statuses.add(answer.status_code)

        ask()
    assert len(asked) >= 15
    if mode is GenerationMode.POSITIVE:
        assert all(200 in asked[route] for route in ("GET /api/sessions", "GET /api/escalations"))
