"""What the support agent says between the questions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from antiphon.agent.definition import Grounding, Question
from antiphon.core.events import Role
from antiphon.core.transcript import Line

CALLING = "All right, I'm asking a person to join us. Meanwhile, you can go on asking me."

_ANSWERS = (
    (r"\b(?:can you hear|hear me|are you (?:still )?there|testing)\b", "Yes, I can hear you. Go ahead."),
    (
        r"\b(?:what can (?:you|i)|how can you help|what do you do|what should i)\b",
        "I can look at your plan and invoices, change your plan, open a ticket, and tell you what our articles say.",
    ),
    (
        r"\b(?:who are you|your name|what are you|robot|computer|human|real person|machine)\b",
        "I'm Larkboard's support agent, a computer program. I can get you a person at any time.",
    ),
    (r"\b(?:how are you|how's it going|what's up)\b", "I'm well, thank you. What can I do for you?"),
    (
        r"\b(?:bye|goodbye|that's all|that is all|nothing else|see you|good night)\b",
        "Goodbye, and thank you for calling.",
    ),
    (
        r"\b(?:thank|thanks|cheers|helpful|very kind|great|perfect)\b",
        "You're welcome. Is there anything else?",
    ),
    (
        r"\b(?:joke|funny)\b",
        "A card walks onto a board, and everybody asks who assigned it. Now, what can I do for you?",
    ),
    (
        r"\b(?:slower|slow down|too fast|louder|speak up)\b",
        "I can't change how I speak, I'm afraid. I can say it again.",
    ),
    (
        r"\b(?:wait|hold on|one (?:second|moment|minute)|a (?:second|moment)|let me think)\b",
        "Take your time.",
    ),
    (r"\b(?:never mind|forget it|no|nope)\b", "All right. Is there anything else I can do?"),
    (
        r"\b(?:hello|hi|hey|good (?:morning|afternoon|evening)|nice to meet)\b",
        "Hello! What can I do for you?",
    ),
    (r"\b(?:sorry)\b", "No need to be. What can I do for you?"),
    (r"\b(?:yes|yeah|ok|okay|sure|all right|alright|i see|got it)\b", "Good. What can I do for you?"),
)
_PATTERNS = tuple((re.compile(pattern, re.I), answer) for pattern, answer in _ANSWERS)
REPEAT = re.compile(
    r"\b(?:repeat|say (?:that|it) again|pardon|what did you (?:just )?say|what was that|didn't (?:hear|catch)|"
    r"come again|once more|what do you mean)\b",
    re.I,
)
"The caller wants to hear it again."


def chat(text: str, history: Sequence[Line]) -> str:
    """A friendly answer to a line that asks for nothing; the same line gets the same answer."""
    if REPEAT.search(text):
        last = next((line.text for line in reversed(history) if line.role is Role.AGENT), "")
        return f"I said: {last}" if last else "I haven't said anything yet. What can I do for you?"
    return next((answer for pattern, answer in _PATTERNS if pattern.search(text)), "What can I do for you?")


async def converse(question: Question) -> Grounding:
    """Small talk."""
    return Grounding((chat(question.text, question.history),), is_certain=True)


async def call_person(question: Question) -> Grounding:
    """A person is asked for."""
    left: Mapping[str, object] = {"support.pending": {}}
    why = "the caller asked for a person"
    return Grounding((CALLING,), is_certain=True, is_whole=True, escalate=why, memory=left)
