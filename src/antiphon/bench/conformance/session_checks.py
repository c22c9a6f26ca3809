"""The session: what a client is told at first, and what its updates do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import websockets

from antiphon.bench.conformance.checking import Level, Unmet, check, demand
from antiphon.bench.conformance.connection import Server
from antiphon.wire import openai_realtime as rt

TOOL = {
    "type": "function",
    "name": "look_up",
    "description": "Looks it up.",
    "parameters": {"type": "object"},
}


@check(Level.P0)
async def session_created(server: Server) -> None:
    """The first event is session.created, of type realtime, with its formats, turn detection, tools and voice whole:
    Pipecat waits for it for ever and reads it with strict types of its own."""
    async with server.connect() as caller:
        demand(caller.types()[:1] == ["session.created"], f"the first event is {caller.types()[0]}")
        _is_whole(caller.raw(0)["session"])


@check(Level.P0)
async def session_updated(server: Server) -> None:
    """session.update is answered by the whole session: what was sent is changed, all else is as before. The SDKs for
    Python and JavaScript take the output format and interrupt_response from there."""
    async with server.connect() as caller:
        before = caller.raw()["session"]
        after = await caller.update(instructions="Be brief.", tools=[TOOL])
        _is_whole(after)
        demand(after.get("instructions") == "Be brief.", "the new instructions are not told")
        demand([tool["name"] for tool in after["tools"]] == ["look_up"], "the new tool is not told")
        demand(after["audio"] == before["audio"], "what was not named in the update has changed")


@check(Level.P0)
async def session_update_merges(server: Server) -> None:
    """An update changes the fields that it names, and those alone, also deep inside; an empty text clears the
    instructions, an empty list the tools (API reference, session.update)."""
    async with server.connect() as caller:
        await caller.update(instructions="Be brief.", tools=[TOOL])
        vad = {"type": "server_vad", "threshold": 0.6, "silence_duration_ms": 700}
        heard = (await caller.update(audio={"input": {"turn_detection": vad}}))["audio"]["input"]
        demand(heard["turn_detection"].get("silence_duration_ms") == 700, "silence_duration_ms is not kept")
        session = await caller.update(
            audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 0.4}}}
        )
        detection = session["audio"]["input"]["turn_detection"]
        demand(detection["threshold"] == 0.4, "the new threshold is not told")
        demand(
            session.get("instructions") == "Be brief.", "an update of the sound has cleared the instructions"
        )
        session = await caller.update(instructions="", tools=[])
        demand(not session.get("instructions"), "an empty text does not clear the instructions")
        demand(not session.get("tools"), "an empty list does not clear the tools")


@check(Level.P0)
async def session_update_of_nothing(server: Server) -> None:
    """An update that names nothing changes nothing, and is answered: Pipecat sends such."""
    async with server.connect() as caller:
        before = caller.raw()["session"]
        demand(await caller.update() == before, "the session has changed")


@check(Level.P0)
async def turn_detection_kinds(server: Server) -> None:
    """server_vad, semantic_vad and null are taken and told, with interrupt_response: without it two SDKs cancel
    by themselves at every word of the user's, and show the error."""
    async with server.connect() as caller:
        first = caller.raw()["session"]["audio"]["input"].get("turn_detection")
        demand(
            first and first["type"] == "server_vad", "the default is not server_vad, on which Pipecat relies"
        )
        for kind in ("semantic_vad", "server_vad"):
            detection = {"type": kind, "interrupt_response": False, "create_response": False}
            session = await caller.update(audio={"input": {"turn_detection": detection}})
            told = session["audio"]["input"]["turn_detection"]
            demand(told["type"] == kind, f"{kind} is told as {told['type']}")
            demand(told.get("interrupt_response") is False, f"{kind}: interrupt_response is not told")
        session = await caller.update(audio={"input": {"turn_detection": None}})
        demand(session["audio"]["input"].get("turn_detection") is None, "null does not end turn detection")


@check(Level.P0)
async def settings_are_taken(server: Server) -> None:
    """tracing, noise_reduction, voice, speed, truncation, reasoning, prompt, include and max_output_tokens are taken
    without an error, used or not: the SDKs send them unasked, and to Pipecat any error is the end."""
    settings: list[dict[str, object]] = [
        {"tracing": "auto"},
        {"tracing": {"workflow_name": "w", "group_id": "g", "metadata": {"k": "v"}}},
        {"tracing": None},
        {"audio": {"input": {"noise_reduction": {"type": "near_field"}}}},
        {"audio": {"input": {"noise_reduction": None}}},
        {"audio": {"output": {"voice": "marin", "speed": 1.1}}},
        {"truncation": "disabled"},
        {"truncation": {"type": "retention_ratio", "retention_ratio": 0.8}},
        {"include": ["item.input_audio_transcription.logprobs"]},
        {"max_output_tokens": 4096},
        {"max_output_tokens": "inf"},
        {"tool_choice": "auto", "parallel_tool_calls": True},
    ]
    async with server.connect() as caller:
        for one in settings:
            try:
                await caller.update(**one)
            except Unmet as why:
                raise Unmet(f"{one}: {why}") from None


@check(Level.P0)
async def transcription_is_told_in_short(server: Server) -> None:
    """Of input transcription the session tells model, language and prompt, whatever else was set: any other key ends
    Pipecat's connection."""
    async with server.connect() as caller:
        given = {"model": "gpt-4o-transcribe", "language": "en", "prompt": "Names."}
        session = await caller.update(audio={"input": {"transcription": given}})
        told = session["audio"]["input"].get("transcription") or {}
        demand(told.get("model"), "the model is not told")
        demand(set(told) <= {"model", "language", "prompt"}, f"it tells {sorted(told)}")


@check(Level.P0)
async def key_in_a_subprotocol(server: Server) -> None:
    """A browser gives its key as a subprotocol, and the server chooses `realtime` of those offered: otherwise
    browsers close the connection (RFC 6455, 4.1)."""
    offered = ["realtime", f"openai-insecure-api-key.{server.key}"]
    address = f"{server.url}?model={server.model}"
    protocols = [websockets.Subprotocol(name) for name in offered]
    async with websockets.connect(address, subprotocols=protocols, max_size=None) as socket:
        demand(socket.subprotocol == "realtime", f"it chooses {socket.subprotocol}")
        first = rt.ClientSide().decode(await socket.recv())
        demand(isinstance(first, rt.SessionCreated), f"the first event is {first.type}")


@check(Level.P1)
async def voice_is_fixed_once_heard(server: Server) -> None:
    """After the first sound the voice cannot be changed: cannot_update_voice (API reference, session.update)."""
    async with server.connect() as caller:
        await caller.ask("Hello.")
        await caller.until(rt.ResponseDone)
        voice = caller.raw(0)["session"]["audio"]["output"]["voice"]
        other = "verse" if voice != "verse" else "alloy"
        audio = {"output": {"voice": other}}
        await caller.send_raw({"type": "session.update", "session": {"type": "realtime", "audio": audio}})
        demand((await caller.error()).code == "cannot_update_voice", "the error has another code")


def _is_whole(session: Mapping[str, Any]) -> None:
    """Raises Unmet unless a strict reader finds all it needs."""
    demand(session.get("type") == "realtime", f"its type is {session.get('type')!r}")
    audio = session.get("audio") or {}
    for way in ("input", "output"):
        form = (audio.get(way) or {}).get("format") or {}
        demand(form.get("type"), f"audio.{way}.format is missing")
        is_right = form["type"] != "audio/pcm" or form.get("rate", 24_000) == 24_000
        demand(is_right, f"audio.{way}.format has a rate of {form.get('rate')}: the only one is 24000")
    demand("turn_detection" in audio["input"], "audio.input.turn_detection is missing")
    detection = audio["input"]["turn_detection"]
    demand(detection is None or "interrupt_response" in detection, "interrupt_response is missing")
    demand(isinstance(audio["output"].get("voice"), str), "audio.output.voice is not a string")
    demand(isinstance(session.get("tool_choice"), str), "tool_choice is not a string")
    demand(
        session.get("output_modalities") in (["audio"], ["text"]),
        "output_modalities is neither audio nor text",
    )
