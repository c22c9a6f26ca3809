"""Messages as dataclasses, and as JSON objects whose `type` names the class. Checked once, when they come in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Protocol, TypeVar, get_type_hints

from antiphon.core.errors import CallerError


class Message(Protocol):
    """A dataclass that knows its name on the wire."""

    type: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


_HALF = re.compile("[\ud800-\udfff]")
"Halves of characters: JSON can name them, and nothing can be made of them, neither bytes nor a row of a table."
_Message = TypeVar("_Message", bound=Message)


def write(message: Message) -> str:
    """The message as JSON text."""
    values = {name: getattr(message, name) for name in message.__dataclass_fields__}
    return json.dumps({"type": message.type, **values}, ensure_ascii=False, separators=(",", ":"))


def read(text: str, kinds: Mapping[str, type[_Message]], longest: int) -> _Message:
    """The message that `text` is, one of `kinds`, at most `longest` characters.

    Raises CallerError that names the field at fault.
    """
    if len(text) > longest:
        raise CallerError(f"a message may hold at most {longest} characters", code="too_large")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CallerError(f"not JSON: {error}", code="bad_json") from None
    if not isinstance(data, dict):
        raise CallerError("a message must be a JSON object", code="bad_json")
    kind = kinds.get(data.get("type", "")) if isinstance(data.get("type"), str) else None
    if kind is None:
        known = ", ".join(sorted(kinds))
        raise CallerError(
            f"unknown type {data.get('type')!r}; known: {known}", field="type", code="unknown_type"
        )
    hints = _hints(kind)
    values = {}
    for item in fields(kind):
        if item.name in data:
            values[item.name] = _check(item.name, data[item.name], hints[item.name])
        elif item.default is MISSING and item.default_factory is MISSING:
            raise CallerError(f"{data['type']} needs {item.name}", field=item.name, code="missing_field")
    return kind(**values)


@cache
def _hints(kind: type) -> dict[str, type | UnionType]:
    return get_type_hints(kind)


def _check(name: str, value: object, expected: type | UnionType) -> object:
    """`value` as the type `expected`, tuples and mappings included; extra precision is kept."""
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if expected is str and isinstance(value, str):
        return _HALF.sub("\N{REPLACEMENT CHARACTER}", value)
    if expected in (int, str, float, bool):
        if type(value) is expected:
            return value
    elif getattr(expected, "__origin__", None) is tuple:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(_HALF.sub("\N{REPLACEMENT CHARACTER}", item) for item in value)
    elif isinstance(value, dict):
        return value
    wanted = getattr(expected, "__name__", str(expected))
    raise CallerError(
        f"{name} must be of type {wanted}, got {type(value).__name__}", field=name, code="bad_type"
    )
