"""The user's voice: turns that are detected, turns that are committed, transcripts, interruptions."""

from __future__ import annotations

from antiphon.bench.conformance.checking import Level, check, demand
from antiphon.bench.conformance.connection import Connection, Server
from antiphon.bench.conformance.speaking import LONG, answered, said, sound, told
from antiphon.transports.realtime import g711
from antiphon.wire import openai_realtime as rt

HEARD = {"model": "gpt-4o-mini-transcribe"}
TURN = (
    rt.SpeechStarted, rt.SpeechStopped, rt.AudioCommitted, rt.ItemAdded, rt.ResponseCreated, rt.ResponseDone,
)  # fmt: skip


@check(Level.P0)
async def turn_by_server_vad(server: Server) -> None:
    """A spoken question, with the turns left to the server: speech_started, speech_stopped, committed, the item,
    response.created, in this order, all of the same item; and an answer. Barge-in hangs on the first in all clients."""
    async with server.connect() as caller:
        await caller.update(audio={"input": {"transcription": HEARD}})
        await _spoken_turn(caller, server)


@check(Level.P0)
async def turn_by_semantic_vad(server: Server) -> None:
    """The same with semantic_vad, LiveKit's default."""
    async with server.connect() as caller:
        detection = {"type": "semantic_vad", "eagerness": "medium"}
        await caller.update(audio={"input": {"transcription": HEARD, "turn_detection": detection}})
        await _spoken_turn(caller, server)


@check(Level.P0)
async def turn_by_the_client(server: Server) -> None:
    """With turn_detection null nothing is answered before it is committed and asked for; then it is."""
    async with server.connect() as caller:
        await caller.update(audio={"input": {"turn_detection": None, "transcription": HEARD}})
        await caller.say(server.question)
        await caller.settled()
        demand("response.created" not in caller.types(), "a response came unasked")
        demand("input_audio_buffer.speech_started" not in caller.types(), "speech is detected all the same")
        await caller.send(rt.CommitAudio())
        committed = await caller.until(rt.AudioCommitted)
        demand((await caller.until(rt.ItemAdded)).item.id == committed.item_id, "another item is added")
        await caller.settled()
        demand("response.created" not in caller.types(), "a response came with the commit")
        await caller.send(rt.CreateResponse())
        await answered(caller)
        demand(said(caller), "nothing was said")


@check(Level.P0)
async def committed_and_asked_at_once(server: Server) -> None:
    """append, commit and response.create, one behind the other without waiting: what was said is what is answered, as
    push-to-talk clients do it."""
    async with server.connect() as caller:
        await caller.update(audio={"input": {"turn_detection": None, "transcription": HEARD}})
        await caller.send(
            rt.AppendAudio(server.question.data), rt.CommitAudio(), rt.CreateResponse(rt.ResponseParams())
        )
        response = await answered(caller)
        demand(response.output, "the response is empty")
        words = caller.of(rt.TranscriptionCompleted)
        event = words[0] if words else await caller.until(rt.TranscriptionCompleted)
        demand(event.transcript.strip(), "the transcript is empty")
        demand(len(caller.of(rt.AudioCommitted)) == 1, "the turn was committed more than once")


@check(Level.P0)
async def user_is_transcribed(server: Server) -> None:
    """With transcription on, conversation.item.input_audio_transcription.completed tells the user's words, of the item
    that was committed, with its usage: the SDKs drop it without, and no client shows the user's line then."""
    async with server.connect() as caller:
        await caller.update(audio={"input": {"transcription": HEARD}})
        await caller.say(server.question)
        event = await caller.until(rt.TranscriptionCompleted)
        demand(event.transcript.strip(), "the transcript is empty")
        demand([x.item_id for x in caller.of(rt.AudioCommitted)] == [event.item_id], "it is of another item")


@check(Level.P0)
async def interrupted_by_voice(server: Server) -> None:
    """Speech over the answer: speech_started, then the response ends, cancelled for turn_detected, and what was said
    is the user's next turn."""
    async with server.connect() as caller:
        await caller.ask(LONG)
        await caller.until(rt.AudioDelta)
        before = caller.mark()
        await caller.say(server.question)
        response = await answered(caller)
        caller.has_order([rt.SpeechStarted, rt.ResponseDone], since=before)
        demand(told(response) == "cancelled (turn_detected)", f"the response is {told(response)}")
        await caller.until(rt.ResponseCreated)
        await answered(caller)


@check(Level.P0)
async def nothing_to_commit(server: Server) -> None:
    """An empty buffer cannot be committed: input_audio_buffer_commit_empty."""
    async with server.connect() as caller:
        await caller.update(audio={"input": {"turn_detection": None}})
        await caller.send(rt.CommitAudio())
        code = (await caller.error()).code
        demand(code == "input_audio_buffer_commit_empty", f"the code is {code}")


@check(Level.P0)
async def sound_is_cleared(server: Server) -> None:
    """input_audio_buffer.clear is acknowledged, and what was appended before is forgotten."""
    async with server.connect() as caller:
        await caller.update(audio={"input": {"turn_detection": None}})
        await caller.send(rt.AppendAudio(server.question.data), rt.ClearAudio())
        await caller.until(rt.AudioCleared)
        await caller.send(rt.CommitAudio())
        code = (await caller.error()).code
        demand(code == "input_audio_buffer_commit_empty", f"what was cleared is committed ({code})")


@check(Level.P1)
async def turn_without_response(server: Server) -> None:
    """create_response false: the turn is detected and committed, and answered when the client asks."""
    async with server.connect() as caller:
        detection = {"type": "server_vad", "create_response": False}
        await caller.update(audio={"input": {"turn_detection": detection, "transcription": HEARD}})
        await caller.say(server.question)
        await caller.until(rt.AudioCommitted)
        await caller.settled(1.0)
        demand("response.created" not in caller.types(), "a response came unasked")
        await caller.send(rt.CreateResponse())
        demand((await answered(caller)).output, "nothing is answered")


@check(Level.P1)
async def not_interrupted_when_told_so(server: Server) -> None:
    """interrupt_response false: the answer goes on while the user speaks."""
    async with server.connect() as caller:
        detection = {"type": "server_vad", "interrupt_response": False, "create_response": False}
        await caller.update(audio={"input": {"turn_detection": detection}})
        await caller.ask(LONG)
        await caller.until(rt.AudioDelta)
        await caller.say(server.question)
        done = caller.of(rt.ResponseDone)
        response = done[-1].response if done else await answered(caller)
        demand(response.status == "completed", f"the response is {told(response)}")


@check(Level.P1)
async def telephone_sound(server: Server) -> None:
    """audio/pcmu and audio/pcma, 8 kHz G.711, in and out: half a second of answer is 4000 bytes and not 24000."""
    for kind, form in (("audio/pcmu", g711.to_ulaw), ("audio/pcma", g711.to_alaw)):
        async with server.connect() as caller:
            formats = {"format": {"type": kind}}
            await caller.update(audio={"input": {**formats, "transcription": HEARD}, "output": formats})
            slow = server.question.between(0, len(server.question))
            thirds = b"".join(slow.data[at : at + 2] for at in range(0, len(slow.data), 6))
            await caller.say(type(slow)(thirds, g711.RATE), form=form)
            await answered(caller)
            demand(said(caller), f"{kind}: nothing was said")
            sizes = len(sound(caller)) / max(1, len(said(caller)))
            demand(sizes < 1600, f"{kind}: {sizes:.0f} bytes for each letter: that is no telephone's sound")


@check(Level.P1)
async def silence_is_noticed(server: Server) -> None:
    """idle_timeout_ms: when nothing is said for so long after an answer, input_audio_buffer.timeout_triggered, and the
    server speaks up."""
    async with server.connect() as caller:
        detection = {"type": "server_vad", "idle_timeout_ms": 5000}
        await caller.update(audio={"input": {"turn_detection": detection}})
        await caller.ask("Hello.")
        await answered(caller)
        await caller.until(rt.TimeoutTriggered)
        await caller.until(rt.ResponseCreated)


async def _spoken_turn(caller: Connection, server: Server) -> None:
    await caller.say(server.question)
    await answered(caller)
    caller.has_order(TURN)
    spoken = [
        *caller.of(rt.SpeechStarted)[:1],
        *caller.of(rt.SpeechStopped)[:1],
        *caller.of(rt.AudioCommitted)[:1],
    ]
    items = {str(getattr(event, "item_id", "")) for event in spoken}
    demand(len(items) == 1, f"speech and commit are of different items: {sorted(items)}")
    started, stopped = caller.of(rt.SpeechStarted)[0], caller.of(rt.SpeechStopped)[0]
    demand(started.audio_start_ms < stopped.audio_end_ms, "the speech ends before it starts")
    demand(said(caller) and sound(caller), "nothing was said")
