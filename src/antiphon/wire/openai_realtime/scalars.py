"""Single values from JSON: each is what it must be, or refused with its path. Also the objects we hand on unread."""

from __future__ import annotations

import base64
import binascii
import math

from antiphon.wire.openai_realtime.refusal import EventRefused, wrong_type, wrong_value

_DEEPEST = 64
"Levels of nesting in a JsonObject; below lies nothing that a tool's schema needs."
_LARGEST = 2**53
"Integers beyond are not the same number in every language."


def read_string(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise wrong_type(path, "a string", value)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise wrong_value(path, value, because="Half of a surrogate pair is no text.") from None
    return value


def read_bytes(value: object, path: str) -> bytes:
    if not isinstance(value, str):
        raise wrong_type(path, "a string", value)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise wrong_value(path, value, because=f"'{path}' must be base64.") from None


def read_integer(value: object, path: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type(path, "an integer", value)
    if abs(value) > _LARGEST:
        raise EventRefused(f"Invalid value: '{path}' is beyond any number used here.", param=path)
    return value


def read_number(value: object, path: str) -> float:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(read_integer(value, path))
    if not isinstance(value, float):
        raise wrong_type(path, "a decimal", value)
    if not math.isfinite(value):
        raise EventRefused(f"Invalid value: '{path}' must be finite.", param=path)
    return value


def read_boolean(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(path, "a boolean", value)
    return value


def read_json_object(value: object, path: str) -> object:
    if not isinstance(value, dict):
        raise wrong_type(path, "an object", value)
    _check_json(value, path, 0)
    return value


def _check_json(value: object, path: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise EventRefused(f"Invalid value: '{path}' is nested deeper than {_DEEPEST} levels.", param=path)
    match value:
        case dict():
            for name, one in value.items():
                read_string(name, path)
                _check_json(one, path, depth + 1)
        case list():
            for one in value:
                _check_json(one, path, depth + 1)
        case str():
            read_string(value, path)
        case float():
            read_number(value, path)
        case _:
            pass
