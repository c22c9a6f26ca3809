"""What is sent wrongly: told by an error that names the client's event, and the connection stays open."""

from __future__ import annotations

from antiphon.bench.conformance.checking import Level, check, demand
from antiphon.bench.conformance.connection import Connection, Server
from antiphon.wire import openai_realtime as rt


@check(Level.P0)
async def error_names_the_event(server: Server) -> None:
    """An event that is refused is told by an error with type, message, and the client's own event_id."""
    async with server.connect() as caller:
        await caller.send(rt.RetrieveItem("item_of_nobody", event_id="mine_1"))
        error = await caller.error()
        demand(error.event_id == "mine_1", f"its event_id is {error.event_id}")
        demand(error.type and error.message, "it says neither type nor message")
        await _is_open(caller)


@check(Level.P0)
async def unknown_event_refused(server: Server) -> None:
    """An event of an unknown type is an error, and not the end."""
    async with server.connect() as caller:
        await caller.send_raw({"type": "nothing.known", "event_id": "mine_1"})
        demand((await caller.error()).event_id == "mine_1", "the error does not name the event")
        await _is_open(caller)


@check(Level.P0)
async def no_error_unasked(server: Server) -> None:
    """Sound, silence, an update and an answer: no error comes, for any is the end of Pipecat's connection."""
    async with server.connect() as caller:
        await caller.update(instructions="Be brief.")
        await caller.send(rt.AppendAudio(bytes(4800)))
        await caller.ask("Hello.")
        await caller.until(rt.ResponseDone)
        await caller.settled()
        demand(not caller.of(rt.ErrorEvent), "an error came")


@check(Level.P1)
async def malformed_json_refused(server: Server) -> None:
    """What is no JSON, or no object, or no event, is an error and not the end."""
    async with server.connect() as caller:
        for text in ("{", "[]", '"event"', "null", "{}", '{"type":7}', '{"type":"session.update"}'):
            await caller.send_raw(text)
            demand((await caller.error()).message, f"{text} is an error without a message")
        await _is_open(caller)


@check(Level.P1)
async def wrong_values_refused(server: Server) -> None:
    """Fields that are missing, of the wrong type or out of range are errors that say which."""
    wrong: list[dict[str, object]] = [
        {"type": "input_audio_buffer.append"},
        {"type": "input_audio_buffer.append", "audio": "not base64!"},
        {"type": "conversation.item.create", "item": {"type": "message", "role": "user"}},
        {"type": "conversation.item.create", "item": {"type": "message", "role": "nobody", "content": []}},
        {"type": "conversation.item.truncate", "item_id": "x", "content_index": 0, "audio_end_ms": -1},
        {"type": "response.create", "response": {"output_modalities": ["smell"]}},
        {"type": "session.update", "session": {"type": "realtime", "audio": {"output": {"speed": 99}}}},
    ]
    async with server.connect() as caller:
        for number, event in enumerate(wrong):
            await caller.send_raw({**event, "event_id": f"mine_{number}"})
            error = await caller.error()
            demand(error.event_id == f"mine_{number}", f"{event}: the error does not name the event")
        await _is_open(caller)


async def _is_open(caller: Connection) -> None:
    await caller.write("Still there?")
    await caller.until(rt.ItemDone)
