"""What is wrong with one event, to the eyes of the strictest clients there are.

Three readers: our own codec, which knows every event and the type of every field; openai-python's models, when that
package is there; and the list of fields that a client drops an event for when they are null instead of left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from antiphon.wire import openai_realtime as rt

MAY_BE_NULL = frozenset(
    {"previous_item_id", "transcript", "turn_detection", "tracing", "prompt", "transcription"}
)
"Elsewhere than in a response: null for any other field makes zod, in the JavaScript SDK, drop the whole event."
MAY_BE_NULL_IN_SESSION = frozenset({"noise_reduction", "include", "reasoning", "idle_timeout_ms"})

_CLIENT = rt.ClientSide()


def faults(text: str | bytes) -> list[str]:
    """What is wrong with the event, in one line each; nothing of one that is well."""
    if isinstance(text, bytes):
        return ["the event is binary, not text"]
    try:
        event = _CLIENT.decode(text)
    except rt.EventRefused as refused:
        return [_short(str(refused))]
    data = json.loads(text)
    found = []
    if isinstance(event, rt.UnknownEvent):
        found.append(f"{event.type} is no event of the protocol: clients raise for it")
    if not data.get("event_id"):
        found.append(f"{event.type} has no event_id: three clients drop it without a word")
    found += [f"{event.type}: {path} is null; leave it out" for path in _nulls(data)]
    if (openai := _openai()) is not None and not isinstance(event, rt.UnknownEvent):
        found += openai(text)
    return found


def _nulls(data: Mapping[str, object], path: str = "") -> Iterator[str]:
    for name, value in data.items():
        if name == "response":
            continue
        at = f"{path}.{name}" if path else name
        in_session = at.startswith("session.") and name in MAY_BE_NULL_IN_SESSION
        if value is None and name not in MAY_BE_NULL and not in_session:
            yield at
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from _nulls(one, at)


@cache
def _openai() -> Callable[[str], list[str]] | None:
    """What openai-python's models say of an event; None without that package."""
    try:
        from openai.types.realtime import RealtimeServerEvent
    except ImportError:
        return None
    from pydantic import TypeAdapter, ValidationError

    models: TypeAdapter[object] = TypeAdapter(RealtimeServerEvent)

    def read(text: str) -> list[str]:
        kind = json.loads(text)["type"]
        try:
            models.validate_json(text, strict=True)
        except ValidationError as error:
            of_kind = [one for one in error.errors() if kind in one["loc"]] or error.errors()
            path = ".".join(str(part) for part in of_kind[0]["loc"] if part != kind)
            return [_short(f"openai-python refuses {kind}: {path}: {of_kind[0]['msg']}")]
        return []

    return read


def _short(text: str) -> str:
    return text if len(text) <= 200 else text[:199] + "…"
