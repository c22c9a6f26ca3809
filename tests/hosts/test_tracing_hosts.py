"""One spoken turn by every host: a collector gets the same spans, of the same names, lying in the same places."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from collector import Received, Receiver, collector
from hall import Hall, hall
from house import client
from nodes import node
from test_orchestrate import finish

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Rewrite, Verdict
from antiphon.agent.routing import Route
from antiphon.agent.tools import Person, Tool
from antiphon.bench.ways import WAYS, way
from antiphon.config import Settings
from antiphon.core.transcript import Line as Spoken
from antiphon.hosts.tracing.opening import open_tracing
from antiphon.ports import Message, ToolCall, ToolSpec, Usage
from antiphon.testing.records import MemoryStore
from antiphon.wire import native

pytestmark = pytest.mark.anyio

QUESTION, ANSWER = "Who lives at number five?", "Nobody at all."
WITHIN = 40.0
"Seconds for a call: the first room loads LiveKit's framework."
HOST = {"webrtc": "realtime"}
"Ways that are another carrier of the same host."
PARTS = (
    *("voice.endpointing", "voice.recognition", "voice.routing", "voice.retrieval", "voice.model"),
    *("voice.guardrail", "voice.synthesis", "voice.transport"),
)
TURN = "invoke_agent guide"
TREE = {
    ("session guide", ""),
    (TURN, "session guide"),
    ("execute_tool look_up", TURN),
    ("chat gpt-4.1-mini", TURN),
    ("voice.playout", TURN),
    *((part, TURN) for part in PARTS),
    ("voice.hung_up", "session guide"),
}
"Every span of a call with one turn, and the one that it lies in."
NOT_OURS = {"direct": {("voice.endpointing", TURN), ("voice.recognition", TURN)}}
"What happens at a provider's before a question reaches us, by way."


class Rails:
    """Hides numbers."""

    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Rewrite(text.replace("Nobody", "No one"), ("pii",), 0.8) if "Nobody" in text else Allow()


class Chooser:
    async def route(self, conversation: Sequence[Spoken], utterance: str) -> Route:
        return Route("houses", 0.9, "a house was asked for")


class Writing:
    """A hosted model with a price, which takes its time and tells what it used."""

    name = "openai/gpt-4.1-mini"
    supplies_facts = True

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec] = (), temperature: float = 0.3
    ) -> AsyncGenerator[str | ToolCall | Usage, None]:
        await asyncio.sleep(0.02)
        yield ANSWER
        yield Usage(self.name, 100, 20, tokens_cached=50)


async def look_up(caller: Person, arguments: Mapping[str, object]) -> object:
    await asyncio.sleep(0.01)
    return "nobody"


async def asked(question: Question) -> Grounding:
    await question.use("look_up", {"number": 5})
    return Grounding(("Nobody lives at number five.",))


AGENT = Agent(
    "guide",
    "",
    (
        Specialist("houses", "", asked, (Tool("look_up", "Who lives there.", look_up),)),
        Specialist("streets", "", asked),
    ),
    Rails(),
    Chooser(),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def received() -> Iterator[Receiver]:
    with collector() as receiver:
        yield receiver


async def call(house: Hall, via: str) -> str:
    """The session of a call by that way in which one question was asked aloud, and its answer heard."""

    async with (
        asyncio.timeout(WITHIN),
        way(via)(f"http://{house.address}", agent="guide", greet=False, key="") as caller,
    ):

        def is_heard() -> bool:
            told = (one.message for one in caller.messages)
            return any(isinstance(one, native.Remembered) and one.role == "agent" for one in told)

        await caller.say(house.tones.said(QUESTION))
        await caller.wait_for(is_heard, WITHIN)
        return str(caller.ready.session)


def edges(spans: Sequence[Received]) -> set[tuple[str, str]]:
    names = {span.id: span.name for span in spans}
    return {(span.name, names[span.parent] if span.parent else "") for span in spans}


async def test_every_host_tells_the_same_spans_of_a_turn(tmp_path: Path, received: Receiver) -> None:
    tracing = open_tracing(Settings(otel_endpoint=received.address))
    assert tracing is not None
    sessions: dict[str, str] = {}
    async with hall(tmp_path, AGENT, (QUESTION,), {}) as house:
        house.stage.tracing = tracing
        house.stage.providers = replace(house.stage.providers, model=Writing())
        for via in WAYS:
            sessions[via] = await call(house, via)
        async with asyncio.timeout(10):
            while house.stage.sessions:
                await asyncio.sleep(0.02)
        await asyncio.to_thread(tracing.close)
    for via, session in sessions.items():
        spans = [span for span in received.spans if span.told["session.id"] == session]
        assert edges(spans) == TREE - NOT_OURS.get(via, set()), via
        whole(via, spans)
    traces = {span.told["session.id"]: span.trace for span in received.spans}
    assert len({traces[session] for session in sessions.values()}) == len(WAYS)


def whole(via: str, spans: Sequence[Received]) -> None:
    """The tree holds together, and every span says whose it is and where it happened."""
    (root,) = [span for span in spans if not span.parent]
    (turn,) = [span for span in spans if span.name == TURN]
    (chat,) = [span for span in spans if span.name.startswith("chat")]
    (tool,) = [span for span in spans if span.name.startswith("execute_tool")]
    assert {span.trace for span in spans} == {root.trace}
    for span in spans:
        assert span.told["session.id"] == span.told["gen_ai.conversation.id"] == root.told["session.id"]
        assert span.told["user.id"] == "local"
        assert span.told["voice.host"] == HOST.get(via, via)
        assert span.told["voice.tenant"] == "local"
        assert root.start - 1e6 <= span.start <= span.end <= root.end + 1e6
    assert turn.told["voice.route.specialist"] == turn.told["gen_ai.agent.name"] == "houses"
    assert turn.told["voice.guardrail.action"] == "rewrite"
    assert [name for name, _ in turn.events].count("voice.guardrail") == 1
    assert (turn.told["voice.asked_words"], turn.told["voice.heard_words"]) == (5, 4)
    assert turn.told["voice.interrupted"] is False
    assert chat.told["gen_ai.operation.name"] == "chat"
    assert (chat.told["gen_ai.provider.name"], chat.told["gen_ai.request.model"]) == (
        "openai",
        "gpt-4.1-mini",
    )
    assert (chat.told["gen_ai.usage.input_tokens"], chat.told["gen_ai.usage.output_tokens"]) == (150, 20)
    assert float(str(chat.told["voice.usd"])) > 0
    assert tool.told["gen_ai.tool.name"] == "look_up"
    assert tool.told["voice.tool.outcome"] == "done"
    parts = sorted((span for span in spans if span.name in PARTS), key=lambda span: span.start)
    assert math.isclose(
        sum(part.ms for part in parts), float(str(turn.told["voice.response_ms"])), abs_tol=0.1
    )
    assert all(abs(before.end - after.start) < 1000 for before, after in pairwise(parts))


async def test_a_call_that_goes_on_at_another_node_is_one_trace(tmp_path: Path, received: Receiver) -> None:
    store, hello = MemoryStore(), {"type": "hello", "agent": "scripted", "greet": False}
    async with node(tmp_path, store, "one") as one, node(tmp_path, store, "two") as two:
        for here, name in ((one, "one"), (two, "two")):
            here.stage.tracing = open_tracing(Settings(otel_endpoint=received.address, node=name))
        async with client(one.address) as first:
            ready = await first.hello(agent="scripted")
            await first.send(type="text", text="Who left?", id=1)
            await first.until("sentence")
            first.socket.transport.abort()
        async with client(two.address) as back:
            await back.send(**hello, session=ready["session"], resume=ready["resume"])
            await finish(back, 2)
            await back.send(type="bye")
            await back.closed()
        for here in (one, two):
            async with asyncio.timeout(5):
                while here.stage.sessions:
                    await asyncio.sleep(0.02)
            assert here.stage.tracing is not None
            await asyncio.to_thread(here.stage.tracing.close)
    spans = received.spans
    (root,) = [span for span in spans if not span.parent]
    assert {span.trace for span in spans} == {root.trace}
    assert len({span.id for span in spans}) == len(spans)
    ids = {span.id for span in spans}
    assert all(span.parent in ids for span in spans if span is not root)
    turns = {span.told["voice.turn"]: span for span in received.named("invoke_agent")}
    assert (turns[1].node, turns[2].node, root.node) == ("one", "two", "two")
    assert turns[2].told["voice.is_continued"] is True
    assert [span.node for span in received.named("voice.caller_returned")] == ["two"]
    assert all(span.told["session.id"] == ready["session"] and span.told["user.id"] for span in spans)
    assert all(root.start - 2e6 <= span.start <= span.end <= root.end + 1e6 for span in spans)
