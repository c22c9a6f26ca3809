"""What the tutor asks when it cannot tell what a question is about, and what the answer to that settles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from antiphon.agent.definition import Ground, Grounding, Question
from antiphon.agent.retrieval import terms
from antiphon.core.events import Role
from antiphon.core.transcript import Line

CLARIFY = "clarify"
"The specialist who asks back. Whoever its question was for speaks next: it never asks twice in a row."

QUESTIONS = {
    frozenset({"english", "history"}): "Is that about the history of it, or the words?",
    frozenset({"english", "math"}): "Do you mean that in maths, or in English?",
    frozenset({"history", "math"}): "Is that about the history of it, or the numbers?",
}
WHICH = "Is that for maths, history or English?"
NAMES = {"math": "maths", "history": "history", "english": "English"}

# Words and names that mean one thing in one lesson and another in the next.
_HOMONYMS = {
    ("math", "english"): """
        mean figure point line translate translation function compound complex regular irregular positive
        negative parallel value unit difference key sign symbol bracket expression term root operation article
        improper order index metre foot case relative absolute argument simple series table scale volume
        sequence base range degree product subject statement character
    """,
    ("history", "english"): """
        period plot act movement title class legend epic chronicle classic odyssey iliad beowulf macbeth
        arthur crucible conflict origin character letter sonnets renaissance troy odysseus achilles
    """,
    ("math", "history"): """
        factor power revolution column cabinet century date ruler pole formula roman numeral chart scale
    """,
}
_BETWEEN: dict[str, tuple[str, ...]] = {}
for _pair, _words in _HOMONYMS.items():
    for _word in _words.split():
        _BETWEEN[_word] = tuple(dict.fromkeys((*_BETWEEN.get(_word, ()), *_pair)))

# Words around them that say nothing about the subject.
_FRAME = frozenset("mean explain tell rule about rules define definition meaning word describe".split())

# Kings who are plays as well.
_PLAYED = re.compile(
    r"\b(?:richard|henry) (?:the )?(?:second|third|fourth|fifth|ii|iii|iv|v)\b|\bking (?:john|lear)\b", re.I
)

# How callers name a subject when they are asked for it. What else they say, the router weighs.
_NAMING = {
    "math": re.compile(
        r"\b(?:maths?|mathematics|sums?|numbers?|calculat\w+|algebra|geometry|equations?)\b", re.I
    ),
    "history": re.compile(
        r"\b(?:history|historical|past|real(?:ly)?|happened|in those days|back then)\b", re.I
    ),
    "english": re.compile(
        r"\b(?:english|words?|language|grammar|spelling|writing|sentences?|punctuation|poems?|poetry|plays?|"
        r"novels?|story|literature)\b",
        re.I,
    ),
}
_FIRST = re.compile(r"\b(?:first|former)\b", re.I)
_SECOND = re.compile(r"\b(?:second|latter)\b", re.I)
_THIRD = re.compile(r"\b(?:third|last)\b", re.I)
_NEITHER = re.compile(r"\b(?:neither|none|not)\b", re.I)


def homonym(utterance: str) -> tuple[str, ...]:
    """The subjects that claim the one thing `utterance` is about; none when it is about more, or clear."""
    if _PLAYED.search(utterance) and len(utterance.split()) <= 6:
        return ("history", "english")
    words = terms(utterance)
    about = [word for word in words if word not in _FRAME] or words[-1:]
    return _BETWEEN.get(about[0], ()) if len(about) == 1 else ()


def clarifying(between: Sequence[str]) -> str:
    """The question that tells apart the subjects `between`, in their order as it names them."""
    return QUESTIONS.get(frozenset(between), WHICH)


def offered(between: Sequence[str]) -> tuple[str, ...]:
    """The subjects in the order in which `clarifying` names them."""
    asked = clarifying(between)
    if asked == WHICH:
        return ("math", "history", "english")
    return (
        ("history", "math" if "math" in between else "english")
        if "history" in between
        else ("math", "english")
    )


def asked_about(conversation: Sequence[Line]) -> str:
    """The caller's words that the agent's last line asked back about; empty when it asked nothing."""
    spoken = [line for line in conversation if line.role is not Role.SUPERVISOR]
    if not spoken or spoken[-1].role is not Role.AGENT or spoken[-1].speaker != CLARIFY:
        return ""
    return next((line.text for line in reversed(spoken) if line.role is Role.USER), "")


def named(answer: str, between: Sequence[str]) -> str:
    """The subject that `answer` names, by name or by its place in the question; empty when it names none."""
    if _NEITHER.search(answer):
        return ""
    found = [subject for subject, pattern in _NAMING.items() if pattern.search(answer)]
    if len(found) == 1:
        return found[0]
    order = offered(between)
    for place, pattern in enumerate((_FIRST, _SECOND, _THIRD)):
        if pattern.search(answer) and place < len(order):
            return order[place]
    return ""


async def ask_back(question: Question) -> Grounding:
    """One question that tells the likely subjects apart."""
    between = question.route.between if question.route is not None else ()
    return Grounding((clarifying(between),), is_certain=True)


def clarified(subject: str, ground: Ground) -> Ground:
    """`ground`, asked what the caller had asked before the tutor asked back, where the route says so."""

    async def answer(question: Question) -> Grounding:
        about = question.route.about if question.route is not None else ""
        if not about:
            return await ground(question)
        for text in (about, f"{about} {question.text}"):
            found = await ground(replace(question, text=text, history=()))
            if found.sentences:
                return found
        if found.passages:
            return found
        return Grounding(
            (f"All right, {NAMES.get(subject, subject)}. What exactly would you like to know?",),
            is_certain=True,
        )

    return answer
