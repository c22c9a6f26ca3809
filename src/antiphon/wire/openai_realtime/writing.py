"""From dataclasses to JSON, and to the updates that make one session of another."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from antiphon.wire.openai_realtime.reading import Field, plan
from antiphon.wire.openai_realtime.schema import Patch, Settings, constant

_T = TypeVar("_T")


def plain(value: object) -> Any:
    """`value` as what JSON has: objects, arrays, strings, numbers."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case tuple() | list():
            return [plain(one) for one in value]
        case Mapping():
            return {name: plain(one) for name, one in value.items()}
        case Patch():
            return {**_constants(value.kind), **plain(value.values)}
    written = _constants(type(value))
    for item in plan(_kind(value)):
        one = getattr(value, item.name)
        if one is not None or item.writes_null:
            written[item.name] = plain(one)
    return written


def _constants(kind: type) -> dict[str, object]:
    found = {name: constant(kind, name) for name in ("type", "object")}
    return {name: value for name, value in found.items() if value is not None}


def whole(value: _T) -> Patch[_T]:
    """A patch that sets everything that `value` says."""
    return _changes(value, lambda item, new: new is not None or item.writes_null, None)


def between(old: _T, new: _T) -> Patch[_T]:
    """The patch that makes `new` of `old`."""
    return _changes(new, lambda item, value: value != getattr(old, item.name), old)


def _changes(new: _T, is_named: Callable[[Field, object], bool], old: _T | None) -> Patch[_T]:
    values: dict[str, object] = {}
    for item in plan(_kind(new)):
        value = getattr(new, item.name)
        if is_named(item, value):
            before = getattr(old, item.name, None)
            if isinstance(value, Settings):
                value = between(before, value) if type(before) is type(value) else whole(value)
            values[item.name] = value
    return Patch(type(new), values)


def _kind(value: object) -> Any:
    return type(value)
