"""What an agent can do besides speaking: tools."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import overload

from antiphon.agent.signatures import parameters_of

MAX_RESULT = 16_000
"Characters of a tool's result, as JSON, that anybody is shown: more would crowd out the conversation."


@dataclass(frozen=True, slots=True)
class Person:
    """Who calls, as far as they have signed in."""

    id: str = ""
    "Empty: nobody knows."
    tenant: str = "local"
    name: str = ""
    session: str = field(default="", compare=False)
    "The id of the conversation they are in. The same person in another one is the same."


ANYBODY = Person()

Run = Callable[[Person, Mapping[str, object]], Awaitable[object]]
Function = Callable[..., Awaitable[object]]

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"What vendors take for the name of a tool."


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
    is_parallel: bool = False
    "It may be used side by side with others, though it writes."


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


# ---- tools from functions --------------------------------------------------------------------------------
@overload
def tool(function: Function, /) -> Tool: ...


@overload
def tool(
    *, name: str = "", description: str = "", writes: bool = False, timeout_s: float = 8.0
) -> Callable[[Function], Tool]: ...


def tool(
    function: Function | None = None,
    /,
    *,
    name: str = "",
    description: str = "",
    writes: bool = False,
    timeout_s: float = 8.0,
) -> Tool | Callable[[Function], Tool]:
    """A `Tool` from an async function: what it takes is read from its signature, what it does from its docstring.

    Parameters may be text, numbers, bool, date, time, Literal, Enum, lists, dicts and dataclasses, also `| None`.
    `Annotated[int, "days from today"]`, or an `Args:` section, tells what one is for. The one annotated `Person`
    is given who calls. Arguments that do not fit never reach the function. It returns plain JSON, or dataclasses,
    enums and dates, which are made into it. Raises TypeError for a function that cannot be a tool.
    """
    if function is None:
        return lambda made: _made(made, name, description, writes, timeout_s)
    return _made(function, name, description, writes, timeout_s)


def _made(function: Function, name: str, description: str, writes: bool, timeout_s: float) -> Tool:
    name = name or getattr(function, "__name__", "")
    if not NAME.fullmatch(name):
        raise TypeError(f"{name!r} cannot be the name of a tool: use letters, digits, _ and -, at most 64")
    if not inspect.iscoroutinefunction(function):
        raise TypeError(f"the tool {name} must be an async function: write `async def {name}(…)`")
    told, of_parameters = _read_docstring(inspect.getdoc(function) or "")
    try:
        parameters, caller_name = parameters_of(function, of_parameters, without=Person)
    except TypeError as error:
        raise TypeError(f"{name} cannot be a tool: {error}") from error

    async def run(caller: Person, arguments: Mapping[str, object]) -> object:
        given = parameters.parse(arguments)
        if caller_name:
            given[caller_name] = caller
        return plain(await function(**given))

    return Tool(name, description or told, run, parameters.schema, writes, timeout_s)


_SECTION = re.compile(
    r"^(Args|Arguments|Parameters|Returns?|Yields?|Raises|Examples?|Notes?):\s*$", re.MULTILINE
)
_FIELD = re.compile(r"^:(\w+)(?:\s+([^:]*))?:[ \t]*(.*(?:\n[ \t]+.*)*)", re.MULTILINE)
_ENTRY = re.compile(r"^(\s+)\*{0,2}(\w+)(?:\s*\([^)]*\))?:\s*(.*)")


def _read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """What the function does, and what its parameters are for, as far as `text` tells."""
    described: dict[str, str] = {}
    for kind, what, told in _FIELD.findall(text):
        if kind == "param" and what:
            described[what.split()[-1]] = " ".join(told.split())
    text = _FIELD.sub("", text)
    head, *sections = _SECTION.split(text)
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        if title in ("Args", "Arguments", "Parameters"):
            described |= _entries(body)
    return " ".join(head.split()), described


def _entries(body: str) -> dict[str, str]:
    """Lines such as `city: where it is`, with what follows deeper."""
    found: dict[str, str] = {}
    name, depth = "", 0
    for line in body.splitlines():
        entry = _ENTRY.match(line)
        if entry and (not name or len(entry[1]) <= depth):
            name, depth = entry[2], len(entry[1])
            found[name] = entry[3].strip()
        elif name and line.strip():
            found[name] = f"{found[name]} {line.strip()}".strip()
    return found


def plain(value: object) -> object:
    """`value` as plain JSON: dataclasses are objects, enums their values, dates and times text."""
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {part.name: plain(getattr(value, part.name)) for part in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else value
