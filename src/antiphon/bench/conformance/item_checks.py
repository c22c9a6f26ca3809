"""The items of a conversation: created, placed, retrieved, deleted."""

from __future__ import annotations

from antiphon.bench.conformance.checking import Level, check, demand
from antiphon.bench.conformance.connection import Connection, Server
from antiphon.wire import openai_realtime as rt


def line(text: str, id: str | None = None) -> rt.Message:
    return rt.Message(id=id, role="user", content=(rt.InputText(text),))


async def put(caller: Connection, item: rt.Item, behind: str | None = None) -> rt.ItemAdded:
    """The item is created; what the server says of it."""
    await caller.send(rt.CreateItem(item, behind))
    added = await caller.until(rt.ItemAdded)
    await caller.until(rt.ItemDone)
    return added


@check(Level.P0)
async def item_keeps_its_id(server: Server) -> None:
    """An item is added and done under the id its client gave: LiveKit waits for conversation.item.added of its own
    ids and gives up after five seconds; a done item comes for each one that was added."""
    async with server.connect() as caller:
        added = await put(caller, line("Hello.", "my_item_1"))
        demand(added.item.id == "my_item_1", f"its id is {added.item.id}")
        demand(isinstance(added.item, rt.Message) and added.item.text == "Hello.", "its text is another")
        second = await put(caller, line("And more."))
        demand(second.item.id and second.item.id != "my_item_1", "an item without an id gets none")
        demand(second.previous_item_id == "my_item_1", f"it stands behind {second.previous_item_id}")


@check(Level.P0)
async def item_has_its_place(server: Server) -> None:
    """previous_item_id puts an item behind another, `root` before all: LiveKit keeps its history so."""
    async with server.connect() as caller:
        await put(caller, line("one", "item_a"))
        await put(caller, line("two", "item_b"))
        first = await put(caller, line("zero", "item_0"), rt.ROOT)
        demand(first.previous_item_id in (None, rt.ROOT), f"root is told as {first.previous_item_id}")
        middle = await put(caller, line("one and a half", "item_ab"), "item_a")
        demand(middle.previous_item_id == "item_a", f"it stands behind {middle.previous_item_id}")
        await caller.send(rt.CreateItem(line("nowhere"), "item_of_nobody"))
        demand((await caller.error()).code, "an unknown previous_item_id is an error without a code")


@check(Level.P0)
async def items_of_every_role(server: Server) -> None:
    """History can be written: messages of user, system and assistant, calls of functions and what they gave. Clients
    that reconnect write theirs again."""
    items: list[rt.Item] = [
        rt.Message(role="system", content=(rt.InputText("Speak slowly."),)),
        line("What is the weather?"),
        rt.Message(role="assistant", content=(rt.OutputText("I will look."),)),
        rt.FunctionCall(call_id="call_1", name="weather", arguments='{"city":"Paris"}'),
        rt.FunctionCallOutput(call_id="call_1", output='{"sky":"clear"}'),
    ]
    async with server.connect() as caller:
        for item in items:
            added = await put(caller, item)
            demand(added.item.type == item.type, f"a {item.type} is told as a {added.item.type}")


@check(Level.P0)
async def item_retrieved(server: Server) -> None:
    """conversation.item.retrieve gives the item; the SDKs ask for it after every transcription. Of one that is not
    there the error is item_retrieve_invalid_item_id, the only one they tolerate."""
    async with server.connect() as caller:
        await put(caller, line("Hello.", "my_item_1"))
        await caller.send(rt.RetrieveItem("my_item_1"))
        item = (await caller.until(rt.ItemRetrieved)).item
        demand(isinstance(item, rt.Message) and item.text == "Hello.", "another item is given")
        await caller.send(rt.RetrieveItem("item_of_nobody"))
        code = (await caller.error()).code
        demand(code == "item_retrieve_invalid_item_id", f"of one that is not there the code is {code}")


@check(Level.P0)
async def item_deleted(server: Server) -> None:
    """conversation.item.delete takes an item away, and says so; then it is not there any more."""
    async with server.connect() as caller:
        await put(caller, line("Forget me.", "my_item_1"))
        await caller.send(rt.DeleteItem("my_item_1"))
        deleted = await caller.until(rt.ItemDeleted)
        demand(deleted.item_id == "my_item_1", f"{deleted.item_id} is deleted")
        await caller.send(rt.RetrieveItem("my_item_1"))
        demand((await caller.error()).code == "item_retrieve_invalid_item_id", "it is still there")
        await caller.send(rt.DeleteItem("my_item_1"))
        demand((await caller.error()).code, "deleting it twice is an error without a code")


@check(Level.P0)
async def item_id_taken(server: Server) -> None:
    """An id that is taken is refused: item_create_duplicate_item_id, which LiveKit knows."""
    async with server.connect() as caller:
        await put(caller, line("one", "my_item_1"))
        await caller.send(rt.CreateItem(line("two", "my_item_1")))
        code = (await caller.error()).code
        demand(code == "item_create_duplicate_item_id", f"the code is {code}")


@check(Level.P1)
async def item_with_sound(server: Server) -> None:
    """A user's item may hold sound: it is heard, and answered."""
    async with server.connect() as caller:
        sound = rt.InputAudio(audio=server.question.data)
        await put(caller, rt.Message(id="my_item_1", role="user", content=(sound,)))
        await caller.send(rt.CreateResponse())
        response = (await caller.until(rt.ResponseDone)).response
        demand(response.status == "completed", f"the response is {response.status}")
        demand(response.output, "nothing is answered")


@check(Level.P1)
async def no_item_created(server: Server) -> None:
    """conversation.item.created is of the beta; clients of today know added and done."""
    async with server.connect() as caller:
        await put(caller, line("Hello."))
        await caller.settled()
        demand("conversation.item.created" not in caller.types(), "it comes")
