"""What OpenAI's stock clients ask for without saying so: each of these, broken, makes one of them deaf without an error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openai.types.realtime import ClientSecretCreateResponse
from pydantic import ValidationError

from antiphon.wire import openai_realtime as rt
from wire.realtime_events import RICH, SERVER_EVENTS, SESSIONS, hold_against_openai

SENT: list[dict[str, Any]] = [json.loads(rt.ServerSide("s").encode(event)) for event in SERVER_EVENTS]
MAY_BE_NULL = {"previous_item_id", "transcript", "turn_detection"}


def of(*kinds: str) -> list[dict[str, Any]]:
    found = [event for event in SENT if event["type"].startswith(kinds)]
    assert found
    return found


def items() -> list[dict[str, Any]]:
    inside = [
        item for event in of("response.created", "response.done") for item in event["response"]["output"]
    ]
    return [event["item"] for event in SENT if "item" in event] + inside


def nulls(value: Any, name: str = "") -> Iterator[str]:
    if value is None:
        yield name
    for key, one in value.items() if isinstance(value, dict) else ():
        yield from nulls(one, key)
    for one in value if isinstance(value, list) else ():
        yield from nulls(one, name)


def test_nothing_is_null_but_what_may_be() -> None:
    for event in SENT:
        found = set(nulls({name: value for name, value in event.items() if name != "response"}))
        assert found <= MAY_BE_NULL, event


def test_an_item_has_no_null_status_name_or_call() -> None:
    assert all(
        item.get(name, "") is not None for item in items() for name in ("id", "status", "name", "call_id")
    )


def test_a_part_has_no_null_transcript() -> None:
    parts = [event["part"] for event in of("response.content_part.")]
    assert not [part for part in parts if None in part.values()]


def test_a_part_is_audio_while_the_content_it_becomes_is_output_audio() -> None:
    assert {event["part"]["type"] for event in of("response.content_part.")} == {"audio", "text"}
    spoken = [part["type"] for item in items() if item.get("role") == "assistant" for part in item["content"]]
    assert set(spoken) == {"output_audio", "output_text"}


def test_a_transcription_says_what_it_cost_and_tokens_come_with_their_details() -> None:
    for event in of("conversation.item.input_audio_transcription.completed"):
        usage = event["usage"]
        assert usage["type"] == "duration" or set(usage["input_token_details"]) == {
            "text_tokens",
            "audio_tokens",
        }


def test_a_failed_transcription_has_no_null_code_and_says_its_type() -> None:
    (event,) = of("conversation.item.input_audio_transcription.failed")
    assert set(event["error"]) == {"message", "type"}


def test_details_of_a_status_are_an_object() -> None:
    details = [event["response"]["status_details"] for event in of("response.done")]
    assert all(isinstance(one, dict) for one in details)


@pytest.mark.parametrize("voice", ["alloy", rt.VoiceId("voice_1")])
def test_the_voice_of_a_response_is_never_an_object(voice: str | rt.VoiceId) -> None:
    session = rt.Session(audio=rt.Audio(output=rt.AudioOutput(voice=voice)))
    begun = rt.ResponseCreated(rt.begun("resp_1", "conv_1", session))
    told = json.loads(rt.ServerSide("s").encode(begun))["response"]["audio"]["output"]
    assert told.get("voice", "alloy") == "alloy"


def test_rate_limits_have_the_two_names_that_are_known() -> None:
    (event,) = of("rate_limits.updated")
    assert [limit["name"] for limit in event["rate_limits"]] == ["requests", "tokens"]


def test_speech_says_when_it_started_in_whole_milliseconds() -> None:
    (event,) = of("input_audio_buffer.speech_started")
    assert type(event["audio_start_ms"]) is int


def test_every_event_has_an_id() -> None:
    assert all(event["event_id"] for event in SENT)


def test_whole_arguments_come_with_the_name_of_the_function() -> None:
    (event,) = of("response.function_call_arguments.done")
    assert event["name"] == "look_up"


def test_playback_says_which_response_it_is_of() -> None:
    assert all(event["response_id"] == "resp_1" for event in of("output_audio_buffer."))


def test_a_session_says_its_type_its_only_rate_and_whether_speech_interrupts() -> None:
    for event in of("session."):
        heard = event["session"]["audio"]["input"]
        assert event["session"]["type"] in ("realtime", "transcription")
        assert heard["format"].get("rate", 24000) == 24000
        assert heard["turn_detection"] is None or "interrupt_response" in heard["turn_detection"]


def test_of_a_transcription_only_three_settings_are_told() -> None:
    for event in of("session."):
        told = event["session"]["audio"]["input"].get("transcription", {})
        assert set(told) <= {"model", "language", "prompt"}
    assert RICH.audio.input.transcription
    assert RICH.audio.input.transcription.keywords


def test_a_tool_choice_and_a_voice_are_strings_where_the_client_set_no_other() -> None:
    (told, *_) = [event["session"] for event in of("session.created")]
    assert told["tool_choice"] == "auto"
    assert told["audio"]["output"]["voice"] == "alloy"


def test_of_a_session_only_what_a_client_could_have_set_is_told() -> None:
    assert not [event for event in of("session.") if {"id", "object", "expires_at"} & set(event["session"])]


def test_metadata_comes_back_as_it_was_sent() -> None:
    text = '{"type":"response.create","response":{"metadata":{"client_event_id":"response_create_1"}}}'
    asked = rt.ServerSide("s").decode(text)
    assert isinstance(asked, rt.CreateResponse)
    begun = rt.begun("resp_1", "conv_1", rt.Session(), asked.response)
    event = json.loads(rt.ServerSide("s").encode(rt.ResponseCreated(begun)))
    assert event["response"]["metadata"] == {"client_event_id": "response_create_1"}


@pytest.mark.parametrize("session", SESSIONS)
def test_a_secret_is_answered_as_openai_answers_it(session: rt.AnySession) -> None:
    if isinstance(session, rt.Session) and isinstance(session.audio.output.voice, rt.VoiceId):
        session = rt.Patch(rt.Session, {"audio": rt.Audio()}).onto(session)
    secret = rt.Secret("ek_1", 1_800_000_000, "sess_1", session)
    text = rt.encode_secret(secret)
    model = ClientSecretCreateResponse.model_validate_json(text, strict=True)
    assert (model.value, model.expires_at, model.session.id) == ("ek_1", 1_800_000_000, "sess_1")
    assert rt.decode_secret(text).session_id == "sess_1"


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "input_audio_buffer.cleared"},
        {"type": "input_audio_buffer.speech_started", "event_id": "e", "item_id": "i", "audio_start_ms": 12.5},
        {"type": "output_audio_buffer.cleared", "event_id": "e"},
        {"type": "antiphon.greeting", "event_id": "e"},
        {"type": "response.content_part.added", "event_id": "e", "response_id": "r", "item_id": "i",
         "output_index": 0, "content_index": 0, "part": {"type": "output_audio"}},
        {"type": "conversation.item.deleted", "event_id": "e", "item_id": "i", "reason": "why not"},
    ],
)  # fmt: skip
def test_openais_models_see_what_is_broken(broken: dict[str, Any]) -> None:
    with pytest.raises((ValidationError, AssertionError, KeyError)):
        hold_against_openai(json.dumps(broken), is_client=False)
