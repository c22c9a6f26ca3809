"""From JSON to dataclasses, by their type hints; `schema` says which hints there are. Each kind is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from antiphon.wire.openai_realtime.refusal import (
    missing,
    out_of_bounds,
    wrong_type,
    wrong_value,
)
from antiphon.wire.openai_realtime.scalars import (
    read_boolean,
    read_bytes,
    read_integer,
    read_json_object,
    read_number,
    read_string,
)
from antiphon.wire.openai_realtime.schema import NULL, Bounds, Checked, Patch, Settings, constant

_T = TypeVar("_T")
_Reader = Callable[[object, str], object]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a dataclass: how it is read, and what may be null."""

    name: str
    read: _Reader
    read_change: _Reader
    "The same of a patch: groups of settings are patches themselves."
    is_required: bool
    takes_null: bool
    writes_null: bool


@cache
def plan(kind: type) -> tuple[Field, ...]:
    """The fields of a dataclass, in their order."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(
        Field(
            item.name,
            _reader(hints[item.name]),
            _reader(_as_patch(hints[item.name])),
            item.default is MISSING and item.default_factory is MISSING,
            NoneType in get_args(_bare(hints[item.name])),
            NULL in getattr(hints[item.name], "__metadata__", ()),
        )
        for item in fields(kind)
    )


def read(kind: type[_T], value: object, path: str = "") -> _T:
    """`value`, fresh from JSON, as a `kind`. Raises EventRefused that names the field at fault."""
    return cast(_T, _reader(cast(Any, kind))(value, path))


def _values(kind: type, value: object, path: str, *, is_partial: bool) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong_type(path, "an object", value)
    tag = constant(kind, "type")
    if tag is not None and value.get("type", tag) != tag:
        raise wrong_value(_join(path, "type"), value["type"], [tag])
    found = {}
    for item in plan(kind):
        at = _join(path, item.name)
        given = value.get(item.name)
        if item.name in value and (given is not None or item.takes_null or item.is_required):
            found[item.name] = (item.read_change if is_partial else item.read)(given, at)
        elif item.is_required and not is_partial:
            raise missing(at)
    return found


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _as_patch(hint: Any) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return Annotated[(_as_patch(args[0]), *args[1:])]
    if origin in (Union, UnionType):
        return Union[tuple(map(_as_patch, args))]  # noqa: UP007
    return Patch[hint] if isinstance(hint, type) and issubclass(hint, Settings) else hint


def _bare(hint: object) -> object:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


@cache
def _reader(hint: Any) -> _Reader:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _bounded(_reader(args[0]), [mark for mark in args[1:] if isinstance(mark, Bounds)])
    if origin in (Union, UnionType):
        return _union(args)
    if origin is Literal:
        return lambda value, path: _literal(args, value, path)
    if origin is tuple:
        return _array(_reader(args[0]))
    if origin is Patch:
        return lambda value, path: Patch(args[0], _values(args[0], value, path, is_partial=True))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return read_json_object if args[1] is object else _mapping(_reader(args[0]), _reader(args[1]))
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass(hint)
    return _SCALARS[hint]


def _dataclass(kind: type) -> _Reader:
    def reads(value: object, path: str) -> object:
        made = kind(**_values(kind, value, path, is_partial=False))
        if isinstance(made, Checked):
            made.check(path)
        return made

    return reads


def _union(args: tuple[Any, ...]) -> _Reader:
    kinds = [one for one in args if _kind(one) is not None]
    tagged = {tag: one for one in kinds if (tag := constant(_class(one), "type")) is not None}
    loose = [one for one in kinds if constant(_class(one), "type") is None]
    others = [one for one in args if one is not NoneType and one not in kinds]
    expected = ["a string" if _takes_strings(_bare(one)) else "a number" for one in others]
    expected += ["an object"] if kinds else []

    def reads(value: object, path: str) -> object:
        if value is None and NoneType in args:
            return None
        if isinstance(value, dict) and kinds:
            return _reader(_choose(value, path))(value, path)
        for one in others:
            if isinstance(value, str) == _takes_strings(_bare(one)):
                return _reader(one)(value, path)
        raise wrong_type(path, " or ".join(expected), value)

    def _choose(value: dict[str, object], path: str) -> Any:
        tag = value.get("type")
        if isinstance(tag, str) and tag in tagged:
            return tagged[tag]
        if loose:
            return loose[0]
        if tag is None and (len(tagged) == 1 or get_origin(kinds[0]) is Patch):
            return kinds[0]
        if tag is None:
            raise missing(_join(path, "type"))
        raise wrong_value(_join(path, "type"), tag, sorted(tagged))

    return reads


def _kind(hint: Any) -> type | None:
    found = _class(hint)
    return found if isinstance(found, type) and is_dataclass(found) else None


def _class(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Patch else hint


def _takes_strings(hint: Any) -> bool:
    return hint is str or hint is bytes or get_origin(hint) is Literal


def _bounded(reads: _Reader, bounds: list[Bounds]) -> _Reader:
    def checks(value: object, path: str) -> object:
        found = reads(value, path)
        for bound in bounds:
            if isinstance(found, str | tuple | dict | int | float):
                size = found if isinstance(found, int | float) else len(found)
                if not bound.low <= size <= bound.high:
                    raise out_of_bounds(path, found, bound.low, bound.high)
        return found

    return checks


def _literal(allowed: tuple[str, ...], value: object, path: str) -> object:
    if not isinstance(value, str):
        raise wrong_type(path, "a string", value)
    if value not in allowed:
        raise wrong_value(path, value, allowed)
    return value


def _array(reads: _Reader) -> _Reader:
    def each(value: object, path: str) -> object:
        if not isinstance(value, list):
            raise wrong_type(path, "an array", value)
        return tuple(reads(one, f"{path}[{index}]") for index, one in enumerate(value))

    return each


def _mapping(reads_name: _Reader, reads: _Reader) -> _Reader:
    def each(value: object, path: str) -> object:
        if not isinstance(value, dict):
            raise wrong_type(path, "an object", value)
        return {reads_name(name, path): reads(one, _join(path, name)) for name, one in value.items()}

    return each


_SCALARS: dict[object, _Reader] = {
    str: read_string,
    bytes: read_bytes,
    int: read_integer,
    float: read_number,
    bool: read_boolean,
}
