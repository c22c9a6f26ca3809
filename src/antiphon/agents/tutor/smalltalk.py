"""What the tutor says between the subjects: greetings, thanks, manners, and who it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from antiphon.core.events import Role
from antiphon.core.transcript import Line

UNSAID = "I haven't said anything yet. What shall we look at?"

_ANSWERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"\b(can you hear|hear me|is anyone there|are you there|testing)\b",
        ("Yes, I can hear you. Go ahead.",),
    ),
    (
        r"\b(what can you|how can you help|help me with|what subjects|what do you (know|do)|how does this work|"
        r"what should i say|what shall we do)\b",
        (
            "I can work through maths with you, answer questions about history, and help with English.",
            "Try asking what 25 percent of 80 is.",
        ),
    ),
    (
        r"\b(who are you|your name|what are you|who made you|how old are you|where do you live)\b",
        ("I'm your tutor, a computer program for maths, history and English.",),
    ),
    (
        r"\b(are you (a |an )?(robot|computer|human|real|person|machine)|do you have feelings)\b",
        ("I'm a computer program, so no feelings, but I do like a good question.",),
    ),
    (
        r"\b(how are you|how's it going|what's up|are you ok|are you okay)\b",
        ("I'm well, thank you. What are you working on?",),
    ),
    (
        r"\b(thank|thanks|cheers|that helped|well done|you're (really )?(clever|great)|that was great)\b",
        ("You're welcome. What's next?",),
    ),
    (
        r"\b(bye|goodbye|see you|good night|have to go|talk to you tomorrow)\b",
        ("Goodbye, and well done today.",),
    ),
    (
        r"\b(slower|slow down|too fast|speak up|louder)\b",
        ("I'm sorry, I can't change how I speak yet. I'll happily say it again if you ask me to repeat it.",),
    ),
    (
        r"\b(don't (understand|get it)|confus|makes no sense|i'm lost)\b",
        ("That's all right. Tell me which part is unclear, and we'll take it one step at a time.",),
    ),
    (
        r"\b(joke|funny)\b",
        ("Why was six afraid of seven? Because seven, eight, nine.",),
    ),
    (r"\b(sing|song)\b", ("I'd spare your ears. Shall I tell you about sonnets instead?",)),
    (
        r"\b(bored|tired|long day)\b",
        ("Then let's do something short. Shall I ask you about the Romans, or a quick sum?",),
    ),
    (
        r"\b(weather|rain|raining|hot today|cold today|sunny)\b",
        ("I can't see outside from here. What shall we study?",),
    ),
    (r"\b(favourite|favorite|do you like)\b", ("I haven't any favourites, but I do enjoy a tidy equation.",)),
    (r"\b(birthday)\b", ("Happy birthday! What would you like to learn today?",)),
    (
        r"\b(stop|be quiet|wait|hold on|never mind|one (second|moment)|let me think)\b",
        ("All right. I'm here when you're ready.",),
    ),
    (r"\b(sorry)\b", ("No need to apologise. Go ahead.",)),
    (
        r"\b(good (morning|afternoon|evening)|hello|hi|hey|nice to meet)\b",
        ("Hello! Maths, history or English: what shall we do?",),
    ),
    (
        r"\b(start|ready|go on|carry on|something else)\b",
        ("Right. Ask me anything in maths, history or English.",),
    ),
    (r"\b(no|nope|no thanks)\b", ("All right. Is there something else you'd like to look at?",)),
    (
        r"\b(yes|yeah|yep|sure|ok|okay|all right|alright|got it|i see|right|makes sense|cool|please)\b",
        ("Good. What would you like to do next?",),
    ),
)
_PATTERNS = tuple((re.compile(pattern, re.I), answer) for pattern, answer in _ANSWERS)
_REPEAT = re.compile(
    r"\b(repeat|say (that|it) again|pardon|what did you (say|just say)|didn't (hear|catch)|come again|once more)\b",
    re.I,
)


def chat(text: str, history: Sequence[Line]) -> tuple[str, ...]:
    """A friendly answer to a line that belongs to no subject; the same line gets the same answer."""
    if _REPEAT.search(text):
        return (repeated(history),)
    for pattern, answer in _PATTERNS:
        if pattern.search(text):
            return answer
    return ("I'm here for maths, history and English. What would you like to know?",)


def repeated(history: Sequence[Line]) -> str:
    """What the agent said last, as far as it was heard."""
    last = next((line.text for line in reversed(history) if line.role is Role.AGENT), "")
    return f"I said: {last}" if last else UNSAID
