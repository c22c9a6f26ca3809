"""What an agent can do besides speaking: tools."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

MAX_RESULT = 16_000
"Characters of a tool's result, as JSON, that anybody is shown: more would crowd out the conversation."


@dataclass(frozen=True, slots=True)
class Person:
    """Who calls, as far as they have signed in."""

    id: str = ""
    "Empty: nobody knows."
    tenant: str = "local"
    name: str = ""


ANYBODY = Person()

Run = Callable[[Person, Mapping[str, object]], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that can be looked up or done. Its result is plain JSON: text, numbers, lists, mappings."""

    name: str
    description: str
    run: Run = field(repr=False)
    "Given who calls and the arguments. What it raises is told as a failure; it never ends the call."
    parameters: Mapping[str, object] = field(default_factory=lambda: {"type": "object", "properties": {}})
    "JSON Schema of the arguments: an object."
    writes: bool = False
    "It changes something: never run before the caller's turn is certain to be over."
    timeout_s: float = 8.0


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of using a tool."""

    value: object = None
    "Plain JSON."
    error: str = ""
    "Why it failed, in a sentence; empty when it did not."

    @property
    def is_ok(self) -> bool:
        return not self.error


Use = Callable[[str, Mapping[str, object]], Awaitable[ToolResult]]
"Uses the tool of that name with these arguments. Never raises but when cancelled."


async def nothing_to_use(name: str, arguments: Mapping[str, object]) -> ToolResult:
    """The `Use` of those who have no tools."""
    return ToolResult(error=f"there is no tool {name}")
