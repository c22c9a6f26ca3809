"""Functions of the client's: called, answered, gone on with."""

from __future__ import annotations

import json

from antiphon.bench.conformance.checking import Level, check, demand
from antiphon.bench.conformance.connection import Connection, Server
from antiphon.bench.conformance.speaking import answered, told
from antiphon.wire import openai_realtime as rt

WEATHER = {
    "type": "function",
    "name": "weather",
    "description": "The weather in a city, now.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "Its name."}},
        "required": ["city"],
    },
}
ASKED = "How is the weather in Paris?"
GIVEN = "It is sunny in Paris, and twenty degrees."
CHOSEN = rt.ResponseParams(tool_choice=rt.ChosenFunction("weather"))


@check(Level.P0)
async def function_called(server: Server) -> None:
    """A function that must be called is called: output_item.added with its name, the arguments whole in
    function_call_arguments.done with name and call_id, and response.done holds the call. Pipecat calls nothing
    without conversation.item.added of it."""
    async with server.connect() as caller:
        await caller.update(tools=[WEATHER])
        call = await _called(caller, CHOSEN)
        demand(call.name == "weather", f"{call.name} is called")
        demand(isinstance(json.loads(call.arguments), dict), "the arguments are no object")
        demand("city" in json.loads(call.arguments), f"the arguments are {call.arguments[:60]}")
        added = [x.item for x in caller.of(rt.ItemAdded) if isinstance(x.item, rt.FunctionCall)]
        demand(
            [x.call_id for x in added] == [call.call_id], "conversation.item.added does not tell of the call"
        )


@check(Level.P0)
async def function_answered(server: Server) -> None:
    """What a function gave is taken, and the next response says something of it."""
    async with server.connect() as caller:
        await caller.update(tools=[WEATHER])
        call = await _called(caller, CHOSEN)
        await caller.send(rt.CreateItem(rt.FunctionCallOutput(call_id=call.call_id, output=GIVEN)))
        await caller.until(rt.ItemDone)
        await caller.send(rt.CreateResponse(rt.ResponseParams(tool_choice="none")))
        response = await answered(caller)
        demand(response.status == "completed", f"it is {told(response)}")
        spoken = [item for item in response.output if isinstance(item, rt.Message)]
        demand(spoken and "sunny" in spoken[0].text.lower(), "it does not say what the function gave")


@check(Level.P1)
async def some_function_called(server: Server) -> None:
    """tool_choice required: a function is called, whichever fits."""
    async with server.connect() as caller:
        await caller.update(tools=[WEATHER], tool_choice="required")
        await _called(caller, None)


@check(Level.P1)
async def no_function_called(server: Server) -> None:
    """tool_choice none: nothing is called."""
    async with server.connect() as caller:
        await caller.update(tools=[WEATHER], tool_choice="none")
        await caller.ask(ASKED)
        response = await answered(caller)
        demand(not [x for x in response.output if isinstance(x, rt.FunctionCall)], "a function is called")


async def _called(caller: Connection, params: rt.ResponseParams | None) -> rt.ArgumentsDone:
    """The function that the server wants called, when the response is done."""
    await caller.ask(ASKED, params)
    response = await answered(caller)
    calls = [item for item in response.output if isinstance(item, rt.FunctionCall)]
    demand(calls, f"no function is called; the response is {told(response)}")
    caller.has_order(
        [rt.ResponseCreated, rt.OutputItemAdded, rt.ArgumentsDone, rt.OutputItemDone, rt.ResponseDone]
    )
    done = caller.of(rt.ArgumentsDone)[0]
    demand(
        (done.call_id, done.arguments) == (calls[0].call_id, calls[0].arguments),
        "response.done has another call",
    )
    return done
