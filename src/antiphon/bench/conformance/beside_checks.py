"""Beside the conversation: responses out of band, and sessions that only transcribe."""

from __future__ import annotations

from antiphon.bench.conformance.checking import Level, check, demand
from antiphon.bench.conformance.connection import Server
from antiphon.bench.conformance.item_checks import line, put
from antiphon.bench.conformance.speaking import LONG, QUESTION, answered, told
from antiphon.wire import openai_realtime as rt


@check(Level.P1)
async def answered_out_of_band(server: Server) -> None:
    """conversation none: a response with the client's metadata and no conversation_id, whose items are not added to
    the conversation."""
    async with server.connect() as caller:
        await put(caller, line(QUESTION))
        before = caller.mark()
        metadata = {"topic": "summary"}
        await caller.send(
            rt.CreateResponse(
                rt.ResponseParams(conversation="none", output_modalities=("text",), metadata=metadata)
            )
        )
        response = await answered(caller)
        demand(response.status == "completed", f"it is {told(response)}")
        demand(response.metadata == metadata, "the metadata is not there")
        demand(response.conversation_id is None, "it has a conversation_id")
        demand(caller.of(rt.TextDone, before), "it says nothing")
        demand(not caller.of(rt.ItemAdded, before), "its item was added to the conversation")


@check(Level.P1)
async def answered_from_given_input(server: Server) -> None:
    """`input` stands for the conversation: items written there, and references to items that are known; one that
    is not is refused."""
    async with server.connect() as caller:
        await put(caller, line(QUESTION, "my_item_1"))
        given = (line("My name is Ada."), rt.ItemReference("my_item_1"))
        params = rt.ResponseParams(conversation="none", input=given, output_modalities=("text",))
        await caller.send(rt.CreateResponse(params))
        demand((await answered(caller)).output, "it is empty")
        unknown = rt.ResponseParams(conversation="none", input=(rt.ItemReference("item_of_nobody"),))
        await caller.send(rt.CreateResponse(unknown))
        demand((await caller.error()).code, "a reference to nothing is taken")


@check(Level.P1)
async def spoken_out_of_band(server: Server) -> None:
    """Out of band, in sound."""
    async with server.connect() as caller:
        params = rt.ResponseParams(conversation="none", input=(line("Hello."),))
        await caller.send(rt.CreateResponse(params))
        demand((await answered(caller)).status == "completed", "it is not completed")
        demand(caller.of(rt.AudioDelta), "there is no sound")
        demand(caller.of(rt.AudioTranscriptDone), "there is no transcript")


@check(Level.P1)
async def several_responses_at_once(server: Server) -> None:
    """Out of band several responses may be made at once, beside the one of the conversation."""
    async with server.connect() as caller:
        await caller.ask(LONG)
        await caller.until(rt.ResponseCreated)
        for number in range(2):
            params = rt.ResponseParams(
                conversation="none",
                input=(line("Hello."),),
                output_modalities=("text",),
                metadata={"number": str(number)},
            )
            await caller.send(rt.CreateResponse(params))
        for _ in range(3):
            demand((await answered(caller)).status == "completed", "one of them is not completed")
        numbers = {(x.response.metadata or {}).get("number") for x in caller.of(rt.ResponseDone)}
        demand(numbers == {None, "0", "1"}, "they are not told apart by their metadata")


@check(Level.P1)
async def transcription_session(server: Server) -> None:
    """?intent=transcription: a session of type transcription, which tells the words of what is heard and answers
    nothing."""
    async with server.connect(intent="transcription") as caller:
        kind = caller.raw(0)["session"].get("type")
        demand(kind == "transcription", f"its type is {kind}")
        audio = {"input": {"transcription": {"model": "gpt-4o-transcribe"}}}
        await caller.send_raw(
            {"type": "session.update", "session": {"type": "transcription", "audio": audio}}
        )
        await caller.until(rt.SessionUpdated)
        await caller.say(server.question)
        event = await caller.until(rt.TranscriptionCompleted)
        demand(event.transcript.strip(), "the transcript is empty")
        caller.has_order([rt.SpeechStarted, rt.SpeechStopped, rt.AudioCommitted, rt.TranscriptionCompleted])
        await caller.settled()
        demand("response.created" not in caller.types(), "it answers")
