"""A question without what people wrap it in: interruptions, politeness, corrections of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from antiphon.agents.tutor import mathematics
from antiphon.agents.tutor.mathematics import Solution, Unclear

_BEFORE = re.compile(
    r"^(?:(?:wait|stop|no|nope|okay|ok|well|so|and|but|then|also|actually|sorry|please|um+|uh+|er+|hey|right|now|"
    r"yes|yeah|hold on|hang on|one moment|excuse me|never mind|let me think|let's see|thanks|thank you|"
    r"good|great|alright|all right|tutor|(?:hey |hello |hi )?there|hi|hello)\b[\s,.!?;:-]*)+",
    re.I,
)
_POLITE = re.compile(
    r"^(?:(?:can|could|would|will) (?:you|we)(?: please)?(?: (?:tell me|show me|explain to me|explain|work out|"
    r"calculate|compute|do|find|give me|help me with|help me work out|help me find))?|"
    r"(?:please )?(?:tell me|show me|give me|work out|calculate|compute|do|find)|"
    r"i(?:'d| would)? (?:want|need|like) to know|do you know|i(?:'m| am) (?:trying to (?:find|work out)|"
    r"wondering)|(?:my|the) (?:question|homework|problem) is|i have (?:a question|to (?:find|work out)))\b[\s,:]*",
    re.I,
)
_MEANT = re.compile(r"^(?:i (?:meant|mean|said)|make (?:that|it)|it'?s|with|using|try)\b[\s,:]*", re.I)


def readings(text: str) -> Iterator[str]:
    """The ways to read what was said, as it stands first; each at most once."""
    bare = _BEFORE.sub("", text.strip())
    asked = _POLITE.sub("", bare)
    seen = {""}
    for reading in (text, bare, asked, f"what is {asked}", f"what about {_MEANT.sub('', bare)}"):
        if reading.strip() not in seen:
            seen.add(reading.strip())
            yield reading


def bare(text: str) -> str:
    """The question without interruptions and greetings before it; all of it when nothing else is left."""
    return _BEFORE.sub("", text.strip()) or text


def worked_out(text: str, previous: Solution | None = None) -> Solution | Unclear | None:
    """The first reading that can be worked out; else what is unclear about one; else None."""
    unclear: Unclear | None = None
    for reading in readings(text):
        match mathematics.solve(reading, previous):
            case Solution() as found:
                return found
            case Unclear() as reason:
                unclear = unclear or reason
            case None:
                pass
    return unclear
