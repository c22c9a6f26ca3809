"""What is said, without personal details, for journals that must not hold any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import TypeVar

Item = TypeVar("Item")

WORDS = frozenset({"text", "heard", "unheard", "question", "said", "rest", "sentence", "line", "memory"})
"Fields of events, commands and notes in which somebody's words stand."


def redacted(item: Item, clean: Callable[[str], str]) -> Item:
    """The event, command or note with `clean` applied to all words in it; the same one where there are none."""
    kind: type = type(item)
    names = _wordy(kind)
    if not names:
        return item
    changed = {name: _cleaned(getattr(item, name), clean) for name in names}
    return replace(item, **changed)  # type: ignore[type-var]


@cache
def _wordy(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name in WORDS) if is_dataclass(kind) else ()


def _cleaned(value: object, clean: Callable[[str], str]) -> object:
    match value:
        case str():
            return clean(value)
        case tuple() | list():
            return type(value)(_cleaned(part, clean) for part in value)
        case Mapping():
            return {key: _cleaned(part, clean) for key, part in value.items()}
        case _ if is_dataclass(value):
            return redacted(value, clean)
        case _:
            return value
