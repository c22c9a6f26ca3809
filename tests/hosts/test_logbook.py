"""The log of a call: every line of it says which conversation, which turn, in which state, whose, and how to find more."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from collector import collector
from house import client, house, parrot
from test_orchestrate import finish

from antiphon.agent.definition import Grounding, Question, Specialist
from antiphon.bench.ways import way
from antiphon.config import Settings
from antiphon.core.audio import Pcm
from antiphon.hosts.tracing.opening import open_tracing
from antiphon.logs import set_up_logging
from antiphon.wire import native

pytestmark = pytest.mark.anyio
LOUD = Pcm((b"\x00\x20" * 16 + b"\x00\xe0" * 16) * 300, 16_000)
"0.6 s that counts as speech."
OURS = {"conversation", "turn", "state", "user", "correlation"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, as JSON, at debug."""
    root, kept = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    told = io.StringIO()
    set_up_logging(Settings(log_json=True, log_level="debug"), told)
    root.setLevel(
        logging.WARNING
    )  # the callers are in this process too, and their library tells what it sends
    yield told
    root.handlers[:], root.level = handlers, level
    structlog.configure(**kept)


async def chatty(question: Question) -> Grounding:
    """A library, and a program of the operator's own, have something to say in the middle of a turn."""
    logging.getLogger("some.library").warning("the disk is warm")
    structlog.get_logger("my_agent").info("looking it up")
    return Grounding((f"You said: {question.text}",), is_certain=True)


def read(told: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in told.getvalue().splitlines()]


def of_session(told: io.StringIO, session: str) -> list[dict[str, object]]:
    """Its lines, each whole."""
    found = [line for line in read(told) if line.get("conversation") == session]
    for line in found:
        assert line.keys() >= OURS, line
    return found


async def test_every_line_of_a_spoken_turn_says_whose_it_is(tmp_path: Path, lines: io.StringIO) -> None:
    agent = replace(parrot(), specialists=(Specialist("only", "", chatty),))
    async with (
        house(tmp_path, agent) as (address, _),
        way("orchestrate")(f"http://{address}", agent="parrot", greet=False, key="") as caller,
    ):

        def is_heard() -> bool:
            told = (one.message for one in caller.messages)
            return any(isinstance(one, native.Remembered) and one.role == "agent" for one in told)

        await caller.say(LOUD)
        await caller.wait_for(is_heard, 10)
        session = str(caller.ready.session)
    told = of_session(lines, session)
    events = [line["event"] for line in told]
    for event in ("a conversation begins", "speech was recognized", "looking it up", "the disk is warm"):
        assert event in events
    answered = next(line for line in told if line["event"] == "a turn was answered")
    assert (answered["turn"], answered["user"], answered["state"]) == (1, "local", "speaking")
    assert sum(dict(answered["parts_ms"]).values()) == pytest.approx(answered["response_ms"], abs=0.1)  # type: ignore[call-overload]
    assert len({line["correlation"] for line in told}) == 1
    states = [line["to"] for line in told if line["event"] == "the state changed"]
    assert (states[0], states[-2:]) == ("listening", ["speaking", "idle"])
    assert "Hello." not in lines.getvalue()
    of_calls = [line for line in read(lines) if line.get("logger") in ("antiphon.call", "some.library")]
    assert of_calls
    assert all(line.get("conversation") == session for line in of_calls)


async def test_the_correlation_is_the_traces_id(tmp_path: Path, lines: io.StringIO) -> None:
    with collector() as received:
        async with house(tmp_path) as (address, stage), client(address) as caller:
            stage.tracing = open_tracing(Settings(otel_endpoint=received.address))
            assert stage.tracing is not None
            session = str((await caller.hello())["session"])
            await caller.send(type="text", text="Good day.")
            await finish(caller, 1)
            await caller.send(type="bye")
            await caller.closed()
        stage.tracing.close()
    assert {line["correlation"] for line in of_session(lines, session)} == {received.spans[0].trace}


async def test_two_calls_at_once_are_told_apart(tmp_path: Path, lines: io.StringIO) -> None:
    async with house(tmp_path) as (address, _), client(address) as one, client(address) as other:
        first, second = str((await one.hello())["session"]), str((await other.hello())["session"])
        await one.send(type="text", text="Good day.")
        await finish(one, 1)
        await other.send(type="text", text="Good night.")
        await finish(other, 1)
    for session in (first, second):
        answered = [line for line in of_session(lines, session) if line["event"] == "a turn was answered"]
        assert len(answered) == 1
    assert len({line["request_id"] for line in read(lines) if line["event"] == "a turn was answered"}) == 2
