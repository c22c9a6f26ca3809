"""What a function takes, as JSON Schema, and arguments made into what it takes.

Arguments come from language models, which err: what is wrong is told in a sentence that names the argument, so
that the model can try again. A number written as text, and the like, is taken for what it plainly is.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

Parse = Callable[[object, str], object]
"Called as (value, what it is called). Raises WrongArgument."


class WrongArgument(ValueError):
    """An argument cannot be taken; the text names it and says what it must be."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type: how it is written in a schema, and how a value is made into one of it."""

    schema: Mapping[str, object]
    parse: Parse
    is_exactly: Callable[[object], bool]
    "The value is of this type as it stands: among several types, such a one comes first."


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a function takes."""

    name: str
    kind: Kind
    is_required: bool


@dataclass(frozen=True, slots=True)
class Parameters:
    """Everything a function, or a dataclass, takes by name."""

    each: tuple[Parameter, ...]
    schema: Mapping[str, object]
    "JSON Schema: an object."

    def parse(self, arguments: Mapping[str, object], within: str = "") -> dict[str, object]:
        """Values of the declared types for what is there. Raises WrongArgument for the first that is wrong."""
        known = {parameter.name for parameter in self.each}
        for name in arguments:
            if name not in known:
                told = ", ".join(parameter.name for parameter in self.each) or "none"
                raise WrongArgument(f"there is no argument {within}{name}; there are: {told}")
        parsed: dict[str, object] = {}
        for parameter in self.each:
            if parameter.name in arguments:
                called = within + parameter.name
                parsed[parameter.name] = parameter.kind.parse(arguments[parameter.name], called)
            elif parameter.is_required:
                raise WrongArgument(f"the argument {within}{parameter.name} is missing")
        return parsed


def parameters_of(
    function: Callable[..., object], descriptions: Mapping[str, str], without: type
) -> tuple[Parameters, str]:
    """What `function` takes, and the name of the parameter annotated `without`, or "", which is no part of it.

    Raises TypeError for what cannot be asked for in JSON.
    """
    hints = _hints(function)
    each: list[tuple[Parameter, Mapping[str, object]]] = []
    special = ""
    for name, given in inspect.signature(function).parameters.items():
        if given.kind not in (given.POSITIONAL_OR_KEYWORD, given.KEYWORD_ONLY):
            raise TypeError(f"{given} cannot be given by name: write out what the tool takes")
        if name not in hints:
            raise TypeError(f"the parameter {name} says no type: write `{name}: str`, or what it is")
        if hints[name] is without:
            special = name
            continue
        kind = kind_of(hints[name], name)
        if (told := descriptions.get(name)) and "description" not in kind.schema:
            kind = dataclasses.replace(kind, schema={**kind.schema, "description": told})
        has_default = given.default is not given.empty
        each.append(
            (Parameter(name, kind, not has_default), {"default": given.default} if has_default else {})
        )
    return _object(each), special


def _object(each: Sequence[tuple[Parameter, Mapping[str, object]]]) -> Parameters:
    properties = {
        parameter.name: {**parameter.kind.schema, **{k: v for k, v in more.items() if _is_json(v)}}
        for parameter, more in each
    }
    required = [parameter.name for parameter, _ in each if parameter.is_required]
    schema: dict[str, object] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return Parameters(tuple(p for p, _ in each), {**schema, "additionalProperties": False})


def _hints(holder: Callable[..., object] | type) -> dict[str, object]:
    try:
        return typing.get_type_hints(holder, include_extras=True)
    except NameError as error:
        raise TypeError(
            f"{error}: define what {getattr(holder, '__name__', holder)} takes at the top of the module"
        ) from error


def _is_json(value: object) -> bool:
    return value is None or (isinstance(value, str | int | float | bool) and not isinstance(value, enum.Enum))


# ---- kinds of things -------------------------------------------------------------------------------------
def kind_of(hint: object, name: str, inside: tuple[type, ...] = ()) -> Kind:
    """The kind that a type annotation stands for. `name` is used in the TypeError for what has none.

    `inside`: the dataclasses that are being described, which must not contain themselves.
    """
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        kind = kind_of(args[0], name, inside)
        told = next((note for note in args[1:] if isinstance(note, str)), "")
        return dataclasses.replace(kind, schema={**kind.schema, "description": told}) if told else kind
    if origin is typing.Literal:
        return _choice({str(value): value for value in args}, list(args))
    if origin in (typing.Union, types.UnionType):
        return _either([kind_of(arg, name, inside) for arg in args])
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    whole = origin or hint
    if whole in (list, tuple, Sequence):
        if whole is tuple and args and (len(args) != 2 or args[1] is not Ellipsis):
            raise TypeError(
                f"the parameter {name} is a tuple of fixed length: write `tuple[{_named(args[0])}, ...]`"
            )
        item = kind_of(args[0], name, inside) if args else _ANYTHING
        return _list(item, tuple if whole is tuple else list)
    if whole in (dict, Mapping):
        if args and args[0] is not str:
            raise TypeError(f"the parameter {name} has keys that are not text: write `dict[str, …]`")
        return _mapping(kind_of(args[1], name, inside) if args else _ANYTHING)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        members = list(hint)
        if all(_is_json(member.value) for member in members):
            return _choice({str(m.value): m for m in members}, [m.value for m in members])
        return _choice({m.name: m for m in members}, [m.name for m in members])
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        if hint in inside:
            raise TypeError(f"the parameter {name} contains itself: {hint.__name__}")
        return _record(hint, name, (*inside, hint))
    raise TypeError(
        f"the parameter {name} is of a type no model can be asked for: {_named(hint)}; use text, numbers, "
        "Literal, an Enum, lists, dicts or dataclasses of them"
    )


def _wrong(called: str, wanted: str, value: object) -> WrongArgument:
    told = repr(value)
    return WrongArgument(
        f"the argument {called} must be {wanted}, not {told if len(told) <= 60 else told[:60] + '…'}"
    )


def _text(value: object, called: str) -> object:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise _wrong(called, "text", value)


def _whole_number(value: object, called: str) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,18}", value.strip()):
        return int(value)
    raise _wrong(called, "a whole number", value)


def _number(value: object, called: str) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,18}(\.\d{1,18})?", value.strip()):
        return float(value)
    raise _wrong(called, "a number", value)


def _claim(value: object, called: str) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise _wrong(called, "true or false", value)


def _nothing(value: object, called: str) -> object:
    if value is None:
        return None
    raise _wrong(called, "null", value)


def _moment(parse: Callable[[str], object], wanted: str) -> Parse:
    def parsed(value: object, called: str) -> object:
        if not isinstance(value, str):
            raise _wrong(called, wanted, value)
        try:
            return parse(value.strip())
        except ValueError:
            raise _wrong(called, wanted, value) from None

    return parsed


def _choice(members: Mapping[str, object], values: Sequence[object]) -> Kind:
    told = " or ".join(
        [", ".join(map(repr, values[:-1])), repr(values[-1])] if len(values) > 1 else [repr(values[0])]
    )

    def parse(value: object, called: str) -> object:
        for written, member in members.items():
            if str(value) == written and not isinstance(value, dict | list):
                return member
        folded = [
            member for written, member in members.items() if written.lower() == str(value).strip().lower()
        ]
        if len(folded) == 1:
            return folded[0]
        raise _wrong(called, told, value)

    return Kind({"enum": list(values)}, parse, lambda value: str(value) in members)


def _list(item: Kind, make: Callable[[list[object]], object]) -> Kind:
    def parse(value: object, called: str) -> object:
        if not isinstance(value, list | tuple):
            raise _wrong(called, "a list", value)
        return make([item.parse(one, f"{called}[{number}]") for number, one in enumerate(value)])

    return Kind(
        {"type": "array", "items": dict(item.schema)}, parse, lambda value: isinstance(value, list | tuple)
    )


def _mapping(item: Kind) -> Kind:
    def parse(value: object, called: str) -> object:
        if not isinstance(value, Mapping):
            raise _wrong(called, "an object", value)
        return {str(key): item.parse(one, f"{called}.{key}") for key, one in value.items()}

    schema = {"type": "object", "additionalProperties": dict(item.schema) or True}
    return Kind(schema, parse, lambda value: isinstance(value, Mapping))


def _record(made: type, name: str, inside: tuple[type, ...]) -> Kind:
    hints = _hints(made)
    each: list[tuple[Parameter, Mapping[str, object]]] = []
    for part in dataclasses.fields(typing.cast("type[typing.Any]", made)):
        if not part.init:
            continue
        is_required = part.default is dataclasses.MISSING and part.default_factory is dataclasses.MISSING
        kind = kind_of(hints[part.name], f"{name}.{part.name}", inside)
        more = {} if part.default is dataclasses.MISSING else {"default": part.default}
        each.append((Parameter(part.name, kind, is_required), more))
    parameters = _object(each)

    def parse(value: object, called: str) -> object:
        if not isinstance(value, Mapping):
            raise _wrong(called, "an object with " + ", ".join(p.name for p in parameters.each), value)
        try:
            return made(**parameters.parse(value, f"{called}."))
        except WrongArgument:
            raise
        except ValueError as error:  # its own check
            raise WrongArgument(f"the argument {called} cannot be taken: {error}") from error

    return Kind(parameters.schema, parse, lambda value: isinstance(value, Mapping))


def _either(kinds: Sequence[Kind]) -> Kind:
    def parse(value: object, called: str) -> object:
        wrongs: list[str] = []
        for kind in sorted(kinds, key=lambda kind: not kind.is_exactly(value)):
            try:
                return kind.parse(value, called)
            except WrongArgument as wrong:
                wrongs.append(str(wrong))
        raise WrongArgument(wrongs[0])

    return Kind(
        {"anyOf": [dict(kind.schema) for kind in kinds]},
        parse,
        lambda value: any(kind.is_exactly(value) for kind in kinds),
    )


def _named(hint: object) -> str:
    return getattr(hint, "__name__", None) or str(hint)


_ANYTHING = Kind({}, lambda value, called: value, lambda value: False)

_SIMPLE: Mapping[object, Kind] = {
    str: Kind({"type": "string"}, _text, lambda value: isinstance(value, str)),
    int: Kind({"type": "integer"}, _whole_number, lambda value: type(value) is int),
    float: Kind({"type": "number"}, _number, lambda value: type(value) in (int, float)),
    bool: Kind({"type": "boolean"}, _claim, lambda value: isinstance(value, bool)),
    type(None): Kind({"type": "null"}, _nothing, lambda value: value is None),
    date: Kind(
        {"type": "string", "format": "date"},
        _moment(date.fromisoformat, "a date such as 2027-03-31"),
        lambda value: False,
    ),
    time: Kind(
        {"type": "string", "format": "time"},
        _moment(time.fromisoformat, "a time such as 14:30"),
        lambda value: False,
    ),
    datetime: Kind(
        {"type": "string", "format": "date-time"},
        _moment(datetime.fromisoformat, "a date and time such as 2027-03-31T14:30"),
        lambda value: False,
    ),
    object: _ANYTHING,
    typing.Any: _ANYTHING,
}
