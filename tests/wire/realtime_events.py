"""One or more of every event of the Realtime protocol, and OpenAI's own models to hold them against."""

from __future__ import annotations

import json
from typing import Any, get_args

from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import BaseModel

from antiphon.wire import openai_realtime as rt

PCM = bytes(range(0, 200, 2))
USAGE = rt.Usage.of(rt.InputTokens(3, 90, 2), rt.OutputTokens(7, 200))
TOOL = rt.FunctionTool(
    "look_up", "Looks a thing up.", {"type": "object", "properties": {"what": {"type": "string"}}}
)
USER = rt.Message(id="item_u", status="completed", role="user", content=(rt.InputAudio(),))
TYPED = rt.Message(role="user", content=(rt.InputText("Wie heißt du? 🙂"),))
SYSTEM = rt.Message(id="item_s", role="system", content=(rt.InputText("Be brief."),))
SPOKEN = rt.Message(
    id="item_a", status="incomplete", role="assistant", content=(rt.OutputAudio(transcript="My name"),)
)
WRITTEN = rt.Message(id="item_w", status="completed", role="assistant", content=(rt.OutputText("Antiphon."),))
CALL = rt.FunctionCall(
    id="item_c", status="completed", call_id="call_1", name="look_up", arguments='{"what":"time"}'
)
OUTPUT = rt.FunctionCallOutput(id="item_o", status="completed", call_id="call_1", output="noon")
ITEMS: list[rt.Item] = [USER, TYPED, SYSTEM, SPOKEN, WRITTEN, CALL, OUTPUT]

PLAIN = rt.Session(model="tutor")
RICH = rt.Session(
    model="tutor",
    output_modalities=("text",),
    instructions="Speak.",
    audio=rt.Audio(
        rt.AudioInput(
            rt.Pcmu(),
            rt.Transcription("moonshine", "en", "names", keywords=("Antiphon",)),
            rt.NoiseReduction("near_field"),
            rt.SemanticVad("low", interrupt_response=False),
        ),
        rt.AudioOutput(rt.Pcma(), rt.VoiceId("voice_1"), 1.25),
    ),
    tools=(TOOL,),
    tool_choice=rt.ChosenFunction("look_up"),
    parallel_tool_calls=False,
    max_output_tokens=200,
    tracing=rt.TracingTo("lesson", "g", {"class": 3}),
    truncation=rt.RetentionRatio(0.8, rt.TokenLimits(1000)),
    prompt=rt.Prompt("pmpt_1", "2", {"name": "Ada"}),
    reasoning=rt.Reasoning("low"),
    include=("item.input_audio_transcription.logprobs",),
)
DEAF = rt.Session(tracing="auto", audio=rt.Audio(rt.AudioInput(turn_detection=None)))
SCRIBE = rt.TranscriptionSession(rt.TranscriptionAudio(rt.AudioInput(transcription=rt.Transcription("m"))))
SESSIONS: list[rt.AnySession] = [PLAIN, RICH, DEAF, SCRIBE]

CLIENT_EVENTS: list[rt.ClientEvent] = [
    *(rt.UpdateSession(rt.whole(session), event_id="mine") for session in SESSIONS),
    rt.UpdateSession(rt.between(RICH, PLAIN)),
    rt.UpdateSession(rt.between(PLAIN, PLAIN)),
    rt.AppendAudio(PCM),
    rt.CommitAudio(),
    rt.ClearAudio(event_id="e2"),
    rt.ClearPlayback(),
    *(rt.CreateItem(item) for item in ITEMS if item is not USER),
    rt.CreateItem(rt.Message(role="user", content=(rt.InputAudio(PCM),)), rt.ROOT, event_id="e3"),
    rt.DeleteItem("item_u"),
    rt.RetrieveItem("item_u"),
    rt.TruncateItem("item_a", 0, 1250),
    rt.CreateResponse(),
    rt.CreateResponse(rt.ResponseParams()),
    rt.CreateResponse(
        rt.ResponseParams(
            conversation="none",
            input=(TYPED, WRITTEN, CALL, OUTPUT),
            instructions="Sum up.",
            output_modalities=("text",),
            audio=rt.ResponseAudio(rt.ResponseAudioOutput(rt.Pcm(), "alloy")),
            tools=(TOOL,),
            tool_choice="required",
            parallel_tool_calls=True,
            max_output_tokens="inf",
            metadata={"client_event_id": "x"},
            prompt=rt.Prompt("p"),
            reasoning=rt.Reasoning("minimal"),
        ),
        event_id="e4",
    ),
    rt.CreateResponse(rt.ResponseParams(input=(), conversation="auto")),
    rt.CancelResponse(),
    rt.CancelResponse("resp_1"),
]

_AT = ("resp_1", "item_a", 0, 0)
BEGUN = rt.Response(id="resp_1", status="in_progress", conversation_id="conv_1", metadata={"k": "v"})
ENDED = rt.Response(
    id="resp_1",
    status="completed",
    status_details=rt.StatusDetails("completed"),
    output=(SPOKEN, CALL),
    conversation_id="conv_1",
    max_output_tokens=100,
    audio=rt.SpokenAudio(rt.SpokenWith(rt.Pcm(), "alloy")),
    usage=USAGE,
)
SERVER_EVENTS: list[rt.ServerEvent] = [
    *(rt.SessionCreated(session) for session in SESSIONS),
    *(rt.SessionUpdated(session) for session in SESSIONS),
    rt.ConversationCreated(rt.ConversationId("conv_1")),
    *(rt.ItemAdded(item, "item_before") for item in ITEMS),
    rt.ItemAdded(USER),
    *(rt.ItemDone(item) for item in ITEMS),
    *(rt.ItemRetrieved(item) for item in ITEMS),
    rt.ItemDeleted("item_u"),
    rt.ItemTruncated("item_a", 0, 1250),
    rt.SpeechStarted("item_u", 120),
    rt.SpeechStopped("item_u", 1480),
    rt.AudioCommitted("item_u"),
    rt.AudioCommitted("item_u", "item_a"),
    rt.AudioCleared(),
    rt.TimeoutTriggered("item_u", 0, 6000),
    rt.TranscriptionDelta("item_u", "Wie "),
    rt.TranscriptionCompleted("item_u", "Wie heißt du?", rt.DurationUsage(1.36)),
    rt.TranscriptionCompleted("item_u", "Wie?", rt.TokenUsage(16, 14, 2, rt.HeardTokens(0, 14))),
    rt.TranscriptionFailed("item_u", rt.TranscriptionProblem("No recognizer.", "server_error")),
    rt.TranscriptionSegment("item_u", "seg_1", "Wie?", "speaker_0", 0.1, 1.4),
    rt.ResponseCreated(BEGUN),
    rt.ResponseDone(ENDED),
    rt.ResponseDone(rt.Response(id="r", status="cancelled", status_details=rt.StatusDetails("cancelled", "turn_detected"))),
    rt.ResponseDone(rt.Response(id="r", status="incomplete", status_details=rt.StatusDetails("incomplete", "content_filter"))),
    rt.ResponseDone(rt.Response(id="r", status="failed", status_details=rt.StatusDetails("failed", error=rt.Failure("server_error", "c", "m")))),
    *(rt.OutputItemAdded("resp_1", 0, item) for item in (SPOKEN, WRITTEN, CALL)),
    *(rt.OutputItemDone("resp_1", 1, item) for item in (SPOKEN, WRITTEN, CALL)),
    *(rt.ContentPartAdded(*_AT, part=part) for part in (rt.AudioPart(), rt.AudioPart(""), rt.TextPart(""))),
    *(rt.ContentPartDone(*_AT, part=part) for part in (rt.AudioPart("My name"), rt.TextPart("Antiphon."))),
    rt.AudioDelta(*_AT, delta=PCM),
    rt.AudioDone(*_AT),
    rt.AudioTranscriptDelta(*_AT, delta="My "),
    rt.AudioTranscriptDone(*_AT, transcript="My name"),
    rt.TextDelta(*_AT, delta="Anti"),
    rt.TextDone(*_AT, text="Antiphon."),
    rt.ArgumentsDelta("resp_1", "item_c", 0, "call_1", "{"),
    rt.ArgumentsDone("resp_1", "item_c", 0, "call_1", "look_up", "{}"),
    rt.PlaybackStarted("resp_1"),
    rt.PlaybackStopped("resp_1"),
    rt.PlaybackCleared("resp_1"),
    rt.RateLimitsUpdated((rt.RateLimit("requests", 100, 99, 0.5), rt.RateLimit("tokens", 9, 8, 1.0))),
    rt.ErrorEvent(rt.Problem("invalid_request_error", "No.", "invalid_value", "item.id", "mine")),
    rt.ErrorEvent(rt.Problem("server_error", "Ours.")),
]  # fmt: skip


def _models(union: Any) -> dict[str, type[BaseModel]]:
    kinds = get_args(get_args(union)[0])
    return {get_args(kind.model_fields["type"].annotation)[0]: kind for kind in kinds}


_MODELS = {True: _models(RealtimeClientEvent), False: _models(RealtimeServerEvent)}


def hold_against_openai(text: str, *, is_client: bool) -> BaseModel:
    """The event as openai-python's strict model of it, in which there is no field that the model does not know."""
    model = _MODELS[is_client][json.loads(text)["type"]].model_validate_json(text, strict=True)
    assert model.to_dict(mode="json", exclude_unset=True) == json.loads(text)  # type: ignore[attr-defined]
    _check_no_extra(model, json.loads(text)["type"])
    return model


def _check_no_extra(value: object, path: str) -> None:
    if isinstance(value, BaseModel):
        assert not value.model_extra, f"{path} has {value.model_extra}"
        for name in type(value).model_fields:
            _check_no_extra(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for one in value:
            _check_no_extra(one, path)
