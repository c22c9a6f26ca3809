"""What a session is set to: updates change what they name, and a response may differ from its session."""

from __future__ import annotations

import json
from typing import Any

import pytest

from antiphon.wire import openai_realtime as rt
from wire.realtime_events import RICH, SCRIBE, SYSTEM, TOOL


def after(session: rt.Session, update: dict[str, Any], *, has_spoken: bool = False) -> rt.Session:
    """The session after a `session.update` as it comes over the wire."""
    event = rt.ServerSide("s").decode(json.dumps({"type": "session.update", "session": update}))
    assert isinstance(event, rt.UpdateSession)
    return rt.changed(session, event.session, has_spoken=has_spoken, event_id="mine")


def heard(session: rt.Session) -> rt.AudioInput:
    return session.audio.input


def test_what_is_not_named_stays() -> None:
    new = after(RICH, {"type": "realtime", "instructions": "Sing."})
    assert new == rt.Patch(rt.Session, {"instructions": "Sing."}).onto(RICH)
    assert new.tools == RICH.tools


def test_an_empty_text_clears_the_instructions_and_an_empty_list_the_tools() -> None:
    new = after(RICH, {"instructions": "", "tools": []})
    assert (new.instructions, new.tools) == ("", ())


def test_null_turns_off_turns_noise_reduction_and_transcription() -> None:
    null = {"turn_detection": None, "noise_reduction": None, "transcription": None}
    new = heard(after(RICH, {"audio": {"input": null}}))
    assert (new.turn_detection, new.noise_reduction, new.transcription) == (None, None, None)
    assert new.format == rt.Pcmu()


def test_null_tracing_and_prompt_are_none() -> None:
    new = after(RICH, {"tracing": None, "prompt": None})
    assert (new.tracing, new.prompt) == (None, None)


def test_null_where_there_is_no_nothing_changes_nothing() -> None:
    null = {
        "instructions": None,
        "tools": None,
        "tool_choice": None,
        "audio": {"input": None, "output": None},
    }
    assert after(RICH, null) == RICH
    assert after(RICH, {"audio": None, "output_modalities": None, "max_output_tokens": None}) == RICH


def test_the_same_turn_detection_is_changed_and_another_begins_anew() -> None:
    patient = after(
        rt.Session(),
        {"audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 900}}}},
    )
    assert heard(patient).turn_detection == rt.ServerVad(silence_duration_ms=900)
    keen = after(patient, {"audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 0.2}}}})
    assert heard(keen).turn_detection == rt.ServerVad(0.2, silence_duration_ms=900)
    semantic = after(
        keen, {"audio": {"input": {"turn_detection": {"type": "semantic_vad", "interrupt_response": False}}}}
    )
    assert heard(semantic).turn_detection == rt.SemanticVad(interrupt_response=False)


def test_turn_detection_comes_back_after_null() -> None:
    deaf = after(rt.Session(), {"audio": {"input": {"turn_detection": None}}})
    again = after(deaf, {"audio": {"input": {"turn_detection": {"type": "server_vad"}}}})
    assert heard(again).turn_detection == rt.ServerVad()


def test_what_only_openai_does_is_taken_without_a_word() -> None:
    named = {
        "tracing": "auto", "truncation": {"type": "retention_ratio", "retention_ratio": 0.8}, "reasoning": {"effort": "low"},
        "prompt": {"id": "pmpt_1"}, "include": ["item.input_audio_transcription.logprobs"],
        "audio": {"input": {"noise_reduction": {"type": "far_field"}}, "output": {"voice": "cedar", "speed": 1.1}},
    }  # fmt: skip
    new = after(rt.Session(), named)
    assert new.truncation == rt.RetentionRatio(0.8)
    assert new.audio.output == rt.AudioOutput(voice="cedar", speed=1.1)


def test_a_voice_that_has_spoken_stays() -> None:
    other = {"audio": {"output": {"voice": "cedar"}}}
    assert after(rt.Session(), other).audio.output.voice == "cedar"
    with pytest.raises(rt.EventRefused) as refused:
        after(rt.Session(), other, has_spoken=True)
    assert (refused.value.code, refused.value.event_id) == ("cannot_update_voice", "mine")
    assert after(rt.Session(), {"audio": {"output": {"voice": "alloy", "speed": 1.2}}}, has_spoken=True)


def test_the_model_stays() -> None:
    assert after(rt.Session(model="tutor"), {"model": "gpt-realtime"}).model == "tutor"
    assert after(rt.Session(), {"model": "tutor"}).model == "tutor"


def test_a_session_does_not_change_its_type() -> None:
    with pytest.raises(rt.EventRefused) as refused:
        after(rt.Session(), {"type": "transcription"})
    assert (refused.value.param, refused.value.event_id) == ("session.type", "mine")


def test_a_session_that_transcribes_is_changed_like_any_other() -> None:
    text = '{"type":"session.update","session":{"type":"transcription","audio":{"input":{"turn_detection":null}}}}'
    event = rt.ServerSide("s").decode(text)
    assert isinstance(event, rt.UpdateSession)
    new = rt.changed(SCRIBE, event.session)
    assert new.audio.input.turn_detection is None
    assert new.audio.input.transcription == SCRIBE.audio.input.transcription


# ---- the response to it ----------------------------------------------------------------------------------
def asked(**response: Any) -> rt.ResponseParams:
    event = rt.ServerSide("s").decode(json.dumps({"type": "response.create", "response": response}))
    assert isinstance(event, rt.CreateResponse)
    assert event.response
    return event.response


def test_a_response_differs_from_its_session_in_what_was_asked() -> None:
    params = asked(
        instructions="Greet.",
        tool_choice="none",
        output_modalities=["audio"],
        audio={"output": {"voice": "ash"}},
    )
    mine = rt.for_response(RICH, params)
    assert (mine.instructions, mine.tool_choice, mine.output_modalities) == ("Greet.", "none", ("audio",))
    assert mine.audio.output == rt.AudioOutput(rt.Pcma(), "ash", 1.25)
    assert mine.tools == RICH.tools
    assert rt.for_response(RICH, None) is RICH


def test_no_tools_for_a_response_are_no_tools() -> None:
    assert rt.for_response(RICH, asked(tools=[])).tools == ()


def test_a_response_begins_as_its_client_asked() -> None:
    begun = rt.begun("resp_1", "conv_1", RICH, asked(metadata={"topic": "x"}, max_output_tokens=50))
    assert begun.status == "in_progress"
    assert begun.conversation_id == "conv_1"
    assert (begun.metadata, begun.max_output_tokens) == ({"topic": "x"}, 50)
    assert begun.output_modalities == ("text",)


def test_a_response_out_of_band_belongs_to_no_conversation_and_sees_what_it_is_given() -> None:
    given = [
        {"type": "item_reference", "id": "item_1"},
        json.loads(
            json.dumps(
                {
                    "type": "message",
                    "role": "system",
                    "content": [{"type": "input_text", "text": "Be brief."}],
                    "id": "item_s",
                }
            )
        ),
    ]
    params = asked(conversation="none", input=given)
    assert params.input == (rt.ItemReference("item_1"), SYSTEM)
    assert rt.begun("resp_1", "conv_1", rt.Session(), params).conversation_id is None


def test_no_input_is_not_an_empty_one() -> None:
    assert asked(input=[]).input == ()
    assert asked().input is None


# ---- before a session ------------------------------------------------------------------------------------
def test_a_secret_is_asked_for_with_the_session_it_opens() -> None:
    body = {
        "expires_after": {"anchor": "created_at", "seconds": 60},
        "session": {
            "type": "realtime",
            "tools": [
                {
                    "type": "function",
                    "name": TOOL.name,
                    "description": TOOL.description,
                    "parameters": TOOL.parameters,
                }
            ],
        },
    }
    request = rt.decode_secret_request(json.dumps(body))
    assert request.expires_after.seconds == 60
    assert request.session
    assert rt.changed(rt.Session(), request.session).tools == (TOOL,)
    assert rt.decode_secret_request(rt.encode_secret_request(request)) == request


@pytest.mark.parametrize("body", ["", b"", "{}", '{"session":null}'])
def test_a_secret_may_be_asked_for_with_nothing(body: str | bytes) -> None:
    assert rt.decode_secret_request(body) == rt.SecretRequest()


@pytest.mark.parametrize("seconds", [9, 7201])
def test_a_secret_does_not_live_too_short_or_too_long(seconds: int) -> None:
    with pytest.raises(rt.EventRefused) as refused:
        rt.decode_secret_request(json.dumps({"expires_after": {"seconds": seconds}}))
    assert json.loads(rt.refusal_body(refused.value))["error"]["param"] == "expires_after.seconds"


def test_the_settings_of_an_offer_are_an_update() -> None:
    patch = rt.decode_session('{"type":"realtime","instructions":"Hi."}')
    assert rt.changed(rt.Session(), patch).instructions == "Hi."
    with pytest.raises(rt.EventRefused):
        rt.decode_session('{"type":"song"}')
