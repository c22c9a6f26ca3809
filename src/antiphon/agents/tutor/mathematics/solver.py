"""One question in, one answer out: every reader of questions is tried in a fixed order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from antiphon.agents.tutor.mathematics.algebra import algebra
from antiphon.agents.tutor.mathematics.arithmetic import arithmetic
from antiphon.agents.tutor.mathematics.averages import average
from antiphon.agents.tutor.mathematics.chance import chance
from antiphon.agents.tutor.mathematics.equations import equation
from antiphon.agents.tutor.mathematics.figures import about
from antiphon.agents.tutor.mathematics.followup import numeral, rephrase
from antiphon.agents.tutor.mathematics.forms import form
from antiphon.agents.tutor.mathematics.geometry import geometry
from antiphon.agents.tutor.mathematics.integers import integers
from antiphon.agents.tutor.mathematics.lines import line
from antiphon.agents.tutor.mathematics.percent import percentage
from antiphon.agents.tutor.mathematics.sequences import sequence
from antiphon.agents.tutor.mathematics.simultaneous import simultaneous
from antiphon.agents.tutor.mathematics.solution import Muddled, NotMaths, Solution, TooBig, Unclear
from antiphon.agents.tutor.mathematics.stories import story
from antiphon.agents.tutor.mathematics.units import unit
from antiphon.agents.tutor.mathematics.words import canonical
from antiphon.agents.tutor.patterns import Pattern

MAX_CHARACTERS = 400
"A longer utterance is a story of its own, not one question."

_OPENINGS = Pattern(
    r"(?:hey|hi|hello|ok|okay|so|well|um+|uh+|er|oh|right|now|then|please|tutor|thanks|thank you|also"
    r"|alright|maybe|"
    r"can you|could you|would you|will you|can i|i need to|i want to|i would like to|i want you to|let us|"
    r"(?:please )?tell me(?: what)?|do you know|i want to know|i need to know|i would like to know"
    r"|help(?: me)?(?: with| to)?|i need help(?: with)?|show me|explain|"
    r"how do (?:i|you|we)|how can i|how would i|quick question|my question is|the question is|"
    r"what is|what are|what was|what would be|what would|what do you get (?:if|when) (?:i|you)"
    r"|what do (?:i|you|we) get (?:if|when) (?:i|you|we)|"
    r"what does|how much is|how much are|how much would|calculate|compute|work out|figure out|evaluate|"
    r"the answer (?:to|of|for)|the value of|the result of|the solution of|give me|find out|find(?= "
    r"(?:-?\d|(?:the )?(?:square|cube|4th) root|sqrt))|(?:what |how much )?(?:do|will|would) (?:i|you"
    r"|we) pay for|"
    r"solve(?= [-\d(]+ (?:plus|minus|times|divided|\+|-|\*|/) )|find(?= the (?:value|sum|product"
    r"|difference|quotient) of)|"
    r"(?:and|what) (?=what is|what are|how))(?: ,| :)? "
)
_WHAT_ABOUT = Pattern(r"^(?:and )?(?:what|how) about ")
_MATHS_TASK = Pattern(
    r"(?:solve|factor|factori[sz]e|expand|simplify|integrate|differentiate|(?:the )?derivative of)\b"
)
_MATHS_WORD = Pattern(r"(?<!\S)(?:x|y|squared|plus|minus|=|equals|\+)(?!\S)")
_ENDINGS = Pattern(
    r" (?:,? ?(?:please|for me|thanks|thank you|tutor|then|now|again|by the way|exactly|right|"
    r"(?:is |are )?equal(?: to)?|equals|=|is what|is|what do (?:i|you|we) get|what is (?:it|the result"
    r"|the answer)|what does (?:it|that) (?:make|give)|makes?(?: what)?|come to|give me|in total"
    r"|altogether|"
    r"can you (?:help|do (?:it|that))(?: me)?|do you know))$"
)

_READERS: tuple[Callable[[str], Solution | None], ...] = (
    percentage,
    integers,
    average,
    form,
    unit,
    geometry,
    sequence,
    line,
    chance,
    story,
    simultaneous,
    algebra,
    equation,
    arithmetic,
)


def solve(question: str, previous: Solution | None = None) -> Solution | Unclear | None:
    """The worked answer to `question`; None if it is no mathematics that can be answered for sure.

    `previous` is what was answered before, for “half of that”. Never raises; bounded to some milliseconds.
    """
    if len(question) > MAX_CHARACTERS:
        return None
    text = bare(canonical(question))
    if previous is not None:
        asked = rephrase(text, previous)
        if isinstance(asked, Solution | Unclear):
            return asked
        if asked is not None:
            answered = read(bare(asked))
            if answered is not None:
                return _hedged(answered, previous) if numeral(previous) in asked.split() else answered
    return read(_WHAT_ABOUT.sub("", text))


def _hedged(answered: Solution | Unclear, previous: Solution) -> Solution | Unclear:
    """What is worked out from an approximation is one itself."""
    if isinstance(answered, Unclear) or answered.number is None or not isinstance(previous.number, float):
        return answered
    number = float(answered.number)
    first = f"That is about {about(number, 4)}."
    return replace(answered, sentences=(first,), value=f"{number:.6g}", number=number)


def bare(text: str) -> str:
    """Canonical text without the polite words around the question."""
    while found := _OPENINGS.match(text):
        text = text[found.end() :]
    while found := _ENDINGS.search(text):
        text = text[: found.start()].rstrip(" ,.:")
    return text


def read(text: str) -> Solution | Unclear | None:
    """The answer to bare canonical text."""
    doubt = ""
    for reader in _READERS:
        try:
            found = reader(text)
        except NotMaths:
            continue
        except (Muddled, TooBig) as reason:
            doubt = doubt or str(reason)
            continue
        if found is not None:
            return replace(found, question=text)
    if not doubt and _MATHS_TASK.match(text) and _MATHS_WORD.search(text):
        doubt = "I did not catch all of that. Could you say it once more, piece by piece?"
    return Unclear(doubt) if doubt else None
