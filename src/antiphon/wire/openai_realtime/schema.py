"""Dataclasses to JSON and back, by their type hints.

    str int float bool      themselves; a number must be finite
    bytes                   base64
    Literal["a", "b"]       one of the strings
    tuple[X, ...]           an array
    Mapping[str, X]         an object of Xs; JsonObject: an object of anything
    a dataclass             an object; `type` and `object` are written when they are class variables
    A | B                   objects told apart by their `type`; at most one without, beside strings and numbers
    Patch[X]                an object in which any field of X may be missing
    X | None                left out when None, unless it is Annotated[X | None, NULL]: then null is written

A field with a default may be missing or null. Fields we do not know are passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Annotated, Generic, TypeVar

JsonObject = Mapping[str, object]
"An object we hand on as it is: a tool's parameters, the metadata of a trace."


class Null(Enum):
    """Marks a field whose None is written as null."""

    NULL = 0


NULL = Null.NULL


@dataclass(frozen=True, slots=True)
class Bounds:
    """Marks the range of a number, or of the length of a string or an array. Both ends are allowed."""

    low: float
    high: float


Id = Annotated[str, Bounds(0, 512)]
"What names an event, an item, a call."


class Settings:
    """A group of settings: an update changes those that it names, and leaves the others."""

    __slots__ = ()


class Checked:
    """A dataclass whose fields must fit one another."""

    __slots__ = ()

    def check(self, path: str) -> None:
        """Raises EventRefused when they do not; `path` is where the object was found."""


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Patch(Generic[_T]):
    """Changes to a `kind`: only the fields named in `values`. A group of settings within is a Patch again."""

    kind: type[_T]
    values: JsonObject

    def onto(self, base: _T) -> _T:
        """`base` with these changes."""
        changes = {}
        for name, value in self.values.items():
            if isinstance(value, Patch):
                old = getattr(base, name)
                value = value.onto(old if type(old) is value.kind else value.kind())
            changes[name] = value
        return replace(base, **changes)  # type: ignore[type-var]


def constant(kind: type, name: str) -> str | None:
    """The class variable `name` that every `kind` carries on the wire, if it has one."""
    value = getattr(kind, name, None)
    return value if isinstance(value, str) else None
