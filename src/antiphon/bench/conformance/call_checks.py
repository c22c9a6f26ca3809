"""Calls by WebRTC: offers, sound on the track, what its client is told of it, and whoever stands beside."""

from __future__ import annotations

import asyncio
import importlib
import json
import time
from types import ModuleType
from urllib.parse import urljoin, urlsplit

from antiphon.bench.conformance.checking import Level, check, demand
from antiphon.bench.conformance.connection import Server
from antiphon.bench.conformance.expecting import Unmet
from antiphon.bench.conformance.speaking import LONG
from antiphon.wire import openai_realtime as rt

LINE = "Hello, who are you?"
UNDER_WAY_S = 0.6
"Seconds of sound that may have been on their way when the server cleared the rest."


def _calling() -> ModuleType:
    """`calling`, which needs more than the rest. Raises NotRun."""
    return importlib.import_module("antiphon.bench.conformance.calling")


@check(Level.P0)
async def call_by_raw_offer(server: Server) -> None:
    """POST …/calls with an offer as application/sdp, as a page posts it: 201, the answer as SDP, where the call is in
    Location, and the headers that let a page of another origin read both; then session.created on the data channel."""
    to = _calling()
    answers = []

    async def post(offer: str) -> object:
        path = f"/calls?model={server.model}"
        answers.append(await to.requested(server, path, offer.encode(), content_type="application/sdp"))
        return answers[-1]

    async with to.call(server, post) as caller:
        headers = answers[0].headers
        kind = headers.get("content-type") or ""
        demand(kind.startswith("application/sdp"), f"the answer is {kind}")
        demand("/calls/" in caller.location, f"Location is {caller.location!r}")
        demand(headers.get("access-control-allow-origin"), "no Access-Control-Allow-Origin")
        exposed = (headers.get("access-control-expose-headers") or "").lower()
        demand("location" in exposed, "Location is not in Access-Control-Expose-Headers")


@check(Level.P0)
async def call_by_form(server: Server) -> None:
    """The same with the parts sdp and session of a form, as openai-python and -node send it: the session begins as
    it says."""
    to = _calling()
    session = {"type": "realtime", "model": server.model, "instructions": "Be brief."}

    async def post(offer: str) -> object:
        body, kind = to.form(offer, session)
        return await to.requested(server, "/calls", body, content_type=kind)

    async with to.call(server, post) as caller:
        told = caller.raw(0)["session"].get("instructions")
        demand(told == "Be brief.", f"the instructions are {told!r}")


@check(Level.P1)
async def call_from_another_origin(server: Server) -> None:
    """A page may send what @openai/agents sends: authorization, content-type, x-openai-agents-sdk."""
    to = _calling()
    wanted = "authorization, content-type, x-openai-agents-sdk"
    answer = await to.requested(
        server, "/calls", method="OPTIONS", access_control_request_method="POST",
        access_control_request_headers=wanted,
    )  # fmt: skip
    allowed = (answer.headers.get("access-control-allow-headers") or "").lower()
    missing = [name for name in wanted.split(", ") if name not in allowed and allowed != "*"]
    demand(answer.status < 300 and not missing, f"{answer.status}; not allowed: {', '.join(missing)}")


@check(Level.P0)
async def call_refuses_garbage(server: Server) -> None:
    """What is no offer is refused with 4xx, and an error of OpenAI's form in the body."""
    to = _calling()
    for body, kind in ((b"hello", "application/sdp"), (b"v=0", "application/sdp"), (b"v=0", "text/plain")):
        answer = await to.requested(server, f"/calls?model={server.model}", body, content_type=kind)
        demand(400 <= answer.status < 500, f"{body!r} as {kind} is answered by {answer.status}")
        try:
            message = json.loads(answer.text)["error"]["message"]
        except (ValueError, KeyError, TypeError):
            raise Unmet(f"the body is no error: {answer.text[:80]!r}") from None
        demand(message, "the error has no message")


@check(Level.P0)
async def call_is_heard(server: Server) -> None:
    """What is said is heard on the track, not in events; output_audio_buffer.started comes before its end, and .stopped
    when it was heard, after response.done, both of its response."""
    async with _calling().call(server) as caller:
        await caller.ask(LINE)
        response = (await caller.until(rt.ResponseCreated)).response.id
        started = await caller.until(rt.PlaybackStarted)
        stopped = await caller.until(rt.PlaybackStopped)
        await asyncio.sleep(0.3)
        demand(started.response_id == stopped.response_id == response, "they are of another response")
        demand(caller.loud_s() > 0.2, f"{caller.loud_s():.2f} s of sound came on the track")
        caller.has_order([rt.PlaybackStarted, rt.ResponseDone, rt.PlaybackStopped])
        demand(not caller.of(rt.AudioDelta), "the sound came in events, too")


@check(Level.P0)
async def call_gives_way(server: Server) -> None:
    """Who speaks over the answer stops it: speech_started, the response cancelled for turn_detected,
    output_audio_buffer.cleared, silence, and the server truncates the item where it stopped: no client of WebRTC
    does."""
    async with _calling().call(server) as caller:
        await caller.ask(LONG)
        started = await caller.until(rt.PlaybackStarted)
        await asyncio.sleep(0.7)
        before, began = caller.mark(), time.monotonic()
        for _ in range(2):  # long enough to hear that nothing is heard meanwhile
            caller.speak(server.question)
        cleared = await caller.until(rt.PlaybackCleared)
        at = time.monotonic()
        demand(cleared.response_id == started.response_id, "another response was cleared")
        demand(caller.of(rt.SpeechStarted, before), "speech_started did not come before")
        cut = caller.of(rt.ItemTruncated, before) or [await caller.until(rt.ItemTruncated)]
        sounded = 1000 * (at - caller.heard_from + UNDER_WAY_S)
        demand(
            0 < cut[0].audio_end_ms <= sounded, f"{cut[0].audio_end_ms} ms are left of {sounded:.0f} at most"
        )
        ended = [one.response for one in caller.of(rt.ResponseDone) if one.response.id == cleared.response_id]
        reason = ended[0].status_details.reason if ended and ended[0].status_details else None
        demand(reason == "turn_detected", f"its response ended for {reason}")
        until = began + 2 * server.question.seconds
        await asyncio.sleep(max(0.0, until - time.monotonic()))
        demand(caller.loud_s(at + UNDER_WAY_S, until) < 0.1, "it is heard on")


@check(Level.P1)
async def call_clears_what_sounds(server: Server) -> None:
    """output_audio_buffer.clear: silence, and output_audio_buffer.cleared."""
    async with _calling().call(server) as caller:
        await caller.ask(LONG)
        started = await caller.until(rt.PlaybackStarted)
        await asyncio.sleep(0.4)
        await caller.send(rt.ClearPlayback())
        cleared = await caller.until(rt.PlaybackCleared)
        demand(cleared.response_id == started.response_id, "another response was cleared")
        since = time.monotonic() + UNDER_WAY_S
        await asyncio.sleep(UNDER_WAY_S + 0.5)
        demand(caller.loud_s(since) < 0.1, "it is heard on")


@check(Level.P1)
async def call_speaks_out_of_band(server: Server) -> None:
    """A response with conversation "none" is heard on the track, too, with the events of its own playback."""
    async with _calling().call(server) as caller:
        line = rt.Message(role="user", content=(rt.InputText(LINE),))
        await caller.send(rt.CreateResponse(rt.ResponseParams(conversation="none", input=(line,))))
        response = (await caller.until(rt.ResponseCreated)).response.id
        demand((await caller.until(rt.PlaybackStarted)).response_id == response, "another one sounds")
        demand((await caller.until(rt.PlaybackStopped)).response_id == response, "another one stopped")
        await asyncio.sleep(0.3)
        demand(caller.loud_s() > 0.2, f"{caller.loud_s():.2f} s of sound came on the track")


@check(Level.P0)
async def call_is_hung_up(server: Server) -> None:
    """POST …/calls/{id}/hangup ends the call."""
    to = _calling()
    async with to.call(server) as caller:
        address = urljoin(server.http, urlsplit(caller.location).path)
        answer = await to.requested(server, f"{address}/hangup", b"")
        demand(answer.status == 200, f"the answer is {answer.status}")
        try:
            async with asyncio.timeout(server.within_s):
                await caller.is_gone.wait()
        except TimeoutError:
            raise Unmet("the call goes on") from None


@check(Level.P1)
async def call_has_a_sideband(server: Server) -> None:
    """Whoever connects with ?call_id= reads along, and acts as the client does: session.update, response.create."""
    async with _calling().call(server) as caller:
        id = urlsplit(caller.location).path.rpartition("/")[2]
        async with server.connect(call_id=id) as beside:
            await beside.update(instructions="Be brief.")
            told = (await caller.until(rt.SessionUpdated)).session
            demand(getattr(told, "instructions", "") == "Be brief.", "the client is not told of the update")
            await beside.ask(LINE)
            response = (await beside.until(rt.ResponseCreated)).response.id
            demand(
                (await caller.until(rt.ResponseCreated)).response.id == response, "the client sees another"
            )
            await caller.until(rt.PlaybackStopped)
            demand(caller.loud_s() > 0.2, "the client hears nothing")
            await beside.until(rt.ResponseDone)
