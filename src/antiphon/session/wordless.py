"""What an agent without a language model makes of its caller's program: tools it must use, a line it is to say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from antiphon.agent.tools import ToolResult
from antiphon.ports import ToolCall, ToolSpec


def from_words(spec: ToolSpec, text: str) -> ToolCall:
    """A call of the tool: every text that must be given is the user's words, every choice the first."""
    schema = json.loads(spec.parameters)
    parts, given = schema.get("properties") or {}, {}
    for name in schema.get("required") or ():
        part = parts.get(name)
        part = part if isinstance(part, Mapping) else {}
        choices = part.get("enum")
        if isinstance(choices, list) and choices:
            given[name] = choices[0]
        elif part.get("type", "string") == "string":
            given[name] = text
    return ToolCall("words", spec.name, json.dumps(given))


_DICTATED = re.compile(r"\bsay exactly\b[^:\"“]{0,40}:\s*[\"“]([^\"“”]{1,400})[\"”]", re.IGNORECASE)


def dictated(instructions: str) -> str:
    """The line that the instructions give word for word, as in `Say exactly: "One moment."`; empty: none."""
    found = _DICTATED.search(instructions)
    return found[1].strip() if found else ""


def speakable(result: ToolResult) -> str:
    """What a tool gave, where it can be said as it stands: text, or an object that holds one; empty otherwise."""
    value = result.value
    if isinstance(value, Mapping) and len(value) == 1:
        value = next(iter(value.values()))
    return value if isinstance(value, str) else ""
