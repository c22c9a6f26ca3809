"""What cannot be accepted is refused with OpenAI's codes, the field at fault and the client's event id; nothing breaks."""

from __future__ import annotations

import json

import pytest

from antiphon.wire import openai_realtime as rt
from wire.realtime_events import hold_against_openai


def refusal(text: str | bytes) -> rt.EventRefused:
    with pytest.raises(rt.EventRefused) as caught:
        rt.ServerSide("s").decode(text)
    return caught.value


def update(**session: object) -> str:
    return json.dumps({"type": "session.update", "event_id": "mine", "session": session})


def create(**item: object) -> str:
    return json.dumps({"type": "conversation.item.create", "event_id": "mine", "item": item})


def message(role: str, **part: object) -> str:
    return create(type="message", role=role, content=[part])


def heard(**settings: object) -> str:
    return update(audio={"input": settings})


def spoken(**settings: object) -> str:
    return update(audio={"output": settings})


@pytest.mark.parametrize(
    ("text", "code", "param"),
    [
        ('{"type":"response.jump","event_id":"mine"}', "invalid_value", "type"),
        ('{"type":"response.audio.delta","event_id":"mine"}', "invalid_value", "type"),
        ('{"event_id":"mine"}', "missing_required_parameter", "type"),
        ('{"type":["x"],"event_id":"mine"}', "invalid_type", "type"),
        ('{"type":"session.update","event_id":"mine"}', "missing_required_parameter", "session"),
        ('{"type":"session.update","event_id":"mine","session":null}', "invalid_type", "session"),
        (update(type="translation"), "invalid_value", "session.type"),
        (update(instructions=7), "invalid_type", "session.instructions"),
        (update(instructions="\ud800"), "invalid_value", "session.instructions"),
        (update(output_modalities=["audio", "text"]), "array_above_max_length", "session.output_modalities"),
        (update(output_modalities=[]), "array_below_min_length", "session.output_modalities"),
        (update(output_modalities=["video"]), "invalid_value", "session.output_modalities[0]"),
        (update(tools={"type": "function"}), "invalid_type", "session.tools"),
        (update(tools=[{"type": "mcp", "server_label": "x"}]), "invalid_value", "session.tools[0].type"),
        (update(tools=[{"type": "function"}]), "missing_required_parameter", "session.tools[0].name"),
        (update(tools=[{"type": "function", "name": "no spaces"}]), "invalid_value", "session.tools[0].name"),
        (update(tools=[{"name": "f", "parameters": [1]}]), "invalid_type", "session.tools[0].parameters"),
        (update(tool_choice="sometimes"), "invalid_value", "session.tool_choice"),
        (update(tool_choice={"type": "function"}), "missing_required_parameter", "session.tool_choice.name"),
        (update(max_output_tokens=0), "integer_below_min_value", "session.max_output_tokens"),
        (update(max_output_tokens="many"), "invalid_value", "session.max_output_tokens"),
        (update(audio=[]), "invalid_type", "session.audio"),
        (heard(format="pcm16"), "invalid_type", "session.audio.input.format"),
        (heard(format={"type": "audio/pcm", "rate": 16000}), "invalid_value", "session.audio.input.format.rate"),
        (heard(format={"type": "audio/mp3"}), "invalid_value", "session.audio.input.format.type"),
        (heard(format={"rate": 24000}), "missing_required_parameter", "session.audio.input.format.type"),
        (heard(turn_detection={"type": "none"}), "invalid_value", "session.audio.input.turn_detection.type"),
        (heard(turn_detection={"type": "server_vad", "threshold": 2}), "decimal_above_max_value",
         "session.audio.input.turn_detection.threshold"),
        (heard(turn_detection={"type": "server_vad", "silence_duration_ms": 0.5}), "invalid_type",
         "session.audio.input.turn_detection.silence_duration_ms"),
        (heard(turn_detection={"type": "semantic_vad", "eagerness": "keen"}), "invalid_value",
         "session.audio.input.turn_detection.eagerness"),
        (spoken(speed=9), "decimal_above_max_value", "session.audio.output.speed"),
        (spoken(speed=True), "invalid_type", "session.audio.output.speed"),
        (spoken(voice=7), "invalid_type", "session.audio.output.voice"),
        ('{"type":"session.update","event_id":"mine","session":{"audio":{"output":{"speed":1e999}}}}',
         "invalid_value", "session.audio.output.speed"),
        ('{"type":"input_audio_buffer.append","event_id":"mine"}', "missing_required_parameter", "audio"),
        ('{"type":"input_audio_buffer.append","event_id":"mine","audio":[1]}', "invalid_type", "audio"),
        ('{"type":"input_audio_buffer.append","event_id":"mine","audio":"?"}', "invalid_value", "audio"),
        ('{"type":"input_audio_buffer.append","event_id":"mine","audio":"ü==="}', "invalid_value", "audio"),
        (create(type="mcp_call"), "invalid_value", "item.type"),
        (create(role="user"), "missing_required_parameter", "item.type"),
        (create(type="message", role="user"), "missing_required_parameter", "item.content"),
        (create(type="message", role="boss", content=[]), "invalid_value", "item.role"),
        (create(type="function_call_output", output="x"), "missing_required_parameter", "item.call_id"),
        (create(type="function_call_output", call_id="c", output={}), "invalid_type", "item.output"),
        (create(type="message", id="i" * 513, role="user", content=[]), "string_above_max_length", "item.id"),
        (message("user", type="text", text="x"), "invalid_value", "item.content[0].type"),
        (message("user", type="output_text", text="x"), "invalid_value", "item.content[0].type"),
        (message("system", type="input_audio", audio=""), "invalid_value", "item.content[0].type"),
        (message("assistant", type="input_text", text="x"), "invalid_value", "item.content[0].type"),
        (message("user", type="input_image", image_url="data:,x"), "invalid_value", "item.content[0].type"),
        (message("user", type="input_audio"), "missing_required_parameter", "item.content[0].audio"),
        ('{"type":"conversation.item.truncate","event_id":"mine","item_id":"i","content_index":0,"audio_end_ms":12.5}',
         "invalid_type", "audio_end_ms"),
        ('{"type":"conversation.item.truncate","event_id":"mine","item_id":"i","content_index":0,"audio_end_ms":-1}',
         "integer_below_min_value", "audio_end_ms"),
        ('{"type":"conversation.item.delete","event_id":"mine","item_id":null}', "invalid_type", "item_id"),
        ('{"type":"response.create","event_id":"mine","response":[]}', "invalid_type", "response"),
        ('{"type":"response.create","event_id":"mine","response":{"metadata":{"a":1}}}', "invalid_type",
         "response.metadata.a"),
        ('{"type":"response.create","event_id":"mine","response":{"conversation":"other"}}', "invalid_value",
         "response.conversation"),
        ('{"type":"response.create","event_id":"mine","response":{"input":[{"type":"item_reference"}]}}',
         "missing_required_parameter", "response.input[0].id"),
        (json.dumps({"type": "response.create", "event_id": "mine", "response": {"metadata": dict.fromkeys("abcdefghijklmnopq", "")}}),
         "object_above_max_length", "response.metadata"),
    ],
)  # fmt: skip
def test_it_is_refused_by_code_and_field(text: str, code: str, param: str) -> None:
    refused = refusal(text)
    assert (refused.code, refused.param, refused.event_id) == (code, param, "mine")
    told = rt.ServerSide("s").encode(rt.error_event(refused))
    hold_against_openai(told, is_client=False)
    assert json.loads(told)["error"]["event_id"] == "mine"


@pytest.mark.parametrize(
    "text",
    ["", "{", "nonsense", b"\xff\xfe\xfd", "[" * 100_000, '{"a":' * 50_000, '{"type":NaN}', '{"type":-Infinity}',
     '{"type":' + "9" * 5000 + "}", '{"type":"response.cancel"}{}'],
)  # fmt: skip
def test_what_is_no_json_is_refused_and_no_more(text: str | bytes) -> None:
    assert refusal(text).code == "invalid_json"


@pytest.mark.parametrize("text", ["[]", "null", "7", '"response.create"', "true"])
def test_an_event_is_an_object(text: str) -> None:
    assert refusal(text).code == "invalid_type"


def test_sound_that_is_too_much_at_once_is_refused_unread() -> None:
    giant = json.dumps({"type": "input_audio_buffer.append", "audio": "A" * rt.MAX_EVENT})
    refused = refusal(giant)
    assert refused.code == "string_above_max_length"
    assert len(str(refused)) < 100


def test_what_is_repeated_of_a_giant_value_is_short() -> None:
    assert len(str(refusal(update(tool_choice="x" * 100_000)))) < 200
    assert len(str(refusal(json.dumps({"type": "x" * 100_000})))) < 600


def test_a_schema_may_be_deep_but_not_endless() -> None:
    deep: dict[str, object] = {}
    for _ in range(70):
        deep = {"properties": deep}
    refused = refusal(update(tools=[{"type": "function", "name": "f", "parameters": deep}]))
    assert refused.param == "session.tools[0].parameters"


@pytest.mark.parametrize("where", ['{"type":%s}', '{"type":"session.update","session":{"type":%s}}',
                                   '{"type":"session.update","session":{"tools":[{"name":"f","parameters":{"a":%s}}]}}',
                                   '{"type":"input_audio_buffer.clear","event_id":%s}'])  # fmt: skip
def test_no_depth_of_nesting_is_one_too_many(where: str) -> None:
    for depth in range(700, 1000, 3):
        refusal(where.replace("%s", "[" * depth + "]" * depth))


def test_an_event_id_that_is_no_id_is_not_repeated() -> None:
    for event_id in ("7", '"' + "x" * 513 + '"', "{}", '"\\ud800"'):
        refused = refusal(f'{{"type":"response.cancel","event_id":{event_id}}}')
        assert (refused.param, refused.event_id) == ("event_id", None)


def test_fields_that_nobody_knows_are_passed_over() -> None:
    text = update(
        type="realtime", temperature=0.7, audio={"input": {"strength": 1}}, turn_detection={"type": "x"}
    )
    event = rt.ServerSide("s").decode(text)
    assert isinstance(event, rt.UpdateSession)
    assert rt.changed(rt.Session(), event.session) == rt.Session()
