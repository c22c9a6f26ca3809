"""A model with tools: it asks, is told, and answers; whatever goes wrong, the caller hears something true."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from scene import agent, hold

from antiphon.agent.definition import Agent, Grounding, Question, Specialist
from antiphon.agent.tools import Tool, tool
from antiphon.core import events as e
from antiphon.core.notes import ModelUsed, NothingKnown, ToolUsed
from antiphon.ports import Message, ToolCall
from antiphon.session.phrasing import ANSWER_NOW, ROUNDS
from antiphon.session.session import Session
from antiphon.testing.clock import run
from antiphon.testing.loopback import Loopback, Saying
from antiphon.testing.models import Cue, Script, ScriptedModel

UNKNOWN = "I don't know that one."
APOLOGY = "Sorry, ask me again."


class Desk:
    """Tools that write down when they were used."""

    def __init__(self) -> None:
        self.used: list[tuple[float, str]] = []

        async def note(what: str, seconds: float) -> None:
            self.used.append((asyncio.get_running_loop().time(), what))
            await asyncio.sleep(seconds)
            self.used.append((asyncio.get_running_loop().time(), f"{what}, done"))

        @tool
        async def stock(item: str) -> dict[str, object]:
            """Tells how many there are."""
            await note(f"stock {item}", 1.0)
            return {"item": item, "count": 3}

        @tool(writes=True)
        async def order(item: str, count: int = 1) -> str:
            """Orders."""
            await note(f"order {item}", 0.5)
            if item == "fire":
                raise RuntimeError("we are out of fire")
            return f"ordered {count}"

        self.tools: tuple[Tool, ...] = (stock, order)


def with_tools(tools: Sequence[Tool], grounding: Grounding | None = None) -> Agent:
    async def ground(question: Question) -> Grounding:
        return grounding or Grounding()

    return replace(
        agent(),
        fillers=(),
        tools=(tools[0],),
        specialists=(Specialist("only", "", ground, tuple(tools[1:])),),
    )


def call(name: str, id: str = "c", **arguments: object) -> ToolCall:
    return ToolCall(id, name, json.dumps(arguments))


def told(
    who: Agent, *cues: Cue, caller: Loopback | None = None, **model: object
) -> tuple[list[str], ScriptedModel]:
    """What the agent said to one question, and the model it said it with."""
    writer = ScriptedModel(cues, **model)  # type: ignore[arg-type]
    caller = caller or Loopback(acts=[(0.5, e.Typed("Is there tea?"))], hang_up_at=30)
    session = run(hold(caller, who, model=writer))
    return said(session), writer


def said(session: Session) -> list[str]:
    return [line.text for line in session.transcript if line.role is e.Role.AGENT]


def results(asked: Sequence[Message]) -> list[str]:
    return [message.content for message in asked if message.role == "tool"]


def test_the_model_is_offered_tools_and_answers_with_what_they_tell() -> None:
    desk = Desk()
    heard, model = told(
        with_tools(desk.tools), Script(("Let me look. ", call("stock", item="tea"))), "We have three."
    )
    assert heard == ["Let me look. We have three."]
    assert [(spec.name, spec.description) for spec in model.asked[0].tools] == [
        ("stock", "Tells how many there are."),
        ("order", "Orders."),
    ]
    assert json.loads(model.asked[0].tools[0].parameters)["required"] == ["item"]
    *_, line, result = model.asked[1].messages
    [asked] = line.tool_calls
    assert (line.role, line.content, asked.name, asked.arguments) == (
        "assistant",
        "Let me look.",
        "stock",
        '{"item": "tea"}',
    )
    assert (result.role, result.tool_call_id) == ("tool", asked.id)
    assert json.loads(result.content) == {"item": "tea", "count": 3}


def test_text_before_a_tool_is_heard_while_the_tool_is_used() -> None:
    desk = Desk()
    caller = Loopback(acts=[(0.5, e.Typed("Is there tea?"))], hang_up_at=30)
    told(with_tools(desk.tools), Script(("Let me look. ", call("stock", item="tea"))), "Yes.", caller=caller)
    first = next(t for t, news in caller.shown if isinstance(news, e.Speak))
    assert first < desk.used[-1][0]


def test_several_at_once_are_read_side_by_side_and_written_in_order() -> None:
    desk = Desk()
    calls = [
        call("order", item="a"),
        call("stock", item="b"),
        call("order", item="c"),
        call("stock", item="d"),
    ]
    heard, model = told(with_tools(desk.tools), Script(tuple(calls)), "Done.")
    assert heard == ["Done."]
    times = {what: at for at, what in desk.used}
    assert times["stock b"] == times["stock d"] == times["order a"]
    assert times["order a, done"] <= times["order c"]
    assert [result[:7] for result in results(model.asked[1].messages)] == [
        "ordered",
        '{"item"',
        "ordered",
        '{"item"',
    ]
    ids = [made.id for made in model.asked[1].messages[-5].tool_calls]
    assert len(set(ids)) == 4 and ids == [m.tool_call_id for m in model.asked[1].messages[-4:]]


def test_what_was_to_follow_a_failure_is_not_done() -> None:
    desk = Desk()
    calls = [call("order", item="fire"), call("order", item="wood")]
    _, model = told(with_tools(desk.tools), Script(tuple(calls)), "We are out of fire.")
    assert results(model.asked[1].messages) == [
        "Error: order failed: we are out of fire",
        "Error: nothing was done, as what was asked for before it had failed",
    ]
    assert "order wood" not in [what for _, what in desk.used]


def test_a_model_that_repeats_itself_orders_once() -> None:
    desk = Desk()
    order = Script((call("order", item="tea"),))
    heard, model = told(with_tools(desk.tools), order, order, "Ordered.")
    assert heard == ["Ordered."]
    assert [what for _, what in desk.used] == ["order tea", "order tea, done"]
    assert results(model.asked[2].messages) == ["ordered 1", "ordered 1"]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (ToolCall("c", "stock", '{"item": "te'), "the arguments of stock are no JSON"),
        (ToolCall("c", "stock", '["tea"]'), "the arguments of stock must be one JSON object"),
        (ToolCall("c", "stock", "{}"), "the argument item is missing"),
        (ToolCall("c", "sell", "{}"), "there is no tool sell; there are: order, stock"),
        (call("order", item="tea", count="lots"), "the argument count must be a whole number, not 'lots'"),
    ],
)
def test_what_was_wrong_is_told_and_mended(wrong: ToolCall, problem: str) -> None:
    desk = Desk()
    heard, model = told(
        with_tools(desk.tools), Script((wrong,)), Script((call("stock", item="tea"),)), "Three."
    )
    assert heard == ["Three."]
    [first] = results(model.asked[1].messages)
    assert first.startswith(f"Error: {problem}")
    assert all(json.loads(c.arguments) is not None for m in model.asked[2].messages for c in m.tool_calls)


def test_after_four_rounds_the_model_answers_with_what_it_has() -> None:
    desk = Desk()
    caller = Loopback(acts=[(0.5, e.Typed("Is there tea?"))], hang_up_at=60)
    scripts = [Script((call("stock", item=str(n)),)) for n in range(ROUNDS)]
    heard, model = told(with_tools(desk.tools), *scripts, "Probably.", caller=caller)
    assert heard == ["Probably."]
    assert [ANSWER_NOW in results(asked.messages)[-1] for asked in model.asked[1:]] == [
        False,
        False,
        False,
        True,
    ]


def test_a_model_that_never_stops_asking_is_stopped_and_the_caller_is_told() -> None:
    desk = Desk()
    caller = Loopback(acts=[(0.5, e.Typed("Is there tea?"))], hang_up_at=60)
    heard, model = told(with_tools(desk.tools), Script((call("stock", item="tea"),)), caller=caller)
    assert heard == [UNKNOWN]
    assert len(model.asked) == ROUNDS + 1
    assert [what for _, what in desk.used].count("stock tea") == ROUNDS


@pytest.mark.parametrize(("item", "line"), [("tea", UNKNOWN), ("fire", APOLOGY)])
def test_a_model_that_says_nothing_after_its_tools_is_not_met_with_silence(item: str, line: str) -> None:
    heard, _ = told(with_tools(Desk().tools), Script(("One moment. ", call("order", item=item))), Script(()))
    assert heard == [f"One moment. {line}"]


def test_a_model_that_only_phrases_is_not_listened_to_before_a_tool_told_it_something() -> None:
    desk = Desk()
    caller = Loopback(acts=[(0.5, e.Typed("Is there tea?"))], hang_up_at=30)
    heard, _ = told(with_tools(desk.tools), "There are a million.", caller=caller, supplies_facts=False)
    assert heard == [UNKNOWN]
    assert any(isinstance(news, NothingKnown) for _, news in caller.shown)
    heard, _ = told(
        with_tools(desk.tools),
        Script(("A million. ", call("stock", item="tea"))),
        "There are three.",
        supplies_facts=False,
    )
    assert heard == ["There are three."]


def test_a_computed_answer_asks_no_model() -> None:
    heard, model = told(with_tools(Desk().tools, Grounding(("It is six.",), is_certain=True)), "Seven.")
    assert (heard, model.asked) == (["It is six."], [])


def test_nothing_is_ordered_on_a_guess() -> None:
    desk = Desk()
    caller = Loopback([Saying(0.5, 1.0), Saying(1.9, 1.0)], hang_up_at=15)
    order = Script((call("order", item="tea"),))
    model = ScriptedModel([order, order, "Ordered."])
    run(hold(caller, with_tools(desk.tools), ["Order tea"], scores=[0.3, 0.98], model=model))
    assert len([x for _, x in caller.shown if isinstance(x, e.StartReply)]) > 1, "this shows nothing"
    confirmed = next(t for t, x in caller.shown if isinstance(x, e.ConfirmReply))
    assert [what for _, what in desk.used] == ["order tea", "order tea, done"]
    assert desk.used[0][0] >= confirmed


def test_the_next_turn_knows_what_tools_told() -> None:
    caller = Loopback(acts=[(0.5, e.Typed("Is there tea?")), (9, e.Typed("And how many?"))], hang_up_at=30)
    told_, model = told(
        with_tools(Desk().tools), Script((call("stock", item="tea"),)), "Yes.", "Three.", caller=caller
    )
    assert told_ == ["Yes.", "Three."]
    assert 'stock {"item": "tea"}: {"item": "tea", "count": 3}' in model.asked[2].messages[0].content
    assert "What tools did" not in model.asked[0].messages[0].content


def test_every_round_is_billed_and_every_tool_is_noted() -> None:
    caller = Loopback(acts=[(0.5, e.Typed("Is there tea?"))], hang_up_at=30)
    told(with_tools(Desk().tools), Script((call("stock", item="tea"),)), "Yes.", caller=caller)
    notes = [news for _, news in caller.shown if isinstance(news, ToolUsed | ModelUsed)]
    assert [(note.tool, note.outcome) for note in notes if isinstance(note, ToolUsed)] == [("stock", "done")]


def test_an_interruption_while_a_tool_is_used_is_an_interruption() -> None:
    desk = Desk()
    caller = Loopback(
        acts=[(0.5, e.Typed("Order tea")), (0.8, e.InterruptAsked()), (5, e.Typed("Well?"))], hang_up_at=20
    )
    heard, _ = told(
        with_tools(desk.tools), Script((call("order", item="tea"),)), "It was done.", caller=caller
    )
    assert [what for _, what in desk.used] == ["order tea", "order tea, done"]
    assert heard == ["It was done."]
