"""How callers say yes, no, and what they want written down."""

from __future__ import annotations

import re

_YES = frozenset(
    "yes yeah yep yup yea sure ok okay absolutely certainly definitely right correct exactly fine confirmed "
    "confirm perfect affirmative agreed".split()
)
_YES_PHRASES = re.compile(
    r"\b(?:go ahead|please do|do (?:it|that|so)|sounds good|that's (?:right|fine|correct|good|okay|ok)|of course|"
    r"all right|alright|go for it|let's do (?:it|that)|you (?:can|may|shall)|i agree|make it so|why not|"
    r"by all means|(?:change|switch|open|upgrade|send|cancel) it|please)\b",
    re.I,
)
_FILLING = frozenset(
    "please do it that so go ahead then thanks thank you very much now oh well um uh ah and i me us the a is this "
    "would like want to let's with great good just yourself for plan at once mm hmm".split()
)
_NO = re.compile(
    r"\b(?:no|nope|nah|not|never|don't|dont|do not|stop|wait|hold on|cancel that|leave it|forget it|rather not|"
    r"better not|keep (?:it|my|the)|later|nothing|but)\b",
    re.I,
)
_ABOUT = re.compile(
    r"\b(?:about|regarding|concerning|saying(?: that)?|that says(?: that)?|which says(?: that)?|because(?: of)?|"
    r"with the (?:subject|text|words)|tell(?:ing)? (?:them|your \w+) that|that)\s+(?P<subject>.+)$",
    re.I,
)
_FOR = re.compile(
    r"\b(?:ticket|case|complaint|request|issue)\s+(?:for|on)\s+(?P<subject>(?!me\b|us\b|it\b).+)$", re.I
)
_EMPTY = re.compile(
    r"^(?:it|that|this|them|please|my (?:problem|issue)|something|a problem|an issue)[.!? ]*$", re.I
)
_WORDS = re.compile(r"[a-z']+")


def is_yes(text: str) -> bool:
    """A plain yes, with nothing besides that could take it back or ask for more."""
    said = text.lower().replace("’", "'")
    if _NO.search(said):
        return False
    rest = _YES_PHRASES.sub(" yes ", said)
    words = _WORDS.findall(rest)
    return any(word in _YES for word in words) and all(word in _YES or word in _FILLING for word in words)


def begins_with_yes(text: str) -> bool:
    """It begins with a yes and takes nothing back: what follows may say what it is a yes to."""
    said = text.lower().replace("’", "'")
    first = _WORDS.findall(said)[:1]
    return not _NO.search(said) and bool(first) and first[0] in _YES


def is_no(text: str) -> bool:
    """A no, or a wish to leave things as they are."""
    said = text.lower().replace("’", "'")
    return bool(_NO.search(said)) and len(_WORDS.findall(said)) <= 8


def subject(text: str) -> str:
    """What a ticket shall be about, in the caller's own words; empty when they did not say."""
    for pattern in (_ABOUT, _FOR):
        if found := pattern.search(text.strip()):
            said = found["subject"].strip(" .!?,")
            said = re.sub(r",?\s*(?:please|for me)$", "", said, flags=re.I)
            return "" if _EMPTY.match(said) else said
    return ""
