"""Tools in a conversation: writing ones only once the caller is done, and no fault of theirs ends the call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from scene import agent, hold

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.tools import ANYBODY, Person, Tool
from antiphon.core import events as e
from antiphon.core.notes import ToolUsed
from antiphon.session.journal import read
from antiphon.session.past import past
from antiphon.session.toolbox import Toolbox
from antiphon.testing.clock import run
from antiphon.testing.loopback import Loopback, Saying


class Ledger:
    """A tool that counts how often it was run, and for whom."""

    def __init__(self, takes: float = 0.0) -> None:
        self.entries: list[tuple[float, str, Mapping[str, object]]] = []
        self.takes = takes

    async def write(self, caller: Person, arguments: Mapping[str, object]) -> object:
        await asyncio.sleep(self.takes)
        self.entries.append((asyncio.get_running_loop().time(), caller.id, arguments))
        return {"number": len(self.entries)}


def booking(tool: Tool) -> Agent:
    async def ground(question: Question) -> Grounding:
        result = await question.use(tool.name, {"slot": question.text})
        return Grounding(("Done." if result.is_ok else "That failed.",), is_certain=True)

    return replace(agent("x"), specialists=(Specialist("only", "", ground, (tool,)),))


def said_by_agent(session: object) -> list[str]:
    return [line.text for line in session.transcript if line.role is e.Role.AGENT]  # type: ignore[attr-defined]


def test_a_tool_that_writes_runs_once_though_its_reply_was_begun_twice() -> None:
    ledger = Ledger()
    tool = Tool("book", "Books a slot.", ledger.write, writes=True)
    # A pause in the middle: the reply to the first half is begun, and thrown away when the caller goes on.
    caller = Loopback([Saying(0.5, 1.0), Saying(1.9, 1.0)], hang_up_at=9)
    session = run(hold(caller, booking(tool), ["Book Tuesday"], scores=[0.3, 0.98]))
    begun = [x for _, x in caller.shown if isinstance(x, e.StartReply)]
    assert len(begun) > 1, "nothing was begun early: this shows nothing"
    assert [arguments for _, _, arguments in ledger.entries] == [{"slot": "Book Tuesday"}]
    assert said_by_agent(session) == ["Done."]
    [used] = [x for _, x in caller.shown if isinstance(x, ToolUsed)]
    assert (used.tool, used.outcome) == ("book", "done")


def test_specialists_and_tools_know_which_conversation_they_are_in() -> None:
    told: list[str] = []

    async def keep(caller: Person, arguments: Mapping[str, object]) -> object:
        told.append(caller.session)
        return None

    async def ground(question: Question) -> Grounding:
        told.append(question.session)
        await question.use("keep", {})
        return Grounding(("Kept.",), is_certain=True)

    tools = (Tool("keep", "Keeps it for this conversation.", keep),)
    keeper = replace(agent("x"), specialists=(Specialist("only", "", ground, tools),))
    run(hold(Loopback(acts=[(0.5, e.Typed("Keep it.")), (4.0, e.Typed("And this."))], hang_up_at=9), keeper))
    assert told == ["s"] * 4
    assert Person("7", session="s") == Person("7", session="another")


def test_a_tool_that_only_reads_does_not_wait() -> None:
    ledger = Ledger()
    tool = Tool("look", "Looks.", ledger.write)
    caller = Loopback([Saying(0.5, 1.0)], hang_up_at=8)
    run(hold(caller, booking(tool), scores=[0.3]))
    confirmed = next(t for t, x in caller.shown if isinstance(x, e.ConfirmReply))
    assert ledger.entries[0][0] < confirmed


def test_an_interruption_does_not_tear_a_writing_tool_in_two() -> None:
    ledger = Ledger(takes=1.0)
    tool = Tool("book", "Books a slot.", ledger.write, writes=True)
    caller = Loopback([Saying(0.5, 1.0)], acts=[(2.6, e.InterruptAsked())], hang_up_at=8)
    run(hold(caller, booking(tool)))
    assert len(ledger.entries) == 1
    assert [x.outcome for _, x in caller.shown if isinstance(x, ToolUsed)] == ["done"]


def remembering(tool: Tool) -> Agent:
    """Books what is said, and tells of what it booked before."""

    async def ground(question: Question) -> Grounding:
        if question.text.endswith("?"):
            return Grounding((f"You have {question.memory.get('booked', 'nothing')}.",), is_certain=True)
        result = await question.use(tool.name, {"slot": question.text})
        return Grounding(("Done.",), is_certain=True, memory={"booked": str(result.value)})

    return replace(agent("x"), specialists=(Specialist("only", "", ground, (tool,)),))


@pytest.mark.parametrize("takes", [0.0, 1.0], ids=["before a word was heard", "while it was done"])
@pytest.mark.parametrize("at", [0.56, 0.6, 0.9, 1.4])
def test_what_was_done_is_remembered_though_nothing_of_it_was_heard(
    takes: float, at: float, tmp_path: Path
) -> None:
    ledger = Ledger(takes)
    tool = Tool("book", "Books a slot.", ledger.write, writes=True)
    acts = [(0.5, e.Typed("Tuesday")), (at, e.InterruptAsked()), (at + 0.1, e.Typed("What have I booked?"))]
    journal = tmp_path / "journal"
    session = run(hold(Loopback(acts=acts, hang_up_at=9), remembering(tool), path=journal))
    assert len(ledger.entries) == 1
    assert said_by_agent(session)[-1].endswith("You have {'number': 1}.")
    assert past(*read(journal)).memory["booked"] == "{'number': 1}"


async def _raises(caller: Person, arguments: Mapping[str, object]) -> object:
    raise RuntimeError("the ledger is on fire")


async def _hangs(caller: Person, arguments: Mapping[str, object]) -> object:
    await asyncio.sleep(3600)
    return None


async def _floods(caller: Person, arguments: Mapping[str, object]) -> object:
    return "x" * 1_000_000


async def _garbage(caller: Person, arguments: Mapping[str, object]) -> object:
    return object()


@pytest.mark.parametrize(
    ("act", "outcome", "told"),
    [
        (_raises, "failed", "the ledger is on fire"),
        (_hangs, "timed_out", "longer than 8 seconds"),
        (_floods, "failed", "1000002 characters"),
        (_garbage, "failed", "not JSON serializable"),
    ],
)
def test_whatever_a_tool_does_the_call_goes_on(act, outcome: str, told: str) -> None:
    notes: list[ToolUsed] = []

    async def story() -> str:
        confirmed = asyncio.Event()
        box = Toolbox([Tool("t", "", act)], ANYBODY, 1, confirmed.wait, notes.append)
        return (await box.use("t", {})).error

    assert told in run(story())
    assert [note.outcome for note in notes] == [outcome]
    caller = Loopback([Saying(0.5, 1.0)], hang_up_at=20)
    session = run(hold(caller, booking(Tool("t", "", act))))
    assert said_by_agent(session)[0].endswith("That failed.")


def test_a_tool_that_does_not_exist_is_named_with_those_that_do() -> None:
    async def story() -> str:
        box = Toolbox([Tool("a", "", _raises)], ANYBODY, 1, asyncio.Event().wait, lambda note: None)
        return (await box.use("b", {})).error

    assert run(story()) == "there is no tool b; there are: a"
