"""Responses: their order, their sound and text, and how they end."""

from __future__ import annotations

from antiphon.bench.conformance.checking import Level, Unmet, check, demand
from antiphon.bench.conformance.connection import Connection, Server
from antiphon.bench.conformance.speaking import LONG, QUESTION, answered, said, sound, told
from antiphon.wire import openai_realtime as rt

TEXT = rt.ResponseParams(output_modalities=("text",))


@check(Level.P0)
async def response_in_sound(server: Server) -> None:
    """A spoken response, all its events in their order, its transcript as said, and sound. LiveKit asserts on
    response.created and response.output_item.added at every delta."""
    async with server.connect() as caller:
        await caller.ask(QUESTION)
        response = await answered(caller)
        demand(response.status == "completed", f"it is {told(response)}")
        caller.has_order([
            rt.ResponseCreated, rt.OutputItemAdded, rt.ItemAdded, rt.ContentPartAdded, rt.AudioTranscriptDelta,
            rt.AudioDone, rt.AudioTranscriptDone, rt.ContentPartDone, rt.OutputItemDone, rt.ItemDone, rt.ResponseDone,
        ], since=4)  # fmt: skip
        deltas = "".join(event.delta for event in caller.of(rt.AudioTranscriptDelta)).strip()
        demand(deltas == said(caller), "the deltas of the transcript are not the transcript")
        demand(len(sound(caller)) > 4800, f"there are {len(sound(caller))} bytes of sound")
        message = next((item for item in response.output if isinstance(item, rt.Message)), None)
        if message is None or not message.content:
            raise Unmet("response.done does not hold the message")
        demand(message.content[0].type == "output_audio", f"the content is {message.content[0].type}")
        demand(message.text.strip() == said(caller), "the message of response.done says something else")


@check(Level.P0)
async def response_in_text(server: Server) -> None:
    """A response in text: output_text, deltas that make up the whole, and not a byte of sound."""
    async with server.connect() as caller:
        await caller.ask(QUESTION, TEXT)
        response = await answered(caller)
        demand(response.status == "completed", f"it is {told(response)}")
        caller.has_order([
            rt.ResponseCreated, rt.OutputItemAdded, rt.ContentPartAdded, rt.TextDelta, rt.TextDone,
            rt.ContentPartDone, rt.OutputItemDone, rt.ResponseDone,
        ])  # fmt: skip
        whole = "".join(event.text for event in caller.of(rt.TextDone))
        demand(
            "".join(event.delta for event in caller.of(rt.TextDelta)) == whole, "the deltas are not the text"
        )
        demand(not sound(caller), "there is sound")
        contents = [
            part.type for item in response.output if isinstance(item, rt.Message) for part in item.content
        ]
        demand(contents == ["output_text"], f"the content is {contents}")


@check(Level.P0)
async def metadata_comes_back(server: Server) -> None:
    """What a client hangs on a response comes back with it: LiveKit waits ten seconds for its client_event_id."""
    async with server.connect() as caller:
        metadata = {"client_event_id": "response_create_7"}
        params = rt.ResponseParams(output_modalities=("text",), metadata=metadata)
        await caller.ask("Hello.", params)
        created = await caller.until(rt.ResponseCreated)
        demand(created.response.metadata == metadata, "response.created has it not")
        demand((await answered(caller)).metadata == metadata, "response.done has it not")


@check(Level.P0)
async def response_cancelled(server: Server) -> None:
    """response.cancel ends the response: done, cancelled, client_cancelled. There is no event response.cancelled."""
    async with server.connect() as caller:
        await _sounding(caller)
        await caller.send(rt.CancelResponse())
        _is_cancelled(await answered(caller), "client_cancelled")
        items = caller.of(rt.OutputItemDone)
        demand(items, "there is no response.output_item.done")
        status = getattr(items[-1].item, "status", None)
        demand(status == "incomplete", f"its item is {status}, not incomplete")


@check(Level.P0)
async def nothing_to_cancel(server: Server) -> None:
    """With nothing to cancel the code is response_cancel_not_active, and the message begins with “Cancellation
    failed”: LiveKit compares the letters, and sends such after most interruptions."""
    async with server.connect() as caller:
        await caller.send(rt.CancelResponse())
        error = await caller.error()
        demand(error.code == "response_cancel_not_active", f"the code is {error.code}")
        demand(error.message.startswith("Cancellation failed"), f"the message is {error.message[:60]!r}")


@check(Level.P0)
async def one_response_at_a_time(server: Server) -> None:
    """A second response.create while one is under way is refused, by a code that clients tolerate:
    conversation_already_has_active_response. The first goes on."""
    async with server.connect() as caller:
        await caller.ask(LONG)
        await caller.until(rt.ResponseCreated)
        await caller.send(rt.CreateResponse())
        code = (await caller.error()).code
        demand(code == "conversation_already_has_active_response", f"the code is {code}")
        demand(not caller.of(rt.ResponseDone), "the first response did not go on")
        await caller.send(rt.CancelResponse())
        _is_cancelled(await answered(caller), "client_cancelled")


@check(Level.P0)
async def truncated(server: Server) -> None:
    """conversation.item.truncate of what is being said is acknowledged with its three fields, and what was not heard
    is gone from the item."""
    async with server.connect() as caller:
        item = await _sounding(caller)
        await caller.send(rt.CancelResponse())
        await answered(caller)
        await _truncate(caller, item, 300)
        left = await _words_of(caller, item)
        heard = said(caller)
        demand(len(left) < len(heard), f"all of it is still remembered: {left[:60]!r}")


@check(Level.P0)
async def truncated_beyond_its_end(server: Server) -> None:
    """Where a client has played more than there is, it is taken for the whole: an error would be the end of
    Pipecat's connection (its players run ahead)."""
    async with server.connect() as caller:
        item = await _sounding(caller)
        await caller.send(rt.CancelResponse())
        await answered(caller)
        await caller.send(rt.TruncateItem(item, 0, 3_600_000))
        await caller.until(rt.ItemTruncated)


@check(Level.P0)
async def truncated_when_complete(server: Server) -> None:
    """An item whose response is complete can be truncated: sound is played for longer than it takes to make, and the
    JavaScript SDK does so at every interruption."""
    async with server.connect() as caller:
        await caller.ask(QUESTION)
        response = await answered(caller)
        item = next((one.id for one in response.output if isinstance(one, rt.Message)), None)
        demand(item, "the response has no message")
        whole = said(caller)
        await _truncate(caller, str(item), 400)
        left = await _words_of(caller, str(item))
        demand(len(left) < len(whole), f"all of it is still remembered: {left[:60]!r}")


@check(Level.P1)
async def only_speech_is_truncated(server: Server) -> None:
    """A line of the user's cannot be truncated: an error, and the connection stays open."""
    async with server.connect() as caller:
        await caller.write("Hello.", "my_item_1")
        await caller.until(rt.ItemDone)
        await caller.send(rt.TruncateItem("my_item_1", 0, 100))
        demand((await caller.error()).code, "the error has no code")


@check(Level.P1)
async def cancelled_by_its_id(server: Server) -> None:
    """response.cancel with an id ends that response and no other."""
    async with server.connect() as caller:
        await _sounding(caller)
        await caller.send(rt.CancelResponse("resp_of_nobody"))
        demand((await caller.error()).code == "response_cancel_not_active", "an unknown id is taken")
        await caller.send(rt.CancelResponse(caller.of(rt.ResponseCreated)[-1].response.id))
        _is_cancelled(await answered(caller), "client_cancelled")


@check(Level.P1)
async def usage_adds_up(server: Server) -> None:
    """response.done says what was used; the totals are the sums of their parts."""
    async with server.connect() as caller:
        await caller.ask(QUESTION, TEXT)
        usage = (await answered(caller)).usage
        demand(usage is not None, "there is no usage")
        assert usage is not None
        demand(
            usage.total_tokens == usage.input_tokens + usage.output_tokens, "the total is not the sum of both"
        )
        given, made = usage.input_token_details, usage.output_token_details
        demand(
            given.text_tokens + given.audio_tokens <= usage.input_tokens,
            "the parts of the input are more than it",
        )
        demand(
            made.text_tokens + made.audio_tokens <= usage.output_tokens, "the parts of the output are more"
        )


@check(Level.P1)
async def rate_limits_told(server: Server) -> None:
    """rate_limits.updated comes with a response, for requests or tokens."""
    async with server.connect() as caller:
        await caller.ask("Hello.", TEXT)
        await answered(caller)
        await caller.settled()
        limits = [limit for event in caller.of(rt.RateLimitsUpdated) for limit in event.rate_limits]
        demand(limits, "it does not come, or names no limit")
        demand(all(limit.remaining <= limit.limit for limit in limits), "more is left than there is")


@check(Level.P1)
async def output_tokens_are_limited(server: Server) -> None:
    """A response that needs more than max_output_tokens ends incomplete, for max_output_tokens."""
    async with server.connect() as caller:
        await caller.ask(LONG, rt.ResponseParams(output_modalities=("text",), max_output_tokens=3))
        response = await answered(caller)
        demand(told(response) == "incomplete (max_output_tokens)", f"it is {told(response)}")


@check(Level.P1)
async def updated_in_mid_response(server: Server) -> None:
    """A session.update while the server speaks is answered, and the response goes on."""
    async with server.connect() as caller:
        await _sounding(caller, QUESTION)
        await caller.update(instructions="Be brief.")
        response = caller.of(rt.ResponseDone)
        ended = response[-1].response if response else await answered(caller)
        demand(ended.status == "completed", f"the response is {told(ended)}")


# ---- in small steps --------------------------------------------------------------------------------------
async def _sounding(caller: Connection, text: str = LONG) -> str:
    """The server answers, and the first of it has come. The id of its item."""
    await caller.ask(text)
    return (await caller.until(rt.AudioDelta)).item_id


def _is_cancelled(response: rt.Response, reason: str) -> None:
    if response.status == "completed":
        raise Unmet("it was complete before it could be cancelled: send sound at the pace of speech")
    demand(told(response) == f"cancelled ({reason})", f"it is {told(response)}")


async def _truncate(caller: Connection, item: str, ms: int) -> None:
    await caller.send(rt.TruncateItem(item, 0, ms))
    done = await caller.until(rt.ItemTruncated)
    demand((done.item_id, done.content_index) == (item, 0), "another item is named")
    demand(done.audio_end_ms <= ms, f"it is truncated at {done.audio_end_ms} ms")


async def _words_of(caller: Connection, item: str) -> str:
    """What is remembered of it, once that has settled."""
    await caller.settled()
    await caller.send(rt.RetrieveItem(item))
    found = (await caller.until(rt.ItemRetrieved)).item
    return found.text.strip() if isinstance(found, rt.Message) else ""
