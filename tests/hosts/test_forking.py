"""The same lines, asked again of another model: what is compared, by whom it may be asked, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from manor import ANNA, HEAD, OTHER, STRANGER, TEACHER, manor
from test_supervise import ask, writer

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.guardrail import Allow, Block, Verdict
from antiphon.agent.tools import Person, Tool
from antiphon.config import Settings
from antiphon.core import events as e
from antiphon.core.errors import CallerError, ProviderError
from antiphon.core.notes import RouteDecided
from antiphon.core.turns import Lines, TurnPolicy
from antiphon.hosts.forking import changed, fork
from antiphon.session.journal import Entry, Header, Item
from antiphon.testing.models import ScriptedModel

pytestmark = pytest.mark.anyio
HEADER = Header("s_story", "parrot", TurnPolicy(), Lines())


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def told(*items: Item) -> list[Entry]:
    return [Entry(float(at), item) for at, item in enumerate(items)]


def user(turn: int, text: str) -> Item:
    return e.Remember(turn, e.Role.USER, text)


def said(turn: int, text: str, is_cut: bool = False) -> Item:
    return e.Remember(turn, e.Role.AGENT, text, is_cut)


STORY = told(
    user(1, "One?"), RouteDecided(1, "only", 0.9), said(1, "First."),
    user(2, "Two?"), RouteDecided(2, "only", 0.9), said(2, "Second and", is_cut=True),
    user(3, "Three?"), RouteDecided(3, "only", 0.9), said(3, "Third."),
)  # fmt: skip


async def test_the_lines_from_a_turn_on_are_asked_again_in_the_light_of_what_went_before() -> None:
    model = ScriptedModel(["Second and last.", "Another third."])
    found = await fork(HEADER, STORY, 2, writer(), model)
    assert [(asked.turn, asked.text) for asked in found.asked] == [(2, "Two?"), (3, "Three?")]
    same, other = found.asked
    assert same.recorded.is_cut and same.forked.text == "Second and last." and not same.differs
    assert (other.recorded.text, other.forked.text, other.differs) == ("Third.", "Another third.", True)
    assert found.differences == 1 and found.model == "scripted/model" and found.usd == 0.0
    known = [[message.content for message in asked.messages[1:]] for asked in model.asked]
    assert known == [
        ["One?", "First.", "Two?"],
        ["One?", "First.", "Two?", "Second and last.", "Three?"],
    ], "the fork's own answers are its history"


async def test_no_more_than_asked_for_and_the_guardrail_stands() -> None:
    model = ScriptedModel(["A rude word.", "Fine."])
    found = await fork(HEADER, STORY, 1, writer(), model, most=1)
    assert len(found.asked) == 1 and "rude" not in found.asked[0].forked.text


async def test_a_model_that_fails_is_told_of_and_the_rest_is_asked() -> None:
    model = ScriptedModel(fail=ProviderError("the model is down"))
    found = await fork(HEADER, STORY, 2, writer(), model)
    assert [("down" in asked.error, asked.differs) for asked in found.asked] == [(True, True)] * 2


@pytest.mark.parametrize("turn", [4, 100])
async def test_a_turn_there_is_not(turn: int) -> None:
    with pytest.raises(CallerError, match="the last turn is 3"):
        await fork(HEADER, STORY, turn, writer(), None)


@pytest.mark.parametrize(
    ("changes", "remote"),
    [({"stt": "local/whisper-tiny"}, False), ({"secret": "x"}, False), ({"llm_base_url": "http://10.0.0.1"}, True),
     ({"llm": "local/any"}, True), ({"llm": "openai/gpt-5,local/any"}, True), ({"database_url": "x"}, True)],
)  # fmt: skip
def test_what_may_not_differ_is_named(tmp_path: Path, changes: dict[str, str], remote: bool) -> None:
    with pytest.raises(CallerError):
        changed(Settings(home=tmp_path), changes, is_remote=remote)


def test_what_may_differ_does(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, llm="openai/gpt-5")
    assert changed(settings, {"llm": "none"}).language_models == ()
    assert changed(settings, {"llm": "anthropic/claude-sonnet-5-5"}, is_remote=True).language_models == (
        "anthropic/claude-sonnet-5-5",
    )
    assert changed(settings, {"llm_gguf": "/tmp/a.gguf"}).llm_gguf == Path("/tmp/a.gguf")


async def test_over_http_supervisors_fork_what_they_may_see(tmp_path: Path) -> None:
    model = ScriptedModel(["Yes.", "Quite."])
    async with manor(tmp_path, writer(), model=model) as house:
        async with house.call() as (caller, session):
            await ask(caller, "Is it?")
            await caller.send(type="bye")
            await caller.parted()
        assert house.stage.records is not None
        await house.stage.records.flush()
        path, body = f"/api/sessions/{session}/fork", {"turn": 1}
        for person, status in ((ANNA, 403), (OTHER, 403), (STRANGER, 404), (None, 401)):
            async with house.http(person) as http:
                assert (await http.post(path, json=body)).status_code == status
        async with house.http(TEACHER) as http:
            answer = (await http.post(path, json=body)).json()
            [asked] = answer["asked"]
            assert (asked["recorded"]["text"], asked["forked"]["text"]) == ("Yes.", "Quite.")
            assert (answer["differences"], answer["turn"]) == (1, 1)
            none = (await http.post(path, json={**body, "settings": {"llm": "none"}})).json()
            assert none["asked"][0]["forked"]["text"] == "I don't know that one."
            for wrong, status in (
                ({"turn": 9}, 404), ({"turn": 0}, 422), ({"turn": 1, "most": 500}, 422), ({}, 422),
                ({"turn": 1, "settings": {"llm": "openai/gpt-5"}}, 400),
                ({"turn": 1, "settings": {"secret": "x"}}, 400),
                ({"turn": 1, "settings": {"llm": "local/any"}}, 400),
                ({"turn": 1, "settings": {"llm": "\0"}}, 400),
            ):  # fmt: skip
                answer = await http.post(path, json=wrong)
                assert answer.status_code == status, (wrong, answer.text)
        async with house.http(HEAD) as http:
            await http.delete("/api/people/anna")
            assert (await http.post(path, json=body)).status_code == 404


class Allowing:
    async def check_input(self, text: str) -> Verdict:
        return Block(("violence",), 0.9) if "knife" in text else Allow()

    async def check_output(self, text: str) -> Verdict:
        return Allow()


async def test_what_an_answer_leaves_behind_is_there_for_the_next() -> None:
    async def counting(question: Question) -> Grounding:
        count = int(str(question.memory.get("count", 0))) + 1
        return Grounding((f"Number {count}.",), is_certain=True, memory={"count": count})

    counter = Agent("parrot", "", (Specialist("only", "", counting),), Allowing())
    texts: Sequence[str] = [a.forked.text for a in (await fork(HEADER, STORY, 1, counter, None)).asked]
    assert texts == ["Number 1.", "Number 2.", "Number 3."]


async def test_nothing_is_changed_by_asking_again() -> None:
    booked: list[str] = []

    async def book(caller: Person, arguments: Mapping[str, object]) -> object:
        booked.append(str(arguments["slot"]))
        return "booked"

    async def ground(question: Question) -> Grounding:
        result = await question.use("book", {"slot": question.text})
        return Grounding(("Booked." if result.is_ok else "I could not.",), is_certain=True)

    tool = Tool("book", "Books a slot.", book, writes=True)
    agent = Agent("parrot", "", (Specialist("only", "", ground, (tool,)),), Allowing())
    found = await fork(HEADER, STORY, 3, agent, None)
    assert [asked.forked.text for asked in found.asked] == ["I could not."]
    assert booked == []
